//! `dps series`: dividends per share, year by year.

mod columns;
mod history;
mod missing;
mod reports;

use chrono::{DateTime, Utc};

use crate::domain::job::Plan;
use crate::domain::{CorpCode, FiscalYear, ReprtCode, Ticker, increment, kst_date, kst_year};
use crate::fetch::Interrupt;
use crate::series::{Missing, Series, SeriesRequest, SeriesRow, Source, get_dps_series};

use super::args::{AdjustArgs, Format, SeriesArgs};
use super::companies::AppContext;
use super::config::Config;
use super::exit::{Exit, Failure, exit_of_fetch, hints_of_fetch};
use super::{output, report, say, selection};

pub(super) use columns::{COLUMNS, OutputRow};
use columns::{fit, par_hint};
pub(super) use missing::{MissingRow, say_missing};
pub(super) use reports::Reports;

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
    for ticker in picked.tickers {
        gathered.add(&mut session, ticker, &requests)?;
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
    /// Looks a ticker up, each kind of report by itself.
    fn add(
        &mut self,
        session: &mut AppContext<'_>,
        ticker: Ticker,
        requests: &[SeriesRequest],
    ) -> Result<(), Failure> {
        let Some(corp_code) = self.corp_code(session, ticker, requests)? else {
            return Ok(());
        };
        let mut rows = Vec::new();
        for request in requests {
            let series = self.look_up(session, ticker, corp_code, request)?;
            self.miss(session, request.reprt_code, series.missing, ticker);
            rows.extend(series.rows);
        }
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
        Ok(())
    }

    /// One ticker's rows of one kind of report: without a call where that will do.
    fn look_up(
        &mut self,
        session: &mut AppContext<'_>,
        ticker: Ticker,
        corp_code: CorpCode,
        request: &SeriesRequest,
    ) -> Result<Series, Failure> {
        let now = session.now;
        let mut offline = Source::offline();
        let series = get_dps_series(
            &mut session.store,
            &mut offline,
            ticker,
            corp_code,
            request,
            now,
        )?;
        let may_ask = !session.offline && self.fatal_error.is_none();
        if series.missing.is_empty() || !may_ask {
            return Ok(if session.offline {
                less_what_is_shown(series, request)
            } else {
                series
            });
        }
        match session.connect() {
            Ok((connection, store)) => {
                let mut dart = Source::dart(&connection.fetcher, Interrupt::default());
                let asked = get_dps_series(store, &mut dart, ticker, corp_code, request, now);
                connection.count_calls(store)?;
                Ok(asked?)
            }
            Err(failure) => {
                self.fatal_error = Some(failure);
                Ok(series)
            }
        }
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
            self.miss_all(ticker, requests, || Missing::NotAsked);
            return Ok(None);
        }
        match session.company(ticker) {
            Ok(company) => Ok(Some(company.corp_code)),
            Err(Failure::Unknown { .. }) if session.offline => {
                self.miss_all(ticker, requests, || Missing::Offline);
                Ok(None)
            }
            Err(unknown @ Failure::Unknown { .. }) => {
                self.unknown.push(unknown);
                Ok(None)
            }
            Err(failure @ (Failure::NoKey { .. } | Failure::BadKey(_) | Failure::Fetch(_))) => {
                self.fatal_error = Some(failure);
                self.miss_all(ticker, requests, || Missing::NotAsked);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn miss_all(&mut self, ticker: Ticker, requests: &[SeriesRequest], why: fn() -> Missing) {
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
        session: &AppContext<'_>,
        reprt_code: ReprtCode,
        missing: Vec<(FiscalYear, Missing)>,
        ticker: Ticker,
    ) {
        for (year, why) in missing {
            let why = match why {
                Missing::Fetch(error) if error.ends_asking() => {
                    self.fatal_error.get_or_insert(Failure::Fetch(error));
                    Missing::NotAsked
                }
                // Not by the user's wish, but because there was no asking.
                Missing::Offline if !session.offline => Missing::NotAsked,
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
        let is_offline = |lacking: &MissingRow| matches!(lacking.why, Missing::Offline);
        if self.missing.iter().any(is_offline) {
            say("hint: without --offline OpenDART is asked for what is missing");
        }
        let failed = self.missing.iter().find_map(|lacking| match &lacking.why {
            Missing::Fetch(error) => Some(error),
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
fn less_what_is_shown(mut series: Series, request: &SeriesRequest) -> Series {
    let Series { rows, missing, .. } = &mut series;
    let is_shown = |row: &SeriesRow, year: FiscalYear| {
        let of = &row.cached.year;
        let will_do = request.plan != Some(Plan::Own) || of.source_year == year.own_source();
        of.fiscal_year == year && will_do
    };
    missing.retain(|(year, _)| !rows.iter().any(|row| is_shown(row, *year)));
    series
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
