//! How a run ends before its last step, and what it leaves behind.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use crate::domain::job::{JobStatus, StopReason};
use crate::domain::kst_date;
use crate::resolve::stop::Stop;

use super::runner::GRACE;
use super::{Event, JobError, Runner};

/// How long calls that are ended may take to come back.
const PATIENCE: Duration = Duration::from_millis(300);

/// How long one wait for the next day may be, so that a pause is noticed.
const SHORT_WAIT: Duration = Duration::from_millis(500);

impl Runner<'_> {
    /// Ends the run: keeps all that was fetched, and writes how the job stands.
    pub(super) fn conclude(
        &mut self,
        stop: Stop,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        if let Some(until) = stop.until
            && self.options.waits_for_quota
        {
            return self.wait_until(until, on_event);
        }
        if stop.reason != StopReason::Signal {
            self.dispatcher.finish_calls(GRACE)?;
        }
        self.dispatcher.stop_calls(PATIENCE)?;
        self.commit_ready(u64::MAX, Some(&stop), on_event)
    }

    /// Waits for the next day, the job RUNNING, and goes on.
    fn wait_until(
        &mut self,
        until: DateTime<Utc>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        self.dispatcher.finish_calls(GRACE)?;
        self.commit_ready(u64::MAX, None, on_event)?;
        if self.is_over {
            return Ok(());
        }
        on_event(Event::Waiting { until });
        let clock = Arc::clone(self.fetcher.clock());
        while clock.now() < until {
            let is_interrupted = clock.wait(SHORT_WAIT, &self.options.interrupt).is_err();
            on_event(Event::Tick);
            self.check_ownership(on_event)?;
            if self.is_over {
                return Ok(());
            }
            if is_interrupted {
                self.dispatcher.stop = Some(Stop::by_signal());
                return Ok(());
            }
        }
        self.dispatcher.stop = None;
        Ok(())
    }

    /// Another process stopped the job, took it over or removed it: keeps what was fetched.
    pub(super) fn on_lease_lost(
        &mut self,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        self.shut_down()?;
        let state = self.store.job_state(&self.job.job_id)?;
        self.job = super::load_job(self.store, &self.job.job_id)?;
        if self.job.status == JobStatus::Running {
            return Err(JobError::Held {
                job_id: self.job.job_id,
                owner: state.and_then(|state| state.lease).map(|lease| lease.owner),
            });
        }
        on_event(Event::Stopped {
            status: self.job.status,
            reason: self.job.stop_reason,
            message: None,
        });
        Ok(())
    }

    /// Ends the calls in flight, stores what was fetched without counting a step, and gives the
    /// lock back.
    pub(super) fn shut_down(&mut self) -> Result<(), JobError> {
        self.is_over = true;
        // Whatever else goes wrong, what was fetched is kept.
        let stopped = self.dispatcher.stop_calls(PATIENCE);
        let now = self.fetcher.clock().now();
        let calls = self.dispatcher.take_attempts();
        let usage = (
            self.fingerprint.as_str(),
            kst_date(now),
            self.uncounted(calls),
        );
        let kept = self.store.save_after_lease_loss(
            &self.job.job_id,
            self.dispatcher.rows(),
            calls,
            usage,
            now,
        );
        self.dispatcher.rows_stored();
        self.lock = None;
        stopped?;
        Ok(kept?)
    }

    /// Ends the run where it is: stores what was fetched, and gives the lease and the lock back.
    pub(super) fn abort(&mut self) {
        if self.is_over {
            return;
        }
        // Nobody can be told here; a lease that is not given back is taken over all the same.
        let lock = self.lock.take();
        let _kept = self.shut_down();
        let now = self.fetcher.clock().now();
        let _given_back = self.store.release_lease(&self.job.job_id, &self.token, now);
        drop(lock);
    }
}

impl Drop for Runner<'_> {
    fn drop(&mut self) {
        self.abort();
    }
}
