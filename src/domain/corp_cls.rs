/// The market a company is on, in OpenDART's letters (`corp_cls`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CorpCls {
    /// `Y`: KOSPI (유가증권시장).
    Kospi,
    /// `K`: KOSDAQ (코스닥시장).
    Kosdaq,
    /// `N`: KONEX (코넥스시장).
    Konex,
    /// `E`: none of these; delisted companies among them (기타).
    Other,
}

impl CorpCls {
    /// The letter OpenDART writes.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Kospi => "Y",
            Self::Kosdaq => "K",
            Self::Konex => "N",
            Self::Other => "E",
        }
    }

    /// Reads OpenDART's letter; `None` for any other text.
    #[must_use]
    pub fn from_letter(letter: &str) -> Option<Self> {
        match letter.trim() {
            "Y" => Some(Self::Kospi),
            "K" => Some(Self::Kosdaq),
            "N" => Some(Self::Konex),
            "E" => Some(Self::Other),
            _ => None,
        }
    }
}
