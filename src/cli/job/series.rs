//! `dps job series`: the cached rows of a job's tickers and years.

use chrono::Utc;
use clap::Args;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::Format;
use crate::cli::series::{AdjustArgs, MissingRow, OutputRow, print, say_missing};
use crate::domain::FiscalYear;
use crate::prefetch::{self, Job};
use crate::resolve::{StepError, reparse_outdated};
use crate::series::{SeriesRequest, cached_series};

use super::existing_store;

#[derive(Debug, Args)]
pub(in crate::cli) struct SeriesOfArgs {
    /// A job id, a prefix of it, a name, or latest
    #[arg(value_name = "ID")]
    pub(super) id: String,
    #[command(flatten)]
    pub(super) adjust: AdjustArgs,
    /// How to write the rows
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// The rows of a job's tickers and years as they are cached.
pub(super) fn run(config: &Config, args: &SeriesOfArgs) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job: Job = prefetch::find_job(&store, &args.id)?;
    let request = SeriesRequest {
        first: job.start_year,
        last: job.end_year,
        reprt_code: job.reprt_code,
        refresh: false,
        recheck_recent: 0,
        plan: None,
    };
    let now = Utc::now();
    // All of it at once is a few transactions.
    reparse_outdated(&store, job.tickers.iter().copied(), now)?;
    let (mut lines, mut missing) = (Vec::new(), Vec::new());
    for ticker in &job.tickers {
        let name = store.company(*ticker)?.map(|company| company.corp_name);
        let rows = cached_series(&store, *ticker, &request, now)?;
        let is_there =
            |year: &FiscalYear| rows.iter().any(|row| row.cached.year.fiscal_year == *year);
        let years = job
            .start_year
            .through(job.end_year)
            .filter(|year| !is_there(year));
        missing.extend(years.map(|year| MissingRow {
            ticker: *ticker,
            year,
            reprt_code: job.reprt_code,
            why: StepError::Offline,
        }));
        lines.extend(
            rows.into_iter()
                .map(|row| OutputRow::new(row, name.clone())),
        );
    }
    let years = (job.start_year, job.end_year);
    print(&mut lines, years, args.adjust, args.format)?;
    say_missing(&missing, false);
    Ok(match (lines.is_empty(), missing.is_empty()) {
        (true, _) => Exit::Error,
        (false, true) => Exit::Done,
        (false, false) => Exit::Partly,
    })
}
