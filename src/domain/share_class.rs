use super::{FiscalYear, Ticker};

/// The class of share a ticker stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ShareClass {
    /// 보통주: the ticker ends in `0`.
    Common,
    /// 우선주, 종류주: any other ending.
    Preferred(PreferredClass),
}

/// Which of an issuer's preferred shares is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PreferredClass {
    ordinal: Option<u8>,
    several: bool,
    listed: bool,
}

/// Issuers with more than one class of listed preferred shares, by their common ticker, and the last
/// fiscal year for which they had them. A row that says only 우선주 does not tell which it means.
const SEVERAL_PREFERRED: [(&str, u16); 27] = [
    ("000150", STILL), // 두산: 000155, 000157
    ("000220", STILL), // 유유제약: 000225, 000227
    ("000320", 2020),  // 노루홀딩스: 000325, 000327
    ("000540", STILL), // 흥국화재: 000545, 000547
    ("000680", 2014),  // LS네트웍스: 000685, 000687
    ("000880", STILL), // 한화: 000885, 00088K
    ("000990", 2020),  // DB하이텍: 000995, 000997
    ("001040", STILL), // CJ: 001045, 00104K
    ("001060", STILL), // JW중외제약: 001065, 001067
    ("001520", STILL), // 동양: 001525, 001527
    ("001680", 2020),  // 대상: 001685, 001687
    ("001790", 2020),  // 대한제당: 001795, 001797
    ("002780", STILL), // 진흥기업: 002785, 002787
    ("002790", STILL), // 아모레퍼시픽홀딩스: 002795, 00279K
    ("003410", 2020),  // 쌍용C&E: 003415, 003417
    ("003540", STILL), // 대신증권: 003545, 003547
    ("004360", 2020),  // 세방: 004365, 004367
    ("004980", STILL), // 성신양회: 004985, 004987
    ("005250", 2020),  // 녹십자홀딩스: 005255, 005257
    ("005380", STILL), // 현대자동차: 005385, 005387, 005389
    ("006800", STILL), // 미래에셋증권: 006805, 00680K
    ("007190", 2014),  // 한솔아트원제지: 007195, 007197
    ("007810", STILL), // 코리아써키트: 007815, 00781K
    ("013360", 2014),  // 일성건설: 013365, 013367
    ("336260", STILL), // 두산퓨얼셀: 33626K, 33626L
    ("336370", STILL), // 솔루스첨단소재: 33637K, 33637L
    ("375500", STILL), // DL이앤씨: 37550K, 37550L
];

/// No year is the last one yet.
const STILL: u16 = u16::MAX;

/// Second classes whose first is listed no more: once the years of [`SEVERAL_PREFERRED`] are over
/// they are their issuers' only ones, whatever their rows are called.
const ONLY_SECOND: [&str; 2] = ["000087", "005257"];

/// Tickers that end in a letter, and the number in the share's name; 0 where it has none, as the
/// issuer's only class.
const LETTERS: [(&str, u8); 21] = [
    ("00088K", 3),
    ("00104K", 4),
    ("00279K", 3),
    ("00499K", 0),
    ("00680K", 2),
    ("00781K", 2),
    ("02826K", 0),
    ("03473K", 0),
    ("18064K", 0),
    ("26490K", 0),
    ("28513K", 0),
    ("33626K", 1),
    ("33626L", 2),
    ("33637K", 1),
    ("33637L", 2),
    ("35320K", 0),
    ("36328K", 0),
    ("37550K", 1),
    ("37550L", 2),
    ("38380K", 0),
    ("45014K", 0),
];

impl Ticker {
    /// Common where the last character is `0`, else preferred, as its issuer's classes were in a
    /// fiscal year.
    #[must_use]
    pub fn class_in(self, fiscal_year: FiscalYear) -> ShareClass {
        if self.is_common() {
            ShareClass::Common
        } else {
            ShareClass::Preferred(PreferredClass::of(self, fiscal_year))
        }
    }
}

impl PreferredClass {
    fn of(ticker: Ticker, fiscal_year: FiscalYear) -> Self {
        let several = SEVERAL_PREFERRED.iter().any(|(issuer, last)| {
            *issuer == ticker.issuer().as_str() && fiscal_year.get() <= *last
        });
        let letter = LETTERS.iter().find(|(known, _)| *known == ticker.as_str());
        // 5, 7 and 9 are the first, second and third: 우, 2우B, 3우B.
        let ordinal = match ticker.as_str().as_bytes().last() {
            Some(b'5') => Some(1),
            Some(b'7') => Some(2),
            Some(b'9') => Some(3),
            _ => letter.map(|(_, number)| *number),
        };
        let only = ONLY_SECOND.contains(&ticker.as_str()) && !several;
        // A second class presupposes a first, listed still or not.
        let later = ordinal.is_some_and(|ordinal| ordinal > 1);
        Self {
            ordinal: ordinal.filter(|ordinal| *ordinal > 0),
            several: several || (later && !only),
            listed: ordinal.is_some(),
        }
    }

    /// Whether the issuer has, or had, other classes of preferred shares beside this one.
    #[must_use]
    pub fn has_siblings(self) -> bool {
        self.several
    }

    /// The number in the share's name: 1 for 우 and 1우, 2 for 2우B. `None` where the name has none
    /// and the ticker does not tell.
    #[must_use]
    pub fn ordinal(self) -> Option<u8> {
        self.ordinal
    }

    /// Whether there is such a share, as far as its ticker tells: one that ends in a letter is known
    /// or is none (005930 has 005935 and no 00593K).
    #[must_use]
    pub fn is_listed(self) -> bool {
        self.listed
    }
}

#[cfg(test)]
mod tests {
    use super::{PreferredClass, ShareClass};
    use crate::domain::{FiscalYear, Ticker};

    fn class(ticker: &str, year: u16) -> ShareClass {
        let year = FiscalYear::new(year).unwrap();
        ticker.parse::<Ticker>().unwrap().class_in(year)
    }

    fn preferred(ticker: &str, year: u16) -> PreferredClass {
        match class(ticker, year) {
            ShareClass::Preferred(preferred) => preferred,
            ShareClass::Common => panic!("{ticker} is a common share"),
        }
    }

    #[test]
    fn the_last_character_tells_the_class() {
        assert_eq!(class("005930", 2024), ShareClass::Common);
        assert_eq!(class("0068Y0", 2024), ShareClass::Common);
        for (ticker, ordinal) in [
            ("005935", Some(1)),
            ("005387", Some(2)),
            ("005389", Some(3)),
            ("00680K", Some(2)),
            ("00104K", Some(4)),
            ("33626L", Some(2)),
            ("03473K", None),
        ] {
            assert_eq!(preferred(ticker, 2024).ordinal(), ordinal, "{ticker}");
            assert!(preferred(ticker, 2024).is_listed(), "{ticker}");
        }
        assert!(!preferred("00593K", 2024).is_listed());
    }

    #[test]
    fn a_second_class_presupposes_a_first() {
        for only in ["005935", "03473K", "000087", "005257"] {
            assert!(!preferred(only, 2024).has_siblings(), "{only}");
        }
        for one_of_several in ["005385", "00680K", "37550K", "999997"] {
            assert!(
                preferred(one_of_several, 2024).has_siblings(),
                "{one_of_several}"
            );
        }
    }

    #[test]
    fn an_issuer_may_once_have_had_more_classes_than_today() {
        for (ticker, last) in [("001685", 2020), ("005257", 2020), ("000685", 2014)] {
            assert!(preferred(ticker, last).has_siblings(), "{ticker} in {last}");
            let next = last + 1;
            assert!(
                !preferred(ticker, next).has_siblings(),
                "{ticker} in {next}"
            );
        }
    }
}
