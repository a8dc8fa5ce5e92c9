//! `dps series --history`: what was replaced, beside what stands now.

use chrono::{DateTime, NaiveDate, Utc};

use super::args::SeriesArgs;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Cell, Column, column, in_data, in_table};
use crate::cli::selection::Selection;
use crate::cli::{report, say};
use crate::domain::{CorpCode, FiscalYear, Outcome, RceptNo, ReprtCode, Shares, Ticker, Won};
use crate::resolve::{StepError, reparse_outdated};
use crate::store::{CachedRow, ReplacedRow, Store};

use super::missing::{MissingRow, say_missing};

/// What was stated at some time: a row of `dps_history`, or the one in the cache.
struct Entry {
    history_id: Option<i64>,
    ticker: Ticker,
    corp_name: Option<String>,
    fiscal_year: FiscalYear,
    reprt_code: ReprtCode,
    outcome: Outcome,
    dps_cash: Option<Won>,
    par_value: Option<Won>,
    dps_stock: Option<Shares>,
    stlm_dt: Option<NaiveDate>,
    rcept_no: Option<RceptNo>,
    source_year: FiscalYear,
    corp_code: Option<CorpCode>,
    parser_version: u32,
    fetched_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    /// `None` for what stands now.
    replaced: Option<Replaced>,
    /// Whether the table has to tell the kind of report.
    names_report: bool,
}

struct Replaced {
    at: DateTime<Utc>,
    by_rcept_no: Option<RceptNo>,
    by_source_year: FiscalYear,
}

impl From<ReplacedRow> for Entry {
    fn from(row: ReplacedRow) -> Self {
        Self {
            history_id: Some(row.history_id),
            ticker: row.ticker,
            corp_name: None,
            fiscal_year: row.fiscal_year,
            reprt_code: row.reprt_code,
            outcome: row.outcome,
            dps_cash: row.dps_cash,
            par_value: row.par_value,
            dps_stock: row.dps_stock,
            stlm_dt: row.stlm_dt,
            rcept_no: row.rcept_no,
            source_year: row.source_year,
            corp_code: row.corp_code,
            parser_version: row.parser_version,
            fetched_at: row.fetched_at,
            updated_at: row.updated_at,
            replaced: Some(Replaced {
                at: row.replaced_at,
                by_rcept_no: row.replaced_by_rcept_no,
                by_source_year: row.replaced_by_source_year,
            }),
            names_report: false,
        }
    }
}

impl From<CachedRow> for Entry {
    fn from(row: CachedRow) -> Self {
        let year = row.year;
        Self {
            history_id: None,
            ticker: year.ticker,
            corp_name: None,
            fiscal_year: year.fiscal_year,
            reprt_code: year.reprt_code,
            outcome: year.outcome,
            dps_cash: year.dps_cash,
            par_value: year.par_value,
            dps_stock: year.dps_stock,
            stlm_dt: year.stlm_dt,
            rcept_no: year.rcept_no,
            source_year: year.source_year,
            corp_code: Some(year.corp_code),
            parser_version: row.parser_version,
            fetched_at: row.fetched_at,
            updated_at: row.updated_at,
            replaced: None,
            names_report: false,
        }
    }
}

/// The columns of `dps_history`, and what a reader needs beside them.
const COLUMNS: &[Column<Entry>] = &[
    in_data("history_id", |e| {
        e.history_id.map_or(Cell::Nothing, Cell::Plain)
    }),
    column("ticker", "Ticker", |e| Cell::text(e.ticker)),
    column("corp_name", "Company", |e| {
        Cell::maybe_text(e.corp_name.as_ref())
    }),
    column("fiscal_year", "Year", |e| {
        Cell::Plain(e.fiscal_year.get().into())
    }),
    in_table("Report", |e| {
        Cell::maybe_text(e.names_report.then(|| e.reprt_code.word()))
    }),
    in_data("reprt_code", |e| Cell::text(e.reprt_code)),
    column("dps_cash", "DPS (won)", |e| Cell::maybe(e.dps_cash)),
    column("outcome", "Outcome", |e| Cell::text(e.outcome)),
    column("par_value", "Par (won)", |e| Cell::maybe(e.par_value)),
    column("dps_stock", "Stock (shares)", |e| Cell::maybe(e.dps_stock)),
    in_data("stlm_dt", |e| Cell::maybe_text(e.stlm_dt)),
    column("rcept_no", "Filing (rcept_no)", |e| {
        Cell::maybe_text(e.rcept_no)
    }),
    column("source_year", "Report of", |e| {
        Cell::Plain(e.source_year.get().into())
    }),
    in_data("parser_version", |e| Cell::Plain(e.parser_version.into())),
    column("fetched_at", "Fetched", |e| Cell::Time(e.fetched_at)),
    in_data("updated_at", |e| Cell::Time(e.updated_at)),
    in_data("replaced_at", |e| {
        Cell::maybe_time(e.replaced.as_ref().map(|by| by.at))
    }),
    in_table("Replaced", |e| match &e.replaced {
        Some(by) => Cell::Time(by.at),
        None => Cell::text("stands"),
    }),
    in_data("replaced_by_rcept_no", |e| {
        Cell::maybe_text(e.replaced.as_ref().and_then(|by| by.by_rcept_no))
    }),
    in_data("replaced_by_source_year", |e| {
        let year = e.replaced.as_ref().map(|by| by.by_source_year);
        year.map_or(Cell::Nothing, |year| Cell::Plain(year.get().into()))
    }),
    in_table("Replaced by", |e| {
        Cell::maybe_text(e.replaced.as_ref().map(|by| by_whom(e, by)))
    }),
    in_data("viewer_url", |e| {
        Cell::maybe_text(e.rcept_no.and_then(|number| number.viewer_url()))
    }),
    in_data("corp_code", |e| Cell::maybe_text(e.corp_code)),
];

/// The filing that took an entry's place, and its report where that is another year's.
fn by_whom(entry: &Entry, by: &Replaced) -> String {
    let Some(filing) = by.by_rcept_no else {
        return "a filing without a number".to_owned();
    };
    if by.by_source_year != entry.source_year {
        format!("{filing}, {} report", by.by_source_year)
    } else if entry.rcept_no == Some(filing) {
        format!("{filing}, read anew")
    } else {
        filing.to_string()
    }
}

/// Shows the history of the picked tickers in these years, from the database alone. A year of which
/// nothing was replaced is left out.
pub(super) fn show(
    store: &Store,
    picked: Selection,
    (first, last): (FiscalYear, FiscalYear),
    args: &SeriesArgs,
) -> Result<Exit, Failure> {
    let reports = args.report.codes();
    reparse_outdated(store, picked.tickers.iter().copied(), Utc::now())?;
    let (mut entries, mut missing, mut rows) = (Vec::new(), Vec::new(), 0_usize);
    for ticker in &picked.tickers {
        let mut of_ticker: Vec<Entry> = Vec::new();
        for reprt_code in reports {
            let replaced = store.history(*ticker, first, last, *reprt_code)?;
            let current = store.rows(*ticker, first, last, *reprt_code)?;
            rows += current.len();
            let is_there = |year: &FiscalYear| current.iter().any(|r| r.year.fiscal_year == *year);
            let absent = first.through(last).filter(|year| !is_there(year));
            missing.extend(absent.map(|year| MissingRow {
                ticker: *ticker,
                year,
                reprt_code: *reprt_code,
                why: StepError::Offline,
            }));
            let has_history = |row: &CachedRow| {
                replaced
                    .iter()
                    .any(|r| r.fiscal_year == row.year.fiscal_year)
            };
            let beside: Vec<CachedRow> = current.into_iter().filter(has_history).collect();
            of_ticker.extend(replaced.into_iter().map(Entry::from));
            of_ticker.extend(beside.into_iter().map(Entry::from));
        }
        // Stable: what was replaced stays in its order, and what stands now follows it.
        of_ticker.sort_by_key(|entry| {
            (
                entry.fiscal_year,
                entry.reprt_code,
                entry.replaced.is_none(),
            )
        });
        if !of_ticker.is_empty() {
            let name = store.company(*ticker)?.map(|company| company.corp_name);
            for entry in &mut of_ticker {
                entry.corp_name.clone_from(&name);
            }
        }
        entries.extend(of_ticker);
    }
    let names_report = entries
        .iter()
        .any(|entry: &Entry| entry.reprt_code != ReprtCode::Annual);
    for entry in &mut entries {
        entry.names_report = names_report;
    }
    output::rows(COLUMNS, &entries, args.format)?;

    if entries.is_empty() && rows > 0 {
        let rows = if rows == 1 {
            "one row".to_owned()
        } else {
            format!("{rows} rows")
        };
        say(&format!(
            "nothing was replaced: the database has {rows} of these years, as first read"
        ));
    }
    for unknown in &picked.unknown {
        if args.pick.skip_unknown {
            say(&format!("skipped: {unknown}"));
        } else {
            report(unknown);
        }
    }
    say_missing(&missing, reports.len() > 1);
    if !missing.is_empty() {
        say("hint: --history asks nothing; the same command without it asks for what is missing");
    }
    let all_there = missing.is_empty() && (picked.unknown.is_empty() || args.pick.skip_unknown);
    Ok(match (rows == 0 && entries.is_empty(), all_there) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Done,
        (false, false) => Exit::Partly,
    })
}
