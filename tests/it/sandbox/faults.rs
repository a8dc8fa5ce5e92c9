//! Every fault does on the wire what its name says.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use dps::sandbox::{Config, Fault};
use tempfile::TempDir;

use super::{RECORDED, config, folder, recorded, serve};
use crate::support::sandbox::CountingSandbox;
use crate::support::wire_client::{Client, KEY, corp_code, header};

/// A server whose first answer goes wrong that way, and a client that has asked for it.
fn with_fault(fault: &str) -> (TempDir, CountingSandbox, Client) {
    let folder = folder();
    let server = serve(Config {
        faults: format!("{fault}@1").parse().unwrap(),
        ..config(&folder)
    });
    let mut client = Client::to(&server.origin());
    client.ask(&recorded());
    (folder, server, client)
}

/// The next answer on the same connection is right.
fn goes_on(client: &mut Client) {
    assert_eq!(client.get(&recorded()).text(), RECORDED);
}

#[test]
fn a_reset_ends_the_connection_within_the_headers() {
    let (_folder, server, mut client) = with_fault("reset");
    let (said, end) = client.rest();
    assert!(said.starts_with(b"HTTP/1.1") || said.is_empty());
    assert!(!said.ends_with(b"\r\n\r\n"));
    if cfg!(target_os = "linux") {
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    }
    assert_eq!(server.stats().faults["reset"], 1);
    goes_on(&mut Client::to(&server.origin()));
}

#[test]
fn a_cut_body_is_half_of_what_was_promised() {
    let (_folder, _server, mut client) = with_fault("cut");
    let head = client.head().unwrap();
    let promised: usize = header(&head, "content-length").unwrap().parse().unwrap();
    let (body, end) = client.rest();
    assert!(end.is_ok());
    assert_eq!((promised, body.len()), (RECORDED.len(), RECORDED.len() / 2));
}

#[test]
fn a_slow_body_takes_its_pauses_and_is_whole() {
    let (_folder, _server, mut client) = with_fault("slow=2");
    let asked = Instant::now();
    let answer = client.answer().unwrap();
    assert_eq!(answer.text(), RECORDED);
    // The first pause may have passed before the clock was read.
    assert!(asked.elapsed() >= Duration::from_millis(30));
    goes_on(&mut client);
}

#[test]
fn a_body_shorter_than_its_length_leaves_the_client_waiting() {
    let (_folder, server, mut client) = with_fault("long");
    let head = client.head().unwrap();
    let promised: usize = header(&head, "content-length").unwrap().parse().unwrap();
    assert!(promised > RECORDED.len());
    let mut body = vec![0; RECORDED.len()];
    client.stream().read_exact(&mut body).unwrap();
    assert_eq!(body, RECORDED.as_bytes());
    nothing_comes(&mut client);
    server.stop();
    assert!(client.rest().0.is_empty());
}

#[test]
fn a_body_longer_than_its_length_runs_into_the_next_answer() {
    let (_folder, _server, mut client) = with_fault("short");
    let first = client.answer().unwrap();
    assert_eq!(first.body, RECORDED.as_bytes()[..RECORDED.len() / 2]);
    client.ask(&recorded());
    let next = client.head().unwrap();
    assert!(!next.starts_with("HTTP/1.1"), "{next}");
}

#[test]
fn a_hang_sends_nothing_until_the_server_stops() {
    let (_folder, server, mut client) = with_fault("hang");
    nothing_comes(&mut client);
    goes_on(&mut Client::to(&server.origin()));
    server.stop();
    assert!(client.rest().0.is_empty());
}

fn nothing_comes(client: &mut Client) {
    let stream = client.stream();
    stream
        .set_read_timeout(Some(Duration::from_millis(20)))
        .unwrap();
    let nothing = (&mut &*stream).read(&mut [0]).unwrap_err().kind();
    assert!(matches!(
        nothing,
        ErrorKind::WouldBlock | ErrorKind::TimedOut
    ));
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
}

#[test]
fn http_errors_come_as_pages_with_retry_after_if_told() {
    for (fault, code, retry_after) in [
        ("http500", 500, None),
        ("http502", 502, None),
        ("http503", 503, None),
        ("http503=30", 503, Some("30")),
    ] {
        let (_folder, _server, mut client) = with_fault(fault);
        let answer = client.answer().unwrap();
        assert_eq!(
            (answer.code, answer.header("retry-after")),
            (code, retry_after)
        );
        assert!(answer.text().contains("<html>"));
        goes_on(&mut client);
    }
}

#[test]
fn bodies_that_are_no_answer_come_under_http_200() {
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    for fault in ["html", "empty", "badjson", "truncated"] {
        let (_folder, _server, mut client) = with_fault(fault);
        let answer = client.answer().unwrap();
        assert_eq!(answer.code, 200);
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        assert!(!is_json(&text), "{fault}: {text}");
        match fault {
            "html" => assert!(text.contains("<html>")),
            "empty" => assert_eq!(text, ""),
            "badjson" => assert!(text.starts_with('{')),
            _ => assert!(RECORDED.as_bytes().starts_with(&answer.body)),
        }
        goes_on(&mut client);
    }
}

#[test]
fn every_status_can_stand_in_for_an_answer() {
    for (fault, status) in [
        ("key010", "010"),
        ("key011", "011"),
        ("key012", "012"),
        ("key901", "901"),
        ("s020", "020"),
        ("s100", "100"),
        ("s800", "800"),
        ("s900", "900"),
    ] {
        let (_folder, server, mut client) = with_fault(fault);
        let answer = client.answer().unwrap();
        assert_eq!(answer.status(), status);
        assert!(!answer.json()["message"].as_str().unwrap().is_empty());
        assert_eq!(server.stats().by_status[fault], 1);
        goes_on(&mut client);
    }
}

#[test]
fn a_status_is_xml_where_a_file_was_asked_for() {
    let folder = folder();
    let server = serve(Config {
        faults: "s800".parse().unwrap(),
        ..config(&folder)
    });
    let answer = Client::to(&server.origin()).get(&corp_code());
    assert!(answer.text().contains("<status>800</status>"));
}

#[test]
fn a_huge_body_is_valid_and_as_large_as_asked() {
    let (_folder, _server, mut client) = with_fault("huge=3");
    let answer = client.answer().unwrap();
    assert!(answer.body.len() > 3 * 1024 * 1024);
    assert_eq!(answer.status(), "000");
    goes_on(&mut client);
}

#[test]
fn an_answer_lost_to_a_fault_counts_as_asked_alone() {
    let (_folder, server, mut client) = with_fault("s900");
    client.answer().unwrap();
    client.get(&recorded());
    let (_, times) = server.stats().asked_again().next().unwrap();
    assert_eq!((times.asked, times.answered), (2, 1));
}

#[test]
fn no_fault_shows_the_key() {
    for fault in Fault::names().filter(|name| !matches!(*name, "huge" | "hang" | "long")) {
        let (_folder, server, mut client) = with_fault(fault);
        client.stream().shutdown(std::net::Shutdown::Write).unwrap();
        let said = String::from_utf8_lossy(&client.rest().0).into_owned();
        assert!(!said.contains(KEY), "{fault}: {said}");
        assert_eq!(server.stats().faults[fault], 1);
    }
}
