//! Faults: what a tenth of all answers going wrong costs, and whether any figure does.

use anyhow::{Result, ensure};
use dps::domain::{FiscalYear, OriginKind, ReprtCode, Ticker};
use dps::sandbox::{Config, Faults, Source, market};
use dps::store::Store;

use super::figures::{Table, count, percent};
use super::program::{Home, number};
use super::sandbox::CountingSandbox;
use super::support::{FIRST, LAST};

/// One answer in ten: an error, reset, never given, cut, too slow for [`TIMEOUT_MS`], or no answer
/// at all.
pub const TENTH: &str = "http503:1%,http500:1%,reset:1.5%,hang:1%,cut:1%,truncated:1%,html:1%,\
                         s900:1%,slow:1%,empty:0.5%";

/// How long an attempt may take, so that what hangs costs little.
pub const TIMEOUT_MS: &str = "300";

const COMPANIES: usize = 150;

/// A job under faults ends within this many runs, or something is wrong.
const RUNS: usize = 20;

pub fn measure() -> Result<Vec<Table>> {
    let server = CountingSandbox::start(Config {
        faults: Faults::parse(TENTH)?,
        ..Config::new(Source::Market)
    })?;
    let home = Home::asking(&server.origin())?.with("DPS_TIMEOUT_MS", TIMEOUT_MS);
    let tickers: Vec<Ticker> = market::companies()
        .iter()
        .filter_map(|company| company.ticker)
        .take(COMPANIES)
        .collect();
    let list: Vec<String> = tickers.iter().map(ToString::to_string).collect();
    let [first, last] = [FIRST, LAST].map(|year| year.to_string());
    home.sync()?;
    let id = home.create(&["--tickers", &list.join(","), &first, &last])?;
    let mut runs = 0;
    let job = loop {
        home.outcome(&["job", "run", &id, "--progress", "none"])?;
        runs += 1;
        let job = home.job(&id)?;
        if job["status"] == "DONE" {
            break job;
        }
        ensure!(runs < RUNS, "the job does not end: {job}");
    };
    let (wrong, missing) = compare(&home, &tickers)?;
    let failed = number(&job, "fail_count")?;
    ensure!(
        missing == failed,
        "{missing} rows are missing and {failed} steps failed"
    );

    let stats = server.stats();
    let calls: u64 = stats.answers.values().map(|times| times.asked).sum();
    let questions = stats.answers.len() as u64;
    let extra = (calls - questions) as f64;
    let mut table = Table::measured();
    table.row([
        format!(
            "one answer in ten goes wrong, {} steps: wrong figures · failed steps · runs",
            count(number(&job, "total_steps")?)
        ),
        format!("{wrong} · {failed} · {runs}"),
    ]);
    table.row([
        "calls it takes beyond one a question".to_owned(),
        percent(extra, questions as f64),
    ]);
    Ok(vec![table])
}

/// How many rows say something else than the market does, and how many are not there.
fn compare(home: &Home, tickers: &[Ticker]) -> Result<(u64, u64)> {
    let store = Store::open(&home.db(), OriginKind::Loopback)?;
    let (first, last) = (FiscalYear::new(FIRST)?, FiscalYear::new(LAST)?);
    let (mut wrong, mut there) = (0, 0);
    for ticker in tickers {
        for row in store.rows(*ticker, first, last, ReprtCode::Annual)? {
            there += 1;
            let year = &row.year;
            let is_right = market::truth(*ticker, year.fiscal_year.get()).is_some_and(|truth| {
                (year.outcome, year.dps_cash) == (truth.outcome(), truth.dps_cash())
            });
            wrong += u64::from(!is_right);
        }
    }
    let steps = tickers.len() as u64 * u64::from(LAST - FIRST + 1);
    Ok((wrong, steps - there))
}
