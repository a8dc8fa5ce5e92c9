//! Pure values: what a ticker, a fiscal year or an outcome *is*. No I/O, no SQL, no JSON.
//!
//! Every constructor refuses what is not one, with the reason, so that a value of these types
//! needs no second check anywhere else.

mod ascii;
mod basis;
mod company;
mod company_alias;
pub mod company_name;
mod corp_cls;
mod corp_code;
mod cross_check;
mod decimal;
mod dividend_year;
mod expiry;
mod fiscal_year;
mod increment;
pub mod job;
mod kst;
mod note;
mod origin_kind;
mod outcome;
mod rcept_no;
mod reprt_code;
mod restatement;
mod share_class;
mod ticker;
mod ticker_list;
mod words;

pub use basis::adjustment_factor;
pub use company::Company;
pub use corp_cls::CorpCls;
pub use corp_code::{CorpCode, CorpCodeError};
pub use cross_check::{copied_year, cross_check, lacks_a_closing};
pub use decimal::{Percent, Shares, Won, with_separators};
pub use dividend_year::{DividendYear, EarlierYear};
pub use expiry::{expires_at, read_early};
pub use fiscal_year::{FIRST_YEAR, FiscalYear, FiscalYearError};
pub use increment::{Increment, increment};
pub use kst::{kst_date, kst_year, next_kst_midnight};
pub use note::{Note, Refusal, Restatement, RowPart, SettledPart, note_words, restatement_detail};
pub use origin_kind::OriginKind;
pub use outcome::Outcome;
pub use rcept_no::{RceptNo, RceptNoError};
pub use reprt_code::{ReprtCode, ReprtCodeError};
pub use restatement::restatements;
pub use share_class::{PreferredClass, ShareClass};
pub use ticker::{Ticker, TickerError};
pub use ticker_list::{BadEntry, TickerList};
