use chrono::NaiveDate;

use super::{CorpCls, CorpCode, Ticker};

/// A company that has, or had, a listed share: an entry of `corpCode.xml` with a `stock_code`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its common share (`stock_code`).
    pub ticker: Ticker,
    /// OpenDART's number for it (`corp_code`).
    pub corp_code: CorpCode,
    /// Its name as filed (`corp_name`), which is not always what brokers write.
    pub corp_name: String,
    /// Its English name as filed (`corp_eng_name`); may be empty.
    pub corp_eng_name: String,
    /// The day the entry last changed (`modify_date`).
    pub modify_date: Option<NaiveDate>,
    /// Its market, once an answer told it (`corp_cls`).
    pub corp_cls: Option<CorpCls>,
}

impl Company {
    /// Older than this, the list of companies is fetched again before a ticker is called unknown.
    pub const LIST_IS_OLD: chrono::TimeDelta = chrono::TimeDelta::days(1);
}
