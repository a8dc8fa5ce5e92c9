use super::Gate;
use crate::domain::OriginKind;
use crate::fetch::pinned_clock::PinnedClock;
use crate::fetch::{Caller, Clock, FetchError, Interrupt, Interrupted, Rate};
use crate::store::Store;
use chrono::{DateTime, TimeDelta, Utc};
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;
use tempfile::TempDir;

const KEY: &str = "0123456789ab";
const MINUTE: Duration = Duration::from_secs(60);

/// A database, and gates on it as several processes have them.
struct Setting {
    _folder: TempDir,
    store: Store,
    clock: PinnedClock,
}

impl Setting {
    fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&folder.path().join("dps.db"), OriginKind::Real).unwrap();
        Self {
            _folder: folder,
            store,
            clock: PinnedClock::at("2026-11-23T09:00:00Z".parse().unwrap()),
        }
    }

    fn gate(&self, per_minute: u32) -> Gate {
        let rate = Rate::new(per_minute, OriginKind::Real).unwrap();
        Gate::new(rate, self.store.gate_ledger().unwrap())
    }

    fn pass(&self, gate: &Gate) {
        let interrupt = Interrupt::new();
        gate.pass(&self.clock, KEY, Caller::from(&interrupt))
            .unwrap();
    }

    fn calls_on(&self, day: &str) -> u64 {
        self.store.calls_on(KEY, day.parse().unwrap()).unwrap()
    }
}

/// The most calls in any sliding minute.
fn busiest_minute(calls: &[Duration]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, call) in calls.iter().enumerate() {
        while *call - calls[first] >= MINUTE {
            first += 1;
        }
        most = most.max(last + 1 - first);
    }
    most
}

#[test]
fn ten_years_of_one_company_start_at_once() {
    let setting = Setting::new();
    let gate = setting.gate(900);
    for _ in 0..11 {
        setting.pass(&gate);
    }
    assert_eq!(setting.clock.waits(), []);
    assert_eq!(setting.calls_on("2026-11-23"), 11);
}

#[test]
fn three_processes_together_pass_at_the_full_rate_and_no_faster() {
    let setting = Setting::new();
    let gates = [setting.gate(900), setting.gate(900), setting.gate(900)];
    let mut calls = Vec::new();
    for nth in 0..1_826 {
        setting.pass(&gates[nth % 3]);
        calls.push(setting.clock.monotonic());
    }
    let took = setting.clock.monotonic();
    let even = 2 * MINUTE;
    assert!(
        took >= even && took < even + Duration::from_millis(10),
        "{took:?}"
    );
    assert_eq!(
        busiest_minute(&calls),
        925,
        "900 and the usual burst, less what rounding costs; the first 50 are part of it"
    );
    assert_eq!(setting.calls_on("2026-11-23"), 1_826);
}

#[test]
fn a_process_that_is_started_again_starts_no_second_burst() {
    let setting = Setting::new();
    let mut calls = Vec::new();
    for _ in 0..40 {
        let gate = setting.gate(900);
        for _ in 0..40 {
            setting.pass(&gate);
            calls.push(setting.clock.monotonic());
        }
    }
    assert!(busiest_minute(&calls) <= 926);
}

#[test]
fn a_clock_set_forward_or_back_while_processes_call_lets_no_more_through() {
    let setting = Setting::new();
    let gates = [setting.gate(900), setting.gate(900), setting.gate(900)];
    let mut calls = Vec::new();
    for nth in 0..2_700_usize {
        if nth % 300 == 299 {
            let forth_and_back = [3_600, -3_600, 5, -2, 600][nth / 300 % 5];
            setting.clock.set(TimeDelta::seconds(forth_and_back));
        }
        setting.pass(&gates[nth % 3]);
        calls.push(setting.clock.monotonic());
    }
    assert!(busiest_minute(&calls) <= 931);
    let took = setting.clock.monotonic();
    assert!(
        took < 4 * MINUTE + MINUTE / 2,
        "and costs seconds each: {took:?}"
    );
}

#[test]
fn the_day_s_own_limit_holds_for_all_processes_until_midnight_in_seoul() {
    let setting = Setting::new();
    let gates = [setting.gate(900), setting.gate(900)];
    let interrupt = Interrupt::new();
    let caller = Caller {
        daily_limit: Some(5),
        ..Caller::from(&interrupt)
    };
    let pass = |nth: usize| gates[nth % 2].pass(&setting.clock, KEY, caller);
    assert!((0..5).all(|nth| pass(nth).is_ok()));
    for nth in 0..2 {
        assert!(matches!(pass(nth), Err(FetchError::OwnLimit { .. })));
    }
    assert_eq!(setting.calls_on("2026-11-23"), 5, "refused is not counted");
    let other_key = gates[0].pass(&setting.clock, "ba9876543210", caller);
    assert!(other_key.is_ok());
    setting.clock.advance(Duration::from_secs(6 * 3600));
    assert!(pass(0).is_ok(), "it is tomorrow in Seoul");
    assert_eq!(setting.calls_on("2026-11-24"), 1);
}

#[test]
fn with_the_limit_off_no_call_waits_and_none_is_counted() {
    let setting = Setting::new();
    let off = Gate::new(Rate::OFF, setting.store.gate_ledger().unwrap());
    assert!(!off.counts());
    for _ in 0..1_000 {
        setting.pass(&off);
        setting.pass(&Gate::unlimited());
    }
    assert_eq!(setting.clock.monotonic(), Duration::ZERO);
    assert_eq!(setting.calls_on("2026-11-23"), 0);
}

#[test]
fn no_call_passes_once_interrupted() {
    let setting = Setting::new();
    let interrupt = Interrupt::new();
    interrupt.raise();
    let passed = setting
        .gate(900)
        .pass(&setting.clock, KEY, Caller::from(&interrupt));
    assert!(matches!(passed, Err(FetchError::Interrupted(_))));
    assert_eq!(setting.calls_on("2026-11-23"), 0);
}

/// A clock whose waits last until they are interrupted, and are announced.
#[derive(Debug)]
struct Waiting(PinnedClock, mpsc::SyncSender<()>);

impl Clock for Waiting {
    fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }
    fn monotonic(&self) -> Duration {
        self.0.monotonic()
    }
    fn wait(&self, time: Duration, interrupt: &Interrupt) -> Result<(), Interrupted> {
        if time.is_zero() {
            return Ok(());
        }
        let _nobody_listens_any_more = self.1.try_send(());
        interrupt.wait(Duration::MAX)
    }
}

#[test]
fn one_call_of_a_process_reserves_at_a_time_so_a_kill_wastes_one_slot() {
    let setting = Setting::new();
    let gate = setting.gate(1);
    let interrupt = Interrupt::new();
    let (waits, waiting) = mpsc::sync_channel(2);
    let clock = Waiting(PinnedClock::at(setting.clock.now()), waits);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| gate.pass(&clock, KEY, Caller::from(&interrupt)));
        }
        waiting.recv().unwrap();
        interrupt.raise();
    });
    // The first went at once.
    assert_eq!(setting.calls_on("2026-11-23"), 2);
}

#[test]
fn calls_of_a_process_pass_in_the_order_they_came_however_often_they_wake() {
    let line = super::Line::default();
    let interrupt = Interrupt::new();
    let passed = std::sync::Mutex::new(Vec::new());
    let stands_in_line = |count: usize| while line.tickets().in_line.len() < count {};
    std::thread::scope(|scope| {
        let first = line.wait(&interrupt).unwrap();
        for nth in 0..8 {
            let (line, interrupt, passed) = (&line, &interrupt, &passed);
            scope.spawn(move || {
                let place = line.wait(interrupt).unwrap();
                passed.lock().unwrap().push(nth);
                drop(place);
            });
            stands_in_line(nth + 2);
        }
        // By then those that wait have woken many times, in any order.
        for _ in 0..1_000 {
            line.moved.notify_one();
        }
        drop(first);
    });
    assert_eq!(*passed.lock().unwrap(), [0, 1, 2, 3, 4, 5, 6, 7]);
}

#[test]
fn a_call_that_is_no_longer_wanted_leaves_the_line() {
    let line = super::Line::default();
    let (wanted, unwanted) = (Interrupt::new(), Interrupt::new());
    unwanted.raise();
    let first = line.wait(&wanted).unwrap();
    assert!(line.wait(&unwanted).is_err());
    drop(first);
    assert!(line.wait(&wanted).is_ok());
}

#[test]
fn while_one_waits_for_its_slot_the_database_is_free() {
    #[derive(Debug)]
    struct Watching<'a>(&'a PinnedClock, &'a Path);
    impl Clock for Watching<'_> {
        fn now(&self) -> DateTime<Utc> {
            self.0.now()
        }
        fn monotonic(&self) -> Duration {
            self.0.monotonic()
        }
        fn wait(&self, time: Duration, interrupt: &Interrupt) -> Result<(), Interrupted> {
            let day = "2026-11-22".parse().unwrap();
            let elsewhere = Store::open(self.1, OriginKind::Real).unwrap();
            elsewhere.count_calls(KEY, day, 1).unwrap();
            self.0.wait(time, interrupt)
        }
    }
    let setting = Setting::new();
    let gate = setting.gate(1);
    let interrupt = Interrupt::new();
    let clock = Watching(&setting.clock, setting.store.path());
    for _ in 0..2 {
        gate.pass(&clock, KEY, Caller::from(&interrupt)).unwrap();
    }
    assert_eq!(setting.clock.waits(), [MINUTE]);
    assert_eq!(setting.calls_on("2026-11-22"), 2);
}
