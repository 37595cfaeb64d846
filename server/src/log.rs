//! The program's log, on stderr.

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// What the server tells when `RUST_LOG` says nothing.
pub const SERVER_FILTER: &str = "info,tantivy=warn,sqlx=warn";
/// A command speaks to the person itself.
pub const COMMAND_FILTER: &str = "warn,tantivy=error";

/// Starts the log. A `RUST_LOG` that cannot be read is told and not obeyed.
pub fn start(default_filter: &str) {
    let wanted = std::env::var("RUST_LOG")
        .ok()
        .filter(|filter| !filter.trim().is_empty());
    let (filter, refused) = match wanted.as_deref().map(EnvFilter::try_new) {
        Some(Ok(filter)) => (filter, None),
        Some(Err(error)) => (EnvFilter::new(default_filter), Some(error)),
        None => (EnvFilter::new(default_filter), None),
    };
    // A second start, as tests make it, is no fault.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr)
        .try_init();
    if let Some(error) = refused {
        tracing::warn!(%error, "RUST_LOG should look like {SERVER_FILTER}; it is ignored");
    }
}
