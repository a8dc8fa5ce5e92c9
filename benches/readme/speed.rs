//! Speed: the whole market with the limiter off, and where its time goes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use chrono::Utc;
use dps::domain::{OriginKind, ReprtCode};
use dps::opendart::alot_matter::pack;
use dps::opendart::{Answer, ApiKey, Client, Origin, Timeouts, Transport};
use dps::store::{NewRow, Store};
use tempfile::TempDir;

use super::figures::{Table, a_second, count, median, percent, rate, seconds};
use super::program::{Home, Sandbox, number};
use super::support::{FIRST, LAST, Sample, samples};

const RUNS: usize = 3;

/// Companies whose answers are taken apart.
const COMPANIES: usize = 400;

/// Answers a commit, as many as are in flight.
const BATCH: usize = 8;

/// Commits of the loop to compare with.
const COMMITS: usize = 500;

pub fn measure() -> Result<Vec<Table>> {
    let samples = samples(COMPANIES)?;
    let rows = rows_of(&samples)?;
    let some = rows.get(..COMMITS).context("there are as many")?;
    let (mut steps, mut spans, mut loops) = (0, Vec::new(), Vec::new());
    for _ in 0..RUNS {
        // One right before the other: a disk is not as fast at all times.
        loops.push(saved(some, 1)?);
        let (all, took) = whole_market()?;
        steps = all;
        spans.push(took);
    }
    let (took, one_by_one) = (median(spans), median(loops));
    let parts = parts(&samples, &rows)?;

    let commits = COMMITS as u64;
    let mut table = Table::measured();
    table.row([
        format!(
            "the sandbox's whole market, no limit, `dps --sandbox job run`: {} steps",
            count(steps)
        ),
        a_second(steps, took),
    ]);
    table.row([
        "a plain loop of durable commits, a row each".to_owned(),
        a_second(commits, one_by_one),
    ]);
    table.row([
        "steps to such a commit".to_owned(),
        format!("{:.2}", rate(steps, took) / rate(commits, one_by_one)),
    ]);
    let whole: Duration = parts.iter().map(|(_, span)| *span).sum();
    let share = |span: Duration| percent(span.as_secs_f64(), whole.as_secs_f64());
    table.row([
        format!(
            "an answer's way on one thread: {}",
            parts.map(|(name, _)| name).join(" · ")
        ),
        parts.map(|(_, span)| share(span)).join(" · "),
    ]);
    table.row([
        "which takes".to_owned(),
        seconds(whole / u32::try_from(samples.len())?),
    ]);
    Ok(vec![table])
}

/// Steps, and how long `dps job run` took for them, its sandbox included.
fn whole_market() -> Result<(u64, Duration)> {
    let home = Home::asking("http://127.0.0.1:9")?;
    let db = home.db().display().to_string();
    let here = ["--sandbox", "--db", &db];
    let [first, last] = [FIRST, LAST].map(|year| year.to_string());
    home.run(&[&here[..], &["ticker", "sync"]].concat())?;
    let create = ["job", "create", "--from-master", &first, &last];
    let id = home.run(&[&here[..], &create].concat())?;
    let run = ["job", "run", id.trim_end(), "--progress", "none"];
    let took = home.timed(&[&here[..], &run].concat())?;
    let show = ["job", "show", id.trim_end(), "--format", "json"];
    let job = serde_json::from_str(&home.run(&[&here[..], &show].concat())?)?;
    let steps = number(&job, "total_steps")?;
    ensure!(number(&job, "processed_count")? == steps, "not done: {job}");
    Ok((steps, took))
}

/// How long each part of these answers' way takes alone.
fn parts(samples: &[Sample], rows: &[NewRow]) -> Result<[(&'static str, Duration); 4]> {
    let server = Sandbox::start()?;
    let transport = Transport::new(
        Origin::parse(&server.origin)?,
        ApiKey::new("0".repeat(40))?,
        Timeouts::default(),
    )?;
    let client = Client::new(transport);
    let http = each(samples, |sample| {
        let answer = client.alot_matter(sample.corp_code, sample.year, ReprtCode::Annual)?;
        ensure!(matches!(answer, Answer::Report(_)), "it was there");
        Ok(())
    })?;
    let parse = each(samples, |sample| sample.read().map(drop))?;
    let deflate = each(samples, |sample| Ok(pack(&sample.body).map(drop)?))?;
    Ok([
        ("HTTP with the sandbox", http),
        ("parse", parse),
        ("deflate", deflate),
        ("durable commits of eight", saved(rows, BATCH)?),
    ])
}

fn rows_of(samples: &[Sample]) -> Result<Vec<NewRow>> {
    let now = Utc::now();
    samples.iter().map(|sample| sample.row(now)).collect()
}

fn each(samples: &[Sample], what: impl Fn(&Sample) -> Result<()>) -> Result<Duration> {
    let began = Instant::now();
    samples.iter().try_for_each(what)?;
    Ok(began.elapsed())
}

/// How long it takes to save rows in an empty database, a batch a transaction.
fn saved(rows: &[NewRow], batch: usize) -> Result<Duration> {
    let folder = TempDir::new_in(Path::new(env!("CARGO_TARGET_TMPDIR")))?;
    let store = Store::open(&folder.path().join("dps.db"), OriginKind::Loopback)?;
    let began = Instant::now();
    for some in rows.chunks(batch) {
        store.save(some, Utc::now())?;
    }
    Ok(began.elapsed())
}
