//! A step and its result.

use crate::domain::job::FailureKind;
use crate::domain::{FiscalYear, Outcome, Ticker};
use crate::fetch::FetchError;
use crate::opendart::Error;
use crate::opendart::alot_matter::UnreadableAnswer;

/// One (ticker, fiscal year) that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) ticker: Ticker,
    pub(crate) year: FiscalYear,
}

/// Result of one step.
#[derive(Debug, Clone)]
pub(crate) enum StepOutcome {
    /// By an answer given since the run began.
    Fetched(Outcome),
    /// By an answer given before.
    Cached,
    /// No answer.
    Failed(StepError),
}

/// Why a step has no result.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StepError {
    /// The list of companies does not have the ticker.
    #[error("unknown ticker {0}")]
    UnknownTicker(Ticker),
    /// It is not stored, and asking was not allowed.
    #[error("not in the database")]
    Offline,
    /// An earlier call failed in a way that makes later ones pointless.
    #[error("not asked: OpenDART could not be used")]
    NotAsked,
    /// The call for it failed.
    #[error("{0}")]
    Fetch(FetchError),
    /// Its answer could not be read.
    #[error("{0}")]
    Unreadable(#[from] UnreadableAnswer),
    /// What was read cannot be stored; why.
    #[error("{0}")]
    NotKept(String),
}

impl StepError {
    /// What kind of failure the step's row in `prefetch_failures` names.
    pub(crate) fn kind(&self) -> FailureKind {
        match self {
            Self::UnknownTicker(_) => FailureKind::UnknownTicker,
            Self::Unreadable(_) | Self::NotKept(_) => FailureKind::Unreadable,
            Self::Fetch(
                FetchError::SourceDown {
                    last: Error::NotDart { .. },
                    ..
                }
                | FetchError::Failed(Error::NotDart { .. } | Error::CompanyFile(_)),
            ) => FailureKind::Unreadable,
            Self::Fetch(FetchError::Failed(Error::Http { .. } | Error::Refused { .. })) => {
                FailureKind::Refused
            }
            Self::Offline | Self::NotAsked | Self::Fetch(_) => FailureKind::SourceDown,
        }
    }

    /// Whether it speaks of a source that is down, not of this step alone.
    pub(crate) fn is_outage(&self) -> bool {
        self.kind() == FailureKind::SourceDown
    }

    /// HTTP attempts of the call that failed; 0 where none was made.
    pub(crate) fn attempts(&self) -> u32 {
        match self {
            Self::UnknownTicker(_) | Self::Offline | Self::NotAsked => 0,
            Self::Fetch(FetchError::SourceDown { attempts, .. }) => *attempts,
            Self::Fetch(_) | Self::Unreadable(_) | Self::NotKept(_) => 1,
        }
    }
}
