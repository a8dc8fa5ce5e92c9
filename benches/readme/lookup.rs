//! Fresh lookups at the default limit, and how long a job's progress stands still.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dps::sandbox::{Config, Source, market};
use serde_json::Value;

use super::figures::{Table, median, seconds};
use super::program::{Home, Running};
use super::sandbox::CountingSandbox;
use super::support::{FIRST, LAST};

const LATENCY: Duration = Duration::from_millis(100);
const RUNS: usize = 5;

/// Tickers, and how long `dps series` may take for their eleven years.
const LOOKUPS: [(usize, Duration); 2] = [
    (5, Duration::from_millis(1_200)),
    (1, Duration::from_millis(400)),
];
const MOST_IN_FLIGHT: u64 = 8;

const JOB_TICKERS: usize = 300;
const JOB_LATENCIES: [Duration; 2] = [Duration::from_millis(50), Duration::from_millis(200)];
const WATCHED: Duration = Duration::from_secs(70);
const LONGEST_STANDSTILL: Duration = Duration::from_secs(2);

pub fn measure() -> Result<Vec<Table>> {
    let mut table = Table::measured();
    for (tickers, most) in LOOKUPS {
        let took = (0..RUNS).map(|_| series(tickers)).collect::<Result<_>>();
        let took = median(took?);
        ensure!(took <= most, "{tickers} tickers took {took:?}");
        table.row([
            format!("`dps series`, {tickers} × eleven years, nothing cached, answers take 100 ms"),
            seconds(took),
        ]);
    }
    let standstills = thread::scope(|scope| {
        JOB_LATENCIES
            .map(|latency| scope.spawn(move || standstill(latency)))
            .map(|one| one.join().unwrap_or_else(|_| anyhow::bail!("it panicked")))
    });
    for (latency, longest) in JOB_LATENCIES.iter().zip(standstills) {
        let longest = longest?;
        ensure!(
            longest <= LONGEST_STANDSTILL,
            "at {latency:?} the job stood still for {longest:?}"
        );
        table.row([
            format!(
                "`dps job run`, {JOB_TICKERS} tickers, answers take {} ms: longest standstill",
                latency.as_millis()
            ),
            seconds(longest),
        ]);
    }
    Ok(vec![table])
}

/// A server with this latency, and a home that asks it at the default limit and has the list of
/// companies.
fn setting(latency: Duration) -> Result<(CountingSandbox, Home)> {
    let server = CountingSandbox::start(Config {
        latency,
        ..Config::new(Source::Market)
    })?;
    let home = Home::asking(&server.origin())?;
    home.sync()?;
    Ok((server, home.with("DPS_RATE_PER_MINUTE", "900")))
}

fn tickers(count: usize) -> Vec<String> {
    market::companies()
        .iter()
        .filter_map(|company| company.ticker)
        .take(count)
        .map(|ticker| ticker.to_string())
        .collect()
}

/// How long a fresh lookup of so many tickers takes.
fn series(count: usize) -> Result<Duration> {
    let (server, home) = setting(LATENCY)?;
    let [first, last] = [FIRST, LAST].map(|year| year.to_string());
    let tickers = tickers(count);
    let mut words = vec!["series"];
    words.extend(tickers.iter().map(String::as_str));
    words.extend([first.as_str(), last.as_str()]);
    let took = home.timed(&words)?;
    let stats = server.stats();
    let asked = count as u64 * u64::from(LAST - FIRST + 1);
    ensure!(
        stats.total >= asked && stats.max_in_flight <= MOST_IN_FLIGHT,
        "{} calls, {} in flight",
        stats.total,
        stats.max_in_flight
    );
    Ok(took)
}

/// The longest time in which no step of a job was done while answers came.
fn standstill(latency: Duration) -> Result<Duration> {
    let (_server, home) = setting(latency)?;
    let [first, last] = [FIRST, LAST].map(|year| year.to_string());
    let id = home.create(&["--tickers", &tickers(JOB_TICKERS).join(","), &first, &last])?;
    let mut child = home
        .command(&["job", "run", &id, "--progress", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let stdout = child.stdout.take().context("it is piped")?;
    let _running = Running::of(child);
    let (mut longest, mut done, mut at) = (Duration::ZERO, 0, Instant::now());
    let until = at + WATCHED;
    for line in BufReader::new(stdout).lines() {
        let event: Value = serde_json::from_str(&line?)?;
        let processed = event["processed"].as_u64().unwrap_or(done);
        if processed > done {
            longest = longest.max(at.elapsed());
            (done, at) = (processed, Instant::now());
        }
        if at >= until {
            return Ok(longest);
        }
    }
    anyhow::bail!("the job ended early, after {done} steps")
}
