//! Notices that the source is down, or does not mean us: calls in a row that bring no verdict.
//!
//! A verdict is an answer, a 013, or an answer of OpenDART's that breaks off. Everything else may say nothing about the step it was asked
//! for: broken connections, HTTP errors, web pages and empty bodies, and statuses that no step can
//! cause. So such failures are held until a verdict shows that the source works; only then have
//! their steps failed. Where none comes, they are asked again another day.

use crate::domain::CorpCode;
use crate::fetch::FetchError;
use crate::opendart::{Error, UnexpectedBody};

use super::response::ReportKey;
use super::stop::Stop;

/// So many calls without a verdict, or so many attempts, are an outage: with eight calls in flight
/// that are tried three times each, it costs 60 attempts at most.
const MOST_CALLS: usize = 20;
const MOST_ATTEMPTS: u32 = 36;

/// Over so many companies, unless there was no verdict at all: one company's answers may be broken.
const FEWEST_COMPANIES: usize = 3;

/// Whether a failure is about its own step: OpenDART answered, and the answer breaks off.
pub(crate) fn is_verdict(error: &FetchError) -> bool {
    let (FetchError::SourceDown { last, .. } | FetchError::Failed(last)) = error else {
        return false;
    };
    matches!(
        last,
        Error::NotDart {
            found: UnexpectedBody::TruncatedJson
        }
    )
}

/// Calls in a row that brought no verdict.
#[derive(Debug, Default)]
pub(crate) struct OutageDetector {
    held: Vec<(ReportKey, FetchError)>,
    attempts: u32,
    companies: Vec<CorpCode>,
    has_verdict: bool,
}

impl OutageDetector {
    /// A call brought a verdict: the failures held so far are their steps' own.
    pub(crate) fn verdict(&mut self) -> Vec<(ReportKey, FetchError)> {
        self.has_verdict = true;
        self.release()
    }

    /// Takes the failures that are held.
    pub(crate) fn release(&mut self) -> Vec<(ReportKey, FetchError)> {
        self.attempts = 0;
        self.companies.clear();
        std::mem::take(&mut self.held)
    }

    /// Holds the failure of a call that brought no verdict.
    pub(crate) fn hold(&mut self, key: ReportKey, error: FetchError) {
        self.attempts += match error {
            FetchError::SourceDown { attempts, .. } => attempts,
            _ => 1,
        };
        if !self.companies.contains(&key.corp_code) {
            self.companies.push(key.corp_code);
        }
        self.held.push((key, error));
    }

    /// Why no further calls should be made, if the source is down.
    pub(crate) fn outage(&self) -> Option<Stop> {
        let are_many = self.held.len() >= MOST_CALLS || self.attempts >= MOST_ATTEMPTS;
        let is_broad = self.companies.len() >= FEWEST_COMPANIES || !self.has_verdict;
        (are_many && is_broad).then(|| self.stop()).flatten()
    }

    /// The same, where nothing else is left to ask.
    pub(crate) fn stop(&self) -> Option<Stop> {
        let (_, last) = self.held.last()?;
        Some(Stop::source_down(&last.to_string()))
    }

    pub(crate) fn has_verdict(&self) -> bool {
        self.has_verdict
    }

    pub(crate) fn is_holding(&self) -> bool {
        !self.held.is_empty()
    }
}
