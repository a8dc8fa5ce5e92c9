//! `dps job run`, `resume` and `retry`.

use std::sync::Arc;
use std::time::Instant;

use chrono::Utc;
use clap::Args;

use crate::cli::config::Config;
use crate::cli::exit::{Exit, Failure};
use crate::cli::{is_closed_pipe, output, say, signals};
use crate::fetch::Interrupt;
use crate::prefetch::{self, Event, Job, JobStatus, Runner, RunnerOptions, StopReason};
use crate::store::Store;

use super::existing_store;
use super::progress::{Progress, Reporter};
use super::show::{columns_of_one, shown};

/// How a run shows itself and what it does at the day's limit.
#[derive(Debug, Args)]
pub(super) struct RunOptions {
    /// How progress is shown: a bar on a terminal, plain lines elsewhere, by default
    #[arg(long, value_enum)]
    pub(super) progress: Option<Progress>,
    /// At the day's limit wait until past 00:00 KST and go on
    #[arg(long)]
    pub(super) wait: bool,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// A job id, a prefix of it, a name, or latest; without, the newest that is not done
    #[arg(value_name = "ID")]
    pub(super) id: Option<String>,
    #[command(flatten)]
    pub(super) how: RunOptions,
}

/// Steps between two looks at whether to go on; the engine takes what is ready at once.
const AT_A_TIME: u64 = 1_000;

pub(super) fn run(config: &Config, id: Option<&str>, how: &RunOptions) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = match id {
        Some(id) => prefetch::find_job(&store, id)?,
        None => newest_unfinished(&store)?,
    };
    if job.status == JobStatus::Done {
        say(&format!(
            "{}: already done, nothing was changed",
            job.job_id
        ));
        return unchanged(&store, job, how);
    }
    drive(config, &store, &job, how, What::Run)
}

pub(super) fn retry(config: &Config, id: Option<&str>, how: &RunOptions) -> Result<Exit, Failure> {
    let store = existing_store(config)?;
    let job = prefetch::find_job(&store, id.unwrap_or("latest"))?;
    if job.fail_count == 0 {
        say(&format!(
            "{}: no step has failed, nothing was changed",
            job.job_id
        ));
        return unchanged(&store, job, how).map(|_| Exit::Done);
    }
    drive(config, &store, &job, how, What::Retry)
}

fn newest_unfinished(store: &Store) -> Result<Job, Failure> {
    let jobs = prefetch::list_jobs(store, usize::MAX, None)?;
    let job = jobs.into_iter().find(|job| job.status != JobStatus::Done);
    let job = job.ok_or_else(|| Failure::Unknown {
        message: "there is no unfinished job".to_owned(),
        hints: vec!["create one with: dps job create --tickers-file kr.txt 2015 2025".to_owned()],
    })?;
    let name = job
        .job_name
        .as_ref()
        .map_or_else(String::new, |name| format!(" ({name})"));
    say(&format!("the newest unfinished job: {}{name}", job.job_id));
    Ok(job)
}

/// What is run: the steps from the cursor on, or those that failed.
#[derive(Clone, Copy)]
enum What {
    Run,
    Retry,
}

/// Connects, takes the lease, runs the job, and says how it ended.
fn drive(
    config: &Config,
    store: &Store,
    job: &Job,
    how: &RunOptions,
    what: What,
) -> Result<Exit, Failure> {
    let connection = match (config.connect(store), what) {
        // Only what calls OpenDART needs a key.
        (Err(Failure::NoKey { .. }), What::Run)
            if prefetch::is_all_cached(store, job, Utc::now())? =>
        {
            config.without_calls()?
        }
        (connected, _) => connected?,
    };
    let interrupt = Interrupt::new();
    let options = RunnerOptions {
        interrupt: interrupt.clone(),
        waits_for_quota: how.wait,
        ..RunnerOptions::default()
    };
    let fetcher = Arc::clone(&connection.fetcher);
    let mut runner = match what {
        What::Run => Runner::open(store, fetcher, &job.job_id, options)?,
        What::Retry => Runner::open_to_retry(store, fetcher, &job.job_id, options)?,
    };
    signals::raise(&interrupt)?;
    let began = Instant::now();
    let name_of = |ticker| {
        store
            .company(ticker)
            .ok()
            .flatten()
            .map(|company| company.corp_name)
    };
    let mut reporter = Reporter::new(how.progress, job.dart_calls, interrupt.clone(), &name_of);
    let ended = match what {
        What::Run => run_to_its_end(&mut runner, &mut reporter),
        What::Retry => runner
            .retry_failed(&mut |event| reporter.read(&event))
            .map(drop),
    };
    drop(runner);
    let after = match prefetch::load_job(store, &job.job_id) {
        Ok(after) => after,
        // What ended the run says more than what it left behind.
        Err(error) => return Err(ended.err().unwrap_or(error).into()),
    };
    let stopped = reporter.stopped();
    let shown = shown(store, after.clone());
    let print_status = reporter.finish(&output::object(&columns_of_one(), &shown)?);
    ended?;
    let exit = match what {
        _ if interrupt.is_raised() => Exit::Interrupted,
        What::Run => exit_of(&after),
        // The job is back in the state it was in, which says nothing of the retry.
        What::Retry => stopped.map_or_else(|| exit_of_failures(&after), exit_of_stop),
    };
    match what {
        What::Run => conclude(&after, job, began),
        What::Retry => conclude_retry(&after, job, began),
    }
    if interrupt.is_raised() {
        say(&format!("go on with: dps job resume {}", after.job_id));
    }
    // A reader that has gone away changes nothing about how the run ended.
    match print_status {
        Err(failure) if exit == Exit::Done && !is_closed_pipe(&failure) => Err(failure),
        _ => Ok(exit),
    }
}

/// Where nothing is run, a program that reads events still gets its first and last.
fn unchanged(store: &Store, job: Job, how: &RunOptions) -> Result<Exit, Failure> {
    let exit = exit_of(&job);
    if how.progress == Some(Progress::Json) {
        let name_of = |_| None;
        let mut reporter = Reporter::new(how.progress, 0, Interrupt::new(), &name_of);
        reporter.read(&Event::Started {
            job_id: job.job_id,
            processed: job.processed_count,
            total: job.total_steps(),
        });
        reporter.finish(&output::object(&columns_of_one(), &shown(store, job))?)?;
    }
    Ok(exit)
}

fn run_to_its_end(
    runner: &mut Runner<'_>,
    reporter: &mut Reporter<'_>,
) -> Result<(), prefetch::JobError> {
    loop {
        let job = runner.run_job_step(AT_A_TIME, &mut |event| reporter.read(&event))?;
        if job.status != JobStatus::Running {
            return Ok(());
        }
    }
}

/// The last line: what happened, what it took, and how to go on.
fn conclude(job: &Job, before: &Job, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    let calls = job.dart_calls - before.dart_calls.min(job.dart_calls);
    let counts = format!(
        "{} of {} steps: {} read, {} without a report, {} cached, {} failed; {calls} calls in \
         {seconds:.1} s",
        job.processed_count,
        job.total_steps(),
        job.success_count,
        job.skip_count,
        job.cached_count,
        job.fail_count,
    );
    let id = job.job_id;
    match job.status {
        JobStatus::Done => {
            say(&format!("done: {counts}"));
            if job.fail_count > 0 {
                say(&format!(
                    "hint: dps job show {id} --failures lists what failed"
                ));
                say(&format!("hint: dps job retry {id} asks those steps again"));
            } else {
                say(&format!("hint: dps job series {id} shows the rows"));
            }
        }
        JobStatus::Failed
        | JobStatus::Paused
        | JobStatus::Cancelled
        | JobStatus::Pending
        | JobStatus::Running => {
            let state = job.status.to_string().to_lowercase();
            let why = job
                .stop_reason
                .map_or_else(String::new, |reason| format!(" ({reason})"));
            say(&format!("{state}{why}: {counts}"));
            if let (Some(error), false) = (&job.last_error, is_by_request(job)) {
                say(&format!("last error: {error}"));
            }
            if job.stop_reason == Some(StopReason::KeyRefused) {
                say("hint: check the key and its state at https://opendart.fss.or.kr");
            }
            if job.stop_reason != Some(StopReason::Signal) {
                say(&format!("go on with: dps job resume {id}"));
            }
        }
    }
}

fn is_by_request(job: &Job) -> bool {
    matches!(
        job.stop_reason,
        Some(StopReason::Signal | StopReason::PauseRequested | StopReason::CancelRequested)
    )
}

/// The last line of a retry, whose job stands where it stood.
fn conclude_retry(job: &Job, before: &Job, began: Instant) {
    let recovered = before.fail_count - job.fail_count.min(before.fail_count);
    let calls = job.dart_calls - before.dart_calls.min(job.dart_calls);
    say(&format!(
        "asked {} failed steps again: {recovered} recovered, {} still failed; {calls} calls in {:.1} s",
        before.fail_count,
        job.fail_count,
        began.elapsed().as_secs_f64(),
    ));
    if job.fail_count > 0 {
        say(&format!(
            "hint: dps job show {} --failures lists what failed",
            job.job_id
        ));
    }
}

/// The exit code that a job's state stands for.
fn exit_of(job: &Job) -> Exit {
    match (job.status, job.stop_reason) {
        (JobStatus::Done, _) => exit_of_failures(job),
        (_, Some(reason)) => exit_of_stop(reason),
        // Somebody else took it over, or it was left as it was found.
        (_, None) => Exit::Stopped,
    }
}

fn exit_of_failures(job: &Job) -> Exit {
    if job.fail_count == 0 {
        Exit::Done
    } else {
        Exit::Partly
    }
}

fn exit_of_stop(reason: StopReason) -> Exit {
    match reason {
        StopReason::Signal => Exit::Interrupted,
        StopReason::PauseRequested | StopReason::CancelRequested => Exit::Stopped,
        StopReason::DailyQuota
        | StopReason::Maintenance
        | StopReason::SourceDown
        | StopReason::OnError => Exit::Later,
        StopReason::KeyRefused => Exit::Key,
    }
}
