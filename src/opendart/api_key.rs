use std::fmt;

use sha2::{Digest, Sha256};

/// Length of an API key in characters.
const LENGTH: usize = 40;

/// The shortest piece of a key that is treated as the key itself: fewer characters than this are
/// found in ordinary text by chance, and tell nothing.
const TELLING: usize = 8;

/// What stands where a key stood.
const REDACTED: &str = "[API key]";

/// OpenDART's API key (`crtfc_key`): forty of `[0-9A-Za-z]`.
///
/// It can be neither printed nor copied; `Debug` shows that there is one.
pub struct ApiKey(String);

/// Why a text is not an API key. It never holds the text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApiKeyError {
    /// Nothing there, or white space alone.
    #[error("the API key is empty: OpenDART's has 40 letters and digits")]
    Empty,
    /// Not forty characters.
    #[error("the API key has {length} characters: OpenDART's has 40 letters and digits")]
    Length {
        /// Characters, surrounding white space aside.
        length: usize,
    },
    /// Forty characters, one of them neither a letter nor a digit.
    #[error(
        "character {position} of the API key is neither a letter nor a digit: \
         OpenDART's key has 40 of those"
    )]
    Character {
        /// Where, from 1.
        position: usize,
    },
}

impl ApiKey {
    /// An API key from what the user holds; surrounding white space and a byte order
    /// mark are dropped.
    ///
    /// # Errors
    /// Anything but forty of `[0-9A-Za-z]`; the error tells what is wrong and never the text.
    pub fn new(text: String) -> Result<Self, ApiKeyError> {
        // Editors on Windows begin a file with a byte order mark, which is no white space.
        let key = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        if key.is_empty() {
            return Err(ApiKeyError::Empty);
        }
        let length = key.chars().count();
        if length != LENGTH {
            return Err(ApiKeyError::Length { length });
        }
        match key.chars().position(|c| !c.is_ascii_alphanumeric()) {
            Some(at) => Err(ApiKeyError::Character { position: at + 1 }),
            None if key.len() == text.len() => Ok(Self(text)),
            None => Ok(Self(key.to_owned())),
        }
    }

    /// Tells this key from another without telling the key: the first twelve hexadecimal digits of
    /// its SHA-256.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(self.0.as_bytes());
        digest
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }

    /// The key itself, for the request's query alone.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every piece of the key that tells something about it (eight characters and
    /// more, in either case) replaced.
    pub(super) fn redact(&self, text: &str) -> String {
        let key = self.0.as_bytes();
        let bytes = text.as_bytes();
        let mut clean = String::with_capacity(text.len());
        let mut at = 0;
        let mut kept = 0;
        while at < bytes.len() {
            let length = longest_piece(key, &bytes[at..]);
            if length < TELLING {
                at += 1;
                continue;
            }
            // A piece is ASCII, so both its ends are ends of characters.
            clean.push_str(&text[kept..at]);
            clean.push_str(REDACTED);
            at += length;
            kept = at;
        }
        clean.push_str(&text[kept..]);
        clean
    }
}

/// The length of the longest piece of `key` that `text` begins with, letters' case aside.
fn longest_piece(key: &[u8], text: &[u8]) -> usize {
    let common = |piece: &[u8]| {
        piece
            .iter()
            .zip(text)
            .take_while(|(a, b)| a.eq_ignore_ascii_case(b))
            .count()
    };
    (0..key.len())
        .map(|start| common(&key[start..]))
        .max()
        .unwrap_or(0)
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ApiKey(redacted)")
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_fingerprint_tells_keys_apart_and_holds_no_piece_of_one() {
        let key = |letter: &str| super::ApiKey::new(letter.repeat(40)).unwrap();
        assert_eq!(key("k").fingerprint(), key("k").fingerprint());
        assert_ne!(key("k").fingerprint(), key("l").fingerprint());
        assert_eq!(key("k").fingerprint().len(), 12);
        assert!(!key("k").fingerprint().contains('k'));
    }

    use super::{ApiKey, ApiKeyError};

    const SENTINEL: &str = "s3ntinelS3NTINELs3ntinelS3NTINEL01234567";

    #[test]
    fn takes_forty_letters_and_digits_and_drops_white_space_around_them() {
        for text in [SENTINEL.to_owned(), format!("\u{feff}  {SENTINEL}\r\n")] {
            assert_eq!(ApiKey::new(text).unwrap().expose(), SENTINEL);
        }
    }

    #[test]
    fn a_refusal_tells_what_is_wrong_and_never_the_text() {
        let refused = |text: &str| ApiKey::new(text.to_owned()).unwrap_err();
        assert_eq!(refused(" \n"), ApiKeyError::Empty);
        assert_eq!(refused(&SENTINEL[1..]), ApiKeyError::Length { length: 39 });
        assert_eq!(refused("키"), ApiKeyError::Length { length: 1 });
        let dashed = format!("{}-{}", &SENTINEL[..20], &SENTINEL[21..]);
        let error = refused(&dashed);
        assert_eq!(error, ApiKeyError::Character { position: 21 });
        for text in [error.to_string(), format!("{error:?}")] {
            assert!(!text.contains(&SENTINEL[..8]), "{text}");
        }
    }

    #[test]
    fn debug_shows_that_there_is_a_key_and_nothing_else() {
        let key = ApiKey::new(SENTINEL.to_owned()).unwrap();
        assert_eq!(format!("{key:?}"), "ApiKey(redacted)");
    }

    #[test]
    fn the_key_its_pieces_and_its_other_case_are_redacted_from_a_text() {
        let key = ApiKey::new(SENTINEL.to_owned()).unwrap();
        for echoed in [
            SENTINEL.to_owned(),
            SENTINEL.to_uppercase(),
            SENTINEL[12..30].to_owned(),
        ] {
            assert_eq!(
                key.redact(&format!("등록되지 않은 키({echoed})입니다.")),
                "등록되지 않은 키([API key])입니다."
            );
        }
        assert_eq!(key.redact("s3ntine is no key"), "s3ntine is no key");
        assert_eq!(key.redact(""), "");
    }
}
