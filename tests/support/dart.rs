//! A folder of made answers, the sandbox that serves it, and a way to ask it.

use std::fs;
use std::io::{Cursor, Write};
use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use dps::domain::{CorpCode, FiscalYear, OriginKind, ReprtCode};
use dps::fetch::{Fetcher, Gate, Interrupt};
use dps::opendart::{ApiKey, Client, Origin, Timeouts, Transport};
use dps::sandbox::{Config, Faults, OnEvent, Source};
use dps::series::{Series, SeriesRequest, get_dps_series};
use dps::store::Store;
use tempfile::TempDir;

use super::answer::Answer;
use super::clock::PinnedClock;
use super::sandbox::CountingSandbox;

/// OpenDART in a test, on loopback.
pub struct FakeDart {
    folder: TempDir,
    pub server: CountingSandbox,
}

pub const NOW: &str = "2026-06-01T00:00:00Z";

pub fn now() -> DateTime<Utc> {
    NOW.parse().unwrap()
}

impl FakeDart {
    /// Has no reports yet: every question is answered 013.
    pub fn new() -> Self {
        Self::with_faults("")
    }

    /// As the sandbox's `--faults` describes them.
    pub fn with_faults(faults: &str) -> Self {
        Self::with(faults, None)
    }

    /// The same, and a hook that is told of each request before it is answered.
    pub fn with(faults: &str, on_event: Option<OnEvent>) -> Self {
        let folder = TempDir::new().unwrap();
        let faults = if faults.is_empty() {
            Faults::default()
        } else {
            Faults::parse(faults).unwrap()
        };
        let source = Source::Folder(folder.path().to_owned());
        let server = CountingSandbox::start(Config {
            faults,
            on_event,
            ..Config::new(source)
        })
        .unwrap();
        Self { folder, server }
    }

    /// Adds an answer to (company, year, report). The server remembers what it has read: add it
    /// before it is asked.
    pub fn with_report(self, year: u16, report: ReprtCode, answer: &Answer) -> Self {
        let name = format!("{}_{year}_{report}.json", answer.corp_code());
        fs::write(self.folder.path().join(name), answer.body_of(year)).unwrap();
        self
    }

    /// Answers a question with these bytes, whatever they are.
    pub fn serve_raw(self, corp_code: &str, year: u16, body: &str) -> Self {
        let name = format!("{corp_code}_{year}_11011.json");
        fs::write(self.folder.path().join(name), body).unwrap();
        self
    }

    /// Serves these bytes as corpCode.xml's ZIP.
    pub fn with_company_file(self, bytes: &[u8]) -> Self {
        fs::write(self.folder.path().join("corpCode.zip"), bytes).unwrap();
        self
    }

    /// Lists companies: (corp_code, name, English name, ticker).
    pub fn with_companies(self, companies: &[(&str, &str, &str, &str)]) -> Self {
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result>\n");
        for (corp_code, name, english, ticker) in companies {
            let name = name.replace('&', "&amp;");
            let english = english.replace('&', "&amp;");
            xml.push_str(&format!(
                "    <list>\n        <corp_code>{corp_code}</corp_code>\n        \
                 <corp_name>{name}</corp_name>\n        \
                 <corp_eng_name>{english}</corp_eng_name>\n        \
                 <stock_code>{ticker}</stock_code>\n        \
                 <modify_date>20250101</modify_date>\n    </list>\n"
            ));
        }
        xml.push_str("</result>\n");
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        zip.start_file("CORPCODE.xml", zip::write::SimpleFileOptions::default())
            .unwrap();
        zip.write_all(xml.as_bytes()).unwrap();
        let bytes = zip.finish().unwrap().into_inner();
        self.with_company_file(&bytes)
    }

    /// The calls of alotMatter.json so far.
    pub fn calls(&self) -> u64 {
        self.server
            .stats()
            .by_path
            .get("/api/alotMatter.json")
            .copied()
            .unwrap_or_default()
    }

    /// A fetcher whose clock stands still but for its own waits.
    pub fn fetcher(&self) -> Fetcher {
        fetcher_to(&self.server.origin())
    }
}

/// A fetcher that asks a server on loopback; its clock stands still but for its own waits.
pub fn fetcher_to(origin: &str) -> Fetcher {
    fetcher_at(origin, now())
}

/// The same at another time.
pub fn fetcher_at(origin: &str, now: DateTime<Utc>) -> Fetcher {
    let origin = Origin::parse(origin).unwrap();
    let key = ApiKey::new("k".repeat(40)).unwrap();
    let transport = Transport::new(origin, key, Timeouts::default()).unwrap();
    let clock = Arc::new(PinnedClock::at(now));
    Fetcher::new(Client::new(transport), Gate::unlimited(), clock)
}

/// A database in a folder of its own.
pub struct TestStore {
    _folder: TempDir,
    pub path: PathBuf,
    pub store: Store,
}

impl TestStore {
    pub fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("dps.db");
        let store = Store::open(&path, OriginKind::Loopback).unwrap();
        Self {
            _folder: folder,
            path,
            store,
        }
    }

    /// Looks up with calls allowed, at `now`.
    pub fn look_up(
        &mut self,
        dart: &FakeDart,
        ticker: &str,
        request: &SeriesRequest,
        now: DateTime<Utc>,
    ) -> Series {
        let fetcher = dart.fetcher();
        let mut source = dps::series::Source::dart(Arc::new(fetcher), Interrupt::default());
        let corp_code: CorpCode = CORP.parse().unwrap();
        let ticker = ticker.parse().unwrap();
        let shares = [(ticker, corp_code)];
        let mut found = get_dps_series(&self.store, &mut source, &shares, request, now).unwrap();
        found.remove(0)
    }

    /// Looks up without.
    pub fn look_up_offline(&mut self, ticker: &str, request: &SeriesRequest) -> Series {
        let mut source = dps::series::Source::offline();
        let corp_code: CorpCode = CORP.parse().unwrap();
        let ticker = ticker.parse().unwrap();
        let shares = [(ticker, corp_code)];
        let mut found = get_dps_series(&self.store, &mut source, &shares, request, now()).unwrap();
        found.remove(0)
    }
}

/// The company the lookups are about.
pub const CORP: &str = "99999999";

/// The years from first to last of annual reports.
pub fn annual(first: u16, last: u16) -> SeriesRequest {
    SeriesRequest {
        first: FiscalYear::new(first).unwrap(),
        last: FiscalYear::new(last).unwrap(),
        reprt_code: ReprtCode::Annual,
        refresh: false,
        recheck_recent: 0,
        plan: None,
    }
}

/// A row in brief: year, outcome and amount, and where it came from.
pub fn brief(series: &Series) -> Vec<String> {
    let line = |row: &dps::series::SeriesRow| {
        let year = &row.cached.year;
        let amount = year
            .dps_cash
            .map_or_else(String::new, |amount| format!(" {amount}"));
        let from = if row.from_cache { "cache" } else { "DART" };
        format!("{} {}{amount} {from}", year.fiscal_year, year.outcome)
    };
    series.rows.iter().map(line).collect()
}
