//! Asking a job's failed steps again.

use std::sync::Arc;

use crate::domain::job::{Job, JobId};
use crate::fetch::Fetcher;
use crate::store::Store;

use super::runner::StepsLeft;
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
            self.abort();
        }
        ended.map(|()| self.job.clone())
    }

    fn retry_all(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if self.is_over {
            return Ok(());
        }
        let failed = super::failures(self.store, &self.job.job_id)?;
        let failed = failed
            .iter()
            .map(|failure| (failure.ticker, failure.fiscal_year));
        self.steps = StepsLeft::Failed(failed.collect());
        self.started(on_event);
        while !self.is_over {
            self.check_interrupt();
            self.enqueue(u64::MAX)?;
            self.commit_ready(u64::MAX, None, on_event)?;
            if self.is_over {
                break;
            }
            if self.is_all_retried() {
                self.restore_status(on_event)?;
                break;
            }
            self.drive(on_event)?;
        }
        Ok(())
    }

    /// Whether failed steps are asked again, and the cursor stands still.
    pub(super) fn is_retry(&self) -> bool {
        matches!(self.steps, StepsLeft::Failed(_))
    }

    fn is_all_retried(&self) -> bool {
        matches!(&self.steps, StepsLeft::Failed(left) if left.is_empty())
            && self.dispatcher.is_empty()
    }
}
