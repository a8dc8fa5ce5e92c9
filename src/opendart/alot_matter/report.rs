//! One answer, understood: which filings count, and what they say about a share and a year.

use crate::domain::{
    CorpCls, CorpCode, DividendYear, EarlierYear, FiscalYear, Note, Outcome, Percent, RceptNo,
    ReprtCode, SettledPart, ShareClass, Shares, Ticker, Won,
};

use super::super::json::Json;
use super::figure::Figure;
use super::filing::{Cash, Filing};
use super::label::Item;
use super::row::{self, Rows, UnreadableAnswer};
use super::settlement::{are_sub_periods, newest_of_each_settlement};

/// One of the three years a report states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// `thstrm`: the report's own year (cumulative in interim reports).
    Own,
    /// `frmtrm`: the year before.
    YearBefore,
    /// `lwfr`: two years before.
    TwoBefore,
}

impl Column {
    /// The column of the annual report of `source_year` that is about `fiscal_year`.
    #[must_use]
    pub fn of(source_year: FiscalYear, fiscal_year: FiscalYear) -> Option<Self> {
        match source_year.get().checked_sub(fiscal_year.get()) {
            Some(0) => Some(Self::Own),
            Some(1) => Some(Self::YearBefore),
            Some(2) => Some(Self::TwoBefore),
            _ => None,
        }
    }

    pub(super) const fn index(self) -> usize {
        match self {
            Self::Own => 0,
            Self::YearBefore => 1,
            Self::TwoBefore => 2,
        }
    }
}

/// An answer of alotMatter.json with status 000.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    corp_code: CorpCode,
    bsns_year: FiscalYear,
    reprt_code: ReprtCode,
    corp_cls: Option<CorpCls>,
    rcept_no: Option<RceptNo>,
    /// Only the dividend rows of the answer were kept.
    capped: bool,
    /// The newest filing of each settlement date, by date.
    pub(super) filings: Vec<Filing>,
    /// Why the filings cannot be told apart, where they cannot.
    pub(super) ambiguous_reason: Option<Note>,
}

impl Report {
    /// Reads the body of the answer to (`corp_code`, `bsns_year`, `reprt_code`).
    ///
    /// # Errors
    /// Where the body is not an answer about this company. Odd rows are no error: what they do
    /// not state clearly is `NOT_STATED`.
    pub fn read(
        body: &[u8],
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
    ) -> Result<Self, UnreadableAnswer> {
        // Checked once for the whole and not for each string.
        let text = std::str::from_utf8(body).map_err(|_| UnreadableAnswer::NotJson)?;
        let json = serde_json::from_str(text).map_err(|_| UnreadableAnswer::NotJson)?;
        Self::from_json(&json, corp_code, bsns_year, reprt_code)
    }

    /// The same of a body that has been parsed.
    pub(in crate::opendart) fn from_json(
        json: &Json<'_>,
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
    ) -> Result<Self, UnreadableAnswer> {
        let Rows {
            rows,
            corp_cls,
            rcept_no,
            capped,
        } = row::read(json, corp_code, bsns_year)?;
        let (filings, ambiguous_reason) = newest_of_each_settlement(rows);
        Ok(Self {
            corp_code,
            bsns_year,
            reprt_code,
            corp_cls,
            rcept_no,
            capped,
            filings,
            ambiguous_reason,
        })
    }

    /// What the report says about `ticker` in one of its three years; `None` for a year before
    /// 2013, and for the earlier columns of an interim report, which are full years and belong to
    /// the annual one.
    ///
    /// `annual` is the annual report of the year before, or else of the same year: an interim report
    /// that merely copies its figures for the year before is recognised by them.
    #[must_use]
    pub fn dividend_year(
        &self,
        ticker: Ticker,
        column: Column,
        annual: Option<&Self>,
    ) -> Option<DividendYear> {
        let at = column.index();
        if at > 0 && self.reprt_code != ReprtCode::Annual {
            return None;
        }
        let fiscal_year = self.bsns_year.back(u16::try_from(at).ok()?)?;
        let class = ticker.class_in(fiscal_year);
        let mut year = DividendYear {
            corp_cls: self.corp_cls,
            rcept_no: self.rcept_no,
            ..DividendYear::no_report(
                ticker,
                self.corp_code,
                fiscal_year,
                self.reprt_code,
                self.bsns_year,
            )
        };
        let (cash, note) = match self.copied_year(class, annual) {
            Some(year) => (Cash::NotStated(Note::InterimCopy { year }), None),
            None => self.cash(class, at),
        };
        let (outcome, dps_cash, note) = match cash {
            Cash::Paid(amount) => (Outcome::Paid, Some(amount), note),
            Cash::Nothing => (Outcome::NoDividend, Some(Won::ZERO), note),
            Cash::NotStated(why) => (Outcome::NotStated, None, Some(why)),
        };
        year.outcome = outcome;
        year.dps_cash = dps_cash;
        year.notes.extend(note);
        if self.capped {
            year.notes.push(Note::Capped);
        }
        self.fill_in_the_rest(&mut year, class, at);
        Some(year)
    }

    /// The class a ticker stood for in the year a column is about; `None` before 2013.
    pub(super) fn class_at(&self, ticker: Ticker, column: Column) -> Option<ShareClass> {
        let back = u16::try_from(column.index()).ok()?;
        Some(ticker.class_in(self.bsns_year.back(back)?))
    }

    /// Whether this is what was kept of an answer too large to be kept whole: its dividend rows.
    #[must_use]
    pub fn is_capped(&self) -> bool {
        self.capped
    }

    /// Whether this is an interim report that merely repeats last year's annual figures, by the
    /// same annual report as [`Report::dividend_year`].
    #[must_use]
    pub fn repeats_last_year(&self, ticker: Ticker, annual: Option<&Self>) -> bool {
        self.copied_year(ticker.class_in(self.bsns_year), annual)
            .is_some()
    }

    /// Whether its earlier columns may be read for their years: not where it settles several dates,
    /// as that of a REIT that closes its books twice a year, whose columns are not whole years; nor
    /// where its filings cannot be told apart, or it has no rows.
    #[must_use]
    pub fn speaks_for_other_years(&self) -> bool {
        self.ambiguous_reason.is_none() && self.filings.len() == 1
    }

    /// Whether the answer has no row about dividends at all.
    #[must_use]
    pub fn has_no_rows(&self) -> bool {
        self.filings.is_empty()
    }

    /// The latest settlement date (`stlm_dt`) of its filings.
    #[must_use]
    pub fn latest_settlement(&self) -> Option<chrono::NaiveDate> {
        self.filings.last()?.stlm_dt
    }

    /// Whether the report states a positive cash dividend for the ticker in its own year: where
    /// an interim report does, the last annual one is needed to confirm it.
    #[must_use]
    pub fn states_a_dividend(&self, ticker: Ticker) -> bool {
        matches!(
            self.cash(ticker.class_in(self.bsns_year), 0).0,
            Cash::Paid(_)
        )
    }

    /// The year's cash dividend over all its settlement dates, and how it came about.
    fn cash(&self, class: ShareClass, at: usize) -> (Cash, Option<Note>) {
        if let Some(why) = &self.ambiguous_reason {
            return (Cash::NotStated(why.clone()), None);
        }
        if let [only] = &self.filings[..] {
            return (only.cash(class, at), only.sum_note(class, at));
        }
        if self.filings.is_empty() {
            return (Cash::NotStated(Note::NoDividendRows), None);
        }
        if at > 0 {
            // The columns of a half-year's filing are half-years of another year, or whole ones.
            return (Cash::NotStated(Note::PartOfYear), None);
        }
        let mut sum = Won::ZERO;
        let mut parts = Vec::new();
        let mut latest = Won::ZERO;
        for filing in &self.filings {
            let dps_cash = match filing.cash(class, at) {
                Cash::Paid(amount) => amount,
                Cash::Nothing => Won::ZERO,
                Cash::NotStated(why) => return (Cash::NotStated(why), None),
            };
            let Some(added) = sum.checked_add(dps_cash) else {
                return (Cash::NotStated(Note::SumOutOfRange), None);
            };
            sum = added;
            latest = dps_cash;
            parts.push(SettledPart {
                stlm_dt: filing.stlm_dt,
                dps_cash,
            });
        }
        // Where the earlier dates add nothing it does not matter what they are.
        if sum != latest && !are_sub_periods(&self.filings) {
            return (Cash::NotStated(Note::UnevenSettlements { parts }), None);
        }
        let cash = if sum.is_zero() {
            Cash::Nothing
        } else {
            Cash::Paid(sum)
        };
        (cash, Some(Note::SumOfSettlements { parts }))
    }

    /// Everything but the dividend itself. What is not clearly stated stays empty.
    fn fill_in_the_rest(&self, year: &mut DividendYear, class: ShareClass, at: usize) {
        let Some(latest) = self.filings.last() else {
            return;
        };
        if at == 0 {
            year.stlm_dt = latest.stlm_dt;
        }
        if self.ambiguous_reason.is_some() || (at > 0 && self.filings.len() > 1) {
            return;
        }
        year.settlements = u32::try_from(self.filings.len()).ok();
        year.par_value = par_value(latest, class, at);
        if let [only] = &self.filings[..]
            && at == 0
            && self.reprt_code == ReprtCode::Annual
        {
            year.frmtrm = self.earlier_year(only, year.ticker, Column::YearBefore);
            year.lwfr = self.earlier_year(only, year.ticker, Column::TwoBefore);
        }
        if self.copied_or_absent(year) {
            return;
        }
        let totals: Result<Vec<Option<Won>>, Note> = self
            .filings
            .iter()
            .map(|filing| filing.cash_total(class, at))
            .collect();
        match totals {
            Ok(totals) if totals.len() == 1 || are_sub_periods(&self.filings) => {
                year.cash_total = totals
                    .into_iter()
                    .flatten()
                    .try_fold(None, |sum: Option<Won>, total| {
                        sum.map_or(Some(total), |sum| sum.checked_add(total))
                            .map(Some)
                    })
                    .flatten();
            }
            Ok(_) => {}
            Err(note) => year.notes.push(note),
        }
        if let [only] = &self.filings[..] {
            year.dps_stock = only.amount(Item::DpsStock, class, at).map(Shares::from);
            year.cash_yield_pct = only.amount(Item::CashYield, class, at).map(Percent::from);
            year.payout_ratio_pct = only
                .company_amount(Item::PayoutRatio, class, at)
                .map(Percent::from);
            year.eps = only.company_amount(Item::Eps, class, at).map(Won::from);
            year.net_income = only.net_income(false, at).map(Won::from);
            year.net_income_separate = only.net_income(true, at).map(Won::from);
        }
    }

    /// What a column before the report's own says.
    fn earlier_year(&self, filing: &Filing, ticker: Ticker, column: Column) -> EarlierYear {
        let at = column.index();
        let Some(class) = self.class_at(ticker, column) else {
            return EarlierYear::default();
        };
        EarlierYear {
            dps_cash: match filing.cash(class, at) {
                Cash::Paid(amount) => Some(amount),
                Cash::Nothing => Some(Won::ZERO),
                Cash::NotStated(_) => None,
            },
            par_value: par_value(filing, class, at),
        }
    }

    /// An interim report that repeats last year's figures states nothing of its own.
    fn copied_or_absent(&self, year: &DividendYear) -> bool {
        self.reprt_code != ReprtCode::Annual && year.outcome == Outcome::NotStated
    }

    /// The year before, where an interim report has its figures: its columns are those of an annual
    /// report, dividend and total, or its own column repeats the next one, net income and all.
    fn copied_year(&self, class: ShareClass, annual: Option<&Self>) -> Option<FiscalYear> {
        if self.reprt_code == ReprtCode::Annual {
            return None;
        }
        let year_before = self.bsns_year.back(1)?;
        let [filing] = &self.filings[..] else {
            return None;
        };
        if !matches!(filing.cash(class, 0), Cash::Paid(_)) {
            return None;
        }
        let same = |one, other| repeats(class, one, other);
        let same_income = |one, other| same(one, other) && incomes(one) == incomes(other);
        if filing.states_net_income(0) && same_income((filing, 0), (filing, 1)) {
            return Some(year_before);
        }
        let annual = annual?;
        // Which of the annual report's columns is about the year before.
        let shift = match Column::of(annual.bsns_year, year_before)? {
            Column::TwoBefore => return None,
            column => column.index(),
        };
        let of_annual = annual.filings.last()?;
        // Three columns are enough; two may be a company's that pays the same each year.
        let is_same = |at: usize| match shift {
            0 => same((filing, at), (of_annual, at)),
            _ => same_income((filing, at), (of_annual, at + shift)),
        };
        (0..3 - shift).all(is_same).then_some(year_before)
    }
}

fn par_value(filing: &Filing, class: ShareClass, at: usize) -> Option<Won> {
    filing
        .company_amount(Item::ParValue, class, at)
        .map(Won::from)
        .filter(|par| par.is_positive())
}

/// A column of a filing.
type ColumnOf<'a> = (&'a Filing, usize);

/// Whether a column of one filing states the dividend and the total that a column of another does.
fn repeats(class: ShareClass, one: ColumnOf<'_>, other: ColumnOf<'_>) -> bool {
    one.0.cash_amount(class, one.1) == other.0.cash_amount(class, other.1)
        && cells(one, Item::CashTotal) == cells(other, Item::CashTotal)
}

fn incomes(of: ColumnOf<'_>) -> Vec<Option<&Figure>> {
    cells(of, Item::NetIncome)
}

fn cells((filing, at): ColumnOf<'_>, item: Item) -> Vec<Option<&Figure>> {
    filing.rows_of(item).map(|row| row.cells.get(at)).collect()
}
