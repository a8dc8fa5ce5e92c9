//! The database from outside.

mod external_readers;
mod kept;
mod opening;
mod replaced;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use dps::domain::{
    Company, CorpCls, CorpCode, DividendYear, FiscalYear, OriginKind, Outcome, ReprtCode, Ticker,
    Won,
};
use dps::store::{CachedRow, NewRow, Store};

const SAMSUNG: &str = "00126380";

/// Noon (UTC) of a day in November 2026.
fn noon(day: u32) -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 11, day, 12, 0, 0).unwrap()
}

fn ticker(text: &str) -> Ticker {
    text.parse().unwrap()
}

fn year(number: u16) -> FiscalYear {
    FiscalYear::new(number).unwrap()
}

fn corp(text: &str) -> CorpCode {
    text.parse().unwrap()
}

fn samsung() -> Company {
    Company {
        ticker: ticker("005930"),
        corp_code: corp(SAMSUNG),
        corp_name: "삼성전자".to_owned(),
        corp_eng_name: "SAMSUNG ELECTRONICS CO,.LTD".to_owned(),
        modify_date: NaiveDate::from_ymd_opt(2025, 12, 1),
        corp_cls: None,
    }
}

fn no_report(fiscal_year: u16) -> DividendYear {
    DividendYear::no_report(
        ticker("005930"),
        corp(SAMSUNG),
        year(fiscal_year),
        ReprtCode::Annual,
        year(fiscal_year).own_source(),
    )
}

/// A dividend of 005930 in `fiscal_year`, as the report of `source_year` says.
fn paid(fiscal_year: u16, source_year: u16, dps: i64, rcept_no: &str) -> DividendYear {
    DividendYear {
        outcome: Outcome::Paid,
        dps_cash: Some(Won::from(dps)),
        par_value: Some(Won::from(100)),
        corp_cls: Some(CorpCls::Kospi),
        rcept_no: Some(rcept_no.parse().unwrap()),
        stlm_dt: NaiveDate::from_ymd_opt(i32::from(fiscal_year), 12, 31),
        settlements: Some(1),
        source_year: year(source_year),
        ..no_report(fiscal_year)
    }
}

/// The dividend of 2024, as its own report says.
fn paid_2024() -> DividendYear {
    paid(2024, 2024, 1446, "20250311001085")
}

fn new(year: DividendYear, payload: Option<&str>, fetched: u32) -> NewRow {
    NewRow {
        year,
        payload: payload.map(|text| text.as_bytes().to_vec()),
        parser_version: 1,
        fetched_at: noon(fetched),
        expires_at: None,
    }
}

/// A new database in a folder of its own.
struct Folder {
    store: Store,
    folder: tempfile::TempDir,
}

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("dps.db"), OriginKind::Real).unwrap();
        Self { store, folder }
    }

    fn save(&self, rows: &[NewRow]) -> usize {
        let now = rows.iter().map(|row| row.fetched_at).max().unwrap();
        self.store.save(rows, now).unwrap()
    }

    /// The same database as another program opens it.
    fn stranger(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.folder.path().join("dps.db")).unwrap()
    }

    fn row(&self, fiscal_year: u16) -> CachedRow {
        self.store
            .row(ticker("005930"), year(fiscal_year), ReprtCode::Annual)
            .unwrap()
            .unwrap()
    }

    fn payload(&self, fiscal_year: u16) -> Option<String> {
        self.store
            .payload(ticker("005930"), year(fiscal_year), ReprtCode::Annual)
            .unwrap()
            .map(|bytes| String::from_utf8(bytes).unwrap())
    }
}
