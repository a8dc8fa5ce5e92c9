use std::time::Duration;

use super::alot_matter::{Payload, Report, UnreadableAnswer};
use super::body::{StatusFields, UnexpectedBody, json_answer, zip_or_head};
use super::{
    CompanyList, CorpCodeFileError, Reply, ResponseLimits, Status, Transport, TransportError,
    Verdict, read_companies,
};
use crate::domain::{CorpCode, FiscalYear, ReprtCode};

/// The longest message of OpenDART's that is carried along, in characters.
const LONGEST_MESSAGE: usize = 200;

/// Asks OpenDART's endpoints, once a call, and tells an answer from anything else that comes back.
#[derive(Debug)]
pub struct Client {
    transport: Transport,
}

/// OpenDART's answer to a question about one report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The report: an answer with status 000.
    Report(Payload),
    /// There is no such report (status 013).
    NoData,
}

/// Why a call brought no answer. It never holds the URL or the API key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No reply came.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// An HTTP status that OpenDART does not use: something else answered.
    #[error("HTTP status {status}")]
    Http {
        /// The HTTP status, three digits.
        status: u16,
        /// What `Retry-After` asks for.
        retry_after: Option<Duration>,
    },
    /// A reply that is not OpenDART's.
    #[error("{found} instead of OpenDART's answer")]
    NotDart {
        /// What it is.
        found: UnexpectedBody,
    },
    /// OpenDART refused.
    #[error("OpenDART answered {status}, {} ({message})", status.meaning())]
    Refused {
        /// Its verdict.
        status: Status,
        /// Its own words, in one line of at most 200 characters, without the API key.
        message: String,
    },
    /// The list of companies came and cannot be read.
    #[error(transparent)]
    CompanyFile(#[from] CorpCodeFileError),
}

/// What to do about an [`Error`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// It may pass: try again, not before `retry_after`.
    Transient {
        /// What the server asked for.
        retry_after: Option<Duration>,
    },
    /// OpenDART is down for maintenance (800): try again after a long pause.
    Maintenance,
    /// The day's limit (020): no call works before 00:00 KST.
    DailyLimit,
    /// The key is refused (010, 011, 012, 901): no later call works.
    KeyRefused,
    /// The same call will fail again.
    Permanent,
}

impl Error {
    /// What to do about it.
    #[must_use]
    pub fn kind(&self) -> Kind {
        let transient = Kind::Transient { retry_after: None };
        match self {
            Self::Transport(
                TransportError::TooLarge { .. }
                | TransportError::Certificate { .. }
                | TransportError::ShutDown
                | TransportError::Setup,
            ) => Kind::Permanent,
            Self::Transport(_) => transient,
            Self::Http {
                status,
                retry_after,
            } => match status {
                // A redirect is how a server that is blocked or closed points at its error page.
                300..=399 | 408 | 425 | 429 | 500..=599 => Kind::Transient {
                    retry_after: *retry_after,
                },
                _ => Kind::Permanent,
            },
            Self::NotDart {
                found: UnexpectedBody::NotAZip,
            }
            | Self::CompanyFile(_) => Kind::Permanent,
            Self::NotDart { .. } => transient,
            Self::Refused { status, .. } => match status.verdict() {
                Verdict::Transient => transient,
                Verdict::Maintenance => Kind::Maintenance,
                Verdict::DailyLimit => Kind::DailyLimit,
                Verdict::KeyRefused => Kind::KeyRefused,
                Verdict::Ok | Verdict::NoData | Verdict::Bug | Verdict::Unknown => Kind::Permanent,
            },
        }
    }
}

impl Client {
    /// A client that asks through `transport`.
    #[must_use]
    pub fn new(transport: Transport) -> Self {
        Self { transport }
    }

    /// Where it asks.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }

    /// Asks for the dividend section (배당에 관한 사항, `alotMatter.json`) of one report.
    ///
    /// # Errors
    /// [`Error`] where neither a report nor a 013 came back.
    pub fn alot_matter(
        &self,
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
    ) -> Result<Answer, Error> {
        let year = bsns_year.to_string();
        let query = [
            ("corp_code", corp_code.as_str()),
            ("bsns_year", year.as_str()),
            ("reprt_code", reprt_code.code()),
        ];
        let body = self.ask("/api/alotMatter.json", &query, ResponseLimits::ANSWER)?;
        let (head, json) = json_answer(&body).map_err(|found| Error::NotDart { found })?;
        let (status, message) = self.verdict(head);
        match status.verdict() {
            Verdict::Ok => {
                let report = json
                    .as_ref()
                    .map_or(Err(UnreadableAnswer::NotJson), |json| {
                        Report::from_json(json, corp_code, bsns_year, reprt_code)
                    });
                drop(json);
                Ok(Answer::Report(Payload::new(report, body)))
            }
            Verdict::NoData => Ok(Answer::NoData),
            _ => Err(Error::Refused { status, message }),
        }
    }

    /// Asks for the list of companies (`corpCode.xml`): the bytes of a ZIP.
    ///
    /// # Errors
    /// [`Error`] where something else came back.
    pub fn corp_code(&self) -> Result<Vec<u8>, Error> {
        let body = self.ask("/api/corpCode.xml", &[], ResponseLimits::FILE)?;
        match zip_or_head(&body) {
            Ok(None) => Ok(body),
            Ok(Some(head)) => {
                let (status, message) = self.verdict(head);
                Err(Error::Refused { status, message })
            }
            Err(found) => Err(Error::NotDart { found }),
        }
    }

    /// Asks for the list of companies and reads it.
    ///
    /// # Errors
    /// [`Error`], and [`Error::CompanyFile`] where the list cannot be read.
    pub fn companies(&self) -> Result<CompanyList, Error> {
        Ok(read_companies(&self.corp_code()?)?)
    }

    fn ask(
        &self,
        path: &str,
        query: &[(&str, &str)],
        limits: ResponseLimits,
    ) -> Result<Vec<u8>, Error> {
        let Reply {
            http_status,
            retry_after,
            body,
        } = self.transport.get(path, query, limits)?;
        if (200..300).contains(&http_status) {
            return Ok(body);
        }
        Err(Error::Http {
            status: http_status,
            retry_after,
        })
    }

    fn verdict(&self, head: StatusFields) -> (Status, String) {
        let shown = |text: Option<String>| {
            self.transport
                .sanitize(&text.unwrap_or_default(), LONGEST_MESSAGE)
        };
        (Status::parse(&shown(head.status)), shown(head.message))
    }
}

#[cfg(test)]
mod tests {
    use super::{Error, Kind};
    use crate::opendart::{Phase, Status, TransportError, UnexpectedBody};
    use std::time::Duration;

    const TRANSIENT: Kind = Kind::Transient { retry_after: None };

    fn http(status: u16) -> Error {
        Error::Http {
            status,
            retry_after: None,
        }
    }

    fn refused(code: &str) -> Error {
        Error::Refused {
            status: Status::parse(code),
            message: "그렇습니다".to_owned(),
        }
    }

    #[test]
    fn what_may_pass_is_transient_and_nothing_else_is() {
        for error in [
            TransportError::Resolve.into(),
            TransportError::Refused.into(),
            TransportError::Closed.into(),
            TransportError::Protocol.into(),
            TransportError::Timeout(Phase::Body).into(),
            http(302),
            http(429),
            http(500),
            http(503),
            Error::NotDart {
                found: UnexpectedBody::Html,
            },
            Error::NotDart {
                found: UnexpectedBody::Empty,
            },
            Error::NotDart {
                found: UnexpectedBody::TruncatedZip,
            },
            refused("900"),
        ] {
            assert_eq!(error.kind(), TRANSIENT, "{error}");
        }
        for error in [
            TransportError::TooLarge { limit: 1 }.into(),
            TransportError::Certificate {
                detail: String::new(),
            }
            .into(),
            TransportError::ShutDown.into(),
            http(400),
            http(404),
            Error::NotDart {
                found: UnexpectedBody::NotAZip,
            },
            refused("021"),
            refused("100"),
            refused("101"),
            refused("777"),
        ] {
            assert_eq!(error.kind(), Kind::Permanent, "{error}");
        }
    }

    #[test]
    fn the_statuses_that_stop_everything_have_kinds_of_their_own() {
        for code in ["010", "011", "012", "901"] {
            assert_eq!(refused(code).kind(), Kind::KeyRefused);
        }
        assert_eq!(refused("020").kind(), Kind::DailyLimit);
        assert_eq!(refused("800").kind(), Kind::Maintenance);
    }

    #[test]
    fn what_the_server_asks_for_is_carried_along() {
        let retry_after = Some(Duration::from_secs(7));
        let error = Error::Http {
            status: 503,
            retry_after,
        };
        assert_eq!(error.kind(), Kind::Transient { retry_after });
    }

    #[test]
    fn a_refusal_reads_as_a_sentence() {
        assert_eq!(
            refused("020").to_string(),
            "OpenDART answered 020, the day's limit of requests is used up (그렇습니다)"
        );
        assert_eq!(
            Error::NotDart {
                found: UnexpectedBody::Html
            }
            .to_string(),
            "a web page (HTML) instead of OpenDART's answer"
        );
    }
}
