//! The whole pipeline against the made-up market, every trap of which has a known truth: HTTP,
//! parser, database and lookup have to say what a perfect reader would.

use std::sync::Arc;

use dps::domain::{OriginKind, ReprtCode, Ticker};
use dps::fetch::{Fetcher, Gate, Interrupt};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::sandbox::{Config, Server, Source as Answers, market};
use dps::series::{Series, SeriesRequest, Source, get_dps_series};
use dps::store::Store;

use crate::support::clock::PinnedClock;
use crate::support::dart::{annual, now};

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

/// The market on loopback, and a database that knows its companies.
struct Desk {
    _server: Server,
    _folder: tempfile::TempDir,
    fetcher: Arc<Fetcher>,
    store: Store,
}

impl Desk {
    fn new() -> Self {
        let server = Server::start(Config::new(Answers::Market)).unwrap();
        let key = ApiKey::new("k".repeat(40)).unwrap();
        let origin = Origin::parse(&server.origin()).unwrap();
        let client = Client::new(Transport::new(origin, key, Timeouts::default()).unwrap());
        let fetcher = Fetcher::new(client, Gate::unlimited(), Arc::new(PinnedClock::at(now())));
        let folder = tempfile::TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("dps.db"), OriginKind::Sandbox).unwrap();
        let list = fetcher.companies(&Interrupt::default()).unwrap();
        store.replace_companies(&list.companies, now()).unwrap();
        Self {
            _server: server,
            _folder: folder,
            fetcher: Arc::new(fetcher),
            store,
        }
    }

    fn look_up(&mut self, ticker: Ticker, request: &SeriesRequest) -> Series {
        let corp_code = self.store.company(ticker).unwrap().unwrap().corp_code;
        let mut source = Source::dart(Arc::clone(&self.fetcher), Interrupt::default());
        let shares = [(ticker, corp_code)];
        let mut found = get_dps_series(&self.store, &mut source, &shares, request, now()).unwrap();
        found.remove(0)
    }
}

/// Whether later reports of the company state earlier years otherwise, beyond a split.
fn restates(ticker: Ticker) -> bool {
    let is_it = |company: &&market::Company| company.ticker == Some(ticker.issuer());
    let company = market::companies().iter().find(is_it).unwrap();
    company.trap() == Some(market::Trap::Restates)
}

fn differences(reprt_code: ReprtCode, first: u16, last: u16) -> Vec<String> {
    let mut desk = Desk::new();
    let request = SeriesRequest {
        reprt_code,
        ..annual(first, last)
    };
    let mut wrong = Vec::new();
    for ticker in shares() {
        let restates = restates(ticker);
        let series = desk.look_up(ticker, &request);
        assert!(series.missing.is_empty(), "{ticker}: {:?}", series.missing);
        for row in &series.rows {
            let (year, said) = (row.cached.year.fiscal_year.get(), &row.cached.year);
            let is_restated = reprt_code == ReprtCode::Annual
                && ((restates && (2015..=2024).contains(&year))
                    || market::is_contradicted(ticker, year));
            if row.restated.is_empty() == is_restated {
                wrong.push(format!("{ticker} {year}: {:?}", row.note()));
            }
            let truth = match reprt_code {
                ReprtCode::Annual => market::truth(ticker, year),
                interim => market::stated(ticker, year, interim, 0),
            };
            let truth = truth.unwrap_or_else(|| panic!("{ticker} is in the market"));
            let is_annual = reprt_code == ReprtCode::Annual;
            let truth = match market::is_contradicted(ticker, year) && is_annual {
                true => market::Truth::NotStated,
                false => truth,
            };
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

#[test]
fn the_two_real_splits_come_out_as_a_person_would_compute_them() {
    // (year, as filed, in today's shares): 005930 split 50:1 in 2018, 017670 5:1 in 2021.
    let samsung = [
        (2015, "21000", "420"),
        (2016, "28500", "570"),
        (2017, "42500", "850"),
        (2018, "1416", "1416"),
        (2019, "1416", "1416"),
        (2020, "2994", "2994"),
        (2021, "1444", "1444"),
        (2022, "1444", "1444"),
        (2023, "1444", "1444"),
        (2024, "1446", "1446"),
    ];
    let samsung_preferred = [
        (2015, "21050", "421"),
        (2016, "28550", "571"),
        (2017, "42550", "851"),
        (2018, "1417", "1417"),
        (2024, "1447", "1447"),
    ];
    let sk_telecom = [
        (2015, "10000", "2000"),
        (2016, "10000", "2000"),
        (2017, "10000", "2000"),
        (2018, "10000", "2000"),
        (2019, "10000", "2000"),
        (2020, "10000", "2000"),
        (2021, "3295", "3295"),
        (2022, "3320", "3320"),
        (2023, "3540", "3540"),
        (2024, "3540", "3540"),
    ];
    let mut desk = Desk::new();
    for (ticker, split_in, factor, figures) in [
        ("005930", 2018, 50, &samsung[..]),
        ("005935", 2018, 50, &samsung_preferred[..]),
        ("017670", 2021, 5, &sk_telecom[..]),
    ] {
        let series = desk.look_up(ticker.parse().unwrap(), &annual(2015, 2025));
        assert_eq!(series.rows.len(), 11, "{ticker}");
        for (year, filed, adjusted) in figures {
            let row = &series.rows[usize::from(year - 2015)];
            assert!(row.restated.is_empty(), "later reports say the same");
            let said = (
                row.cached.year.fiscal_year.get(),
                row.cached.year.dps_cash.unwrap().to_string(),
                row.dps_cash_adjusted().unwrap().to_string(),
                row.adjustment_factor.unwrap(),
            );
            let factor = if *year < split_in { factor } else { 1 };
            let expected = (*year, (*filed).into(), (*adjusted).into(), factor.into());
            assert_eq!(said, expected, "{ticker}");
        }
        let unfiled = &series.rows[10];
        assert_eq!(unfiled.dps_cash_adjusted(), None, "2025 has no report here");
    }
}
