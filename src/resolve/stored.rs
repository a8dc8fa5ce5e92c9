//! Reports read from stored answers, for work over the whole database that never calls.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::domain::{ReprtCode, Ticker, read_early};
use crate::opendart::Answer;
use crate::opendart::alot_matter::{Report, UnreadableAnswer};
use crate::store::{CachedRow, Store, StoreError};

use super::ResolveError;
use super::response::{self, ReportKey, StoredResponse};
use super::rows::comparable_annuals;

/// Why a row cannot be read again from its answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRead {
    /// The answer is not there, or damaged.
    #[error("its answer is not stored")]
    NotStored,
    /// An interim dividend is believed only after comparison with an annual report, and there is none.
    #[error("the annual report it has to be compared with is not stored")]
    NoAnnual,
    /// Today's parser does not understand the answer.
    #[error("{0}")]
    Unreadable(#[from] UnreadableAnswer),
    /// The database cannot hold what it says; why.
    #[error("{0}")]
    CannotBeStored(String),
}

/// What is stored for one report.
#[derive(Debug, Clone)]
enum Reading {
    Report(Arc<Report>, Rc<StoredResponse>),
    NoReport,
    NotRead(NotRead),
}

/// Stored answers, each read once.
pub(crate) struct Stored<'a> {
    store: &'a Store,
    now: DateTime<Utc>,
    readings: HashMap<ReportKey, Reading>,
}

/// A row's report, and the annual one it is compared with.
pub(crate) struct Source {
    pub(crate) report: Arc<Report>,
    pub(crate) known: Rc<StoredResponse>,
    pub(crate) annual: Option<Arc<Report>>,
}

/// The report a row was read from.
pub(crate) fn question_of(row: &CachedRow) -> ReportKey {
    ReportKey {
        corp_code: row.year.corp_code,
        source_year: row.year.source_year,
        reprt_code: row.year.reprt_code,
    }
}

impl<'a> Stored<'a> {
    pub(crate) fn new(store: &'a Store, now: DateTime<Utc>) -> Self {
        Self {
            store,
            now,
            readings: HashMap::new(),
        }
    }

    /// What a row was read from.
    pub(crate) fn source_of(
        &mut self,
        row: &CachedRow,
    ) -> Result<Result<Source, NotRead>, ResolveError> {
        let ticker = row.year.ticker;
        let question = question_of(row);
        Ok(match self.read(question)? {
            Reading::Report(report, known) => {
                let annual = self.comparison_annual(ticker, question, &report, known.fetched_at)?;
                annual.map(|annual| Source {
                    report,
                    known,
                    annual,
                })
            }
            Reading::NoReport => Err(NotRead::NotStored),
            Reading::NotRead(why) => Err(why),
        })
    }

    /// The annual report that an interim one which states a dividend is compared with.
    ///
    /// The one of the same year may be missing where it was not due when the interim answer was
    /// given, which was then believed without it.
    fn comparison_annual(
        &mut self,
        ticker: Ticker,
        question: ReportKey,
        report: &Report,
        given_at: DateTime<Utc>,
    ) -> Result<Result<Option<Arc<Report>>, NotRead>, ResolveError> {
        let is_interim = question.reprt_code != ReprtCode::Annual;
        if !(is_interim && report.states_a_dividend(ticker)) {
            return Ok(Ok(None));
        }
        for annual in comparable_annuals(question, self.now) {
            match self.read(annual)? {
                Reading::Report(report, _) => return Ok(Ok(Some(report))),
                Reading::NoReport => {}
                Reading::NotRead(NotRead::NotStored)
                    if annual.source_year == question.source_year
                        && read_early(annual.source_year, annual.reprt_code, given_at, None)
                            .is_some() => {}
                Reading::NotRead(_) => return Ok(Err(NotRead::NoAnnual)),
            }
        }
        Ok(Ok(None))
    }

    fn read(&mut self, question: ReportKey) -> Result<Reading, ResolveError> {
        if let Some(reading) = self.readings.get(&question) {
            return Ok(reading.clone());
        }
        // An expired answer still counts: asking again is not done here.
        let reading = match response::stored(self.store, question, |_, _| true)? {
            None => Reading::NotRead(NotRead::NotStored),
            Some(known) => match &known.answer {
                Answer::NoData => Reading::NoReport,
                Answer::Report(payload) => match payload.report() {
                    Ok(report) => Reading::Report(Arc::clone(report), Rc::new(known.clone())),
                    Err(why) => Reading::NotRead(why.clone().into()),
                },
            },
        };
        self.readings.insert(question, reading.clone());
        Ok(reading)
    }
}

/// The store's refusal of a row, as a reason not to have read it.
pub(crate) fn cannot_be_stored(error: &StoreError) -> NotRead {
    NotRead::CannotBeStored(error.to_string())
}
