use std::io;
use std::time::Duration;

use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::{ResponseLimits, Timeouts, Transport, kind_of, kind_of_io, kind_of_tls, retry_after};
use crate::opendart::{ApiKey, Origin, Phase, TransportError};

const KEY: &str = "s3ntinelS3NTINELs3ntinelS3NTINEL01234567";

fn transport(origin: &str) -> Transport {
    Transport::new(
        Origin::parse(origin).unwrap(),
        ApiKey::new(KEY.to_owned()).unwrap(),
        Timeouts::default(),
    )
    .unwrap()
}

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    let pair = |(name, value): &(&'static str, &'static str)| {
        (
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        )
    };
    pairs.iter().map(pair).collect()
}

#[test]
fn debug_shows_where_it_asks_and_no_key() {
    let shown = format!("{:?}", transport("https://opendart.fss.or.kr"));
    assert!(shown.contains("opendart.fss.or.kr"), "{shown}");
    assert!(!shown.contains(&KEY[..8]), "{shown}");
}

#[test]
fn no_time_at_all_is_refused() {
    let refused = Transport::new(
        Origin::opendart(),
        ApiKey::new(KEY.to_owned()).unwrap(),
        Timeouts {
            attempt: Duration::ZERO,
        },
    );
    assert_eq!(refused.unwrap_err(), TransportError::Setup);
}

#[test]
fn once_shut_down_it_asks_no_more() {
    let transport = transport("http://127.0.0.1:1");
    transport.shutdown();
    let asked = transport.get("/", &[], ResponseLimits::ANSWER);
    assert_eq!(asked.unwrap_err(), TransportError::ShutDown);
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date_by_the_servers_own_clock() {
    let in_30_s = [
        ("date", "Mon, 02 Nov 2026 08:49:37 GMT"),
        ("retry-after", "Mon, 02 Nov 2026 08:50:07 GMT"),
    ];
    for (pairs, seconds) in [
        (&[("retry-after", " 7 ")][..], Some(7)),
        (&in_30_s[..], Some(30)),
        (
            &[("date", in_30_s[1].1), ("retry-after", in_30_s[0].1)],
            Some(0),
        ),
        (&in_30_s[1..], None),
        (&[("retry-after", "soon")], None),
        (&[("retry-after", "-1")], None),
        (&[], None),
    ] {
        assert_eq!(
            retry_after(&headers(pairs)),
            seconds.map(Duration::from_secs),
            "{pairs:?}"
        );
    }
}

#[test]
fn outside_text_is_shown_in_one_line_cut_and_without_the_key() {
    let transport = transport("https://opendart.fss.or.kr");
    let text = format!("잘못된\r\n키 {KEY} \u{1b}[31m입니다");
    assert_eq!(
        transport.sanitize(&text, 100),
        "잘못된 키 [API key] [31m입니다"
    );
    // Cut first, the key's beginning would stand at the end.
    let cut = transport.sanitize(&format!("12345 {KEY}"), 14);
    assert_eq!(cut, "12345 [API key…");
}

#[test]
fn an_untrusted_certificate_is_distinguished_from_a_failed_handshake() {
    for detail in [
        "error:0A000086:SSL routines:tls_post_process_server_certificate:certificate verify \
         failed:ssl/statem/statem_clnt.c:2123: (unable to get local issuer certificate)",
        "A certificate chain processed, but terminated in a root certificate",
        "인증서 체인을 처리했지만 (os error -2146762487)",
    ] {
        let kind = kind_of_tls(detail.to_owned());
        assert!(
            matches!(kind, TransportError::Certificate { .. }),
            "{detail}"
        );
    }
    let kind = kind_of_tls("error:0A000410:SSL routines:ssl3_read_bytes:handshake failure".into());
    assert!(matches!(kind, TransportError::Tls { .. }));
}

#[test]
fn an_error_that_prints_the_url_is_mapped_without_its_text() {
    let url = format!("https://opendart.fss.or.kr/?crtfc_key={KEY}");
    for error in [
        ureq::Error::RequireHttpsOnly(url.clone()),
        ureq::Error::BadUri(url.clone()),
        ureq::Error::ConnectProxyFailed(url.clone()),
        ureq::Error::Io(io::Error::other(url.clone())),
        ureq::Error::Other(url.clone().into()),
    ] {
        let kind = kind_of(error);
        assert!(!format!("{kind} {kind:?}").contains(&KEY[..8]), "{kind}");
    }
}

#[test]
fn a_failed_lookup_is_distinguished_from_a_failed_connection() {
    let look_up =
        io::Error::other("failed to lookup address information: Name or service not known");
    assert_eq!(kind_of_io(&look_up), TransportError::Resolve);
    for (kind, expected) in [
        (io::ErrorKind::ConnectionRefused, TransportError::Refused),
        (io::ErrorKind::HostUnreachable, TransportError::Unreachable),
        (io::ErrorKind::UnexpectedEof, TransportError::Closed),
        (
            io::ErrorKind::TimedOut,
            TransportError::Timeout(Phase::Attempt),
        ),
        (
            io::ErrorKind::PermissionDenied,
            TransportError::Io {
                kind: io::ErrorKind::PermissionDenied,
            },
        ),
    ] {
        assert_eq!(kind_of_io(&kind.into()), expected);
    }
}
