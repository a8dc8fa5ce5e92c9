//! `se`: which item a row states, and in which unit.

use rust_decimal::Decimal;

use super::figure::{without_marks, without_spaces};

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Item {
    /// 주당액면가액(원)
    ParValue,
    /// 당기순이익(백만원), consolidated or separate.
    NetIncome,
    /// (연결)주당순이익(원)
    Eps,
    /// 현금배당금총액(백만원): of all shares together.
    CashTotal,
    /// (연결)현금배당성향(%)
    PayoutRatio,
    /// 현금배당수익률(%)
    CashYield,
    /// 주당 현금배당금(원): the dividend per share.
    DpsCash,
    /// 주당 주식배당(주): shares, not won.
    DpsStock,
}

/// A row's label, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Label {
    pub(super) item: Item,
    /// From the separate statements (별도, 개별); else consolidated or not said.
    pub(super) separate: bool,
    /// What one of the row's units is worth in won, shares or percent; `None` where the label
    /// names a unit this program does not know.
    pub(super) unit: Option<Decimal>,
    /// What the cells may name as their unit behind a number.
    pub(super) suffix: Option<char>,
    /// Whether the label names its unit.
    pub(super) names_unit: bool,
    /// What it says beside the item and its unit (주당 특별현금배당금): then the row does not state
    /// the item itself, or not all of it.
    pub(super) qualifier: Option<String>,
}

impl Label {
    /// Reads `se`. Spacing varies between filings and does not count; the unit stands in the last
    /// parentheses. `None` for a row about something else.
    pub(super) fn read(se: &str) -> Option<Self> {
        let text = without_spaces(se);
        let text = without_marks(&text);
        let (text, unit) = match text
            .strip_suffix(')')
            .and_then(|rest| rest.rsplit_once('('))
        {
            Some((text, unit)) => (text, Some(unit)),
            None => (text.as_ref(), None),
        };
        let separate = ["(별도)", "(개별)"]
            .iter()
            .find_map(|mark| text.strip_prefix(mark));
        let base = separate
            .or_else(|| text.strip_prefix("(연결)"))
            .unwrap_or(text);
        let item = match base {
            "주당액면가액" | "주당액면가" | "1주당액면가액" => {
                Some(Item::ParValue)
            }
            "당기순이익" => Some(Item::NetIncome),
            "주당순이익" | "주당당기순이익" => Some(Item::Eps),
            "현금배당금총액" => Some(Item::CashTotal),
            "현금배당성향" => Some(Item::PayoutRatio),
            "현금배당수익률" | "현금배당수익율" => Some(Item::CashYield),
            "주당현금배당금" | "1주당현금배당금" | "주당배당금" => {
                Some(Item::DpsCash)
            }
            "주당주식배당" | "1주당주식배당" => Some(Item::DpsStock),
            _ => None,
        };
        let (item, qualifier) = match item {
            Some(item) => (item, None),
            // The dividend and something more: whose, since when? Its group must not be read as if
            // the row were not there.
            None if base.contains("주식배당") => return None,
            None if base.contains("주당") && base.contains("배당금") => {
                (Item::DpsCash, Some(rest_of(base)))
            }
            None if base.contains("배당금총액") => (Item::CashTotal, Some(rest_of(base))),
            None => return None,
        };
        // 주당 현금배당금(특별): what stands in the parentheses is no unit.
        let (unit, qualifier) = match (unit, qualifier) {
            (Some(words), None)
                if matches!(item, Item::DpsCash | Item::CashTotal) && !is_unit(words) =>
            {
                (None, Some(words.to_owned()))
            }
            other => other,
        };
        let worth = worth(item, unit);
        Some(Self {
            item,
            separate: separate.is_some(),
            unit: worth,
            suffix: match item {
                Item::PayoutRatio | Item::CashYield => Some('%'),
                Item::DpsStock => Some('주'),
                // 500원 under 천원 is 500, or 500,000.
                _ => (worth == Some(Decimal::ONE)).then_some('원'),
            },
            names_unit: unit.is_some(),
            qualifier,
        })
    }
}

/// What a label says beside the usual words.
fn rest_of(base: &str) -> String {
    ["1주당", "주당", "현금배당금", "배당금", "총액"]
        .iter()
        .fold(base.to_owned(), |rest, words| rest.replace(words, ""))
}

/// Whether the words in a label's last parentheses may be the unit of an amount of money.
fn is_unit(words: &str) -> bool {
    let currencies = ["원", "달러", "불", "엔", "위안", "유로"];
    words.is_ascii() || currencies.iter().any(|unit| words.ends_with(unit))
}

fn worth(item: Item, unit: Option<&str>) -> Option<Decimal> {
    match item {
        Item::PayoutRatio | Item::CashYield => {
            matches!(unit, None | Some("%")).then_some(Decimal::ONE)
        }
        Item::DpsStock => matches!(unit, None | Some("주")).then_some(Decimal::ONE),
        Item::ParValue | Item::Eps | Item::DpsCash | Item::CashTotal | Item::NetIncome => {
            let per_share = !matches!(item, Item::CashTotal | Item::NetIncome);
            match unit {
                Some("원") => Some(Decimal::ONE),
                Some("천원") => Some(Decimal::ONE_THOUSAND),
                Some("백만원") => Some(Decimal::from(1_000_000)),
                Some("억원") => Some(Decimal::from(100_000_000)),
                // Amounts per share are in won unless said otherwise; a total could be anything.
                None if per_share => Some(Decimal::ONE),
                _ => None,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, Label};
    use rust_decimal::Decimal;

    fn read(se: &str) -> (Item, Option<i64>) {
        let label = Label::read(se).unwrap_or_else(|| panic!("{se} is an item"));
        (label.item, label.unit.map(|unit| unit.mantissa() as i64))
    }

    #[test]
    fn the_usual_template_is_read_item_by_item() {
        assert_eq!(read("주당액면가액(원)"), (Item::ParValue, Some(1)));
        assert_eq!(
            read("(연결)당기순이익(백만원)"),
            (Item::NetIncome, Some(1_000_000))
        );
        assert_eq!(
            read("(별도)당기순이익(백만원)"),
            (Item::NetIncome, Some(1_000_000))
        );
        assert_eq!(read("(연결)주당순이익(원)"), (Item::Eps, Some(1)));
        assert_eq!(
            read("현금배당금총액(백만원)"),
            (Item::CashTotal, Some(1_000_000))
        );
        assert_eq!(read("(연결)현금배당성향(%)"), (Item::PayoutRatio, Some(1)));
        assert_eq!(read("현금배당수익률(%)"), (Item::CashYield, Some(1)));
        assert_eq!(read("주당 현금배당금(원)"), (Item::DpsCash, Some(1)));
        assert_eq!(read("주당 주식배당(주)"), (Item::DpsStock, Some(1)));
        assert_eq!(Label::read("주식배당금총액(백만원)"), None);
        assert_eq!(Label::read("주식배당수익률(%)"), None);
        assert_eq!(Label::read(""), None);
    }

    #[test]
    fn spacing_does_not_count_and_units_do() {
        for spelling in [
            "주당현금배당금(원)",
            " 주당  현금 배당금 ( 원 ) ",
            "주당 현금배당금",
        ] {
            assert_eq!(read(spelling), (Item::DpsCash, Some(1)), "{spelling}");
        }
        assert_eq!(read("주당 현금배당금(천원)"), (Item::DpsCash, Some(1000)));
        assert_eq!(read("현금배당금총액(천원)"), (Item::CashTotal, Some(1000)));
    }

    #[test]
    fn a_unit_nobody_knows_is_worth_nothing_certain() {
        assert_eq!(read("주당 현금배당금(USD)"), (Item::DpsCash, None));
        assert_eq!(read("현금배당금총액"), (Item::CashTotal, None));
        assert_eq!(read("주당 주식배당(원)"), (Item::DpsStock, None));
        assert_eq!(
            Label::read("주당 현금배당금(원)").unwrap().unit,
            Some(Decimal::ONE)
        );
    }

    #[test]
    fn what_a_label_says_beside_the_item_is_kept() {
        let qualifier = |se: &str| Label::read(se).and_then(|label| label.qualifier);
        for (se, says) in [
            ("주당 현금배당금(원)", None),
            ("주당 현금배당금(주1)(원)", None),
            ("주당 현금배당금(특별)", Some("특별")),
            ("주당 현금배당금(특별)(원)", Some("(특별)")),
            ("주당 특별현금배당금(원)", Some("특별")),
            ("주당 중간배당금(원)", Some("중간")),
            ("현금배당금총액(특별)", Some("특별")),
            ("중간배당금총액(백만원)", Some("중간")),
        ] {
            assert_eq!(qualifier(se).as_deref(), says, "{se}");
        }
        assert_eq!(Label::read("주식배당금총액(백만원)"), None);
    }
}
