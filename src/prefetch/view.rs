//! What is known of a share before anything is asked.

use crate::domain::job::Job;
use crate::domain::{CorpCode, FiscalYear, Ticker};
use crate::series::SeriesError;
use crate::series::answer::{self, Question};
use crate::series::plan::Wanted;
use crate::store::{KnownYear, StoreError};

use super::ahead::Ahead;
use super::bench::{AtHand, Bench, Fate};

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
        bench: &Bench<'_>,
        ticker: Ticker,
        year: FiscalYear,
    ) -> Result<Result<Fate, Wanted>, SeriesError> {
        let years = &self.view(bench, ticker)?.years;
        let known = years
            .iter()
            .find(|known| known.fiscal_year == year)
            .copied();
        let wanted = bench.wanted(year, known.as_ref());
        let Some(known) = known.filter(|known| bench.is_enough(known)) else {
            return Ok(Err(wanted));
        };
        let is_outdated = answer::is_outdated(known.parser_version, known.outcome);
        // Read by an older parser, it is enough only if it can be read anew.
        if is_outdated && !self.derive_again(bench, ticker, &known)? {
            return Ok(Err(wanted));
        }
        Ok(Ok(bench.fate(known.outcome, known.fetched_at)))
    }

    fn view(&mut self, bench: &Bench<'_>, ticker: Ticker) -> Result<&View, StoreError> {
        let view = match self.view.take() {
            Some(view) if view.ticker == ticker => view,
            _ => {
                let Job {
                    start_year,
                    end_year,
                    reprt_code,
                    ..
                } = *bench.job;
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
        bench: &Bench<'_>,
        ticker: Ticker,
    ) -> Result<Option<CorpCode>, StoreError> {
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

    /// Reads a stored answer with today's parser; whether it is kept and could be read.
    fn derive_again(
        &mut self,
        bench: &Bench<'_>,
        ticker: Ticker,
        known: &KnownYear,
    ) -> Result<bool, SeriesError> {
        let Some(corp_code) = self.corp_code(bench, ticker)? else {
            return Ok(false);
        };
        let question = Question {
            corp_code,
            source_year: known.source_year,
            reprt_code: bench.job.reprt_code,
        };
        let Some(answer) = answer::stored(bench.store, question, |_, _| true)? else {
            return Ok(false);
        };
        let mut desk = AtHand {
            bench,
            arrived: &mut self.arrived,
            rows: Vec::new(),
        };
        let years = [known.fiscal_year];
        let settled = answer::settle(&mut desk, ticker, question, &answer, &years, bench.now)?;
        let rows = desk.rows;
        // What today's parser refuses, or cannot compare without a call, stays outdated.
        let is_anew = settled.is_ok_and(|settled| settled == years)
            && rows.iter().all(|row| bench.store.check_row(row).is_ok());
        if is_anew {
            self.rows.extend(rows);
        }
        Ok(is_anew)
    }
}
