//! Chains: import from a file, matching, the gap map.

mod import;
mod map;
mod matching;

pub use import::ChainImported;
pub use map::ChainCache;
pub(crate) use map::ComputedChain;
pub(crate) use map::{open_leads, side_state_key};
pub(crate) use matching::{rematch_enterprises, strings};
