//! Committing steps in order, in transactions that hold only while the lease does.

use crate::domain::job::{Failure, JobStatus, OnError, StopReason};
use crate::domain::{FiscalYear, Outcome, Ticker, kst_date};
use crate::resolve::StepError;
use crate::resolve::step::{Step, StepOutcome};
use crate::resolve::stop::Stop;
use crate::store::{JobEnd, StepCommit, StepCounts};

use super::lease::LEASE;
use super::{Event, JobError, OutcomeCounts, Runner};

/// What one commit writes.
#[derive(Debug, Default)]
struct Batch {
    /// By how many steps the cursor moves.
    steps: u64,
    counts: StepCounts,
    outcomes: OutcomeCounts,
    failures: Vec<Failure>,
    /// Failed steps of before that succeeded.
    recovered: Vec<(Ticker, FiscalYear)>,
    /// Why the run ends with it.
    stop: Option<Stop>,
}

impl Runner<'_> {
    /// Commits the steps that are ready, up to the step `until`, and ends the run where `stop` says
    /// why.
    pub(super) fn commit_ready(
        &mut self,
        until: u64,
        stop: Option<&Stop>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        if self.is_over {
            return Ok(());
        }
        let most = until.saturating_sub(self.job.processed_count);
        let mut batch = self.gather(most);
        if batch.stop.is_none() {
            batch.stop = stop.cloned();
        }
        let processed = self.job.processed_count + batch.steps;
        // A run that was cut off behind its last step is DONE all the same.
        let is_done = !self.is_retry() && processed >= self.job.total_steps();
        let is_nothing = batch.counts.total() == 0
            && batch.failures.is_empty()
            && self.dispatcher.rows().is_empty();
        if is_nothing && !is_done && batch.stop.is_none() {
            return Ok(());
        }
        let end = if is_done {
            Some(JobEnd::DONE)
        } else if batch.stop.is_some() && self.restored.0 == JobStatus::Done {
            // A job is no less DONE for failed steps that were not all asked again.
            Some(JobEnd::DONE)
        } else {
            batch.stop.as_ref().map(|stop| JobEnd {
                status: stop.status(),
                reason: Some(stop.reason),
            })
        };
        if !self.write(&batch, end)? {
            return self.on_lease_lost(on_event);
        }
        self.emit_events(&batch, on_event);
        match end {
            None => Ok(()),
            Some(end) => self.finish(end, batch.stop, on_event),
        }
    }

    /// Every failed step was asked again: the job goes back to the state it was in.
    pub(super) fn restore_status(
        &mut self,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        let end = match self.restored {
            _ if self.job.processed_count >= self.job.total_steps() => JobEnd::DONE,
            (JobStatus::Pending, _) => JobEnd {
                status: JobStatus::Running,
                reason: None,
            },
            (status, reason) => JobEnd { status, reason },
        };
        if !self.write(&Batch::default(), Some(end))? {
            return self.on_lease_lost(on_event);
        }
        self.finish(JobEnd::DONE, None, on_event)
    }

    /// Takes the settled steps from the front, `most` at most, as far as none of them ends the run.
    fn gather(&mut self, most: u64) -> Batch {
        let mut batch = Batch::default();
        while (batch.steps < most || self.is_retry())
            && batch.stop.is_none()
            && let Some((step, outcome)) = self.dispatcher.pop()
        {
            self.add(&mut batch, step, &outcome);
        }
        batch
    }

    fn add(&mut self, batch: &mut Batch, step: Step, outcome: &StepOutcome) {
        let is_retry = self.is_retry();
        batch.steps += u64::from(!is_retry);
        match outcome {
            StepOutcome::Fetched(outcome) => {
                batch.outcomes.fetched(*outcome);
                *match outcome {
                    Outcome::NoReport => &mut batch.counts.skip,
                    _ => &mut batch.counts.success,
                } += 1;
            }
            StepOutcome::Cached => {
                batch.outcomes.cached += 1;
                batch.counts.cached += 1;
            }
            StepOutcome::Failed(error) => {
                batch.outcomes.failed += 1;
                // One that is asked again is counted as failed already.
                batch.counts.fail += u64::from(!is_retry);
                let failure = self.failure(step, error);
                if self.job.on_error == OnError::Stop && !is_retry {
                    batch.stop = Some(Stop::new(StopReason::OnError, Some(named(&failure))));
                }
                batch.failures.push(failure);
                return;
            }
        }
        if is_retry {
            batch.recovered.push((step.ticker, step.year));
        }
    }

    fn failure(&self, step: Step, error: &StepError) -> Failure {
        Failure {
            ticker: step.ticker,
            fiscal_year: step.year,
            kind: error.kind(),
            message: error.to_string(),
            attempts: error.attempts(),
            failed_at: self.fetcher.clock().now(),
        }
    }

    /// Writes a batch; `false`, and nothing is written, where the lease is lost.
    fn write(&mut self, batch: &Batch, end: Option<JobEnd>) -> Result<bool, JobError> {
        let now = self.fetcher.clock().now();
        let day = kst_date(now);
        let calls = self.dispatcher.take_attempts();
        let processed = self.job.processed_count;
        let cursor = self.job.steps().cursor(processed + batch.steps);
        let stopped_by = batch.stop.as_ref().and_then(|stop| stop.message.clone());
        let last_error = stopped_by.or_else(|| batch.failures.last().map(named));
        let commit = StepCommit {
            job_id: &self.job.job_id,
            token: &self.token,
            processed,
            steps: batch.steps,
            cursor,
            counts: batch.counts,
            rows: self.dispatcher.rows(),
            failures: &batch.failures,
            recovered: &batch.recovered,
            calls,
            uncounted: self.uncounted(calls),
            usage: (&self.fingerprint, day),
            last_error: last_error.as_deref(),
            lease_expires_at: now + LEASE,
            end,
        };
        let committed = self.store.commit_steps(&commit, now);
        let Ok(Some(calls_today)) = committed else {
            self.dispatcher.give_back_attempts(calls);
            return Ok(committed.map(|_| false)?);
        };
        self.dispatcher.rows_stored();
        self.today = (day, calls_today);
        self.lease_renewed();
        let recovered = batch.recovered.len() as u64;
        let job = &mut self.job;
        (job.cursor_index, job.cursor_year) = cursor;
        job.processed_count += batch.steps;
        job.success_count += batch.counts.success;
        job.skip_count += batch.counts.skip;
        job.cached_count += batch.counts.cached;
        job.fail_count = (job.fail_count + batch.counts.fail).saturating_sub(recovered);
        job.dart_calls += calls;
        job.updated_at = now;
        if last_error.is_some() {
            job.last_error = last_error;
        }
        Ok(true)
    }

    /// Of so many calls, those that the gate has not counted.
    pub(super) fn uncounted(&self, calls: u64) -> u64 {
        if self.fetcher.counts_calls() {
            0
        } else {
            calls
        }
    }

    /// Sends what a commit did.
    fn emit_events(&self, batch: &Batch, on_event: &mut dyn FnMut(Event)) {
        for failure in &batch.failures {
            on_event(Event::Failed {
                ticker: failure.ticker,
                year: failure.fiscal_year,
                kind: failure.kind,
                message: failure.message.clone(),
            });
        }
        let steps = batch.counts.total();
        if steps == 0 {
            return;
        }
        let current = self.job.current();
        on_event(Event::StepsDone {
            steps,
            counts: batch.outcomes,
            processed: self.job.processed_count,
            total: self.job.total_steps(),
            dart_calls: self.job.dart_calls,
            ticker: current.map(|(ticker, _)| ticker),
            year: current.map(|(_, year)| year),
        });
    }

    /// The run is over, and the row says so.
    fn finish(
        &mut self,
        end: JobEnd,
        stop: Option<Stop>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        self.shut_down()?;
        self.job = super::load_job(self.store, &self.job.job_id)?;
        on_event(match stop {
            Some(stop) if self.is_retry() || end.status != JobStatus::Done => Event::Stopped {
                status: end.status,
                reason: Some(stop.reason),
                message: stop.message,
            },
            _ => Event::Finished,
        });
        Ok(())
    }
}

/// A failure in words, with its step.
fn named(failure: &Failure) -> String {
    format!(
        "{} {}: {}",
        failure.ticker, failure.fiscal_year, failure.message
    )
}
