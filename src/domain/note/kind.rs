//! The kinds of notes and their parameters. Their names are in databases: they never change.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, Serializer};

use crate::domain::{FiscalYear, RceptNo, ReprtCode, Won};

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
    /// A label says that a row states a part of the dividend, and not which (특별).
    UnknownPart {
        /// The label.
        label: String,
    },
    /// More for one share than for all of them: the total stands in the row per share.
    AmountBeyondTotal {
        /// 주당 현금배당금, won.
        #[serde(serialize_with = "exactly")]
        amount: Won,
        /// 현금배당금총액, won.
        #[serde(serialize_with = "exactly")]
        total: Won,
    },
    /// The common share's row says none, another share's an amount that is likely the common one's.
    AmountInAnotherRow {
        /// The other row's amount, won.
        #[serde(serialize_with = "exactly")]
        amount: Won,
    },
    /// No amount per share, and a total of cash dividends that cannot be read.
    UnclearTotal,
    /// No amount per share, and a yield or payout ratio that says there was one.
    YieldWithoutAmount,
    /// The total of cash dividends is in another unit than its label says.
    TotalInAnotherUnit {
        /// As it would be read, won.
        #[serde(serialize_with = "exactly")]
        total: Won,
    },
    /// The settlement dates are not the parts of one year.
    UnevenSettlements {
        /// What each of them paid, by date.
        parts: Vec<SettledPart>,
    },
    /// The dividend is a sum over rows, one for each period of the year.
    SumOfRows {
        /// What each of them states.
        parts: Vec<RowPart>,
    },
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
    /// The report that states the year repeats another year's figures.
    CopiedReport {
        /// The year of that report.
        source_year: FiscalYear,
        /// The year whose figures stand in it.
        year: FiscalYear,
    },
    /// The year's own report says none, and every later one states an amount.
    ContradictedNone,
    /// A later report states the year, and the company has changed its settlement month since.
    ChangedCycle {
        /// The year of that report.
        source_year: FiscalYear,
    },
    /// One closing of a year of which the company had more the year before.
    ClosingMissing,
    /// The par value changed since, and nothing proves that the shares were split.
    UnprovenSplit {
        /// The par value of the year, won.
        par_then: Won,
        /// Today's par value, won.
        par_now: Won,
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

/// What one of several rows for a share states.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPart {
    /// Its label: `stock_knd`, and what `se` says beside the item.
    pub label: String,
    /// Cash dividend, won per share.
    #[serde(serialize_with = "exactly")]
    pub dps_cash: Won,
}

/// What a later report says about a year, where that differs beyond a split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restatement {
    /// The fiscal year of the later report.
    pub source_year: FiscalYear,
    /// Its cash dividend per share for the year in question; 0 where it says that there was none.
    pub dps_cash: Won,
    /// Its filing.
    pub rcept_no: Option<RceptNo>,
}

/// Why two reports of a year do not go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// One of the figures is not from its year's own report, which may count in other shares.
    FromAnotherReport {
        /// The report whose figure that is.
        reprt_code: ReprtCode,
        /// The year of the report it was read from.
        source_year: FiscalYear,
    },
    /// Shares were split or put together in between.
    ParChanged,
    /// Less than the report before it states.
    Less,
    /// Less than a report before that one states.
    LessThanEarlier,
    /// The report before it does not go together with those before that one.
    BeforeInDoubt,
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
