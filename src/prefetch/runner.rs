//! A run of a job: takes steps in, asks, and commits, until something ends it.

use std::collections::VecDeque;
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};

use crate::domain::job::{Job, JobId, JobStatus, StopReason};
use crate::domain::{Company, FiscalYear, OriginKind, Ticker, kst_date};
use crate::fetch::{Fetcher, Interrupt};
use crate::store::Store;

use super::ahead::Ahead;
use super::bench::StepContext;
use super::calls::{Call, Calls};
use super::commit::OutageDetector;
use super::halt::Stop;
use super::lease::{self, JobLock};
use super::watch::Watch;
use super::{DEFAULT_DAILY_LIMIT, Event, JobError, plan};

/// How a job is to be run.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// Raised by Ctrl-C and the like: the job becomes CANCELLED, and what was learnt is kept.
    pub interrupt: Interrupt,
    /// Whether to go on after the next 00:00 KST where the day's limit is used up.
    pub waits_for_quota: bool,
    /// Whether to ask for steps beyond the limit of [`Runner::run_job_step`], for the next one.
    pub looks_ahead: bool,
}

impl Default for RunnerOptions {
    /// Looks ahead, and does not wait.
    fn default() -> Self {
        Self {
            interrupt: Interrupt::new(),
            waits_for_quota: false,
            looks_ahead: true,
        }
    }
}

/// The right to run a job, and what is under way: the calls in flight and the steps ahead.
///
/// Dropping it stores what was learnt, ends the calls in flight and gives the lease back; the job
/// stays RUNNING, to be gone on with, unless it has stopped or is DONE.
pub struct Runner<'a> {
    pub(super) store: &'a Store,
    pub(super) fetcher: Arc<Fetcher>,
    pub(super) job: Job,
    pub(super) token: String,
    pub(super) options: RunnerOptions,
    pub(super) calls: Calls,
    pub(super) ahead: Ahead,
    /// The first step that was not taken in.
    pub(super) next: u64,
    pub(super) streak: OutageDetector,
    pub(super) halt: Option<Stop>,
    pub(super) fingerprint: String,
    /// Today (KST), and the calls made with the key, as far as they were committed; where the gate
    /// counts them it is not looked at.
    pub(super) today: (NaiveDate, u64),
    /// The state a run for retries goes back to.
    pub(super) back_to: Option<(JobStatus, Option<StopReason>)>,
    pub(super) started_at: DateTime<Utc>,
    /// Whether failed steps are asked again, and the cursor stands still.
    pub(super) is_retry: bool,
    pub(super) list: CompanyListState,
    pub(super) watch: Watch,
    began: bool,
    pub(super) is_over: bool,
    /// The kernel gives it back, and this before.
    pub(super) lock: Option<JobLock>,
}

/// What is known of the list of companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CompanyListState {
    AsItWas,
    Wanted,
    Asked,
    Renewed,
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("job_id", &self.job.job_id)
            .field("next", &self.next)
            .field("in_flight", &self.calls.in_flight())
            .finish_non_exhaustive()
    }
}

impl<'a> Runner<'a> {
    /// Takes the right to run a job: one that was never run, was stopped, or whose process is gone.
    /// It is RUNNING from here on. Nothing is asked yet.
    ///
    /// # Errors
    /// [`JobError::Held`] where another process runs it, [`JobError::Done`] where there is nothing
    /// left to run, [`JobError::NotFound`], and the database's.
    pub fn open(
        store: &'a Store,
        fetcher: Arc<Fetcher>,
        id: &JobId,
        options: RunnerOptions,
    ) -> Result<Self, JobError> {
        let job = super::load_job(store, id)?;
        if job.status == JobStatus::Done {
            return Err(JobError::Done { job: Box::new(job) });
        }
        Self::take(store, fetcher, id, options)
    }

    pub(super) fn take(
        store: &'a Store,
        fetcher: Arc<Fetcher>,
        id: &JobId,
        options: RunnerOptions,
    ) -> Result<Self, JobError> {
        let now = fetcher.clock().now();
        let missing = || JobError::NotFound {
            text: id.to_string(),
        };
        let held = |owner| JobError::Held { job_id: *id, owner };
        let lock = JobLock::take(store.path(), id)?;
        let lease = lease::new_lease(now);
        let before = loop {
            let state = store.job_state(id)?.ok_or_else(missing)?;
            let owner = state.lease.as_ref().map(|lease| lease.owner.clone());
            if lock.is_none() || !lease::may_take_over(&state, now) {
                return Err(held(owner));
            }
            // Another process may have paused it in between: then it is looked at again.
            if store.take_lease(id, &state, &lease, now)? {
                break state;
            }
        };
        let job = super::load_job(store, id)?;
        let fingerprint = fetcher.key_fingerprint().to_owned();
        let day = kst_date(now);
        Ok(Self {
            store,
            token: lease.token,
            options,
            calls: Calls::new(Arc::clone(&fetcher), daily_limit(&job, store.kind())),
            ahead: Ahead::default(),
            next: job.cursor_index,
            streak: OutageDetector::default(),
            halt: None,
            today: (day, store.calls_on(&fingerprint, day)?),
            fingerprint,
            back_to: Some((before.status, before.stop_reason)),
            started_at: job.started_at.unwrap_or(now),
            is_retry: false,
            list: CompanyListState::AsItWas,
            watch: Watch::new(store)?,
            began: false,
            is_over: false,
            lock,
            fetcher,
            job,
        })
    }

    /// The job as of the last commit.
    #[must_use]
    pub fn job(&self) -> &Job {
        &self.job
    }

    /// Settles at most so many steps, rounded up to those that one call settles (under plan window
    /// to the share's last year, as which calls it takes depends on them all), and returns the
    /// job as it is then. It returns before where the job is DONE or stops; a stopped one is run
    /// again by another [`Runner`].
    ///
    /// # Errors
    /// The database's, [`JobError::DatabaseGone`], and [`JobError::Held`] where another process
    /// took the job over. Nothing is half-written, and the job can be resumed.
    pub fn run_job_step(
        &mut self,
        step_limit: u64,
        on_event: &mut dyn FnMut(Event),
    ) -> Result<Job, JobError> {
        let ended = self.run_to(step_limit, on_event);
        if ended.is_err() {
            self.give_up();
        }
        ended.map(|()| self.job.clone())
    }

    fn run_to(&mut self, step_limit: u64, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if !self.is_over && !self.began {
            self.began = true;
            on_event(Event::Started {
                job_id: self.job.job_id,
                processed: self.job.processed_count,
                total: self.job.total_steps(),
            });
        }
        let until = self.job.cursor_index.saturating_add(step_limit);
        let until = plan::round_up(&self.job, until);
        while !self.is_over {
            self.take_in(until)?;
            self.settle(until, on_event)?;
            if self.is_over || self.job.cursor_index >= until && self.halt.is_none() {
                break;
            }
            self.go_on(on_event)?;
        }
        Ok(())
    }

    /// Asks what may be asked, and waits for what comes of it, unless steps are ready as it is.
    pub(super) fn go_on(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if self.halt.is_none() {
            self.ask()?;
        }
        if self.halt.is_some() {
            return self.conclude(on_event);
        }
        if !self.is_ready() {
            self.listen(on_event)?;
        }
        if self.options.interrupt.is_raised() && !self.is_over {
            self.halt.get_or_insert(Stop::by_signal());
        }
        Ok(())
    }

    /// Whether the step at the cursor is settled.
    fn is_ready(&self) -> bool {
        let first = self.ahead.steps.front();
        first.is_some_and(|step| step.fate.is_some())
    }

    pub(super) fn bench(&self) -> Result<StepContext<'_>, JobError> {
        let now = self.fetcher.clock().now();
        let list_is_new = match self.list {
            CompanyListState::Renewed => true,
            CompanyListState::Asked | CompanyListState::Wanted => false,
            CompanyListState::AsItWas => self
                .store
                .companies_synced_at()?
                .is_some_and(|at| now - at < Company::LIST_IS_OLD),
        };
        Ok(StepContext::new(
            self.store,
            &self.job,
            self.started_at,
            now,
            list_is_new,
        ))
    }

    /// Takes steps in, as far ahead as may be.
    fn take_in(&mut self, until: u64) -> Result<(), JobError> {
        let horizon = if self.options.looks_ahead {
            self.job.total_steps()
        } else {
            until
        };
        let mut ahead = std::mem::take(&mut self.ahead);
        let taken = self.take_into(&mut ahead, horizon);
        self.ahead = ahead;
        let (next, needs_list) = taken?;
        self.next = next;
        if needs_list && matches!(self.list, CompanyListState::AsItWas) {
            self.list = CompanyListState::Wanted;
        }
        Ok(())
    }

    /// The same for steps of a list.
    pub(super) fn take_in_listed(
        &mut self,
        left: &mut VecDeque<(Ticker, FiscalYear)>,
    ) -> Result<(), JobError> {
        let is_waiting_for_list = matches!(
            self.list,
            CompanyListState::Asked | CompanyListState::Wanted
        );
        if self.halt.is_some() || is_waiting_for_list {
            return Ok(());
        }
        let mut ahead = std::mem::take(&mut self.ahead);
        let taken = self.take_listed_into(&mut ahead, left);
        self.ahead = ahead;
        if taken? {
            self.list = CompanyListState::Wanted;
        }
        Ok(())
    }

    fn take_listed_into(
        &self,
        ahead: &mut Ahead,
        left: &mut VecDeque<(Ticker, FiscalYear)>,
    ) -> Result<bool, JobError> {
        let bench = self.bench()?;
        while ahead.has_room(self.job.plan)
            && let Some(first) = left.front().copied()
        {
            let together =
                |step: &&(Ticker, FiscalYear)| plan::go_together(&self.job, first, **step);
            let years: Vec<FiscalYear> = left
                .iter()
                .take_while(together)
                .map(|(_, year)| *year)
                .collect();
            if !ahead.take_in(&bench, first.0, &years)? {
                return Ok(true);
            }
            left.drain(..years.len());
        }
        Ok(false)
    }

    fn take_into(&self, ahead: &mut Ahead, horizon: u64) -> Result<(u64, bool), JobError> {
        let mut next = self.next;
        if self.halt.is_some()
            || matches!(
                self.list,
                CompanyListState::Asked | CompanyListState::Wanted
            )
        {
            return Ok((next, false));
        }
        let bench = self.bench()?;
        while next < horizon
            && ahead.has_room(self.job.plan)
            && let Some((ticker, years)) = plan::together(&self.job, next)
        {
            if !ahead.take_in(&bench, ticker, &years)? {
                return Ok((next, true));
            }
            next += years.len() as u64;
        }
        Ok((next, false))
    }

    /// Starts calls, as many as may be in flight and the day's limit allows.
    fn ask(&mut self) -> Result<(), JobError> {
        if self.list == CompanyListState::Wanted && self.may_call() {
            self.calls.ask(Call::Companies)?;
            self.list = CompanyListState::Asked;
        }
        while self.calls.has_room() {
            let Some(question) = self.ahead.next_wanted() else {
                break;
            };
            if !self.may_call() {
                self.ahead.put_back(question);
                break;
            }
            self.calls.ask(Call::Report(question))?;
        }
        // Nothing is under way, and nothing is ready: only the limit can be what is in the way.
        if self.calls.in_flight() == 0 && !self.is_ready() && !self.may_call() {
            self.halt = Some(Stop::by_own_limit(self.fetcher.clock().now()));
        }
        Ok(())
    }

    /// Whether the day's own limit allows another call, where no gate looks after that.
    fn may_call(&self) -> bool {
        let Some(limit) = daily_limit(&self.job, self.store.kind()) else {
            return true;
        };
        if self.fetcher.counts_calls() {
            return true;
        }
        let (day, committed) = self.today;
        let committed = if day == kst_date(self.fetcher.clock().now()) {
            committed
        } else {
            0
        };
        // One that is in flight may have been counted already, or not begun yet: the more counts.
        let under_way = self.calls.attempts() + self.calls.in_flight() as u64;
        committed + under_way < u64::from(limit)
    }
}

/// Calls a day (KST) that a job may make; what stands in for OpenDART has no limit of its own.
fn daily_limit(job: &Job, origin: OriginKind) -> Option<u32> {
    job.daily_limit.or(match origin {
        OriginKind::Real => Some(DEFAULT_DAILY_LIMIT),
        OriginKind::Loopback | OriginKind::Sandbox => None,
    })
}
