//! What the integration tests share.

pub mod answer;
pub mod corpus;
pub mod wire_client;
