use super::Ticker;

/// The class of share a ticker stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShareClass {
    /// 보통주: the ticker ends in `0`.
    Common,
    /// 우선주, 종류주: any other ending.
    Preferred(PreferredClass),
}

/// Which of an issuer's preferred shares is meant: the last character of the ticker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PreferredClass {
    suffix: u8,
    several: bool,
}

/// Issuers with more than one class of listed preferred shares, by their common ticker. A row that
/// says only 우선주 does not tell which of them it means.
const SEVERAL_PREFERRED: [&str; 17] = [
    "000150", // 두산: 000155, 000157
    "000220", // 유유제약: 000225, 000227
    "000540", // 흥국화재: 000545, 000547
    "000880", // 한화: 000885, 00088K
    "001040", // CJ: 001045, 00104K
    "001060", // JW중외제약: 001065, 001067
    "001520", // 동양: 001525, 001527
    "002780", // 진흥기업: 002785, 002787
    "002790", // 아모레퍼시픽홀딩스: 002795, 00279K
    "003540", // 대신증권: 003545, 003547
    "004980", // 성신양회: 004985, 004987
    "005380", // 현대자동차: 005385, 005387, 005389
    "006800", // 미래에셋증권: 006805, 00680K
    "007810", // 코리아써키트: 007815, 007817
    "336260", // 두산퓨얼셀: 33626K, 33626L
    "336370", // 솔루스첨단소재: 33637K, 33637L
    "375500", // DL이앤씨: 37550K, 37550L
];

impl Ticker {
    /// Common where the last character is `0`, else preferred.
    #[must_use]
    pub fn class(self) -> ShareClass {
        if self.is_common() {
            ShareClass::Common
        } else {
            ShareClass::Preferred(PreferredClass::of(self))
        }
    }
}

impl PreferredClass {
    fn of(ticker: Ticker) -> Self {
        let suffix = ticker
            .as_str()
            .as_bytes()
            .last()
            .copied()
            .unwrap_or_default();
        // A second class (7, 9, L and on) presupposes a first, listed still or not.
        let several =
            !matches!(suffix, b'5' | b'K') || SEVERAL_PREFERRED.contains(&ticker.issuer().as_str());
        Self { suffix, several }
    }

    /// Whether the issuer has, or had, other classes of preferred shares beside this one.
    #[must_use]
    pub fn has_siblings(self) -> bool {
        self.several
    }

    /// The number in the share's name, where the ticker tells it: 5, 7 and 9 are the first, second
    /// and third (우, 2우B, 3우B). Letters tell nothing: 00680K is a 2우B, 00088K a 3우B.
    #[must_use]
    pub fn ordinal(self) -> Option<u8> {
        match self.suffix {
            b'5' => Some(1),
            b'7' => Some(2),
            b'9' => Some(3),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ShareClass;
    use crate::domain::Ticker;

    fn class(ticker: &str) -> ShareClass {
        ticker.parse::<Ticker>().unwrap().class()
    }

    #[test]
    fn the_last_character_tells_the_class() {
        assert_eq!(class("005930"), ShareClass::Common);
        assert_eq!(class("0068Y0"), ShareClass::Common);
        for preferred in ["005935", "005387", "005389", "00680K", "00104K", "33626L"] {
            assert!(
                matches!(class(preferred), ShareClass::Preferred(_)),
                "{preferred}"
            );
        }
    }

    #[test]
    fn a_second_class_presupposes_a_first() {
        let several = |ticker| match class(ticker) {
            ShareClass::Preferred(preferred) => preferred.has_siblings(),
            ShareClass::Common => panic!("{ticker} is a common share"),
        };
        assert!(!several("005935"));
        assert!(!several("03473K"));
        assert!(
            several("005385"),
            "known to have 005387 and 005389 beside it"
        );
        assert!(several("00680K"));
        assert!(several("000087"));
        assert!(several("99999L"));
    }
}
