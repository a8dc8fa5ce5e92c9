//! Settling steps in order, in transactions that hold only while the lease does.

use crate::domain::job::{Failure, JobStatus, OnError, StopReason};
use crate::domain::{Outcome, Ticker, kst_date};
use crate::store::{JobEnd, StepCommit, StepCounts};

use super::ahead::Step;
use super::bench::{StepError, StepOutcome};
use super::halt::Stop;
use super::lease::LEASE;
use super::{Event, JobError, OutcomeCounts, Runner};

/// So many failed calls in a row, over so many shares, and the source is taken to be down.
const OUTAGE_STEPS: usize = 20;
const OUTAGE_TICKERS: usize = 3;

/// Steps in a row whose calls failed as they do when a source is down.
#[derive(Debug, Default)]
pub(super) struct OutageDetector {
    steps: usize,
    tickers: Vec<Ticker>,
}

impl OutageDetector {
    /// Counts a step in; whether the source is down.
    pub(super) fn note(&mut self, ticker: Ticker, fate: &StepOutcome) -> bool {
        match fate {
            StepOutcome::Learnt(_) => *self = Self::default(),
            StepOutcome::Failed(problem) if problem.is_outage => {
                self.steps += 1;
                if !self.tickers.contains(&ticker) {
                    self.tickers.push(ticker);
                }
            }
            // It took no call, or its answer says nothing about the source.
            StepOutcome::Cached | StepOutcome::Failed(_) => {}
        }
        self.steps >= OUTAGE_STEPS && self.tickers.len() >= OUTAGE_TICKERS
    }
}

/// What a commit is made of.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) steps: u64,
    pub(super) counts: StepCounts,
    pub(super) tally: OutcomeCounts,
    pub(super) failures: Vec<Failure>,
    pub(super) end: Option<Stop>,
}

impl Runner<'_> {
    /// Commits what is ready, up to the step `until`.
    pub(super) fn settle(
        &mut self,
        until: u64,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        self.settle_with(until, None, on_event)
    }

    /// The same, and ends the run with `halt`.
    pub(super) fn settle_with(
        &mut self,
        until: u64,
        halt: Option<&Stop>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        if self.is_over {
            return Ok(());
        }
        let most = until.saturating_sub(self.job.cursor_index);
        let mut batch = self.gather(most);
        // A run that was cut off behind its last step is DONE all the same.
        let is_at_end = self.job.cursor_index >= self.job.total_steps();
        let is_nothing = batch.steps == 0 && self.ahead.rows.is_empty() && !is_at_end;
        if is_nothing && halt.is_none() {
            return Ok(());
        }
        if batch.end.is_none() {
            batch.end = halt.cloned();
        }
        let cursor_index = self.job.cursor_index + batch.steps;
        let is_done = cursor_index >= self.job.total_steps();
        let done = JobEnd {
            status: JobStatus::Done,
            reason: None,
        };
        let end = match &batch.end {
            _ if is_done => Some(done),
            Some(halt) => Some(halt.end),
            None => None,
        };
        if !self.write(&batch, batch.steps, &[], end)? {
            return self.lost(on_event);
        }
        self.told(&batch, on_event);
        match end {
            None => Ok(()),
            Some(end) => self.finish(end, batch.end, on_event),
        }
    }

    /// Takes the settled steps from the front, `most` at most, as far as none of them ends the run.
    fn gather(&mut self, most: u64) -> Batch {
        let mut batch = Batch::default();
        while batch.steps < most
            && batch.end.is_none()
            && let Some((step, fate)) = self.ahead.pop_settled()
        {
            batch.steps += 1;
            self.add(&mut batch, &step, &fate);
        }
        batch
    }

    pub(super) fn add(&mut self, batch: &mut Batch, step: &Step, fate: &StepOutcome) {
        let is_down = self.streak.note(step.ticker, fate);
        match fate {
            StepOutcome::Learnt(outcome) => {
                batch.tally.learnt(*outcome);
                *match outcome {
                    Outcome::NoReport => &mut batch.counts.skip,
                    _ => &mut batch.counts.success,
                } += 1;
            }
            StepOutcome::Cached => {
                batch.tally.cached += 1;
                batch.counts.cached += 1;
            }
            StepOutcome::Failed(problem) => {
                batch.tally.failed += 1;
                batch.counts.fail += 1;
                batch.failures.push(self.failure(step, problem));
                if is_down {
                    batch.end = Some(Stop::source_down(&problem.message));
                } else if self.job.on_error == OnError::Stop {
                    let message = format!("{} {}: {}", step.ticker, step.year, problem.message);
                    batch.end = Some(Stop::new(
                        JobStatus::Paused,
                        StopReason::OnError,
                        Some(message),
                    ));
                }
            }
        }
    }

    pub(super) fn failure(&self, step: &Step, problem: &StepError) -> Failure {
        Failure {
            ticker: step.ticker,
            fiscal_year: step.year,
            kind: problem.kind,
            message: problem.message.clone(),
            attempts: problem.attempts,
            failed_at: self.fetcher.clock().now(),
        }
    }

    /// Writes a batch; `false`, and nothing is, where the lease is lost.
    pub(super) fn write(
        &mut self,
        batch: &Batch,
        steps: u64,
        recovered: &[(Ticker, crate::domain::FiscalYear)],
        end: Option<JobEnd>,
    ) -> Result<bool, JobError> {
        let now = self.fetcher.clock().now();
        let day = kst_date(now);
        let calls = self.calls.take_attempts();
        let cursor_index = self.job.cursor_index + steps;
        let next = self.job.steps().at(cursor_index);
        let last_error = batch.end.as_ref().and_then(|halt| halt.message.clone());
        let last_error = last_error.or_else(|| {
            let failure = batch.failures.last()?;
            Some(format!(
                "{} {}: {}",
                failure.ticker, failure.fiscal_year, failure.message
            ))
        });
        let commit = StepCommit {
            job_id: &self.job.job_id,
            token: &self.token,
            cursor_index: self.job.cursor_index,
            steps,
            cursor_year: next.map(|(_, year)| year),
            counts: batch.counts,
            rows: &self.ahead.rows,
            failures: &batch.failures,
            recovered,
            calls,
            uncounted: self.uncounted(calls),
            usage: (&self.fingerprint, day),
            last_error: last_error.as_deref(),
            lease_expires_at: now + LEASE,
            end,
        };
        let committed = self.store.commit_steps(&commit, now);
        let Ok(Some(calls_today)) = committed else {
            self.calls.give_back_attempts(calls);
            return Ok(committed.map(|_| false)?);
        };
        self.ahead.stored();
        self.today = (day, calls_today);
        self.renewed();
        let job = &mut self.job;
        job.cursor_index = cursor_index;
        job.cursor_year = next.map(|(_, year)| year);
        job.processed_count += steps;
        job.success_count += batch.counts.success;
        job.skip_count += batch.counts.skip;
        job.cached_count += batch.counts.cached;
        job.fail_count =
            (job.fail_count + batch.counts.fail).saturating_sub(recovered.len() as u64);
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
    pub(super) fn told(&self, batch: &Batch, on_event: &mut dyn FnMut(Event)) {
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
            counts: batch.tally,
            processed: self.job.processed_count,
            total: self.job.total_steps(),
            dart_calls: self.job.dart_calls,
            ticker: current.map(|(ticker, _)| ticker),
            year: current.map(|(_, year)| year),
        });
    }

    /// The run is over, and the row says so.
    pub(super) fn finish(
        &mut self,
        end: JobEnd,
        halt: Option<Stop>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        self.leave(on_event)?;
        self.job = super::load_job(self.store, &self.job.job_id)?;
        on_event(match end.status {
            JobStatus::Done => Event::Finished,
            status => Event::Stopped {
                status,
                reason: end.reason,
                message: halt.and_then(|halt| halt.message),
            },
        });
        Ok(())
    }
}
