//! How companies name their rows and the classes of their shares.

use super::company::{Company, Kind};
use super::trap::Trap;

/// A `stock_knd`; `None` where the key is absent.
pub(super) type Label = Option<&'static str>;

/// What a row is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sums {
    Par,
    Income,
    SeparateIncome,
    Eps,
    SeparateEps,
    CashTotal,
    StockTotal,
    Payout,
    CashYield,
    StockYield,
    Cash,
    Stock,
    Special,
}

/// The row's `se`, and by what its amount, in won or as it stands, is divided to fit the unit.
pub(super) fn spelled(trap: Trap, sums: Sums) -> (&'static str, i64) {
    let variant = match (trap, sums) {
        (Trap::TightLabels, Sums::Cash) => Some(("주당현금배당금(원)", 1)),
        (Trap::TightLabels, Sums::Stock) => Some(("주당주식배당(주)", 1)),
        (Trap::LooseLabels, Sums::Cash) => Some(("주당  현금 배당금 (원)", 1)),
        (Trap::LooseLabels, Sums::Stock) => Some(("주당 주식 배당 (주)", 1)),
        (Trap::LooseLabels, Sums::Par) => Some(("주당 액면가액 (원)", 1)),
        (Trap::LooseLabels, Sums::CashTotal) => Some(("현금배당금 총액 (백만원)", 1_000_000)),
        (Trap::LooseLabels, Sums::Income) => Some(("(연결) 당기순이익 (백만원)", 1)),
        (Trap::Units, Sums::Cash) => Some(("주당 현금배당금(천원)", 1000)),
        (Trap::Units, Sums::Par) => Some(("주당액면가액(천원)", 1000)),
        (Trap::WonTotals, Sums::CashTotal) => Some(("현금배당금총액(백만원)", 1)),
        (Trap::Units, Sums::CashTotal) => Some(("현금배당금총액(원)", 1)),
        _ => None,
    };
    variant.unwrap_or(match sums {
        Sums::Par => ("주당액면가액(원)", 1),
        Sums::Income => ("(연결)당기순이익(백만원)", 1),
        Sums::SeparateIncome => ("(별도)당기순이익(백만원)", 1),
        Sums::Eps => ("(연결)주당순이익(원)", 1),
        Sums::SeparateEps => ("(별도)주당순이익(원)", 1),
        Sums::CashTotal => ("현금배당금총액(백만원)", 1_000_000),
        Sums::StockTotal => ("주식배당금총액(백만원)", 1_000_000),
        Sums::Payout => ("(연결)현금배당성향(%)", 1),
        Sums::CashYield => ("현금배당수익률(%)", 1),
        Sums::StockYield => ("주식배당수익률(%)", 1),
        Sums::Cash => ("주당 현금배당금(원)", 1),
        Sums::Stock => ("주당 주식배당(주)", 1),
        Sums::Special => ("주당 특별현금배당금(원)", 1),
    })
}

/// A share's class: `None` is the common one, else the number of the preferred.
type Class = Option<usize>;

/// The rows of one group, in their order: which class each is, and what it says it is.
pub(super) fn classes(company: &Company, trap: Trap, group: Sums) -> Vec<(Class, Label)> {
    const COMMON: Class = None;
    const PREFERRED: Class = Some(0);
    const SECOND: Class = Some(1);
    if let Kind::Real(real) = company.kind
        && !real.has_preferred()
    {
        // A `-` in a preferred row would say that nothing was paid, which is not known.
        return vec![(COMMON, Some("보통주"))];
    }
    let pair = |common, preferred| vec![(COMMON, Some(common)), (PREFERRED, Some(preferred))];
    match trap {
        Trap::StockLabels => pair("보통주식", "종류주식"),
        Trap::VotingLabels => pair("의결권 있는 주식", "의결권 없는 주식"),
        Trap::SpacedLabels => pair("보통주 ", " 우선주 "),
        Trap::DashLabels | Trap::PreferredOnly => pair("-", "-"),
        Trap::EmptyLabels => pair("", ""),
        Trap::AbsentLabels => vec![(COMMON, None), (PREFERRED, None)],
        Trap::PreferredFirst => vec![(PREFERRED, Some("우선주")), (COMMON, Some("보통주"))],
        Trap::PreferredLabelAlone => pair("-", "우선주"),
        Trap::PreferredLabelFirst => vec![(PREFERRED, Some("우선주")), (COMMON, Some("-"))],
        Trap::CommonLabelSecond => vec![(PREFERRED, Some("-")), (COMMON, Some("보통주"))],
        Trap::MixedGroups if group == Sums::Cash => pair("-", "-"),
        Trap::MixedGroups => vec![(PREFERRED, Some("우선주")), (COMMON, Some("보통주"))],
        Trap::SeveralPreferred => vec![
            (COMMON, Some("보통주")),
            (PREFERRED, Some("우선주")),
            (SECOND, Some("우선주")),
        ],
        Trap::NumberedPreferred => vec![
            (COMMON, Some("보통주")),
            (PREFERRED, Some("1우선주")),
            (SECOND, Some("2우선주")),
        ],
        Trap::CommonRowsAlone => vec![(COMMON, Some("보통주"))],
        Trap::CommonAsPreferred => vec![(PREFERRED, Some("보통주")), (COMMON, Some("우선주"))],
        Trap::QuarterRows if group == Sums::Cash => ["1분기", "2분기", "3분기", "결산"]
            .map(|quarter| (COMMON, Some(quarter)))
            .to_vec(),
        Trap::HolderRows => vec![(COMMON, Some("대주주")), (COMMON, Some("소액주주"))],
        Trap::RedeemableRow => pair("보통주", "상환전환우선주"),
        Trap::FootnoteMarks => pair("보통주(주1)", "우선주(주2)"),
        _ => pair("보통주", "우선주"),
    }
}
