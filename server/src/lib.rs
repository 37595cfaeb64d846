//! The program: web server, REST API, command line, background jobs.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod cli;
pub mod config;
pub mod log;
pub mod mail;
pub mod notice_hub;
pub mod route;
pub mod router;
pub mod session;
pub mod worker;
