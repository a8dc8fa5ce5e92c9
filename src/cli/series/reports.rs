//! `--report` of `dps series`: one kind of report, or all four of each year.

use std::str::FromStr;

use crate::domain::{ReprtCode, ReprtCodeError};

/// Which reports of a year are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::cli) enum Reports {
    One(ReprtCode),
    All,
}

/// Why a text names none.
#[derive(Debug, thiserror::Error)]
#[error("{0}, or all for the four of them")]
pub(in crate::cli) struct ReportsError(#[from] ReprtCodeError);

impl Reports {
    /// The reports in the order they are asked for: the annual one first, because an interim
    /// dividend is believed only beside it, and it is then in the database.
    pub(super) fn codes(&self) -> &[ReprtCode] {
        const ANNUAL_FIRST: [ReprtCode; 4] = [
            ReprtCode::Annual,
            ReprtCode::Q1,
            ReprtCode::Half,
            ReprtCode::Q3,
        ];
        match self {
            Self::One(report) => std::slice::from_ref(report),
            Self::All => &ANNUAL_FIRST,
        }
    }
}

impl FromStr for Reports {
    type Err = ReportsError;

    fn from_str(text: &str) -> Result<Self, ReportsError> {
        if text.trim().eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        Ok(Self::One(text.parse()?))
    }
}
