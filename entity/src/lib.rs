//! SeaORM entities, one file per table. The database is the truth; rules live in `domain`.

pub mod bureau;
pub mod account;
pub mod session;
pub mod login_attempt;
pub mod api_token;
pub mod enterprise;
pub mod enterprise_product;
pub mod chain;
pub mod chain_node;
pub mod chain_edge;
pub mod chain_match;
pub mod lead;
pub mod lead_event;
pub mod stage_evidence;
pub mod claim;
pub mod trip;
pub mod trip_candidate;
pub mod import_job;
pub mod import_refusal;
pub mod outbox;
pub mod search_cursor;
pub mod audit;
pub mod setting;
