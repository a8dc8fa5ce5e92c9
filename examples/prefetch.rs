//! Drives a job from Rust and draws its own progress: the whole of a made-up market, ten years.
//!
//! `cargo run --release --example prefetch [DATABASE]`. Interrupt it, run it again on the same
//! database, and it goes on where it stood.

#![allow(clippy::print_stderr)] // the engine tells, the program draws

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use dps::domain::{FiscalYear, OriginKind, ReprtCode};
use dps::fetch::{Fetcher, Gate, SystemClock};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::prefetch::{
    Event, JobError, JobSettings, OnError, Plan, Runner, RunnerOptions, create_job, failures,
    find_job,
};
use dps::sandbox::{Config, Server, Source, market};
use dps::store::Store;

fn main() -> Result<(), Box<dyn Error>> {
    let database = std::env::args_os().nth(1).map_or_else(
        || std::env::temp_dir().join("dps-example.db"),
        PathBuf::from,
    );
    let server = Server::start(Config::new(Source::Market))?;
    let transport = Transport::new(
        Origin::parse(&server.origin())?,
        ApiKey::new("0".repeat(40))?,
        Timeouts::default(),
    )?;
    let fetcher = Arc::new(Fetcher::new(
        Client::new(transport),
        Gate::unlimited(),
        Arc::new(SystemClock::new()),
    ));
    let store = Store::open(&database, OriginKind::Sandbox)?;

    let now = chrono::Utc::now();
    let job = match find_job(&store, "example") {
        Err(JobError::NotFound { .. }) => create_job(
            &store,
            &JobSettings {
                name: Some("example".to_owned()),
                tickers: market::tickers().collect(),
                first: FiscalYear::new(2015)?,
                last: FiscalYear::new(2024)?,
                reprt_code: ReprtCode::Annual,
                force_refresh: false,
                recheck_recent: 0,
                plan: Plan::Own,
                own_only: false,
                on_error: OnError::Continue,
                daily_limit: None,
            },
            now,
        )?,
        found => found?,
    };
    let id = job.job_id;
    let (began, before) = (Instant::now(), job.processed_count);
    let mut runner = match Runner::open(&store, fetcher, &id, RunnerOptions::default()) {
        Err(JobError::Done { job }) => {
            eprintln!("job {id} is done: {} steps", job.processed_count);
            return Ok(());
        }
        opened => opened?,
    };
    let job = runner.run_job_step(u64::MAX, &mut |event| match event {
        Event::StepsDone {
            processed,
            total,
            ticker: Some(ticker),
            ..
        } => eprint!("\r{processed} of {total}, at {ticker}   "),
        Event::Failed {
            ticker,
            year,
            message,
            ..
        } => eprintln!("\r{ticker} {year}: {message}"),
        _ => {}
    })?;
    drop(runner);
    let took = began.elapsed();
    let steps = job.processed_count - before;
    eprintln!(
        "\r{}: {steps} steps and {} calls in {took:.1?}, {:.0} steps a second; {} failed",
        job.status,
        job.dart_calls,
        steps as f64 / took.as_secs_f64(),
        failures(&store, &id)?.len(),
    );
    Ok(())
}
