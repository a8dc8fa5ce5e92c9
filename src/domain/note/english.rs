//! Notes in English.

use crate::domain::with_separators;

use super::kind::{Note, Refusal, Restatement, RowPart, SettledPart};

/// A note in words, for the end of a table's row: lower case, no full stop.
pub(super) fn words(note: &Note) -> String {
    let fixed = match note {
        Note::NoRowForClass => "the filing has no per-share row for this class",
        Note::TotalWithoutAmount => {
            "the filing states a total of cash dividends but no amount per share"
        }
        Note::NoPreferredShare => "the filing names no preferred share",
        Note::NegativeAmount { amount } => {
            return format!("a dividend per share of {amount} won is none");
        }
        Note::UnreadableAmount { text } => return format!("the amount per share reads {text:?}"),
        Note::UnknownUnit { amount } => {
            return format!("the amount per share reads \"{amount} in an unknown unit\"");
        }
        Note::EmptyColumn => "the filing leaves the year's column empty",
        Note::CommonRowsDiffer => "several rows for the common share differ",
        Note::PreferredRowsUnclear => {
            "several classes of preferred shares, and the rows do not tell which"
        }
        Note::UnknownShareLabels => "the rows' labels name no known class of share",
        Note::AmbiguousFilings => {
            "several filings, and not all of them say which settlement date they are about"
        }
        Note::NoDividendRows => "the answer has no dividend rows",
        Note::PartOfYear => {
            "the filing covers part of a year; its earlier columns are not whole years"
        }
        Note::UnknownPart { label } => {
            return format!(
                "a row labelled {label:?} states a part of the dividend: the filing tells what it is"
            );
        }
        Note::AmountBeyondTotal { amount, total } => {
            return format!(
                "{} won a share are more than the total of {} won allows: the filing tells which \
                 is right",
                with_separators(amount.get()),
                with_separators(total.get())
            );
        }
        Note::AmountInAnotherRow { amount } => {
            return format!(
                "the common share's row says none and another one {}, which the total does not \
                 tell apart: the next year's report may",
                with_separators(amount.get())
            );
        }
        Note::UnclearTotal => {
            "the filing states no amount per share, and a total that cannot be read: the filing \
             itself tells whether there was a dividend"
        }
        Note::YieldWithoutAmount => {
            "the filing states a yield or payout ratio but no amount per share: the filing itself \
             or the next year's report may tell it"
        }
        Note::TotalInAnotherUnit { total } => {
            return format!(
                "the total would be {} won by its label, which does not fit the amount per share: \
                 it is likely in another unit",
                with_separators(total.get())
            );
        }
        Note::UnevenSettlements { parts } => {
            return format!(
                "the settlement dates are not the parts of one year ({}): the filings tell which \
                 year is which",
                settled(parts)
            );
        }
        Note::SumOfRows { parts } => {
            let part = |part: &RowPart| format!("{}: {}", part.label, part.dps_cash);
            let each: Vec<String> = parts.iter().map(part).collect();
            return format!("sum over {} rows ({})", each.len(), each.join(", "));
        }
        Note::SumOutOfRange => "the sum is out of range",
        Note::SumOfSettlements { parts } => return sum(parts),
        Note::InterimCopy { .. } => "the interim report repeats last year's annual figures",
        Note::Capped => {
            "read from the dividend rows alone: the stored answer was too large to keep whole"
        }
        Note::ReadEarly { due } => {
            return format!(
                "read before the report was due ({due}): more may be filed for this year"
            );
        }
        Note::UncertainBasis {
            source_year,
            par_then,
            par_now,
        } => {
            let now =
                par_now.map_or_else(|| "not stated".to_owned(), |par| with_separators(par.get()));
            return format!(
                "in which shares the {source_year} report states this year is not certain: its par \
                 value is {} for the year and {now} for its own",
                with_separators(par_then.get()),
            );
        }
        Note::CopiedReport { source_year, year } => {
            return format!(
                "the {source_year} report repeats the figures of {year}: the filing itself or the \
                 next year's report tells its own"
            );
        }
        Note::ContradictedNone => {
            "the year's own report says that nothing was paid, later ones state an amount: the \
             resolution of the shareholders' meeting tells"
        }
        Note::ChangedCycle { source_year } => {
            return format!(
                "the company has changed its settlement month before the {source_year} report: the \
                 year's own report tells (--plan own)"
            );
        }
        Note::ClosingMissing => {
            "one closing of the year: the company had more the year before, and another may follow"
        }
        Note::UnprovenSplit { par_then, par_now } => {
            return format!(
                "the par value was {} and is {} now, and the number of shares does not prove a \
                 split: compare with the filing",
                with_separators(par_then.get()),
                with_separators(par_now.get())
            );
        }
        Note::Restated { by } => return restated(by, |_| String::new()),
        Note::NoIncrement(why) => return refusal(*why),
        Note::Text { text } => text,
        Note::Unknown { code, .. } => code,
    };
    fixed.to_owned()
}

fn sum(parts: &[SettledPart]) -> String {
    format!(
        "sum over {} settlement dates ({})",
        parts.len(),
        settled(parts)
    )
}

fn settled(parts: &[SettledPart]) -> String {
    let part = |part: &SettledPart| {
        let date = part
            .stlm_dt
            .map_or_else(|| "undated".to_owned(), |date| date.to_string());
        format!("{date}: {}", part.dps_cash)
    };
    parts.iter().map(part).collect::<Vec<_>>().join(", ")
}

fn refusal(why: Refusal) -> String {
    let fixed = match why {
        Refusal::FromAnotherReport {
            reprt_code,
            source_year,
        } => {
            let report = reprt_code.word();
            return format!("the {report} figure is from the {source_year} report");
        }
        Refusal::ParChanged => "the par value differs from the report before it",
        Refusal::Less => "less than the report before it states",
        Refusal::LessThanEarlier => "less than an earlier report of the year states",
        Refusal::BeforeInDoubt => {
            "the report before it does not go together with those before that one"
        }
    };
    fixed.to_owned()
}

/// What later reports state about a year, with the filings that do.
#[must_use]
pub fn restatement_detail(by: &[Restatement]) -> String {
    restated(by, |of| {
        let filings: Vec<String> = of
            .iter()
            .filter_map(|it| Some(it.rcept_no?.to_string()))
            .collect();
        if filings.is_empty() {
            String::new()
        } else {
            format!(" ({})", filings.join(", "))
        }
    })
}

fn restated(by: &[Restatement], filings: impl Fn(&[Restatement]) -> String) -> String {
    let amount = |it: &Restatement| with_separators(it.dps_cash.get());
    if let [first, second] = by
        && first.dps_cash == second.dps_cash
    {
        return format!(
            "the {} and {} reports{} state {} for this year",
            first.source_year,
            second.source_year,
            filings(by),
            amount(first)
        );
    }
    let each = by.iter().map(|it| {
        let filing = filings(std::slice::from_ref(it));
        let (year, amount) = (it.source_year, amount(it));
        format!("the {year} report{filing} states {amount} for this year")
    });
    each.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use crate::domain::{
        Note, Refusal, ReprtCode, Restatement, RowPart, SettledPart, Won, note_words,
    };

    fn year<T: TryFrom<u16, Error: std::fmt::Debug>>(year: u16) -> T {
        T::try_from(year).unwrap()
    }

    fn won(text: &str) -> Won {
        Won::from(text.parse::<rust_decimal::Decimal>().unwrap())
    }

    fn restated(by: &[(u16, &str)]) -> Note {
        let one = |(source, amount): &(u16, &str)| Restatement {
            source_year: year(*source),
            dps_cash: won(amount),
            rcept_no: "20190331000001".parse().ok(),
        };
        Note::Restated {
            by: by.iter().map(one).collect(),
        }
    }

    /// Every kind with its words and its code.
    fn every_kind() -> Vec<(Note, &'static str, &'static str)> {
        let part = |date: &str, amount| SettledPart {
            stlm_dt: date.parse().ok(),
            dps_cash: won(amount),
        };
        vec![
            (
                Note::NoRowForClass,
                "the filing has no per-share row for this class",
                r#"{"code":"no_row_for_class"}"#,
            ),
            (
                Note::TotalWithoutAmount,
                "the filing states a total of cash dividends but no amount per share",
                r#"{"code":"total_without_amount"}"#,
            ),
            (
                Note::NoPreferredShare,
                "the filing names no preferred share",
                r#"{"code":"no_preferred_share"}"#,
            ),
            (
                Note::NegativeAmount {
                    amount: won("-5.5"),
                },
                "a dividend per share of -5.5 won is none",
                r#"{"code":"negative_amount","amount":-5.5}"#,
            ),
            (
                Note::NegativeAmount {
                    amount: won("-12345678901234567.5"),
                },
                "a dividend per share of -12345678901234567.5 won is none",
                r#"{"code":"negative_amount","amount":"-12345678901234567.5"}"#,
            ),
            (
                Note::UnreadableAmount {
                    text: "500 550".to_owned(),
                },
                "the amount per share reads \"500 550\"",
                r#"{"code":"unreadable_amount","text":"500 550"}"#,
            ),
            (
                Note::UnknownUnit {
                    amount: "3.5".to_owned(),
                },
                "the amount per share reads \"3.5 in an unknown unit\"",
                r#"{"code":"unknown_unit","amount":"3.5"}"#,
            ),
            (
                Note::EmptyColumn,
                "the filing leaves the year's column empty",
                r#"{"code":"empty_column"}"#,
            ),
            (
                Note::CommonRowsDiffer,
                "several rows for the common share differ",
                r#"{"code":"common_rows_differ"}"#,
            ),
            (
                Note::PreferredRowsUnclear,
                "several classes of preferred shares, and the rows do not tell which",
                r#"{"code":"preferred_rows_unclear"}"#,
            ),
            (
                Note::UnknownShareLabels,
                "the rows' labels name no known class of share",
                r#"{"code":"unknown_share_labels"}"#,
            ),
            (
                Note::AmbiguousFilings,
                "several filings, and not all of them say which settlement date they are about",
                r#"{"code":"ambiguous_filings"}"#,
            ),
            (
                Note::NoDividendRows,
                "the answer has no dividend rows",
                r#"{"code":"no_dividend_rows"}"#,
            ),
            (
                Note::PartOfYear,
                "the filing covers part of a year; its earlier columns are not whole years",
                r#"{"code":"part_of_year"}"#,
            ),
            (
                Note::SumOutOfRange,
                "the sum is out of range",
                r#"{"code":"sum_out_of_range"}"#,
            ),
            (
                Note::SumOfSettlements {
                    parts: vec![part("2024-06-30", "132.5"), part("", "1400")],
                },
                "sum over 2 settlement dates (2024-06-30: 132.5, undated: 1400)",
                r#"{"code":"sum_of_settlements","parts":[{"stlm_dt":"2024-06-30","dps_cash":132.5},{"stlm_dt":null,"dps_cash":1400}]}"#,
            ),
            (
                Note::InterimCopy { year: year(2022) },
                "the interim report repeats last year's annual figures",
                r#"{"code":"interim_copy","year":2022}"#,
            ),
            (
                Note::UnknownPart {
                    label: "보통주(특별)".to_owned(),
                },
                "a row labelled \"보통주(특별)\" states a part of the dividend: the filing tells \
                 what it is",
                r#"{"code":"unknown_part","label":"보통주(특별)"}"#,
            ),
            (
                Note::AmountBeyondTotal {
                    amount: won("904982950"),
                    total: won("904000000"),
                },
                "904,982,950 won a share are more than the total of 904,000,000 won allows: the \
                 filing tells which is right",
                r#"{"code":"amount_beyond_total","amount":904982950,"total":904000000}"#,
            ),
            (
                Note::AmountInAnotherRow { amount: won("150") },
                "the common share's row says none and another one 150, which the total does not \
                 tell apart: the next year's report may",
                r#"{"code":"amount_in_another_row","amount":150}"#,
            ),
            (
                Note::UnclearTotal,
                "the filing states no amount per share, and a total that cannot be read: the \
                 filing itself tells whether there was a dividend",
                r#"{"code":"unclear_total"}"#,
            ),
            (
                Note::YieldWithoutAmount,
                "the filing states a yield or payout ratio but no amount per share: the filing \
                 itself or the next year's report may tell it",
                r#"{"code":"yield_without_amount"}"#,
            ),
            (
                Note::TotalInAnotherUnit {
                    total: won("358740000000000"),
                },
                "the total would be 358,740,000,000,000 won by its label, which does not fit the \
                 amount per share: it is likely in another unit",
                r#"{"code":"total_in_another_unit","total":358740000000000}"#,
            ),
            (
                Note::UnevenSettlements {
                    parts: vec![part("2024-12-30", "500"), part("2024-12-31", "550")],
                },
                "the settlement dates are not the parts of one year (2024-12-30: 500, 2024-12-31: \
                 550): the filings tell which year is which",
                r#"{"code":"uneven_settlements","parts":[{"stlm_dt":"2024-12-30","dps_cash":500},{"stlm_dt":"2024-12-31","dps_cash":550}]}"#,
            ),
            (
                Note::SumOfRows {
                    parts: vec![RowPart {
                        label: "기말배당금".to_owned(),
                        dps_cash: won("150"),
                    }],
                },
                "sum over 1 rows (기말배당금: 150)",
                r#"{"code":"sum_of_rows","parts":[{"label":"기말배당금","dps_cash":150}]}"#,
            ),
            (
                Note::Capped,
                "read from the dividend rows alone: the stored answer was too large to keep whole",
                r#"{"code":"capped"}"#,
            ),
            (
                Note::ReadEarly {
                    due: "2025-03-31".parse().unwrap(),
                },
                "read before the report was due (2025-03-31): more may be filed for this year",
                r#"{"code":"read_early","due":"2025-03-31"}"#,
            ),
            (
                Note::UncertainBasis {
                    source_year: year(2018),
                    par_then: won("5000"),
                    par_now: None,
                },
                "in which shares the 2018 report states this year is not certain: its par value is \
                 5,000 for the year and not stated for its own",
                r#"{"code":"uncertain_basis","source_year":2018,"par_then":5000,"par_now":null}"#,
            ),
            (
                Note::UncertainBasis {
                    source_year: year(2018),
                    par_then: won("5000"),
                    par_now: Some(won("100")),
                },
                "in which shares the 2018 report states this year is not certain: its par value is \
                 5,000 for the year and 100 for its own",
                r#"{"code":"uncertain_basis","source_year":2018,"par_then":5000,"par_now":100}"#,
            ),
            (
                Note::CopiedReport {
                    source_year: year(2021),
                    year: year(2020),
                },
                "the 2021 report repeats the figures of 2020: the filing itself or the next year's \
                 report tells its own",
                r#"{"code":"copied_report","source_year":2021,"year":2020}"#,
            ),
            (
                Note::ContradictedNone,
                "the year's own report says that nothing was paid, later ones state an amount: the \
                 resolution of the shareholders' meeting tells",
                r#"{"code":"contradicted_none"}"#,
            ),
            (
                Note::ChangedCycle {
                    source_year: year(2022),
                },
                "the company has changed its settlement month before the 2022 report: the year's \
                 own report tells (--plan own)",
                r#"{"code":"changed_cycle","source_year":2022}"#,
            ),
            (
                Note::ClosingMissing,
                "one closing of the year: the company had more the year before, and another may \
                 follow",
                r#"{"code":"closing_missing"}"#,
            ),
            (
                Note::UnprovenSplit {
                    par_then: won("5000"),
                    par_now: won("100"),
                },
                "the par value was 5,000 and is 100 now, and the number of shares does not prove a \
                 split: compare with the filing",
                r#"{"code":"unproven_split","par_then":5000,"par_now":100}"#,
            ),
            (
                restated(&[(2018, "1400")]),
                "the 2018 report states 1,400 for this year",
                r#"{"code":"restated","by":[{"source_year":2018,"dps_cash":1400,"rcept_no":"20190331000001"}]}"#,
            ),
            (
                restated(&[(2018, "1400"), (2019, "1400")]),
                "the 2018 and 2019 reports state 1,400 for this year",
                r#"{"code":"restated","by":[{"source_year":2018,"dps_cash":1400,"rcept_no":"20190331000001"},{"source_year":2019,"dps_cash":1400,"rcept_no":"20190331000001"}]}"#,
            ),
            (
                Note::NoIncrement(Refusal::FromAnotherReport {
                    reprt_code: ReprtCode::Half,
                    source_year: year(2024),
                }),
                "the half figure is from the 2024 report",
                r#"{"code":"no_increment","reason":"from_another_report","reprt_code":"11012","source_year":2024}"#,
            ),
            (
                Note::NoIncrement(Refusal::ParChanged),
                "the par value differs from the report before it",
                r#"{"code":"no_increment","reason":"par_changed"}"#,
            ),
            (
                Note::NoIncrement(Refusal::Less),
                "less than the report before it states",
                r#"{"code":"no_increment","reason":"less"}"#,
            ),
            (
                Note::NoIncrement(Refusal::LessThanEarlier),
                "less than an earlier report of the year states",
                r#"{"code":"no_increment","reason":"less_than_earlier"}"#,
            ),
            (
                Note::NoIncrement(Refusal::BeforeInDoubt),
                "the report before it does not go together with those before that one",
                r#"{"code":"no_increment","reason":"before_in_doubt"}"#,
            ),
            (
                Note::Text {
                    text: "a remark".to_owned(),
                },
                "a remark",
                r#"{"code":"text","text":"a remark"}"#,
            ),
        ]
    }

    #[test]
    fn every_kind_has_words_and_a_code_it_is_read_back_from() {
        for (note, words, code) in every_kind() {
            assert_eq!(note.to_string(), words);
            assert_eq!(serde_json::to_string(&note).unwrap(), code);
            assert_eq!(serde_json::from_str::<Note>(code).unwrap(), note);
        }
    }

    #[test]
    fn a_row_may_have_several_notes_or_none() {
        assert_eq!(note_words(&[]), None);
        assert_eq!(
            note_words(&[Note::SumOutOfRange, Note::NoDividendRows]).unwrap(),
            "the sum is out of range; the answer has no dividend rows"
        );
    }
}
