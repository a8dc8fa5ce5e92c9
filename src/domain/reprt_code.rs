use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::FiscalYear;

/// Which periodic report is meant (`reprt_code`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReprtCode {
    /// 11013, first quarter (1분기보고서).
    #[serde(rename = "11013")]
    Q1,
    /// 11012, half-year (반기보고서).
    #[serde(rename = "11012")]
    Half,
    /// 11014, third quarter (3분기보고서).
    #[serde(rename = "11014")]
    Q3,
    /// 11011, annual (사업보고서): the only one that carries three comparable years.
    #[serde(rename = "11011")]
    Annual,
}

/// Why a text names no report.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} names no report: use annual, half, q1 or q3 (or the code 11011, 11012, 11013, 11014)"
)]
pub struct ReprtCodeError(String);

impl ReprtCode {
    /// Every report, in the order of the year.
    pub const ALL: [Self; 4] = [Self::Q1, Self::Half, Self::Q3, Self::Annual];

    /// OpenDART's five digits.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Annual => "11011",
            Self::Half => "11012",
            Self::Q1 => "11013",
            Self::Q3 => "11014",
        }
    }

    /// The word people use for it, which is read as well.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Annual => "annual",
            Self::Half => "half",
            Self::Q1 => "q1",
            Self::Q3 => "q3",
        }
    }

    /// The report before it in the same fiscal year; `None` for the first.
    #[must_use]
    pub const fn before(self) -> Option<Self> {
        match self {
            Self::Q1 => None,
            Self::Half => Some(Self::Q1),
            Self::Q3 => Some(Self::Half),
            Self::Annual => Some(Self::Q3),
        }
    }

    /// The day (KST) by which a company whose fiscal year ends in December must have filed:
    /// 90 days after the year's end, 45 days after the end of an interim period.
    #[must_use]
    pub fn due(self, fiscal_year: FiscalYear) -> NaiveDate {
        let year = i32::from(fiscal_year.get());
        let (year, month, day) = match self {
            Self::Q1 => (year, 5, 15),
            Self::Half => (year, 8, 14),
            Self::Q3 => (year, 11, 14),
            Self::Annual => (year + 1, 3, 31),
        };
        NaiveDate::from_ymd_opt(year, month, day).unwrap_or(NaiveDate::MAX)
    }
}

impl FromStr for ReprtCode {
    type Err = ReprtCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.trim().to_ascii_lowercase().as_str() {
            "annual" | "11011" => Ok(Self::Annual),
            "half" | "11012" => Ok(Self::Half),
            "q1" | "11013" => Ok(Self::Q1),
            "q3" | "11014" => Ok(Self::Q3),
            _ => Err(ReprtCodeError(text.to_owned())),
        }
    }
}

impl fmt::Display for ReprtCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::ReprtCode;
    use crate::domain::FiscalYear;

    #[test]
    fn reads_words_and_codes_alike() {
        for report in ReprtCode::ALL {
            assert_eq!(report.code().parse(), Ok(report));
            assert_eq!(report.word().parse(), Ok(report));
        }
        assert_eq!("Annual".parse(), Ok(ReprtCode::Annual));
        assert_eq!("q3".parse(), Ok(ReprtCode::Q3));
        assert!(
            "q2".parse::<ReprtCode>()
                .unwrap_err()
                .to_string()
                .contains("\"q2\"")
        );
    }

    #[test]
    fn the_year_runs_from_the_first_quarter_to_the_annual_report() {
        let before: Vec<_> = ReprtCode::ALL.into_iter().map(ReprtCode::before).collect();
        assert_eq!(before[0], None);
        assert_eq!(before[1..], ReprtCode::ALL.map(Some)[..3]);
        assert!(ReprtCode::ALL.is_sorted());
    }

    #[test]
    fn an_annual_report_is_due_at_the_end_of_march() {
        let year = FiscalYear::new(2025).unwrap();
        assert_eq!(ReprtCode::Annual.due(year).to_string(), "2026-03-31");
        assert_eq!(ReprtCode::Half.due(year).to_string(), "2025-08-14");
    }
}
