super::words::words! {
    /// The market a company is on, in OpenDART's letters (`corp_cls`).
    CorpCls {
        /// KOSPI (유가증권시장).
        Kospi = "Y",
        /// KOSDAQ (코스닥시장).
        Kosdaq = "K",
        /// KONEX (코넥스시장).
        Konex = "N",
        /// None of these; delisted companies among them (기타).
        Other = "E",
    }
}

impl CorpCls {
    /// Reads OpenDART's letter, with white space around it or none.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        Self::from_word(letter.trim())
    }
}
