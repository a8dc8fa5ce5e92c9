//! The rows of an answer, as they are.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::domain::{CorpCls, CorpCode, FiscalYear, RceptNo};

use super::super::json::Json;
use super::figure::Figure;
use super::label::{Item, Label};
use super::share_class::StockKnd;

/// Why an answer that says it is one (status 000) cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableAnswer {
    /// Not JSON, or not all of it.
    #[error("the answer is not JSON")]
    NotJson,
    /// No `list` of rows in it.
    #[error("the answer has no list of rows")]
    NoRows,
    /// It is about another company.
    #[error("the answer is about corp_code {found:?}, not {asked}")]
    OtherCompany {
        /// The company asked about.
        asked: CorpCode,
        /// The company answered about.
        found: String,
    },
    /// It is about another year: another one's settlement date, or a receipt from before the year.
    #[error("the answer is about {found}, not {asked}")]
    OtherYear {
        /// The year asked about (`bsns_year`).
        asked: FiscalYear,
        /// The latest `stlm_dt` of its rows, or the year of its receipt.
        found: String,
    },
}

/// One row that states an item this program reads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) label: Label,
    pub(super) stock_knd: StockKnd,
    /// `thstrm`, `frmtrm`, `lwfr`, in units of one won, share or percent.
    pub(super) cells: [Figure; 3],
    pub(super) rcept_no: Option<RceptNo>,
    pub(super) stlm_dt: Option<NaiveDate>,
}

/// The rows of an answer and what they have in common.
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    pub(super) corp_cls: Option<CorpCls>,
    /// The filings of every row, also of those about other items.
    pub(super) rcept_no: Option<RceptNo>,
    /// Rows about other items were dropped when the answer was stored.
    pub(super) capped: bool,
}

/// A row's fields as text.
#[derive(Default)]
struct Fields<'a> {
    rcept_no: Cow<'a, str>,
    corp_cls: Cow<'a, str>,
    corp_code: Cow<'a, str>,
    se: Cow<'a, str>,
    stock_knd: Cow<'a, str>,
    thstrm: Cow<'a, str>,
    frmtrm: Cow<'a, str>,
    lwfr: Cow<'a, str>,
    stlm_dt: Cow<'a, str>,
}

impl<'a> Fields<'a> {
    /// One walk along the fields; a row that is no object has none.
    fn of(row: &'a Json<'_>) -> Self {
        let mut of = Self::default();
        let Json::Object(fields) = row else {
            return of;
        };
        for (name, value) in fields {
            let field = match name.as_ref() {
                "rcept_no" => &mut of.rcept_no,
                "corp_cls" => &mut of.corp_cls,
                "corp_code" => &mut of.corp_code,
                "se" => &mut of.se,
                "stock_knd" => &mut of.stock_knd,
                "thstrm" => &mut of.thstrm,
                "frmtrm" => &mut of.frmtrm,
                "lwfr" => &mut of.lwfr,
                "stlm_dt" => &mut of.stlm_dt,
                _ => continue,
            };
            *field = value.text();
        }
        of
    }
}

/// Reads the rows of an answer; fields that are missing, null or numbers are taken as their text.
pub(super) fn read(
    answer: &Json<'_>,
    asked: CorpCode,
    bsns_year: FiscalYear,
) -> Result<Rows, UnreadableAnswer> {
    if !matches!(answer, Json::Object(_)) {
        return Err(UnreadableAnswer::NotJson);
    }
    let Some(Json::List(list)) = answer.get("list") else {
        return Err(UnreadableAnswer::NoRows);
    };
    let mut rows = Vec::with_capacity(list.len());
    let mut corp_cls = None;
    let mut newest = None;
    for fields in list.iter().map(Fields::of) {
        let corp_code = &fields.corp_code;
        if !corp_code.is_empty() && corp_code.trim() != asked.as_str() {
            let found = corp_code.chars().take(20).collect();
            return Err(UnreadableAnswer::OtherCompany { asked, found });
        }
        corp_cls = corp_cls.or_else(|| CorpCls::from_letter(&fields.corp_cls));
        let rcept_no: Option<RceptNo> = fields.rcept_no.trim().parse().ok();
        newest = newest.max(rcept_no);
        let Some(label) = Label::read(&fields.se) else {
            continue;
        };
        let cell = |text: &str| Figure::read(text, label.suffix).scaled(label.unit);
        rows.push(Row {
            stock_knd: StockKnd::read(&fields.stock_knd, label.qualifier.as_deref()),
            cells: [
                cell(&fields.thstrm),
                cell(&fields.frmtrm),
                cell(&fields.lwfr),
            ],
            rcept_no,
            stlm_dt: date(&fields.stlm_dt),
            label,
        });
    }
    about_the_year(&rows, newest, bsns_year)?;
    doubt_bare_amounts(&mut rows);
    Ok(Rows {
        rows,
        corp_cls,
        rcept_no: newest,
        capped: matches!(answer.get("capped"), Some(Json::Flag(true))),
    })
}

/// An answer about `bsns_year` settles a date of that year, and was not filed before the year began.
fn about_the_year(
    rows: &[Row],
    newest: Option<RceptNo>,
    asked: FiscalYear,
) -> Result<(), UnreadableAnswer> {
    let year = i32::from(asked.get());
    let other = |found: String| Err(UnreadableAnswer::OtherYear { asked, found });
    let dates = || rows.iter().filter_map(|row| row.stlm_dt);
    if let Some(latest) = dates().max()
        && dates().all(|date| date.year() != year)
    {
        return other(latest.to_string());
    }
    let filed: Option<i32> = newest.and_then(|rcept_no| rcept_no.as_str()[..4].parse().ok());
    match filed.filter(|filed| *filed < year) {
        Some(filed) => other(format!("{filed} or a year before it")),
        None => Ok(()),
    }
}

/// An amount per share without a unit is in won, except where the answer counts in another currency.
fn doubt_bare_amounts(rows: &mut [Row]) {
    let per_share = |item| matches!(item, Item::ParValue | Item::Eps | Item::DpsCash);
    let is_money = |item| per_share(item) || matches!(item, Item::NetIncome | Item::CashTotal);
    let foreign =
        |row: &Row| is_money(row.label.item) && row.label.names_unit && row.label.unit.is_none();
    if !rows.iter().any(foreign) {
        return;
    }
    for row in rows {
        if per_share(row.label.item) && !row.label.names_unit {
            for cell in &mut row.cells {
                *cell = std::mem::replace(cell, Figure::Blank).scaled(None);
            }
        }
    }
}

/// `2024-12-31`, with other separators or none.
fn date(text: &str) -> Option<NaiveDate> {
    let digits = text.chars().filter_map(|c| c.to_digit(10));
    let digits: Vec<u32> = digits.take(9).collect();
    let number = |digits: &[u32]| digits.iter().fold(0, |number, digit| number * 10 + digit);
    match digits[..] {
        [_, _, _, _, month, month_, day, day_] => NaiveDate::from_ymd_opt(
            i32::try_from(number(&digits[..4])).ok()?,
            number(&[month, month_]),
            number(&[day, day_]),
        ),
        _ => None,
    }
}
