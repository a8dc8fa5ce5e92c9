//! The one engine that answers (ticker, fiscal year) steps: from the database where it can, from
//! OpenDART where it must.
//!
//! - `planner`: which report is read next: the fewest calls for what is missing.
//! - `rows`: from an answer to the rows it states.
//! - `stored`, `reparse`: answers that are stored, and rows read from them again without a call.

pub(crate) mod planner;
mod reparse;
pub(crate) mod rows;
pub(crate) mod stored;

use crate::domain::{CorpCode, FiscalYear};
use crate::opendart::alot_matter::PayloadError;
use crate::store::StoreError;

pub use reparse::{Change, Reparsed, reparse, reparse_outdated};
pub use stored::NotRead;

/// What makes it impossible to answer anything at all.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An answer could not be packed for the database.
    #[error("the answer of corp_code {corp_code} for {source_year} cannot be kept")]
    Payload {
        /// The issuer.
        corp_code: CorpCode,
        /// The report's fiscal year.
        source_year: FiscalYear,
        /// What is wrong.
        source: PayloadError,
    },
}

/// Whether a year is one of the latest that are to be asked for by their own reports.
pub(crate) fn is_rechecked(year: FiscalYear, last: FiscalYear, recheck_recent: u16) -> bool {
    last.get().saturating_sub(year.get()) < recheck_recent
}
