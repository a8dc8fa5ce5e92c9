//! How notes stand in the database: a JSON array of objects with a `code` each, NULL for none.
//!
//! Compatibility: what is not such an array (somebody's own words) and what has a code of a later
//! version is kept as it stands and shown so.

use serde::Deserialize;
use serde_json::Value;

use crate::domain::Note;

/// The notes as a JSON array.
#[must_use]
pub fn note_codes(notes: &[Note]) -> Value {
    notes.iter().map(one).collect()
}

fn one(note: &Note) -> Value {
    match note {
        Note::Unknown { json, .. } => {
            serde_json::from_str(json).unwrap_or_else(|_| Value::from(json.as_str()))
        }
        known => serde_json::to_value(known).unwrap_or_default(),
    }
}

/// The column `note` of these notes.
pub(super) fn column(notes: &[Note]) -> Option<String> {
    (!notes.is_empty()).then(|| note_codes(notes).to_string())
}

/// Reads the column `note`.
pub(super) fn read(column: &str) -> Vec<Note> {
    match serde_json::from_str::<Vec<Value>>(column) {
        Ok(notes) => notes.iter().map(read_one).collect(),
        Err(_) => vec![Note::Text {
            text: column.to_owned(),
        }],
    }
}

fn read_one(note: &Value) -> Note {
    Note::deserialize(note).unwrap_or_else(|_| Note::Unknown {
        code: note
            .get("code")
            .and_then(Value::as_str)
            .map_or_else(|| note.to_string(), str::to_owned),
        json: note.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::{column, read};
    use crate::domain::{Note, note_words};

    #[test]
    fn notes_come_back_and_none_are_null() {
        let notes = vec![
            Note::InterimCopy {
                year: "2022".parse().unwrap(),
            },
            Note::Capped,
        ];
        let text = column(&notes).unwrap();
        assert_eq!(
            text,
            r#"[{"code":"interim_copy","year":2022},{"code":"capped"}]"#
        );
        assert_eq!(read(&text), notes);
        assert_eq!(column(&[]), None);
    }

    #[test]
    fn what_this_version_does_not_know_is_shown_as_its_code_and_kept() {
        for (text, words) in [
            (r#"[{"code":"eclipse","of":["sun",1.5]}]"#, "eclipse"),
            (
                r#"[{"code":"capped"},{"code":"interim_copy"}]"#,
                "read from the dividend rows alone: the stored answer was too large to keep whole; \
                 interim_copy",
            ),
            (r#"[{"year":2022},7]"#, r#"{"year":2022}; 7"#),
        ] {
            let notes = read(text);
            assert_eq!(note_words(&notes).unwrap(), words);
            assert_eq!(column(&notes).unwrap(), text);
        }
    }

    #[test]
    fn words_in_place_of_codes_are_shown_as_they_are() {
        for text in ["a remark", "7", "{\"code\":\"capped\"}", ""] {
            let notes = read(text);
            assert_eq!(note_words(&notes).unwrap(), text);
        }
    }
}
