use std::fmt;
use std::str::FromStr;

/// A job's id: a UUID (version 4), lower case with hyphens.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId([u8; 36]);

/// A text that is no job's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a job's id")]
pub struct JobIdError(String);

impl JobId {
    /// Its 36 characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only ASCII digits, letters and hyphens ever get in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for JobId {
    type Err = JobIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || JobIdError(text.chars().take(60).collect());
        let id: [u8; 36] = text.as_bytes().try_into().map_err(|_| malformed())?;
        let fits = |(place, byte): (usize, &u8)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        };
        if id.iter().enumerate().all(fits) {
            Ok(Self(id))
        } else {
            Err(malformed())
        }
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JobId({})", self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::JobId;

    #[test]
    fn an_id_is_a_uuid_in_lower_case_and_nothing_else() {
        let text = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
        assert_eq!(text.parse::<JobId>().unwrap().as_str(), text);
        for wrong in ["", "6f96", &text.to_uppercase(), &text.replace('-', "0")] {
            assert!(wrong.parse::<JobId>().is_err(), "{wrong}");
        }
    }
}
