//! `dps series`: dividends per share, year by year.

mod args;
mod columns;
mod history;
mod missing;
mod reports;

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, Utc};

use crate::domain::job::Plan;
use crate::domain::{CorpCode, FiscalYear, ReprtCode, Ticker, increment, kst_date, kst_year};
use crate::resolve::StepError;
use crate::series::{Series, SeriesRequest, SeriesRow, cached_series, get_dps_series};

use super::companies::AppContext;
use super::config::Config;
use super::exit::{Exit, Failure, exit_of_fetch, hints_of_fetch};
use super::output::Format;
use super::{output, report, say, selection};

pub(super) use args::{AdjustArgs, SeriesArgs};
pub(super) use columns::{COLUMNS, OutputRow};
use columns::{fit, par_hint};
pub(super) use missing::{MissingRow, say_missing};

pub(super) fn run(config: &Config, args: SeriesArgs) -> Result<Exit, Failure> {
    let (names, positional) = selection::split_years(&args.words)?;
    let reports = args.report.codes();
    let (first, last) = selection::years(positional, &args.years, reports, Utc::now())?;
    if names.is_empty() && !args.pick.names_any() {
        return Err(Failure::usage(
            "no ticker is given",
            "as dps series 005930; or --tickers, --tickers-file, --from-master",
        ));
    }
    if args.plan == Some(Plan::Window) && !reports.contains(&ReprtCode::Annual) {
        return Err(Failure::usage(
            "--plan window reads annual reports alone",
            "leave out --plan, or --report",
        ));
    }
    // What was replaced is in the database or nowhere.
    let mut session = AppContext::open(config, args.offline || args.history)?;
    let picked = selection::tickers(&mut session, names, &args.pick)?;
    if args.history {
        return history::show(&session.store, picked, (first, last), &args);
    }
    let requests: Vec<SeriesRequest> = reports
        .iter()
        .map(|reprt_code| SeriesRequest {
            first,
            last,
            reprt_code: *reprt_code,
            refresh: args.refresh,
            recheck_recent: args.recheck_recent,
            plan: args.plan,
        })
        .collect();
    let mut gathered = LookupReport {
        unknown: picked.unknown,
        ..LookupReport::default()
    };
    gathered.look_up(&mut session, &picked.tickers, &requests, args.confirm)?;
    if args.format == Format::Table
        && !args.offline
        && let Some(hint) = confirm_hint(&gathered.lines)
    {
        say(&format!("hint: {hint}"));
    }
    print(&mut gathered.lines, (first, last), args.adjust, args.format)?;
    Ok(gathered.conclude(args.pick.skip_unknown, requests.len() > 1))
}

/// Prints rows, and on stderr what a table of them lacks to be compared.
pub(super) fn print(
    lines: &mut [OutputRow],
    (first, last): (FiscalYear, FiscalYear),
    adjust: AdjustArgs,
    format: Format,
) -> Result<(), Failure> {
    fit(lines, adjust);
    output::rows(COLUMNS, lines, format)?;
    if format == Format::Table
        && let Some(newest) = newest_due(Utc::now())
        && let Some(hint) = par_hint(lines, first, last, newest)
    {
        say(&format!("hint: {hint}"));
    }
    Ok(())
}

/// How to make sure of years that paid nothing by their own reports alone.
fn confirm_hint(lines: &[OutputRow]) -> Option<String> {
    let unconfirmed = |line: &&OutputRow| line.row.is_unconfirmed;
    let years = lines.iter().filter(unconfirmed).count();
    let first = lines.iter().find(unconfirmed)?;
    let (ticker, year) = (first.ticker(), first.row.cached.year.fiscal_year);
    let which = match years {
        1 => format!("that {ticker} paid nothing for {year} is"),
        _ => format!("that nothing was paid in {years} of these years, as {ticker} {year}, is"),
    };
    Some(format!(
        "{which} not yet confirmed by the next year's report: --confirm reads it"
    ))
}

/// The newest fiscal year whose annual report is due.
fn newest_due(now: DateTime<Utc>) -> Option<FiscalYear> {
    let this_year = FiscalYear::new(kst_year(now)).ok()?;
    let is_due = |year: &FiscalYear| kst_date(now) > ReprtCode::Annual.due(*year);
    (1..=2).filter_map(|n| this_year.back(n)).find(is_due)
}

/// What was found over all tickers, and what was not.
#[derive(Default)]
struct LookupReport {
    lines: Vec<OutputRow>,
    missing: Vec<MissingRow>,
    unknown: Vec<Failure>,
    /// Why OpenDART cannot be asked, once that is known.
    fatal_error: Option<Failure>,
}

impl LookupReport {
    /// Looks tickers up, each kind of report by itself.
    fn look_up(
        &mut self,
        session: &mut AppContext<'_>,
        tickers: &[Ticker],
        requests: &[SeriesRequest],
        confirm: bool,
    ) -> Result<(), Failure> {
        let mut shares = Vec::new();
        for ticker in tickers {
            if let Some(corp_code) = self.corp_code(session, *ticker, requests)? {
                shares.push((*ticker, corp_code));
            }
        }
        let mut rows: HashMap<Ticker, Vec<SeriesRow>> = HashMap::new();
        for request in requests {
            let (now, offline) = (session.now, session.offline);
            let (store, mut source) = session.source(&mut self.fatal_error);
            let found = get_dps_series(store, &mut source, &shares, request, now);
            drop(source);
            session.count_calls()?;
            for mut series in found? {
                if offline {
                    forgive_what_is_shown(&mut series, request);
                }
                self.miss(request.reprt_code, series.missing, series.ticker);
                rows.entry(series.ticker).or_default().extend(series.rows);
            }
        }
        if confirm {
            self.confirm(session, &shares, &mut rows)?;
        }
        for (ticker, _) in shares {
            let rows = rows.remove(&ticker).unwrap_or_default();
            let company = session.store.company(ticker)?;
            let name = company.map(|company| company.corp_name);
            if requests.len() > 1 {
                self.lines.extend(year_by_year(rows, name.as_deref()));
            } else {
                let lines = rows
                    .into_iter()
                    .map(|row| OutputRow::new(row, name.clone()));
                self.lines.extend(lines);
            }
        }
        Ok(())
    }

    /// Reads the reports that say whether years without a dividend had none, and looks at the years
    /// once more.
    fn confirm(
        &mut self,
        session: &mut AppContext<'_>,
        shares: &[(Ticker, CorpCode)],
        rows: &mut HashMap<Ticker, Vec<SeriesRow>>,
    ) -> Result<(), Failure> {
        let mut by_year: BTreeMap<FiscalYear, Vec<(Ticker, CorpCode)>> = BTreeMap::new();
        for (ticker, corp_code) in shares {
            let unconfirmed = rows.get(ticker).into_iter().flatten();
            for row in unconfirmed.filter(|row| row.is_unconfirmed) {
                if let Ok(next) = FiscalYear::new(row.cached.year.fiscal_year.get() + 1) {
                    by_year.entry(next).or_default().push((*ticker, *corp_code));
                }
            }
        }
        let request = |year| SeriesRequest {
            first: year,
            last: year,
            reprt_code: ReprtCode::Annual,
            refresh: false,
            recheck_recent: 0,
            plan: None,
        };
        for (year, shares) in by_year {
            let now = session.now;
            let (store, mut source) = session.source(&mut self.fatal_error);
            let found = get_dps_series(store, &mut source, &shares, &request(year), now);
            drop(source);
            session.count_calls()?;
            for series in found? {
                self.miss(ReprtCode::Annual, series.missing, series.ticker);
            }
            let Some(before) = year.back(1) else { continue };
            for (ticker, _) in shares {
                let shown = cached_series(&session.store, ticker, &request(before), now)?;
                let rows = rows.entry(ticker).or_default();
                for row in rows.iter_mut().filter(|row| row.is_unconfirmed) {
                    if let Some(again) = shown
                        .iter()
                        .find(|again| again.cached.year.fiscal_year == row.cached.year.fiscal_year)
                    {
                        let from_cache = row.from_cache;
                        *row = again.clone();
                        row.from_cache = from_cache;
                    }
                }
            }
        }
        Ok(())
    }

    /// The issuer: from the company list, or, without one at hand, from a row already cached.
    fn corp_code(
        &mut self,
        session: &mut AppContext<'_>,
        ticker: Ticker,
        requests: &[SeriesRequest],
    ) -> Result<Option<CorpCode>, Failure> {
        if let Some(company) = session.store.company(ticker)? {
            return Ok(Some(company.corp_code));
        }
        for request in requests {
            let SeriesRequest {
                first,
                last,
                reprt_code,
                ..
            } = *request;
            let rows = session.store.rows(ticker, first, last, reprt_code)?;
            if let Some(row) = rows.first() {
                return Ok(Some(row.year.corp_code));
            }
        }
        if self.fatal_error.is_some() {
            self.miss_all(ticker, requests, || StepError::NotAsked);
            return Ok(None);
        }
        match session.company(ticker) {
            Ok(company) => Ok(Some(company.corp_code)),
            Err(Failure::Unknown { .. }) if session.offline => {
                self.miss_all(ticker, requests, || StepError::Offline);
                Ok(None)
            }
            Err(unknown @ Failure::Unknown { .. }) => {
                self.unknown.push(unknown);
                Ok(None)
            }
            Err(failure @ (Failure::NoKey { .. } | Failure::BadKey(_) | Failure::Fetch(_))) => {
                self.fatal_error = Some(failure);
                self.miss_all(ticker, requests, || StepError::NotAsked);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn miss_all(&mut self, ticker: Ticker, requests: &[SeriesRequest], why: fn() -> StepError) {
        for request in requests {
            let years = request.first.through(request.last);
            self.missing.extend(years.map(|year| MissingRow {
                ticker,
                year,
                reprt_code: request.reprt_code,
                why: why(),
            }));
        }
    }

    fn miss(
        &mut self,
        reprt_code: ReprtCode,
        missing: Vec<(FiscalYear, StepError)>,
        ticker: Ticker,
    ) {
        for (year, why) in missing {
            let why = match why {
                StepError::Fetch(error) if error.ends_asking() => {
                    self.fatal_error.get_or_insert(Failure::Fetch(error));
                    StepError::NotAsked
                }
                why => why,
            };
            self.missing.push(MissingRow {
                ticker,
                year,
                reprt_code,
                why,
            });
        }
    }

    /// Says on stderr what is not there, and why; the exit code.
    fn conclude(self, skip_unknown: bool, several_reports: bool) -> Exit {
        for unknown in &self.unknown {
            if skip_unknown {
                say(&format!("skipped: {unknown}"));
            } else {
                report(unknown);
            }
        }
        say_missing(&self.missing, several_reports);
        let is_offline = |lacking: &MissingRow| matches!(lacking.why, StepError::Offline);
        if self.missing.iter().any(is_offline) {
            say("hint: without --offline OpenDART is asked for what is missing");
        }
        let failed = self.missing.iter().find_map(|lacking| match &lacking.why {
            StepError::Fetch(error) => Some(error),
            _ => None,
        });
        if let Some(failure) = &self.fatal_error {
            report(failure);
        } else if let Some(error) = failed {
            hints_of_fetch(error)
                .iter()
                .for_each(|hint| say(&format!("hint: {hint}")));
        }
        let all_there = self.missing.is_empty() && (self.unknown.is_empty() || skip_unknown);
        match (&self.fatal_error, failed) {
            (None, _) if all_there && !self.lines.is_empty() => Exit::Done,
            _ if !self.lines.is_empty() => Exit::Partly,
            (Some(failure), _) => failure.exit(),
            (None, Some(error)) => exit_of_fetch(error),
            (None, None) => Exit::Error,
        }
    }
}

/// A value that would be asked again is no less there where asking is not wanted; unless what was
/// asked for is the year's own report, and this is a later one's.
fn forgive_what_is_shown(series: &mut Series, request: &SeriesRequest) {
    let Series { rows, missing, .. } = series;
    let is_shown = |row: &SeriesRow, year: FiscalYear| {
        let of = &row.cached.year;
        let will_do = request.plan != Some(Plan::Own) || of.source_year == year.own_source();
        of.fiscal_year == year && will_do
    };
    missing.retain(|(year, _)| !rows.iter().any(|row| is_shown(row, *year)));
}

/// One ticker's rows of every report as each year went, and what each report adds.
fn year_by_year(mut rows: Vec<SeriesRow>, corp_name: Option<&str>) -> Vec<OutputRow> {
    rows.sort_by_key(|row| (row.cached.year.fiscal_year, row.cached.year.reprt_code));
    let mut lines: Vec<OutputRow> = Vec::with_capacity(rows.len());
    for row in rows {
        // The three other reports of a year are all there can be before it.
        let before = lines.iter().rev().take(3).map(|line| &line.row.cached.year);
        let added = increment(before, &row.cached.year);
        let mut line = OutputRow::new(row, corp_name.map(str::to_owned));
        line.increment = Some(added);
        lines.push(line);
    }
    lines
}
