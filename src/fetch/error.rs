use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Interrupted;
use super::retry::LONGEST_RETRY_AFTER;
use crate::domain::job::StopReason;
use crate::opendart::{Error, Status, TransportError};
use crate::store::StoreError;

/// Why a question has no answer, after all retries.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// OpenDART refuses the key (010, 011, 012, 901): no later call works either.
    #[error("OpenDART answered {status}, {} ({message})", status.meaning())]
    KeyRefused {
        /// The status it gave.
        status: Status,
        /// OpenDART's message, bounded and without the key.
        message: String,
    },
    /// The day's limit of calls is used up (020).
    #[error("the day's limit of requests is used up until {resets_at}")]
    DailyLimit {
        /// When it resets: the next 00:00 KST.
        resets_at: DateTime<Utc>,
    },
    /// The caller's own limit of calls a day is used up; nothing was asked.
    #[error("the day's own limit of {limit} calls is used up until {resets_at}")]
    OwnLimit {
        /// Calls a day (KST), by all processes.
        limit: u32,
        /// When it resets: the next 00:00 KST.
        resets_at: DateTime<Utc>,
    },
    /// OpenDART is down for maintenance (800), and still was a minute and a half later.
    #[error("OpenDART is down for maintenance")]
    Maintenance,
    /// Every attempt failed in a way that may be temporary: transport, 5xx, web pages, 900.
    #[error("OpenDART could not be asked, {attempts} attempts: {last}")]
    SourceDown {
        /// How often it was tried.
        attempts: u32,
        /// The last failure, with what `Retry-After` asked for.
        last: Error,
    },
    /// Connections were dropped one after the other, also after growing pauses: nothing is asked for
    /// a while. It says nothing about this question.
    #[error("OpenDART drops every connection: {last}")]
    CutOff {
        /// The last failure.
        last: Error,
    },
    /// A failure that another attempt would not fix.
    #[error(transparent)]
    Failed(Error),
    /// Nothing may be asked, since there is no key to ask with.
    #[error("OpenDART cannot be asked without a key")]
    Closed,
    /// No slot could be reserved: the database failed.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The interrupt was raised.
    #[error(transparent)]
    Interrupted(#[from] Interrupted),
}

/// What a question without an answer means for those after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Nothing: its call was ended, and is to be made again.
    Requeue,
    /// No later call would work, at least until `resets_at`; the question has not failed.
    Stop {
        reason: StopReason,
        resets_at: Option<DateTime<Utc>>,
    },
    /// The question failed; later ones may not.
    Fail,
    /// The database failed: nothing can be written about it.
    Abort(GateError),
}

impl FetchError {
    /// What is to be done about it.
    pub(crate) fn decision(&self) -> Decision {
        let stop = |reason| Decision::Stop {
            reason,
            resets_at: None,
        };
        match self {
            Self::Interrupted(_) => Decision::Requeue,
            // The fetcher was shut down.
            Self::Failed(Error::Transport(TransportError::ShutDown)) => stop(StopReason::Signal),
            Self::KeyRefused { .. } | Self::Closed => stop(StopReason::KeyRefused),
            Self::DailyLimit { resets_at } | Self::OwnLimit { resets_at, .. } => Decision::Stop {
                reason: StopReason::DailyQuota,
                resets_at: Some(*resets_at),
            },
            Self::Maintenance => stop(StopReason::Maintenance),
            Self::CutOff { .. } => stop(StopReason::SourceDown),
            Self::SourceDown {
                last:
                    Error::Http {
                        retry_after: Some(asked),
                        ..
                    },
                ..
            } if *asked > LONGEST_RETRY_AFTER => stop(StopReason::SourceDown),
            Self::SourceDown { .. } | Self::Failed(_) => Decision::Fail,
            Self::Gate(error) => Decision::Abort(error.clone()),
        }
    }

    /// Whether a lookup should ask nothing more, as with a refused key or a source that is down;
    /// else the failure concerns this question alone.
    #[must_use]
    pub fn ends_asking(&self) -> bool {
        !matches!(self, Self::Failed(_))
    }
}

/// The database failed while a call was to be reserved in it.
#[derive(Debug, Clone, thiserror::Error)]
#[error(transparent)]
pub struct GateError(Arc<StoreError>);

impl GateError {
    /// What failed.
    #[must_use]
    pub fn store_error(&self) -> &StoreError {
        &self.0
    }
}

impl From<StoreError> for GateError {
    fn from(error: StoreError) -> Self {
        Self(Arc::new(error))
    }
}

impl PartialEq for GateError {
    /// Errors of the database cannot be compared: each equals itself alone.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for GateError {}

#[cfg(test)]
mod tests {
    use super::{Decision, FetchError};
    use crate::domain::job::StopReason;
    use crate::fetch::Interrupted;
    use crate::opendart::{Error, Status, TransportError};
    use chrono::{DateTime, Utc};
    use std::time::Duration;

    fn busy(seconds: u64) -> FetchError {
        FetchError::SourceDown {
            attempts: 1,
            last: Error::Http {
                status: 503,
                retry_after: Some(Duration::from_secs(seconds)),
            },
        }
    }

    #[test]
    fn what_no_later_call_would_survive_stops_the_run_for_its_reason() {
        let midnight = DateTime::<Utc>::UNIX_EPOCH;
        for (error, reason, resets_at) in [
            (
                FetchError::KeyRefused {
                    status: Status::KeyUnknown,
                    message: String::new(),
                },
                StopReason::KeyRefused,
                None,
            ),
            (FetchError::Closed, StopReason::KeyRefused, None),
            (
                FetchError::DailyLimit {
                    resets_at: midnight,
                },
                StopReason::DailyQuota,
                Some(midnight),
            ),
            (
                FetchError::OwnLimit {
                    limit: 5,
                    resets_at: midnight,
                },
                StopReason::DailyQuota,
                Some(midnight),
            ),
            (FetchError::Maintenance, StopReason::Maintenance, None),
            (
                FetchError::CutOff {
                    last: TransportError::Closed.into(),
                },
                StopReason::SourceDown,
                None,
            ),
            (busy(121), StopReason::SourceDown, None),
            (
                FetchError::Failed(TransportError::ShutDown.into()),
                StopReason::Signal,
                None,
            ),
        ] {
            let stop = Decision::Stop { reason, resets_at };
            assert_eq!(error.decision(), stop, "{error}");
        }
    }

    #[test]
    fn what_may_be_one_question_s_own_trouble_fails_it_and_an_interrupt_fails_nothing() {
        let refused = Error::Refused {
            status: Status::BadField,
            message: String::new(),
        };
        for error in [busy(120), FetchError::Failed(refused)] {
            assert_eq!(error.decision(), Decision::Fail, "{error}");
        }
        let interrupted = FetchError::Interrupted(Interrupted);
        assert_eq!(interrupted.decision(), Decision::Requeue);
    }
}
