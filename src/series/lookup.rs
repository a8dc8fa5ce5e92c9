//! The lookup: the engine over a list of shares, its rows stored as they come.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, Utc};

use crate::domain::{CorpCode, FiscalYear, Outcome, Ticker};
use crate::fetch::{Fetcher, Interrupt};
use crate::resolve::dispatcher::Dispatcher;
use crate::resolve::response::ReportKey;
use crate::resolve::step::StepOutcome;
use crate::resolve::stop::Stop;
use crate::resolve::{ResolveError, StepError};
use crate::store::{CachedRow, Store, StoreError};

use super::cached::{is_outdated, shown_rows};
use super::{Series, SeriesRequest};

/// How long a reply is waited for before the interrupt is looked at again.
const TICK: Duration = Duration::from_millis(100);

/// How long calls in flight may take once no more are made, and once they are ended.
const GRACE: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_millis(300);

/// Where a lookup may ask; remembers when asking has become pointless.
pub struct Source<'a> {
    connect: Option<Connect<'a>>,
    fetcher: Option<Arc<Fetcher>>,
    interrupt: Interrupt,
    /// Why no call is made.
    refusal: StepError,
}

type Connect<'a> = Box<dyn FnOnce() -> Option<Arc<Fetcher>> + 'a>;

impl<'a> Source<'a> {
    /// Asks OpenDART for what is missing, until the interrupt is raised.
    #[must_use]
    pub fn dart(fetcher: Arc<Fetcher>, interrupt: Interrupt) -> Self {
        Self::connecting(|| Some(fetcher), interrupt)
    }

    /// The same, by a fetcher that is made when the first call is due; `None` where it cannot be.
    #[must_use]
    pub fn connecting(
        connect: impl FnOnce() -> Option<Arc<Fetcher>> + 'a,
        interrupt: Interrupt,
    ) -> Self {
        Self {
            connect: Some(Box::new(connect)),
            fetcher: None,
            interrupt,
            refusal: StepError::NotAsked,
        }
    }

    /// Never calls.
    #[must_use]
    pub fn offline() -> Self {
        Self {
            connect: None,
            fetcher: None,
            interrupt: Interrupt::new(),
            refusal: StepError::Offline,
        }
    }

    fn fetcher(&mut self) -> Option<Arc<Fetcher>> {
        if let Some(connect) = self.connect.take() {
            self.fetcher = connect();
        }
        self.fetcher.clone()
    }
}

/// Looks up dividends per share: cached rows first, then stored answers, then, unless `source` is
/// offline, OpenDART (alotMatter.json) with calls in flight, storing answers as they come.
///
/// `shares` are tickers, each with its issuer from corpCode.xml; the series come in their order.
/// `now` is UTC.
///
/// # Errors
/// Only where the database or the system fails. What could not be answered is in
/// [`Series::missing`].
pub fn get_dps_series(
    store: &Store,
    source: &mut Source<'_>,
    shares: &[(Ticker, CorpCode)],
    request: &SeriesRequest,
    now: DateTime<Utc>,
) -> Result<Vec<Series>, ResolveError> {
    // The database's precision: what is stored now is to compare as no older than now.
    let now = now.trunc_subsecs(3);
    let mut lookup = Lookup {
        store,
        now,
        dispatcher: Dispatcher::new(store, request.policy(now), now),
        missing: HashMap::new(),
    };
    let run = lookup.run(source, shares, request);
    // Whatever went wrong, what was fetched is kept.
    let stopped = lookup.dispatcher.stop_calls(PATIENCE);
    let saved = lookup.save();
    run.and(stopped).and(saved)?;
    let show = |(ticker, _): &(Ticker, CorpCode)| lookup.show(*ticker, request);
    shares.iter().map(show).collect()
}

struct Lookup<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
    dispatcher: Dispatcher<'a>,
    missing: HashMap<Ticker, Vec<(FiscalYear, StepError)>>,
}

impl Lookup<'_> {
    fn run(
        &mut self,
        source: &mut Source<'_>,
        shares: &[(Ticker, CorpCode)],
        request: &SeriesRequest,
    ) -> Result<(), ResolveError> {
        let groups = request
            .policy(self.now)
            .planner(self.now)
            .groups(request.first, request.last);
        let mut left = shares
            .iter()
            .flat_map(|share| groups.iter().map(move |years| (share, years)));
        let mut is_connected = false;
        let mut next = left.next();
        while next.is_some() || !self.dispatcher.is_empty() {
            while self.dispatcher.has_room()
                && let Some(((ticker, corp_code), years)) = next
            {
                self.dispatcher.enqueue(*ticker, Some(*corp_code), years)?;
                next = left.next();
            }
            self.save()?;
            while let Some((step, outcome)) = self.dispatcher.pop() {
                if let StepOutcome::Failed(why) = outcome {
                    self.miss(step.ticker, step.year, why);
                }
            }
            if source.interrupt.is_raised() {
                self.dispatcher.stop.get_or_insert(Stop::by_signal());
            }
            if self.dispatcher.stop.is_some() {
                source.refusal = StepError::NotAsked;
                source.fetcher = None;
                self.dispatcher.finish_calls(GRACE)?;
                self.dispatcher.stop_calls(PATIENCE)?;
                self.dispatcher.fail_waiting(&source.refusal)?;
                continue;
            }
            if !is_connected && self.dispatcher.wants_calls() {
                let Some(fetcher) = source.fetcher() else {
                    self.dispatcher.fail_waiting(&source.refusal)?;
                    continue;
                };
                self.dispatcher.connect(fetcher, None);
                is_connected = true;
            }
            self.dispatcher.dispatch(u64::MAX)?;
            self.dispatcher.poll_replies(TICK)?;
        }
        Ok(())
    }

    fn miss(&mut self, ticker: Ticker, year: FiscalYear, why: StepError) {
        self.missing.entry(ticker).or_default().push((year, why));
    }

    /// Stores the rows that were read.
    fn save(&mut self) -> Result<(), ResolveError> {
        let rows = self.dispatcher.rows();
        match self.store.save(rows, self.now) {
            Ok(_) => {}
            // One odd answer is that year's trouble, not the whole command's.
            Err(StoreError::Refused { .. }) => {
                let mut refused = Vec::new();
                for row in rows {
                    match self.store.save(std::slice::from_ref(row), self.now) {
                        Ok(_) => {}
                        Err(why @ StoreError::Refused { .. }) => {
                            let why = StepError::NotKept(why.to_string());
                            refused.push((row.year.ticker, row.year.fiscal_year, why));
                        }
                        Err(error) => return Err(error.into()),
                    }
                }
                for (ticker, year, why) in refused {
                    self.miss(ticker, year, why);
                }
            }
            Err(error) => return Err(error.into()),
        }
        self.dispatcher.rows_stored();
        Ok(())
    }

    /// A share's rows as they are now.
    fn show(&self, ticker: Ticker, request: &SeriesRequest) -> Result<Series, ResolveError> {
        let mut missing = self.missing.get(&ticker).cloned().unwrap_or_default();
        missing.retain(|(year, _)| (request.first..=request.last).contains(year));
        missing.sort_by_key(|(year, _)| *year);
        // A value that could not be refreshed is still one; an expired "no report" is not, nor is
        // what an older parser read.
        let is_gone = |row: &CachedRow| {
            let of_it = |(year, _): &(FiscalYear, StepError)| *year == row.year.fiscal_year;
            missing.iter().any(of_it) && (row.year.outcome == Outcome::NoReport || is_outdated(row))
        };
        let mut rows = shown_rows(self.store, ticker, request, self.now)?;
        rows.retain(|row| !is_gone(&row.cached));
        for row in &mut rows {
            let year = &row.cached.year;
            let key = ReportKey {
                corp_code: year.corp_code,
                source_year: year.source_year,
                reprt_code: year.reprt_code,
            };
            row.from_cache =
                !(self.dispatcher.has_fetched(&key) && row.cached.fetched_at >= self.now);
        }
        Ok(Series {
            ticker,
            rows,
            missing,
        })
    }
}
