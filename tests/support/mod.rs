//! What the integration tests share.

pub mod answer;
pub mod corpus;
