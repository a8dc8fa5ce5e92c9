//! Going on with an errand: reading reports that are at hand, and wanting the next that is not.

use chrono::{DateTime, Utc};

use crate::domain::{CorpCode, FiscalYear, Outcome, Ticker};
use crate::resolve::ResolveError;
use crate::resolve::planner::{MissingYear, PlannedReport};
use crate::resolve::rows::{self, ReportKey, StoredResponse};
use crate::store::NewRow;

use super::ahead::{Ahead, PendingFetch, Priority};
use super::bench::{Blocked, BufferedSource, StepContext, StepError, StepOutcome};

/// What came of trying to settle steps.
enum Resolution {
    /// These years, by an answer given then.
    Settled(Vec<(FiscalYear, Outcome)>, DateTime<Utc>),
    Waits(ReportKey),
    Failed(StepError),
}

impl Ahead {
    /// Settles steps of a share as far as answers are at hand, and lets the rest wait.
    pub(super) fn pursue(
        &mut self,
        bench: &StepContext<'_>,
        ticker: Ticker,
        corp_code: CorpCode,
        mut left: Vec<(MissingYear, u64)>,
        turn: Priority,
    ) -> Result<(), ResolveError> {
        let mut exhausted = Vec::new();
        while let Some(choice) = self.choose(bench, corp_code, &left, &exhausted)? {
            let question = bench.about(corp_code, &choice);
            let tried = if self.open.contains(&question) {
                Resolution::Waits(question)
            } else {
                self.attempt(bench, ticker, question, &choice.years)?
            };
            let before = left.len();
            match tried {
                Resolution::Settled(outcomes, fetched_at) => {
                    let years: Vec<FiscalYear> = outcomes.iter().map(|(year, _)| *year).collect();
                    let outcome_of = |year| outcomes.iter().find(|(of, _)| *of == year);
                    self.conclude(&mut left, &years, |year| {
                        let outcome =
                            outcome_of(year).map_or(Outcome::NotStated, |(_, what)| *what);
                        bench.fate(outcome, fetched_at)
                    });
                }
                Resolution::Failed(problem) => {
                    let lost = bench.planner.own_years(&choice);
                    self.conclude(&mut left, &lost, |_| StepOutcome::Failed(problem.clone()));
                }
                Resolution::Waits(on) => {
                    let errand = PendingFetch {
                        ticker,
                        corp_code,
                        left,
                        choice,
                        on,
                    };
                    self.wait(errand, turn);
                    return Ok(());
                }
            }
            // A later report that states none of the years after all is not looked at again.
            if left.len() == before {
                exhausted.push(choice.source_year);
            }
        }
        Ok(())
    }

    /// Goes on with an errand whose answer came, or will not come.
    pub(super) fn go_on_with(
        &mut self,
        bench: &StepContext<'_>,
        errand: PendingFetch,
    ) -> Result<(), ResolveError> {
        let PendingFetch {
            ticker,
            corp_code,
            left,
            ..
        } = errand;
        self.pursue(bench, ticker, corp_code, left, Priority::First)
    }

    /// The report to be read next.
    fn choose(
        &self,
        bench: &StepContext<'_>,
        corp_code: CorpCode,
        left: &[(MissingYear, u64)],
        exhausted: &[FiscalYear],
    ) -> Result<Option<PlannedReport>, ResolveError> {
        let missing: Vec<MissingYear> = left.iter().map(|(wanted, _)| *wanted).collect();
        let about = |choice: &PlannedReport| bench.about(corp_code, choice);
        let at_hand = |question, years: &[FiscalYear]| self.at_hand(bench, question, years);
        rows::choose(bench.planner, &missing, exhausted, about, at_hand)
    }

    /// An answer that came, or that is stored and good enough for these years.
    fn at_hand(
        &self,
        bench: &StepContext<'_>,
        question: ReportKey,
        years: &[FiscalYear],
    ) -> Result<Option<StoredResponse>, ResolveError> {
        if let Some(known) = self.arrived.get(&question) {
            return Ok(Some(known.clone()));
        }
        let asks_anew = years.iter().any(|year| bench.job.asks_anew(*year));
        let stored = rows::stored(bench.store, question, |fetched_at, expires_at| {
            bench.is_valid(fetched_at, expires_at)
        })?;
        Ok(stored.filter(|known| !asks_anew || bench.is_of_this_job(known.fetched_at)))
    }

    /// Settles years of a share from an answer that is at hand.
    fn attempt(
        &mut self,
        bench: &StepContext<'_>,
        ticker: Ticker,
        question: ReportKey,
        years: &[FiscalYear],
    ) -> Result<Resolution, ResolveError> {
        let Some(known) = self.at_hand(bench, question, years)? else {
            return Ok(Resolution::Waits(question));
        };
        let mut desk = BufferedSource {
            bench,
            arrived: &mut self.arrived,
            rows: Vec::new(),
        };
        let settled = rows::settle(&mut desk, ticker, question, &known, years, bench.now)?;
        let rows = desk.rows;
        for row in &rows {
            if let Err(error) = bench.store.check_row(row) {
                return Ok(Resolution::Failed(StepError::unreadable(error.to_string())));
            }
        }
        let settled = match settled {
            Ok(settled) => settled,
            Err(not_now) => {
                self.rows.extend(rows);
                return Ok(match not_now {
                    Blocked::Waits(on) => Resolution::Waits(on),
                    Blocked::Unreadable(why) => {
                        Resolution::Failed(StepError::unreadable(why.to_string()))
                    }
                });
            }
        };
        let outcome_of = |year: FiscalYear| {
            let is_it = |row: &&NewRow| {
                row.year.ticker == ticker
                    && row.year.fiscal_year == year
                    && row.year.reprt_code == question.reprt_code
            };
            let outcome = rows.iter().find(is_it).map(|row| row.year.outcome);
            (year, outcome.unwrap_or(Outcome::NotStated))
        };
        let outcomes = settled.into_iter().map(outcome_of).collect();
        self.rows.extend(rows);
        if let Some(known) = self.arrived.get_mut(&question) {
            // A sibling's row is found by this one's payload.
            known.is_new = false;
        }
        Ok(Resolution::Settled(outcomes, known.fetched_at))
    }
}
