//! Fetching under failures: what is tried again, what is not, and how long is waited. The clock
//! stands still but for what is waited for.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dps::domain::OriginKind;
use dps::fetch::{Caller, Clock, FetchError, Fetcher, Gate, Interrupt, Interrupted, Rate};
use dps::opendart::{Answer, Client, Error, Status, TransportError, UnexpectedBody};

use dps::store::Store;

use crate::support::clock::PinnedClock;
use crate::support::raw_server::{Play, RawServer};
use crate::transport::{NO_DATA, transport};

/// 2026-11-23 18:00 in Seoul.
const NOW: &str = "2026-11-23T09:00:00Z";

struct Setting {
    fetcher: Fetcher,
    clock: Arc<PinnedClock>,
    interrupt: Interrupt,
}

impl Setting {
    fn new(origin: &str) -> Self {
        let clock = Arc::new(PinnedClock::at(NOW.parse().unwrap()));
        let gate = Gate::unlimited();
        let client = Client::new(transport(origin));
        Self {
            fetcher: Fetcher::new(client, gate, clock.clone()),
            clock,
            interrupt: Interrupt::new(),
        }
    }

    fn ask(&self) -> Result<Answer, FetchError> {
        self.fetcher.alot_matter(
            "00126380".parse().unwrap(),
            "2024".parse().unwrap(),
            "annual".parse().unwrap(),
            &self.interrupt,
        )
    }
}

fn status(code: &str) -> Play {
    Play::ok(format!(r#"{{"status":"{code}","message":"그렇습니다"}}"#))
}

#[test]
fn a_fetcher_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Fetcher>();
}

#[test]
fn what_passes_is_tried_again_and_each_attempt_counts() {
    let server = RawServer::play([
        Play::http("502 Bad", "", ""),
        status("900"),
        Play::ok(NO_DATA),
    ]);
    let setting = Setting::new(&server.origin());
    assert_eq!(setting.ask(), Ok(Answer::NoData));
    assert_eq!(setting.fetcher.attempts(), 3);
    let waits = setting.clock.waits();
    assert!(waits.len() <= 2 && waits.iter().all(|wait| *wait <= Duration::from_secs(4)));
}

#[test]
fn after_two_retries_the_source_is_down() {
    let html = || Play::ok("<html>busy</html>");
    let server = RawServer::play([html(), html(), html()]);
    let setting = Setting::new(&server.origin());
    let down = FetchError::SourceDown {
        attempts: 3,
        last: Error::NotDart {
            found: UnexpectedBody::Html,
        },
    };
    assert_eq!(setting.ask(), Err(down));
}

#[test]
fn nothing_is_asked_twice_that_no_second_attempt_can_mend() {
    for code in ["010", "011", "012", "901"] {
        let server = RawServer::play([status(code)]);
        let refused = FetchError::KeyRefused {
            status: Status::parse(code),
            message: "그렇습니다".to_owned(),
        };
        assert_eq!(Setting::new(&server.origin()).ask(), Err(refused));
    }
    for code in ["021", "100", "101", "555"] {
        let server = RawServer::play([status(code)]);
        let failed = Setting::new(&server.origin()).ask();
        assert!(
            matches!(failed, Err(FetchError::Failed(Error::Refused { .. }))),
            "{failed:?}"
        );
    }
    let server = RawServer::play([Play::http("404 Not UnexpectedBody", "", "")]);
    let failed = Setting::new(&server.origin()).ask();
    assert!(matches!(
        failed,
        Err(FetchError::Failed(Error::Http { status: 404, .. }))
    ));
}

#[test]
fn the_days_limit_says_when_it_starts_anew() {
    let server = RawServer::play([status("020")]);
    let resets_at: DateTime<Utc> = "2026-11-23T15:00:00Z".parse().unwrap();
    let limit = Err(FetchError::DailyLimit { resets_at });
    assert_eq!(Setting::new(&server.origin()).ask(), limit);
}

#[test]
fn maintenance_is_waited_out_for_a_minute_and_a_half() {
    let server = RawServer::play([status("800"), status("800"), status("800")]);
    let setting = Setting::new(&server.origin());
    assert_eq!(setting.ask(), Err(FetchError::Maintenance));
    let waits = [Duration::from_secs(30), Duration::from_secs(60)];
    assert_eq!(setting.clock.waits(), waits);
}

#[test]
fn what_the_server_asks_for_is_waited_and_over_two_minutes_given_up() {
    let busy =
        |seconds: u64| Play::http("429 Slow Down", &format!("Retry-After: {seconds}\r\n"), "");
    let server = RawServer::play([busy(100), busy(121)]);
    let setting = Setting::new(&server.origin());
    let down = FetchError::SourceDown {
        attempts: 2,
        last: Error::Http {
            status: 429,
            retry_after: Some(Duration::from_secs(121)),
        },
    };
    assert_eq!(setting.ask(), Err(down));
    assert_eq!(setting.clock.waits(), [Duration::from_secs(100)]);
}

#[test]
fn an_interrupted_fetch_asks_nothing() {
    let server = RawServer::play([]);
    let setting = Setting::new(&server.origin());
    setting.interrupt.raise();
    assert_eq!(setting.ask(), Err(FetchError::Interrupted(Interrupted)));
    assert_eq!(setting.fetcher.attempts(), 0);
}

#[test]
fn a_call_that_is_ended_ends_as_interrupted() {
    let server = RawServer::play([Play::Hang(Vec::new())]);
    let setting = Arc::new(Setting::new(&server.origin()));
    let call = {
        let setting = Arc::clone(&setting);
        std::thread::spawn(move || setting.ask())
    };
    server.await_request(1);
    setting.interrupt.raise();
    setting.fetcher.shutdown();
    assert_eq!(
        call.join().unwrap(),
        Err(FetchError::Interrupted(Interrupted))
    );
}

#[test]
fn a_call_that_is_ended_without_an_interrupt_is_not_tried_again() {
    let server = RawServer::play([]);
    let setting = Setting::new(&server.origin());
    setting.fetcher.shutdown();
    let ended = Error::Transport(TransportError::ShutDown);
    assert_eq!(setting.ask(), Err(FetchError::Failed(ended)));
}

/// A fetcher that keeps a rate, with its count, in a database.
fn limited(origin: &str, per_minute: u32) -> (tempfile::TempDir, Store, Setting) {
    let folder = tempfile::TempDir::new().unwrap();
    let store = Store::open(&folder.path().join("dps.db"), OriginKind::Loopback).unwrap();
    let rate = Rate::new(per_minute, OriginKind::Loopback).unwrap();
    let gate = Gate::new(rate, store.gate_ledger().unwrap());
    let clock = Arc::new(PinnedClock::at(NOW.parse().unwrap()));
    let setting = Setting {
        fetcher: Fetcher::new(Client::new(transport(origin)), gate, clock.clone()),
        clock,
        interrupt: Interrupt::new(),
    };
    (folder, store, setting)
}

fn calls_today(store: &Store, setting: &Setting) -> u64 {
    let day = "2026-11-23".parse().unwrap();
    store
        .calls_on(setting.fetcher.key_fingerprint(), day)
        .unwrap()
}

#[test]
fn every_attempt_takes_a_slot_and_counts_as_one_of_the_day_s_calls() {
    let server = RawServer::play([
        Play::http("502 Bad", "", ""),
        status("900"),
        Play::ok(NO_DATA),
    ]);
    let (_folder, store, setting) = limited(&server.origin(), 1);
    assert_eq!(setting.ask(), Ok(Answer::NoData));
    assert_eq!(calls_today(&store, &setting), 3);
    assert!(setting.clock.monotonic() >= Duration::from_secs(120));
}

#[test]
fn the_caller_s_own_limit_refuses_without_asking_retries_included() {
    let server = RawServer::play([Play::http("502 Bad", "", "")]);
    let (_folder, store, setting) = limited(&server.origin(), 900);
    let caller = Caller {
        daily_limit: Some(1),
        ..Caller::from(&setting.interrupt)
    };
    let asked = setting.fetcher.alot_matter(
        "00126380".parse().unwrap(),
        "2024".parse().unwrap(),
        "annual".parse().unwrap(),
        caller,
    );
    let used_up = FetchError::OwnLimit {
        limit: 1,
        resets_at: "2026-11-23T15:00:00Z".parse().unwrap(),
    };
    assert_eq!(asked, Err(used_up));
    assert_eq!(calls_today(&store, &setting), 1);
}

#[test]
fn a_database_that_cannot_be_written_lets_no_call_through() {
    let server = RawServer::play([]);
    let (_folder, store, setting) = limited(&server.origin(), 900);
    rusqlite::Connection::open(store.path())
        .unwrap()
        .execute_batch("DROP TABLE dart_gate")
        .unwrap();
    let refused = setting.ask();
    assert!(matches!(refused, Err(FetchError::Gate(_))), "{refused:?}");
}

#[test]
fn connections_that_break_off_are_given_up_after_growing_pauses_and_not_for_good() {
    // One is heard, three open the breaker, four more try.
    let is_connection_failure = |_| Play::Reset(Vec::new());
    let heard = || Play::ok(NO_DATA);
    let plays = (0..7).map(is_connection_failure);
    let server = RawServer::play([heard()].into_iter().chain(plays).chain([heard()]));
    let setting = Setting::new(&server.origin());
    let ask = || {
        let caller = Caller {
            wait_on_outage: true,
            ..Caller::from(&setting.interrupt)
        };
        setting.fetcher.alot_matter(
            "00126380".parse().unwrap(),
            "2024".parse().unwrap(),
            "annual".parse().unwrap(),
            caller,
        )
    };
    assert_eq!(ask(), Ok(Answer::NoData));
    let cut_off = ask();
    assert!(
        matches!(cut_off, Err(FetchError::CutOff { .. })),
        "{cut_off:?}"
    );
    let paused = setting.clock.monotonic();
    assert!(
        paused >= Duration::from_secs(5 + 10 + 20 + 40),
        "{paused:?}"
    );
    assert_eq!(setting.fetcher.attempts(), 8);
    assert!(matches!(ask(), Err(FetchError::CutOff { .. })));
    assert_eq!(setting.fetcher.attempts(), 8, "nothing is asked meanwhile");
    setting.clock.advance(Duration::from_secs(60));
    assert_eq!(ask(), Ok(Answer::NoData));
}

#[test]
fn who_does_not_wait_an_outage_out_hears_of_it_after_two_retries() {
    let server = RawServer::play((0..3).map(|_| Play::Reset(Vec::new())));
    let setting = Setting::new(&server.origin());
    let down = setting.ask();
    assert!(
        matches!(down, Err(FetchError::SourceDown { attempts: 3, .. })),
        "{down:?}"
    );
    assert!(setting.clock.monotonic() <= Duration::from_secs(5));
}
