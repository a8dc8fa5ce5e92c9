//! What the integration tests share.

pub mod answer;
#[allow(dead_code)] // unit tests use the rest
pub mod clock;
pub mod corpus;
pub mod dart;
pub mod dps;
pub mod gate;
pub mod latency;
pub mod raw_server;
pub mod reading;
pub mod sandbox;
pub mod wire_client;
