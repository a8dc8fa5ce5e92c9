//! A sandbox that counts what it was asked and what it answered: the evidence tests go by.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dps::sandbox::{AnswerId, Config, Event, Question, SandboxError, Server};

const MINUTE: Duration = Duration::from_secs(60);

/// A server that keeps count.
pub struct CountingSandbox {
    server: Server,
    ledger: Arc<Mutex<Ledger>>,
}

impl CountingSandbox {
    /// Starts one; the configuration's own hook is called as well.
    pub fn start(mut config: Config) -> Result<Self, SandboxError> {
        let ledger = Arc::new(Mutex::new(Ledger::default()));
        let (entries, theirs) = (Arc::clone(&ledger), config.on_event.take());
        let started = Instant::now();
        config.on_event = Some(Arc::new(move |event: &Event<'_>| {
            let mut ledger = entries.lock().unwrap_or_else(PoisonError::into_inner);
            ledger.enter(event, started.elapsed());
            drop(ledger);
            if let Some(hook) = &theirs {
                hook(event);
            }
        }));
        Ok(Self {
            server: Server::start(config)?,
            ledger,
        })
    }

    /// What it has seen so far.
    pub fn stats(&self) -> Stats {
        let ledger = self.ledger.lock().unwrap_or_else(PoisonError::into_inner);
        ledger.snapshot()
    }
}

impl Deref for CountingSandbox {
    type Target = Server;

    fn deref(&self) -> &Server {
        &self.server
    }
}

/// How often one answer was asked for, and how often it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Requests for it.
    pub asked: u64,
    /// Of those, answered 000 or 013 without a fault.
    pub answered: u64,
}

/// What a sandbox has seen since it started.
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
}

/// The book in which requests are entered. Times are given, as the span since the server started.
#[derive(Debug, Default)]
pub struct Ledger {
    counts: Stats,
    answers: HashMap<AnswerId, Times>,
    last_minute: VecDeque<Duration>,
}

impl Ledger {
    pub fn enter(&mut self, event: &Event<'_>, now: Duration) {
        match event {
            Event::Connected => self.counts.connections += 1,
            Event::Asked { question, .. } => self.asked(question, now),
            Event::Answering {
                question,
                status,
                fault,
            } => self.answering(question, status, *fault),
            Event::Blocked => {
                self.counts.in_flight -= 1;
                self.counts.blocked += 1;
                count(&mut self.counts.by_status, "blocked");
            }
        }
    }

    fn asked(&mut self, question: &Question, now: Duration) {
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
    }

    fn answering(&mut self, question: &Question, status: &str, fault: Option<&str>) {
        self.counts.in_flight -= 1;
        count(&mut self.counts.by_status, fault.unwrap_or(status));
        if let Some(name) = fault {
            count(&mut self.counts.faults, name);
        } else if let Question::AlotMatter(id) = question
            && matches!(status, "000" | "013")
        {
            self.answers.entry(*id).or_default().answered += 1;
        }
    }

    pub fn snapshot(&self) -> Stats {
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
