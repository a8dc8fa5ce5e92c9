//! The steps ahead of the cursor: which are settled, and which wait for an answer.
//!
//! Steps are taken in in order, those that are planned together at once. One that is cached, or
//! whose answer is stored, is settled at once. The others of a share are an [`PendingFetch`]: it waits for
//! one answer at a time, and each answer settles years of every errand that waits for it.

use std::collections::{HashMap, HashSet, VecDeque};

use crate::domain::job::{FailureKind, Plan};
use crate::domain::{CorpCode, FiscalYear, Ticker};
use crate::opendart::Answer;
use crate::resolve::ResolveError;
use crate::resolve::planner::{MissingYear, PlannedReport};
use crate::resolve::rows::{ReportKey, StoredResponse};
use crate::store::NewRow;

use super::bench::{StepContext, StepError, StepOutcome};
use super::view::View;

/// Answers that may be waited for at one time, and so many steps for each of their years. Apart from
/// the calls in flight, so that one slow answer does not hold up the rest.
const MOST_WAITING: usize = 64;

/// Steps taken in at most: so many cached ones are passed over at once.
const MOST_STEPS: usize = 4096;

/// A step taken in.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) ticker: Ticker,
    pub(super) year: FiscalYear,
    /// `None` while it waits for an answer.
    pub(super) fate: Option<StepOutcome>,
}

/// Steps of one share that wait for answers.
#[derive(Debug)]
pub(super) struct PendingFetch {
    pub(super) ticker: Ticker,
    pub(super) corp_code: CorpCode,
    /// The years, and the places of their steps.
    pub(super) left: Vec<(MissingYear, u64)>,
    /// The report that is read next.
    pub(super) choice: PlannedReport,
    /// The answer that is needed for that: the report's own, or, where an interim report has to be
    /// vouched for, another.
    pub(super) on: ReportKey,
}

/// When an answer is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Priority {
    /// Before others: its share has been begun, and is nearer the cursor than most.
    First,
    /// After those that are wanted already.
    Last,
}

/// The steps ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    pub(super) steps: VecDeque<Step>,
    /// Rows learnt and not stored yet.
    pub(super) rows: Vec<NewRow>,
    /// The place of the first step: each has its own, counted from the first ever taken in.
    first: u64,
    waiting: usize,
    errands: Vec<PendingFetch>,
    /// Answers to be asked for, in order.
    wanted: VecDeque<ReportKey>,
    /// Those, and those in flight.
    pub(super) open: HashSet<ReportKey>,
    /// Answers that came, while an errand still needs them or their rows are not stored.
    pub(super) arrived: HashMap<ReportKey, StoredResponse>,
    pub(super) view: Option<View>,
}

impl Ahead {
    /// Whether further steps may be taken in.
    pub(super) fn has_room(&self, plan: Plan) -> bool {
        let steps_an_answer = match plan {
            Plan::Own => 1,
            Plan::Window => 3,
        };
        self.waiting < MOST_WAITING * steps_an_answer
            && self.open.len() < MOST_WAITING
            && self.steps.len() < MOST_STEPS
    }

    /// Takes steps of a share in that are planned together. `false`, and none is, where the list of
    /// companies has to be fetched first.
    pub(super) fn take_in(
        &mut self,
        bench: &StepContext<'_>,
        ticker: Ticker,
        years: &[FiscalYear],
    ) -> Result<bool, ResolveError> {
        let mut known = Vec::with_capacity(years.len());
        for year in years {
            known.push(self.known_fate(bench, ticker, *year)?);
        }
        let mut corp_code = None;
        if known.iter().any(Result::is_err) {
            corp_code = self.corp_code(bench, ticker)?;
            if corp_code.is_none() && !bench.list_is_new {
                return Ok(false);
            }
        }
        let mut left = Vec::new();
        for (year, known) in years.iter().copied().zip(known) {
            let fate = match known {
                Ok(fate) => Some(fate),
                Err(_) if corp_code.is_none() => {
                    Some(StepOutcome::Failed(StepError::unknown(ticker)))
                }
                Err(wanted) => {
                    left.push((wanted, self.first + self.steps.len() as u64));
                    self.waiting += 1;
                    None
                }
            };
            self.steps.push_back(Step { ticker, year, fate });
        }
        if let Some(corp_code) = corp_code {
            self.pursue(bench, ticker, corp_code, left, Priority::Last)?;
        }
        Ok(true)
    }

    /// The step at the front, if it is settled.
    pub(super) fn pop_settled(&mut self) -> Option<(Step, StepOutcome)> {
        let fate = self.steps.front()?.fate.clone()?;
        let step = self.steps.pop_front()?;
        self.first += 1;
        Some((step, fate))
    }

    /// Settles some of the steps that are left.
    pub(super) fn conclude(
        &mut self,
        left: &mut Vec<(MissingYear, u64)>,
        years: &[FiscalYear],
        fate: impl Fn(FiscalYear) -> StepOutcome,
    ) {
        left.retain(|(MissingYear { year, .. }, place)| {
            if !years.contains(year) {
                return true;
            }
            let at = usize::try_from(place - self.first).unwrap_or(usize::MAX);
            if let Some(step) = self.steps.get_mut(at) {
                step.fate = Some(fate(*year));
                self.waiting -= 1;
            }
            false
        });
    }

    /// Lets an errand wait for an answer.
    pub(super) fn wait(&mut self, errand: PendingFetch, turn: Priority) {
        if self.open.insert(errand.on) {
            match turn {
                Priority::First => self.wanted.push_front(errand.on),
                Priority::Last => self.wanted.push_back(errand.on),
            }
        }
        self.errands.push(errand);
    }

    /// The next answer to be asked for.
    pub(super) fn next_wanted(&mut self) -> Option<ReportKey> {
        self.wanted.pop_front()
    }

    /// Puts an answer back that could not be asked for now.
    pub(super) fn put_back(&mut self, question: ReportKey) {
        self.wanted.push_front(question);
    }

    /// An answer came: goes on with the errands that waited for it.
    pub(super) fn answered(
        &mut self,
        bench: &StepContext<'_>,
        question: ReportKey,
        answer: Answer,
    ) -> Result<(), ResolveError> {
        self.open.remove(&question);
        let known = StoredResponse {
            answer,
            // A clock that was set back must not make it look older than the job.
            fetched_at: bench.now.max(bench.started_at),
            is_new: true,
        };
        self.arrived.insert(question, known);
        for errand in self.take_errands(question) {
            self.go_on_with(bench, errand)?;
        }
        Ok(())
    }

    /// An answer could not be had: steps that waited for it have failed.
    pub(super) fn failed(
        &mut self,
        bench: &StepContext<'_>,
        question: ReportKey,
        problem: &StepError,
    ) -> Result<(), ResolveError> {
        self.open.remove(&question);
        for mut errand in self.take_errands(question) {
            // Where no answer comes, none would come about the year before. One that is odd is its
            // own years' trouble.
            let lost = match problem.kind {
                FailureKind::SourceDown => errand.choice.years.clone(),
                FailureKind::UnknownTicker | FailureKind::Refused | FailureKind::Unreadable => {
                    bench.planner.own_years(&errand.choice)
                }
            };
            self.conclude(&mut errand.left, &lost, |_| {
                StepOutcome::Failed(problem.clone())
            });
            self.go_on_with(bench, errand)?;
        }
        Ok(())
    }

    fn take_errands(&mut self, question: ReportKey) -> Vec<PendingFetch> {
        let errands = std::mem::take(&mut self.errands);
        let (waited, others) = errands
            .into_iter()
            .partition(|errand| errand.on == question);
        self.errands = others;
        waited
    }

    /// A call was ended before it had an answer: it is wanted again.
    pub(super) fn ended(&mut self, question: ReportKey) {
        self.wanted.push_back(question);
    }

    /// The rows are stored: answers are found with them from now on.
    pub(super) fn stored(&mut self) {
        self.rows.clear();
        let Self {
            errands, arrived, ..
        } = self;
        arrived.retain(|question, _| {
            errands.iter().any(|errand| {
                errand.corp_code == question.corp_code
                    && errand.choice.source_year == question.source_year
            })
        });
    }

    /// The list of companies is another one now.
    pub(super) fn forget_companies(&mut self) {
        self.view = None;
    }
}
