//! The rate held at 900 calls a minute, and the most the server saw in any minute.
//!
//! What counts is what the server saw, in the minute that begins with a burst and in the next. All
//! settings are measured at the same time: each has a server, a database and processes of its own,
//! and asks fifteen times a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dps::domain::Ticker;
use dps::sandbox::{Config, Event, Faults, Question, Source, market};

use super::faults::{TENTH, TIMEOUT_MS};
use super::figures::{Table, count, percent};
use super::latency::Latency;
use super::program::{Home, Running};
use super::sandbox::CountingSandbox;
use super::support::{FIRST, LAST};

const PER_MINUTE: u64 = 900;

/// What has to be held in each minute, and what no minute may exceed.
const LEAST_HELD: u64 = PER_MINUTE * 97 / 100;
const MOST_A_MINUTE: u64 = 950;

/// From the first call on: a burst of 50 and a pace of 876, then the plain rate.
const MINUTES: usize = 2;
const MINUTE: Duration = Duration::from_secs(60);

/// Between two deaths of the processes that are killed and interrupted.
const BETWEEN_DEATHS: Duration = Duration::from_secs(10);

/// Companies a process has to ask about: more than it gets to in all that time, even without a
/// limit between processes.
const COMPANIES: usize = 200;

/// A row: how long answers take, in words and for the sandbox.
const LATENCIES: [(&str, Latency); 9] = [
    ("20 ms", Latency::constant(20)),
    ("200 ms", Latency::constant(200)),
    ("400 ms", Latency::constant(400)),
    ("20 ms in the mean, exponential", Latency::exponential(20)),
    ("200 ms in the mean, exponential", Latency::exponential(200)),
    ("400 ms in the mean, exponential", Latency::exponential(400)),
    (
        "the same about 20 ms, and 1% take 3 s",
        Latency::exponential(20).with_tail(0.01, 3000),
    ),
    (
        "the same about 200 ms, and 1% take 3 s",
        Latency::exponential(200).with_tail(0.01, 3000),
    ),
    (
        "the same about 400 ms, and 1% take 3 s",
        Latency::exponential(400).with_tail(0.01, 3000),
    ),
];

pub fn measure() -> Result<Vec<Table>> {
    let mut settings = Vec::new();
    for (row, (_, latency)) in LATENCIES.iter().enumerate() {
        for processes in [1, 3] {
            settings.push(Setting::new(row, *latency, processes));
        }
    }
    let mut names: Vec<&str> = LATENCIES.iter().map(|(name, _)| *name).collect();
    names.push("200 ms, and one answer in ten goes wrong");
    for processes in [1, 3] {
        settings.push(Setting {
            faults: TENTH,
            ..Setting::new(names.len() - 1, Latency::constant(200), processes)
        });
    }
    names.push("200 ms, one of three killed (`kill -9`) and one interrupted every 10 s");
    if cfg!(unix) {
        settings.push(Setting {
            is_disturbed: true,
            ..Setting::new(names.len() - 1, Latency::constant(200), 3)
        });
    }

    let mut tracks = settings
        .into_iter()
        .map(Track::set_up)
        .collect::<Result<Vec<_>>>()?;
    for track in &mut tracks {
        track.start()?;
    }
    let seen: Vec<Result<Seen>> = thread::scope(|scope| {
        let measuring: Vec<_> = tracks
            .iter_mut()
            .map(|track| scope.spawn(|| track.measure()))
            .collect();
        measuring
            .into_iter()
            .map(|one| one.join().unwrap_or_else(|_| anyhow::bail!("it panicked")))
            .collect()
    });

    let mut cells = vec![[None; 2]; names.len()];
    for (track, seen) in tracks.iter().zip(seen) {
        let (seen, row) = (seen?, track.setting.row);
        let (held, largest) = (seen.in_minute, seen.largest_minute);
        let processes = track.setting.processes;
        ensure!(
            held.iter().all(|held| *held >= LEAST_HELD) && largest <= MOST_A_MINUTE,
            "{}, {processes} processes: {held:?} calls held of {PER_MINUTE}, {largest} in a minute",
            names[row],
        );
        cells[row][usize::from(processes > 1)] = Some(seen);
    }
    let mut table = Table::new([
        "answers take",
        "one process: first minute",
        "second",
        "largest",
        "three processes: first minute",
        "second",
        "largest",
    ]);
    for (name, columns) in names.iter().zip(cells) {
        let figures = columns.into_iter().flat_map(|seen: Option<Seen>| {
            seen.map_or([const { String::new() }; MINUTES + 1], |seen| {
                let [first, second] = seen
                    .in_minute
                    .map(|calls| percent(calls as f64, PER_MINUTE as f64));
                [first, second, count(seen.largest_minute)]
            })
        });
        table.row([(*name).to_owned()].into_iter().chain(figures));
    }
    Ok(vec![table])
}

/// What is measured.
struct Setting {
    row: usize,
    latency: Latency,
    processes: usize,
    faults: &'static str,
    /// One process is killed and another interrupted again and again.
    is_disturbed: bool,
}

impl Setting {
    fn new(row: usize, latency: Latency, processes: usize) -> Self {
        Self {
            row,
            latency,
            processes,
            faults: "",
            is_disturbed: false,
        }
    }
}

/// A setting with all it needs.
struct Track {
    setting: Setting,
    server: CountingSandbox,
    home: Home,
    jobs: Vec<String>,
    running: Vec<Running>,
    /// When each question about a report came in.
    calls: Arc<Mutex<Vec<Instant>>>,
}

/// What the server saw.
#[derive(Clone, Copy)]
struct Seen {
    in_minute: [u64; MINUTES],
    largest_minute: u64,
}

impl Track {
    fn set_up(setting: Setting) -> Result<Self> {
        let calls = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&calls);
        let server = CountingSandbox::start(Config {
            faults: Faults::parse(setting.faults)?,
            on_event: Some(Arc::new(move |event: &Event<'_>| {
                let Event::Asked { nth, question } = event else {
                    return;
                };
                if matches!(question, Question::AlotMatter(_)) {
                    let now = Instant::now();
                    seen.lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(now);
                }
                thread::sleep(setting.latency.at(*nth));
            })),
            ..Config::new(Source::Market)
        })?;
        let mut home =
            Home::asking(&server.origin())?.with("DPS_RATE_PER_MINUTE", &PER_MINUTE.to_string());
        if !setting.faults.is_empty() {
            home = home.with("DPS_TIMEOUT_MS", TIMEOUT_MS);
        }
        home.sync()?;
        let tickers: Vec<Ticker> = market::companies()
            .iter()
            .filter_map(|company| company.ticker)
            .collect();
        let [first, last] = [FIRST, LAST].map(|year| year.to_string());
        let mut jobs = Vec::new();
        for theirs in tickers.chunks(COMPANIES).take(setting.processes) {
            let list: Vec<String> = theirs.iter().map(ToString::to_string).collect();
            jobs.push(home.create(&["--tickers", &list.join(","), &first, &last])?);
        }
        Ok(Self {
            setting,
            server,
            home,
            jobs,
            running: Vec::new(),
            calls,
        })
    }

    fn start(&mut self) -> Result<()> {
        for id in &self.jobs {
            self.running.push(self.home.start(id)?);
        }
        Ok(())
    }

    /// Waits until the minutes are over, and ends the processes.
    fn measure(&mut self) -> Result<Seen> {
        let first = self.first_call()?;
        let until = first + MINUTE * MINUTES as u32;
        if self.setting.is_disturbed {
            self.disturb(until)?;
        }
        thread::sleep(until.saturating_duration_since(Instant::now()));
        for process in &mut self.running {
            ensure!(
                !process.has_ended()?,
                "a job ended before its time: {}",
                self.home.said()?
            );
        }
        self.running.clear();
        let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let mut in_minute = [0; MINUTES];
        for call in calls.iter() {
            let minute = call.duration_since(first).as_secs() / MINUTE.as_secs();
            if let Some(calls) = in_minute.get_mut(minute as usize) {
                *calls += 1;
            }
        }
        Ok(Seen {
            in_minute,
            largest_minute: self.server.stats().largest_minute,
        })
    }

    fn first_call(&self) -> Result<Instant> {
        let deadline = Instant::now() + MINUTE;
        while Instant::now() < deadline {
            let calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(first) = calls.first() {
                return Ok(*first);
            }
            drop(calls);
            thread::sleep(Duration::from_millis(10));
        }
        anyhow::bail!("nothing was asked for a minute")
    }

    /// Kills one process and interrupts another again and again, and starts both again at once.
    fn disturb(&mut self, until: Instant) -> Result<()> {
        while Instant::now() + BETWEEN_DEATHS < until {
            thread::sleep(BETWEEN_DEATHS);
            for (at, is_killed) in [(1, true), (2, false)] {
                let process = self.running.get_mut(at).context("there are three")?;
                if is_killed {
                    process.kill()?;
                } else {
                    process.interrupt()?;
                }
                *process = self.home.start(&self.jobs[at])?;
            }
        }
        Ok(())
    }
}
