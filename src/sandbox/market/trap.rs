//! What is wrong, or merely unusual, with an invented company's filings: one trap each.

/// The traps, in the order of the companies made for them: the first is 9A0010's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Trap {
    /// None: `보통주` and `우선주`, fifteen rows.
    Plain,
    /// `보통주식` and `종류주식`.
    StockLabels,
    /// `의결권 있는 주식` and `의결권 없는 주식`.
    VotingLabels,
    /// `보통주 ` and ` 우선주 `, with stray spaces.
    SpacedLabels,
    /// Both rows say `-`.
    DashLabels,
    /// Both labels are empty.
    EmptyLabels,
    /// `stock_knd` is absent.
    AbsentLabels,
    /// The preferred row comes first.
    PreferredFirst,
    /// `-`, then `우선주`.
    PreferredLabelAlone,
    /// `우선주` first, then `-`.
    PreferredLabelFirst,
    /// `-` first, then `보통주`.
    CommonLabelSecond,
    /// Labels differ between the row groups: yields labelled, preferred first; won not labelled.
    MixedGroups,
    /// Numbers without separators, `0` for nothing.
    PlainNumbers,
    /// Numbers with 원 behind them.
    WonNumbers,
    /// Numbers with spaces around them.
    SpacedNumbers,
    /// Fractions of a won.
    Fractions,
    /// Losses every other year, negatives in parentheses.
    ParenthesesLosses,
    /// Losses every other year, negatives with a minus.
    MinusLosses,
    /// Never a dividend, `-`.
    NeverPaysDash,
    /// Never a dividend, `0`.
    NeverPaysZero,
    /// Seven rows and no total: no dividend.
    SevenRowsNone,
    /// Seven rows and a total: paid, but nothing stated per share.
    SevenRowsPaid,
    /// Sixteen rows.
    SixteenRows,
    /// `주당현금배당금(원)` and the like, without spaces.
    TightLabels,
    /// `주당  현금 배당금 (원)` and the like, with more of them.
    LooseLabels,
    /// Won in 천원, the total in 원.
    Units,
    /// A REIT that closes its books twice a year, from 2018 on.
    TwoSettlements,
    /// Each annual report corrected later: the same `stlm_dt`, two `rcept_no`, in either order.
    Corrections,
    /// No `stlm_dt` until 2018.
    NoSettlementDate,
    /// Par 5,000 until 2018 and 100 since; columns as paid.
    Split,
    /// The same split; later reports state earlier years in new shares.
    SplitRestated,
    /// Par 100 until 2019 and 500 since; columns as paid.
    ReverseSplit,
    /// Later reports state earlier years a tenth lower.
    Restates,
    /// An interim dividend, cumulative in the half-year's and third quarter's reports.
    InterimPayer,
    /// The half-year's report copies last year's annual columns.
    InterimCopy,
    /// Pays its preferred share alone, in an unlabelled second row.
    PreferredOnly,
    /// Two preferred classes, both labelled 우선주: which is which cannot be told.
    SeveralPreferred,
    /// Two preferred classes, `1우선주` and `2우선주`.
    NumberedPreferred,
    /// A preferred share, and rows of the common one alone.
    CommonRowsAlone,
    /// A stock dividend and no cash.
    StockDividend,
    /// No annual report for 2019.
    Gap,
    /// Never a report.
    NeverFiles,
    /// Reports from 2021 on, with nothing at all in the columns before.
    ListedLateEmpty,
    /// Reports from 2021 on, with net incomes and no dividends in the columns before.
    ListedLateHistory,
    /// No reports after 2019.
    Delisted,
    /// The fiscal year ends in March.
    MarchCloser,
    /// The fiscal year ends in June.
    JuneCloser,
    /// The template is filed with `-` in every cell.
    Hollow,
    /// `&` in both its names.
    Ampersand,
    /// The total stands in the row per share too: not to be believed.
    TotalPerShare,
    /// The common dividend stands in the `우선주` row, and there is no such share.
    CommonAsPreferred,
    /// Four rows for the common share, one a quarter: the year's is their sum.
    QuarterRows,
    /// `대주주` and `소액주주`, who get the same.
    HolderRows,
    /// `상환전환우선주` beside the common row: not the listed preferred share's.
    RedeemableRow,
    /// `보통주(주1)` and `우선주(주2)`: marks of footnotes.
    FootnoteMarks,
    /// `주당 특별현금배당금` beside the regular rows: the year's cannot be told.
    SpecialRow,
    /// The total in won under 백만원: no total at all.
    WonTotals,
    /// The 2022 report says `-`; later ones state what was paid: contradicted.
    DashBeforeMeeting,
    /// The 2021 report repeats the figures of 2020: not its own.
    CopiedYear,
    /// The dividend stands in the par row too: no par value, and no split.
    ParTyped,
}

impl Trap {
    /// Every trap, in order.
    pub const ALL: [Self; 60] = [
        Self::Plain,
        Self::StockLabels,
        Self::VotingLabels,
        Self::SpacedLabels,
        Self::DashLabels,
        Self::EmptyLabels,
        Self::AbsentLabels,
        Self::PreferredFirst,
        Self::PreferredLabelAlone,
        Self::PreferredLabelFirst,
        Self::CommonLabelSecond,
        Self::MixedGroups,
        Self::PlainNumbers,
        Self::WonNumbers,
        Self::SpacedNumbers,
        Self::Fractions,
        Self::ParenthesesLosses,
        Self::MinusLosses,
        Self::NeverPaysDash,
        Self::NeverPaysZero,
        Self::SevenRowsNone,
        Self::SevenRowsPaid,
        Self::SixteenRows,
        Self::TightLabels,
        Self::LooseLabels,
        Self::Units,
        Self::TwoSettlements,
        Self::Corrections,
        Self::NoSettlementDate,
        Self::Split,
        Self::SplitRestated,
        Self::ReverseSplit,
        Self::Restates,
        Self::InterimPayer,
        Self::InterimCopy,
        Self::PreferredOnly,
        Self::SeveralPreferred,
        Self::NumberedPreferred,
        Self::CommonRowsAlone,
        Self::StockDividend,
        Self::Gap,
        Self::NeverFiles,
        Self::ListedLateEmpty,
        Self::ListedLateHistory,
        Self::Delisted,
        Self::MarchCloser,
        Self::JuneCloser,
        Self::Hollow,
        Self::Ampersand,
        Self::TotalPerShare,
        Self::CommonAsPreferred,
        Self::QuarterRows,
        Self::HolderRows,
        Self::RedeemableRow,
        Self::FootnoteMarks,
        Self::SpecialRow,
        Self::WonTotals,
        Self::DashBeforeMeeting,
        Self::CopiedYear,
        Self::ParTyped,
    ];

    /// The trap of an ordinary company: none for half of them.
    pub(super) fn ordinary(seed: u64) -> Self {
        let drawn = seed % 100;
        let of = |share: &[Self]| share[(seed / 100 % share.len() as u64) as usize];
        match drawn {
            0..50 => Self::Plain,
            // Labels: the most frequent trouble of all.
            50..80 => of(&Self::ALL[1..12]),
            80..97 => of(&Self::ALL[12..26]),
            _ => of(&Self::ALL[26..48]),
        }
    }

    /// Whether `thstrm(Y) = frmtrm(Y+1) = lwfr(Y+2)` holds in the annual reports there are.
    #[must_use]
    pub fn keeps_three_year_law(self) -> bool {
        !matches!(
            self,
            Self::TwoSettlements
                | Self::Corrections
                | Self::SplitRestated
                | Self::Restates
                | Self::DashBeforeMeeting
                | Self::CopiedYear
        )
    }

    /// Whether the company pays every year, as the trap would not show otherwise.
    pub(super) fn always_pays(self) -> bool {
        matches!(
            self,
            Self::SevenRowsPaid
                | Self::TwoSettlements
                | Self::Split
                | Self::SplitRestated
                | Self::ReverseSplit
                | Self::Restates
                | Self::InterimPayer
                | Self::InterimCopy
                | Self::PreferredOnly
                | Self::SeveralPreferred
                | Self::NumberedPreferred
                | Self::Fractions
                | Self::Units
                | Self::TotalPerShare
                | Self::CommonAsPreferred
                | Self::QuarterRows
                | Self::HolderRows
                | Self::RedeemableRow
                | Self::SpecialRow
                | Self::WonTotals
                | Self::DashBeforeMeeting
                | Self::CopiedYear
                | Self::ParTyped
        )
    }

    pub(super) fn never_pays_cash(self) -> bool {
        matches!(
            self,
            Self::NeverPaysDash
                | Self::NeverPaysZero
                | Self::SevenRowsNone
                | Self::StockDividend
                | Self::Hollow
        )
    }

    /// How many classes of preferred shares are listed; `None` leaves it to the company.
    pub(super) fn preferred_classes(self) -> Option<usize> {
        match self {
            Self::SeveralPreferred | Self::NumberedPreferred => Some(2),
            Self::TwoSettlements
            | Self::NeverFiles
            | Self::Hollow
            | Self::TotalPerShare
            | Self::CommonAsPreferred
            | Self::QuarterRows
            | Self::HolderRows
            | Self::WonTotals => Some(0),
            Self::Plain
            | Self::PlainNumbers
            | Self::WonNumbers
            | Self::SpacedNumbers
            | Self::NoSettlementDate
            | Self::Gap
            | Self::Delisted
            | Self::Ampersand => None,
            _ => Some(1),
        }
    }
}
