use std::fmt;
use std::str::FromStr;

/// OpenDART's number of a filing company (`corp_code`): eight digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CorpCode([u8; 8]);

/// Why a text is not a `corp_code`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a corp_code: it has eight digits")]
pub struct CorpCodeError(String);

impl CorpCode {
    /// The eight digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits ever get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for CorpCode {
    type Err = CorpCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits: [u8; 8] = text
            .as_bytes()
            .try_into()
            .map_err(|_| CorpCodeError(text.to_owned()))?;
        if digits.iter().all(u8::is_ascii_digit) {
            Ok(Self(digits))
        } else {
            Err(CorpCodeError(text.to_owned()))
        }
    }
}

impl fmt::Display for CorpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for CorpCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CorpCode({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::CorpCode;

    #[test]
    fn takes_exactly_eight_digits() {
        assert_eq!("00126380".parse::<CorpCode>().unwrap().as_str(), "00126380");
        for bad in ["", "126380", "001263800", "0012638A", "0012638０"] {
            let error = bad.parse::<CorpCode>().unwrap_err().to_string();
            assert!(error.contains("eight digits"), "{bad}: {error}");
        }
    }
}
