//! One cell of a row: `thstrm`, `frmtrm` or `lwfr`.

use std::borrow::Cow;

use rust_decimal::Decimal;

/// The content of a cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Figure {
    /// A number, in the unit of the row's label.
    Amount(Decimal),
    /// `-` or its like: filed, and nothing to state.
    Dash,
    /// Nothing was filled in.
    Blank,
    /// A number in a unit that is not known.
    UnknownUnit(Decimal),
    /// Something else; the text, shortened.
    Unreadable(String),
}

impl Figure {
    /// The number, scaled to the unit's worth; 0 is 0 in any. A product no decimal holds is
    /// unreadable.
    pub(super) fn scaled(self, unit: Option<Decimal>) -> Self {
        match (self, unit) {
            (Self::Amount(amount), Some(unit)) => amount
                .checked_mul(unit)
                .map_or_else(|| Self::unreadable(&amount.to_string()), Self::Amount),
            (Self::Amount(amount), None) if !amount.is_zero() => Self::UnknownUnit(amount),
            (other, _) => other,
        }
    }

    /// The number, if it is one.
    pub(super) fn amount(&self) -> Option<Decimal> {
        match self {
            Self::Amount(amount) => Some(*amount),
            _ => None,
        }
    }

    pub(super) fn is_positive(&self) -> bool {
        self.amount().is_some_and(|amount| amount > Decimal::ZERO)
    }

    /// `-` or 0: the filer says there is none.
    pub(super) fn says_none(&self) -> bool {
        *self == Self::Dash || self.amount().is_some_and(|amount| amount.is_zero())
    }

    fn unreadable(text: &str) -> Self {
        Self::Unreadable(text.chars().take(40).collect())
    }

    /// Reads a cell: `1,444`, `0`, `-`, white space, a trailing 원, parentheses, △ or a minus for
    /// negatives, decimals, a footnote's mark behind a number. Commas must stand where thousands
    /// do: `1,44` may be 144 or 1,440.
    ///
    /// `suffix` is what may stand behind the number: the row's own unit and no other. 5% is no
    /// amount in won, and neither is 3배.
    pub(super) fn read(cell: &str, suffix: Option<char>) -> Self {
        let text = without_spaces(cell);
        if text.is_empty() {
            return Self::Blank;
        }
        if text.chars().all(is_dash)
            || matches!(
                text.as_ref(),
                "해당사항없음" | "해당없음" | "없음" | "무배당"
            )
        {
            return Self::Dash;
        }
        // "500 550" may be two amounts.
        if has_gap(cell.trim()) {
            return Self::unreadable(cell.trim());
        }
        match number(&without_marks(&text), suffix) {
            Some(amount) => Self::Amount(amount.normalize()),
            None => Self::unreadable(cell.trim()),
        }
    }
}

/// A text without its white space, which varies between filings and does not count.
pub(super) fn without_spaces(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_whitespace) {
        Cow::Owned(text.chars().filter(|c| !c.is_whitespace()).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// A text without the marks of footnotes: `(주1)`, `주4)`, `*`, `(*2)`. White space must be gone.
pub(super) fn without_marks(text: &str) -> Cow<'_, str> {
    let mut kept = String::new();
    let mut done = 0;
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let length = mark(&text[at..]);
        if length > 0 {
            kept.push_str(&text[done..at]);
            done = at + length;
            at = done;
        } else {
            at += c.len_utf8();
        }
    }
    if done == 0 {
        return Cow::Borrowed(text);
    }
    kept.push_str(&text[done..]);
    Cow::Owned(kept)
}

/// How long the footnote's mark is that a text begins with; 0 where it begins with none.
fn mark(text: &str) -> usize {
    let inside = text.strip_prefix('(').unwrap_or(text);
    let opened = inside.len() < text.len();
    let digits =
        |text: &str| text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let stars = inside.len() - inside.trim_start_matches(['*', '※', '†']).len();
    let (sign, number) = match inside.strip_prefix('주') {
        _ if stars > 0 => (stars, digits(&inside[stars..])),
        Some(rest) => ('주'.len_utf8(), digits(rest)),
        None => return 0,
    };
    let closed = inside[sign + number..].starts_with(')');
    // (주) is the unit of shares, and an unclosed 주 is the end of a word.
    if (stars == 0 && (number == 0 || !closed)) || (opened && !closed) {
        return 0;
    }
    let closing = usize::from(closed && (opened || number > 0));
    usize::from(opened) + sign + number + closing
}

/// White space between the digits of a number.
fn has_gap(text: &str) -> bool {
    let of_number = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || ",.".contains(c));
    text.split_whitespace()
        .collect::<Vec<_>>()
        .windows(2)
        .any(|words| of_number(words[0].chars().last()) && of_number(words[1].chars().next()))
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '‐' | '‑' | '–' | '—' | '―' | '−' | 'ㅡ' | '－')
}

fn number(text: &str, suffix: Option<char>) -> Option<Decimal> {
    let inside = text
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let (text, mut negative) = match inside {
        Some(inside) => (inside, true),
        None => (text, false),
    };
    let mut text = text;
    let signs = ["(-)", "-", "−", "△", "▲"];
    if let Some(rest) = signs.iter().find_map(|sign| text.strip_prefix(sign)) {
        // With a second sign it could be either.
        if negative {
            return None;
        }
        negative = true;
        text = rest;
    }
    let text = suffix
        .and_then(|suffix| text.strip_suffix(suffix))
        .unwrap_or(text);
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    if !is_whole(whole) || fraction.is_some_and(|digits| !is_digits(digits)) {
        return None;
    }
    let amount: Decimal = if text.contains(',') {
        text.replace(',', "").parse().ok()?
    } else {
        text.parse().ok()?
    };
    Some(if negative { -amount } else { amount })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// Digits, or digits in groups of three.
fn is_whole(text: &str) -> bool {
    let mut groups = text.split(',');
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    is_digits(first)
        && (rest.peek().is_none()
            || (first.len() <= 3 && rest.all(|group| group.len() == 3 && is_digits(group))))
}

#[cfg(test)]
mod tests {
    use super::{Figure, without_marks};
    use proptest::prelude::{prop_assert_eq, proptest};
    use rust_decimal::Decimal;

    fn amount(text: &str) -> Figure {
        Figure::Amount(text.parse().unwrap())
    }

    #[test]
    fn reads_every_notation_filers_use() {
        for (cell, number) in [
            ("1,444", "1444"),
            ("0", "0"),
            ("0.00", "0"),
            (" 1,444 ", "1444"),
            ("1,444 원", "1444"),
            ("1,000(주1)", "1000"),
            ("1,000 주2)", "1000"),
            ("1,000 (*)", "1000"),
            ("1,000*", "1000"),
            ("( 1,234 )", "-1234"),
            ("354원", "354"),
            ("132.5", "132.5"),
            ("(1,234)", "-1234"),
            ("-63,100", "-63100"),
            ("(-)16", "-16"),
            ("△214", "-214"),
            ("▲214", "-214"),
            ("6,566,976", "6566976"),
        ] {
            assert_eq!(Figure::read(cell, Some('원')), amount(number), "{cell:?}");
        }
        assert_eq!(Figure::read("4.50%", Some('%')), amount("4.5"));
        assert_eq!(Figure::read("0.05주", Some('주')), amount("0.05"));
    }

    #[test]
    fn a_number_in_another_unit_than_the_rows_is_unreadable() {
        for (cell, suffix) in [
            ("5%", Some('원')),
            ("0.05주", Some('원')),
            ("3배", Some('원')),
            ("500원", None),
            ("500원", Some('%')),
        ] {
            assert!(
                matches!(Figure::read(cell, suffix), Figure::Unreadable(_)),
                "{cell:?}"
            );
        }
    }

    #[test]
    fn a_footnotes_mark_is_neither_a_number_nor_part_of_a_label() {
        for (text, without) in [
            ("우선주(주2)", "우선주"),
            ("우선주주4)", "우선주"),
            ("(*)우선주", "우선주"),
            ("제2우선주(*)", "제2우선주"),
            ("보통주(*2)", "보통주"),
            ("보통주*", "보통주"),
            ("주당현금배당금(주1)(원)", "주당현금배당금(원)"),
            ("주당주식배당(주)", "주당주식배당(주)"),
            ("2우선주", "2우선주"),
            ("보통주(주", "보통주(주"),
        ] {
            assert_eq!(without_marks(text), without, "{text}");
        }
    }

    #[test]
    fn a_dash_is_not_a_blank_and_neither_is_a_zero() {
        for dash in ["-", " - ", "--", "–", "－", "해당사항 없음", "무배당"] {
            assert_eq!(Figure::read(dash, Some('원')), Figure::Dash, "{dash:?}");
        }
        for blank in ["", "  ", "\u{a0}", "\u{3000}"] {
            assert_eq!(Figure::read(blank, Some('원')), Figure::Blank, "{blank:?}");
        }
    }

    #[test]
    fn what_may_be_two_numbers_is_none() {
        for bad in [
            "1,44",
            "500 550",
            "500, 550",
            "1 444",
            "1,4444",
            ",444",
            "1,",
            "1.",
            ".5",
            "1.2.3",
            "-(5)",
            "(-5)",
            "1,444/1,445",
            "보통주 100",
            "1e3",
            "+5",
            "5원원",
            "백",
            "0x10",
            "1_000",
            "천원",
            "(주1)",
            "-(주1)",
        ] {
            assert!(
                matches!(Figure::read(bad, Some('원')), Figure::Unreadable(_)),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_number_beyond_a_decimal_is_unreadable_and_not_rounded() {
        let long = "9".repeat(40);
        assert!(matches!(
            Figure::read(&long, Some('원')),
            Figure::Unreadable(_)
        ));
        let wide = Figure::Amount(Decimal::MAX);
        assert!(matches!(
            wide.scaled(Some(Decimal::TEN)),
            Figure::Unreadable(_)
        ));
    }

    proptest! {
        #[test]
        fn numbers_survive_the_round_trip(units in -999_999_999_i64..=999_999_999, cents in 0_u32..100) {
            let sign = if units < 0 { "-" } else { "" };
            let digits = units.unsigned_abs().to_string();
            let mut grouped = String::new();
            for (place, digit) in digits.chars().enumerate() {
                if place > 0 && (digits.len() - place) % 3 == 0 {
                    grouped.push(',');
                }
                grouped.push(digit);
            }
            let text = format!("{sign}{digits}.{cents:02}");
            let expected: Decimal = text.parse().unwrap();
            prop_assert_eq!(Figure::read(&text, Some('원')), Figure::Amount(expected.normalize()));
            let text = format!("{sign}{grouped}.{cents:02} 원");
            prop_assert_eq!(Figure::read(&text, Some('원')), Figure::Amount(expected.normalize()));
        }

        #[test]
        fn no_cell_at_all_makes_it_panic(cell in "\\PC{0,30}") {
            let _ = Figure::read(&cell, Some('원'));
        }
    }
}
