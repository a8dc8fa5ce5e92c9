//! Work on all stored answers: `cache audit` and `cache reparse` of the whole market, as processes,
//! and how they compare with inflating and parsing the same answers on one thread.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use chrono::Utc;
use dps::domain::{OriginKind, ReprtCode};
use dps::opendart::alot_matter::{PARSER_VERSION, Report, pack, unpack};
use dps::sandbox::market;
use dps::store::{NewRow, Store};

use super::figures::{Table, count, median, seconds};
use super::program::Home;
use super::support::{Sample, samples};

const RUNS: usize = 5;

pub fn measure() -> Result<Vec<Table>> {
    let samples = samples(market::companies().len())?;
    let (half, _) = samples.split_at(samples.len() / 2);
    let current = filled(&samples, PARSER_VERSION)?;
    let halved = filled(half, PARSER_VERSION)?;
    let (mut audits, mut half_audits, mut unchanged) = (Vec::new(), Vec::new(), Vec::new());
    let (mut outdated, mut parsed) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        audits.push(current.timed(&["cache", "audit"])?);
        half_audits.push(halved.timed(&["cache", "audit"])?);
        unchanged.push(current.timed(&["cache", "reparse"])?);
        outdated.push(filled(&samples, PARSER_VERSION - 1)?.timed(&["cache", "reparse"])?);
        parsed.push(parse_alone(&samples)?);
    }
    let [audit, half_audit] = [audits, half_audits].map(median);
    let [unchanged, outdated, parsed] = [unchanged, outdated, parsed].map(median);
    let rows = count(samples.len() as u64);
    let ratio =
        |span: Duration, to: Duration| format!("{:.2}", span.as_secs_f64() / to.as_secs_f64());
    let mut table = Table::measured();
    for (what, took) in [
        (format!("`dps cache audit`, {rows} rows"), seconds(audit)),
        (
            "to the same of half of them".to_owned(),
            ratio(audit, half_audit),
        ),
        (
            format!("`dps cache reparse`, {rows} rows, none to be changed"),
            seconds(unchanged),
        ),
        (
            "to inflating and parsing their answers on one thread".to_owned(),
            ratio(unchanged, parsed),
        ),
        (
            format!("`dps cache reparse`, {rows} rows of an older parser"),
            seconds(outdated),
        ),
        ("to the same".to_owned(), ratio(outdated, parsed)),
    ] {
        table.row([what, took]);
    }
    Ok(vec![table])
}

/// A database of these answers' rows, as a parser of this version left them.
fn filled(samples: &[Sample], parser_version: u32) -> Result<Home> {
    let home = Home::asking("http://127.0.0.1:9")?;
    let store = Store::open(&home.db(), OriginKind::Loopback)?;
    let now = Utc::now();
    for some in samples.chunks(1_000) {
        let row = |sample: &Sample| {
            let row = sample.row(now)?;
            Ok(NewRow {
                parser_version,
                ..row
            })
        };
        let rows = some.iter().map(row).collect::<Result<Vec<_>>>()?;
        store.save(&rows, now)?;
    }
    Ok(home)
}

fn parse_alone(samples: &[Sample]) -> Result<Duration> {
    let packed = samples.iter().map(|sample| pack(&sample.body));
    let packed = packed.collect::<Result<Vec<_>, _>>()?;
    let began = Instant::now();
    for (sample, packed) in samples.iter().zip(&packed) {
        let body = unpack(packed)?;
        let report = Report::read(&body, sample.corp_code, sample.year, ReprtCode::Annual)?;
        ensure!(!report.is_capped(), "small ones");
    }
    Ok(began.elapsed())
}
