//! What the integration tests share.

pub mod answer;
pub mod corpus;
//! Helpers the integration tests share.
pub(crate) mod wire_client;
