//! Any bytes for an answer of alotMatter.json: an outcome or an error, never a panic, and never an
//! outcome whose figures are not its own.
//!
//! Run with `cargo fuzz run alot_matter`.

#![no_main]

use dps::domain::{CorpCode, DividendYear, FiscalYear, Outcome, ReprtCode, Ticker};
use dps::opendart::alot_matter::{Column, Report, pack, unpack};
use libfuzzer_sys::fuzz_target;

const COLUMNS: [Column; 3] = [Column::Own, Column::YearBefore, Column::TwoBefore];

/// Common, preferred, and a second of several preferred shares.
const TICKERS: [&str; 3] = ["900010", "900015", "005387"];

fn check(year: &DividendYear) {
    let holds = match year.outcome {
        Outcome::Paid => year.dps_cash.is_some_and(|dps| dps.is_positive()),
        Outcome::NoDividend => year.dps_cash.is_some_and(|dps| dps.is_zero()),
        Outcome::NotStated => year.dps_cash.is_none() && !year.notes.is_empty(),
        Outcome::NoReport => false,
    };
    assert!(holds, "{year:?}");
    assert!(year.par_value.is_none_or(|par| par.is_positive()));
    for earlier in [year.frmtrm, year.lwfr] {
        assert!(earlier.dps_cash.is_none_or(|dps| dps.is_positive() || dps.is_zero()));
        assert!(earlier.par_value.is_none_or(|par| par.is_positive()));
    }
}

fuzz_target!(|body: &[u8]| {
    let corp_code: CorpCode = "99999999".parse().expect("a corp_code");
    let year = FiscalYear::new(2024).expect("a year");
    let tickers = TICKERS.map(|text| text.parse::<Ticker>().expect("a ticker"));
    let mut annual = None;
    for code in [ReprtCode::Annual, ReprtCode::Half] {
        let Ok(report) = Report::read(body, corp_code, year, code) else {
            return;
        };
        for ticker in tickers {
            for column in COLUMNS {
                if let Some(stated) = report.dividend_year(ticker, column, annual.as_ref()) {
                    check(&stated);
                }
                for inconsistency in report.inconsistencies(ticker, column) {
                    let _ = inconsistency.to_string();
                }
            }
        }
        let kept = pack(body).expect("an answer that was read can be packed");
        let kept = unpack(&kept).expect("what was packed comes back");
        let again = Report::read(&kept, corp_code, year, code).expect("and reads");
        assert!(again.is_capped() || again == report);
        annual = Some(report);
    }
});
