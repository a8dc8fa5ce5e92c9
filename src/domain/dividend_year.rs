use chrono::NaiveDate;

use super::{
    CorpCls, CorpCode, FiscalYear, Note, Outcome, Percent, RceptNo, ReprtCode, Shares, Ticker, Won,
};

/// What one report states about one ticker in one fiscal year.
///
/// `dps_cash` is greater than 0 for [`Outcome::Paid`], 0 for [`Outcome::NoDividend`] and absent for
/// the other two; the database checks it once more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DividendYear {
    /// The share, common or preferred.
    pub ticker: Ticker,
    /// The year the figures are about.
    pub fiscal_year: FiscalYear,
    /// The report that states them.
    pub reprt_code: ReprtCode,
    /// The issuer.
    pub corp_code: CorpCode,
    /// Its market, where an answer told it.
    pub corp_cls: Option<CorpCls>,
    /// What the report says.
    pub outcome: Outcome,
    /// Cash dividend, won per share (`se` = 주당 현금배당금(원)); cumulative in interim reports.
    pub dps_cash: Option<Won>,
    /// Par value of a share in that year, won (`se` = 주당액면가액(원)).
    pub par_value: Option<Won>,
    /// Stock dividend, shares per share (`se` = 주당 주식배당(주)).
    pub dps_stock: Option<Shares>,
    /// Cash dividend yield, percent (`se` = 현금배당수익률(%)).
    pub cash_yield_pct: Option<Percent>,
    /// Cash payout ratio, percent (`se` = (연결)현금배당성향(%)).
    pub payout_ratio_pct: Option<Percent>,
    /// Earnings per share, won (`se` = (연결)주당순이익(원)).
    pub eps: Option<Won>,
    /// Net income, won, consolidated (`se` = (연결)당기순이익(백만원)).
    pub net_income: Option<Won>,
    /// Net income of the company alone, won (`se` = (별도)당기순이익(백만원)).
    pub net_income_separate: Option<Won>,
    /// All cash dividends of the issuer together, in won (`se` = 현금배당금총액(백만원)).
    pub cash_total: Option<Won>,
    /// Settlement date, the last day of the fiscal period (`stlm_dt`); the latest where several.
    pub stlm_dt: Option<NaiveDate>,
    /// The filing (`rcept_no`); the latest where several.
    pub rcept_no: Option<RceptNo>,
    /// How many settlement dates the figures are of: 2 where the dividend is the sum over the two
    /// closings of a REIT's year; `None` where the report does not tell, or there is none.
    pub settlements: Option<u32>,
    /// The fiscal year of the report: `fiscal_year` itself, or a later one whose columns state it.
    pub source_year: FiscalYear,
    /// What a reader should know: why nothing is stated, how a figure came about.
    pub notes: Vec<Note>,
    /// What the report says about the year before (`frmtrm`); only of the year's own annual
    /// report, and where it is about one settlement date.
    pub frmtrm: EarlierYear,
    /// The same about two years before (`lwfr`).
    pub lwfr: EarlierYear,
}

/// What an annual report states about a year before its own, for the same share.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct EarlierYear {
    /// Cash dividend, won per share: 0 where the column says that there was none.
    pub dps_cash: Option<Won>,
    /// Par value, won.
    pub par_value: Option<Won>,
}

impl DividendYear {
    /// The year for which OpenDART has no report (status 013).
    #[must_use]
    pub fn no_report(
        ticker: Ticker,
        corp_code: CorpCode,
        fiscal_year: FiscalYear,
        reprt_code: ReprtCode,
        source_year: FiscalYear,
    ) -> Self {
        Self {
            ticker,
            fiscal_year,
            reprt_code,
            corp_code,
            corp_cls: None,
            outcome: Outcome::NoReport,
            dps_cash: None,
            par_value: None,
            dps_stock: None,
            cash_yield_pct: None,
            payout_ratio_pct: None,
            eps: None,
            net_income: None,
            net_income_separate: None,
            cash_total: None,
            stlm_dt: None,
            rcept_no: None,
            settlements: None,
            source_year,
            notes: Vec::new(),
            frmtrm: EarlierYear::default(),
            lwfr: EarlierYear::default(),
        }
    }

    /// From the year's own annual report.
    #[must_use]
    pub fn is_own_report(&self) -> bool {
        self.is_own() && self.reprt_code == ReprtCode::Annual && self.outcome != Outcome::NoReport
    }

    /// What its report says of a year before its own; `None` for any other.
    #[must_use]
    pub fn column_about(&self, year: FiscalYear) -> Option<EarlierYear> {
        match self.fiscal_year.get().checked_sub(year.get()) {
            Some(1) => Some(self.frmtrm),
            Some(2) => Some(self.lwfr),
            _ => None,
        }
    }

    /// From the year's own report, not from a later one's columns.
    #[must_use]
    pub fn is_own(&self) -> bool {
        self.source_year == self.fiscal_year
    }
}
