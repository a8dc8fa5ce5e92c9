//! A run's events, read three ways: a bar on a terminal, plain lines elsewhere, JSON for programs.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::{Value, json};

use crate::cli::exit::Failure;
use crate::cli::say;
use crate::domain::{FiscalYear, Ticker};
use crate::fetch::Interrupt;
use crate::prefetch::{Event, OutcomeCounts, StopReason};

/// The readers of a run's events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Progress {
    /// A bar that is redrawn, on stderr
    Bar,
    /// A line now and then, on stderr
    Plain,
    /// An event object a line, on stdout
    Json,
    /// Nothing
    None,
}

/// Plain lines come this often at first, and later this often.
const AT_FIRST: Duration = Duration::from_secs(10);
const LATER: Duration = Duration::from_secs(60);

/// The name of a share's company, for people.
pub(super) type NameOf<'a> = dyn Fn(Ticker) -> Option<String> + 'a;

/// Reads a run's events.
pub(super) struct Reporter<'a> {
    reader: Reader,
    seen: Seen,
    interrupt: Interrupt,
    name_of: &'a NameOf<'a>,
    closed: Option<io::Error>,
    print_status: Option<(Ticker, String)>,
}

enum Reader {
    Bar(Box<Bars>),
    Plain { next: Instant },
    Json,
    None,
}

/// What the events have print_status so far.
struct Seen {
    began: Instant,
    calls_before: Option<u64>,
    calls: u64,
    processed: u64,
    total: u64,
    tally: OutcomeCounts,
    current: Option<(Ticker, FiscalYear)>,
    last_error: Option<String>,
    stopped: Option<StopReason>,
    /// Steps were passed over that took no time: a speed that counts them says nothing.
    jumped: bool,
}

impl<'a> Reporter<'a> {
    /// The reader that was asked for; without, a bar on a terminal and plain lines elsewhere.
    pub(super) fn new(
        progress: Option<Progress>,
        calls: u64,
        interrupt: Interrupt,
        name_of: &'a NameOf<'a>,
    ) -> Self {
        let by_itself = || {
            if io::stderr().is_terminal() {
                Progress::Bar
            } else {
                Progress::Plain
            }
        };
        let reader = match progress.unwrap_or_else(by_itself) {
            Progress::Bar => Reader::Bar(Box::new(Bars::new())),
            Progress::Plain => Reader::Plain {
                next: Instant::now() + AT_FIRST,
            },
            Progress::Json => Reader::Json,
            Progress::None => Reader::None,
        };
        let seen = Seen {
            began: Instant::now(),
            calls_before: None,
            calls,
            processed: 0,
            total: 0,
            tally: OutcomeCounts::default(),
            current: None,
            last_error: None,
            stopped: None,
            jumped: false,
        };
        Self {
            reader,
            seen,
            interrupt,
            name_of,
            closed: None,
            print_status: None,
        }
    }

    /// Takes an event in; it was committed before it was sent.
    pub(super) fn read(&mut self, event: &Event) {
        self.seen.take(event);
        let is_for_programs = !matches!(event, Event::Finished | Event::Tick);
        if matches!(self.reader, Reader::Json) && is_for_programs {
            self.write_json(&serde_json::to_value(event).unwrap_or(Value::Null));
        }
        if let Some(words) = self.words_for(event) {
            self.tell(&words);
        }
        match &mut self.reader {
            Reader::Bar(bars) if self.interrupt.is_raised() => bars.freeze(),
            // No thread of its own draws: after Ctrl-C the terminal has moved on.
            Reader::Bar(bars) => bars.draw(&self.seen, self.name_of),
            Reader::Plain { next } if Instant::now() >= *next => {
                let since = self.seen.began.elapsed();
                *next = Instant::now() + if since < LATER { AT_FIRST } else { LATER };
                say(&self.seen.line(self.name_of));
            }
            Reader::Plain { .. } | Reader::Json | Reader::None => {}
        }
    }

    /// Why the run stopped before its end, if it did.
    pub(super) fn stopped(&self) -> Option<StopReason> {
        self.seen.stopped
    }

    /// Leaves the terminal as it was; in JSON the last line is the job as `show` gives it.
    ///
    /// Fails where stdout could not be written: what a program reads is its record of the run.
    pub(super) fn finish(mut self, job: &Value) -> Result<(), Failure> {
        if let Reader::Bar(bars) = &self.reader {
            bars.end(self.interrupt.is_raised());
        }
        if matches!(self.reader, Reader::Json) {
            self.write_json(&json!({"event": "finished", "job": job}));
        }
        match self.closed {
            Some(error) => Err(error.into()),
            None => Ok(()),
        }
    }

    /// What people are print_status in words, beside the figures.
    fn words_for(&mut self, event: &Event) -> Option<String> {
        match event {
            // What fails a share's every year alike is print_status once.
            Event::Failed {
                ticker, message, ..
            } if self.print_status.as_ref() == Some(&(*ticker, message.clone())) => None,
            Event::Failed {
                ticker,
                year,
                message,
                ..
            } => {
                self.print_status = Some((*ticker, message.clone()));
                Some(format!("failed: {ticker} {year}: {message}"))
            }
            Event::CompaniesFetched { companies } => Some(format!(
                "fetched the list of companies: {companies} tickers"
            )),
            Event::Waiting { until } => Some(format!(
                "the day's limit is used up; going on at {}",
                until.with_timezone(&chrono::Local).format("%Y-%m-%d %H:%M")
            )),
            Event::Started { .. }
            | Event::StepsDone { .. }
            | Event::Tick
            | Event::Stopped { .. }
            | Event::Finished => None,
        }
    }

    fn tell(&self, words: &str) {
        match &self.reader {
            // Above the bar, without tearing it.
            Reader::Bar(bars) => bars.all.suspend(|| say(words)),
            Reader::Plain { .. } => say(words),
            Reader::Json | Reader::None => {}
        }
    }

    fn write_json(&mut self, event: &Value) {
        let mut out = io::stdout().lock();
        if let Err(error) = writeln!(out, "{event}").and_then(|()| out.flush()) {
            self.closed.get_or_insert(error);
        }
    }
}

/// The bar, and the lines under it: where the job is, what came of its steps, the last error.
struct Bars {
    all: MultiProgress,
    bar: ProgressBar,
    place: ProgressBar,
    counts: ProgressBar,
    last_error: Option<ProgressBar>,
}

impl Bars {
    fn new() -> Self {
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        let bar = all.add(styled(
            "{elapsed_precise} {bar:28} {human_pos}/{human_len} {percent}% ETA {eta}",
        ));
        let place = all.add(styled("{msg}"));
        let counts = all.add(styled("{msg}"));
        Self {
            all,
            bar,
            place,
            counts,
            last_error: None,
        }
    }

    fn draw(&mut self, seen: &Seen, name_of: &NameOf<'_>) {
        self.bar.set_length(seen.total);
        self.bar.set_position(seen.processed);
        if seen.jumped {
            self.bar.reset_eta();
        }
        let speed = seen.calls_a_second();
        self.place
            .set_message(format!("{} · {speed:.1} calls/s", seen.at(name_of)));
        self.counts.set_message(seen.counts());
        // Where nothing else has changed, time has.
        self.bar.tick();
        if let Some(error) = &seen.last_error {
            let add = || self.all.add(styled("last error: {msg}"));
            self.last_error
                .get_or_insert_with(add)
                .set_message(error.clone());
        }
    }

    /// Leaves the lines as they are. After Ctrl-C the terminal has echoed `^C` behind the last of
    /// them and moved on, so that whatever is drawn or cleared would miss one.
    fn freeze(&self) {
        self.all.set_draw_target(ProgressDrawTarget::hidden());
    }

    fn end(&self, interrupted: bool) {
        if interrupted {
            self.freeze();
            say("");
        } else {
            let lines = [&self.bar, &self.place, &self.counts];
            lines
                .into_iter()
                .chain(&self.last_error)
                .for_each(ProgressBar::finish_and_clear);
        }
    }
}

fn styled(template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

impl Seen {
    fn take(&mut self, event: &Event) {
        match event {
            Event::Started {
                processed, total, ..
            } => {
                self.processed = *processed;
                self.total = *total;
                self.jumped = true;
            }
            Event::StepsDone {
                counts,
                processed,
                total,
                dart_calls,
                ticker,
                year,
                ..
            } => {
                self.calls_before.get_or_insert(self.calls);
                self.calls = *dart_calls;
                self.processed = *processed;
                self.total = *total;
                self.current = ticker.zip(*year);
                self.jumped = counts.cached > 0;
                add(&mut self.tally, counts);
            }
            Event::Failed {
                ticker,
                year,
                message,
                ..
            } => {
                self.last_error = Some(format!("{ticker} {year}: {message}"));
            }
            Event::Stopped { reason, .. } => self.stopped = *reason,
            Event::CompaniesFetched { .. }
            | Event::Tick
            | Event::Waiting { .. }
            | Event::Finished => {}
        }
    }

    fn calls_a_second(&self) -> f64 {
        let calls = self.calls - self.calls_before.unwrap_or(self.calls).min(self.calls);
        let seconds = self.began.elapsed().as_secs_f64();
        if seconds > 0.0 {
            calls as f64 / seconds
        } else {
            0.0
        }
    }

    fn counts(&self) -> String {
        let OutcomeCounts {
            paid,
            no_dividend,
            not_stated,
            no_report,
            cached,
            failed,
        } = self.tally;
        format!(
            "paid {paid} · no dividend {no_dividend} · not stated {not_stated} · no report \
             {no_report} · cached {cached} · failed {failed}"
        )
    }

    fn at(&self, name_of: &NameOf<'_>) -> String {
        self.current.map_or_else(String::new, |(ticker, year)| {
            let name = name_of(ticker).map_or_else(String::new, |name| format!(" {name}"));
            format!("{ticker}{name} {year}")
        })
    }

    fn line(&self, name_of: &NameOf<'_>) -> String {
        let percent = (self.processed * 100)
            .checked_div(self.total)
            .unwrap_or(100);
        format!(
            "{}/{} ({percent}%) · {} · {:.1} calls/s · {}",
            self.processed,
            self.total,
            self.at(name_of),
            self.calls_a_second(),
            self.counts()
        )
    }
}

fn add(tally: &mut OutcomeCounts, counts: &OutcomeCounts) {
    tally.paid += counts.paid;
    tally.no_dividend += counts.no_dividend;
    tally.not_stated += counts.not_stated;
    tally.no_report += counts.no_report;
    tally.cached += counts.cached;
    tally.failed += counts.failed;
}
