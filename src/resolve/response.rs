//! Responses by what was asked, as they came or as they are stored.

use chrono::{DateTime, Utc};

use crate::domain::{CorpCode, FiscalYear, ReprtCode};
use crate::opendart::Answer;
use crate::opendart::alot_matter::Payload;
use crate::store::{Store, StoredAnswer};

use super::ResolveError;

/// What one call asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ReportKey {
    pub(crate) corp_code: CorpCode,
    pub(crate) source_year: FiscalYear,
    pub(crate) reprt_code: ReprtCode,
}

/// A response and when it was given.
#[derive(Debug, Clone)]
pub(crate) struct StoredResponse {
    pub(crate) answer: Answer,
    pub(crate) fetched_at: DateTime<Utc>,
    /// Whether it has yet to be stored.
    pub(crate) is_new: bool,
}

/// A stored response: to another year's question, or another share's of the issuer.
///
/// `is_valid` judges it by when it was given and when it expires. A damaged one is none: it can be
/// asked again.
pub(crate) fn stored(
    store: &Store,
    key: ReportKey,
    is_valid: impl Fn(DateTime<Utc>, Option<DateTime<Utc>>) -> bool,
) -> Result<Option<StoredResponse>, ResolveError> {
    let (corp_code, year, code) = (key.corp_code, key.source_year, key.reprt_code);
    let (answer, fetched_at) = match store.stored_answer(corp_code, year, code)? {
        Some(StoredAnswer::Payload {
            deflated,
            fetched_at,
            expires_at,
            ..
        }) if is_valid(fetched_at, expires_at) => {
            match Payload::unpack(&deflated, corp_code, year, code) {
                Ok(payload) => (Answer::Report(payload), fetched_at),
                Err(_) => return Ok(None),
            }
        }
        Some(StoredAnswer::NoReport {
            fetched_at,
            expires_at,
        }) if is_valid(fetched_at, expires_at) => (Answer::NoData, fetched_at),
        Some(StoredAnswer::Payload { .. } | StoredAnswer::NoReport { .. }) | None => {
            return Ok(None);
        }
    };
    Ok(Some(StoredResponse {
        answer,
        fetched_at,
        is_new: false,
    }))
}
