//! A made-up market: what OpenDART would answer if these were its companies.
//!
//! A pure function of (corp_code, bsns_year, reprt_code). Twenty-three companies are real, with
//! the dividends of their own annual reports for 2015 to 2024 and nothing else; all others are
//! plainly invented by name (`가상제조 0001`), by code (from 99000001) and by ticker. Invented ones
//! report for 2015 to 2025. [`truth()`] tells what a perfect reader says of each.
//!
//! One invented company stands for each [`Trap`]; 2,000 more, `9B0000` to `9C9990`, draw theirs,
//! half of them none. 300 unlisted ones are in the list of companies alone.
//!
//! | ticker | trap | what it is |
//! | --- | --- | --- |
//! | 9A0010 | [`Plain`](Trap::Plain) | None: `보통주` and `우선주`, fifteen rows. |
//! | 9A0020 | [`StockLabels`](Trap::StockLabels) | `보통주식` and `종류주식`. |
//! | 9A0030 | [`VotingLabels`](Trap::VotingLabels) | `의결권 있는 주식` and `의결권 없는 주식`. |
//! | 9A0040 | [`SpacedLabels`](Trap::SpacedLabels) | `보통주 ` and ` 우선주 `, with stray spaces. |
//! | 9A0050 | [`DashLabels`](Trap::DashLabels) | Both rows say `-`. |
//! | 9A0060 | [`EmptyLabels`](Trap::EmptyLabels) | Both labels are empty. |
//! | 9A0070 | [`AbsentLabels`](Trap::AbsentLabels) | `stock_knd` is absent. |
//! | 9A0080 | [`PreferredFirst`](Trap::PreferredFirst) | The preferred row comes first. |
//! | 9A0090 | [`PreferredLabelAlone`](Trap::PreferredLabelAlone) | `-`, then `우선주`. |
//! | 9A0100 | [`PreferredLabelFirst`](Trap::PreferredLabelFirst) | `우선주` first, then `-`. |
//! | 9A0110 | [`CommonLabelSecond`](Trap::CommonLabelSecond) | `-` first, then `보통주`. |
//! | 9A0120 | [`MixedGroups`](Trap::MixedGroups) | Labels differ between the row groups: yields labelled, preferred first; won not labelled. |
//! | 9A0130 | [`PlainNumbers`](Trap::PlainNumbers) | Numbers without separators, `0` for nothing. |
//! | 9A0140 | [`WonNumbers`](Trap::WonNumbers) | Numbers with 원 behind them. |
//! | 9A0150 | [`SpacedNumbers`](Trap::SpacedNumbers) | Numbers with spaces around them. |
//! | 9A0160 | [`Fractions`](Trap::Fractions) | Fractions of a won. |
//! | 9A0170 | [`ParenthesesLosses`](Trap::ParenthesesLosses) | Losses every other year, negatives in parentheses. |
//! | 9A0180 | [`MinusLosses`](Trap::MinusLosses) | Losses every other year, negatives with a minus. |
//! | 9A0190 | [`NeverPaysDash`](Trap::NeverPaysDash) | Never a dividend, `-`. |
//! | 9A0200 | [`NeverPaysZero`](Trap::NeverPaysZero) | Never a dividend, `0`. |
//! | 9A0210 | [`SevenRowsNone`](Trap::SevenRowsNone) | Seven rows and no total: no dividend. |
//! | 9A0220 | [`SevenRowsPaid`](Trap::SevenRowsPaid) | Seven rows and a total: paid, but nothing stated per share. |
//! | 9A0230 | [`SixteenRows`](Trap::SixteenRows) | Sixteen rows. |
//! | 9A0240 | [`TightLabels`](Trap::TightLabels) | `주당현금배당금(원)` and the like, without spaces. |
//! | 9A0250 | [`LooseLabels`](Trap::LooseLabels) | `주당  현금 배당금 (원)` and the like, with more of them. |
//! | 9A0260 | [`Units`](Trap::Units) | Won in 천원, the total in 원. |
//! | 9A0270 | [`TwoSettlements`](Trap::TwoSettlements) | A REIT that closes its books twice a year, from 2018 on. |
//! | 9A0280 | [`Corrections`](Trap::Corrections) | Each annual report corrected later: the same `stlm_dt`, two `rcept_no`, in either order. |
//! | 9A0290 | [`NoSettlementDate`](Trap::NoSettlementDate) | No `stlm_dt` until 2018. |
//! | 9A0300 | [`Split`](Trap::Split) | Par 5,000 until 2018 and 100 since; columns as paid. |
//! | 9A0310 | [`SplitRestated`](Trap::SplitRestated) | The same split; later reports state earlier years in new shares. |
//! | 9A0320 | [`ReverseSplit`](Trap::ReverseSplit) | Par 100 until 2019 and 500 since; columns as paid. |
//! | 9A0330 | [`Restates`](Trap::Restates) | Later reports state earlier years a tenth lower. |
//! | 9A0340 | [`InterimPayer`](Trap::InterimPayer) | An interim dividend, cumulative in the half-year's and third quarter's reports. |
//! | 9A0350 | [`InterimCopy`](Trap::InterimCopy) | The half-year's report copies last year's annual columns. |
//! | 9A0360 | [`PreferredOnly`](Trap::PreferredOnly) | Pays its preferred share alone, in an unlabelled second row. |
//! | 9A0370 | [`SeveralPreferred`](Trap::SeveralPreferred) | Two preferred classes, both labelled 우선주: which is which cannot be told. |
//! | 9A0380 | [`NumberedPreferred`](Trap::NumberedPreferred) | Two preferred classes, `1우선주` and `2우선주`. |
//! | 9A0390 | [`CommonRowsAlone`](Trap::CommonRowsAlone) | A preferred share, and rows of the common one alone. |
//! | 9A0400 | [`StockDividend`](Trap::StockDividend) | A stock dividend and no cash. |
//! | 9A0410 | [`Gap`](Trap::Gap) | No annual report for 2019. |
//! | 9A0420 | [`NeverFiles`](Trap::NeverFiles) | Never a report. |
//! | 9A0430 | [`ListedLateEmpty`](Trap::ListedLateEmpty) | Reports from 2021 on, with nothing at all in the columns before. |
//! | 9A0440 | [`ListedLateHistory`](Trap::ListedLateHistory) | Reports from 2021 on, with net incomes and no dividends in the columns before. |
//! | 9A0450 | [`Delisted`](Trap::Delisted) | No reports after 2019. |
//! | 9A0460 | [`MarchCloser`](Trap::MarchCloser) | The fiscal year ends in March. |
//! | 9A0470 | [`JuneCloser`](Trap::JuneCloser) | The fiscal year ends in June. |
//! | 9A0480 | [`Hollow`](Trap::Hollow) | The template is filed with `-` in every cell. |
//! | 9A0490 | [`Ampersand`](Trap::Ampersand) | `&` in both its names. |
//! | 9A0500 | [`TotalPerShare`](Trap::TotalPerShare) | The total stands in the row per share too: not to be believed. |
//! | 9A0510 | [`CommonAsPreferred`](Trap::CommonAsPreferred) | The common dividend stands in the `우선주` row, and there is no such share. |
//! | 9A0520 | [`QuarterRows`](Trap::QuarterRows) | Four rows for the common share, one a quarter: the year's is their sum. |
//! | 9A0530 | [`HolderRows`](Trap::HolderRows) | `대주주` and `소액주주`, who get the same. |
//! | 9A0540 | [`RedeemableRow`](Trap::RedeemableRow) | `상환전환우선주` beside the common row: not the listed preferred share's. |
//! | 9A0550 | [`FootnoteMarks`](Trap::FootnoteMarks) | `보통주(주1)` and `우선주(주2)`: marks of footnotes. |
//! | 9A0560 | [`SpecialRow`](Trap::SpecialRow) | `주당 특별현금배당금` beside the regular rows: the year's cannot be told. |
//! | 9A0570 | [`WonTotals`](Trap::WonTotals) | The total in won under 백만원: no total at all. |
//! | 9A0580 | [`DashBeforeMeeting`](Trap::DashBeforeMeeting) | The 2022 report says `-`; later ones state what was paid: contradicted. |
//! | 9A0590 | [`CopiedYear`](Trap::CopiedYear) | The 2021 report repeats the figures of 2020: not its own. |
//! | 9A0600 | [`ParTyped`](Trap::ParTyped) | The dividend stands in the par row too: no par value, and no split. |
//!
//! 005930 and 017670 split their shares in 2018 and 2021 and state both years as paid.

mod company;
mod corp_list;
mod facts;
mod filing;
mod label;
mod real;
mod trap;
mod truth;

use std::sync::Arc;

use company::Companies;
pub use company::Company;
pub use trap::Trap;
pub use truth::{Truth, is_contradicted, par_value, stated, tickers, truth};

use super::question::AnswerId;

/// Changes whenever any answer of the market does; a database of its answers is named by it.
pub const DATA_VERSION: u32 = 2;

/// Every company, in the order of the list.
#[must_use]
pub fn companies() -> &'static [Company] {
    &Companies::get().all
}

/// The body of an answer with status 000; `None` is status 013.
#[must_use]
pub fn answer(id: AnswerId) -> Option<String> {
    let company = Companies::get().by_corp_code(id.corp_code)?;
    company.files(id.bsns_year, id.reprt_code).then(|| {
        let filings = filing::filings(company, id.bsns_year, id.reprt_code);
        filing::to_json(company, &filings)
    })
}

/// The list of companies, as corpCode.xml is served.
///
/// # Errors
/// Where the ZIP cannot be made.
pub fn corp_code_zip() -> zip::result::ZipResult<Arc<[u8]>> {
    corp_list::zipped()
}

#[cfg(test)]
mod tests;
