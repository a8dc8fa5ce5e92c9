super::ascii::digits! {
    /// OpenDART's number of a filing company (`corp_code`): eight digits.
    CorpCode[8], CorpCodeError: "{0:?} is not a corp_code: it has eight digits"
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
