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

use crate::prefetch::{self, Job, JobError};
use crate::series::{SeriesRequest, cached_series};
use crate::store::Store;

use super::config::Config;
use super::exit::{Exit, Failure};
use super::series::{COLUMNS, Line};
use super::{output, say};
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
    };
    let now = Utc::now();
    let mut lines = Vec::new();
    for ticker in &job.tickers {
        let name = store.company(*ticker)?.map(|company| company.corp_name);
        let rows = cached_series(&store, *ticker, &request, now)?;
        lines.extend(rows.into_iter().map(|row| Line {
            row,
            corp_name: name.clone(),
        }));
    }
    output::rows(COLUMNS, &lines, args.format)?;
    let asked = usize::try_from(job.total_steps()).unwrap_or(usize::MAX);
    Ok(if lines.len() < asked {
        Exit::Partly
    } else {
        Exit::Done
    })
}

/// Says what the request came to. A finished job is not changed by any.
fn told(asked: Result<Job, JobError>, done: &str) -> Result<Exit, Failure> {
    match asked {
        Ok(job) => say(&format!(
            "{}: {done} at {} of {} steps; go on with: dps job resume {}",
            job.job_id,
            job.processed_count,
            job.total_steps(),
            job.job_id
        )),
        Err(JobError::Done { job }) => {
            say(&format!(
                "{}: already done, nothing was changed",
                job.job_id
            ));
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Exit::Done)
}
