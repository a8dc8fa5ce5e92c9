<<<<<<< HEAD
use chrono::NaiveDate;

use super::{CorpCls, CorpCode, Ticker};

/// A company that has, or had, a listed share: an entry of `corpCode.xml` with a `stock_code`.
=======
use super::{CorpCls, CorpCode, Ticker};

/// A listed company, as OpenDART's list of companies (`corpCode.xml`) has it.
>>>>>>> 4d94782 (Ask OpenDART: transport, statuses, client, list of companies; pace and retry)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its common share (`stock_code`).
    pub ticker: Ticker,
<<<<<<< HEAD
    /// OpenDART's number for it (`corp_code`).
    pub corp_code: CorpCode,
    /// Its name as filed (`corp_name`), which is not always what brokers write.
    pub corp_name: String,
    /// Its English name as filed (`corp_eng_name`); may be empty.
    pub corp_eng_name: String,
    /// The day the entry last changed (`modify_date`).
    pub modify_date: Option<NaiveDate>,
    /// Its market, once an answer told it (`corp_cls`).
=======
    /// OpenDART's number of it.
    pub corp_code: CorpCode,
    /// Its name in Korean.
    pub corp_name: String,
    /// Its name in English.
    pub corp_eng_name: String,
    /// When OpenDART last changed the entry (`modify_date`).
    pub modify_date: Option<chrono::NaiveDate>,
    /// Its market, once an answer told it.
>>>>>>> 4d94782 (Ask OpenDART: transport, statuses, client, list of companies; pace and retry)
    pub corp_cls: Option<CorpCls>,
}
