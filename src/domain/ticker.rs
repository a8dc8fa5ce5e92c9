use std::str::FromStr;

super::ascii::ascii_code! {
    /// A KRX short code: six of `[0-9A-Z]`, the first a digit (`005930`, `0068Y0`, `00680K`).
    ///
    /// It is read from what people paste: `A005930`, `005930.KS`, `005930.KQ`, lower case, and the
    /// ISIN (`KR7005930003`), whose check digit is verified.
    Ticker[6]
}

/// Why a text is not a ticker.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TickerError {
    /// Nothing there.
    #[error("an empty text is not a ticker")]
    Empty,
    /// Digits alone, but fewer than six: what a spreadsheet leaves of `005930`.
    #[error("{text:?} has fewer than six digits; did a spreadsheet drop the zeros of {padded}?")]
    LostZeros {
        /// What was given.
        text: String,
        /// The code it may have been.
        padded: Ticker,
    },
    /// An ISIN whose last digit does not fit the others.
    #[error("{0:?} is not an ISIN: its check digit does not fit")]
    IsinCheckDigit(String),
    /// An ISIN of something that is not a share of a Korean issuer.
    #[error("{0:?} is not the ISIN of a Korean share: those begin with KR7")]
    IsinKind(String),
    /// Anything else.
    #[error("{0:?} is not a ticker: it has six of 0-9 and A-Z and begins with a digit, as 005930")]
    Malformed(String),
}

impl Ticker {
    /// The issuer's common share: the same five characters and a `0`. The filing is the issuer's,
    /// and `corpCode.xml` knows only this one.
    #[must_use]
    pub const fn issuer(self) -> Self {
        let mut code = self.0;
        code[5] = b'0';
        Self(code)
    }

    /// Whether this is a common share (the last character is `0`).
    #[must_use]
    pub const fn is_common(self) -> bool {
        self.0[5] == b'0'
    }

    /// Whether a share can have this code: the last character is `0` for a common share; 5, 7, 9
    /// and the letters from K on number the preferred ones.
    #[must_use]
    pub const fn is_share(self) -> bool {
        // O and U are not used: they would be taken for 0 and V.
        matches!(self.0[5], b'0' | b'5' | b'7' | b'9' | b'K'..=b'Z')
            && !matches!(self.0[5], b'O' | b'U')
    }

    fn from_code(code: &[u8]) -> Option<Self> {
        let code: [u8; 6] = code.try_into().ok()?;
        let allowed = |b: &u8| b.is_ascii_digit() || b.is_ascii_uppercase();
        (code.iter().all(allowed) && code[0].is_ascii_digit()).then_some(Self(code))
    }

    /// `KR7`, six characters of which the last numbers the issue, two more, a check digit.
    fn from_isin(isin: &str, given: &str) -> Result<Self, TickerError> {
        if !isin_check_digit_fits(isin) {
            return Err(TickerError::IsinCheckDigit(given.to_owned()));
        }
        let kind = || TickerError::IsinKind(given.to_owned());
        let code = isin
            .strip_prefix("KR7")
            .and_then(|rest| rest.get(..6))
            .ok_or_else(kind)?;
        let mut code: [u8; 6] = code.as_bytes().try_into().map_err(|_| kind())?;
        // Korean ISINs count an issuer's preferred shares 1, 2, 3 where tickers say 5, 7, 9.
        code[5] = match code[5] {
            b'0' => b'0',
            b'1' => b'5',
            b'2' => b'7',
            b'3' => b'9',
            letter if letter.is_ascii_uppercase() => letter,
            _ => return Err(kind()),
        };
        Self::from_code(&code).ok_or_else(kind)
    }
}

/// ISO 6166: letters become two digits (A is 10), then Luhn from the right.
fn isin_check_digit_fits(isin: &str) -> bool {
    let digits: Vec<u32> = isin
        .chars()
        .filter_map(|c| c.to_digit(36))
        .flat_map(|value| {
            [value / 10, value % 10]
                .into_iter()
                .skip(usize::from(value < 10))
        })
        .collect();
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let weighted = if place % 2 == 1 { digit * 2 } else { *digit };
            weighted / 10 + weighted % 10
        })
        .sum();
    sum.is_multiple_of(10)
}

fn looks_like_isin(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 12
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes.iter().all(u8::is_ascii_alphanumeric)
        && bytes[11].is_ascii_digit()
}

impl FromStr for Ticker {
    type Err = TickerError;

    fn from_str(given: &str) -> Result<Self, Self::Err> {
        let text = given.trim().to_ascii_uppercase();
        if text.is_empty() {
            return Err(TickerError::Empty);
        }
        if looks_like_isin(&text) {
            return Self::from_isin(&text, given.trim());
        }
        let code = [".KS", ".KQ"]
            .iter()
            .find_map(|end| text.strip_suffix(end))
            .unwrap_or(&text);
        let code = match code.strip_prefix('A') {
            Some(rest) if rest.len() == 6 => rest,
            _ => code,
        };
        if let Some(ticker) = Self::from_code(code.as_bytes()) {
            return Ok(ticker);
        }
        if code.len() < 6 && code.bytes().all(|b| b.is_ascii_digit()) {
            let padded = format!("{code:0>6}");
            if let Some(padded) = Self::from_code(padded.as_bytes()) {
                return Err(TickerError::LostZeros {
                    text: given.trim().to_owned(),
                    padded,
                });
            }
        }
        Err(TickerError::Malformed(given.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Ticker, TickerError};
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    fn ticker(text: &str) -> Ticker {
        text.parse()
            .unwrap_or_else(|error| panic!("{text}: {error}"))
    }

    #[test]
    fn takes_every_spelling_people_paste() {
        for spelling in [
            "005930",
            " 005930\n",
            "A005930",
            "a005930",
            "005930.KS",
            "005930.kq",
            "A005930.KS",
            "KR7005930003",
            "kr7005930003",
        ] {
            assert_eq!(ticker(spelling).as_str(), "005930", "{spelling:?}");
        }
        assert_eq!(ticker("0068y0").as_str(), "0068Y0");
        assert_eq!(ticker("00680k.KS").as_str(), "00680K");
    }

    #[test]
    fn the_issue_digit_of_an_isin_counts_the_preferred_classes() {
        assert_eq!(ticker("KR7005931001").as_str(), "005935");
        assert_eq!(ticker("KR7005382007").as_str(), "005387");
        assert_eq!(ticker("KR7005383005").as_str(), "005389");
    }

    #[test]
    fn an_isin_with_a_wrong_digit_is_refused_by_its_check_digit() {
        let error = "KR7005930004".parse::<Ticker>().unwrap_err();
        assert_eq!(
            error,
            TickerError::IsinCheckDigit("KR7005930004".to_owned())
        );
        let apple = "US0378331005".parse::<Ticker>().unwrap_err();
        assert_eq!(apple, TickerError::IsinKind("US0378331005".to_owned()));
    }

    #[test]
    fn a_lost_leading_zero_is_named_and_not_guessed() {
        let error = "5930".parse::<Ticker>().unwrap_err();
        assert!(error.to_string().contains("005930"), "{error}");
        assert!(matches!(error, TickerError::LostZeros { .. }));
    }

    #[test]
    fn refuses_what_is_no_ticker_with_the_text_in_the_reason() {
        assert_eq!("  ".parse::<Ticker>(), Err(TickerError::Empty));
        for bad in [
            "00593",
            "0059300",
            "00593!",
            "삼성전자",
            "TICKER",
            "SYMBOL",
            "００５９３０",
            "Q500001",
        ] {
            let error = bad.parse::<Ticker>().unwrap_err().to_string();
            assert!(error.contains(bad), "{error}");
        }
    }

    #[test]
    fn a_preferred_share_leads_to_its_issuer() {
        for (share, issuer) in [
            ("005935", "005930"),
            ("005385", "005380"),
            ("005387", "005380"),
            ("005389", "005380"),
            ("00680K", "006800"),
            ("00104K", "001040"),
            ("005930", "005930"),
        ] {
            assert_eq!(ticker(share).issuer(), ticker(issuer), "{share}");
        }
    }

    #[test]
    fn no_share_ends_in_a_digit_that_numbers_no_class() {
        for share in ["005930", "005935", "005387", "005389", "00680K", "33626L"] {
            assert!(ticker(share).is_share(), "{share}");
        }
        for other in ["005931", "005932", "00593A"] {
            assert!(!ticker(other).is_share(), "{other}");
        }
    }

    proptest! {
        #[test]
        fn any_six_of_the_alphabet_read_back_as_they_were(code in "[0-9][0-9A-Z]{5}") {
            prop_assert_eq!(ticker(&code).to_string(), code.clone());
            prop_assert_eq!(ticker(&code.to_ascii_lowercase()).to_string(), code);
        }

        #[test]
        fn no_text_at_all_makes_it_panic(text in "\\PC{0,20}") {
            if let Ok(ticker) = text.parse::<Ticker>() {
                prop_assert!(ticker.as_str().len() == 6);
            }
        }

        #[test]
        fn changing_one_digit_of_an_isin_is_always_noticed(place in 3_usize..11, by in 1_u8..10) {
            let mut isin = *b"KR7005930003";
            isin[place] = b'0' + (isin[place] - b'0' + by) % 10;
            let changed = std::str::from_utf8(&isin).unwrap();
            prop_assert_eq!(
                changed.parse::<Ticker>(),
                Err(TickerError::IsinCheckDigit(changed.to_owned()))
            );
        }
    }
}
