//! What a failed call means: for its step, or for the whole run.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::job::{JobStatus, StopReason};
use crate::domain::next_kst_midnight;
use crate::fetch::{FetchError, GateError};
use crate::opendart::{Error, TransportError};

/// The longest `Retry-After` that is waited out; a longer one pauses the job.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(120);

/// Why a run stops asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    /// The state it leaves a job in.
    pub(crate) status: JobStatus,
    pub(crate) reason: StopReason,
    pub(crate) message: Option<String>,
    /// When it may go on by itself.
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Stop {
    pub(crate) fn new(status: JobStatus, reason: StopReason, message: Option<String>) -> Self {
        Self {
            status,
            reason,
            message,
            until: None,
        }
    }

    pub(crate) fn by_signal() -> Self {
        Self::new(JobStatus::Cancelled, StopReason::Signal, None)
    }

    fn paused(reason: StopReason, message: String) -> Self {
        Self::new(JobStatus::Paused, reason, Some(message))
    }

    fn by_quota(message: String, until: DateTime<Utc>) -> Self {
        Self {
            until: Some(until),
            ..Self::paused(StopReason::DailyQuota, message)
        }
    }

    pub(crate) fn by_own_limit(now: DateTime<Utc>) -> Self {
        let message = "the day's own limit of calls is used up".to_owned();
        Self::by_quota(message, next_kst_midnight(now))
    }

    pub(crate) fn source_down(message: &str) -> Self {
        let message = format!("OpenDART cannot be reached: {message}");
        Self::paused(StopReason::SourceDown, message)
    }

    pub(crate) fn without_company_list(error: &FetchError) -> Self {
        let message = format!("the list of companies could not be fetched: {error}");
        Self::paused(StopReason::SourceDown, message)
    }
}

/// What a failed call means.
#[derive(Debug)]
pub(crate) enum FailureAction {
    /// Nothing: it was ended, and is to be made again.
    Requeue,
    /// No later call would work; the step has not failed.
    Stop(Stop),
    /// The step failed.
    Fail,
    /// The database failed: the run is over, and nothing can be written about it.
    Abort(GateError),
}

impl FailureAction {
    pub(crate) fn of(error: &FetchError) -> Self {
        let message = error.to_string();
        match error {
            FetchError::Interrupted(_) => Self::Requeue,
            // The fetcher was shut down: no later call works.
            FetchError::Failed(Error::Transport(TransportError::ShutDown)) => {
                Self::Stop(Stop::by_signal())
            }
            FetchError::KeyRefused { .. } | FetchError::Closed => Self::Stop(Stop::new(
                JobStatus::Failed,
                StopReason::KeyRefused,
                Some(message),
            )),
            FetchError::DailyLimit { resets_at } | FetchError::OwnLimit { resets_at, .. } => {
                Self::Stop(Stop::by_quota(message, *resets_at))
            }
            FetchError::CutOff { .. } => Self::Stop(Stop::paused(StopReason::SourceDown, message)),
            FetchError::Maintenance => Self::Stop(Stop::paused(StopReason::Maintenance, message)),
            FetchError::SourceDown {
                last:
                    Error::Http {
                        retry_after: Some(asked),
                        ..
                    },
                ..
            } if *asked > LONGEST_RETRY_AFTER => {
                Self::Stop(Stop::paused(StopReason::SourceDown, message))
            }
            FetchError::SourceDown { .. } | FetchError::Failed(_) => Self::Fail,
            FetchError::Gate(error) => Self::Abort(error.clone()),
        }
    }
}
