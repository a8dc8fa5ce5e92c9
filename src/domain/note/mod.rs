//! What a reader should know about a row: why nothing is stated, how a figure came about.
//!
//! A note is a code with its parameters. That is what the database keeps and what rows are compared
//! by; words are made where a note is shown, in one file a language, so that rewording a message
//! changes no row. The codes and the parameters' names are in databases: they never change.

mod english;

use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

use super::{FiscalYear, Refusal, Restatement, Won};

pub use english::restatement_detail;

/// One thing to know about a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum Note {
    /// No row of the filing states an amount per share for this class.
    NoRowForClass,
    /// A total of cash dividends, and no amount per share.
    TotalWithoutAmount,
    /// The row may be the form's second one, which stands there without a preferred share too.
    NoPreferredShare,
    /// An amount per share below 0.
    NegativeAmount {
        /// As filed, won.
        #[serde(serialize_with = "exactly")]
        amount: Won,
    },
    /// The amount per share cannot be read.
    UnreadableAmount {
        /// The cell, shortened.
        text: String,
    },
    /// The amount per share is in a unit this program does not know.
    UnknownUnit {
        /// The number, in that unit.
        amount: String,
    },
    /// The report says nothing about this year.
    EmptyColumn,
    /// Several rows for the common share state different amounts.
    CommonRowsDiffer,
    /// Several preferred classes, and rows that do not tell which is which.
    PreferredRowsUnclear,
    /// The rows' labels name no class this program knows.
    UnknownShareLabels,
    /// Several filings, not all of which say which settlement date they are about.
    AmbiguousFilings,
    /// The answer has no row about dividends.
    NoDividendRows,
    /// The filing covers part of a year, so that its earlier columns are not whole years.
    PartOfYear,
    /// The parts of a year add up to more than an amount can be.
    SumOutOfRange,
    /// The dividend is a sum over several settlement dates.
    SumOfSettlements {
        /// What each of them paid, by date.
        parts: Vec<SettledPart>,
    },
    /// The interim report repeats the annual figures of the year before.
    InterimCopy {
        /// That year.
        year: FiscalYear,
    },
    /// Read from the dividend rows alone, as the answer was too large to be stored whole.
    Capped,
    /// Read before the report was due: more may be filed for the year.
    ReadEarly {
        /// When it is due.
        due: NaiveDate,
    },
    /// A later report states the year, and it is not certain in which shares.
    UncertainBasis {
        /// The year of that report.
        source_year: FiscalYear,
        /// The par value it states for the year, won.
        par_then: Won,
        /// The par value it states for its own year, won.
        par_now: Option<Won>,
    },
    /// Later reports state another dividend for the year.
    Restated {
        /// Which ones, the nearest first.
        by: Vec<Restatement>,
    },
    /// What the report adds to the one before it cannot be told.
    NoIncrement(Refusal),
    /// Words of an earlier version of this program, or written by hand.
    Text {
        /// As they stand in the database.
        text: String,
    },
    /// A code of a later version.
    #[serde(skip)]
    Unknown {
        /// The code.
        code: String,
        /// All of the note as it stands in the database.
        json: String,
    },
}

/// What one of several settlement dates paid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettledPart {
    /// The date, where the filing tells it.
    pub stlm_dt: Option<NaiveDate>,
    /// Cash dividend, won per share.
    #[serde(serialize_with = "exactly")]
    pub dps_cash: Won,
}

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

/// A number where every JSON reader gets the same one from it, else its digits as a text.
fn exactly<S: Serializer>(amount: &Won, to: S) -> Result<S::Ok, S::Error> {
    const SIXTEEN_DIGITS: u128 = 1_000_000_000_000_000;
    if amount.get().mantissa().unsigned_abs() < SIXTEEN_DIGITS {
        amount.serialize(to)
    } else {
        to.collect_str(amount)
    }
}
