//! Enterprises: who a company is, and how a row of somebody's table becomes one.
//!
//! Everything here is pure. Reading the file itself (workbook, CSV, JSON lines) is the work of the service.

mod change;
pub mod column;
pub mod credit_code;
mod merge;
pub mod name;
mod profile;
mod provenance;
pub mod record;
pub mod same_company;
mod search;
mod view;

pub use change::*;
pub use column::{
    ADDED_HEADERS, EnterpriseField, Mapping, Recognised, added_columns, bare_cell, guard_cell,
    guard_text_cell, header_signature, recognise, recognise_all,
};
pub use credit_code::{CreditCode, CreditCodeProblem, check_credit_code};
pub use merge::*;
pub use name::{fold_full_width, normalise_name, normalise_short_name, province_without_suffix};
pub use profile::*;
pub use provenance::*;
pub use record::{
    DuplicateFinder, EnterpriseRecord, ProductRecord, RowProblem, RowProblemKind, RowReading,
    Severity, read_json, read_json_line, read_row,
};
pub use search::*;
pub use view::*;
