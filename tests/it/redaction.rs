//! The API key is in every URL, and in nothing that is ever said about one.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use dps::fetch::{FetchError, Fetcher, Gate, Interrupt};
use dps::opendart::Client;

use crate::support::clock::PinnedClock;
use crate::support::raw_server::{Play, RawServer, response};
use crate::transport::{KEY, transport_within};

/// Short enough to hang three times.
const SHORT: Duration = Duration::from_millis(200);
/// Long enough for a busy machine.
const LONG: Duration = Duration::from_secs(30);

fn fetcher(origin: &str, attempt: Duration) -> Fetcher {
    let clock = Arc::new(PinnedClock::at(DateTime::<Utc>::UNIX_EPOCH));
    let gate = Gate::unlimited();
    Fetcher::new(Client::new(transport_within(origin, attempt)), gate, clock)
}

fn ask(fetcher: &Fetcher) -> FetchError {
    let answer = fetcher.alot_matter(
        "00126380".parse().unwrap(),
        "2024".parse().unwrap(),
        "annual".parse().unwrap(),
        &Interrupt::new(),
    );
    answer.unwrap_err()
}

/// All that an error, what caused it and who met it say of themselves.
fn said(error: &FetchError, fetcher: &Fetcher) -> String {
    let mut said = format!("{error}\n{error:?}\n{error:#?}\n{fetcher:?}\n");
    let mut cause = error.source();
    while let Some(error) = cause {
        said.push_str(&format!("{error}\n{error:?}\n"));
        cause = error.source();
    }
    said
}

/// Neither the key nor eight characters of it.
fn assert_no_key(name: &str, said: &str) {
    let (said, key) = (said.to_lowercase(), KEY.to_lowercase());
    for piece in key.as_bytes().windows(8) {
        let piece = std::str::from_utf8(piece).unwrap();
        assert!(!said.contains(piece), "{name}: {piece} in\n{said}");
    }
}

#[test]
fn no_failure_tells_the_key() {
    let url = format!("http://x/api/alotMatter.json?crtfc_key={KEY}");
    let echo = |status: &str| format!(r#"{{"status":"{status}","message":"bad key {url} {KEY}"}}"#);
    let cut = {
        let whole = response("200 OK", "", echo("000").as_bytes());
        whole[..whole.len() - 3].to_vec()
    };
    let as_status = format!(r#"{{"status":"{KEY}","message":"{}"}}"#, &KEY[..20]);
    let location = format!("Location: {url}\r\n");
    let faults = [
        ("reset", 3, Play::Reset(Vec::new())),
        ("reset in the body", 3, Play::Reset(cut.clone())),
        ("cut", 3, Play::Send(cut.clone())),
        ("hung", 3, Play::Hang(Vec::new())),
        ("hung in the body", 3, Play::Hang(cut)),
        (
            "html",
            3,
            Play::ok(format!("<html><a href='{url}'>{KEY}</a></html>")),
        ),
        ("empty", 3, Play::ok("")),
        (
            "cut json",
            3,
            Play::ok(format!("{{\"status\":\"000\",\"url\":\"{url}")),
        ),
        ("no json", 3, Play::ok(&url)),
        (
            "status line",
            3,
            Play::Send(format!("HTTP/1.1 {KEY}\r\n\r\n").into_bytes()),
        ),
        (
            "header",
            3,
            Play::Send(format!("HTTP/1.1 200 OK\r\n{url}\r\n\r\n").into_bytes()),
        ),
        (
            "redirect",
            3,
            Play::http("302 UnexpectedBody", &location, &url),
        ),
        ("5xx", 3, Play::http(&format!("500 {KEY}"), "", &url)),
        ("4xx", 1, Play::http("400 Bad Request", "", &url)),
        ("900", 3, Play::ok(echo("900"))),
        ("800", 3, Play::ok(echo("800"))),
        ("010", 1, Play::ok(echo("010"))),
        ("020", 1, Play::ok(echo("020"))),
        ("100", 1, Play::ok(echo("100"))),
        ("unknown status", 1, Play::ok(as_status)),
    ];
    for (name, times, fault) in faults {
        let server = RawServer::play(vec![fault; times]);
        let hangs = name.starts_with("hung");
        let fetcher = fetcher(&server.origin(), if hangs { SHORT } else { LONG });
        let error = ask(&fetcher);
        assert_no_key(name, &said(&error, &fetcher));
        // Else nothing was at stake.
        assert!(server.requests()[0].contains(KEY), "{name}");
    }
}

#[test]
fn no_failure_to_connect_tells_the_key() {
    let gone = RawServer::play([]).origin();
    let refused = fetcher(&gone, LONG);
    assert_no_key("refused", &said(&ask(&refused), &refused));

    let server = RawServer::play(vec![Play::ok("this is no TLS"); 3]);
    let no_tls = fetcher(&format!("https://127.0.0.1:{}", server.port()), LONG);
    assert_no_key("no tls", &said(&ask(&no_tls), &no_tls));
}
