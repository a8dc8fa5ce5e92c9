//! The one engine that answers (ticker, fiscal year) steps: from the database where it can, from
//! OpenDART where it must.
//!
//! Wanted steps and a policy in, results in step order out. Calls are in flight, one per response
//! whoever needs it, and rows can be stored as responses arrive. A lookup is this engine; a job is
//! this engine with a lease and a cursor.
//!
//! - `dispatcher`: owns all state of a run. `workers`: threads that only call.
//! - `queue`: steps in order, finished or waiting for a response.
//! - `context`: policy and database: what a step is decided by.
//! - `planner`: which report is read next: the fewest calls for what is missing.
//! - `response`, `at_hand`, `rows`: a response, those at hand, and the rows they state.
//! - `step`, `stop`, `outage`: results, what a failed call means, and what many in a row mean.
//! - `stored`, `reparse`: rows read again from stored responses, without a call.
//! - `sweep`: work on the rows of many shares, on every core.

mod at_hand;
pub(crate) mod context;
pub(crate) mod dispatcher;
mod outage;
pub(crate) mod planner;
mod queue;
mod reparse;
pub(crate) mod response;
pub(crate) mod rows;
pub(crate) mod step;
pub(crate) mod stop;
pub(crate) mod stored;
pub(crate) mod sweep;
mod workers;

use std::io;

use crate::domain::{CorpCode, FiscalYear};
use crate::fetch::GateError;
use crate::opendart::alot_matter::PayloadError;
use crate::store::StoreError;

pub use reparse::{Change, Reparsed, reparse, reparse_outdated};
pub use step::StepError;
pub use stored::NotRead;

/// What makes it impossible to answer anything at all.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The database failed while a call was to be reserved in it.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The system gave no thread.
    #[error("cannot start a thread to call on: {source}")]
    Thread {
        /// The system's reason.
        source: io::Error,
    },
    /// A defect of this program ended a call; what was fetched before is kept.
    #[error("a call ended in a defect of this program")]
    Panicked,
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
