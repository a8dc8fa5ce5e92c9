//! The whole pipeline against the made-up market, every trap of which has a known truth: HTTP,
//! parser, database and lookup have to say what a perfect reader would.

use std::sync::Arc;

use dps::domain::{FiscalYear, OriginKind, ReprtCode, Ticker};
use dps::fetch::{Fetcher, Gate, Interrupt, PinnedClock};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::sandbox::{Config, Server, Source as Answers, market};
use dps::series::{SeriesRequest, Source, get_dps_series};
use dps::store::Store;

use crate::support::dart::now;

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

fn differences(reprt_code: ReprtCode, first: u16, last: u16) -> Vec<String> {
    let server = Server::start(Config::new(Answers::Market)).unwrap();
    let key = ApiKey::new("k".repeat(40)).unwrap();
    let origin = Origin::parse(&server.origin()).unwrap();
    let client = Client::new(Transport::new(origin, key, Timeouts::default()).unwrap());
    let fetcher = Fetcher::new(client, Gate::unlimited(), Arc::new(PinnedClock::at(now())));
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
        plan: None,
    };
    let mut wrong = Vec::new();
    for ticker in shares() {
        let corp_code = store.company(ticker).unwrap().unwrap().corp_code;
        let mut source = Source::dart(&fetcher, Interrupt::default());
        let series =
            get_dps_series(&mut store, &mut source, ticker, corp_code, &request, now()).unwrap();
        assert!(series.missing.is_empty(), "{ticker}: {:?}", series.missing);
        for row in &series.rows {
            let (year, said) = (row.cached.year.fiscal_year.get(), &row.cached.year);
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
