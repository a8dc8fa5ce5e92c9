//! The integration tests, one binary so that they link once.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test fails by panicking

#[path = "../support/mod.rs"]
mod support;

mod alot_matter;
mod alot_matter_properties;
mod audit;
mod cli;
mod company_names;
mod corpus;
mod cross_checked;
mod doubtful;
mod earlier_columns;
mod early;
mod fetch;
mod jobs;
mod layers;
mod market;
mod outdated;
mod redaction;
mod reparse;
mod sandbox;
mod schemas;
mod series;
mod settlements;
mod store;
#[cfg(target_os = "linux")]
mod tls;
mod todays_shares;
mod transport;
mod whole_market;
