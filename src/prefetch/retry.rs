//! Asking a job's failed steps again.

use std::sync::Arc;

use crate::domain::FiscalYear;
use crate::domain::Ticker;
use crate::domain::job::{Job, JobId, JobStatus};
use crate::fetch::Fetcher;
use crate::store::{JobEnd, Store};

use super::bench::StepOutcome;
use super::commit::Batch;
use super::halt::Stop;
use super::{Event, JobError, Runner, RunnerOptions};

impl<'a> Runner<'a> {
    /// Takes the right to ask a job's failed steps again; of a DONE one too.
    ///
    /// # Errors
    /// As [`Runner::open`], but for [`JobError::Done`].
    pub fn open_to_retry(
        store: &'a Store,
        fetcher: Arc<Fetcher>,
        id: &JobId,
        options: RunnerOptions,
    ) -> Result<Self, JobError> {
        Self::take(store, fetcher, id, options)
    }

    /// Asks the job's failed steps again, in order. Each that succeeds moves from `fail_count` to
    /// the count it belongs to; `processed_count` and the cursor stand still. At the end the job
    /// is in the state it was in before, its lease given back.
    ///
    /// # Errors
    /// As [`Runner::run_job_step`].
    pub fn retry_failed(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<Job, JobError> {
        let ended = self.retry_all(on_event);
        if ended.is_err() {
            self.give_up();
        }
        ended.map(|()| self.job.clone())
    }

    fn retry_all(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if self.is_over {
            return Ok(());
        }
        self.is_retry = true;
        on_event(Event::Started {
            job_id: self.job.job_id,
            processed: self.job.processed_count,
            total: self.job.total_steps(),
        });
        let failed = super::failures(self.store, &self.job.job_id)?;
        let mut left: std::collections::VecDeque<(Ticker, FiscalYear)> = failed
            .iter()
            .map(|failure| (failure.ticker, failure.fiscal_year))
            .collect();
        while !self.is_over {
            self.take_in_listed(&mut left)?;
            self.settle_retried(None, on_event)?;
            if self.is_over {
                break;
            }
            if left.is_empty() && self.ahead.steps.is_empty() {
                self.go_back(on_event)?;
                break;
            }
            self.go_on(on_event)?;
        }
        Ok(())
    }

    /// Commits what is ready of the steps that are asked again.
    pub(super) fn settle_retried(
        &mut self,
        halt: Option<&Stop>,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<(), JobError> {
        let mut batch = Batch::default();
        let mut recovered = Vec::new();
        while batch.end.is_none()
            && let Some((step, fate)) = self.ahead.pop_settled()
        {
            if let StepOutcome::Failed(problem) = &fate {
                // It is counted as failed already.
                batch.tally.failed += 1;
                batch.failures.push(self.failure(&step, problem));
                if self.streak.note(step.ticker, &fate) {
                    batch.end = Some(Stop::source_down(&problem.message));
                }
            } else {
                self.add(&mut batch, &step, &fate);
                recovered.push((step.ticker, step.year));
            }
        }
        if batch.end.is_none() {
            batch.end = halt.cloned();
        }
        let is_nothing = batch.failures.is_empty() && recovered.is_empty();
        if is_nothing && self.ahead.rows.is_empty() && batch.end.is_none() {
            return Ok(());
        }
        let end = batch.end.as_ref().map(|halt| halt.end);
        if !self.write(&batch, 0, &recovered, end)? {
            return self.lost(on_event);
        }
        self.told(&batch, on_event);
        match end {
            None => Ok(()),
            Some(end) => self.finish(end, batch.end, on_event),
        }
    }

    /// Every failed step was asked again: the job goes back to the state it was in.
    fn go_back(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        let is_done = self.job.cursor_index >= self.job.total_steps();
        let end = match self.back_to {
            _ if is_done => JobEnd {
                status: JobStatus::Done,
                reason: None,
            },
            Some((status, reason)) if status != JobStatus::Pending => JobEnd { status, reason },
            _ => JobEnd {
                status: JobStatus::Running,
                reason: None,
            },
        };
        if !self.write(&Batch::default(), 0, &[], Some(end))? {
            return self.lost(on_event);
        }
        self.leave(on_event)?;
        self.job = super::load_job(self.store, &self.job.job_id)?;
        on_event(Event::Finished);
        Ok(())
    }
}
