//! `dps cache`: what the database holds.

mod audit;
mod reparse;

use std::collections::HashMap;

use chrono::Utc;
use clap::Subcommand;

use crate::domain::{FiscalYear, Outcome, ReprtCode, Ticker};
use crate::opendart::alot_matter::unpack;
use crate::resolve::NotRead;
use crate::series::{SeriesRequest, cached_series};
use crate::store::{Stats, Store};

use super::config::Config;
use super::exit::{Exit, Failure};
use super::output::{self, Cell, Column, Format, column};
use super::say;
use super::series::{COLUMNS as SERIES_COLUMNS, OutputRow};

#[derive(Debug, Subcommand)]
pub(super) enum CacheVerb {
    /// Count what the database holds
    #[command(after_help = "Example:\n  dps cache stats --format json")]
    Stats {
        /// How to write the counts
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// List rows that need a second look, the doubtful figures first: years that other reports
    /// contradict or restate, filings that contradict themselves, interim reports that repeat last
    /// year's, yields and payout ratios that are something else
    Audit(audit::AuditArgs),
    /// Read every row anew from its stored answer, without a call, and say what changed
    #[command(after_help = "Example:\n  dps cache reparse --format json")]
    Reparse {
        /// How to write the rows that changed
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
    /// Print the database's path, alone
    #[command(
        after_help = "Example:\n  sqlite3 \"$(dps cache path)\" 'SELECT * FROM dividend_series'"
    )]
    Path,
    /// Show one row, or with --raw the answer it was read from
    #[command(
        after_help = "Examples:\n  dps cache show 005930 2024\n  dps cache show 005930 2024 --raw"
    )]
    Show {
        /// The ticker
        ticker: String,
        /// The fiscal year
        year: String,
        /// Which report: annual, half, q1 or q3
        #[arg(long, value_name = "REPORT", default_value = "annual")]
        report: ReprtCode,
        /// Print OpenDART's answer as it is stored
        #[arg(long)]
        raw: bool,
        /// How to write the row
        #[arg(long, value_enum, default_value_t = Format::Table)]
        format: Format,
    },
}

struct Held {
    path: String,
    stats: Stats,
}

fn rows_of(held: &Held, outcome: Outcome) -> Cell {
    Cell::count(held.stats.rows.get(&outcome).copied().unwrap_or_default())
}

const STATS: &[Column<Held>] = &[
    column("path", "Database", |h| Cell::text(&h.path)),
    column("origin", "Answers from", |h| {
        Cell::maybe_text(h.stats.origin_kind)
    }),
    column("rows", "Rows", |h| {
        Cell::count(h.stats.rows.values().sum::<u64>())
    }),
    column("paid", "  PAID", |h| rows_of(h, Outcome::Paid)),
    column("no_dividend", "  NO_DIVIDEND", |h| {
        rows_of(h, Outcome::NoDividend)
    }),
    column("not_stated", "  NOT_STATED", |h| {
        rows_of(h, Outcome::NotStated)
    }),
    column("no_report", "  NO_REPORT", |h| {
        rows_of(h, Outcome::NoReport)
    }),
    column("tickers", "Tickers with rows", |h| {
        Cell::count(h.stats.tickers)
    }),
    column("first_year", "First year", |h| {
        h.stats
            .first_year
            .map_or(Cell::Nothing, |year| Cell::Plain(year.get().into()))
    }),
    column("last_year", "Last year", |h| {
        h.stats
            .last_year
            .map_or(Cell::Nothing, |year| Cell::Plain(year.get().into()))
    }),
    column("oldest_fetched_at", "Oldest answer", |h| {
        Cell::maybe_time(h.stats.oldest_fetched_at)
    }),
    column("newest_fetched_at", "Newest answer", |h| {
        Cell::maybe_time(h.stats.newest_fetched_at)
    }),
    column("replaced", "Figures replaced", |h| {
        Cell::count(h.stats.replaced)
    }),
    column("companies", "Companies listed", |h| {
        Cell::count(h.stats.companies)
    }),
    column("companies_synced_at", "List fetched", |h| {
        Cell::maybe_time(h.stats.companies_synced_at)
    }),
    column("file_bytes", "File (bytes)", |h| {
        Cell::count(h.stats.file_bytes)
    }),
    column("payload_bytes", "Answers in it (bytes)", |h| {
        Cell::count(h.stats.payload_bytes)
    }),
    column("schema_version", "Schema version", |h| {
        Cell::Plain(h.stats.schema_version.into())
    }),
];

pub(super) fn run(config: &Config, verb: CacheVerb) -> Result<Exit, Failure> {
    match verb {
        CacheVerb::Path => {
            output::raw(config.db.as_os_str().as_encoded_bytes())?;
            Ok(Exit::Done)
        }
        CacheVerb::Stats { format } => stats(config, format),
        CacheVerb::Audit(args) => audit::run(config, &args),
        CacheVerb::Reparse { format } => reparse::run(config, format),
        CacheVerb::Show {
            ticker,
            year,
            report,
            raw,
            format,
        } => {
            let malformed = |error: &dyn std::fmt::Display| {
                Failure::usage(error.to_string(), "as dps cache show 005930 2024")
            };
            let ticker: Ticker = ticker.parse().map_err(|error| malformed(&error))?;
            let year: FiscalYear = year.parse().map_err(|error| malformed(&error))?;
            let of_report = match report {
                ReprtCode::Annual => String::new(),
                interim => format!(" --report {}", interim.word()),
            };
            let again = format!("dps series {ticker} {year} {year}{of_report}");
            let missing = || Failure::Unknown {
                message: format!(
                    "the database has no row of {ticker} for {year} ({} report)",
                    report.word()
                ),
                hints: vec![format!("ask for it with: {again}")],
            };
            let store = config.open_existing_store()?.ok_or_else(missing)?;
            let cached = store.row(ticker, year, report)?.ok_or_else(missing)?;
            if raw {
                let packed =
                    store
                        .payload(ticker, year, report)?
                        .ok_or_else(|| Failure::Unknown {
                            message: format!(
                                "no answer is stored for {ticker} {year} ({} report)",
                                report.word()
                            ),
                            hints: vec![format!(
                                "the row says {}; ask for it again with: {again} --refresh",
                                cached.year.outcome
                            )],
                        })?;
                let body = unpack(&packed).map_err(anyhow::Error::from)?;
                output::raw(&body)?;
                return Ok(Exit::Done);
            }
            let request = SeriesRequest {
                first: year,
                last: year,
                reprt_code: report,
                refresh: false,
                recheck_recent: 0,
                plan: None,
            };
            let rows = cached_series(&store, ticker, &request, Utc::now())?;
            let row = rows.into_iter().next().ok_or_else(|| Failure::Unknown {
                message: format!(
                    "the row of {ticker} for {year} ({} report) was read by an older version, and \
                     its answer cannot be read anew",
                    report.word()
                ),
                hints: vec![format!("ask for it again with: {again}")],
            })?;
            let corp_name = store.company(ticker)?.map(|company| company.corp_name);
            let line = OutputRow::new(row, corp_name).in_full();
            output::one(SERIES_COLUMNS, &line, format)?;
            Ok(Exit::Done)
        }
    }
}

fn stats(config: &Config, format: Format) -> Result<Exit, Failure> {
    let store = config
        .open_existing_store()?
        .ok_or_else(|| no_database(config))?;
    let held = Held {
        path: config.db.display().to_string(),
        stats: store.stats()?,
    };
    output::one(STATS, &held, format)?;
    Ok(Exit::Done)
}

fn no_database(config: &Config) -> Failure {
    Failure::Unknown {
        message: format!("there is no database at {} yet", config.db.display()),
        hints: vec!["the first dps series or dps ticker sync makes it".to_owned()],
    }
}

/// The companies' names, by the ticker of their common share.
struct Names(HashMap<Ticker, String>);

impl Names {
    fn of(store: &Store) -> Result<Self, Failure> {
        let named = |company: crate::domain::Company| (company.ticker, company.corp_name);
        Ok(Self(store.companies()?.into_iter().map(named).collect()))
    }

    fn name(&self, ticker: Ticker) -> Option<String> {
        self.0.get(&ticker.issuer()).cloned()
    }
}

/// Names on stderr the rows whose answers could not be read: the years of a share and report in a
/// row, and for one reason, on one line.
fn not_read(what: &str, rows: &[(Ticker, FiscalYear, ReprtCode, NotRead)]) {
    let mut runs: Vec<(Ticker, ReprtCode, &NotRead, FiscalYear, FiscalYear)> = Vec::new();
    for (ticker, year, reprt_code, why) in rows {
        let follows = runs.iter_mut().rev().take(4).find(|run| {
            (run.0, run.1, run.2) == (*ticker, *reprt_code, why) && run.4.get() + 1 == year.get()
        });
        match follows {
            Some(run) => run.4 = *year,
            None => runs.push((*ticker, *reprt_code, why, *year, *year)),
        }
    }
    for (ticker, reprt_code, why, first, last) in runs {
        let years = if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        };
        say(&format!("{what}: {ticker} {years} {reprt_code}: {why}"));
    }
}
