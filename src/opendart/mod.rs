//! OpenDART over HTTP: one question, one attempt, and what came back, as the domain's values.
//!
//! [`Transport`] carries bytes and is the only user of the HTTP client; [`Client`] knows the
//! endpoints and tells an answer from everything else that may come back; [`Status`] holds
//! what OpenDART's codes mean; [`alot_matter`] reads dividends. Nothing here tries twice: that is
//! `fetch`'s.
//!
//! The API key is a query parameter, so every URL is a secret: no error, message or `Debug` of
//! this module holds one.

pub mod alot_matter;
mod api_key;
mod body;
mod client;
mod corp_code;
mod json;
mod origin;
mod status;
mod transport;
mod transport_error;

pub use api_key::{ApiKey, ApiKeyError};
pub use body::UnexpectedBody;
pub use client::{Answer, Client, Error, Kind};
pub use corp_code::{CompanyList, CorpCodeFileError, read_companies};
pub use origin::{Origin, OriginError};
pub use status::{Status, Verdict};
pub use transport::{Reply, ResponseLimits, Timeouts, Transport};
pub use transport_error::{Phase, TransportError};
