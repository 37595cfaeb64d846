//! The columns of a company that hold lists.

use domain::enterprise::{Figure, Provenance, Site};
use entity::enterprise;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

/// A list as its column holds it; an empty one is none.
pub(super) fn column<T: Serialize>(list: &[T]) -> Option<Value> {
    if list.is_empty() {
        return None;
    }
    serde_json::to_value(list).ok()
}

/// Reads a column without taking it apart first.
pub(super) fn read_column<T: DeserializeOwned + Default>(column: Option<&Value>) -> T {
    column
        .and_then(|value| T::deserialize(value).ok())
        .unwrap_or_default()
}

/// A company's tags.
pub(crate) fn tags(company: &enterprise::Model) -> Vec<String> {
    read_column(company.tags.as_ref())
}

/// A company's places of business.
pub(crate) fn sites(company: &enterprise::Model) -> Vec<Site> {
    read_column(company.sites.as_ref())
}

/// A company's figures, oldest first.
pub(crate) fn figures(company: &enterprise::Model) -> Vec<Figure> {
    read_column(company.figures.as_ref())
}

/// Where a company's fields are from.
pub(crate) fn provenance(company: &enterprise::Model) -> Provenance {
    read_column(company.field_sources.as_ref())
}

/// Where a company's fields are from, as its column holds it.
pub(super) fn sources_column(provenance: &Provenance) -> Option<Value> {
    column(provenance.sources())
}
