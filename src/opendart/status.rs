use std::fmt;

/// The longest unknown code that is kept, in characters; OpenDART's have three.
const LONGEST_UNKNOWN: usize = 7;

/// OpenDART's verdict on a request, the `status` of every answer.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Status {
    /// 000.
    Ok,
    /// 010.
    KeyUnknown,
    /// 011.
    KeySuspended,
    /// 012.
    AddressNotAllowed,
    /// 013.
    NoData,
    /// 014.
    NoFile,
    /// 020.
    DailyLimit,
    /// 021.
    TooManyCompanies,
    /// 100.
    BadField,
    /// 101.
    ImproperAccess,
    /// 800.
    Maintenance,
    /// 900.
    Undefined,
    /// 901.
    KeyExpired,
    /// A code that is not documented, at most seven characters of it.
    Unknown(String),
}

/// What a client does about a [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Read the answer.
    Ok,
    /// Remember that there is none, for a while.
    NoData,
    /// Stop: no later call can work either (010, 011, 012, 901).
    KeyRefused,
    /// Stop until 00:00 KST (020).
    DailyLimit,
    /// Try again after a long pause (800).
    Maintenance,
    /// Try again (900).
    Transient,
    /// Never ask the same again (021, 100, 101).
    Bug,
    /// Report it, and do not ask again: its meaning is unknown.
    Unknown,
}

impl Status {
    /// Every documented status, in the order of its code.
    pub const DOCUMENTED: [Self; 13] = [
        Self::Ok,
        Self::KeyUnknown,
        Self::KeySuspended,
        Self::AddressNotAllowed,
        Self::NoData,
        Self::NoFile,
        Self::DailyLimit,
        Self::TooManyCompanies,
        Self::BadField,
        Self::ImproperAccess,
        Self::Maintenance,
        Self::Undefined,
        Self::KeyExpired,
    ];

    /// Reads the code; any text is a status, if an unknown one.
    #[must_use]
    pub fn parse(code: &str) -> Self {
        let code = code.trim();
        let known = Self::DOCUMENTED.iter().find(|known| known.code() == code);
        known.cloned().unwrap_or_else(|| {
            let kept = code.chars().filter(|c| !c.is_control());
            Self::Unknown(kept.take(LONGEST_UNKNOWN).collect())
        })
    }

    /// OpenDART's three digits.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Ok => "000",
            Self::KeyUnknown => "010",
            Self::KeySuspended => "011",
            Self::AddressNotAllowed => "012",
            Self::NoData => "013",
            Self::NoFile => "014",
            Self::DailyLimit => "020",
            Self::TooManyCompanies => "021",
            Self::BadField => "100",
            Self::ImproperAccess => "101",
            Self::Maintenance => "800",
            Self::Undefined => "900",
            Self::KeyExpired => "901",
            Self::Unknown(code) => code,
        }
    }

    /// What the code means, in a few words.
    #[must_use]
    pub const fn meaning(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::KeyUnknown => "the API key is not registered",
            Self::KeySuspended => "the API key is suspended",
            Self::AddressNotAllowed => "the API key does not allow this IP address",
            Self::NoData => "no data",
            Self::NoFile => "the file does not exist",
            Self::DailyLimit => "the day's limit of requests is used up",
            Self::TooManyCompanies => "too many companies in one request",
            Self::BadField => "a field has an improper value",
            Self::ImproperAccess => "improper access",
            Self::Maintenance => "OpenDART is down for maintenance",
            Self::Undefined => "undefined error",
            Self::KeyExpired => "the API key has expired",
            Self::Unknown(_) => "not a documented status",
        }
    }

    /// What to do about it.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::Ok => Verdict::Ok,
            Self::NoData | Self::NoFile => Verdict::NoData,
            Self::KeyUnknown | Self::KeySuspended | Self::AddressNotAllowed | Self::KeyExpired => {
                Verdict::KeyRefused
            }
            Self::DailyLimit => Verdict::DailyLimit,
            Self::Maintenance => Verdict::Maintenance,
            Self::Undefined => Verdict::Transient,
            Self::TooManyCompanies | Self::BadField | Self::ImproperAccess => Verdict::Bug,
            Self::Unknown(_) => Verdict::Unknown,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::{Status, Verdict};

    #[test]
    fn every_documented_code_has_its_verdict() {
        for (code, verdict) in [
            ("000", Verdict::Ok),
            ("010", Verdict::KeyRefused),
            ("011", Verdict::KeyRefused),
            ("012", Verdict::KeyRefused),
            ("901", Verdict::KeyRefused),
            ("013", Verdict::NoData),
            ("014", Verdict::NoData),
            ("020", Verdict::DailyLimit),
            ("021", Verdict::Bug),
            ("100", Verdict::Bug),
            ("101", Verdict::Bug),
            ("800", Verdict::Maintenance),
            ("900", Verdict::Transient),
        ] {
            let status = Status::parse(code);
            assert_eq!((status.code(), status.verdict()), (code, verdict));
            assert!(!matches!(status, Status::Unknown(_)), "{code}");
        }
    }

    #[test]
    fn an_unknown_code_is_kept_but_neither_long_nor_able_to_move_the_cursor() {
        let status = Status::parse("4\u{1b}[2J2 and a long story");
        assert_eq!(status, Status::Unknown("4[2J2 a".to_owned()));
        assert_eq!(status.verdict(), Verdict::Unknown);
    }
}
