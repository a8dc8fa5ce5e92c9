//! alotMatter.json (배당에 관한 사항): what a periodic report says about dividends.
//!
//! An answer is a list of rows, and everything in it is free text. `row` takes the texts out of the
//! JSON; reading them goes in four steps, a file each, and nothing is guessed in any:
//!
//! 1. [`label`](self): `se` says which item a row is about and in which unit.
//! 2. `figure`: a cell is an amount, a dash, blank, or unreadable. Never 0 by default.
//! 3. `share_class`: which of a group's rows is the common share's, which the preferred's.
//! 4. `report`: filings, settlement dates and columns become one outcome a share and year.
//!
//! `inconsistency` compares a report's figures with each other, for the audit.
//!
//! Right or silent: where the rows do not say it, the outcome is `NOT_STATED` with the reason.

mod figure;
mod filing;
mod inconsistency;
mod label;
mod payload;
mod report;
mod row;
mod settlement;
mod share_class;

pub use inconsistency::Inconsistency;
pub use payload::{Payload, PayloadError, pack, unpack};
pub use report::{Column, Report};
pub use row::UnreadableAnswer;

/// Counts the parser's changes: rows read by an older one are read again from the stored answer,
/// without a call.
///
/// 2: what an annual report says about the two years before its own is kept on its row, and how many
/// settlement dates the row sums up; a rate or a date in a label is no number of a class.
pub const PARSER_VERSION: u32 = 3;
