//! Writing `dividend_dps_cache`: which row may take another's place.
//!
//! Locking: one `BEGIN IMMEDIATE` transaction for all rows given; the rows there are read inside it,
//! so two processes that save the same year cannot overtake each other.
//! Compatibility: a figure that is replaced goes to `dps_history`.
//! Performance: a probe and an upsert a row; the commit waits for the disk once.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike, Utc};
use rusqlite::{ErrorCode, named_params, params};

use super::named_row::key;
use super::precedence::RowPrecedence;
use super::sql_types::{inexact, time_text};
use super::{Result, Store, StoreError, notes};
use crate::domain::{CorpCode, DividendYear, Outcome};

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

/// When a row takes the place of the one that is there.
enum WriteMode {
    /// The nearest report and the newest answer win.
    ByRank,
    /// It was derived from that very row, as it was written at that time.
    IfUnchangedSince(String),
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
        self.write(|| self.save_within(rows, &time_text(now)))
    }

    /// Whether a row's amounts can be kept exactly: one that cannot would be refused by
    /// [`Store::save`], and with it everything beside it.
    ///
    /// # Errors
    /// [`StoreError::NotExact`] names the first that cannot.
    pub fn check_row(&self, row: &NewRow) -> Result<()> {
        match inexact(&row.year) {
            None => Ok(()),
            Some((field, value)) => Err(StoreError::NotExact {
                path: self.path.clone(),
                row: key(&row.year),
                field,
                value,
            }),
        }
    }

    /// Writes rows that were derived anew from answers already stored, all in one transaction, and
    /// tells of each whether it was written. Each comes with the time at which the row there was
    /// last written: one that another process has written since is left as it is.
    ///
    /// # Errors
    /// As [`Store::save`].
    pub fn save_derived(
        &self,
        rows: &[(NewRow, DateTime<Utc>)],
        now: DateTime<Utc>,
    ) -> Result<Vec<bool>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let now = time_text(now);
        self.write(|| {
            let mut written = Vec::with_capacity(rows.len());
            for (row, read_at) in rows {
                let taking = WriteMode::IfUnchangedSince(time_text(*read_at));
                written.push(self.save_one(row, &taking, &now)?);
            }
            self.note_markets(rows.iter().map(|(row, _)| row))?;
            Ok(written)
        })
    }

    /// The same within a transaction that writes more than these rows.
    pub(super) fn save_within(&self, rows: &[NewRow], now: &str) -> Result<usize> {
        let mut written = 0;
        for row in rows {
            written += usize::from(self.save_one(row, &WriteMode::ByRank, now)?);
            self.expire_where_a_closing_is_missing(&row.year)?;
        }
        self.note_markets(rows)?;
        Ok(written)
    }

    fn note_markets<'a>(&self, rows: impl IntoIterator<Item = &'a NewRow>) -> Result<()> {
        let told: BTreeSet<CorpCode> = rows
            .into_iter()
            .filter(|row| row.year.corp_cls.is_some())
            .map(|row| row.year.corp_code)
            .collect();
        for corp_code in told {
            self.note_market(corp_code)?;
        }
        Ok(())
    }

    fn save_one(&self, row: &NewRow, taking: &WriteMode, now: &str) -> Result<bool> {
        self.check_row(row)?;
        let year = &row.year;
        let new = RowPrecedence {
            corp_code: year.corp_code,
            outcome: year.outcome,
            source_year: year.source_year,
            rcept_no: year.rcept_no,
            fetched_at: time_text(row.fetched_at),
            dps_cash: year.dps_cash,
            par_value: year.par_value,
            dps_stock: year.dps_stock,
        };
        let old = self.standing(year)?;
        let takes_its_place = match (&old, taking) {
            (None, WriteMode::ByRank) => true,
            (Some((old, _)), WriteMode::ByRank) => old.superseded_by(&new),
            (Some((_, updated_at)), WriteMode::IfUnchangedSince(read_at)) => updated_at == read_at,
            (None, WriteMode::IfUnchangedSince(_)) => false,
        };
        if !takes_its_place {
            if new.outcome == Outcome::NoReport {
                self.extend_expiry(year, row.expires_at)?;
            }
            return Ok(false);
        }
        let old = old.map(|(old, _)| old);
        if old
            .as_ref()
            .is_some_and(|old| old.is_worth_keeping_beside(&new))
        {
            self.archive_row(year, &new, now)?;
        }
        let keeps_payload = row.payload.is_none()
            && old
                .as_ref()
                .is_some_and(|old| old.shares_payload_with(&new));
        let written = self
            .connection
            .prepare_cached(
                "INSERT INTO dividend_dps_cache AS old
                    (ticker, fiscal_year, reprt_code, corp_code, corp_cls, outcome, dps_cash,
                     par_value, dps_stock, cash_yield_pct, payout_ratio_pct, eps, net_income,
                     net_income_separate, cash_total,
                     stlm_dt, rcept_no, source_year, note, frmtrm_dps_cash, frmtrm_par_value,
                     lwfr_dps_cash, lwfr_par_value, settlements, parser_version, fetched_at,
                     updated_at, expires_at, raw_payload)
             VALUES (:ticker, :fiscal_year, :reprt_code, :corp_code, :corp_cls, :outcome, :dps_cash,
                     :par_value, :dps_stock, :cash_yield_pct, :payout_ratio_pct, :eps, :net_income, :net_income_separate, :cash_total,
                     :stlm_dt, :rcept_no, :source_year, :note, :frmtrm_dps_cash,
                     :frmtrm_par_value, :lwfr_dps_cash, :lwfr_par_value, :settlements,
                     :parser_version, :fetched_at, :now, :expires_at, :payload)
             ON CONFLICT (ticker, fiscal_year, reprt_code) DO UPDATE SET
                     corp_code = excluded.corp_code, corp_cls = excluded.corp_cls,
                     outcome = excluded.outcome, dps_cash = excluded.dps_cash,
                     par_value = excluded.par_value, dps_stock = excluded.dps_stock,
                     cash_yield_pct = excluded.cash_yield_pct,
                     payout_ratio_pct = excluded.payout_ratio_pct, eps = excluded.eps,
                     net_income = excluded.net_income,
                     net_income_separate = excluded.net_income_separate,
                     cash_total = excluded.cash_total, stlm_dt = excluded.stlm_dt,
                     rcept_no = excluded.rcept_no, source_year = excluded.source_year,
                     note = excluded.note, frmtrm_dps_cash = excluded.frmtrm_dps_cash,
                     frmtrm_par_value = excluded.frmtrm_par_value,
                     lwfr_dps_cash = excluded.lwfr_dps_cash,
                     lwfr_par_value = excluded.lwfr_par_value,
                     settlements = excluded.settlements,
                     parser_version = excluded.parser_version,
                     fetched_at = excluded.fetched_at, updated_at = excluded.updated_at,
                     expires_at = excluded.expires_at,
                     raw_payload = CASE WHEN :keeps_payload THEN old.raw_payload
                                        ELSE excluded.raw_payload END",
            )
            .and_then(|mut upsert| {
                upsert.execute(named_params! {
                    ":ticker": year.ticker,
                    ":fiscal_year": year.fiscal_year,
                    ":reprt_code": year.reprt_code,
                    ":corp_code": year.corp_code,
                    ":corp_cls": year.corp_cls,
                    ":outcome": year.outcome,
                    ":dps_cash": year.dps_cash,
                    ":par_value": year.par_value,
                    ":dps_stock": year.dps_stock,
                    ":cash_yield_pct": year.cash_yield_pct,
                    ":payout_ratio_pct": year.payout_ratio_pct,
                    ":eps": year.eps,
                    ":net_income": year.net_income,
                    ":net_income_separate": year.net_income_separate,
                    ":cash_total": year.cash_total,
                    ":stlm_dt": year.stlm_dt.map(|date| date.to_string()),
                    ":rcept_no": year.rcept_no,
                    ":source_year": year.source_year,
                    ":note": notes::column(&year.notes),
                    ":frmtrm_dps_cash": year.frmtrm.dps_cash,
                    ":frmtrm_par_value": year.frmtrm.par_value,
                    ":lwfr_dps_cash": year.lwfr.dps_cash,
                    ":lwfr_par_value": year.lwfr.par_value,
                    ":settlements": year.settlements,
                    ":parser_version": row.parser_version,
                    ":fetched_at": new.fetched_at,
                    ":now": now,
                    ":expires_at": row.expires_at.map(time_text),
                    ":payload": row.payload,
                    ":keeps_payload": keeps_payload,
                })
            });
        match written {
            Ok(_) => Ok(true),
            Err(source) if source.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => {
                Err(StoreError::Refused {
                    path: self.path.clone(),
                    row: key(year),
                    source,
                })
            }
            Err(source) => Err(self.at()(source)),
        }
    }

    /// A value that had expired and was answered with "no such report" stays, and is asked again
    /// when that would be.
    fn extend_expiry(&self, year: &DividendYear, expires_at: Option<DateTime<Utc>>) -> Result<()> {
        self.execute(
            "UPDATE dividend_dps_cache SET expires_at = ?4
              WHERE ticker = ?1 AND fiscal_year = ?2 AND reprt_code = ?3
                AND outcome <> 'NO_REPORT' AND expires_at IS NOT NULL",
            params![
                year.ticker,
                year.fiscal_year,
                year.reprt_code,
                expires_at.map(time_text),
            ],
        )?;
        Ok(())
    }

    /// A first closing alone, of a company that had more the year before, is asked again after a
    /// week: the others may follow, however late. Either year may be saved first.
    fn expire_where_a_closing_is_missing(&self, year: &DividendYear) -> Result<()> {
        let is_last = year.stlm_dt.is_none_or(|closed| closed.month() > 9);
        if !year.is_own_report() || (year.settlements == Some(1) && is_last) {
            return Ok(());
        }
        self.execute(
            "UPDATE dividend_dps_cache AS row
                SET expires_at = strftime('%Y-%m-%dT%H:%M:%fZ', fetched_at, '+7 days')
              WHERE ticker = ?1 AND reprt_code = ?3 AND fiscal_year IN (?2, ?2 + 1)
                AND settlements = 1 AND substr(stlm_dt, 6, 2) < '10'
                AND source_year = fiscal_year AND expires_at IS NULL
                AND EXISTS (SELECT 1 FROM dividend_dps_cache AS before
                             WHERE before.ticker = row.ticker
                               AND before.corp_code = row.corp_code
                               AND before.fiscal_year = row.fiscal_year - 1
                               AND before.reprt_code = row.reprt_code
                               AND before.settlements > 1)",
            params![year.ticker, year.fiscal_year, year.reprt_code],
        )?;
        Ok(())
    }

    /// Copies the row that is about to be replaced.
    fn archive_row(&self, year: &DividendYear, by: &RowPrecedence, now: &str) -> Result<()> {
        self.execute(
            "INSERT INTO dps_history
                    (ticker, fiscal_year, reprt_code, corp_code, outcome, dps_cash, par_value,
                     dps_stock, stlm_dt, rcept_no, source_year, parser_version, fetched_at,
                     updated_at, replaced_at, replaced_by_rcept_no, replaced_by_source_year)
             SELECT ticker, fiscal_year, reprt_code, corp_code, outcome, dps_cash, par_value,
                    dps_stock, stlm_dt, rcept_no, source_year, parser_version, fetched_at,
                    updated_at, ?4, ?5, ?6
               FROM dividend_dps_cache
              WHERE ticker = ?1 AND fiscal_year = ?2 AND reprt_code = ?3",
            params![
                year.ticker,
                year.fiscal_year,
                year.reprt_code,
                now,
                by.rcept_no,
                by.source_year,
            ],
        )?;
        Ok(())
    }

    /// Keeps the market that a company's newest answer states: a company moves from one to another,
    /// and answers are not always saved in the order they were given.
    fn note_market(&self, corp_code: CorpCode) -> Result<()> {
        self.execute(
            "UPDATE ticker_master SET corp_cls = newest.corp_cls
               FROM (SELECT corp_cls FROM dividend_dps_cache
                      WHERE corp_code = ?1 AND corp_cls IS NOT NULL
                      ORDER BY fetched_at DESC LIMIT 1) AS newest
              WHERE corp_code = ?1
                AND ticker_master.corp_cls IS DISTINCT FROM newest.corp_cls",
            [corp_code],
        )?;
        Ok(())
    }
}
