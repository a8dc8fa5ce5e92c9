use crate::domain::words::words;

words! {
    /// A job's state. Every one but [`JobStatus::Done`] can be resumed.
    JobStatus {
        /// Created, never run.
        Pending = "PENDING",
        /// Being run, or cut off while it was.
        Running = "RUNNING",
        /// Every step is settled.
        Done = "DONE",
        /// Stopped, to be gone on with.
        Paused = "PAUSED",
        /// Stopped for good, as far as its user knows now.
        Cancelled = "CANCELLED",
        /// Stopped by something that only its user can mend.
        Failed = "FAILED",
    }
}

words! {
    /// Which reports answer a year.
    Plan {
        /// Each year's own.
        Own = "own",
        /// Reports three years apart, three years from each.
        Window = "window",
    }
}

words! {
    /// What a failed step does to its job.
    OnError {
        /// It is recorded, and the job goes on.
        Continue = "continue",
        /// It is recorded, and the job pauses.
        Stop = "stop",
    }
}

words! {
    /// Why a job stopped before its last step.
    StopReason {
        /// Ctrl-C, SIGTERM or SIGHUP.
        Signal = "signal",
        /// Another process asked it to pause.
        PauseRequested = "pause_requested",
        /// Another process cancelled it.
        CancelRequested = "cancel_requested",
        /// The day's limit of calls, OpenDART's (020) or the job's own.
        DailyQuota = "daily_quota",
        /// OpenDART is down for maintenance (800).
        Maintenance = "maintenance",
        /// Call after call failed: OpenDART cannot be reached.
        SourceDown = "source_down",
        /// OpenDART refuses the key (010, 011, 012, 901).
        KeyRefused = "key_refused",
        /// A step failed, and the job was to stop at the first.
        OnError = "on_error",
    }
}

words! {
    /// What kind of failure a step met.
    FailureKind {
        /// OpenDART's list of companies has no such share: no call was made.
        UnknownTicker = "unknown_ticker",
        /// No answer came, after all retries.
        SourceDown = "source_down",
        /// OpenDART refuses the question.
        Refused = "refused",
        /// An answer came, and it is none.
        Unreadable = "unreadable",
    }
}

#[cfg(test)]
mod tests {
    use super::{JobStatus, Plan, StopReason};

    #[test]
    fn every_word_reads_back() {
        for status in JobStatus::ALL {
            assert_eq!(JobStatus::from_word(status.as_str()), Some(*status));
        }
        for reason in StopReason::ALL {
            assert_eq!(StopReason::from_word(reason.as_str()), Some(*reason));
        }
        assert_eq!(JobStatus::from_word("done"), None);
    }

    #[test]
    fn people_may_write_a_word_in_either_case() {
        assert_eq!("paused".parse(), Ok(JobStatus::Paused));
        assert_eq!(
            "sideways".parse::<Plan>(),
            Err("\"sideways\" is none of own, window".to_owned())
        );
    }
}
