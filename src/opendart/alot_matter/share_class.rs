//! `stock_knd`: whose row it is. Each group of rows (one item of one filing) is resolved by itself,
//! since labels differ even within one answer.
//!
//! | the group's rows say | the common share's | the preferred share's |
//! | --- | --- | --- |
//! | a label (보통주, 우선주, 종류주식, 의결권 있는/없는 주식 …) | the row that says so | the row that says so |
//! | 보통주 and rows without a label | the labelled one | those without |
//! | 우선주 and one row without a label | the one without | the labelled one |
//! | no label at all | the first | the others |
//! | a label that names neither | no row | no row |
//!
//! Two rows for one class that state different things are not told apart: unclear. The same goes
//! for an issuer with several preferred classes whose rows carry no number.

use crate::domain::{Note, PreferredClass, ShareClass};

use super::figure::{Figure, without_spaces};

/// A row's `stock_knd`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StockKnd {
    Common,
    /// Preferred, with its number where the label gives one (1우선주, 2우B).
    Preferred(Option<u8>),
    /// `-`, empty or absent.
    Unlabelled,
    /// A label that names neither class, or both.
    Other,
}

impl StockKnd {
    pub(super) fn read(label: &str) -> Self {
        let text = without_spaces(label);
        if matches!(Figure::read(&text), Figure::Dash | Figure::Blank) {
            return Self::Unlabelled;
        }
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let common = says(&["보통"]);
        let preferred = says(&["우선", "종류", "무의결권"])
            || says(&["의결권없는", "의결권이없는"])
            || text.ends_with('우')
            || says(&["우B", "우(", "우C"]);
        match (common, preferred) {
            (true, false) => Self::Common,
            (false, true) => Self::Preferred(number_in(&text)),
            (false, false) if says(&["의결권있는", "의결권이있는", "의결권부"]) => {
                Self::Common
            }
            _ => Self::Other,
        }
    }
}

/// The one number a label gives, if it can be a class's: 1우선주, 우선주(2우B), 제3종. A rate, a date
/// or the number of an issue (9%, 2019년 12회차) is none.
fn number_in(text: &str) -> Option<u8> {
    let mut numbers = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = &rest[at..];
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        rest = &digits[end..];
        let counts_something_else =
            rest.starts_with(['%', '.', '년', '월', '일', '회', '차', '원']);
        if !counts_something_else {
            numbers.push(&digits[..end]);
        }
    }
    numbers.dedup();
    match numbers[..] {
        [one] => one.parse().ok().filter(|number| (1..=9).contains(number)),
        _ => None,
    }
}

/// What a group of rows says about one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated {
    /// The class has a row, and this is its cell.
    Figure(Figure),
    /// No row for this class.
    Absent,
    /// Rows, but not to be told apart; why.
    Unclear(Note),
}

/// Finds a class's cell among the rows of one group, given as (label, cell) in their order.
pub(super) fn resolve(class: ShareClass, rows: &[(StockKnd, Figure)]) -> Stated {
    let rows = with_roles(rows);
    let cells: Vec<(Option<u8>, &Figure)> = rows
        .iter()
        .filter_map(|(role, cell)| match (class, role) {
            (ShareClass::Common, Role::Common) => Some((None, *cell)),
            (ShareClass::Preferred(_), Role::Preferred(number)) => Some((*number, *cell)),
            _ => None,
        })
        .collect();
    if cells.is_empty() {
        let stray = rows
            .iter()
            .any(|(role, cell)| *role == Role::Unknown && cell.is_positive());
        return if stray {
            Stated::Unclear(Note::UnknownShareLabels)
        } else {
            Stated::Absent
        };
    }
    match class {
        ShareClass::Common => the_same(&cells, Note::CommonRowsDiffer),
        ShareClass::Preferred(preferred) => resolve_preferred(preferred, &cells),
    }
}

fn resolve_preferred(class: PreferredClass, cells: &[(Option<u8>, &Figure)]) -> Stated {
    if let Some(wanted) = class.ordinal() {
        let numbered: Vec<_> = cells
            .iter()
            .copied()
            .filter(|(number, _)| *number == Some(wanted))
            .collect();
        if !numbered.is_empty() {
            return the_same(&numbered, Note::PreferredRowsUnclear);
        }
        // 우 beside 2우B is the first: only the later ones carry a number in their names.
        let plain: Vec<_> = cells
            .iter()
            .copied()
            .filter(|(number, _)| number.is_none())
            .collect();
        let others_are_later = plain.len() < cells.len();
        if others_are_later {
            return match plain[..] {
                [(_, only)] if wanted == 1 => Stated::Figure(only.clone()),
                _ => Stated::Unclear(Note::PreferredRowsUnclear),
            };
        }
    }
    if class.has_siblings() && cells.len() == 1 {
        return Stated::Unclear(Note::PreferredRowsUnclear);
    }
    the_same(cells, Note::PreferredRowsUnclear)
}

/// One cell, or several that say the same.
fn the_same(cells: &[(Option<u8>, &Figure)], otherwise: Note) -> Stated {
    match cells {
        [(_, first), rest @ ..] if rest.iter().all(|(_, cell)| cell == first) => {
            Stated::Figure((*first).clone())
        }
        _ => Stated::Unclear(otherwise),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Common,
    Preferred(Option<u8>),
    Unknown,
}

/// The table above: labels first, then what they leave for the rows without one.
fn with_roles(rows: &[(StockKnd, Figure)]) -> Vec<(Role, &Figure)> {
    let some_common = rows.iter().any(|(knd, _)| *knd == StockKnd::Common);
    let some_preferred = rows
        .iter()
        .any(|(knd, _)| matches!(knd, StockKnd::Preferred(_)));
    let some_other = rows.iter().any(|(knd, _)| *knd == StockKnd::Other);
    let unlabelled = rows
        .iter()
        .filter(|(knd, _)| *knd == StockKnd::Unlabelled)
        .count();
    let role_without_label = |nth: usize| match (some_common, some_preferred) {
        _ if some_other => Role::Unknown,
        (true, true) => Role::Unknown,
        (true, false) => Role::Preferred(None),
        (false, true) if unlabelled == 1 => Role::Common,
        (false, true) => Role::Unknown,
        (false, false) if nth == 0 => Role::Common,
        (false, false) => Role::Preferred(None),
    };
    let mut nth = 0;
    rows.iter()
        .map(|(knd, cell)| {
            let role = match knd {
                StockKnd::Common => Role::Common,
                StockKnd::Preferred(number) => Role::Preferred(*number),
                StockKnd::Other => Role::Unknown,
                StockKnd::Unlabelled => {
                    let role = role_without_label(nth);
                    nth += 1;
                    role
                }
            };
            (role, cell)
        })
        .collect()
}

#[cfg(test)]
mod tests;
