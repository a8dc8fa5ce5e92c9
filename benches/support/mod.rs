//! Sample answers of the made-up market, without a server.

use anyhow::{Context, Result};
use chrono::{DateTime, SubsecRound, Utc};
use dps::domain::{CorpCode, DividendYear, FiscalYear, ReprtCode, Ticker};
use dps::opendart::alot_matter::{Column, PARSER_VERSION, Report, pack};
use dps::sandbox::{AnswerId, market};
use dps::store::NewRow;

/// The years of the README's examples.
pub const FIRST: u16 = 2015;
/// The last of them.
pub const LAST: u16 = 2025;

/// An answer of the market's.
pub struct Sample {
    /// A common share.
    pub ticker: Ticker,
    /// Its issuer.
    pub corp_code: CorpCode,
    /// The year of the report.
    pub year: FiscalYear,
    /// The answer's body.
    pub body: Vec<u8>,
}

/// Answers of companies from all over the list, company by company, years ascending.
pub fn samples(companies: usize) -> Result<Vec<Sample>> {
    let listed: Vec<_> = market::companies()
        .iter()
        .filter_map(|company| Some((company.ticker?, company.corp_code)))
        .collect();
    let step = (listed.len() / companies).max(1);
    let mut samples = Vec::new();
    for (ticker, corp_code) in listed.into_iter().step_by(step).take(companies) {
        for bsns_year in FIRST..=LAST {
            let id = AnswerId {
                corp_code,
                bsns_year,
                reprt_code: ReprtCode::Annual,
            };
            if let Some(body) = market::answer(id) {
                samples.push(Sample {
                    ticker,
                    corp_code,
                    year: FiscalYear::new(bsns_year)?,
                    body: body.into_bytes(),
                });
            }
        }
    }
    Ok(samples)
}

impl Sample {
    /// What the parser makes of it.
    pub fn read(&self) -> Result<DividendYear> {
        Report::read(&self.body, self.corp_code, self.year, ReprtCode::Annual)?
            .dividend_year(self.ticker, Column::Own, None)
            .context("a report states its own year")
    }

    /// The row as a job would keep it.
    pub fn row(&self, now: DateTime<Utc>) -> Result<NewRow> {
        Ok(NewRow {
            year: self.read()?,
            payload: Some(pack(&self.body)?),
            parser_version: PARSER_VERSION,
            fetched_at: now.trunc_subsecs(3),
            expires_at: None,
        })
    }
}
