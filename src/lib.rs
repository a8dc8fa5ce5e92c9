//! Korean dividends per share: asked from OpenDART once, kept in a local database for good.
//!
//! The modules are the architecture, from the bottom up. A module may use those above it in this
//! list and never one below or beside it; `tests/it/layers.rs` reads the `use` lines and fails on
//! an edge that runs the other way.
//!
//! - [`domain`]: pure values (ticker, fiscal year, won, outcome); no I/O, SQL or JSON.
//! - [`opendart`], [`store`]: the sources. HTTP to domain, and the database.
//! - [`fetch`]: one question to OpenDART, politely: pacing and retry.
//! - [`resolve`]: the one engine: wanted steps and a policy in, results in step order out.
//! - [`series`]: the write-through lookup.
//! - [`prefetch`]: jobs that fill many shares' years, stopped and resumed at any moment.
//! - [`sandbox`]: aside, a stand-in for OpenDART on loopback.
//! - [`cli`]: the command line; the only place that prints or reads the environment.

// Unit tests share files of tests/support, which name this crate as a user would.
#[cfg(test)]
extern crate self as dps;

pub mod cli;
pub mod domain;
pub mod fetch;
pub mod opendart;
pub mod prefetch;
pub mod resolve;
pub mod sandbox;
pub mod series;
pub mod store;
