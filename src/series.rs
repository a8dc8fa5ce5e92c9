//! The write-through lookup: the database first, OpenDART only for what is missing.
//!
//! Missing is what has no row, has expired, or is asked for anew. It is answered, in this order,
//! from an answer that is already stored (another year's, or a sibling share's of the same
//! issuer), and by the fewest calls otherwise. Each answer is stored in a transaction of its own,
//! so that an interruption keeps what was learnt.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;

use crate::domain::{
    CorpCode, DividendYear, FiscalYear, Outcome, ReprtCode, Ticker, Won, adjustment_factor,
    expires_at, kst_date,
};
use crate::fetch::{FetchError, Fetcher, Interrupt};
use crate::opendart::Answer;
use crate::opendart::alot_matter::{
    Column, PARSER_VERSION, PayloadError, Report, UnreadableAnswer, pack, unpack,
};
use crate::store::{CachedRow, NewRow, Store, StoreError, StoredAnswer};

/// Which years of which report are wanted, and how fresh.
#[derive(Debug, Clone)]
pub struct SeriesRequest {
    /// The first fiscal year.
    pub first: FiscalYear,
    /// The last fiscal year, included.
    pub last: FiscalYear,
    /// The report to ask for.
    pub reprt_code: ReprtCode,
    /// Ask again for every year, whatever is stored.
    pub refresh: bool,
    /// Ask again for so many of the latest years of the range.
    pub recheck_recent: u16,
}

impl SeriesRequest {
    fn asks_anew(&self, year: FiscalYear) -> bool {
        self.refresh || self.last.get() - year.get().min(self.last.get()) < self.recheck_recent
    }
}

/// A row of a series.
#[derive(Debug, Clone)]
pub struct SeriesRow {
    /// What is stored.
    pub cached: CachedRow,
    /// Whether it took no call to show it.
    pub from_cache: bool,
    /// By what `dps_cash` is divided to compare it with today's shares; `None` where a par value
    /// is unknown.
    pub adjustment_factor: Option<Decimal>,
}

impl SeriesRow {
    /// The dividend in today's shares, won per share, to six decimals.
    #[must_use]
    pub fn dps_cash_adjusted(&self) -> Option<Won> {
        let adjusted = self
            .cached
            .year
            .dps_cash?
            .get()
            .checked_div(self.adjustment_factor?)?;
        Some(Won::from(adjusted.round_dp(6)))
    }
}

/// Why a year of a series cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Missing {
    /// It is not stored, and asking was not allowed.
    #[error("not in the database")]
    Offline,
    /// An earlier call met something that makes later ones pointless.
    #[error("not asked: OpenDART could not be used")]
    NotAsked,
    /// The call for it failed.
    #[error("{0}")]
    Fetch(#[source] FetchError),
    /// Its answer could not be read.
    #[error("{0}")]
    Unreadable(#[from] UnreadableAnswer),
}

/// One ticker's years.
#[derive(Debug)]
pub struct Series {
    /// The ticker asked for.
    pub ticker: Ticker,
    /// What can be shown, years ascending.
    pub rows: Vec<SeriesRow>,
    /// What could not be learnt, and why; years ascending. A year that was to be refreshed may
    /// stand among the rows all the same, as it was.
    pub missing: Vec<(FiscalYear, Missing)>,
}

/// What makes a lookup impossible altogether.
#[derive(Debug, thiserror::Error)]
pub enum SeriesError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// An answer could not be packed for the database or unpacked from it.
    #[error("the stored answer of corp_code {corp_code} for {source_year} is damaged")]
    Payload {
        /// The issuer.
        corp_code: CorpCode,
        /// The report's fiscal year.
        source_year: FiscalYear,
        /// What is wrong.
        source: PayloadError,
    },
}

/// Where a lookup may ask; remembers when asking has become pointless.
pub struct Source<'a> {
    fetcher: Option<&'a Fetcher>,
    interrupt: Interrupt,
    stopped: bool,
}

impl<'a> Source<'a> {
    /// Asks OpenDART for what is missing.
    #[must_use]
    pub fn dart(fetcher: &'a Fetcher, interrupt: Interrupt) -> Self {
        Self {
            fetcher: Some(fetcher),
            interrupt,
            stopped: false,
        }
    }

    /// Never calls.
    #[must_use]
    pub fn offline() -> Self {
        Self {
            fetcher: None,
            interrupt: Interrupt::default(),
            stopped: false,
        }
    }

    fn ask(&mut self, question: Question) -> Result<Answer, Missing> {
        let Some(fetcher) = self.fetcher else {
            return Err(Missing::Offline);
        };
        if self.stopped {
            return Err(Missing::NotAsked);
        }
        let Question {
            corp_code,
            source_year,
            reprt_code,
        } = question;
        fetcher
            .alot_matter(corp_code, source_year, reprt_code, &self.interrupt)
            .map_err(|error| {
                self.stopped = !matches!(error, FetchError::Failed(_));
                Missing::Fetch(error)
            })
    }
}

/// What one call asks.
#[derive(Debug, Clone, Copy)]
struct Question {
    corp_code: CorpCode,
    source_year: FiscalYear,
    reprt_code: ReprtCode,
}

/// Looks up a ticker's dividends per share: cached rows first, then stored answers, then, unless
/// `source` is offline, OpenDART (alotMatter.json), storing each answer as it comes.
///
/// `corp_code` is the issuer's, from corpCode.xml; `now` is UTC.
///
/// # Errors
/// Only where the database fails. What cannot be learnt is in [`Series::missing`].
pub fn get_dps_series(
    store: &mut Store,
    source: &mut Source<'_>,
    ticker: Ticker,
    corp_code: CorpCode,
    request: &SeriesRequest,
    now: DateTime<Utc>,
) -> Result<Series, SeriesError> {
    let mut lookup = Lookup {
        store,
        ticker,
        corp_code,
        reprt_code: request.reprt_code,
        now,
    };
    let cached = lookup
        .store
        .rows(ticker, request.first, request.last, request.reprt_code)?;
    let mut rows: BTreeMap<FiscalYear, CachedRow> = cached
        .into_iter()
        .map(|row| (row.year.fiscal_year, row))
        .collect();
    let stale: Vec<FiscalYear> = rows
        .values()
        .filter(|row| is_outdated(row))
        .map(year_of)
        .collect();
    for year in stale {
        if let Some(row) = lookup.derive_again(year)? {
            rows.insert(year, row);
        }
    }

    let mut missing = Vec::new();
    let mut called = BTreeSet::new();
    for (source_year, years) in lookup.missing_by_report(request, &rows) {
        let anew = years.iter().any(|year| request.asks_anew(*year));
        let question = Question {
            corp_code,
            source_year,
            reprt_code: request.reprt_code,
        };
        let stored = if anew {
            None
        } else {
            lookup.answer_in_store(question)?
        };
        let learnt = match stored {
            Some(answer) => Ok(answer),
            None => source.ask(question).map(|answer| {
                called.insert(source_year);
                Known {
                    answer,
                    fetched_at: now,
                    is_new: true,
                }
            }),
        };
        let failure = match learnt {
            Ok(known) => lookup.settle(source, question, &known, &years)?.err(),
            Err(missing) => Some(missing),
        };
        if let Some(why) = failure {
            let mut why = Some(why);
            for year in years {
                missing.push((year, why.take().unwrap_or(Missing::NotAsked)));
            }
        }
    }
    lookup.show(request, &called, missing)
}

fn year_of(row: &CachedRow) -> FiscalYear {
    row.year.fiscal_year
}

/// Read by an older parser. A row without a report has nothing that could be read anew.
fn is_outdated(row: &CachedRow) -> bool {
    row.parser_version < PARSER_VERSION && row.year.outcome != Outcome::NoReport
}

/// An answer and when it was given.
struct Known {
    answer: Answer,
    fetched_at: DateTime<Utc>,
    is_new: bool,
}

/// One ticker's lookup under way.
struct Lookup<'a> {
    store: &'a mut Store,
    ticker: Ticker,
    corp_code: CorpCode,
    reprt_code: ReprtCode,
    now: DateTime<Utc>,
}

impl Lookup<'_> {
    /// The years to be learnt, by the report that states them.
    fn missing_by_report(
        &self,
        request: &SeriesRequest,
        rows: &BTreeMap<FiscalYear, CachedRow>,
    ) -> BTreeMap<FiscalYear, Vec<FiscalYear>> {
        let mut by_report: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for year in request.first.through(request.last) {
            let expired = |row: &CachedRow| row.expires_at.is_some_and(|at| at <= self.now);
            if request.asks_anew(year) || rows.get(&year).is_none_or(expired) {
                by_report
                    .entry(self.source_year(year))
                    .or_default()
                    .push(year);
            }
        }
        by_report
    }

    /// The year's own report. Only the annual one of 2015 also speaks for the years before it.
    fn source_year(&self, year: FiscalYear) -> FiscalYear {
        match self.reprt_code {
            ReprtCode::Annual => year.own_source(),
            _ => year,
        }
    }

    /// An answer already stored: for another year, or for another share of the issuer.
    fn answer_in_store(&self, question: Question) -> Result<Option<Known>, SeriesError> {
        let Question {
            corp_code,
            source_year,
            reprt_code,
        } = question;
        Ok(
            match self
                .store
                .stored_answer(corp_code, source_year, reprt_code)?
            {
                Some(StoredAnswer::Payload {
                    deflated,
                    fetched_at,
                    ..
                }) => {
                    let body = unpack(&deflated).map_err(|source| SeriesError::Payload {
                        corp_code,
                        source_year,
                        source,
                    })?;
                    Some(Known {
                        answer: Answer::Report(body),
                        fetched_at,
                        is_new: false,
                    })
                }
                Some(StoredAnswer::NoReport {
                    fetched_at,
                    expires_at,
                }) if expires_at.is_none_or(|at| at > self.now) => Some(Known {
                    answer: Answer::NoData,
                    fetched_at,
                    is_new: false,
                }),
                Some(StoredAnswer::NoReport { .. }) | None => None,
            },
        )
    }

    /// Stores what an answer says about the years it was asked for and about its own.
    fn settle(
        &mut self,
        source: &mut Source<'_>,
        question: Question,
        known: &Known,
        years: &[FiscalYear],
    ) -> Result<Result<(), Missing>, SeriesError> {
        let rows = match &known.answer {
            Answer::NoData => self.no_report(question, years, known.fetched_at),
            Answer::Report(body) => {
                let Question {
                    corp_code,
                    source_year,
                    reprt_code,
                } = question;
                let report = match Report::read(body, corp_code, source_year, reprt_code) {
                    Ok(report) => report,
                    Err(why) => return Ok(Err(Missing::Unreadable(why))),
                };
                let annual = match self.annual_beside(source, question, &report)? {
                    Ok(annual) => annual,
                    Err(missing) => return Ok(Err(missing)),
                };
                self.stated(question, years, known, &report, annual.as_ref())?
            }
        };
        self.store.save(&rows, self.now)?;
        Ok(Ok(()))
    }

    fn no_report(
        &self,
        question: Question,
        years: &[FiscalYear],
        fetched_at: DateTime<Utc>,
    ) -> Vec<NewRow> {
        let Question {
            corp_code,
            source_year,
            reprt_code,
        } = question;
        let none = |year: &FiscalYear| NewRow {
            year: DividendYear::no_report(self.ticker, corp_code, *year, reprt_code, source_year),
            payload: None,
            parser_version: PARSER_VERSION,
            fetched_at,
            expires_at: expires_at(Outcome::NoReport, source_year, reprt_code, fetched_at),
        };
        with_own_year(source_year, years).iter().map(none).collect()
    }

    fn stated(
        &self,
        question: Question,
        years: &[FiscalYear],
        known: &Known,
        report: &Report,
        annual: Option<&Report>,
    ) -> Result<Vec<NewRow>, SeriesError> {
        let Question {
            corp_code,
            source_year,
            ..
        } = question;
        let packed = match &known.answer {
            Answer::Report(body) if known.is_new => {
                Some(pack(body).map_err(|source| SeriesError::Payload {
                    corp_code,
                    source_year,
                    source,
                })?)
            }
            _ => None,
        };
        let row = |year: FiscalYear| {
            let column = Column::of(source_year, year)?;
            let stated = report.dividend_year(self.ticker, column, annual)?;
            Some(NewRow {
                payload: packed.clone().filter(|_| stated.is_own()),
                year: stated,
                parser_version: PARSER_VERSION,
                fetched_at: known.fetched_at,
                expires_at: None,
            })
        };
        Ok(with_own_year(source_year, years)
            .into_iter()
            .filter_map(row)
            .collect())
    }

    /// The annual report by which an interim one that copies it is found out: the one before, or
    /// else the same year's; from the database, or asked for where the interim report states a
    /// dividend that has to be vouched for.
    fn annual_beside(
        &mut self,
        source: &mut Source<'_>,
        question: Question,
        report: &Report,
    ) -> Result<Result<Option<Report>, Missing>, SeriesError> {
        let is_interim = question.reprt_code != ReprtCode::Annual;
        if !(is_interim && report.states_a_dividend(self.ticker)) {
            return Ok(Ok(None));
        }
        let year = question.source_year;
        let is_due = |year: &FiscalYear| kst_date(self.now) > ReprtCode::Annual.due(*year);
        let before = year
            .back(1)
            .filter(|year| *year >= FiscalYear::FIRST_REPORT);
        for source_year in before.into_iter().chain(Some(year).filter(is_due)) {
            let annual = Question {
                source_year,
                reprt_code: ReprtCode::Annual,
                ..question
            };
            let known = match self.answer_in_store(annual)? {
                Some(known) => known,
                None => match source.ask(annual) {
                    Ok(answer) => Known {
                        answer,
                        fetched_at: self.now,
                        is_new: true,
                    },
                    Err(missing) => return Ok(Err(missing)),
                },
            };
            if known.is_new
                && let Err(missing) = self.settle(source, annual, &known, &[source_year])?
            {
                return Ok(Err(missing));
            }
            if let Answer::Report(body) = &known.answer {
                let read = Report::read(body, annual.corp_code, source_year, annual.reprt_code);
                return Ok(read.map(Some).map_err(Missing::Unreadable));
            }
        }
        Ok(Ok(None))
    }

    /// Reads a stored answer with today's parser; `None` where the answer is not kept.
    fn derive_again(&mut self, year: FiscalYear) -> Result<Option<CachedRow>, SeriesError> {
        let question = Question {
            corp_code: self.corp_code,
            source_year: self.source_year(year),
            reprt_code: self.reprt_code,
        };
        let Some(known) = self.answer_in_store(question)? else {
            return Ok(None);
        };
        // An answer that today's parser refuses leaves the row as it is.
        let _unreadable = self.settle(&mut Source::offline(), question, &known, &[year])?;
        Ok(self.store.row(self.ticker, year, self.reprt_code)?)
    }

    /// The rows as they are now.
    fn show(
        self,
        request: &SeriesRequest,
        called: &BTreeSet<FiscalYear>,
        mut missing: Vec<(FiscalYear, Missing)>,
    ) -> Result<Series, SeriesError> {
        missing.sort_by_key(|(year, _)| *year);
        // A value that could not be refreshed is still one; an expired "no report" is not.
        let is_gone = |row: &CachedRow| {
            row.year.outcome == Outcome::NoReport
                && missing
                    .iter()
                    .any(|(year, _)| *year == row.year.fiscal_year)
        };
        let par_now = self.store.latest_par(self.ticker)?.map(|(_, par)| par);
        let rows = self
            .store
            .rows(self.ticker, request.first, request.last, self.reprt_code)?;
        let rows = rows.into_iter().filter(|row| !is_gone(row));
        let rows: Vec<SeriesRow> = rows
            .map(|cached| SeriesRow {
                from_cache: !called.contains(&cached.year.source_year),
                adjustment_factor: adjustment_factor(cached.year.par_value, par_now),
                cached,
            })
            .collect();
        Ok(Series {
            ticker: self.ticker,
            rows,
            missing,
        })
    }
}

/// An answer is kept with the row of its own year, so that one is always stored beside the others.
fn with_own_year(source_year: FiscalYear, years: &[FiscalYear]) -> BTreeSet<FiscalYear> {
    years.iter().copied().chain([source_year]).collect()
}
