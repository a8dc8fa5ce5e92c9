//! What a report says about a share, in one line.

use dps::domain::{DividendYear, FiscalYear, ReprtCode, Ticker};
use dps::opendart::alot_matter::{Column, Report};

use super::answer::Answer;

pub const CORP: &str = "99999999";

pub fn report_of(answer: &Answer, year: u16, report: ReprtCode) -> Report {
    let body = answer.body_of(year);
    let year = FiscalYear::new(year).unwrap();
    Report::read(&body, CORP.parse().unwrap(), year, report).unwrap()
}

pub fn state_of(year: &DividendYear) -> String {
    match year.dps_cash {
        Some(amount) => format!("{} {amount}", year.outcome),
        None => year.outcome.to_string(),
    }
}

/// What the 2024 annual report says about a ticker in one of its columns.
pub fn year_of(answer: &Answer, ticker: &str, column: Column) -> DividendYear {
    let report = report_of(answer, 2024, ReprtCode::Annual);
    let ticker: Ticker = ticker.parse().unwrap();
    report.dividend_year(ticker, column, None).unwrap()
}

/// Its outcome and amount.
pub fn reads(answer: &Answer, ticker: &str, column: Column) -> String {
    state_of(&year_of(answer, ticker, column))
}

/// The same of the report's own year.
pub fn own(answer: &Answer, ticker: &str) -> String {
    reads(answer, ticker, Column::Own)
}
