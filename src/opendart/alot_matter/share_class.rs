//! `stock_knd`: whose row it is. Each group of rows (one item of one filing) is resolved by itself,
//! since labels differ even within one answer.
//!
//! | the group's rows say | the common share's | the preferred share's |
//! | --- | --- | --- |
//! | a label (보통주, 우선주, 종류주식, 의결권 있는/없는 주식 …) | the row that says so | the row that says so |
//! | 보통주 and rows without a label | the labelled one | those without |
//! | 우선주 and one row without a label | the one without | the labelled one |
//! | no label at all | the first | the others |
//! | a label that names neither (기타주식) | no row | no row |
//! | 상환전환우선주, 비상장: not listed | no row | no row |
//!
//! What a label says beside the class counts: rows for the year's periods (중간, 결산) add up, rows
//! for kinds of holders (대주주, 소액주주) have to agree, and anything else (특별) makes the class
//! unclear. Such a row that names no class is the common share's.
//!
//! Two rows for one class that state different things are not told apart: unclear. The same goes
//! for an issuer with several preferred classes whose rows carry no number.

use rust_decimal::Decimal;

use crate::domain::{Note, PreferredClass, RowPart, ShareClass, Won};

use super::figure::{Figure, without_marks, without_spaces};

/// A row's `stock_knd`, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StockKnd {
    pub(super) class: Class,
    part: Option<Part>,
}

/// Which shares a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    Common,
    /// Preferred, with its number where the label gives one (1우선주, 2우B).
    Preferred(Option<u8>),
    /// `-`, empty or absent.
    Unlabelled,
    /// A part of the dividend, and not a word about shares.
    PartOnly,
    /// Preferred shares that are not listed.
    Unlisted,
    /// A label that names neither class, or both.
    Other,
}

/// Which part of a class's dividend a row is about, where it is not the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// That of one period: 중간, 결산, 1분기. Its words.
    Period(String),
    /// That of some of the holders: 대주주, 소액주주.
    Holders,
    /// Something else: 특별. Its words.
    Other(String),
}

const COMMON: [&str; 6] = ["보통부", "보통", "보동주", "보퉁주", "일반주", "통주"];
const PREFERRED: [&str; 8] = [
    "우선수",
    "우선부",
    "우선",
    "우량주",
    "종류",
    "무의결권",
    "의결권없는",
    "의결권이없는",
];
const VOTING: [&str; 3] = ["의결권있는", "의결권이있는", "의결권부"];
const UNLISTED: [&str; 2] = ["상환", "비상장"];
const HOLDERS: [&str; 7] = [
    "최대주주",
    "대주주",
    "소액주주",
    "소수주주",
    "일반주주",
    "기타주주",
    "지배주주",
];
const PERIODS: [&str; 8] = [
    "기말",
    "결산",
    "중간",
    "분기",
    "상반기",
    "하반기",
    "반기",
    "연말",
];
/// Periods that close the year.
const CLOSING: [&str; 5] = ["기말", "결산", "4분기", "하반기", "연말"];
/// Words that describe the shares or the dividend, and name no part. The longer ones first.
const NEUTRAL: [&str; 22] = [
    "현금배당금",
    "배당금",
    "배당",
    "이익",
    "무기명식",
    "기명식",
    "주식수",
    "주식",
    "비누적적",
    "누적적",
    "비참가적",
    "참가적",
    "신형",
    "구형",
    "상장",
    "없음",
    "특수관계인",
    "제",
    "등",
    "외",
    "및",
    "주",
];

impl StockKnd {
    /// Reads `stock_knd`, and what `se` says beside its item: both may name a part.
    pub(super) fn read(label: &str, qualifier: Option<&str>) -> Self {
        let text = without_spaces(label);
        let whole = |class| Self { class, part: None };
        // Nearly all of them are one of these.
        match (text.as_ref(), qualifier) {
            ("" | "-", None) => return whole(Class::Unlabelled),
            ("보통주" | "보통주식", None) => return whole(Class::Common),
            ("우선주" | "우선주식" | "종류주식" | "종류주", None) => {
                return whole(Class::Preferred(None));
            }
            _ => {}
        }
        let text = without_marks(&text);
        let class = class_of(&text);
        let part = match (class, qualifier) {
            (Class::Unlisted, _) => None,
            // 기타주식 names other shares, and no part of a dividend.
            (Class::Other, None) => None,
            (Class::Unlabelled, _) => part_of(class, qualifier.unwrap_or_default()),
            _ => part_of(
                class,
                format!("{text} {}", qualifier.unwrap_or_default()).trim_end(),
            ),
        };
        Self { class, part }
    }
}

fn class_of(text: &str) -> Class {
    if matches!(Figure::read(text, None), Figure::Dash | Figure::Blank) {
        return Class::Unlabelled;
    }
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if has(&UNLISTED) {
        return Class::Unlisted;
    }
    let common = has(&COMMON) && (text.contains("보통") || !has(&HOLDERS));
    let share_name = text.ends_with('우') || has(&["우B", "우C", "우("]);
    match (common, share_name || has(&PREFERRED)) {
        (true, false) => Class::Common,
        (false, true) => Class::Preferred(number_in(text)),
        (true, true) => Class::Other,
        (false, false) if has(&VOTING) => Class::Common,
        (false, false) if has(&HOLDERS) || has(&PERIODS) || has(&["특별", "배당금"]) => {
            Class::PartOnly
        }
        (false, false) => Class::Other,
    }
}

/// What `text` names beside a class of shares.
fn part_of(class: Class, text: &str) -> Option<Part> {
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let (holders, period) = (has(&HOLDERS), has(&PERIODS));
    let words = [
        &HOLDERS[..],
        &PERIODS,
        &VOTING,
        &PREFERRED,
        &COMMON,
        &NEUTRAL,
    ];
    let mut rest = words
        .concat()
        .iter()
        .fold(text.to_owned(), |rest, word| rest.replace(word, ""));
    // What follows a class's number, or a name such as 현대차2우B, describes the shares.
    let preferred = matches!(class, Class::Preferred(_));
    rest.retain(|c| c.is_alphanumeric() && !(c.is_ascii_digit() && (preferred || period)));
    let describes_shares = [
        "년", "월", "일", "회", "차", "만기", "종", "호", "전환", "우", "B", "C", "A",
    ];
    if preferred {
        rest = describes_shares
            .iter()
            .fold(rest, |rest, word| rest.replace(word, ""));
    }
    let is_name = preferred && !has(&["우선", "종류"]);
    match (rest.is_empty() || is_name, holders, period) {
        (true, false, false) => None,
        (true, true, false) => Some(Part::Holders),
        (true, false, true) => Some(Part::Period(text.to_owned())),
        _ => Some(Part::Other(text.to_owned())),
    }
}

/// The one number a label gives, if it can be a class's: 1우선주, 우선주(2우B), 제3종. A rate, a date,
/// the number of an issue (9%, 2019년 12회차) or one alone in parentheses is none.
fn number_in(text: &str) -> Option<u8> {
    let mut numbers = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
        let in_parentheses = rest[..at].ends_with('(');
        let digits = &rest[at..];
        let end = digits
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(digits.len());
        rest = &digits[end..];
        let counts_something_else =
            rest.starts_with(['%', '.', '년', '월', '일', '회', '차', '원']);
        let may_be_a_footnote = in_parentheses && rest.starts_with(')');
        if !counts_something_else && !may_be_a_footnote {
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
    /// The year's periods have a row each, and these are their amounts, together and one by one.
    Sum(Decimal, Vec<RowPart>),
    /// No row for this class.
    Absent,
    /// Rows, but not to be told apart; why.
    Unclear(Note),
}

/// One row of a group: whose it is, and its cell.
type Entry<'a> = (&'a StockKnd, &'a Figure);

/// Finds a class's cell among the rows of one group, in their order.
pub(super) fn resolve(class: ShareClass, rows: &[Entry<'_>]) -> Stated {
    if let ShareClass::Preferred(preferred) = class
        && !preferred.is_listed()
    {
        return Stated::Absent;
    }
    let labelled_common = rows.iter().any(|(knd, _)| knd.class == Class::Common);
    // Rows about other shares or parts count where they state something.
    let counts = |(knd, cell): &Entry<'_>| match (knd.class, &knd.part) {
        (Class::Unlisted, _) => false,
        (Class::Other, _) | (_, Some(Part::Other(_))) => !says_nothing(cell),
        (Class::PartOnly, _) if labelled_common => !says_nothing(cell),
        _ => true,
    };
    let rows: Vec<Entry<'_>> = rows.iter().copied().filter(counts).collect();
    // Whose is a row without a label, where the others name parts and no class?
    let says_some = |wanted| {
        let of_this = |(knd, cell): &Entry<'_>| knd.class == wanted && !says_nothing(cell);
        rows.iter().any(of_this)
    };
    if !labelled_common && says_some(Class::PartOnly) && says_some(Class::Unlabelled) {
        return Stated::Unclear(Note::UnknownShareLabels);
    }
    let rows = with_roles(&rows);
    let of_class = |role: Role| {
        matches!(
            (class, role),
            (ShareClass::Common, Role::Common)
                | (ShareClass::Preferred(_), Role::Preferred(_))
                | (_, Role::AnyClass)
        )
    };
    let cells: Vec<Cell<'_>> = rows
        .iter()
        .filter(|row| of_class(row.role))
        .copied()
        .collect();
    let doubtful = cells.iter().find_map(|cell| match cell.part {
        Some(Part::Other(label)) => Some(label.clone()),
        _ => None,
    });
    if let Some(label) = doubtful {
        return Stated::Unclear(Note::UnknownPart { label });
    }
    if cells.is_empty() {
        let stray = rows
            .iter()
            .any(|row| row.role == Role::Unknown && row.figure.is_positive());
        return if stray {
            Stated::Unclear(Note::UnknownShareLabels)
        } else {
            Stated::Absent
        };
    }
    match class {
        ShareClass::Common => together(&cells, Note::CommonRowsDiffer),
        ShareClass::Preferred(preferred) => resolve_preferred(preferred, &cells),
    }
}

fn says_nothing(cell: &Figure) -> bool {
    cell.says_none() || *cell == Figure::Blank
}

fn resolve_preferred(class: PreferredClass, cells: &[Cell<'_>]) -> Stated {
    let number = |cell: &Cell<'_>| match cell.role {
        Role::Preferred(number) => number,
        _ => None,
    };
    if let Some(wanted) = class.ordinal() {
        let of_number = |wanted| -> Vec<Cell<'_>> {
            let of_this = |cell: &&Cell<'_>| number(cell) == wanted;
            cells.iter().filter(of_this).copied().collect()
        };
        let numbered = of_number(Some(wanted));
        if !numbered.is_empty() {
            return together(&numbered, Note::PreferredRowsUnclear);
        }
        // 우 beside 2우B is the first: only the later ones carry a number in their names.
        let plain = of_number(None);
        if plain.len() < cells.len() {
            return if wanted == 1 && !plain.is_empty() {
                together(&plain, Note::PreferredRowsUnclear)
            } else {
                Stated::Unclear(Note::PreferredRowsUnclear)
            };
        }
    }
    if class.has_siblings() && cells.len() == 1 {
        return Stated::Unclear(Note::PreferredRowsUnclear);
    }
    together(cells, Note::PreferredRowsUnclear)
}

/// What the rows of one class say together: one cell, several that say the same, or the periods of
/// a year, which add up.
fn together(cells: &[Cell<'_>], otherwise: Note) -> Stated {
    let (parts, whole): (Vec<Cell<'_>>, Vec<Cell<'_>>) = cells
        .iter()
        .copied()
        .partition(|cell| matches!(cell.part, Some(Part::Period(_))));
    if !parts.is_empty() && whole.is_empty() {
        return add_up(&parts, otherwise);
    }
    if parts.iter().any(|part| !says_nothing(part.figure)) {
        return Stated::Unclear(otherwise);
    }
    match whole[..] {
        [first, ..] if whole.iter().all(|cell| cell.figure == first.figure) => {
            Stated::Figure(first.figure.clone())
        }
        // The form's second row, labelled like the first.
        [first, second]
            if first.part.is_none() && second.part.is_none() && says_nothing(second.figure) =>
        {
            Stated::Figure(first.figure.clone())
        }
        _ => Stated::Unclear(otherwise),
    }
}

/// The sum over a year's periods: each has one row, and one of them closes the year.
fn add_up(parts: &[Cell<'_>], otherwise: Note) -> Stated {
    let mut sum = Decimal::ZERO;
    let mut paid: Vec<RowPart> = Vec::new();
    let mut closes = false;
    for cell in parts {
        let Some(Part::Period(label)) = cell.part else {
            return Stated::Unclear(otherwise);
        };
        closes |= CLOSING.iter().any(|word| label.contains(word));
        let amount = match cell.figure {
            figure if says_nothing(figure) => continue,
            Figure::Amount(amount) if !paid.iter().any(|part| part.label == *label) => *amount,
            _ => return Stated::Unclear(otherwise),
        };
        let Some(added) = sum.checked_add(amount) else {
            return Stated::Unclear(Note::SumOutOfRange);
        };
        sum = added;
        paid.push(RowPart {
            label: label.clone(),
            dps_cash: Won::from(amount),
        });
    }
    match (&paid[..], parts) {
        ([], [first, ..]) => Stated::Figure(first.figure.clone()),
        _ if !closes => Stated::Unclear(otherwise),
        ([_], _) => Stated::Figure(Figure::Amount(sum)),
        _ => Stated::Sum(sum, paid),
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    Common,
    Preferred(Option<u8>),
    /// A part of a dividend, of whichever class.
    AnyClass,
    Unknown,
}

/// A row of a group with the role it plays there.
#[derive(Clone, Copy)]
struct Cell<'a> {
    role: Role,
    part: Option<&'a Part>,
    figure: &'a Figure,
}

/// The table above: labels first, then what they leave for the rows without one.
fn with_roles<'a>(rows: &[Entry<'a>]) -> Vec<Cell<'a>> {
    let has = |class: fn(Class) -> bool| rows.iter().any(|(knd, _)| class(knd.class));
    let labelled_common = has(|class| class == Class::Common);
    let some_common = labelled_common || has(|class| class == Class::PartOnly);
    let some_preferred = has(|class| matches!(class, Class::Preferred(_)));
    let some_other = has(|class| class == Class::Other);
    let unlabelled = rows
        .iter()
        .filter(|(knd, _)| knd.class == Class::Unlabelled)
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
        .map(|(knd, figure)| {
            let doubtful = matches!(knd.part, Some(Part::Other(_)));
            let role = match knd.class {
                Class::Common => Role::Common,
                Class::Preferred(number) => Role::Preferred(number),
                Class::PartOnly | Class::Unlabelled if doubtful => Role::AnyClass,
                Class::PartOnly => Role::Common,
                Class::Other | Class::Unlisted => Role::Unknown,
                Class::Unlabelled => {
                    let role = role_without_label(nth);
                    nth += 1;
                    role
                }
            };
            Cell {
                role,
                part: knd.part.as_ref(),
                figure,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
