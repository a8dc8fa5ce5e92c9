super::ascii::digits! {
    /// The receipt number of a filing (`rcept_no`): fourteen digits, the first eight the day DART
    /// received it. The larger of two is the later filing.
    RceptNo[14], RceptNoError: "{0:?} is not a rcept_no: it has fourteen digits"
}

/// The day's number from which on the sandbox makes up its filings.
const FIRST_MADE_UP: &str = "900000";

impl RceptNo {
    /// Where DART shows the filing itself, for a browser: the address that OpenDART's guide to
    /// list.json (공시검색) gives for a `rcept_no`. None for the sandbox's made-up filings, which
    /// are numbered far above the few thousand that DART receives in a day.
    #[must_use]
    pub fn viewer_url(&self) -> Option<String> {
        let is_made_up = self.as_str()[8..] >= *FIRST_MADE_UP;
        (!is_made_up).then(|| format!("https://dart.fss.or.kr/dsaf001/main.do?rcpNo={self}"))
    }
}

#[cfg(test)]
mod tests {
    use super::RceptNo;

    #[test]
    fn leads_to_the_filing_in_darts_viewer() {
        let filing: RceptNo = "20250311001085".parse().unwrap();
        assert_eq!(
            filing.viewer_url().unwrap(),
            "https://dart.fss.or.kr/dsaf001/main.do?rcpNo=20250311001085"
        );
        let made_up: RceptNo = "20250331926380".parse().unwrap();
        assert_eq!(made_up.viewer_url(), None);
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
