//! Why a run stops asking, and the state that leaves a job in.

use chrono::{DateTime, Utc};

use crate::domain::job::{JobStatus, StopReason};
use crate::domain::next_kst_midnight;
use crate::fetch::FetchError;

/// Why a run stops asking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) reason: StopReason,
    pub(crate) message: Option<String>,
    /// When it may go on by itself.
    pub(crate) until: Option<DateTime<Utc>>,
}

impl Stop {
    pub(crate) fn new(reason: StopReason, message: Option<String>) -> Self {
        Self {
            reason,
            message,
            until: None,
        }
    }

    pub(crate) fn by_signal() -> Self {
        Self::new(StopReason::Signal, None)
    }

    pub(crate) fn by_own_limit(now: DateTime<Utc>) -> Self {
        let message = "the day's own limit of calls is used up".to_owned();
        Self {
            until: Some(next_kst_midnight(now)),
            ..Self::new(StopReason::DailyQuota, Some(message))
        }
    }

    pub(crate) fn source_down(message: &str) -> Self {
        let message = format!("OpenDART cannot be reached: {message}");
        Self::new(StopReason::SourceDown, Some(message))
    }

    pub(crate) fn without_company_list(error: &FetchError) -> Self {
        let message = format!("the list of companies could not be fetched: {error}");
        Self::new(StopReason::SourceDown, Some(message))
    }

    /// By a failed call after which no other would work.
    pub(crate) fn by_failure(
        error: &FetchError,
        reason: StopReason,
        until: Option<DateTime<Utc>>,
    ) -> Self {
        let message = (reason != StopReason::Signal).then(|| error.to_string());
        Self {
            until,
            ..Self::new(reason, message)
        }
    }

    /// The state it leaves a job in.
    pub(crate) fn status(&self) -> JobStatus {
        match self.reason {
            StopReason::Signal | StopReason::CancelRequested => JobStatus::Cancelled,
            StopReason::KeyRefused => JobStatus::Failed,
            StopReason::PauseRequested
            | StopReason::DailyQuota
            | StopReason::Maintenance
            | StopReason::SourceDown
            | StopReason::OnError => JobStatus::Paused,
        }
    }
}
