use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use crate::domain::OriginKind;

/// The longest name a database file is given after an origin, in characters.
const LONGEST_TAG: usize = 100;

/// Where OpenDART is asked: scheme, host, port, and a path prefix where a gateway has one.
///
/// https to any host; http on loopback alone, since the API key travels in the URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    /// Lower case; an IPv6 address in its brackets.
    host: String,
    port: Option<u16>,
    /// Empty, or with a slash before it and none after it.
    prefix: String,
}

/// Why a text is not an origin that may be asked. It holds no part of the text but a host's name:
/// a whole URL may hold a key or a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Neither https nor http.
    #[error("the origin has to begin with https:// (or http:// on loopback)")]
    Scheme,
    /// http to another machine: the key would travel in the clear.
    #[error(
        "http to {host} would send the API key in the clear: use https:// \
         (http is for loopback alone, as in http://127.0.0.1:8080)"
    )]
    PlainHttp {
        /// The host.
        host: String,
    },
    /// A user name or password in it.
    #[error("the origin holds a user name or password: leave out what stands before the @")]
    UserInfo,
    /// A query or fragment in it.
    #[error("the origin holds a query or fragment: leave out everything from the ? or # on")]
    Query,
    /// No host, or one that is none.
    #[error("the origin has no valid host: write it as in https://opendart.fss.or.kr")]
    Host,
    /// A port that is none.
    #[error("the origin's port is not a number from 1 to 65535")]
    Port,
    /// A path with characters that a URL's path may not hold as they are.
    #[error("the origin's path holds characters that have to be written as %XX")]
    Path,
}

impl Origin {
    /// OpenDART itself: `https://opendart.fss.or.kr`.
    #[must_use]
    pub fn opendart() -> Self {
        Self {
            https: true,
            host: "opendart.fss.or.kr".to_owned(),
            port: None,
            prefix: String::new(),
        }
    }

    /// Reads an origin; a slash at the end and a path prefix are fine.
    ///
    /// # Errors
    /// http to another machine, a user name, a query, and what is no origin at all; each with what
    /// to do about it.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let text = text.trim();
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::Scheme)?;
        let https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(OriginError::Scheme),
        };
        if rest.contains(['?', '#']) {
            return Err(OriginError::Query);
        }
        let (authority, path) = match rest.find('/') {
            Some(slash) => rest.split_at(slash),
            None => (rest, ""),
        };
        if authority.contains('@') {
            return Err(OriginError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(OriginError::Host);
        }
        let prefix = path.trim_end_matches('/');
        if !prefix.bytes().all(is_path_byte) {
            return Err(OriginError::Path);
        }
        let origin = Self {
            https,
            host,
            port,
            prefix: prefix.to_owned(),
        };
        if !https && !origin.is_loopback() {
            return Err(OriginError::PlainHttp { host: origin.host });
        }
        Ok(origin)
    }

    /// Loopback where the host is this machine, under either scheme; else real.
    #[must_use]
    pub fn kind(&self) -> OriginKind {
        if self.is_loopback() {
            OriginKind::Loopback
        } else {
            OriginKind::Real
        }
    }

    /// A name for files that hold this origin's answers: letters, digits, `.`, `-` and `_`, which
    /// every file system takes, as in `127.0.0.1_8080`.
    #[must_use]
    pub fn file_tag(&self) -> String {
        let mut tag = self.host.trim_matches(['[', ']']).to_owned();
        if let Some(port) = self.port {
            tag.push_str(&format!("_{port}"));
        }
        tag.push_str(&self.prefix);
        tag.chars()
            .map(|c| match c {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '-' => c,
                _ => '_',
            })
            .take(LONGEST_TAG)
            .collect()
    }

    fn is_loopback(&self) -> bool {
        let bare = self.host.trim_matches(['[', ']']);
        bare == "localhost"
            || bare.parse().is_ok_and(|ip: Ipv4Addr| ip.is_loopback())
            || bare.parse().is_ok_and(|ip: Ipv6Addr| ip.is_loopback())
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    if authority.starts_with('[') && !authority.contains(']') {
        return Err(OriginError::Host);
    }
    // The colons of an IPv6 address stand inside brackets.
    let after_host = authority.rfind(']').map_or(0, |bracket| bracket + 1);
    let Some(colon) = authority[after_host..].find(':') else {
        return Ok((authority, None));
    };
    let (host, port) = authority.split_at(after_host + colon);
    let digits = &port[1..];
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(OriginError::Port);
    }
    match digits.parse() {
        Ok(port) if port > 0 => Ok((host, Some(port))),
        _ => Err(OriginError::Port),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    host.bytes().all(allowed) && host.bytes().any(|b| b.is_ascii_alphanumeric())
}

/// What RFC 3986 lets stand in a path as it is.
fn is_path_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@%".contains(&b)
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}", self.host)?;
        if let Some(port) = self.port {
            write!(f, ":{port}")?;
        }
        f.write_str(&self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::{Origin, OriginError};
    use crate::domain::OriginKind;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

    #[test]
    fn opendart_itself_reads_as_it_is_written() {
        let written = Origin::opendart().to_string();
        assert_eq!(written, "https://opendart.fss.or.kr");
        assert_eq!(Origin::parse(&written), Ok(Origin::opendart()));
        assert_eq!(Origin::opendart().kind(), OriginKind::Real);
    }

    #[test]
    fn https_goes_anywhere_and_http_to_this_machine_alone() {
        for (text, shown, kind) in [
            (
                "HTTPS://Gateway.Example/",
                "https://gateway.example",
                OriginKind::Real,
            ),
            (
                "https://gw.example:8443/dart/v1/",
                "https://gw.example:8443/dart/v1",
                OriginKind::Real,
            ),
            (
                "http://127.0.0.1:8080",
                "http://127.0.0.1:8080",
                OriginKind::Loopback,
            ),
            ("http://127.9.9.9", "http://127.9.9.9", OriginKind::Loopback),
            (
                "http://LOCALHOST:1/",
                "http://localhost:1",
                OriginKind::Loopback,
            ),
            (
                "http://[::1]:8080",
                "http://[::1]:8080",
                OriginKind::Loopback,
            ),
            (
                "https://localhost:8443",
                "https://localhost:8443",
                OriginKind::Loopback,
            ),
        ] {
            let origin = Origin::parse(text).unwrap();
            assert_eq!(origin.to_string(), shown);
            assert_eq!(origin.kind(), kind, "{text}");
        }
        for host in [
            "opendart.fss.or.kr",
            "localhost.example",
            "127.0.0.1.example",
            "[::2]",
        ] {
            let error = Origin::parse(&format!("http://{host}:80/")).unwrap_err();
            assert_eq!(
                error,
                OriginError::PlainHttp {
                    host: host.to_owned()
                }
            );
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_the_reason() {
        for (text, error) in [
            ("", OriginError::Scheme),
            ("opendart.fss.or.kr", OriginError::Scheme),
            ("ftp://opendart.fss.or.kr", OriginError::Scheme),
            ("https://", OriginError::Host),
            ("https:///api", OriginError::Host),
            ("https://a b", OriginError::Host),
            ("https://금융감독원", OriginError::Host),
            ("https://[::1", OriginError::Host),
            ("https://::1", OriginError::Port),
            ("https://h:", OriginError::Port),
            ("https://h:0", OriginError::Port),
            ("https://h:+80", OriginError::Port),
            ("https://h:65536", OriginError::Port),
            ("https://u:p@h", OriginError::UserInfo),
            ("https://h/?crtfc_key=x", OriginError::Query),
            ("https://h/#x", OriginError::Query),
            ("https://h/a b", OriginError::Path),
        ] {
            assert_eq!(Origin::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn a_refusal_repeats_no_password_and_no_key() {
        for text in [
            "https://u:hunter2@h",
            "https://h/?crtfc_key=hunter2",
            "hunter2",
        ] {
            let error = Origin::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }

    #[test]
    fn a_file_can_be_named_after_it_on_every_system() {
        for (text, tag) in [
            ("http://127.0.0.1:8080", "127.0.0.1_8080"),
            ("http://[::1]:80", "__1_80"),
            ("https://gw.example/dart/v1", "gw.example_dart_v1"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().file_tag(), tag);
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_what_it_takes_reads_the_same_again(
            text in "(https?://)?[a-z0-9.:\\[\\]@/?#% -]{0,30}"
        ) {
            if let Ok(origin) = Origin::parse(&text) {
                prop_assert_eq!(Origin::parse(&origin.to_string()), Ok(origin.clone()));
                prop_assert!(!origin.file_tag().contains([':', '/', '\\', '?', '%']));
            }
        }
    }
}
