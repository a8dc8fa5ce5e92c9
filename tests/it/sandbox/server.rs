//! What the server answers, counts and lets a test do.

use std::io::Read;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use dps::sandbox::{Config, Event};

use super::{RECORDED, config, folder, recorded, serve};
use crate::support::gate::Gate;
use crate::support::latency::Latency;
use crate::support::wire_client::{Client, KEY, alot_matter, get};

#[test]
fn errors_come_under_http_200_with_a_status() {
    let folder = folder();
    let server = serve(config(&folder));
    let mut client = Client::to(&server.origin());
    for (target, status) in [
        ("/api/alotMatter.json".to_owned(), "100"),
        (format!("/api/alotMatter.json?crtfc_key={KEY}"), "100"),
        ("/api/alotMatter.json?crtfc_key=short".to_owned(), "010"),
        (format!("/api/unheardOf.json?crtfc_key={KEY}"), "101"),
    ] {
        let answer = client.get(&target);
        assert_eq!((answer.code, answer.status().as_str()), (200, status));
        assert!(!answer.text().contains(KEY));
    }
    let bad_field = client.get(&alot_matter("99999999", 2024, "11019"));
    assert!(bad_field.text().contains("reprt_code"));
    let xml = client.get("/api/corpCode.xml?crtfc_key=short");
    assert!(xml.text().contains("<result><status>010</status><message>"));
    assert_eq!(client.get("/favicon.ico").code, 404);
}

#[test]
fn a_request_may_arrive_in_pieces_and_two_at_once() {
    let folder = folder();
    // With and without the byte held back for a reset.
    for faults in ["", "reset@99"] {
        let server = serve(Config {
            faults: faults.parse().unwrap(),
            ..config(&folder)
        });
        let mut client = Client::to(&server.origin());
        let request = format!("GET {} HTTP/1.1\r\n\r\n", recorded());
        for byte in request.as_bytes() {
            std::io::Write::write_all(&mut client.stream(), &[*byte]).unwrap();
        }
        assert_eq!(client.answer().unwrap().text(), RECORDED);
        let two = request.repeat(2);
        std::io::Write::write_all(&mut client.stream(), two.as_bytes()).unwrap();
        for _ in 0..2 {
            assert_eq!(client.answer().unwrap().text(), RECORDED);
        }
        assert_eq!(server.stats().connections, 1);
    }
}

#[test]
fn stats_tell_what_was_asked_twice() {
    let folder = folder();
    let server = serve(config(&folder));
    let mut client = Client::to(&server.origin());
    client.get(&recorded());
    client.get(&recorded());
    client.get(&alot_matter("99999999", 2020, "11011"));
    let stats = server.stats();
    assert_eq!(stats.total, 3);
    assert_eq!(stats.by_path["/api/alotMatter.json"], 3);
    assert_eq!((stats.by_status["000"], stats.by_status["013"]), (2, 1));
    assert_eq!((stats.answers.len(), stats.most_asked()), (2, 2));
    let [(id, times)] = stats.asked_again().collect::<Vec<_>>()[..] else {
        panic!("{stats:?}");
    };
    assert_eq!(id.corp_code.as_str(), "99999999");
    assert_eq!((times.asked, times.answered), (2, 2));
    assert_eq!((stats.largest_minute, stats.max_in_flight), (3, 1));
    assert!(!format!("{stats:?}").contains(KEY));
}

#[test]
fn the_hook_sees_each_question_by_its_number_and_never_the_key() {
    let folder = folder();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let server = serve(Config {
        on_event: Some({
            let seen = Arc::clone(&seen);
            Arc::new(move |event: &Event<'_>| {
                if let Event::Asked { nth, question } = event {
                    seen.lock().unwrap().push((*nth, format!("{question:?}")));
                }
            })
        }),
        ..config(&folder)
    });
    let mut client = Client::to(&server.origin());
    client.get(&recorded());
    client.get(&alot_matter("99999999", 2023, "11014"));
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 2);
    assert!(seen[0].0 == 1 && seen[0].1.contains("2024"), "{seen:?}");
    assert!(seen[1].0 == 2 && seen[1].1.contains("Q3"), "{seen:?}");
    assert!(!format!("{seen:?}").contains(KEY));
}

#[test]
fn a_gate_holds_one_answer_and_no_other() {
    let folder = folder();
    let gate = Gate::closed();
    let server = serve(Config {
        on_event: Some({
            let gate = gate.clone();
            Arc::new(move |event: &Event<'_>| {
                if matches!(event, Event::Asked { nth: 1, .. }) {
                    gate.pass();
                }
            })
        }),
        ..config(&folder)
    });
    let origin = server.origin();
    let held = thread::spawn(move || get(&origin, &recorded()).status());
    gate.await_arrivals(1);
    assert_eq!(get(&server.origin(), &recorded()).status(), "000");
    assert_eq!(server.stats().in_flight, 1);
    assert_eq!(server.stats().max_in_flight, 2);
    assert!(!held.is_finished());
    gate.open();
    assert_eq!(held.join().unwrap(), "000");
}

#[test]
fn past_the_days_limit_the_status_is_020() {
    let folder = folder();
    let server = serve(Config {
        daily: Some(2),
        ..config(&folder)
    });
    let mut client = Client::to(&server.origin());
    let statuses: Vec<String> = (0..3).map(|_| client.get(&recorded()).status()).collect();
    assert_eq!(statuses, ["000", "000", "020"]);
}

#[test]
fn past_the_minutes_limit_connections_are_dropped_silently() {
    let folder = folder();
    let server = serve(Config {
        per_minute: Some(2),
        ..config(&folder)
    });
    let mut client = Client::to(&server.origin());
    client.get(&recorded());
    client.get(&recorded());
    client.ask(&recorded());
    let (said, _) = client.rest();
    assert!(said.is_empty());
    let mut another = Client::to(&server.origin());
    another.ask(&recorded());
    assert!(another.rest().0.is_empty(), "the block lasts");
    assert_eq!(server.stats().blocked, 2);
}

#[test]
fn latency_is_the_least_an_answer_takes() {
    let folder = folder();
    let span = Duration::from_millis(30);
    let usual = Config {
        latency: span,
        ..config(&folder)
    };
    let slow = Config {
        on_event: Some(Arc::new(|event: &Event<'_>| {
            if let Event::Asked { nth, .. } = event {
                thread::sleep(Latency::constant(0).with_tail(1.0, 30).at(*nth));
            }
        })),
        ..config(&folder)
    };
    for config in [usual, slow] {
        let server = serve(config);
        let asked = Instant::now();
        get(&server.origin(), &recorded());
        assert!(asked.elapsed() >= span);
    }
}

#[test]
fn stopping_ends_connections_and_waiting_threads() {
    let folder = folder();
    let server = Arc::new(serve(config(&folder)));
    let mut client = Client::to(&server.origin());
    client.get(&recorded());
    let waiting = {
        let server = Arc::clone(&server);
        thread::spawn(move || server.wait())
    };
    server.stop();
    waiting.join().unwrap();
    // Ended or reset: either way nothing more can be read.
    assert!(!matches!(client.stream().read(&mut [0]), Ok(1)));
    let address = server.origin().replace("http://", "");
    std::net::TcpListener::bind(address).unwrap();
    server.stop();
}
