//! Queue of steps, finished or waiting for a response.
//!
//! Steps come in order, those that are planned together at once. One that is cached, or whose
//! response is stored, is settled at once. The others of a share are a [`PendingFetch`]: it waits
//! for one response at a time, and each response settles years of every one that waits for it.

use std::collections::{HashSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::domain::job::Plan;
use crate::domain::{CorpCode, FiscalYear, Outcome, Ticker};
use crate::opendart::Answer;
use crate::store::NewRow;

use super::at_hand::{Blocked, Responses};
use super::context::Context;
use super::planner::{MissingYear, PlannedReport};
use super::response::{ReportKey, StoredResponse};
use super::step::{Step, StepError, StepOutcome};
use super::{ResolveError, rows};

/// Responses that may be waited for at a time. Apart from the calls in flight, so that one slow
/// response does not hold up the rest.
const MOST_WAITING: usize = 64;

/// Steps in the queue at most: so many cached ones are passed over at once.
const MOST_STEPS: usize = 4096;

/// Years with their outcomes, and when the response was given.
type ReadYears = (Vec<(FiscalYear, Outcome)>, DateTime<Utc>);

/// Steps of one share that wait for responses.
#[derive(Debug)]
struct PendingFetch {
    ticker: Ticker,
    corp_code: CorpCode,
    /// The years, and the places of their steps; never empty.
    left: Vec<(MissingYear, u64)>,
    /// The report that is read next.
    planned: PlannedReport,
    /// The response that is needed for that: the report's own, or, where an interim report has to
    /// be compared with an annual one, that.
    on: ReportKey,
}

impl PendingFetch {
    /// The place of its first step.
    fn place(&self) -> u64 {
        let places = self.left.iter().map(|(_, place)| *place);
        places.min().unwrap_or(u64::MAX)
    }
}

/// Steps in order, and what they wait for.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    steps: VecDeque<(Step, Option<StepOutcome>)>,
    /// The place of the first step: each has its own, counted from the first ever queued.
    first: u64,
    waiting: usize,
    pending: Vec<PendingFetch>,
    in_flight: HashSet<ReportKey>,
    pub(crate) responses: Responses,
}

impl Queue {
    /// Whether further steps may be queued.
    pub(crate) fn has_room(&self, plan: Plan) -> bool {
        let steps_a_response = match plan {
            Plan::Own => 1,
            Plan::Window => 3,
        };
        self.waiting < MOST_WAITING * steps_a_response
            && self.pending.len() < MOST_WAITING
            && self.steps.len() < MOST_STEPS
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.steps.is_empty()
    }

    /// Whether the first step is settled.
    pub(crate) fn is_ready(&self) -> bool {
        matches!(self.steps.front(), Some((_, Some(_))))
    }

    /// Takes the first step, if it is settled.
    pub(crate) fn pop(&mut self) -> Option<(Step, StepOutcome)> {
        if !self.is_ready() {
            return None;
        }
        let (step, outcome) = self.steps.pop_front()?;
        self.first += 1;
        Some((step, outcome?))
    }

    /// Queues a settled step.
    pub(crate) fn push_settled(&mut self, step: Step, outcome: StepOutcome) {
        self.steps.push_back((step, Some(outcome)));
    }

    /// Queues a step that waits; its place.
    pub(crate) fn push_waiting(&mut self, step: Step) -> u64 {
        self.steps.push_back((step, None));
        self.waiting += 1;
        self.first + self.steps.len() as u64 - 1
    }

    /// Settles some of the steps that are left.
    fn settle(
        &mut self,
        left: &mut Vec<(MissingYear, u64)>,
        years: &[FiscalYear],
        outcome: impl Fn(FiscalYear) -> StepOutcome,
    ) {
        left.retain(|(MissingYear { year, .. }, place)| {
            if !years.contains(year) {
                return true;
            }
            let at = usize::try_from(place - self.first).unwrap_or(usize::MAX);
            if let Some((_, settled)) = self.steps.get_mut(at) {
                *settled = Some(outcome(*year));
                self.waiting -= 1;
            }
            false
        });
    }

    /// Settles steps of a share as far as responses are at hand, and lets the rest wait.
    pub(crate) fn resolve(
        &mut self,
        context: Context<'_>,
        ticker: Ticker,
        corp_code: CorpCode,
        mut left: Vec<(MissingYear, u64)>,
    ) -> Result<(), ResolveError> {
        let mut exhausted = Vec::new();
        loop {
            let missing: Vec<MissingYear> = left.iter().map(|(missing, _)| *missing).collect();
            let planned = self.next_report(context, corp_code, &missing, &exhausted)?;
            let Some(planned) = planned else {
                return Ok(());
            };
            let key = context.key(corp_code, &planned);
            let before = left.len();
            match self.read(context, ticker, key, &planned.years)? {
                Ok((outcomes, fetched_at)) => {
                    let years: Vec<FiscalYear> = outcomes.iter().map(|(year, _)| *year).collect();
                    let outcome_of = |year| {
                        let found = outcomes.iter().find(|(of, _)| *of == year);
                        found.map_or(Outcome::NotStated, |(_, outcome)| *outcome)
                    };
                    self.settle(&mut left, &years, |year| {
                        context.outcome(outcome_of(year), fetched_at)
                    });
                }
                Err(Blocked::Failed(error)) => {
                    let failed = context.planner().own_years(&planned);
                    self.settle(&mut left, &failed, |_| StepOutcome::Failed(error.clone()));
                }
                Err(Blocked::On(on)) => {
                    self.pending.push(PendingFetch {
                        ticker,
                        corp_code,
                        left,
                        planned,
                        on,
                    });
                    return Ok(());
                }
            }
            // A later report that states none of the years after all is not planned again.
            if left.len() == before {
                exhausted.push(planned.source_year);
            }
        }
    }

    /// The report to read next for what is missing: where the next one takes a call, a later one
    /// that is at hand and states other years too is read instead, unless it is `exhausted`.
    fn next_report(
        &self,
        context: Context<'_>,
        corp_code: CorpCode,
        missing: &[MissingYear],
        exhausted: &[FiscalYear],
    ) -> Result<Option<PlannedReport>, ResolveError> {
        let planner = context.planner();
        let Some(next) = planner.next(missing) else {
            return Ok(None);
        };
        let mut later = planner.later_reports(missing);
        later.retain(|source_year| !exhausted.contains(source_year));
        let is_at_hand = |planned: &PlannedReport| {
            self.responses
                .at_hand(context, context.key(corp_code, planned), &planned.years)
        };
        if later.is_empty() || is_at_hand(&next)?.is_some() {
            return Ok(Some(next));
        }
        for source_year in later {
            let planned = planner.choice(source_year, missing);
            let key = context.key(corp_code, &planned);
            if let Some(response) = is_at_hand(&planned)?
                && rows::speaks_for_other_years(&response, key)
            {
                return Ok(Some(planned));
            }
        }
        Ok(Some(next))
    }

    /// Reads years of a share from a response that is at hand.
    fn read(
        &mut self,
        context: Context<'_>,
        ticker: Ticker,
        key: ReportKey,
        years: &[FiscalYear],
    ) -> Result<Result<ReadYears, Blocked>, ResolveError> {
        let responses = &mut self.responses;
        let Some(response) = responses.at_hand(context, key, years)? else {
            return Ok(Err(Blocked::On(key)));
        };
        let stored_before = responses.rows.len();
        let settled = rows::apply_response(context, responses, ticker, key, &response, years)?;
        let settled = match settled {
            Ok(settled) => settled,
            Err(blocked) => return Ok(Err(blocked)),
        };
        let read = responses.rows.get(stored_before..).unwrap_or_default();
        let outcome_of = |year: FiscalYear| {
            let is_it = |row: &&NewRow| {
                row.year.ticker == ticker
                    && row.year.fiscal_year == year
                    && row.year.reprt_code == key.reprt_code
            };
            let outcome = read.iter().find(is_it).map(|row| row.year.outcome);
            (year, outcome.unwrap_or(Outcome::NotStated))
        };
        let outcomes = settled.into_iter().map(outcome_of).collect();
        if let Some(response) = responses.arrived.get_mut(&key) {
            // A sibling's row is found by this one's payload.
            response.is_new = false;
        }
        Ok(Ok((outcomes, response.fetched_at)))
    }

    /// Whether a step waits for a response that is not in flight.
    pub(crate) fn wants_calls(&self) -> bool {
        let is_free = |pending: &PendingFetch| !self.in_flight.contains(&pending.on);
        self.pending.iter().any(is_free)
    }

    /// The response to ask for next: the one that the first waiting step needs. It is in flight
    /// from now on.
    pub(crate) fn next_call(&mut self) -> Option<ReportKey> {
        let is_free = |pending: &&PendingFetch| !self.in_flight.contains(&pending.on);
        let first = self.pending.iter().filter(is_free);
        let key = first.min_by_key(|pending| pending.place())?.on;
        self.in_flight.insert(key);
        Some(key)
    }

    /// A response came: goes on with the steps that waited for it.
    pub(crate) fn answered(
        &mut self,
        context: Context<'_>,
        key: ReportKey,
        answer: Answer,
    ) -> Result<(), ResolveError> {
        let response = StoredResponse {
            answer,
            // A clock that was set back must not make it look older than the run.
            fetched_at: context.now.max(context.policy.since),
            is_new: true,
        };
        self.responses.arrived.insert(key, response);
        for pending in self.take_pending(key) {
            self.resolve(context, pending.ticker, pending.corp_code, pending.left)?;
        }
        Ok(())
    }

    /// A response could not be had: steps that waited for it have failed.
    pub(crate) fn failed(
        &mut self,
        context: Context<'_>,
        key: ReportKey,
        error: &StepError,
    ) -> Result<(), ResolveError> {
        for mut pending in self.take_pending(key) {
            // Where no response comes, none would come about the year before. An odd one is its own
            // years' trouble.
            let failed = if error.is_outage() {
                pending.planned.years.clone()
            } else {
                context.planner().own_years(&pending.planned)
            };
            self.settle(&mut pending.left, &failed, |_| {
                StepOutcome::Failed(error.clone())
            });
            self.resolve(context, pending.ticker, pending.corp_code, pending.left)?;
        }
        Ok(())
    }

    fn take_pending(&mut self, key: ReportKey) -> Vec<PendingFetch> {
        self.in_flight.remove(&key);
        let pending = std::mem::take(&mut self.pending);
        let (waited, others) = pending.into_iter().partition(|pending| pending.on == key);
        self.pending = others;
        waited
    }

    /// A call ended without a response: it is to be asked again.
    pub(crate) fn requeue(&mut self, key: ReportKey) {
        self.in_flight.remove(&key);
    }

    /// The rows are stored: responses are found with them from now on.
    pub(crate) fn rows_stored(&mut self) {
        self.responses.rows.clear();
        let pending = &self.pending;
        self.responses.arrived.retain(|key, _| {
            pending.iter().any(|pending| {
                pending.corp_code == key.corp_code && pending.planned.source_year == key.source_year
            })
        });
    }
}
