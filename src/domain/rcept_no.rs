use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The receipt number of a filing (`rcept_no`): fourteen digits, the first eight the day DART
/// received it. The larger of two is the later filing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RceptNo([u8; 14]);

/// Why a text is not a `rcept_no`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a rcept_no: it has fourteen digits")]
pub struct RceptNoError(String);

impl RceptNo {
    /// The fourteen digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits ever get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// Where DART shows the filing itself, for a browser: the address that OpenDART's guide to
    /// list.json (공시검색) gives for a `rcept_no`.
    #[must_use]
    pub fn viewer_url(&self) -> String {
        format!("https://dart.fss.or.kr/dsaf001/main.do?rcpNo={self}")
    }
}

impl FromStr for RceptNo {
    type Err = RceptNoError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 14] = text
            .trim()
            .as_bytes()
            .try_into()
            .map_err(|_| RceptNoError(text.to_owned()))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(RceptNoError(text.to_owned()))
        }
    }
}

impl fmt::Display for RceptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for RceptNo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RceptNo({})", self.as_str())
    }
}

impl Serialize for RceptNo {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RceptNo {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::RceptNo;

    #[test]
    fn leads_to_the_filing_in_darts_viewer() {
        let filing: RceptNo = "20250311001085".parse().unwrap();
        assert_eq!(
            filing.viewer_url(),
            "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20250311001085"
        );
    }

    #[test]
    fn takes_fourteen_digits_and_orders_by_the_day_of_receipt() {
        let first: RceptNo = "20240430000965".parse().unwrap();
        let correction: RceptNo = "20250814003144".parse().unwrap();
        assert!(first < correction);
        for bad in ["", "2024043000096", "2024043000096x", "202404300009651"] {
            assert!(
                bad.parse::<RceptNo>()
                    .unwrap_err()
                    .to_string()
                    .contains("fourteen"),
                "{bad}"
            );
        }
    }
}
