//! Making, finding, stopping and removing jobs.

use std::collections::HashSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ReprtCode;
use crate::domain::job::{Failure, Job, JobId, JobSettings, JobStatus, Plan, StopReason};
use crate::fetch::Fetcher;
use crate::store::Store;

use super::lease::JobLock;
use super::{Event, JobError, Runner, RunnerOptions};

/// The shortest beginning of an id that is taken for one.
const SHORTEST_PREFIX: usize = 4;

/// How many jobs an ambiguous beginning of an id names.
const NAMED: usize = 5;

/// Creates a job, PENDING. Nothing is asked. A ticker given twice is filled once.
///
/// # Errors
/// No ticker, years in the wrong order, plan window for another report than the annual one, and the
/// database's.
pub fn create_job(
    store: &Store,
    settings: &JobSettings,
    now: DateTime<Utc>,
) -> Result<Job, JobError> {
    if settings.tickers.is_empty() {
        return Err(JobError::NoTickers);
    }
    if settings.last < settings.first {
        return Err(JobError::YearsReversed {
            first: settings.first.get(),
            last: settings.last.get(),
        });
    }
    if settings.plan == Plan::Window && settings.reprt_code != ReprtCode::Annual {
        return Err(JobError::NotAnnual {
            reprt_code: settings.reprt_code,
        });
    }
    let mut settings = settings.clone();
    if let Some(name) = &mut settings.name {
        *name = name.trim().to_owned();
        if name.is_empty() || name.chars().any(char::is_control) {
            return Err(JobError::BadName {
                name: name.escape_debug().to_string(),
            });
        }
    }
    let mut seen = HashSet::new();
    settings.tickers.retain(|ticker| seen.insert(*ticker));
    let text = Uuid::new_v4().to_string();
    let job_id = text.parse().map_err(|_| JobError::NotFound { text })?;
    store.insert_job(job_id, &settings, now)?;
    load_job(store, &job_id)
}

/// The job with this id.
///
/// # Errors
/// There is none, or the database cannot be read.
pub fn load_job(store: &Store, id: &JobId) -> Result<Job, JobError> {
    store.job(id)?.ok_or_else(|| JobError::NotFound {
        text: id.to_string(),
    })
}

/// The job that a text names: an id, a beginning of one (four characters or more) that no other
/// id has, a job's name (its newest), or `latest`. A name goes before a beginning.
///
/// # Errors
/// None or several fit, or the database cannot be read.
pub fn find_job(store: &Store, text: &str) -> Result<Job, JobError> {
    let text = text.trim();
    let not_found = || JobError::NotFound {
        text: text.to_owned(),
    };
    let lower = text.to_ascii_lowercase();
    if let Ok(id) = lower.parse::<JobId>()
        && let Some(job) = store.job(&id)?
    {
        return Ok(job);
    }
    if let Some(job) = store.job_by_name(text)? {
        return Ok(job);
    }
    if lower == "latest" {
        let newest = store.jobs(1, None)?;
        return newest.into_iter().next().ok_or_else(not_found);
    }
    if lower.len() < SHORTEST_PREFIX {
        return Err(not_found());
    }
    let mut found = store.jobs_by_prefix(&lower, NAMED)?;
    match (found.pop(), found.is_empty()) {
        (Some(only), true) => Ok(only),
        (Some(last), false) => Err(JobError::Ambiguous {
            text: text.to_owned(),
            jobs: found
                .iter()
                .map(|job| job.job_id)
                .chain([last.job_id])
                .collect(),
        }),
        (None, _) => Err(not_found()),
    }
}

/// Jobs, the newest first, `limit` at most.
///
/// # Errors
/// The database cannot be read.
pub fn list_jobs(
    store: &Store,
    limit: usize,
    status: Option<JobStatus>,
) -> Result<Vec<Job>, JobError> {
    Ok(store.jobs(limit, status)?)
}

/// A job's failed steps, in step order.
///
/// # Errors
/// There is no such job, or the database cannot be read.
pub fn failures(store: &Store, id: &JobId) -> Result<Vec<Failure>, JobError> {
    let job = load_job(store, id)?;
    let mut failures = store.failures(id)?;
    let place = |ticker| job.tickers.iter().position(|one| *one == ticker);
    failures.sort_by_cached_key(|failure| (place(failure.ticker), failure.fiscal_year));
    Ok(failures)
}

/// Makes a job PAUSED; whoever runs it stops within a second. A job that has stopped already
/// stays as it is.
///
/// # Errors
/// [`JobError::Done`] where it is, no such job, and the database's.
pub fn request_pause(store: &Store, id: &JobId, now: DateTime<Utc>) -> Result<Job, JobError> {
    stop(
        store,
        id,
        JobStatus::Paused,
        StopReason::PauseRequested,
        now,
    )
}

/// Makes a job CANCELLED; whoever runs it stops within a second. It can be resumed all the same.
///
/// # Errors
/// As [`request_pause`].
pub fn request_cancel(store: &Store, id: &JobId, now: DateTime<Utc>) -> Result<Job, JobError> {
    stop(
        store,
        id,
        JobStatus::Cancelled,
        StopReason::CancelRequested,
        now,
    )
}

fn stop(
    store: &Store,
    id: &JobId,
    to: JobStatus,
    reason: StopReason,
    now: DateTime<Utc>,
) -> Result<Job, JobError> {
    store.stop_job(id, to, reason, now)?;
    let job = load_job(store, id)?;
    if job.status == JobStatus::Done {
        return Err(JobError::Done { job: Box::new(job) });
    }
    Ok(job)
}

/// Takes back a pause, a cancellation or a failure, so that [`run_job_step`] runs the job again
/// from its cursor. [`Runner::open`] does it by itself.
///
/// # Errors
/// As [`request_pause`].
pub fn resume_job(store: &Store, id: &JobId, now: DateTime<Utc>) -> Result<Job, JobError> {
    store.resume_job(id, now)?;
    let job = load_job(store, id)?;
    if job.status == JobStatus::Done {
        return Err(JobError::Done { job: Box::new(job) });
    }
    Ok(job)
}

/// Runs at most so many steps of a job, rounded up to those that one call settles, and asks for
/// no others. A job that was paused, cancelled or has failed is left as it is: see [`resume_job`].
///
/// # Errors
/// As [`Runner::open`] and [`Runner::run_job_step`].
pub fn run_job_step(
    store: &Store,
    fetcher: &Arc<Fetcher>,
    id: &JobId,
    step_limit: u64,
    on_event: &mut dyn FnMut(Event),
) -> Result<Job, JobError> {
    let job = load_job(store, id)?;
    if !matches!(job.status, JobStatus::Pending | JobStatus::Running) {
        return Ok(job);
    }
    let options = RunnerOptions {
        looks_ahead: false,
        ..RunnerOptions::default()
    };
    let mut runner = Runner::open(store, Arc::clone(fetcher), id, options)?;
    runner.run_job_step(step_limit, on_event)
}

/// Creates a job with another's settings, to be run from its first step. The old one becomes
/// CANCELLED unless it is DONE.
///
/// # Errors
/// No such job, and the database's.
pub fn restart_job(store: &Store, id: &JobId, now: DateTime<Utc>) -> Result<Job, JobError> {
    let old = load_job(store, id)?;
    match request_cancel(store, id, now) {
        Ok(_) | Err(JobError::Done { .. }) => {}
        Err(error) => return Err(error),
    }
    create_job(store, &old.settings(), now)
}

/// Removes a job and its failures; what it learnt stays in the cache.
///
/// # Errors
/// [`JobError::Running`] where a process runs it, no such job, and the database's.
pub fn remove_job(store: &Store, id: &JobId, now: DateTime<Utc>) -> Result<(), JobError> {
    let running = || JobError::Running { job_id: *id };
    let state = store.job_state(id)?.ok_or_else(|| JobError::NotFound {
        text: id.to_string(),
    })?;
    let Some(_lock) = JobLock::take(store.path(), id)? else {
        return Err(running());
    };
    if !super::lease::may_take_over(&state, now) {
        return Err(running());
    }
    let token = state.lease.as_ref().map(|lease| lease.token.as_str());
    if store.delete_job(id, token)? {
        Ok(())
    } else {
        Err(running())
    }
}
