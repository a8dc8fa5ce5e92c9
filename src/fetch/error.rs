use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::Interrupted;
use crate::opendart::{Error, Status};
use crate::store::StoreError;

/// Why a question has no answer, after all that could be tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// OpenDART refuses the key (010, 011, 012, 901): no later call works either.
    #[error("OpenDART answered {status}, {} ({message})", status.meaning())]
    KeyRefused {
        /// Its verdict.
        status: Status,
        /// Its own words, bounded and without the key.
        message: String,
    },
    /// The day's limit of calls is used up (020).
    #[error("the day's limit of requests is used up until {resets_at}")]
    DailyLimit {
        /// When it starts anew: the next 00:00 KST.
        resets_at: DateTime<Utc>,
    },
    /// The caller's own limit of calls a day is used up; nothing was asked.
    #[error("the day's own limit of {limit} calls is used up until {resets_at}")]
    OwnLimit {
        /// Calls a day (KST), by whichever process.
        limit: u32,
        /// When it starts anew: the next 00:00 KST.
        resets_at: DateTime<Utc>,
    },
    /// OpenDART is down for maintenance (800), and still was a minute and a half later.
    #[error("OpenDART is down for maintenance")]
    Maintenance,
    /// Nothing but failures that may pass: by transport, 5xx, web pages, 900.
    #[error("OpenDART could not be asked, {attempts} attempts: {last}")]
    SourceDown {
        /// How often it was tried.
        attempts: u32,
        /// The last failure; it tells what `Retry-After` asked for, if that was too long to wait.
        last: Error,
    },
    /// Connections broke off one after the other, also after growing pauses: nothing is asked for a
    /// while. It says nothing of this question.
    #[error("OpenDART drops every connection: {last}")]
    CutOff {
        /// The last failure.
        last: Error,
    },
    /// A failure that another attempt cannot mend.
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

impl FetchError {
    /// Whether later questions would fare no better, as with a refused key or a source that is
    /// down; else the trouble is this one's alone.
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
