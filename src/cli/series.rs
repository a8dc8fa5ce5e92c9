//! `dps series`: dividends per share, year by year.

use crate::domain::{FiscalYear, Ticker};
use crate::fetch::Interrupt;
use crate::series::{Missing, Series, SeriesRequest, SeriesRow, Source, get_dps_series};

use super::args::SeriesArgs;
use super::companies::Session;
use super::config::Config;
use super::exit::{Exit, Failure, exit_of_fetch, hints_of_fetch};
use super::output::{self, Cell, Column, column, in_data, in_table};
use super::{pick, report, say};

/// A row and the name that stands beside its ticker.
pub(super) struct Line {
    pub(super) row: SeriesRow,
    pub(super) corp_name: Option<String>,
}

/// The columns of `dividend_dps_cache` less raw_payload, and what a reader needs beside them.
pub(super) const COLUMNS: &[Column<Line>] = &[
    column("ticker", "Ticker", |l| Cell::text(l.row.cached.year.ticker)),
    column("corp_name", "Company", |l| {
        Cell::maybe_text(l.corp_name.as_ref())
    }),
    column("fiscal_year", "Year", |l| {
        Cell::Plain(l.row.cached.year.fiscal_year.get().into())
    }),
    in_data("reprt_code", |l| Cell::text(l.row.cached.year.reprt_code)),
    in_data("corp_code", |l| Cell::text(l.row.cached.year.corp_code)),
    in_data("corp_cls", |l| {
        Cell::maybe_text(
            l.row
                .cached
                .year
                .corp_cls
                .map(crate::domain::CorpCls::as_str),
        )
    }),
    column("dps_cash", "DPS (won)", |l| {
        Cell::maybe(l.row.cached.year.dps_cash)
    }),
    column("outcome", "Outcome", |l| {
        Cell::text(l.row.cached.year.outcome)
    }),
    column("par_value", "Par (won)", |l| {
        Cell::maybe(l.row.cached.year.par_value)
    }),
    in_data("dps_stock", |l| Cell::maybe(l.row.cached.year.dps_stock)),
    column("cash_yield_pct", "Yield (%)", |l| {
        Cell::maybe(l.row.cached.year.cash_yield_pct)
    }),
    column("payout_ratio_pct", "Payout (%)", |l| {
        Cell::maybe(l.row.cached.year.payout_ratio_pct)
    }),
    in_data("eps", |l| Cell::maybe(l.row.cached.year.eps)),
    in_data("cash_total", |l| Cell::maybe(l.row.cached.year.cash_total)),
    column("stlm_dt", "Settled", |l| {
        Cell::maybe_text(l.row.cached.year.stlm_dt)
    }),
    column("rcept_no", "Filing (rcept_no)", |l| {
        Cell::maybe_text(l.row.cached.year.rcept_no)
    }),
    in_data("source_year", |l| {
        Cell::Plain(l.row.cached.year.source_year.get().into())
    }),
    in_table("From", |l| Cell::text(origin(&l.row))),
    column("note", "Note", |l| Cell::maybe_text(l.row.note())),
    in_data("parser_version", |l| {
        Cell::Plain(l.row.cached.parser_version.into())
    }),
    in_data("fetched_at", |l| Cell::Time(l.row.cached.fetched_at)),
    in_data("updated_at", |l| Cell::Time(l.row.cached.updated_at)),
    in_data("expires_at", |l| Cell::maybe_time(l.row.cached.expires_at)),
    in_data("frmtrm_dps_cash", |l| {
        Cell::maybe(l.row.cached.year.frmtrm.dps_cash)
    }),
    in_data("frmtrm_par_value", |l| {
        Cell::maybe(l.row.cached.year.frmtrm.par_value)
    }),
    in_data("lwfr_dps_cash", |l| {
        Cell::maybe(l.row.cached.year.lwfr.dps_cash)
    }),
    in_data("lwfr_par_value", |l| {
        Cell::maybe(l.row.cached.year.lwfr.par_value)
    }),
    in_data("restated_dps_cash", |l| {
        Cell::maybe(l.row.restated.first().map(|it| it.dps_cash))
    }),
    in_data("restated_source_year", |l| {
        l.row
            .restated
            .first()
            .map_or(Cell::Nothing, |it| Cell::Plain(it.source_year.get().into()))
    }),
    in_data("dps_cash_adjusted", |l| {
        Cell::maybe(l.row.dps_cash_adjusted())
    }),
    in_data("adjustment_factor", |l| {
        Cell::maybe(l.row.adjustment_factor)
    }),
    in_data("from_cache", |l| Cell::Flag(l.row.from_cache)),
];

/// Where a row came from, and which report speaks where it is not the year's own.
fn origin(row: &SeriesRow) -> String {
    let place = if row.from_cache { "cache" } else { "DART" };
    let year = &row.cached.year;
    if year.is_own() {
        place.to_owned()
    } else {
        format!("{place}, {} report", year.source_year)
    }
}

pub(super) fn run(config: &Config, args: SeriesArgs) -> Result<Exit, Failure> {
    let (names, positional) = pick::split_years(&args.words)?;
    let (first, last) = pick::years(positional, &args.years, args.report, chrono::Utc::now())?;
    if names.is_empty() && !args.pick.names_any() {
        return Err(Failure::usage(
            "no ticker is given",
            "as dps series 005930; or --tickers, --tickers-file, --from-master",
        ));
    }
    let mut session = Session::open(config, args.offline)?;
    let picked = pick::tickers(&mut session, names, &args.pick)?;
    let request = SeriesRequest {
        first,
        last,
        reprt_code: args.report,
        refresh: args.refresh,
        recheck_recent: args.recheck_recent,
    };
    let mut gathered = Gathered {
        unknown: picked.unknown,
        ..Gathered::default()
    };
    for ticker in picked.tickers {
        gathered.add(&mut session, ticker, &request)?;
    }
    output::rows(COLUMNS, &gathered.lines, args.format)?;
    Ok(gathered.conclude(args.pick.skip_unknown))
}

/// What was found over all tickers, and what was not.
#[derive(Default)]
struct Gathered {
    lines: Vec<Line>,
    missing: Vec<(Ticker, FiscalYear, Missing)>,
    unknown: Vec<Failure>,
    /// Why OpenDART cannot be asked, once that is known.
    cut_off: Option<Failure>,
}

impl Gathered {
    fn add(
        &mut self,
        session: &mut Session<'_>,
        ticker: Ticker,
        request: &SeriesRequest,
    ) -> Result<(), Failure> {
        let corp_code = match self.corp_code(session, ticker, request)? {
            Some(corp_code) => corp_code,
            None => return Ok(()),
        };
        let now = session.now;
        let mut offline = Source::offline();
        let mut series = get_dps_series(
            &mut session.store,
            &mut offline,
            ticker,
            corp_code,
            request,
            now,
        )?;
        let may_ask = !session.offline && self.cut_off.is_none();
        if !series.missing.is_empty() && may_ask {
            match session.connect() {
                Ok((connection, store)) => {
                    let mut dart = Source::dart(&connection.fetcher, Interrupt::default());
                    let asked = get_dps_series(store, &mut dart, ticker, corp_code, request, now);
                    connection.count_calls(store)?;
                    series = asked?;
                }
                Err(failure) => self.cut_off = Some(failure),
            }
        }
        self.take(session, series)
    }

    /// The issuer: from the company list, or, without one at hand, from a row already cached.
    fn corp_code(
        &mut self,
        session: &mut Session<'_>,
        ticker: Ticker,
        request: &SeriesRequest,
    ) -> Result<Option<crate::domain::CorpCode>, Failure> {
        if let Some(company) = session.store.company(ticker)? {
            return Ok(Some(company.corp_code));
        }
        let rows = session
            .store
            .rows(ticker, request.first, request.last, request.reprt_code)?;
        if let Some(row) = rows.first() {
            return Ok(Some(row.year.corp_code));
        }
        if self.cut_off.is_some() {
            self.miss_all(ticker, request, || Missing::NotAsked);
            return Ok(None);
        }
        match session.company(ticker) {
            Ok(company) => Ok(Some(company.corp_code)),
            Err(Failure::Unknown { .. }) if session.offline => {
                self.miss_all(ticker, request, || Missing::Offline);
                Ok(None)
            }
            Err(unknown @ Failure::Unknown { .. }) => {
                self.unknown.push(unknown);
                Ok(None)
            }
            Err(failure @ (Failure::NoKey { .. } | Failure::BadKey(_) | Failure::Fetch(_))) => {
                self.cut_off = Some(failure);
                self.miss_all(ticker, request, || Missing::NotAsked);
                Ok(None)
            }
            Err(failure) => Err(failure),
        }
    }

    fn miss_all(&mut self, ticker: Ticker, request: &SeriesRequest, why: fn() -> Missing) {
        let years = request.first.through(request.last);
        self.missing.extend(years.map(|year| (ticker, year, why())));
    }

    fn take(&mut self, session: &Session<'_>, series: Series) -> Result<(), Failure> {
        let company = session.store.company(series.ticker)?;
        let name = company.map(|company| company.corp_name);
        self.lines.extend(series.rows.into_iter().map(|row| Line {
            row,
            corp_name: name.clone(),
        }));
        for (year, why) in series.missing {
            let why = match why {
                Missing::Fetch(error) if error.ends_asking() => {
                    self.cut_off.get_or_insert(Failure::Fetch(error));
                    Missing::NotAsked
                }
                why => why,
            };
            self.missing.push((series.ticker, year, why));
        }
        Ok(())
    }

    /// Says on stderr what is not there, and why; the exit code.
    fn conclude(self, skip_unknown: bool) -> Exit {
        for unknown in &self.unknown {
            if skip_unknown {
                say(&format!("skipped: {unknown}"));
            } else {
                report(unknown);
            }
        }
        say_missing(&self.missing);
        let is_offline = |(_, _, why): &(_, _, Missing)| matches!(why, Missing::Offline);
        if self.missing.iter().any(is_offline) {
            say("hint: without --offline OpenDART is asked for what is missing");
        }
        let failed = self.missing.iter().find_map(|(_, _, why)| match why {
            Missing::Fetch(error) => Some(error),
            _ => None,
        });
        if let Some(failure) = &self.cut_off {
            report(failure);
        } else if let Some(error) = failed {
            hints_of_fetch(error)
                .iter()
                .for_each(|hint| say(&format!("hint: {hint}")));
        }
        let all_there = self.missing.is_empty() && (self.unknown.is_empty() || skip_unknown);
        match (&self.cut_off, failed) {
            (None, _) if all_there && !self.lines.is_empty() => Exit::Done,
            _ if !self.lines.is_empty() => Exit::Partly,
            (Some(failure), _) => failure.exit(),
            (None, Some(error)) => exit_of_fetch(error),
            (None, None) => Exit::Error,
        }
    }
}

/// Names on stderr what is missing, and why.
pub(super) fn say_missing(missing: &[(Ticker, FiscalYear, Missing)]) {
    for (ticker, years, why) in runs(missing) {
        say(&format!("missing: {ticker} {years}: {why}"));
    }
}

/// The missing years, those of one ticker in a row and for one reason together.
fn runs(missing: &[(Ticker, FiscalYear, Missing)]) -> Vec<(Ticker, String, String)> {
    let mut runs: Vec<(Ticker, FiscalYear, FiscalYear, String)> = Vec::new();
    for (ticker, year, why) in missing {
        let why = why.to_string();
        match runs.last_mut() {
            Some((of, _, last, because))
                if of == ticker && *because == why && last.get() + 1 == year.get() =>
            {
                *last = *year;
            }
            _ => runs.push((*ticker, *year, *year, why)),
        }
    }
    let years = |first: FiscalYear, last: FiscalYear| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    runs.into_iter()
        .map(|(ticker, first, last, why)| (ticker, years(first, last), why))
        .collect()
}
