//! The transport against a server that behaves, and against several that do not.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use dps::opendart::{
    Answer, ApiKey, Client, Error, Origin, Phase, ResponseLimits, Status, Timeouts, Transport,
    TransportError, UnexpectedBody,
};
use flate2::{Compression, write::GzEncoder};

use crate::support::raw_server::{Play, RawServer, response};

pub(crate) const KEY: &str = "Zq7XwV0kPj3YhT9mLr5NbC1dFs8GuE2aQo6IxWy4";

pub(crate) const NO_DATA: &str = r#"{"status":"013","message":"조회된 데이타가 없습니다."}"#;

pub(crate) fn transport_within(origin: &str, attempt: Duration) -> Transport {
    let key = ApiKey::new(KEY.to_owned()).unwrap();
    let origin = Origin::parse(origin).unwrap();
    Transport::new(origin, key, Timeouts { attempt }).unwrap()
}

pub(crate) fn transport(origin: &str) -> Transport {
    transport_within(origin, Timeouts::default().attempt)
}

fn get(server: &RawServer, limit: u64) -> Result<Vec<u8>, TransportError> {
    let limits = ResponseLimits {
        bytes: limit,
        ..ResponseLimits::ANSWER
    };
    let reply = transport(&server.origin()).get("/x", &[], limits);
    reply.map(|reply| reply.body)
}

fn ask(client: &Client) -> Result<Answer, Error> {
    client.alot_matter(
        "00126380".parse().unwrap(),
        "2024".parse().unwrap(),
        "annual".parse().unwrap(),
    )
}

fn gzipped(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_question_is_asked_as_opendart_wants_it() {
    let server = RawServer::play([Play::ok(NO_DATA)]);
    let client = Client::new(transport(&format!("{}/gateway/", server.origin())));
    assert_eq!(ask(&client), Ok(Answer::NoData));
    let request = &server.requests()[0];
    let line = request.lines().next().unwrap();
    assert_eq!(
        line,
        format!(
            "GET /gateway/api/alotMatter.json?crtfc_key={KEY}\
             &corp_code=00126380&bsns_year=2024&reprt_code=11011 HTTP/1.1"
        )
    );
    let agent = format!("user-agent: dps/{}", env!("CARGO_PKG_VERSION"));
    assert!(request.to_lowercase().contains(&agent), "{request}");
}

#[test]
fn the_url_is_origin_prefix_path_key_and_encoded_query() {
    let server = RawServer::play([Play::ok(NO_DATA)]);
    transport(&format!("{}/dart/", server.origin()))
        .get(
            "/api/list.json",
            &[("corp_name", "가 나&b"), ("page_no", "1")],
            ResponseLimits::ANSWER,
        )
        .unwrap();
    assert_eq!(
        server.requests()[0].lines().next().unwrap(),
        format!(
            "GET /dart/api/list.json?crtfc_key={KEY}\
             &corp_name=%EA%B0%80%20%EB%82%98%26b&page_no=1 HTTP/1.1"
        )
    );
}

#[test]
fn one_connection_serves_one_question_after_another() {
    let kept = || Play::Keep(response("200 OK", "", NO_DATA.as_bytes()));
    let server = RawServer::play([kept(), kept(), kept()]);
    let client = Client::new(transport(&server.origin()));
    for _ in 0..3 {
        assert_eq!(ask(&client), Ok(Answer::NoData));
    }
    assert_eq!(server.connections(), 1);
}

#[test]
fn a_report_is_handed_on_as_it_came() {
    let body = "{ \"status\" : \"000\", \"message\":\"정상\", \"list\": [ ] }\n";
    let server = RawServer::play([Play::ok(body)]);
    let client = Client::new(transport(&server.origin()));
    let Ok(Answer::Report(payload)) = ask(&client) else {
        panic!("status 000 is a report");
    };
    assert_eq!(payload.body(), body.as_bytes());
    assert!(payload.report().is_ok());
}

#[test]
fn a_redirect_is_not_followed_so_that_the_key_does_not_go_with_it() {
    let elsewhere = RawServer::play([]);
    let location = format!("Location: {}/\r\n", elsewhere.origin());
    let server = RawServer::play([Play::http("302 UnexpectedBody", &location, "")]);
    let client = Client::new(transport(&server.origin()));
    let refused = Error::Http {
        status: 302,
        retry_after: None,
    };
    assert_eq!(ask(&client), Err(refused));
}

#[test]
fn an_http_status_is_reported_with_its_retry_after() {
    let server = RawServer::play([Play::http("503 Busy", "Retry-After: 9\r\n", NO_DATA)]);
    let busy = Error::Http {
        status: 503,
        retry_after: Some(Duration::from_secs(9)),
    };
    assert_eq!(ask(&Client::new(transport(&server.origin()))), Err(busy));
}

#[test]
fn the_limit_holds_for_what_a_small_answer_inflates_to() {
    let bomb = gzipped(&vec![b' '; 1_000_000]);
    assert!(bomb.len() < 2_000);
    let encoded = |body: &[u8]| Play::Send(response("200 OK", "Content-Encoding: gzip\r\n", body));
    let server = RawServer::play([encoded(&bomb), encoded(&bomb)]);
    let limit = 999_999;
    assert_eq!(get(&server, limit), Err(TransportError::TooLarge { limit }));
    assert_eq!(
        get(&server, limit + 1).map(|body| body.len()),
        Ok(1_000_000)
    );
}

#[test]
fn an_answer_without_end_is_cut_at_the_limit() {
    let large = vec![b'x'; 100_000];
    let server = RawServer::play([Play::Hang(
        [b"HTTP/1.1 200 OK\r\n\r\n", &large[..]].concat(),
    )]);
    let limit = 50_000;
    assert_eq!(get(&server, limit), Err(TransportError::TooLarge { limit }));
}

#[test]
fn a_broken_connection_is_reported_as_one() {
    let promised = response("200 OK", "", NO_DATA.as_bytes());
    let cut = promised[..promised.len() - 5].to_vec();
    let half_a_gzip = gzipped(NO_DATA.as_bytes())[..20].to_vec();
    let server = RawServer::play([
        Play::Send(Vec::new()),
        Play::Send(cut),
        Play::Reset(Vec::new()),
        Play::Send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{".to_vec()),
        Play::Send(response(
            "200 OK",
            "Content-Encoding: gzip\r\n",
            &half_a_gzip,
        )),
    ]);
    for _ in 0..5 {
        assert_eq!(get(&server, 1_000), Err(TransportError::Closed));
    }
}

#[test]
fn what_is_not_http_is_reported_as_such() {
    let server = RawServer::play([
        Play::Send(b"SSH-2.0-OpenSSH_9.9\r\n\r\n".to_vec()),
        Play::Send(b"HTTP/1.1 abc\r\n\r\n".to_vec()),
        Play::Send(response(
            "200 OK",
            "Content-Encoding: gzip\r\n",
            b"no gzip at all",
        )),
    ]);
    for _ in 0..3 {
        assert_eq!(get(&server, 1_000), Err(TransportError::Protocol));
    }
}

#[test]
fn a_server_that_hangs_is_given_up_in_the_phase_it_hangs_in() {
    let begun = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{".to_vec();
    for play in [Play::Hang(Vec::new()), Play::Hang(begun)] {
        let server = RawServer::play([play]);
        let transport = transport_within(&server.origin(), Duration::from_millis(100));
        let hung = transport
            .get("/x", &[], ResponseLimits::ANSWER)
            .unwrap_err();
        assert!(
            matches!(
                hung,
                TransportError::Timeout(Phase::Attempt | Phase::Response | Phase::Body)
            ),
            "{hung:?}"
        );
    }
}

#[test]
fn a_refused_connection_is_reported_as_such() {
    let gone = RawServer::play([]).origin();
    let refused = transport(&gone).get("/x", &[], ResponseLimits::ANSWER);
    assert_eq!(refused.unwrap_err(), TransportError::Refused);
}

#[test]
fn a_shutdown_ends_the_call_in_flight() {
    let server = RawServer::play([Play::Hang(Vec::new())]);
    let transport = Arc::new(transport(&server.origin()));
    let call = {
        let transport = Arc::clone(&transport);
        std::thread::spawn(move || transport.get("/x", &[], ResponseLimits::ANSWER))
    };
    server.await_request(1);
    transport.shutdown();
    assert_eq!(call.join().unwrap().unwrap_err(), TransportError::ShutDown);
}

#[test]
fn an_error_of_opendart_in_the_place_of_the_list_is_its_own() {
    let xml = "<?xml version=\"1.0\"?><result><status>010</status><message>등록되지 않은 \
               키입니다.</message></result>";
    let server = RawServer::play([Play::ok(xml), Play::ok("<html></html>"), Play::ok("GIF89a")]);
    let client = Client::new(transport(&server.origin()));
    let refused = Error::Refused {
        status: Status::KeyUnknown,
        message: "등록되지 않은 키입니다.".to_owned(),
    };
    assert_eq!(client.corp_code(), Err(refused));
    for found in [UnexpectedBody::Html, UnexpectedBody::NotAZip] {
        assert_eq!(client.corp_code(), Err(Error::NotDart { found }));
    }
}
