//! One attempt at one URL. The only user of the HTTP client.
//!
//! TLS: the origin negotiates only TLS 1.2 with static RSA key exchange
//! (`TLS_RSA_WITH_AES_128_GCM_SHA256`), which rustls does not offer; hence the platform's TLS
//! (OpenSSL on Linux), under which an ordinary ECDHE server is reached as well.
//!
//! Secrets: the key is in every URL. The HTTP client's errors like to print URLs, so each is
//! mapped to a kind of ours and its text dropped; the one text kept is that of a failed TLS
//! handshake, which is over before a request is sent.

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use chrono::DateTime;
use ureq::http::{HeaderMap, Response, header};
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Body, Timeout};

use super::{ApiKey, Origin, Phase, TransportError};
use crate::domain::OriginKind;

const USER_AGENT: &str = concat!("dps/", env!("CARGO_PKG_VERSION"));

/// Idle connections kept: at least as many as there are calls in flight (8), so that none opens
/// a connection of its own each time.
const IDLE_CONNECTIONS: usize = 16;

/// How long to find, reach and greet the server may take at most, each, however long an attempt
/// may take: a server that can be reached answers far sooner.
const LONGEST_SETUP: Duration = Duration::from_secs(10);

/// The longest text of a failed TLS handshake that is kept, in characters.
const LONGEST_DETAIL: usize = 300;

/// A mebibyte.
const MIB: u64 = 1024 * 1024;

/// How long an attempt may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// One attempt as a whole, from resolving the name to the body's last byte.
    pub attempt: Duration,
}

impl Default for Timeouts {
    /// 30 s for an attempt.
    fn default() -> Self {
        Self {
            attempt: Duration::from_secs(30),
        }
    }
}

/// How large an answer may be, and how long it may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ResponseLimits {
    /// The largest body, in bytes, after decompression.
    pub bytes: u64,
    /// Its time, in times of [`Timeouts::attempt`].
    pub attempts: u32,
}

impl ResponseLimits {
    /// A JSON answer: 8 MiB; real ones have a few thousand bytes.
    pub const ANSWER: Self = Self {
        bytes: 8 * MIB,
        attempts: 1,
    };
    /// A file: 64 MiB, and four times as long; the list of companies has 3.6 MB.
    pub const FILE: Self = Self {
        bytes: 64 * MIB,
        attempts: 4,
    };
}

/// What came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status, three digits.
    pub http_status: u16,
    /// What `Retry-After` asks for; a date in it is counted from the reply's own `Date`.
    pub retry_after: Option<Duration>,
    /// The body, decompressed.
    pub body: Vec<u8>,
}

/// Carries calls to one origin over a pool of connections; to be shared between threads.
pub struct Transport {
    agent: RwLock<Agent>,
    origin: Origin,
    key: ApiKey,
    timeouts: Timeouts,
    shut_down: AtomicBool,
}

impl Transport {
    /// A transport to `origin`, which sends `key` with every call. Nothing is sent yet.
    ///
    /// Calls go through the proxy that the environment names (`HTTPS_PROXY`, `ALL_PROXY`,
    /// `NO_PROXY`), those to this machine never.
    ///
    /// # Errors
    /// [`TransportError::Setup`] where `timeouts` leave no time at all.
    pub fn new(origin: Origin, key: ApiKey, timeouts: Timeouts) -> Result<Self, TransportError> {
        if timeouts.attempt.is_zero() {
            return Err(TransportError::Setup);
        }
        let setup = timeouts.attempt.min(LONGEST_SETUP);
        let tls = TlsConfig::builder()
            .provider(TlsProvider::NativeTls)
            .root_certs(RootCerts::PlatformVerifier)
            .build();
        let mut config = Agent::config_builder()
            .tls_config(tls)
            .user_agent(USER_AGENT)
            .http_status_as_error(false)
            // A redirect would carry the key to wherever it points.
            .max_redirects(0)
            .max_idle_connections(IDLE_CONNECTIONS)
            .max_idle_connections_per_host(IDLE_CONNECTIONS)
            .timeout_resolve(Some(setup))
            .timeout_connect(Some(setup))
            .timeout_send_request(Some(setup))
            .timeout_recv_response(Some(timeouts.attempt))
            .timeout_recv_body(Some(timeouts.attempt))
            .timeout_global(Some(timeouts.attempt));
        if origin.kind() == OriginKind::Loopback {
            config = config.proxy(None);
        }
        Ok(Self {
            agent: RwLock::new(config.build().into()),
            origin,
            key,
            timeouts,
            shut_down: AtomicBool::new(false),
        })
    }

    /// Where the calls go.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Asks once for `path` (from the root, as `/api/alotMatter.json`) with `query` and the key.
    /// Any HTTP status is a reply; a redirect is not followed.
    ///
    /// # Errors
    /// [`TransportError`] where no complete reply came.
    pub fn get(
        &self,
        path: &str,
        query: &[(&str, &str)],
        limits: ResponseLimits,
    ) -> Result<Reply, TransportError> {
        self.attempt(path, query, limits).map_err(|error| {
            if self.shut_down.load(Ordering::Acquire) {
                return TransportError::ShutDown;
            }
            // The kind alone is kept; of a handshake's text too, should it ever hold the key.
            match kind_of(error) {
                TransportError::Certificate { detail } => TransportError::Certificate {
                    detail: self.sanitize(&detail, LONGEST_DETAIL),
                },
                TransportError::Tls { detail } => TransportError::Tls {
                    detail: self.sanitize(&detail, LONGEST_DETAIL),
                },
                other => other,
            }
        })
    }

    /// Tells the key it sends from another, without telling the key.
    #[must_use]
    pub fn key_fingerprint(&self) -> String {
        self.key.fingerprint()
    }

    /// Ends the calls in flight; later ones are made over new connections. Resolving a name and
    /// connecting are not ended; both are bounded by their time.
    pub fn end_calls(&self) {
        let mut agent = self.agent.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = Agent::new_with_config(agent.config().clone());
        std::mem::replace(&mut *agent, fresh).shutdown();
    }

    fn agent(&self) -> Agent {
        self.agent
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Ends the calls in flight and refuses later ones. Resolving a name and connecting are not
    /// ended; both are bounded by their time.
    pub fn shutdown(&self) {
        self.shut_down.store(true, Ordering::Release);
        self.agent().shutdown();
    }

    /// Text from outside made fit to show: without the key or pieces of it, in one line, without
    /// control characters, and at most `longest` characters long.
    pub(super) fn sanitize(&self, text: &str, longest: usize) -> String {
        let words: Vec<&str> = text
            .split(|c: char| c.is_whitespace() || c.is_control())
            .filter(|word| !word.is_empty())
            .collect();
        // First redacted, then cut: half a key is a key.
        let clean = self.key.redact(&words.join(" "));
        match clean.char_indices().nth(longest) {
            Some((end, _)) => format!("{}…", &clean[..end]),
            None => clean,
        }
    }

    fn attempt(
        &self,
        path: &str,
        query: &[(&str, &str)],
        limits: ResponseLimits,
    ) -> Result<Reply, ureq::Error> {
        let mut request = self
            .agent()
            .get(format!("{}{path}", self.origin))
            .query("crtfc_key", self.key.expose())
            .query_pairs(query.iter().copied());
        if limits.attempts > 1 {
            let time = self.timeouts.attempt.saturating_mul(limits.attempts);
            request = request
                .config()
                .timeout_recv_body(Some(time))
                .timeout_global(Some(time))
                .build();
        }
        let response = request.call()?;
        let http_status = response.status().as_u16();
        let retry_after = retry_after(response.headers());
        let body = read_body(response, limits.bytes)?;
        Ok(Reply {
            http_status,
            retry_after,
            body,
        })
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the agent: its configuration holds the proxy's password.
        f.debug_struct("Transport")
            .field("origin", &self.origin)
            .field("timeouts", &self.timeouts)
            .finish_non_exhaustive()
    }
}

fn read_body(response: Response<Body>, limit: u64) -> Result<Vec<u8>, ureq::Error> {
    // The limit counts what comes out of the decompression.
    let body = response.into_body().into_with_config();
    body.limit(limit).read_to_vec()
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name)?.to_str().ok().map(str::trim);
    let asked = text(header::RETRY_AFTER)?;
    if let Ok(seconds) = asked.parse() {
        return Some(Duration::from_secs(seconds));
    }
    // The server's two dates are compared with each other: no clock of ours is needed.
    let until = DateTime::parse_from_rfc2822(asked).ok()?;
    let sent = DateTime::parse_from_rfc2822(text(header::DATE)?).ok()?;
    Some((until - sent).to_std().unwrap_or(Duration::ZERO))
}

fn kind_of(error: ureq::Error) -> TransportError {
    match error {
        ureq::Error::Timeout(timeout) => TransportError::Timeout(phase_of(timeout)),
        ureq::Error::Io(error) => kind_of_io(&error),
        ureq::Error::NativeTls(error) => kind_of_tls(error.to_string()),
        ureq::Error::HostNotFound => TransportError::Resolve,
        ureq::Error::ConnectionFailed => TransportError::Unreachable,
        ureq::Error::BodyExceedsLimit(limit) => TransportError::TooLarge { limit },
        ureq::Error::Decompress(_, error) if error.kind() == io::ErrorKind::UnexpectedEof => {
            TransportError::Closed
        }
        ureq::Error::ConnectProxyFailed(_) | ureq::Error::InvalidProxyUrl => TransportError::Proxy,
        ureq::Error::Protocol(_)
        | ureq::Error::Decompress(..)
        | ureq::Error::LargeResponseHeader(..)
        | ureq::Error::BodyStalled => TransportError::Protocol,
        // What is left speaks of requests that cannot be built and of features that are not used.
        _ => TransportError::Setup,
    }
}

fn phase_of(timeout: Timeout) -> Phase {
    match timeout {
        Timeout::Resolve => Phase::Resolve,
        Timeout::Connect => Phase::Connect,
        Timeout::SendRequest | Timeout::SendBody => Phase::Send,
        Timeout::RecvResponse => Phase::Response,
        Timeout::RecvBody => Phase::Body,
        _ => Phase::Attempt,
    }
}

fn kind_of_io(error: &io::Error) -> TransportError {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => TransportError::Refused,
        io::ErrorKind::HostUnreachable
        | io::ErrorKind::NetworkUnreachable
        | io::ErrorKind::NetworkDown
        | io::ErrorKind::AddrNotAvailable => TransportError::Unreachable,
        io::ErrorKind::ConnectionReset
        | io::ErrorKind::ConnectionAborted
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::UnexpectedEof
        | io::ErrorKind::NotConnected => TransportError::Closed,
        io::ErrorKind::TimedOut => TransportError::Timeout(Phase::Attempt),
        _ if is_lookup_failure(error) => TransportError::Resolve,
        kind => TransportError::Io { kind },
    }
}

/// The standard library has no kind for a failed look-up: it is known by its words, on Windows by
/// its number (`WSAHOST_NOT_FOUND` to `WSANO_DATA`).
fn is_lookup_failure(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(11001..=11004))
        || error.to_string().contains("lookup address information")
}

/// Tells a certificate that is not trusted from a handshake that fails otherwise. The platform's
/// TLS has no common type for it: OpenSSL and macOS say it in words, Windows by its number, as its
/// words are translated.
fn kind_of_tls(detail: String) -> TransportError {
    /// `CERT_E_*`, `TRUST_E_*`, `SEC_E_UNTRUSTED_ROOT`, `SEC_E_CERT_EXPIRED`,
    /// `SEC_E_WRONG_PRINCIPAL`, `SEC_E_CERT_UNKNOWN`; and macOS's `errSSL…Cert…` without words.
    const NUMBERS: [&str; 12] = [
        "-21467624",
        "-21468697",
        "-2146893019",
        "-2146893016",
        "-2146893022",
        "-2146893017",
        "-9807",
        "-9808",
        "-9812",
        "-9813",
        "-9814",
        "-9843",
    ];
    let certificate = detail.to_ascii_lowercase().contains("certificate")
        || NUMBERS.iter().any(|number| detail.contains(number));
    if certificate {
        TransportError::Certificate { detail }
    } else {
        TransportError::Tls { detail }
    }
}

#[cfg(test)]
mod tests;
