use std::fmt;

/// What a report says about one share class in one year. Errors are never outcomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// A cash dividend: `dps_cash` is greater than 0.
    Paid,
    /// The dividend section is filed and says `-` or 0: `dps_cash` is 0.
    NoDividend,
    /// A report that gives no reliable figure for this class: no `dps_cash`, and
    /// the note says why.
    NotStated,
    /// OpenDART has no such report (status 013): no `dps_cash`.
    NoReport,
}

impl Outcome {
    /// Every outcome, in the order of the documentation.
    pub const ALL: [Self; 4] = [
        Self::Paid,
        Self::NoDividend,
        Self::NotStated,
        Self::NoReport,
    ];

    /// The word in the database and in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Paid => "PAID",
            Self::NoDividend => "NO_DIVIDEND",
            Self::NotStated => "NOT_STATED",
            Self::NoReport => "NO_REPORT",
        }
    }

    /// Reads the database's word; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == word)
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
