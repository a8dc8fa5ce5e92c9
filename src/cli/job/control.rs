//! `dps job pause`, `cancel`, `restart` and `rm`: what changes a job from outside.

use chrono::Utc;
use clap::Args;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{output, say};
use crate::prefetch::{self, Job, JobError, JobStatus};
use crate::store::Store;

use super::existing_store;

#[derive(Debug, Args)]
pub(in crate::cli) struct IdArgs {
    /// A job id, a prefix of it (four or more), a name, or latest
    #[arg(value_name = "ID")]
    pub(super) id: String,
}

pub(super) fn pause(config: &Config, args: &IdArgs) -> Result<Exit, Failure> {
    let (store, job) = find(config, args)?;
    let asked = prefetch::request_pause(&store, &job.job_id, Utc::now());
    print_status(asked, JobStatus::Paused)
}

pub(super) fn cancel(config: &Config, args: &IdArgs) -> Result<Exit, Failure> {
    let (store, job) = find(config, args)?;
    let asked = prefetch::request_cancel(&store, &job.job_id, Utc::now());
    print_status(asked, JobStatus::Cancelled)
}

pub(super) fn restart(config: &Config, args: &IdArgs) -> Result<Exit, Failure> {
    let (store, old) = find(config, args)?;
    let new = prefetch::restart_job(&store, &old.job_id, Utc::now())?;
    output::raw(new.job_id.as_str().as_bytes())?;
    say(&format!("run it with: dps job run {}", new.job_id));
    Ok(Exit::Done)
}

pub(super) fn rm(config: &Config, args: &IdArgs) -> Result<Exit, Failure> {
    let (store, job) = find(config, args)?;
    prefetch::remove_job(&store, &job.job_id, Utc::now())?;
    say(&format!("{}: deleted; fetched rows are kept", job.job_id));
    Ok(Exit::Done)
}

fn find(config: &Config, args: &IdArgs) -> Result<(Store, Job), Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, &args.id)?;
    Ok((store, job))
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
