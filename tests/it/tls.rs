//! The shipped transport speaks the one suite that OpenDART's origin offers, and the ordinary ones.
//!
//! What is trusted is read from the environment when the first connection is made, so the test
//! runs itself once more, as a process whose `SSL_CERT_FILE` names the servers' own authority.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::process::Command;
use std::thread::JoinHandle;

use dps::opendart::{ResponseLimits, TransportError};
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::ssl::{Ssl, SslContext, SslContextBuilder, SslMethod, SslStream, SslVersion};
use openssl::x509::extension::{BasicConstraints, KeyUsage, SubjectAlternativeName};
use openssl::x509::{X509, X509Name, X509Ref};

use crate::support::raw_server::response;
use crate::transport::transport;

/// Where the inner process finds the two servers.
const ORIGINS: &str = "DPS_TEST_TLS_ORIGINS";

struct Identity {
    key: PKey<Private>,
    certificate: X509,
}

/// A certificate for `name`, its own authority where there is no other.
fn identity(name: &str, authority: Option<&Identity>) -> Identity {
    let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
    let mut subject = X509Name::builder().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut serial = BigNum::new().unwrap();
    serial.rand(127, MsbOption::ONE, false).unwrap();

    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    builder
        .set_serial_number(&serial.to_asn1_integer().unwrap())
        .unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder
        .set_not_before(&Asn1Time::days_from_now(0).unwrap())
        .unwrap();
    builder
        .set_not_after(&Asn1Time::days_from_now(1).unwrap())
        .unwrap();
    let mut usage = KeyUsage::new();
    let signer = match authority {
        Some(authority) => {
            builder
                .set_issuer_name(authority.certificate.subject_name())
                .unwrap();
            let issuer: &X509Ref = &authority.certificate;
            let names = SubjectAlternativeName::new()
                .dns(name)
                .build(&builder.x509v3_context(Some(issuer), None));
            builder.append_extension(names.unwrap()).unwrap();
            // Static RSA encrypts to the certificate's key.
            usage.digital_signature().key_encipherment();
            &authority.key
        }
        None => {
            builder.set_issuer_name(&subject).unwrap();
            let ca = BasicConstraints::new().critical().ca().build().unwrap();
            builder.append_extension(ca).unwrap();
            usage.key_cert_sign();
            &key
        }
    };
    builder
        .append_extension(usage.critical().build().unwrap())
        .unwrap();
    builder.sign(signer, MessageDigest::sha256()).unwrap();
    let certificate = builder.build();
    Identity { key, certificate }
}

/// All that OpenDART's origin negotiates: TLS 1.2 with `TLS_RSA_WITH_AES_128_GCM_SHA256`.
fn as_opendart(context: &mut SslContextBuilder) {
    context
        .set_min_proto_version(Some(SslVersion::TLS1_2))
        .unwrap();
    context
        .set_max_proto_version(Some(SslVersion::TLS1_2))
        .unwrap();
    context.set_cipher_list("AES128-GCM-SHA256").unwrap();
}

fn as_anyone(context: &mut SslContextBuilder) {
    context
        .set_min_proto_version(Some(SslVersion::TLS1_3))
        .unwrap();
}

/// Greets as many clients as it is told to; comes back with version and suite of each that was
/// content.
struct TlsServer {
    port: u16,
    thread: JoinHandle<Vec<(String, String)>>,
}

impl TlsServer {
    fn start(server: &Identity, suites: fn(&mut SslContextBuilder), clients: usize) -> Self {
        let mut context = SslContext::builder(SslMethod::tls_server()).unwrap();
        suites(&mut context);
        context.set_private_key(&server.key).unwrap();
        context.set_certificate(&server.certificate).unwrap();
        let context = context.build();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let serve = move || {
            (0..clients)
                .filter_map(|_| greet(&listener, &context))
                .collect()
        };
        Self {
            port,
            thread: std::thread::spawn(serve),
        }
    }

    fn origin(&self) -> String {
        format!("https://localhost:{}", self.port)
    }

    fn greeted(self) -> Vec<(String, String)> {
        self.thread.join().unwrap()
    }
}

fn greet(listener: &TcpListener, context: &SslContext) -> Option<(String, String)> {
    let (stream, _) = listener.accept().unwrap();
    let mut stream = SslStream::new(Ssl::new(context).unwrap(), stream).unwrap();
    stream.accept().ok()?;
    let mut head = Vec::new();
    let mut buffer = [0; 1024];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut buffer) {
            Ok(read) if read > 0 => head.extend_from_slice(&buffer[..read]),
            _ => return None,
        }
    }
    let answer = response("200 OK", "Connection: close\r\n", b"hello");
    stream.write_all(&answer).unwrap();
    drop(stream.shutdown());
    let ssl = stream.ssl();
    let suite = ssl.current_cipher().unwrap().name();
    Some((ssl.version_str().to_owned(), suite.to_owned()))
}

#[test]
fn opendarts_only_suite_and_an_ordinary_one_are_both_reached() {
    if let Ok(origins) = std::env::var(ORIGINS) {
        // A file's longer time is set on the request, which then brings its own TLS settings.
        for origin in origins.split(' ') {
            for limits in [ResponseLimits::FILE, ResponseLimits::ANSWER] {
                let reply = transport(origin).get("/", &[], limits);
                assert_eq!(
                    reply.map(|reply| reply.body),
                    Ok(b"hello".to_vec()),
                    "{origin}"
                );
            }
        }
        return;
    }
    let authority = identity("an authority of the test's own", None);
    let server = identity("localhost", Some(&authority));
    let opendart = TlsServer::start(&server, as_opendart, 2);
    let ordinary = TlsServer::start(&server, as_anyone, 2);
    let folder = tempfile::tempdir().unwrap();
    let trusted = folder.path().join("authority.pem");
    std::fs::write(&trusted, authority.certificate.to_pem().unwrap()).unwrap();

    let child = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "tls::opendarts_only_suite_and_an_ordinary_one_are_both_reached",
        ])
        .env(
            ORIGINS,
            format!("{} {}", opendart.origin(), ordinary.origin()),
        )
        .env("SSL_CERT_FILE", &trusted)
        // Nobody listens there: a call to this machine goes through no proxy.
        .env("ALL_PROXY", "http://127.0.0.1:9")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );

    let only = ("TLSv1.2".to_owned(), "AES128-GCM-SHA256".to_owned());
    assert_eq!(opendart.greeted(), [only.clone(), only]);
    let ordinary = ordinary.greeted();
    assert!(ordinary.len() == 2 && ordinary.iter().all(|(version, _)| version == "TLSv1.3"));
}

#[test]
fn an_untrusted_server_is_refused_and_distinguished_from_one_that_is_down() {
    let stranger = identity("localhost", Some(&identity("nobody knows it", None)));
    let server = TlsServer::start(&stranger, as_anyone, 1);
    let refused = transport(&server.origin()).get("/", &[], ResponseLimits::ANSWER);
    let error = refused.unwrap_err();
    assert!(
        matches!(error, TransportError::Certificate { .. }),
        "{error:?}"
    );
    assert_eq!(server.greeted(), []);
}
