//! The steps ahead of the cursor: which are settled, and which wait for an answer.
//!
//! Steps are taken in in order. One that is cached, or whose answer is stored, is settled at once;
//! another waits for the call that answers it, together with every other step of that answer.

use std::collections::{HashMap, HashSet, VecDeque};

use chrono::{DateTime, Utc};

use crate::domain::job::Job;
use crate::domain::{CorpCode, FiscalYear, Outcome, Ticker};
use crate::opendart::Answer;
use crate::series::SeriesError;
use crate::series::answer::{self, Known, Question, own_report};
use crate::store::{KnownYear, NewRow, StoreError};

use super::bench::{AtHand, Bench, Fate, NotNow, Problem, is_outdated};

/// Steps that may wait for an answer at one time. Apart from the calls in flight, so that one slow
/// answer does not hold up the rest.
pub(super) const MOST_WAITING: usize = 64;

/// Steps taken in at most: so many cached ones are passed over at once.
const MOST_STEPS: usize = 4096;

/// A step taken in.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) ticker: Ticker,
    pub(super) year: FiscalYear,
    state: State,
}

#[derive(Debug)]
enum State {
    Settled(Fate),
    /// `own` answers it; `on` is needed first, which is another answer where an interim report has
    /// to be vouched for.
    Waiting {
        own: Question,
        on: Question,
    },
}

impl Step {
    pub(super) fn fate(&self) -> Option<&Fate> {
        match &self.state {
            State::Settled(fate) => Some(fate),
            State::Waiting { .. } => None,
        }
    }
}

/// The steps ahead.
#[derive(Debug, Default)]
pub(super) struct Ahead {
    pub(super) steps: VecDeque<Step>,
    /// Rows learnt and not stored yet.
    pub(super) rows: Vec<NewRow>,
    waiting: usize,
    /// Answers to be asked for, in order.
    wanted: VecDeque<Question>,
    /// Those, and those in flight.
    open: HashSet<Question>,
    /// Answers that came, while a step still needs them.
    arrived: HashMap<Question, Known>,
    view: Option<View>,
}

/// What is known of one share.
#[derive(Debug)]
struct View {
    ticker: Ticker,
    years: Vec<KnownYear>,
    corp_code: Option<CorpCode>,
}

/// What came of trying to settle steps.
enum Tried {
    Settled(Vec<(FiscalYear, Outcome)>, DateTime<Utc>),
    Waits(Question),
    Failed(Problem),
}

impl Ahead {
    /// Whether another step may be taken in.
    pub(super) fn has_room(&self) -> bool {
        self.waiting < MOST_WAITING && self.steps.len() < MOST_STEPS
    }

    /// Takes a step in. `false`, and it is not taken in, where the list of companies has to be
    /// fetched first.
    pub(super) fn take_in(
        &mut self,
        bench: &Bench<'_>,
        ticker: Ticker,
        year: FiscalYear,
    ) -> Result<bool, SeriesError> {
        let known = self.view(bench, ticker)?.known(year);
        if let Some(known) = known {
            let is_enough = bench.is_of_this_job(known.fetched_at)
                || (!bench.job.asks_anew(year)
                    && bench.is_valid(known.fetched_at, known.expires_at));
            // Read by an older parser, it is enough only if it can be read anew.
            if is_enough && (!is_outdated(&known) || self.derive_again(bench, ticker, year)?) {
                let fate = bench.fate(known.outcome, known.fetched_at);
                self.push(ticker, year, State::Settled(fate));
                return Ok(true);
            }
        }
        let Some(corp_code) = self.corp_code(bench, ticker)? else {
            if !bench.list_is_new {
                return Ok(false);
            }
            self.push(
                ticker,
                year,
                State::Settled(Fate::Failed(Problem::unknown(ticker))),
            );
            return Ok(true);
        };
        let own = Question {
            corp_code,
            source_year: own_report(year, bench.job.reprt_code),
            reprt_code: bench.job.reprt_code,
        };
        let state = if self.open.contains(&own) {
            State::Waiting { own, on: own }
        } else {
            match self.attempt(bench, ticker, own, &[year])? {
                Tried::Settled(outcomes, fetched_at) => {
                    State::Settled(bench.fate(outcome_of(&outcomes, year), fetched_at))
                }
                Tried::Waits(on) => State::Waiting { own, on },
                Tried::Failed(problem) => State::Settled(Fate::Failed(problem)),
            }
        };
        self.push(ticker, year, state);
        Ok(true)
    }

    fn push(&mut self, ticker: Ticker, year: FiscalYear, state: State) {
        if let State::Waiting { on, .. } = &state {
            self.waiting += 1;
            self.want(*on);
        }
        self.steps.push_back(Step {
            ticker,
            year,
            state,
        });
    }

    fn want(&mut self, question: Question) {
        if self.open.insert(question) {
            self.wanted.push_back(question);
        }
    }

    /// The next answer to be asked for.
    pub(super) fn next_wanted(&mut self) -> Option<Question> {
        self.wanted.pop_front()
    }

    /// Puts an answer back that could not be asked for now.
    pub(super) fn put_back(&mut self, question: Question) {
        self.wanted.push_front(question);
    }

    /// An answer came: settles the steps that waited for it.
    pub(super) fn answered(
        &mut self,
        bench: &Bench<'_>,
        question: Question,
        answer: Answer,
    ) -> Result<(), SeriesError> {
        self.open.remove(&question);
        let known = Known {
            answer,
            // A clock that was set back must not make it look older than the job.
            fetched_at: bench.now.max(bench.started_at),
            is_new: true,
        };
        self.arrived.insert(question, known);
        for (ticker, own, years) in self.who_waits_for(question) {
            let tried = self.attempt(bench, ticker, own, &years)?;
            if let Tried::Waits(on) = &tried {
                self.want(*on);
            }
            self.conclude(ticker, own, |year| match &tried {
                Tried::Settled(outcomes, fetched_at) => Some(State::Settled(
                    bench.fate(outcome_of(outcomes, year), *fetched_at),
                )),
                Tried::Failed(problem) => Some(State::Settled(Fate::Failed(problem.clone()))),
                Tried::Waits(on) => Some(State::Waiting { own, on: *on }),
            });
        }
        self.forget_what_nobody_needs();
        Ok(())
    }

    /// An answer could not be had: the steps that waited for it have failed.
    pub(super) fn failed(&mut self, question: Question, problem: &Problem) {
        self.open.remove(&question);
        for (ticker, own, _) in self.who_waits_for(question) {
            self.conclude(ticker, own, |_| {
                Some(State::Settled(Fate::Failed(problem.clone())))
            });
        }
        self.forget_what_nobody_needs();
    }

    /// A call was ended before it had an answer: it is wanted again.
    pub(super) fn ended(&mut self, question: Question) {
        self.wanted.push_back(question);
    }

    /// The list of companies is another one now.
    pub(super) fn forget_companies(&mut self) {
        self.view = None;
    }

    fn who_waits_for(&self, question: Question) -> Vec<(Ticker, Question, Vec<FiscalYear>)> {
        let mut waiting: Vec<(Ticker, Question, Vec<FiscalYear>)> = Vec::new();
        for step in &self.steps {
            let State::Waiting { own, on } = &step.state else {
                continue;
            };
            if *on != question {
                continue;
            }
            match waiting.last_mut() {
                Some((ticker, of, years)) if *ticker == step.ticker && of == own => {
                    years.push(step.year);
                }
                _ => waiting.push((step.ticker, *own, vec![step.year])),
            }
        }
        waiting
    }

    fn conclude(
        &mut self,
        ticker: Ticker,
        question: Question,
        state: impl Fn(FiscalYear) -> Option<State>,
    ) {
        for step in &mut self.steps {
            let is_it = matches!(&step.state, State::Waiting { own, .. } if *own == question);
            if is_it
                && step.ticker == ticker
                && let Some(state) = state(step.year)
            {
                self.waiting -= usize::from(matches!(state, State::Settled(_)));
                step.state = state;
            }
        }
    }

    fn forget_what_nobody_needs(&mut self) {
        let needed: HashSet<Question> = self
            .steps
            .iter()
            .filter_map(|step| match &step.state {
                State::Waiting { own, .. } => Some(*own),
                State::Settled(_) => None,
            })
            .collect();
        self.arrived.retain(|question, _| needed.contains(question));
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
    fn corp_code(
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

    /// Settles years of a share from an answer that is at hand.
    fn attempt(
        &mut self,
        bench: &Bench<'_>,
        ticker: Ticker,
        question: Question,
        years: &[FiscalYear],
    ) -> Result<Tried, SeriesError> {
        let known = match self.arrived.get(&question) {
            Some(known) => known.clone(),
            None => {
                let asks_anew = years.iter().any(|year| bench.job.asks_anew(*year));
                let stored = answer::stored(bench.store, question, |fetched_at, expires_at| {
                    bench.is_valid(fetched_at, expires_at)
                })?;
                match stored {
                    Some(known) if !asks_anew || bench.is_of_this_job(known.fetched_at) => known,
                    _ => return Ok(Tried::Waits(question)),
                }
            }
        };
        let mut desk = AtHand {
            bench,
            arrived: &mut self.arrived,
            rows: Vec::new(),
        };
        let settled = answer::settle(&mut desk, ticker, question, &known, years, bench.now)?;
        let rows = desk.rows;
        for row in &rows {
            if let Err(error) = bench.store.check_row(row) {
                return Ok(Tried::Failed(Problem::unreadable(error.to_string())));
            }
        }
        let outcome = |row: &NewRow| (row.year.fiscal_year, row.year.outcome);
        let outcomes = rows
            .iter()
            .filter(|row| row.year.reprt_code == question.reprt_code)
            .map(outcome)
            .collect();
        self.rows.extend(rows);
        Ok(match settled {
            Ok(()) => {
                if let Some(known) = self.arrived.get_mut(&question) {
                    // A sibling's row is found by this one's payload.
                    known.is_new = false;
                }
                Tried::Settled(outcomes, known.fetched_at)
            }
            Err(NotNow::Waits(on)) => Tried::Waits(on),
            Err(NotNow::Unreadable(why)) => Tried::Failed(Problem::unreadable(why.to_string())),
        })
    }

    /// Reads a stored answer with today's parser; whether it is kept and could be read.
    fn derive_again(
        &mut self,
        bench: &Bench<'_>,
        ticker: Ticker,
        year: FiscalYear,
    ) -> Result<bool, SeriesError> {
        let Some(corp_code) = self.corp_code(bench, ticker)? else {
            return Ok(false);
        };
        let own = Question {
            corp_code,
            source_year: own_report(year, bench.job.reprt_code),
            reprt_code: bench.job.reprt_code,
        };
        let Some(known) = answer::stored(bench.store, own, |_, _| true)? else {
            return Ok(false);
        };
        let mut desk = AtHand {
            bench,
            arrived: &mut self.arrived,
            rows: Vec::new(),
        };
        let settled = answer::settle(&mut desk, ticker, own, &known, &[year], bench.now)?;
        let rows = desk.rows;
        // What today's parser refuses, or cannot compare without a call, stays outdated.
        let is_anew = settled.is_ok() && rows.iter().all(|row| bench.store.check_row(row).is_ok());
        if is_anew {
            self.rows.extend(rows);
        }
        Ok(is_anew)
    }
}

impl View {
    fn known(&self, year: FiscalYear) -> Option<KnownYear> {
        self.years
            .iter()
            .find(|known| known.fiscal_year == year)
            .copied()
    }
}

fn outcome_of(outcomes: &[(FiscalYear, Outcome)], year: FiscalYear) -> Outcome {
    outcomes
        .iter()
        .find(|(of, _)| *of == year)
        .map_or(Outcome::NotStated, |(_, outcome)| *outcome)
}
