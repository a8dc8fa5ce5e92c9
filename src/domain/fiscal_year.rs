use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The first fiscal year the API knows anything about: the 2015 report, the oldest there is,
/// states it as the year before last (`lwfr`).
pub const FIRST_YEAR: u16 = 2013;

/// A fiscal year as the filing counts it (`bsns_year`). It need not end in December.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u16")]
pub struct FiscalYear(u16);

/// Why a text or number is not a fiscal year that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FiscalYearError {
    /// Not four digits.
    #[error("{0:?} is not a year: write four digits, as in 2024")]
    Malformed(String),
    /// Before anything OpenDART states.
    #[error("the year {0} is before 2013: OpenDART states no dividend before 2013")]
    TooEarly(u16),
    /// Beyond four digits.
    #[error("the year {0} is out of range")]
    TooLate(u16),
}

impl FiscalYear {
    /// The oldest year the API states anything about.
    pub const FIRST: Self = Self(FIRST_YEAR);

    /// The oldest year that has an annual report of its own in the API.
    pub const FIRST_REPORT: Self = Self(2015);

    /// A fiscal year from 2013 on.
    ///
    /// # Errors
    /// Earlier years and those of five digits are refused.
    pub const fn new(year: u16) -> Result<Self, FiscalYearError> {
        if year < FIRST_YEAR {
            Err(FiscalYearError::TooEarly(year))
        } else if year > 9999 {
            Err(FiscalYearError::TooLate(year))
        } else {
            Ok(Self(year))
        }
    }

    /// The number itself.
    #[must_use]
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The year whose report states this one under plan *own*: its own, and for 2013 and 2014,
    /// which have none in the API, the 2015 report.
    #[must_use]
    pub fn own_source(self) -> Self {
        self.max(Self::FIRST_REPORT)
    }

    /// The year `n` years before; `None` before 2013.
    #[must_use]
    pub fn back(self, n: u16) -> Option<Self> {
        self.0.checked_sub(n).and_then(|year| Self::new(year).ok())
    }

    /// Every year from `self` up to and including `last`, ascending.
    pub fn through(self, last: Self) -> impl DoubleEndedIterator<Item = Self> + Clone {
        (self.0..=last.0).map(Self)
    }
}

impl TryFrom<u16> for FiscalYear {
    type Error = FiscalYearError;

    fn try_from(year: u16) -> Result<Self, Self::Error> {
        Self::new(year)
    }
}

impl FromStr for FiscalYear {
    type Err = FiscalYearError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() != 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(FiscalYearError::Malformed(text.to_owned()));
        }
        let year = text
            .parse()
            .map_err(|_| FiscalYearError::Malformed(text.to_owned()))?;
        Self::new(year)
    }
}

impl fmt::Display for FiscalYear {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::{FiscalYear, FiscalYearError};

    fn year(n: u16) -> FiscalYear {
        FiscalYear::new(n).unwrap()
    }

    #[test]
    fn refuses_what_opendart_cannot_state() {
        assert_eq!("2013".parse(), Ok(year(2013)));
        assert_eq!(
            "2012".parse::<FiscalYear>(),
            Err(FiscalYearError::TooEarly(2012))
        );
        for bad in ["", "24", "20244", "２０２４", "abcd", "+202"] {
            assert_eq!(
                bad.parse::<FiscalYear>(),
                Err(FiscalYearError::Malformed(bad.to_owned()))
            );
        }
    }

    #[test]
    fn the_two_years_without_a_report_come_from_the_2015_report() {
        assert_eq!(year(2013).own_source(), year(2015));
        assert_eq!(year(2014).own_source(), year(2015));
        assert_eq!(year(2016).own_source(), year(2016));
    }

    #[test]
    fn ranges_run_up_to_and_include_their_last_year() {
        let years: Vec<u16> = year(2023)
            .through(year(2025))
            .map(FiscalYear::get)
            .collect();
        assert_eq!(years, [2023, 2024, 2025]);
        assert_eq!(year(2014).back(2), None);
    }
}
