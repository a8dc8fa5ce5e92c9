//! `dps job show` and `dps job list`.

use chrono::Utc;
use clap::Args;
use rust_decimal::Decimal;
use rust_decimal::prelude::FromPrimitive;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::output::{self, Cell, Column, Format, column, in_data, in_table};
use crate::prefetch::{self, Job, JobStatus};

#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// A job id, a prefix of it, a name, or latest
    #[arg(value_name = "ID", default_value = "latest")]
    pub(super) id: String,
    /// List the steps that failed
    #[arg(long)]
    pub(super) failures: bool,
    /// How to write it
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// At most so many
    #[arg(short = 'n', long, default_value_t = 10)]
    pub(super) limit: usize,
    /// Only jobs in this state
    #[arg(long, value_name = "STATUS")]
    pub(super) status: Option<JobStatus>,
    /// How to write them
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub(super) format: Format,
}

/// A job, and whether its runner is gone although it says it runs.
pub(in crate::cli) struct Shown {
    pub(in crate::cli) job: Job,
    pub(in crate::cli) interrupted: bool,
}

impl Shown {
    fn state(&self) -> String {
        if self.interrupted {
            "interrupted".to_owned()
        } else {
            self.job.status.to_string()
        }
    }
}

/// The columns of `prefetch_jobs` less lease_token and tickers_json, and what is derived.
fn columns(detailed: bool) -> Vec<Column<Shown>> {
    // What `list` has no room for.
    let more = |name: &'static str, head: &'static str, cell: fn(&Shown) -> Cell| {
        if detailed {
            column(name, head, cell)
        } else {
            in_data(name, cell)
        }
    };
    let tickers = if detailed {
        in_data("tickers", |s: &Shown| {
            Cell::List(s.job.tickers.iter().map(ToString::to_string).collect())
        })
    } else {
        in_data("ticker_count", |s: &Shown| Cell::count(s.job.tickers.len()))
    };
    vec![
        column("job_id", "Job", |s| Cell::text(s.job.job_id)),
        column("job_name", "Name", |s| {
            Cell::maybe_text(s.job.job_name.as_ref())
        }),
        in_table("State", |s| Cell::text(s.state())),
        in_data("status", |s| Cell::text(s.job.status)),
        in_data("interrupted", |s| Cell::Flag(s.interrupted)),
        column("stop_reason", "Why", |s| {
            Cell::maybe_text(s.job.stop_reason)
        }),
        in_table("Done", |s| {
            Cell::text(format!("{:.1}%", s.job.progress() * 100.0))
        }),
        in_data("progress", |s| {
            Cell::maybe(Decimal::from_f64(s.job.progress()))
        }),
        column("processed_count", "Steps", |s| {
            Cell::count(s.job.processed_count)
        }),
        column("total_steps", "of", |s| Cell::count(s.job.total_steps())),
        column("success_count", "Read", |s| {
            Cell::count(s.job.success_count)
        }),
        column("skip_count", "No report", |s| Cell::count(s.job.skip_count)),
        column("cached_count", "Cached", |s| {
            Cell::count(s.job.cached_count)
        }),
        column("fail_count", "Failed", |s| Cell::count(s.job.fail_count)),
        column("dart_calls", "Calls", |s| Cell::count(s.job.dart_calls)),
        tickers,
        in_table("Tickers", |s| Cell::count(s.job.tickers.len())),
        column("start_year", "From", |s| {
            Cell::Plain(s.job.start_year.get().into())
        }),
        column("end_year", "To", |s| {
            Cell::Plain(s.job.end_year.get().into())
        }),
        more("reprt_code", "Report", |s| Cell::text(s.job.reprt_code)),
        more("force_refresh", "Refresh", |s| {
            Cell::Flag(s.job.force_refresh)
        }),
        more("recheck_recent", "Recheck recent", |s| {
            Cell::Plain(s.job.recheck_recent.into())
        }),
        more("plan", "Plan", |s| Cell::text(s.job.plan)),
        more("own_only", "Own reports only", |s| {
            Cell::Flag(s.job.own_only)
        }),
        more("on_error", "On error", |s| Cell::text(s.job.on_error)),
        more("daily_limit", "Daily limit", |s| {
            s.job.daily_limit.map_or(Cell::Nothing, Cell::count)
        }),
        in_data("cursor_index", |s| Cell::count(s.job.cursor_index)),
        in_data("cursor_year", |s| year(s.job.cursor_year)),
        more("current_ticker", "Next ticker", |s| {
            Cell::maybe_text(s.job.current().map(|(ticker, _)| ticker))
        }),
        more("current_year", "Next year", |s| {
            year(s.job.current().map(|(_, year)| year))
        }),
        column("created_at", "Created", |s| Cell::Time(s.job.created_at)),
        in_data("updated_at", |s| Cell::Time(s.job.updated_at)),
        more("started_at", "Started", |s| {
            Cell::maybe_time(s.job.started_at)
        }),
        more("finished_at", "Finished", |s| {
            Cell::maybe_time(s.job.finished_at)
        }),
        more("lease_owner", "Run by", |s| {
            Cell::maybe_text(s.job.lease_owner.as_ref())
        }),
        in_data("lease_expires_at", |s| {
            Cell::maybe_time(s.job.lease_expires_at)
        }),
        column("last_error", "Last error", |s| {
            Cell::maybe_text(s.job.last_error.as_ref())
        }),
    ]
}

fn year(year: Option<crate::domain::FiscalYear>) -> Cell {
    year.map_or(Cell::Nothing, |year| Cell::Plain(year.get().into()))
}

/// The columns of one job, with its tickers.
pub(super) fn columns_of_one() -> Vec<Column<Shown>> {
    columns(true)
}

struct FailedStep(prefetch::Failure);

const FAILURES: &[Column<FailedStep>] = &[
    column("ticker", "Ticker", |f| Cell::text(f.0.ticker)),
    column("fiscal_year", "Year", |f| {
        Cell::Plain(f.0.fiscal_year.get().into())
    }),
    column("kind", "Kind", |f| Cell::text(f.0.kind)),
    column("message", "What happened", |f| Cell::text(&f.0.message)),
    column("attempts", "Attempts", |f| Cell::Plain(f.0.attempts.into())),
    column("failed_at", "When", |f| Cell::Time(f.0.failed_at)),
];

pub(super) fn show(config: &Config, args: &ShowArgs) -> Result<Exit, Failure> {
    let store = super::existing_store(config)?;
    let job = prefetch::find_job(&store, &args.id)?;
    if args.failures {
        let failures = prefetch::failures(&store, &job.job_id)?;
        let failures: Vec<FailedStep> = failures.into_iter().map(FailedStep).collect();
        output::rows(FAILURES, &failures, args.format)?;
        return Ok(Exit::Done);
    }
    let shown = shown(&store, job);
    output::one(&columns_of_one(), &shown, args.format)?;
    Ok(Exit::Done)
}

pub(super) fn list(config: &Config, args: &ListArgs) -> Result<Exit, Failure> {
    let jobs = match config.open_existing_store()? {
        None => Vec::new(),
        Some(store) => prefetch::list_jobs(&store, args.limit, args.status)?
            .into_iter()
            .map(|job| shown(&store, job))
            .collect(),
    };
    output::rows(&columns(false), &jobs, args.format)?;
    Ok(Exit::Done)
}

/// A job with what only this moment tells: whether anybody runs it.
pub(super) fn shown(store: &crate::store::Store, job: Job) -> Shown {
    let interrupted = prefetch::is_interrupted(store, &job, Utc::now());
    Shown { job, interrupted }
}
