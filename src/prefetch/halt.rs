//! What ends a run before its last step, and how it ends.

use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::job::{FailureKind, JobStatus, StopReason};
use crate::domain::next_kst_midnight;
use crate::fetch::{FetchError, GateError};
use crate::opendart::{Error, TransportError};
use crate::store::JobEnd;

use super::bench::StepError;
use super::{Event, JobError, Runner};

/// The longest `Retry-After` that is waited out; a longer one pauses the job.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(120);

/// How long calls that are ended have to come back, and those of a run that stops by itself.
const PATIENCE: Duration = Duration::from_millis(300);
const GRACE: Duration = Duration::from_secs(1);

/// How long one wait for the next day may be, so that a pause is noticed.
const SHORT_WAIT: Duration = Duration::from_millis(500);

/// Why a run ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stop {
    pub(super) end: JobEnd,
    pub(super) message: Option<String>,
    /// When it may go on by itself.
    pub(super) until: Option<DateTime<Utc>>,
}

impl Stop {
    pub(super) fn new(status: JobStatus, reason: StopReason, message: Option<String>) -> Self {
        Self {
            end: JobEnd {
                status,
                reason: Some(reason),
            },
            message,
            until: None,
        }
    }

    pub(super) fn by_signal() -> Self {
        Self::new(JobStatus::Cancelled, StopReason::Signal, None)
    }

    fn by_quota(message: String, until: DateTime<Utc>) -> Self {
        Self {
            until: Some(until),
            ..Self::new(JobStatus::Paused, StopReason::DailyQuota, Some(message))
        }
    }

    pub(super) fn by_own_limit(now: DateTime<Utc>) -> Self {
        let until = next_kst_midnight(now);
        let message = "the day's own limit of calls is used up".to_owned();
        Self::by_quota(message, until)
    }

    pub(super) fn source_down(message: &str) -> Self {
        let message = format!("OpenDART cannot be reached: {message}");
        Self::new(JobStatus::Paused, StopReason::SourceDown, Some(message))
    }

    pub(super) fn without_list(message: String) -> Self {
        let message = format!("the list of companies could not be had: {message}");
        Self::new(JobStatus::Paused, StopReason::SourceDown, Some(message))
    }
}

/// What a failed call means for its job.
#[derive(Debug)]
pub(super) enum FailureAction {
    /// Nothing: it was ended.
    Ended,
    /// The job stops; the step has not failed.
    Halts(Stop),
    /// The step failed.
    Fails(StepError),
    /// The database failed: the run is over, and nothing can be written about it.
    Broken(GateError),
}

pub(super) fn verdict(error: &FetchError) -> FailureAction {
    let message = error.to_string();
    let fails = |kind, attempts, is_outage| {
        FailureAction::Fails(StepError {
            kind,
            message: message.clone(),
            attempts,
            is_outage,
        })
    };
    match error {
        FetchError::Interrupted(_) => FailureAction::Ended,
        // Somebody shut the fetcher down: no later call works.
        FetchError::Failed(Error::Transport(TransportError::ShutDown)) => {
            FailureAction::Halts(Stop::by_signal())
        }
        FetchError::KeyRefused { .. } | FetchError::Closed => FailureAction::Halts(Stop::new(
            JobStatus::Failed,
            StopReason::KeyRefused,
            Some(message),
        )),
        FetchError::DailyLimit { resets_at } | FetchError::OwnLimit { resets_at, .. } => {
            FailureAction::Halts(Stop::by_quota(message, *resets_at))
        }
        FetchError::CutOff { .. } => FailureAction::Halts(Stop::new(
            JobStatus::Paused,
            StopReason::SourceDown,
            Some(message),
        )),
        FetchError::Gate(error) => FailureAction::Broken(error.clone()),
        FetchError::Maintenance => FailureAction::Halts(Stop::new(
            JobStatus::Paused,
            StopReason::Maintenance,
            Some(message),
        )),
        FetchError::SourceDown { attempts, last } => match last {
            Error::Http {
                retry_after: Some(asked),
                ..
            } if *asked > LONGEST_RETRY_AFTER => FailureAction::Halts(Stop::new(
                JobStatus::Paused,
                StopReason::SourceDown,
                Some(message),
            )),
            Error::NotDart { .. } => fails(FailureKind::Unreadable, *attempts, false),
            _ => fails(FailureKind::SourceDown, *attempts, true),
        },
        FetchError::Failed(Error::Transport(_)) => fails(FailureKind::SourceDown, 1, true),
        FetchError::Failed(Error::NotDart { .. } | Error::CompanyFile(_)) => {
            fails(FailureKind::Unreadable, 1, false)
        }
        FetchError::Failed(_) => fails(FailureKind::Refused, 1, false),
    }
}

impl Runner<'_> {
    /// Ends the run: keeps all that was learnt, and writes how the job stands.
    pub(super) fn conclude(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        let Some(halt) = self.halt.clone() else {
            return Ok(());
        };
        if let Some(until) = halt.until
            && self.options.waits_for_quota
        {
            return self.wait_until(until, on_event);
        }
        let is_urgent = halt.end.reason == Some(StopReason::Signal);
        if !is_urgent {
            self.hear_the_rest(GRACE, on_event)?;
        }
        self.hear_the_last(on_event)?;
        if self.is_retry {
            self.settle_retried(Some(&halt), on_event)
        } else {
            self.settle_with(u64::MAX, Some(&halt), on_event)
        }
    }

    /// Ends the calls in flight and takes in what has come of them, whatever goes wrong with some.
    fn hear_the_last(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        let mut heard = Ok(());
        for reply in self.calls.stop(PATIENCE) {
            heard = heard.and(self.hear(reply, on_event));
        }
        heard
    }

    /// Takes in what is in flight, as far as it comes in time.
    fn hear_the_rest(
        &mut self,
        within: Duration,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        let until = std::time::Instant::now() + within;
        while self.calls.in_flight() > 0 {
            let left = until.saturating_duration_since(std::time::Instant::now());
            let Some(reply) = self.calls.reply(left) else {
                break;
            };
            self.hear(reply, on_event)?;
        }
        Ok(())
    }

    /// Waits for the next day, the job RUNNING, and goes on.
    fn wait_until(
        &mut self,
        until: DateTime<Utc>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        self.hear_the_rest(GRACE, on_event)?;
        if self.is_retry {
            self.settle_retried(None, on_event)?;
        } else {
            self.settle(u64::MAX, on_event)?;
        }
        if self.is_over {
            return Ok(());
        }
        on_event(Event::Waiting { until });
        let clock = std::sync::Arc::clone(self.fetcher.clock());
        while clock.now() < until {
            let raised = clock.wait(SHORT_WAIT, &self.options.interrupt).is_err();
            on_event(Event::Tick);
            self.look(on_event)?;
            if self.is_over {
                return Ok(());
            }
            if raised {
                self.halt = Some(Stop::by_signal());
                return Ok(());
            }
        }
        self.halt = None;
        Ok(())
    }

    /// Another process stopped the job, took it over or removed it: keeps what was learnt.
    pub(super) fn lost(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        self.leave(on_event)?;
        let state = self.store.job_state(&self.job.job_id)?;
        let job = super::load_job(self.store, &self.job.job_id)?;
        let owner = state.and_then(|state| state.lease).map(|lease| lease.owner);
        self.job = job;
        if self.job.status == JobStatus::Running {
            return Err(JobError::Held {
                job_id: self.job.job_id,
                owner,
            });
        }
        on_event(Event::Stopped {
            status: self.job.status,
            reason: self.job.stop_reason,
            message: None,
        });
        Ok(())
    }

    /// Ends the calls in flight, stores what was learnt without counting a step, and gives the
    /// lock back.
    pub(super) fn leave(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        self.is_over = true;
        // Whatever else goes wrong, what was learnt is kept.
        let heard = self.hear_the_last(on_event);
        let rows = std::mem::take(&mut self.ahead.rows);
        let now = self.fetcher.clock().now();
        let day = crate::domain::kst_date(now);
        let calls = self.calls.take_attempts();
        let usage = (self.fingerprint.as_str(), day, self.uncounted(calls));
        let kept = self
            .store
            .save_after_lease_loss(&self.job.job_id, &rows, calls, usage, now);
        self.lock = None;
        heard.and(kept.map_err(JobError::from))
    }

    /// Ends the run where it is: stores what was learnt, and gives the lease and the lock back.
    pub(super) fn give_up(&mut self) {
        if self.is_over {
            return;
        }
        // Nobody can be told here; a lease that is not given back is taken over all the same.
        let lock = self.lock.take();
        let _kept = self.leave(&mut |_| {});
        let now = self.fetcher.clock().now();
        let _given_back = self.store.release_lease(&self.job.job_id, &self.token, now);
        drop(lock);
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        self.give_up();
    }
}
