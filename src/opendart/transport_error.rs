use std::{fmt, io};

/// The part of an attempt that took too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Resolving the host's name.
    Resolve,
    /// Connecting, the TLS handshake included.
    Connect,
    /// Sending the request.
    Send,
    /// Waiting for the answer to begin.
    Response,
    /// Reading the answer.
    Body,
    /// The attempt as a whole.
    Attempt,
}

/// Why an attempt brought no reply. It never holds the URL, nor any text from the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The host's name has no address, or no name server answered.
    #[error("the host's name cannot be resolved")]
    Resolve,
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// There is no way to the host.
    #[error("the host cannot be reached")]
    Unreachable,
    /// The server's certificate is not trusted, expired, or of another host.
    #[error("the server's certificate is not trusted: {detail}")]
    Certificate {
        /// The TLS library's words.
        detail: String,
    },
    /// The TLS handshake failed otherwise.
    #[error("no TLS connection: {detail}")]
    Tls {
        /// The TLS library's words.
        detail: String,
    },
    /// A phase took longer than it may.
    #[error("timed out {0}")]
    Timeout(Phase),
    /// The connection broke off: reset, or closed before the answer was complete.
    #[error("the connection broke off before the answer was complete")]
    Closed,
    /// The answer is larger than it may be.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// The limit in bytes, after decompression.
        limit: u64,
    },
    /// What came back is not HTTP, or not the compression it claims.
    #[error("the answer is not valid HTTP")]
    Protocol,
    /// The proxy of the environment does not let the call through.
    #[error("the proxy refused the connection")]
    Proxy,
    /// The transport was shut down while, or before, the call was made.
    #[error("the call was ended")]
    ShutDown,
    /// The HTTP client or its TLS cannot be set up.
    #[error("the HTTP client cannot be set up")]
    Setup,
    /// The operating system reports something else.
    #[error("the connection failed ({kind})")]
    Io {
        /// Its kind.
        kind: io::ErrorKind,
    },
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Resolve => "resolving the host's name",
            Self::Connect => "connecting",
            Self::Send => "sending the request",
            Self::Response => "waiting for the answer",
            Self::Body => "reading the answer",
            Self::Attempt => "before the answer was complete",
        })
    }
}
