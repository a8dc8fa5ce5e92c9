//! The dispatcher: owns all state of a run; the workers only call.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use crate::domain::{Company, CorpCode, FiscalYear, Ticker};
use crate::fetch::{Decision, FetchError, Fetcher};
use crate::store::{KnownYear, NewRow, Store};

use super::context::{Context, Policy};
use super::outage::{self, OutageDetector};
use super::queue::Queue;
use super::response::ReportKey;
use super::step::{Step, StepError, StepOutcome};
use super::stop::Stop;
use super::workers::{Call, Reply, Workers};
use super::{ResolveError, reparse_outdated};

/// Answers steps in order: from the database, and, once it has workers, from OpenDART.
#[derive(Debug)]
pub(crate) struct Dispatcher<'a> {
    store: &'a Store,
    policy: Policy,
    now: DateTime<Utc>,
    queue: Queue,
    workers: Option<Workers>,
    companies: CompanyListState,
    share: Option<Share>,
    fetched: HashSet<ReportKey>,
    outage: OutageDetector,
    /// Why no further calls are made.
    pub(crate) stop: Option<Stop>,
    /// Listed companies in a list that came; for whoever takes it.
    pub(crate) new_companies: Option<u64>,
}

/// Whether the list of companies has to be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CompanyListState {
    AsStored,
    Wanted,
    InFlight,
    Current,
}

/// One share's cached years and its issuer, from before anything was asked.
#[derive(Debug)]
struct Share {
    ticker: Ticker,
    years: Vec<KnownYear>,
    corp_code: Option<CorpCode>,
}

impl<'a> Dispatcher<'a> {
    pub(crate) fn new(store: &'a Store, policy: Policy, now: DateTime<Utc>) -> Self {
        Self {
            store,
            policy,
            now,
            queue: Queue::default(),
            workers: None,
            companies: CompanyListState::AsStored,
            share: None,
            fetched: HashSet::new(),
            outage: OutageDetector::default(),
            stop: None,
            new_companies: None,
        }
    }

    /// From now on it may call.
    pub(crate) fn connect(&mut self, fetcher: Arc<Fetcher>, daily_limit: Option<u32>) {
        let is_patient = self.policy.is_patient;
        self.workers = Some(Workers::new(fetcher, daily_limit, is_patient));
    }

    /// Time as it is now; stands still in between.
    pub(crate) fn set_now(&mut self, now: DateTime<Utc>) {
        self.now = now;
    }

    fn with_queue<T>(
        &mut self,
        act: impl FnOnce(&mut Queue, Context<'_>) -> Result<T, ResolveError>,
    ) -> Result<T, ResolveError> {
        let context = Context {
            store: self.store,
            policy: &self.policy,
            now: self.now,
        };
        act(&mut self.queue, context)
    }

    /// Whether further steps may be queued.
    pub(crate) fn has_room(&self) -> bool {
        let is_waiting_for_list = matches!(
            self.companies,
            CompanyListState::Wanted | CompanyListState::InFlight
        );
        !is_waiting_for_list && self.queue.has_room(self.policy.plan)
    }

    /// Queues steps of a share that are planned together; `corp_code` is its issuer, if known.
    /// `false`, and none is queued, where the list of companies has to be fetched first.
    pub(crate) fn enqueue(
        &mut self,
        ticker: Ticker,
        corp_code: Option<CorpCode>,
        years: &[FiscalYear],
    ) -> Result<bool, ResolveError> {
        let mut share = self.share(ticker)?;
        share.corp_code = corp_code.or(share.corp_code);
        let known = |year: FiscalYear| share.years.iter().find(|known| known.fiscal_year == year);
        let is_enough = |context: Context<'_>, year| {
            known(year)
                .filter(|known| context.is_enough(known))
                .copied()
        };
        let context = Context {
            store: self.store,
            policy: &self.policy,
            now: self.now,
        };
        let all_cached = years.iter().all(|year| is_enough(context, *year).is_some());
        if !all_cached && share.corp_code.is_none() {
            share.corp_code = issuer(self.store, &self.policy, ticker)?;
            if share.corp_code.is_none() && !self.is_list_current()? {
                self.companies = CompanyListState::Wanted;
                self.share = Some(share);
                return Ok(false);
            }
        }
        let queue = &mut self.queue;
        let mut left = Vec::new();
        for year in years.iter().copied() {
            let step = Step { ticker, year };
            match (is_enough(context, year), share.corp_code) {
                (Some(known), _) => {
                    let outcome = context.outcome(known.outcome, known.fetched_at);
                    queue.push_settled(step, outcome);
                }
                (None, None) => {
                    let unknown = StepError::UnknownTicker(ticker);
                    queue.push_settled(step, StepOutcome::Failed(unknown));
                }
                (None, Some(_)) => {
                    let missing = context.missing(year, known(year));
                    left.push((missing, queue.push_waiting(step)));
                }
            }
        }
        if let (Some(corp_code), false) = (share.corp_code, left.is_empty()) {
            queue.resolve(context, ticker, corp_code, left)?;
        }
        self.share = Some(share);
        Ok(true)
    }

    fn share(&mut self, ticker: Ticker) -> Result<Share, ResolveError> {
        if let Some(share) = self.share.take_if(|share| share.ticker == ticker) {
            return Ok(share);
        }
        // Before anything is decided: a row that is read again may have expired.
        reparse_outdated(self.store, [ticker], self.now)?;
        let Policy {
            first,
            last,
            reprt_code,
            ..
        } = self.policy;
        Ok(Share {
            ticker,
            years: self.store.known_years(ticker, first, last, reprt_code)?,
            corp_code: None,
        })
    }

    /// Whether the list of companies is as new as can be.
    fn is_list_current(&self) -> Result<bool, ResolveError> {
        let synced_at = match self.companies {
            CompanyListState::Current => return Ok(true),
            CompanyListState::Wanted | CompanyListState::InFlight => return Ok(false),
            CompanyListState::AsStored => self.store.companies_synced_at()?,
        };
        Ok(synced_at.is_some_and(|at| self.now - at < Company::LIST_IS_OLD))
    }

    /// Whether every step that was queued was taken.
    pub(crate) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Whether the first step is settled.
    pub(crate) fn is_ready(&self) -> bool {
        self.queue.is_ready()
    }

    /// Takes the first step, if it is settled.
    pub(crate) fn pop(&mut self) -> Option<(Step, StepOutcome)> {
        self.queue.pop()
    }

    /// Rows that were read and not stored yet.
    pub(crate) fn rows(&self) -> &[NewRow] {
        &self.queue.responses.rows
    }

    /// The rows are stored.
    pub(crate) fn rows_stored(&mut self) {
        self.queue.rows_stored();
    }

    /// Whether a response to it came during this run.
    pub(crate) fn has_fetched(&self, key: &ReportKey) -> bool {
        self.fetched.contains(key)
    }

    pub(crate) fn in_flight(&self) -> usize {
        self.workers.as_ref().map_or(0, Workers::in_flight)
    }

    /// HTTP attempts that were not counted elsewhere yet.
    pub(crate) fn attempts(&self) -> u64 {
        self.workers.as_ref().map_or(0, Workers::attempts)
    }

    /// The same, and they count as counted.
    pub(crate) fn take_attempts(&self) -> u64 {
        self.workers.as_ref().map_or(0, Workers::take_attempts)
    }

    /// Attempts that could not be counted after all.
    pub(crate) fn give_back_attempts(&self, attempts: u64) {
        if let Some(workers) = &self.workers {
            workers.give_back_attempts(attempts);
        }
    }

    /// Starts calls, `most` at most, for the steps that come first.
    pub(crate) fn dispatch(&mut self, most: u64) -> Result<(), ResolveError> {
        let Some(workers) = &mut self.workers else {
            return Ok(());
        };
        let mut left = most;
        if self.companies == CompanyListState::Wanted && left > 0 {
            workers.call(Call::Companies)?;
            self.companies = CompanyListState::InFlight;
            left -= 1;
        }
        while left > 0
            && workers.has_room()
            && let Some(key) = self.queue.next_call()
        {
            workers.call(Call::Report(key))?;
            left -= 1;
        }
        Ok(())
    }

    /// Waits for a reply, and handles all that have come; whether any has.
    pub(crate) fn poll_replies(&mut self, within: Duration) -> Result<bool, ResolveError> {
        let Some(reply) = self.next_reply(within) else {
            return Ok(false);
        };
        self.handle_reply(reply)?;
        while let Some(reply) = self.next_reply(Duration::ZERO) {
            self.handle_reply(reply)?;
        }
        Ok(true)
    }

    /// Handles the replies to the calls in flight that come in time, whatever goes wrong with some.
    pub(crate) fn finish_calls(&mut self, within: Duration) -> Result<(), ResolveError> {
        let until = Instant::now() + within;
        let mut handled = Ok(());
        while self.in_flight() > 0 {
            let left = until.saturating_duration_since(Instant::now());
            match self.poll_replies(left) {
                Ok(true) => {}
                Ok(false) => break,
                failed => handled = handled.and(failed.map(drop)),
            }
        }
        handled
    }

    fn next_reply(&mut self, within: Duration) -> Option<Reply> {
        let workers = self.workers.as_mut()?;
        (workers.in_flight() > 0).then(|| workers.reply(within))?
    }

    /// Ends the calls in flight and handles the replies that come of that in time, whatever goes
    /// wrong with some.
    pub(crate) fn stop_calls(&mut self, patience: Duration) -> Result<(), ResolveError> {
        let replies = match &mut self.workers {
            Some(workers) => workers.stop(patience),
            None => Vec::new(),
        };
        let mut handled = Ok(());
        for reply in replies {
            handled = handled.and(self.handle_reply(reply));
        }
        handled
    }

    fn handle_reply(&mut self, reply: Reply) -> Result<(), ResolveError> {
        match reply {
            Reply::Companies(Ok(list)) => {
                self.store.replace_companies(&list.companies, self.now)?;
                self.companies = CompanyListState::Current;
                self.share = None;
                self.new_companies = Some(list.companies.len() as u64);
                Ok(())
            }
            Reply::Companies(Err(error)) => self.list_failed(&error),
            Reply::Report(key, Ok(answer)) => {
                self.fetched.insert(key);
                let held = self.outage.verdict();
                self.fail(held)?;
                self.with_queue(|queue, context| queue.answered(context, key, answer))
            }
            Reply::Report(key, Err(error)) => self.call_failed(key, error),
            Reply::Panicked => Err(ResolveError::Panicked),
        }
    }

    fn list_failed(&mut self, error: &FetchError) -> Result<(), ResolveError> {
        self.companies = CompanyListState::Wanted;
        match error.decision() {
            Decision::Requeue => {}
            Decision::Stop { reason, resets_at } => {
                self.stop
                    .get_or_insert_with(|| Stop::by_failure(error, reason, resets_at));
            }
            Decision::Fail if self.store.companies_synced_at()?.is_some() => {
                self.companies = CompanyListState::Current;
            }
            Decision::Fail => {
                self.stop.get_or_insert(Stop::without_company_list(error));
            }
            Decision::Abort(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn call_failed(&mut self, key: ReportKey, error: FetchError) -> Result<(), ResolveError> {
        let is_patient = self.policy.is_patient;
        match error.decision() {
            Decision::Requeue => {
                self.queue.requeue(key);
                return Ok(());
            }
            Decision::Stop { reason, resets_at } if is_patient => {
                self.queue.requeue(key);
                self.stop
                    .get_or_insert_with(|| Stop::by_failure(&error, reason, resets_at));
                return Ok(());
            }
            Decision::Abort(error) if is_patient => return Err(error.into()),
            Decision::Stop { .. } | Decision::Abort(_) | Decision::Fail => {}
        }
        if is_patient && outage::is_verdict(&error) {
            let held = self.outage.verdict();
            self.fail(held)?;
            return self.fail(vec![(key, error)]);
        }
        let ends_asking = !is_patient && error.ends_asking();
        self.outage.hold(key, error);
        let outage = if ends_asking {
            self.outage.stop()
        } else {
            self.outage.outage()
        };
        if let Some(stop) = outage {
            self.stop.get_or_insert(stop);
        }
        if is_patient {
            return Ok(());
        }
        self.fail_held()
    }

    /// Whether nothing is left to do but to decide about failures that are held.
    pub(crate) fn is_stalled(&self) -> bool {
        self.outage.is_holding() && self.in_flight() == 0 && !self.wants_calls()
    }

    /// Fails the steps of calls that brought no verdict.
    pub(crate) fn fail_held(&mut self) -> Result<(), ResolveError> {
        let held = self.outage.release();
        self.fail(held)
    }

    /// Stops since no call of the run brought a verdict; whether that is so.
    pub(crate) fn stop_without_verdict(&mut self) -> bool {
        let stop = (!self.outage.has_verdict()).then(|| self.outage.stop());
        self.stop = stop.flatten().or(self.stop.take());
        self.stop.is_some()
    }

    fn fail(&mut self, held: Vec<(ReportKey, FetchError)>) -> Result<(), ResolveError> {
        for (key, error) in held {
            let error = StepError::Fetch(error);
            self.with_queue(|queue, context| queue.failed(context, key, &error))?;
        }
        Ok(())
    }

    /// Fails every step that waits for a response, since no call will be made for it.
    pub(crate) fn fail_waiting(&mut self, why: &StepError) -> Result<(), ResolveError> {
        while let Some(key) = self.queue.next_call() {
            self.with_queue(|queue, context| queue.failed(context, key, why))?;
        }
        Ok(())
    }

    /// Whether a step waits for a response that is not in flight.
    pub(crate) fn wants_calls(&self) -> bool {
        self.companies == CompanyListState::Wanted || self.queue.wants_calls()
    }
}

/// The issuer: from the list of companies, or, where that no longer has the share, from a row.
fn issuer(
    store: &Store,
    policy: &Policy,
    ticker: Ticker,
) -> Result<Option<CorpCode>, ResolveError> {
    if let Some(company) = store.company(ticker)? {
        return Ok(Some(company.corp_code));
    }
    let rows = store.rows(ticker, policy.first, policy.last, policy.reprt_code)?;
    Ok(rows.first().map(|row| row.year.corp_code))
}
