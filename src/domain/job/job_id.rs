use std::str::FromStr;

crate::domain::ascii::ascii_code! {
    /// A job's id: a UUID (version 4), lower case with hyphens.
    JobId[36]
}

/// A text that is no job's id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a job's id")]
pub struct JobIdError(String);

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
