//! A run of a job: queues its steps in the engine and commits them, until something ends it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use chrono::NaiveDate;

use crate::domain::job::{Job, JobId, JobStatus, StopReason};
use crate::domain::{FiscalYear, OriginKind, Ticker, kst_date};
use crate::fetch::{Fetcher, Interrupt};
use crate::resolve::ResolveError;
use crate::resolve::context::Policy;
use crate::resolve::dispatcher::Dispatcher;
use crate::resolve::stop::Stop;
use crate::store::Store;

use super::heartbeat::Heartbeat;
use super::lease::{self, JobLock};
use super::{DEFAULT_DAILY_LIMIT, Event, JobError, plan};

/// How long calls in flight may take where a run stops by itself.
pub(super) const GRACE: Duration = Duration::from_secs(1);

/// How long a reply is waited for before the job's row and the interrupt are looked at again.
const TICK: Duration = Duration::from_millis(100);

/// How a job is to be run.
#[derive(Debug, Clone)]
pub struct RunnerOptions {
    /// Raised by Ctrl-C and the like: the job becomes CANCELLED, and what was fetched is kept.
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

/// The right to run a job, and its engine with the calls in flight.
///
/// Dropping it stores what was fetched, ends the calls in flight and gives the lease back; the job
/// stays RUNNING, to be resumed, unless it has stopped or is DONE.
pub struct Runner<'a> {
    pub(super) store: &'a Store,
    pub(super) fetcher: Arc<Fetcher>,
    pub(super) job: Job,
    pub(super) token: String,
    pub(super) options: RunnerOptions,
    pub(super) dispatcher: Dispatcher<'a>,
    /// The steps that are left to queue.
    pub(super) steps: StepsLeft,
    pub(super) fingerprint: String,
    /// Today (KST), and the calls made with the key, as far as they were committed; not used where
    /// the gate counts them.
    pub(super) today: (NaiveDate, u64),
    /// The state that a run for retries restores.
    pub(super) restored: (JobStatus, Option<StopReason>),
    pub(super) heartbeat: Heartbeat,
    began: bool,
    pub(super) is_over: bool,
    /// The kernel gives it back, and this before.
    pub(super) lock: Option<JobLock>,
}

/// The steps that are left to queue.
#[derive(Debug)]
pub(super) enum StepsLeft {
    /// Those of the job from this one on; the cursor moves with them.
    From(u64),
    /// Those that failed, to be asked again; the cursor stands still.
    Failed(VecDeque<(Ticker, FiscalYear)>),
}

impl std::fmt::Debug for Runner<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Runner")
            .field("job_id", &self.job.job_id)
            .field("in_flight", &self.dispatcher.in_flight())
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
        let policy = Policy::of_job(&job, job.started_at.unwrap_or(now));
        let mut dispatcher = Dispatcher::new(store, policy, now);
        dispatcher.connect(Arc::clone(&fetcher), daily_limit(&job, store.kind()));
        Ok(Self {
            store,
            token: lease.token,
            options,
            dispatcher,
            steps: StepsLeft::From(job.processed_count),
            today: (day, store.calls_on(&fingerprint, day)?),
            fingerprint,
            restored: (before.status, before.stop_reason),
            heartbeat: Heartbeat::new(store)?,
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

    /// Commits at most so many steps, rounded up to those that one call settles (under plan window
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
        if let Err(error) = &ended {
            if matches!(error, JobError::Resolve(ResolveError::Gate(_))) {
                // Calls that already have a slot are counted: their answers are kept. What else
                // fails meanwhile fails for the same reason.
                let _same = self.dispatcher.finish_calls(GRACE);
            }
            self.abort();
        }
        ended.map(|()| self.job.clone())
    }

    fn run_to(&mut self, step_limit: u64, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        self.started(on_event);
        let until = self.job.processed_count.saturating_add(step_limit);
        let until = plan::round_up(&self.job, until);
        while !self.is_over {
            self.check_interrupt();
            self.enqueue(until)?;
            self.commit_ready(until, None, on_event)?;
            let is_there = self.job.processed_count >= until && self.dispatcher.stop.is_none();
            if self.is_over || is_there {
                break;
            }
            self.drive(on_event)?;
        }
        Ok(())
    }

    pub(super) fn started(&mut self, on_event: &mut dyn FnMut(Event)) {
        if self.is_over || self.began {
            return;
        }
        self.began = true;
        on_event(Event::Started {
            job_id: self.job.job_id,
            processed: self.job.processed_count,
            total: self.job.total_steps(),
        });
    }

    /// Makes the calls that may be made, and handles replies, unless steps are ready as it is.
    pub(super) fn drive(&mut self, on_event: &mut dyn FnMut(Event)) -> Result<(), JobError> {
        if self.dispatcher.stop.is_none() {
            self.dispatch()?;
        }
        if let Some(stop) = self.dispatcher.stop.clone() {
            return self.conclude(stop, on_event);
        }
        if !self.dispatcher.is_ready() {
            if self.dispatcher.is_stalled() {
                return self.decide_held();
            }
            if self.dispatcher.in_flight() > 0 && !self.dispatcher.poll_replies(TICK)? {
                on_event(Event::Tick);
            }
            if let Some(companies) = self.dispatcher.new_companies.take() {
                on_event(Event::CompaniesFetched { companies });
            }
            self.check_ownership(on_event)?;
        }
        Ok(())
    }

    /// Notices an interrupt, also where steps are ready one after the other and nothing is asked.
    pub(super) fn check_interrupt(&mut self) {
        if self.options.interrupt.is_raised() && !self.is_over {
            self.dispatcher.stop.get_or_insert(Stop::by_signal());
        }
    }

    /// Every call that is left brought no verdict. Where none of the job ever did, the source is
    /// down; else those steps have failed.
    fn decide_held(&mut self) -> Result<(), JobError> {
        let is_last = matches!(self.steps, StepsLeft::From(next) if next >= self.job.total_steps());
        let has_succeeded = self.job.success_count + self.job.skip_count > 0;
        if !(is_last && !has_succeeded && self.dispatcher.stop_without_verdict()) {
            self.dispatcher.fail_held()?;
        }
        Ok(())
    }

    /// Queues steps, as far ahead as may be.
    pub(super) fn enqueue(&mut self, until: u64) -> Result<(), JobError> {
        self.dispatcher.set_now(self.fetcher.clock().now());
        while self.dispatcher.stop.is_none()
            && self.dispatcher.has_room()
            && let Some((ticker, years)) = self.next_steps(until)
        {
            if !self.dispatcher.enqueue(ticker, None, &years)? {
                break;
            }
            match &mut self.steps {
                StepsLeft::From(next) => *next += years.len() as u64,
                StepsLeft::Failed(left) => drop(left.drain(..years.len())),
            }
        }
        Ok(())
    }

    /// The next steps that are planned together: one share, and its years.
    fn next_steps(&self, until: u64) -> Option<(Ticker, Vec<FiscalYear>)> {
        match &self.steps {
            StepsLeft::From(next) if *next < until || self.options.looks_ahead => {
                plan::together(&self.job, *next)
            }
            StepsLeft::From(_) => None,
            StepsLeft::Failed(left) => plan::first_together(&self.job, left.iter().copied()),
        }
    }

    /// Starts calls, as many as may be in flight and the day's limit allows.
    fn dispatch(&mut self) -> Result<(), JobError> {
        let budget = self.calls_left();
        self.dispatcher.dispatch(budget)?;
        // Nothing is in flight, and nothing is ready: only the limit can be in the way.
        if budget == 0 && self.dispatcher.in_flight() == 0 && !self.dispatcher.is_ready() {
            let stop = Stop::by_own_limit(self.fetcher.clock().now());
            self.dispatcher.stop = Some(stop);
        }
        Ok(())
    }

    /// Calls that the day's own limit still allows, where no gate counts them.
    fn calls_left(&self) -> u64 {
        let Some(limit) = daily_limit(&self.job, self.store.kind()) else {
            return u64::MAX;
        };
        if self.fetcher.counts_calls() {
            return u64::MAX;
        }
        let (day, committed) = self.today;
        let is_today = day == kst_date(self.fetcher.clock().now());
        let committed = if is_today { committed } else { 0 };
        // One that is in flight may have been counted already, or not begun yet: the more counts.
        let under_way = self.dispatcher.attempts() + self.dispatcher.in_flight() as u64;
        u64::from(limit).saturating_sub(committed + under_way)
    }
}

/// Calls a day (KST) that a job may make; what stands in for OpenDART has no limit of its own.
fn daily_limit(job: &Job, origin: OriginKind) -> Option<u32> {
    job.daily_limit.or(match origin {
        OriginKind::Real => Some(DEFAULT_DAILY_LIMIT),
        OriginKind::Loopback | OriginKind::Sandbox => None,
    })
}
