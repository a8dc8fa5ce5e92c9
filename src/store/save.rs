//! Writing `dividend_dps_cache`: which row may take another's place.
//!
//! Locking: one `BEGIN IMMEDIATE` transaction for all rows given; the rows there are read inside it,
//! so two processes that save the same year cannot overtake each other.
//! Compatibility: a figure that is replaced goes to `dps_history`.
//! Performance: a probe and an upsert a row; the commit waits for the disk once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use rusqlite::{ErrorCode, OptionalExtension, Transaction, named_params, params};

use super::values::time_text;
use super::{Result, Store, StoreError};
use crate::domain::{CorpCode, DividendYear, FiscalYear, Outcome, Percent, Shares, Won};

/// A row to be cached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRow {
    /// What the report says.
    pub year: DividendYear,
    /// The response in zlib format, where this row is to keep it. `None`: the row was taken from
    /// another row's answer, or derived anew from its own, which it then keeps.
    pub payload: Option<Vec<u8>>,
    /// The version of the parser that read the answer.
    pub parser_version: u32,
    /// When OpenDART gave the answer.
    pub fetched_at: DateTime<Utc>,
    /// From when on it should be asked again; `None` is never.
    pub expires_at: Option<DateTime<Utc>>,
}

/// What decides whether a row gives way, of the row there and of the one that comes.
#[derive(Debug, Clone, PartialEq)]
struct Standing {
    outcome: Outcome,
    source_year: FiscalYear,
    rcept_no: Option<String>,
    fetched_at: String,
    dps_cash: Option<f64>,
    par_value: Option<f64>,
    dps_stock: Option<f64>,
}

impl Standing {
    /// Whether `new` takes this row's place.
    ///
    /// The nearest report counts most: the year's own before the next year's before the one after,
    /// which may restate it. A 013 says nothing against a figure.
    fn gives_way_to(&self, new: &Self) -> bool {
        match (self.outcome, new.outcome) {
            (Outcome::NoReport, _) => true,
            (_, Outcome::NoReport) => false,
            _ if new.source_year != self.source_year => new.source_year < self.source_year,
            _ => !self.outdates(new),
        }
    }

    /// Whether `new` is an earlier filing, fetched earlier: an answer another process overtook.
    /// Neither alone would do, as a clock may have been wrong and a filing may be withdrawn.
    fn outdates(&self, new: &Self) -> bool {
        matches!((&self.rcept_no, &new.rcept_no), (Some(old), Some(new)) if new < old)
            && new.fetched_at < self.fetched_at
    }

    /// Whether this row is a figure that `new` changes, or states from another filing.
    fn is_worth_keeping_beside(&self, new: &Self) -> bool {
        self.outcome != Outcome::NoReport
            && (self.outcome != new.outcome
                || self.dps_cash != new.dps_cash
                || self.par_value != new.par_value
                || self.dps_stock != new.dps_stock
                || self.rcept_no != new.rcept_no)
    }

    /// Whether both were read from one filing, so that the payload of this row is `new`'s too.
    fn shares_payload_with(&self, new: &Self) -> bool {
        self.source_year == new.source_year && self.rcept_no == new.rcept_no
    }
}

impl Store {
    /// Caches rows, all in one transaction, and tells how many of them were written.
    ///
    /// The nearest report wins: a row from the year's own report replaces one from a later report's
    /// columns, never the other way round, and a 013 never replaces anything but a 013. Figures
    /// that are replaced go to `dps_history`. A market that an answer tells is noted in
    /// `ticker_master`.
    ///
    /// # Errors
    /// Nothing is written where an amount cannot be kept exactly, where the database turned out to
    /// hold another kind of answers, or where SQLite fails.
    pub fn save(&self, rows: &[NewRow], now: DateTime<Utc>) -> Result<usize> {
        if rows.is_empty() {
            return Ok(0);
        }
        self.write(|transaction| self.save_within(transaction, rows, &time_text(now)))
    }

    /// Whether a row's amounts can be kept exactly: one that cannot would be refused by
    /// [`Store::save`], and with it everything beside it.
    ///
    /// # Errors
    /// [`StoreError::NotExact`] names the first that cannot.
    pub fn check_row(&self, row: &NewRow) -> Result<()> {
        let exact = Amounts {
            path: self.path(),
            year: &row.year,
        };
        let year = &row.year;
        exact.won("dps_cash", year.dps_cash)?;
        exact.won("par_value", year.par_value)?;
        exact.shares("dps_stock", year.dps_stock)?;
        exact.percent("cash_yield_pct", year.cash_yield_pct)?;
        exact.percent("payout_ratio_pct", year.payout_ratio_pct)?;
        exact.won("eps", year.eps)?;
        exact.won("cash_total", year.cash_total)?;
        Ok(())
    }

    /// The same within a transaction that writes more than these rows.
    pub(super) fn save_within(
        &self,
        transaction: &Transaction<'_>,
        rows: &[NewRow],
        now: &str,
    ) -> Result<usize> {
        let mut written = 0;
        for row in rows {
            written += usize::from(self.save_one(transaction, row, now)?);
        }
        let told: BTreeSet<CorpCode> = rows
            .iter()
            .filter(|row| row.year.corp_cls.is_some())
            .map(|row| row.year.corp_code)
            .collect();
        for corp_code in told {
            note_market(transaction, corp_code).map_err(self.at())?;
        }
        Ok(written)
    }

    fn save_one(&self, to: &Transaction<'_>, row: &NewRow, now: &str) -> Result<bool> {
        let exact = Amounts {
            path: self.path(),
            year: &row.year,
        };
        let new = Standing {
            outcome: row.year.outcome,
            source_year: row.year.source_year,
            rcept_no: row.year.rcept_no.map(|number| number.to_string()),
            fetched_at: time_text(row.fetched_at),
            dps_cash: exact.won("dps_cash", row.year.dps_cash)?,
            par_value: exact.won("par_value", row.year.par_value)?,
            dps_stock: exact.shares("dps_stock", row.year.dps_stock)?,
        };
        let old = self.standing(to, &row.year)?;
        if let Some(old) = &old {
            if !old.gives_way_to(&new) {
                return Ok(false);
            }
            if old.is_worth_keeping_beside(&new) {
                keep_in_history(to, &row.year, &new, now).map_err(self.at())?;
            }
        }
        let keeps_payload = row.payload.is_none()
            && old.as_ref().is_some_and(|old| {
                old.outcome != Outcome::NoReport && old.shares_payload_with(&new)
            });
        let year = &row.year;
        let cash_yield_pct = exact.percent("cash_yield_pct", year.cash_yield_pct)?;
        let payout_ratio_pct = exact.percent("payout_ratio_pct", year.payout_ratio_pct)?;
        let eps = exact.won("eps", year.eps)?;
        let cash_total = exact.won("cash_total", year.cash_total)?;
        to.prepare_cached(
            "INSERT INTO dividend_dps_cache
                    (ticker, fiscal_year, reprt_code, corp_code, corp_cls, outcome, dps_cash,
                     par_value, dps_stock, cash_yield_pct, payout_ratio_pct, eps, cash_total,
                     stlm_dt, rcept_no, source_year, note, parser_version, fetched_at,
                     updated_at, expires_at, raw_payload)
             VALUES (:ticker, :fiscal_year, :reprt_code, :corp_code, :corp_cls, :outcome, :dps_cash,
                     :par_value, :dps_stock, :cash_yield_pct, :payout_ratio_pct, :eps, :cash_total,
                     :stlm_dt, :rcept_no, :source_year, :note, :parser_version, :fetched_at,
                     :now, :expires_at, :payload)
             ON CONFLICT (ticker, fiscal_year, reprt_code) DO UPDATE SET
                     corp_code = excluded.corp_code, corp_cls = excluded.corp_cls,
                     outcome = excluded.outcome, dps_cash = excluded.dps_cash,
                     par_value = excluded.par_value, dps_stock = excluded.dps_stock,
                     cash_yield_pct = excluded.cash_yield_pct,
                     payout_ratio_pct = excluded.payout_ratio_pct, eps = excluded.eps,
                     cash_total = excluded.cash_total, stlm_dt = excluded.stlm_dt,
                     rcept_no = excluded.rcept_no, source_year = excluded.source_year,
                     note = excluded.note, parser_version = excluded.parser_version,
                     fetched_at = excluded.fetched_at, updated_at = excluded.updated_at,
                     expires_at = excluded.expires_at,
                     raw_payload = iif(:keeps_payload, raw_payload, excluded.raw_payload)",
        )
        .and_then(|mut upsert| {
            upsert.execute(named_params! {
                ":ticker": year.ticker.as_str(),
                ":fiscal_year": year.fiscal_year.get(),
                ":reprt_code": year.reprt_code.code(),
                ":corp_code": year.corp_code.as_str(),
                ":corp_cls": year.corp_cls.map(|cls| cls.as_str()),
                ":outcome": year.outcome.as_str(),
                ":dps_cash": new.dps_cash,
                ":par_value": new.par_value,
                ":dps_stock": new.dps_stock,
                ":cash_yield_pct": cash_yield_pct,
                ":payout_ratio_pct": payout_ratio_pct,
                ":eps": eps,
                ":cash_total": cash_total,
                ":stlm_dt": year.stlm_dt.map(|date| date.to_string()),
                ":rcept_no": new.rcept_no,
                ":source_year": year.source_year.get(),
                ":note": year.note,
                ":parser_version": row.parser_version,
                ":fetched_at": new.fetched_at,
                ":now": now,
                ":expires_at": row.expires_at.map(time_text),
                ":payload": row.payload,
                ":keeps_payload": keeps_payload,
            })
        })
        .map_err(|source| match source.sqlite_error_code() {
            Some(ErrorCode::ConstraintViolation) => StoreError::Refused {
                path: self.path().to_owned(),
                row: key(year),
                source,
            },
            _ => self.at()(source),
        })?;
        Ok(true)
    }
}

impl Store {
    /// The row that is there.
    fn standing(&self, in_: &Transaction<'_>, year: &DividendYear) -> Result<Option<Standing>> {
        let unreadable = |column, value: String| StoreError::Unreadable {
            path: self.path().to_owned(),
            table: "dividend_dps_cache",
            column,
            row: key(year),
            value,
        };
        let found = in_
            .prepare_cached(
                "SELECT outcome, source_year, rcept_no, fetched_at, dps_cash, par_value, dps_stock
                   FROM dividend_dps_cache
                  WHERE ticker = ?1 AND fiscal_year = ?2 AND reprt_code = ?3",
            )
            .and_then(|mut query| {
                query
                    .query_row(
                        params![
                            year.ticker.as_str(),
                            year.fiscal_year.get(),
                            year.reprt_code.code()
                        ],
                        |row| {
                            let outcome: String = row.get(0)?;
                            let source_year: i64 = row.get(1)?;
                            Ok((
                                outcome,
                                source_year,
                                row.get(2)?,
                                row.get(3)?,
                                row.get(4)?,
                                row.get(5)?,
                                row.get(6)?,
                            ))
                        },
                    )
                    .optional()
            })
            .map_err(self.at())?;
        let Some((outcome, source_year, rcept_no, fetched_at, dps_cash, par_value, dps_stock)) =
            found
        else {
            return Ok(None);
        };
        Ok(Some(Standing {
            outcome: Outcome::from_word(&outcome).ok_or_else(|| unreadable("outcome", outcome))?,
            source_year: super::cache::fiscal_year(source_year)
                .ok_or_else(|| unreadable("source_year", source_year.to_string()))?,
            rcept_no,
            fetched_at,
            dps_cash,
            par_value,
            dps_stock,
        }))
    }
}

fn key(year: &DividendYear) -> String {
    format!("{} {} {}", year.ticker, year.fiscal_year, year.reprt_code)
}

/// Copies the row that is about to be replaced.
fn keep_in_history(
    to: &Transaction<'_>,
    year: &DividendYear,
    by: &Standing,
    now: &str,
) -> rusqlite::Result<usize> {
    to.prepare_cached(
        "INSERT INTO dps_history
                (ticker, fiscal_year, reprt_code, outcome, dps_cash, par_value, dps_stock, stlm_dt,
                 rcept_no, source_year, parser_version, fetched_at, updated_at, replaced_at,
                 replaced_by_rcept_no, replaced_by_source_year)
         SELECT ticker, fiscal_year, reprt_code, outcome, dps_cash, par_value, dps_stock, stlm_dt,
                rcept_no, source_year, parser_version, fetched_at, updated_at, ?4, ?5, ?6
           FROM dividend_dps_cache
          WHERE ticker = ?1 AND fiscal_year = ?2 AND reprt_code = ?3",
    )?
    .execute(params![
        year.ticker.as_str(),
        year.fiscal_year.get(),
        year.reprt_code.code(),
        now,
        by.rcept_no,
        by.source_year.get(),
    ])
}

/// Notes the market that the newest answer of a company tells: a company moves from one to another,
/// and answers are not always saved in the order they were given.
fn note_market(to: &Transaction<'_>, corp_code: CorpCode) -> rusqlite::Result<usize> {
    to.prepare_cached(
        "UPDATE ticker_master SET corp_cls = newest.corp_cls
           FROM (SELECT corp_cls FROM dividend_dps_cache
                  WHERE corp_code = ?1 AND corp_cls IS NOT NULL
                  ORDER BY fetched_at DESC LIMIT 1) AS newest
          WHERE corp_code = ?1 AND ticker_master.corp_cls IS NOT newest.corp_cls",
    )?
    .execute([corp_code.as_str()])
}

/// The amounts of a row as the database keeps them, or the reason it cannot.
struct Amounts<'a> {
    path: &'a std::path::Path,
    year: &'a DividendYear,
}

impl Amounts<'_> {
    fn won(&self, field: &'static str, amount: Option<Won>) -> Result<Option<f64>> {
        self.exact(field, amount, Won::to_exact_f64)
    }

    fn percent(&self, field: &'static str, amount: Option<Percent>) -> Result<Option<f64>> {
        self.exact(field, amount, Percent::to_exact_f64)
    }

    fn shares(&self, field: &'static str, amount: Option<Shares>) -> Result<Option<f64>> {
        self.exact(field, amount, Shares::to_exact_f64)
    }

    fn exact<T: Copy + std::fmt::Display>(
        &self,
        field: &'static str,
        amount: Option<T>,
        convert: impl Fn(T) -> Option<f64>,
    ) -> Result<Option<f64>> {
        let Some(amount) = amount else {
            return Ok(None);
        };
        match convert(amount) {
            Some(binary) => Ok(Some(binary)),
            None => Err(StoreError::NotExact {
                path: self.path.to_owned(),
                row: key(self.year),
                field,
                value: amount.to_string(),
            }),
        }
    }
}
