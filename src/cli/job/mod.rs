//! `dps job`: whole markets, in jobs that can be stopped and resumed at any moment.

pub(super) mod args;
mod cancel;
mod create;
mod pause;
mod progress;
mod restart;
mod rm;
mod run;
mod show;

use chrono::Utc;

use crate::domain::FiscalYear;
use crate::prefetch::{self, Job, JobError, JobStatus};
use crate::resolve::{StepError, reparse_outdated};
use crate::series::{SeriesRequest, cached_series};
use crate::store::Store;

use super::config::Config;
use super::exit::{Exit, Failure};
use super::say;
use super::series::{MissingRow, OutputRow, print, say_missing};
use args::{JobVerb, SeriesOfArgs};

pub(super) fn run(config: &Config, verb: JobVerb) -> Result<Exit, Failure> {
    match verb {
        JobVerb::Create(args) => create::run(config, args),
        JobVerb::Run(args) => run::run(config, args.id.as_deref(), &args.how),
        JobVerb::Retry(args) => run::retry(config, args.id.as_deref(), &args.how),
        JobVerb::Pause(args) => pause::run(config, &args.id),
        JobVerb::Cancel(args) => cancel::run(config, &args.id),
        JobVerb::Restart(args) => restart::run(config, &args.id),
        JobVerb::Rm(args) => rm::run(config, &args.id),
        JobVerb::Show(args) => show::show(config, &args),
        JobVerb::List(args) => show::list(config, &args),
        JobVerb::Series(args) => series(config, &args),
    }
}

/// The database, which has to be there: what it holds is what the command is about.
fn existing_store(config: &Config) -> Result<Store, Failure> {
    config
        .open_existing_store()?
        .ok_or_else(|| Failure::Unknown {
            message: format!(
                "there is no database at {} yet, so no job",
                config.db.display()
            ),
            hints: vec![
                "create one with: dps job create --tickers-file kr.txt 2015 2025".to_owned(),
            ],
        })
}

/// The rows of a job's tickers and years as they are cached.
fn series(config: &Config, args: &SeriesOfArgs) -> Result<Exit, Failure> {
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

/// Says what the request came to. Only a job that can still go on is changed by one.
fn print_status(asked: Result<Job, JobError>, wanted: JobStatus) -> Result<Exit, Failure> {
    let job = match asked {
        Ok(job) => job,
        Err(JobError::Done { job }) => *job,
        Err(error) => return Err(error.into()),
    };
    let (id, state) = (job.job_id, job.status.to_string().to_lowercase());
    if job.status == wanted {
        say(&format!(
            "{id}: {state} at {} of {} steps; go on with: dps job resume {id}",
            job.processed_count,
            job.total_steps(),
        ));
    } else {
        say(&format!("{id}: already {state}, nothing was changed"));
    }
    Ok(Exit::Done)
}
