//! What is known of a share before anything is asked.

use crate::domain::job::Job;
use crate::domain::{CorpCode, FiscalYear, Ticker};
use crate::resolve::planner::MissingYear;
use crate::resolve::{ResolveError, reparse_outdated};
use crate::store::KnownYear;

use super::ahead::Ahead;
use super::bench::{StepContext, StepOutcome};

/// One share's cached years and its issuer.
#[derive(Debug)]
pub(super) struct View {
    ticker: Ticker,
    years: Vec<KnownYear>,
    corp_code: Option<CorpCode>,
}

impl Ahead {
    /// What comes of a step whose year is cached; or the year, where it has to be read.
    pub(super) fn known_fate(
        &mut self,
        bench: &StepContext<'_>,
        ticker: Ticker,
        year: FiscalYear,
    ) -> Result<Result<StepOutcome, MissingYear>, ResolveError> {
        let years = &self.view(bench, ticker)?.years;
        let known = years
            .iter()
            .find(|known| known.fiscal_year == year)
            .copied();
        let wanted = bench.wanted(year, known.as_ref());
        Ok(known
            .filter(|known| bench.is_enough(known))
            .map(|known| bench.fate(known.outcome, known.fetched_at))
            .ok_or(wanted))
    }

    fn view(&mut self, bench: &StepContext<'_>, ticker: Ticker) -> Result<&View, ResolveError> {
        let view = match self.view.take() {
            Some(view) if view.ticker == ticker => view,
            _ => {
                let Job {
                    start_year,
                    end_year,
                    reprt_code,
                    ..
                } = *bench.job;
                // Before anything is judged: what is read anew may have expired.
                reparse_outdated(bench.store, [ticker], bench.now)?;
                View {
                    ticker,
                    years: bench
                        .store
                        .known_years(ticker, start_year, end_year, reprt_code)?,
                    corp_code: None,
                }
            }
        };
        Ok(self.view.insert(view))
    }

    /// The issuer: from the list of companies, or, where that no longer knows it, from a row.
    pub(super) fn corp_code(
        &mut self,
        bench: &StepContext<'_>,
        ticker: Ticker,
    ) -> Result<Option<CorpCode>, ResolveError> {
        if let Some(found) = self.view(bench, ticker)?.corp_code {
            return Ok(Some(found));
        }
        let found = match bench.store.company(ticker)? {
            Some(company) => Some(company.corp_code),
            None => {
                let Job {
                    start_year,
                    end_year,
                    reprt_code,
                    ..
                } = *bench.job;
                let rows = bench.store.rows(ticker, start_year, end_year, reprt_code)?;
                rows.first().map(|row| row.year.corp_code)
            }
        };
        if let Some(view) = &mut self.view {
            view.corp_code = found;
        }
        Ok(found)
    }
}
