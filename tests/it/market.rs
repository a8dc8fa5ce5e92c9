//! The whole pipeline against the made-up market, every trap of which has a known truth: HTTP,
//! parser, database and lookup have to say what a perfect reader would.

use std::sync::Arc;

use dps::domain::{FiscalYear, OriginKind, ReprtCode, Ticker, Won};
use dps::fetch::{Fetcher, Gate, Interrupt, PinnedClock, Rate};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::sandbox::{Config, Server, Source as Answers, market};
use dps::series::{SeriesRequest, SeriesRow, Source, get_dps_series};
use dps::store::Store;

use crate::support::dart::{annual, fetcher_to, now};

/// Every share of the market that stands for a trap, the real companies, and a sample of the rest.
fn shares() -> Vec<Ticker> {
    let is_drawn =
        |ticker: &Ticker| ticker.as_str().starts_with("9B") || ticker.as_str().starts_with("9C");
    let (drawn, named): (Vec<Ticker>, Vec<Ticker>) = market::tickers().partition(is_drawn);
    named
        .into_iter()
        .chain(drawn.into_iter().step_by(101))
        .collect()
}

/// Whether later reports of the company state earlier years otherwise, beyond a split.
fn restates(ticker: Ticker) -> bool {
    let is_it = |company: &&market::Company| company.ticker == Some(ticker.issuer());
    let company = market::companies().iter().find(is_it).unwrap();
    company.trap() == Some(market::Trap::Restates)
}

fn differences(reprt_code: ReprtCode, first: u16, last: u16) -> Vec<String> {
    let server = Server::start(Config::new(Answers::Market)).unwrap();
    let key = ApiKey::new("k".repeat(40)).unwrap();
    let origin = Origin::parse(&server.origin()).unwrap();
    let client = Client::new(Transport::new(origin, key, Timeouts::default()).unwrap());
    let rate = Rate::new(0, OriginKind::Loopback).unwrap();
    let fetcher = Fetcher::new(client, Gate::new(rate), Arc::new(PinnedClock::at(now())));
    let folder = tempfile::TempDir::new().unwrap();
    let mut store = Store::open(&folder.path().join("dps.db"), OriginKind::Sandbox).unwrap();
    let list = fetcher.companies(&Interrupt::default()).unwrap();
    store.replace_companies(&list.companies, now()).unwrap();
    let request = SeriesRequest {
        first: FiscalYear::new(first).unwrap(),
        last: FiscalYear::new(last).unwrap(),
        reprt_code,
        refresh: false,
        recheck_recent: 0,
    };
    let mut wrong = Vec::new();
    for ticker in shares() {
        let restates = restates(ticker);
        let corp_code = store.company(ticker).unwrap().unwrap().corp_code;
        let mut source = Source::dart(&fetcher, Interrupt::default());
        let series =
            get_dps_series(&mut store, &mut source, ticker, corp_code, &request, now()).unwrap();
        assert!(series.missing.is_empty(), "{ticker}: {:?}", series.missing);
        for row in &series.rows {
            let (year, said) = (row.cached.year.fiscal_year.get(), &row.cached.year);
            let is_restated =
                restates && reprt_code == ReprtCode::Annual && (2015..=2024).contains(&year);
            if row.restated.is_empty() == is_restated {
                wrong.push(format!("{ticker} {year}: {:?}", row.note()));
            }
            let truth = match reprt_code {
                ReprtCode::Annual => market::truth(ticker, year),
                interim => market::stated(ticker, year, interim, 0),
            };
            let truth = truth.unwrap_or_else(|| panic!("{ticker} is in the market"));
            if (said.outcome, said.dps_cash) != (truth.outcome(), truth.dps_cash()) {
                wrong.push(format!(
                    "{ticker} {year}: {} {:?}, not {truth:?}",
                    said.outcome, said.dps_cash
                ));
            }
        }
    }
    wrong
}

#[test]
fn every_trap_is_read_as_a_perfect_reader_would() {
    let wrong = differences(ReprtCode::Annual, 2013, 2026);
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

#[test]
fn interim_reports_are_read_as_a_perfect_reader_would() {
    let wrong = differences(ReprtCode::Half, 2015, 2025);
    assert!(
        wrong.is_empty(),
        "{} differ:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Each year's dividend, its par value, and the dividend in today's shares.
fn adjusted(ticker: &str) -> Vec<String> {
    let server = Server::start(Config::new(Answers::Market)).unwrap();
    let fetcher = fetcher_to(&server.origin());
    let folder = tempfile::TempDir::new().unwrap();
    let mut store = Store::open(&folder.path().join("dps.db"), OriginKind::Sandbox).unwrap();
    let list = fetcher.companies(&Interrupt::default()).unwrap();
    store.replace_companies(&list.companies, now()).unwrap();
    let ticker: Ticker = ticker.parse().unwrap();
    let corp_code = store.company(ticker).unwrap().unwrap().corp_code;
    let request = annual(2015, 2025);
    let mut source = Source::dart(&fetcher, Interrupt::default());
    let series = get_dps_series(&mut store, &mut source, ticker, corp_code, &request, now());
    let text = |amount: Option<Won>| amount.map_or_else(String::new, |amount| amount.to_string());
    let line = |row: &SeriesRow| {
        assert!(row.restated.is_empty(), "later reports say the same");
        let (year, adjusted) = (&row.cached.year, row.dps_cash_adjusted());
        let of = [year.dps_cash, year.par_value, adjusted].map(text);
        format!("{} {}", year.fiscal_year, of.join(" "))
            .trim_end()
            .to_owned()
    };
    series.unwrap().rows.iter().map(line).collect()
}

#[test]
fn two_real_splits_come_out_as_a_person_would_compute_them_by_hand() {
    // 50:1 in 2018: 21,000 ÷ 50 and so on.
    let samsung = [
        "2015 21000 5000 420",
        "2016 28500 5000 570",
        "2017 42500 5000 850",
        "2018 1416 100 1416",
        "2019 1416 100 1416",
        "2020 2994 100 2994",
        "2021 1444 100 1444",
        "2022 1444 100 1444",
        "2023 1444 100 1444",
        "2024 1446 100 1446",
        "2025",
    ];
    assert_eq!(adjusted("005930"), samsung);
    // 5:1 in 2021.
    let sk_telecom = [
        "2015 10000 500 2000",
        "2016 10000 500 2000",
        "2017 10000 500 2000",
        "2018 10000 500 2000",
        "2019 10000 500 2000",
        "2020 10000 500 2000",
        "2021 3295 100 3295",
        "2022 3320 100 3320",
        "2023 3540 100 3540",
        "2024 3540 100 3540",
        "2025",
    ];
    assert_eq!(adjusted("017670"), sk_telecom);
}
