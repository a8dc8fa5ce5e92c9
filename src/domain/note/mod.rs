//! What a reader should know about a row: why nothing is stated, how a figure came about.
//!
//! A note is a code with its parameters. That is what the database keeps and what rows are compared
//! by; words are made where a note is shown, in one file a language, so that rewording a message
//! changes no row.

mod english;
mod kind;

use std::fmt;

pub use english::restatement_detail;
pub use kind::{Note, Refusal, Restatement, RowPart, SettledPart};

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&english::words(self))
    }
}

/// All notes of a row in words; `None` where there are none.
#[must_use]
pub fn note_words(notes: &[Note]) -> Option<String> {
    let words: Vec<String> = notes.iter().map(Note::to_string).collect();
    (!words.is_empty()).then(|| words.join("; "))
}
