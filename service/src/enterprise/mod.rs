//! Enterprises: the directory, its import from tables, and a company's page.

mod change;
mod duplicate;
mod import;
mod job;
mod merge;
mod profile;
mod read;
mod rows;
pub mod table;
mod undo;

pub(crate) use duplicate::other_rows_of;
pub(crate) use import::{Origin, spelling};
pub use job::{ImportProgress, Refused, RefusedTable};
pub(crate) use profile::{figures, sites, tags};
