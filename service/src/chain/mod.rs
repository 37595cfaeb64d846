//! Chains: import from a file, matching and its review, the gap map, its settings, history and scenarios, and the
//! leader's page.

mod chief;
mod draft;
mod export;
mod history;
mod import;
mod map;
mod matching;
mod reference;
mod review;
mod scenario;
mod setting;

pub use import::ChainImported;
pub use map::ChainCache;
pub(crate) use map::ComputedChain;
pub(crate) use map::{is_open, open_leads};
pub use matching::SubclassCache;
pub(crate) use matching::{rematch_enterprises, strings};
pub(crate) use reference::Reference;
pub use reference::ReferenceCache;
