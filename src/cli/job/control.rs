//! `dps job pause|cancel|restart|rm`: what another process may ask of a job.

use chrono::Utc;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{output, say};
use crate::prefetch::{self, Job, JobError};

use super::existing_store;

pub(super) fn pause(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, id)?;
    told(
        prefetch::request_pause(&store, &job.job_id, Utc::now()),
        "paused",
    )
}

pub(super) fn cancel(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, id)?;
    told(
        prefetch::request_cancel(&store, &job.job_id, Utc::now()),
        "cancelled",
    )
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

pub(super) fn restart(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let old = prefetch::find_job(&store, id)?;
    let new = prefetch::restart_job(&store, &old.job_id, Utc::now())?;
    output::raw(new.job_id.as_str().as_bytes())?;
    say(&format!("run it with: dps job run {}", new.job_id));
    Ok(Exit::Done)
}

pub(super) fn remove(config: &Config, id: &str) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, id)?;
    prefetch::remove_job(&store, &job.job_id, Utc::now())?;
    say(&format!("{}: deleted; what it learnt stays", job.job_id));
    Ok(Exit::Done)
}
