//! What decides whether a row of the cache gives way to another.

use rusqlite::params;

use super::named_row::CACHE;
use super::{Result, Store};
use crate::domain::{CorpCode, DividendYear, FiscalYear, Outcome, RceptNo, Shares, Won};

/// What decides whether a row gives way, of the row there and of the one that comes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RowPrecedence {
    pub(super) corp_code: CorpCode,
    pub(super) outcome: Outcome,
    pub(super) source_year: FiscalYear,
    pub(super) rcept_no: Option<RceptNo>,
    pub(super) fetched_at: String,
    pub(super) dps_cash: Option<Won>,
    pub(super) par_value: Option<Won>,
    pub(super) dps_stock: Option<Shares>,
}

impl RowPrecedence {
    /// Whether `new` takes this row's place.
    ///
    /// Another issuer's row is not this one's to keep: the ticker has passed on. The nearest report
    /// counts most: the year's own before the next year's before the one after, which may restate
    /// it. A 013 says nothing against a figure. Of one report the later filing counts, whatever the
    /// clocks say, and of one filing the answer that states more: an answer may come cut.
    pub(super) fn superseded_by(&self, new: &Self) -> bool {
        match (self.outcome, new.outcome) {
            _ if new.corp_code != self.corp_code => true,
            (Outcome::NoReport, _) => true,
            (_, Outcome::NoReport) => false,
            _ if new.source_year != self.source_year => new.source_year < self.source_year,
            _ if new.rcept_no == self.rcept_no => new.dps_cash.is_some() || self.dps_cash.is_none(),
            _ => new.rcept_no > self.rcept_no,
        }
    }

    /// Whether this row is a figure that `new` changes, or states from another filing.
    pub(super) fn is_worth_keeping_beside(&self, new: &Self) -> bool {
        self.outcome != Outcome::NoReport
            && (self.corp_code != new.corp_code
                || self.outcome != new.outcome
                || self.dps_cash != new.dps_cash
                || self.par_value != new.par_value
                || self.dps_stock != new.dps_stock
                || self.rcept_no != new.rcept_no)
    }

    /// Whether both were read from one answer, so that the payload of this row is `new`'s too: the
    /// answer of one moment, by whichever filing a newer parser names it. One filing alone does not
    /// make it one: an answer may change under an unchanged number.
    pub(super) fn shares_payload_with(&self, new: &Self) -> bool {
        self.outcome != Outcome::NoReport
            && self.corp_code == new.corp_code
            && self.source_year == new.source_year
            && self.fetched_at == new.fetched_at
    }
}

impl Store {
    /// The row that is there, and when it was last written.
    pub(super) fn standing(&self, year: &DividendYear) -> Result<Option<(RowPrecedence, String)>> {
        let found = self.read_all(
            &CACHE,
            "SELECT ticker, fiscal_year, reprt_code, corp_code, outcome, source_year, rcept_no, fetched_at,
                    dps_cash, par_value, dps_stock, updated_at
               FROM dividend_dps_cache
              WHERE ticker = ?1 AND fiscal_year = ?2 AND reprt_code = ?3",
            params![year.ticker, year.fiscal_year, year.reprt_code],
            |row| {
                let standing = RowPrecedence {
                    corp_code: row.get("corp_code")?,
                    outcome: row.get("outcome")?,
                    source_year: row.get("source_year")?,
                    rcept_no: row.get("rcept_no")?,
                    fetched_at: row.get("fetched_at")?,
                    dps_cash: row.get("dps_cash")?,
                    par_value: row.get("par_value")?,
                    dps_stock: row.get("dps_stock")?,
                };
                Ok((standing, row.get("updated_at")?))
            },
        )?;
        Ok(found.into_iter().next())
    }
}
