//! Enterprises: the directory, its import from tables, and a company's page.

mod duplicate;
mod import;
mod job;
mod merge;
mod read;
pub mod table;

pub(crate) use import::Origin;
pub use job::ImportProgress;
