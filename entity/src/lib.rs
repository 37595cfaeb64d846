//! SeaORM entities, one file per table. The database is the truth; rules live in `domain`.

pub mod account;
pub mod api_token;
pub mod audit;
pub mod bureau;
pub mod chain;
pub mod chain_edge;
pub mod chain_match;
pub mod chain_node;
pub mod claim;
pub mod enterprise;
pub mod enterprise_product;
pub mod import_job;
pub mod import_refusal;
pub mod lead;
pub mod lead_event;
pub mod login_attempt;
pub mod outbox;
pub mod search_cursor;
pub mod session;
pub mod setting;
pub mod stage_evidence;
pub mod trip;
pub mod trip_candidate;
