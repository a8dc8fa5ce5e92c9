//! What is cached already: a job of 28,600 steps and a series, each as a whole process; and the list
//! of companies.

use std::time::Duration;

use anyhow::{Result, ensure};
use chrono::{TimeDelta, Utc};
use dps::domain::{Company, OriginKind};
use dps::sandbox::market;
use dps::store::{NewRow, Store};

use super::figures::{Table, count, median, seconds};
use super::program::{Home, Sandbox};
use super::support::{FIRST, LAST, samples};

/// As many as are listed in Korea, about.
const TICKERS: usize = 2_600;

const JOBS: usize = 5;
const SERIES: usize = 50;
const SYNCS: usize = 10;

pub fn measure() -> Result<Vec<Table>> {
    let server = Sandbox::start()?;
    let home = Home::asking(&server.origin)?;
    let (tickers, one) = fill(&home)?;
    let [first, last] = [FIRST, LAST].map(|year| year.to_string());
    let steps = TICKERS * usize::from(LAST - FIRST + 1);

    let file = home.db().with_file_name("tickers.txt");
    std::fs::write(&file, tickers.join("\n"))?;
    let file = file.display().to_string();
    let job = median_of(JOBS, || {
        let id = home.create(&["--tickers-file", &file, &first, &last])?;
        let took = home.timed(&["job", "run", &id])?;
        let job = home.job(&id)?;
        ensure!(
            job["cached_count"] == steps && job["dart_calls"] == 0,
            "not all of it is cached: {job}"
        );
        Ok(took)
    })?;
    let series = median_of(SERIES, || home.timed(&["series", &one, &first, &last]))?;
    let nothing = median_of(SERIES, || home.timed(&["--version"]))?;
    let sync = median_of(SYNCS, || home.timed(&["ticker", "sync"]))?;

    let mut table = Table::measured();
    let companies = market::companies().len() as u64;
    for (what, took) in [
        (
            format!("`dps job run`, {} steps, all cached", count(steps as u64)),
            job,
        ),
        ("`dps series`, eleven years, all cached".to_owned(), series),
        (
            format!("`dps ticker sync`, {} companies", count(companies)),
            sync,
        ),
        ("`dps --version`, to compare with".to_owned(), nothing),
    ] {
        table.row([what, seconds(took)]);
    }
    Ok(vec![table])
}

fn median_of(times: usize, mut run: impl FnMut() -> Result<Duration>) -> Result<Duration> {
    let spans: Result<Vec<Duration>> = (0..times).map(|_| run()).collect();
    Ok(median(spans?))
}

/// Fills the database with companies and their years as the market states them: the companies of
/// the market, repeated under other numbers until there are enough. Returns their tickers, and one
/// of them.
fn fill(home: &Home) -> Result<(Vec<String>, String)> {
    let store = Store::open(&home.db(), OriginKind::Loopback)?;
    let now = Utc::now();
    // Known since yesterday: what was fetched before a job starts is not its own.
    let fetched_at = now - TimeDelta::days(1);
    let samples = samples(400)?;
    let stated: Vec<NewRow> = samples
        .chunk_by(|one, other| one.ticker == other.ticker)
        .filter(|years| years.len() == usize::from(LAST - FIRST + 1))
        .flatten()
        .map(|sample| sample.row(fetched_at))
        .collect::<Result<_>>()?;
    let donors: Vec<&[NewRow]> = stated
        .chunk_by(|one, other| one.year.ticker == other.year.ticker)
        .collect();
    let (mut companies, mut tickers, mut rows) = (Vec::new(), Vec::new(), Vec::new());
    for (number, donor) in donors.iter().cycle().take(TICKERS).enumerate() {
        let ticker = format!("{:05}0", number + 1);
        let company = Company {
            ticker: ticker.parse()?,
            corp_code: format!("{:08}", number + 1).parse()?,
            corp_name: format!("가상 {number}"),
            corp_eng_name: format!("Made-up {number}"),
            modify_date: None,
            corp_cls: None,
        };
        let mut theirs = donor.to_vec();
        for row in &mut theirs {
            row.year.ticker = company.ticker;
            row.year.corp_code = company.corp_code;
        }
        rows.extend(theirs);
        companies.push(company);
        tickers.push(ticker);
    }
    for some in rows.chunks(1_000) {
        store.save(some, fetched_at)?;
    }
    store.replace_companies(&companies, now)?;
    let one = tickers[tickers.len() / 2].clone();
    Ok((tickers, one))
}
