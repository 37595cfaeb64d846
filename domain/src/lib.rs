//! The rules of Wutong, pure: no input or output, no clock, no database.
//! Time and randomness come in as parameters, so that every answer can be checked by hand.
//! Everything here compiles to the browser too; the shapes pages are made of live beside their rules.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic))]

pub mod account;
pub mod audit;
pub mod calendar;
pub mod chain;
pub mod city;
pub mod enterprise;
pub mod feed;
pub mod find;
pub mod lead;
pub mod notice;
pub mod place;
pub mod problem;
pub mod region;
pub mod target;
pub mod text;
pub mod trip;
