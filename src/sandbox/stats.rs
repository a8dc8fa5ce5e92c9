//! What the sandbox was asked and what it answered: the evidence tests and scripts go by.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::Duration;

use serde_json::{Value, json};

use super::question::{AnswerId, Question};

const MINUTE: Duration = Duration::from_secs(60);

/// How often one answer was asked for, and how often it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Requests for it.
    pub asked: u64,
    /// Of those, answered 000 or 013 without a fault.
    pub answered: u64,
}

/// What a sandbox has seen since it started. `/_stats` gives the same as JSON and is not counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Requests.
    pub total: u64,
    /// Connections accepted.
    pub connections: u64,
    /// Requests by path; unknown ones as `other`.
    pub by_path: BTreeMap<String, u64>,
    /// Answers by OpenDART's status (`000`, `013`, …); a fault or a block stands here by its name.
    pub by_status: BTreeMap<String, u64>,
    /// Faults served, by name.
    pub faults: BTreeMap<String, u64>,
    /// How often each answer of alotMatter was asked for.
    pub answers: BTreeMap<AnswerId, Times>,
    /// The most requests in any sixty seconds.
    pub largest_minute: u64,
    /// Requests being answered now.
    pub in_flight: u64,
    /// The most requests being answered at one time.
    pub max_in_flight: u64,
    /// Requests dropped because too many came within a minute.
    pub blocked: u64,
}

impl Stats {
    /// The most often any one answer was asked for.
    #[must_use]
    pub fn most_asked(&self) -> u64 {
        self.answers
            .values()
            .map(|times| times.asked)
            .max()
            .unwrap_or(0)
    }

    /// The answers asked for more than once.
    pub fn asked_again(&self) -> impl Iterator<Item = (AnswerId, Times)> + '_ {
        self.answers
            .iter()
            .filter(|(_, times)| times.asked > 1)
            .map(|(id, times)| (*id, *times))
    }

    pub(super) fn to_json(&self) -> Value {
        let again: Vec<Value> = self
            .asked_again()
            .map(|(id, times)| {
                json!({
                    "corp_code": id.corp_code.as_str(),
                    "bsns_year": format!("{:04}", id.bsns_year),
                    "reprt_code": id.reprt_code.code(),
                    "asked": times.asked,
                    "answered": times.answered,
                })
            })
            .collect();
        json!({
            "total": self.total,
            "connections": self.connections,
            "by_path": self.by_path,
            "by_status": self.by_status,
            "faults": self.faults,
            "distinct_answers": self.answers.len(),
            "most_asked": self.most_asked(),
            "asked_more_than_once": again,
            "largest_minute": self.largest_minute,
            "in_flight": self.in_flight,
            "max_in_flight": self.max_in_flight,
            "blocked": self.blocked,
        })
    }
}

/// The book in which requests are entered. Times are given, as the span since the server started.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    counts: Stats,
    answers: HashMap<AnswerId, Times>,
    last_minute: VecDeque<Duration>,
}

impl Ledger {
    pub(super) fn connection(&mut self) {
        self.counts.connections += 1;
    }

    /// Enters a request and gives its number, from 1.
    pub(super) fn asked(&mut self, question: &Question, now: Duration) -> u64 {
        let counts = &mut self.counts;
        counts.total += 1;
        counts.in_flight += 1;
        counts.max_in_flight = counts.max_in_flight.max(counts.in_flight);
        let path = match question {
            // A path nobody knows may hold anything, a misplaced key too.
            Question::UnknownPath { .. } => "other",
            known => known.path(),
        };
        count(&mut counts.by_path, path);
        if let Question::AlotMatter(id) = question {
            self.answers.entry(*id).or_default().asked += 1;
        }
        while self
            .last_minute
            .front()
            .is_some_and(|then| *then + MINUTE <= now)
        {
            self.last_minute.pop_front();
        }
        self.last_minute.push_back(now);
        counts.largest_minute = counts.largest_minute.max(self.last_minute.len() as u64);
        counts.total
    }

    /// Enters what is about to be answered, before it is on the wire.
    pub(super) fn answering(&mut self, question: &Question, status: &str, fault: Option<&str>) {
        count(&mut self.counts.by_status, fault.unwrap_or(status));
        if let Some(name) = fault {
            count(&mut self.counts.faults, name);
        } else if let Question::AlotMatter(id) = question
            && matches!(status, "000" | "013")
        {
            self.answers.entry(*id).or_default().answered += 1;
        }
    }

    pub(super) fn blocked(&mut self) {
        self.counts.blocked += 1;
        count(&mut self.counts.by_status, "blocked");
    }

    /// Enters that an answer, or what stood in for it, has left.
    pub(super) fn done(&mut self) {
        self.counts.in_flight = self.counts.in_flight.saturating_sub(1);
    }

    pub(super) fn snapshot(&self) -> Stats {
        Stats {
            answers: self.answers.iter().map(|(id, n)| (*id, *n)).collect(),
            ..self.counts.clone()
        }
    }
}

fn count(into: &mut BTreeMap<String, u64>, name: &str) {
    if let Some(times) = into.get_mut(name) {
        *times += 1;
    } else {
        into.insert(name.to_owned(), 1);
    }
}

#[cfg(test)]
mod tests {
    use super::{Ledger, Times};
    use crate::domain::ReprtCode;
    use crate::sandbox::{AnswerId, Question};
    use std::time::Duration;

    fn question(year: u16) -> Question {
        Question::AlotMatter(AnswerId {
            corp_code: "00126380".parse().unwrap(),
            bsns_year: year,
            reprt_code: ReprtCode::Annual,
        })
    }

    #[test]
    fn the_largest_minute_slides() {
        let mut ledger = Ledger::default();
        for second in [0, 10, 59, 60, 69, 200] {
            ledger.asked(&question(2024), Duration::from_secs(second));
        }
        // 10, 59, 60 and 69 lie within one minute; 0 and 60 do not.
        assert_eq!(ledger.snapshot().largest_minute, 4);
    }

    #[test]
    fn an_answer_lost_to_a_fault_was_asked_and_not_answered() {
        let mut ledger = Ledger::default();
        ledger.asked(&question(2024), Duration::ZERO);
        ledger.answering(&question(2024), "000", Some("reset"));
        ledger.done();
        ledger.asked(&question(2024), Duration::ZERO);
        ledger.answering(&question(2024), "000", None);
        ledger.asked(&question(2023), Duration::ZERO);
        let stats = ledger.snapshot();
        let again: Vec<Times> = stats.asked_again().map(|(_, times)| times).collect();
        let twice = Times {
            asked: 2,
            answered: 1,
        };
        assert_eq!(again, [twice]);
        assert_eq!((stats.in_flight, stats.max_in_flight), (2, 2));
        assert_eq!(stats.faults["reset"], 1);
        assert_eq!(
            stats.to_json()["asked_more_than_once"][0]["bsns_year"],
            "2024"
        );
    }
}
