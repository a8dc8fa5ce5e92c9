//! What the integration tests share.

pub mod answer;
pub mod corpus;
pub mod dart;
pub mod dps;
pub mod gate;
pub mod latency;
pub mod raw_server;
pub mod sandbox;
pub mod wire_client;
