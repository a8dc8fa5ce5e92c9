//! Amounts on their way into `REAL` columns.

use std::path::Path;

use super::values::key;
use super::{Result, StoreError};
use crate::domain::{DividendYear, Percent, Shares, Won};

/// The amounts of a row as the database keeps them, or the reason it cannot.
pub(super) struct Amounts<'a> {
    path: &'a Path,
    year: &'a DividendYear,
}

/// The amounts of a row in the order of its parameters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Exact {
    pub(super) dps_cash: Option<f64>,
    pub(super) par_value: Option<f64>,
    pub(super) dps_stock: Option<f64>,
    pub(super) cash_yield_pct: Option<f64>,
    pub(super) payout_ratio_pct: Option<f64>,
    pub(super) eps: Option<f64>,
    pub(super) cash_total: Option<f64>,
    pub(super) frmtrm_dps_cash: Option<f64>,
    pub(super) frmtrm_par_value: Option<f64>,
    pub(super) lwfr_dps_cash: Option<f64>,
    pub(super) lwfr_par_value: Option<f64>,
}

impl<'a> Amounts<'a> {
    pub(super) fn new(path: &'a Path, year: &'a DividendYear) -> Self {
        Self { path, year }
    }

    /// All of them, or the first that cannot be kept.
    pub(super) fn all(&self) -> Result<Exact> {
        let year = self.year;
        Ok(Exact {
            dps_cash: self.won("dps_cash", year.dps_cash)?,
            par_value: self.won("par_value", year.par_value)?,
            dps_stock: self.shares("dps_stock", year.dps_stock)?,
            cash_yield_pct: self.percent("cash_yield_pct", year.cash_yield_pct)?,
            payout_ratio_pct: self.percent("payout_ratio_pct", year.payout_ratio_pct)?,
            eps: self.won("eps", year.eps)?,
            cash_total: self.won("cash_total", year.cash_total)?,
            frmtrm_dps_cash: self.won("frmtrm_dps_cash", year.frmtrm.dps_cash)?,
            frmtrm_par_value: self.won("frmtrm_par_value", year.frmtrm.par_value)?,
            lwfr_dps_cash: self.won("lwfr_dps_cash", year.lwfr.dps_cash)?,
            lwfr_par_value: self.won("lwfr_par_value", year.lwfr.par_value)?,
        })
    }

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
