//! What a request asks, and whether its key is valid. The key itself goes no further than here.

use crate::domain::{CorpCode, ReprtCode};

/// Names one answer of alotMatter: the parameters OpenDART is asked with, without the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AnswerId {
    /// The company (`corp_code`).
    pub corp_code: CorpCode,
    /// The fiscal year of the report (`bsns_year`), any four digits.
    pub bsns_year: u16,
    /// Which report (`reprt_code`).
    pub reprt_code: ReprtCode,
}

/// A request to the sandbox, without its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// `/api/alotMatter.json`: the dividend section of one report.
    AlotMatter(AnswerId),
    /// `/api/corpCode.xml`: the list of companies.
    CorpCode,
    /// A known path with a field that is absent or invalid.
    BadField {
        /// The path asked.
        path: String,
        /// The field, in OpenDART's name.
        field: &'static str,
    },
    /// Any other path.
    UnknownPath {
        /// The path asked.
        path: String,
    },
}

impl Question {
    /// The path asked, without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        match self {
            Self::AlotMatter(_) => ALOT_MATTER,
            Self::CorpCode => CORP_CODE,
            Self::BadField { path, .. } | Self::UnknownPath { path } => path,
        }
    }

    /// Whether OpenDART's error would be XML here, as it is where the answer is a file.
    pub(super) fn speaks_xml(&self) -> bool {
        self.path().ends_with(".xml")
    }
}

pub(super) const ALOT_MATTER: &str = "/api/alotMatter.json";
pub(super) const CORP_CODE: &str = "/api/corpCode.xml";

/// Whether the question may be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyVerdict {
    Taken,
    Absent,
    Refused,
}

/// Reads a request target (`/api/alotMatter.json?crtfc_key=…&corp_code=…`).
pub(super) fn read(target: &str) -> (Question, KeyVerdict) {
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let key = match field(query, "crtfc_key") {
        None => KeyVerdict::Absent,
        Some(key) if key.chars().count() == 40 => KeyVerdict::Taken,
        Some(_) => KeyVerdict::Refused,
    };
    let question = match path {
        ALOT_MATTER => alot_matter(query).map_or_else(
            |field| Question::BadField {
                path: path.to_owned(),
                field,
            },
            Question::AlotMatter,
        ),
        CORP_CODE => Question::CorpCode,
        _ => Question::UnknownPath {
            path: path.to_owned(),
        },
    };
    (question, key)
}

/// The three fields, or the name of the first that is invalid.
fn alot_matter(query: &str) -> Result<AnswerId, &'static str> {
    let corp_code = field(query, "corp_code")
        .and_then(|text| text.parse().ok())
        .ok_or("corp_code")?;
    let bsns_year = field(query, "bsns_year")
        .filter(|text| text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit()))
        .and_then(|text| text.parse().ok())
        .ok_or("bsns_year")?;
    let reprt_code = field(query, "reprt_code")
        // Words such as `annual` are this program's, not OpenDART's.
        .and_then(|text| {
            ReprtCode::ALL
                .into_iter()
                .find(|report| report.code() == text)
        })
        .ok_or("reprt_code")?;
    Ok(AnswerId {
        corp_code,
        bsns_year,
        reprt_code,
    })
}

fn field(query: &str, name: &str) -> Option<String> {
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (key == name).then(|| percent_decoded(value))
    })
}

fn percent_decoded(text: &str) -> String {
    if !text.contains(['%', '+']) {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = text
            .get(at + 1..at + 3)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (b'+', _) => {
                decoded.push(b' ');
                at += 1;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{KeyVerdict, Question, read};

    const KEY: &str = "0123456789012345678901234567890123456789";

    fn asked(query: &str) -> (Question, KeyVerdict) {
        read(&format!("/api/alotMatter.json?{query}"))
    }

    #[test]
    fn three_fields_name_an_answer() {
        let (question, key) = asked(&format!(
            "crtfc_key={KEY}&corp_code=00126380&bsns_year=2024&reprt_code=11011"
        ));
        assert_eq!(key, KeyVerdict::Taken);
        let Question::AlotMatter(id) = question else {
            panic!("{question:?}");
        };
        assert_eq!(id.corp_code.as_str(), "00126380");
        assert_eq!((id.bsns_year, id.reprt_code.code()), (2024, "11011"));
    }

    #[test]
    fn the_first_invalid_field_is_named() {
        for (query, name) in [
            ("bsns_year=2024&reprt_code=11011", "corp_code"),
            (
                "corp_code=126380&bsns_year=2024&reprt_code=11011",
                "corp_code",
            ),
            (
                "corp_code=00126380&bsns_year=24&reprt_code=11011",
                "bsns_year",
            ),
            ("corp_code=00126380&bsns_year=2024", "reprt_code"),
            (
                "corp_code=00126380&bsns_year=2024&reprt_code=annual",
                "reprt_code",
            ),
        ] {
            let (question, _) = asked(query);
            assert!(
                matches!(question, Question::BadField { field, .. } if field == name),
                "{query}: {question:?}"
            );
        }
    }

    #[test]
    fn a_key_is_forty_characters() {
        assert_eq!(asked("corp_code=1").1, KeyVerdict::Absent);
        assert_eq!(asked("crtfc_key=short").1, KeyVerdict::Refused);
        let encoded = KEY.replace('9', "%39");
        assert_eq!(asked(&format!("crtfc_key={encoded}")).1, KeyVerdict::Taken);
    }

    #[test]
    fn the_question_does_not_show_the_key() {
        let shown = format!("{:?}", read("/x?crtfc_key=secret-key"));
        assert!(!shown.contains("secret-key"), "{shown}");
    }
}
