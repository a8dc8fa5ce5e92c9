//! How values are stored. The domain does not know SQL, so its types learn it here.
//!
//! Compatibility: times are UTC, RFC 3339 with milliseconds and `Z`; dates are ISO; amounts are
//! `REAL` by their shortest decimal form.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};

use crate::domain::job::{FailureKind, JobId, JobStatus, OnError, Plan, StopReason};
use crate::domain::{
    CorpCls, CorpCode, DividendYear, FiscalYear, Outcome, Percent, RceptNo, ReprtCode, Shares,
    Ticker, Won,
};

macro_rules! stored_as_text {
    ($($type:ty: $write:expr, $read:expr;)+) => {$(
        impl ToSql for $type {
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                let write: fn(&$type) -> &str = $write;
                Ok(ToSqlOutput::from(write(self)))
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                let read: fn(&str) -> Option<Self> = $read;
                read(value.as_str()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )+};
}

stored_as_text! {
    Ticker: Ticker::as_str, parsed;
    CorpCode: CorpCode::as_str, parsed;
    RceptNo: RceptNo::as_str, parsed;
    JobId: JobId::as_str, parsed;
    ReprtCode: |report| report.code(), parsed;
    CorpCls: |market| market.as_str(), CorpCls::from_letter;
    Outcome: |outcome| outcome.as_str(), Outcome::from_word;
    JobStatus: |status| status.as_str(), JobStatus::from_word;
    Plan: |plan| plan.as_str(), Plan::from_word;
    OnError: |on_error| on_error.as_str(), OnError::from_word;
    StopReason: |reason| reason.as_str(), StopReason::from_word;
    FailureKind: |kind| kind.as_str(), FailureKind::from_word;
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

macro_rules! stored_as_real {
    ($($type:ty),+) => {$(
        impl ToSql for $type {
            /// Refuses an amount that would not come back as it went in.
            fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
                self.to_exact_f64().map(ToSqlOutput::from).ok_or_else(|| {
                    let reason = format!("{self} has too many digits");
                    rusqlite::Error::ToSqlConversionFailure(reason.into())
                })
            }
        }

        impl FromSql for $type {
            fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
                Self::from_f64(value.as_f64()?).ok_or(FromSqlError::InvalidType)
            }
        }
    )+};
}

stored_as_real!(Won, Percent, Shares);

impl ToSql for FiscalYear {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.get()))
    }
}

impl FromSql for FiscalYear {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Self::new(u16::column_result(value)?).map_err(FromSqlError::other)
    }
}

/// A time as the database writes it: `2026-11-23T10:00:00.000Z`.
pub(super) fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Reads a time of the database.
pub(super) fn time_from(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}

/// Reads a date of the database.
pub(super) fn date_from(text: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()
}

/// The first amount of a row that cannot be stored exactly: its column and its digits.
pub(super) fn inexact(year: &DividendYear) -> Option<(&'static str, String)> {
    fn check<T: ToSql + ToString>(
        column: &'static str,
        amount: Option<T>,
    ) -> Option<(&'static str, String)> {
        let amount = amount?;
        amount
            .to_sql()
            .is_err()
            .then(|| (column, amount.to_string()))
    }

    check("dps_cash", year.dps_cash)
        .or_else(|| check("par_value", year.par_value))
        .or_else(|| check("dps_stock", year.dps_stock))
        .or_else(|| check("cash_yield_pct", year.cash_yield_pct))
        .or_else(|| check("payout_ratio_pct", year.payout_ratio_pct))
        .or_else(|| check("eps", year.eps))
        .or_else(|| check("net_income", year.net_income))
        .or_else(|| check("net_income_separate", year.net_income_separate))
        .or_else(|| check("cash_total", year.cash_total))
        .or_else(|| check("frmtrm_dps_cash", year.frmtrm.dps_cash))
        .or_else(|| check("frmtrm_par_value", year.frmtrm.par_value))
        .or_else(|| check("lwfr_dps_cash", year.lwfr.dps_cash))
        .or_else(|| check("lwfr_par_value", year.lwfr.par_value))
}

#[cfg(test)]
mod tests {
    use super::{date_from, time_from, time_text};

    #[test]
    fn times_have_milliseconds_and_a_z_and_come_back() {
        let time = time_from("2026-11-23T19:00:00.25+09:00").unwrap();
        assert_eq!(time_text(time), "2026-11-23T10:00:00.250Z");
        assert_eq!(time_from(&time_text(time)), Some(time));
        assert_eq!(time_from("2026-11-23 10:00:00"), None);
        assert_eq!(date_from("2024-02-30"), None);
    }
}
