use std::fmt;

/// Where answers come from. A database keeps answers of one kind, so that made-up figures never
/// stand among real ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OriginKind {
    /// OpenDART itself, or a gateway to it (https).
    Real,
    /// A server on this machine (http on loopback).
    Loopback,
    /// The built-in sandbox.
    Sandbox,
}

impl OriginKind {
    /// The word in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Real => "real",
            Self::Loopback => "loopback",
            Self::Sandbox => "sandbox",
        }
    }

    /// Reads the database's word; `None` for any other.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Real, Self::Loopback, Self::Sandbox]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

impl fmt::Display for OriginKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
