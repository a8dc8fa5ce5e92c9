//! Tells OpenDART's answers from what proxies, overloaded servers and maintenance pages send
//! instead: the HTTP status is 200 for all of them.

use std::fmt;

use quick_xml::events::Event;
use serde::Deserialize;

use super::json::Json;

/// What came instead of OpenDART's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnexpectedBody {
    /// Nothing at all.
    Empty,
    /// A web page.
    Html,
    /// JSON that breaks off.
    TruncatedJson,
    /// No JSON.
    InvalidJson,
    /// JSON without OpenDART's `status`.
    NoStatus,
    /// A ZIP that breaks off.
    TruncatedZip,
    /// Neither a ZIP nor an error of OpenDART's.
    NotAZip,
}

impl fmt::Display for UnexpectedBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Empty => "an empty answer",
            Self::Html => "a web page (HTML)",
            Self::TruncatedJson => "JSON that breaks off",
            Self::InvalidJson => "something that is not JSON",
            Self::NoStatus => "JSON without a status",
            Self::TruncatedZip => "a ZIP file that breaks off",
            Self::NotAZip => "something that is not a ZIP file",
        })
    }
}

/// The verdict in an answer, as it is written there.
#[derive(Debug, Default, Deserialize)]
pub(super) struct StatusFields {
    pub(super) status: Option<String>,
    pub(super) message: Option<String>,
}

/// Reads a JSON answer and its verdict. There is no tree where the JSON does not fit one (a number
/// out of range, half a surrogate pair): it may be OpenDART's verdict all the same.
pub(super) fn json_answer(body: &[u8]) -> Result<(StatusFields, Option<Json<'_>>), UnexpectedBody> {
    let text = body.trim_ascii_start();
    match text.first() {
        None => return Err(UnexpectedBody::Empty),
        Some(b'<') => return Err(UnexpectedBody::Html),
        _ => {}
    }
    let invalid = |is_connection_failure| match is_connection_failure {
        true => UnexpectedBody::TruncatedJson,
        false => UnexpectedBody::InvalidJson,
    };
    let text = std::str::from_utf8(text).map_err(|e| invalid(e.error_len().is_none()))?;
    if let Ok(json) = serde_json::from_str::<Json<'_>>(text) {
        let word = |name| match json.get(name) {
            Some(Json::Text(text)) => Some(text.to_string()),
            _ => None,
        };
        let head = StatusFields {
            status: word("status"),
            message: word("message"),
        };
        return match head.status {
            Some(_) => Ok((head, Some(json))),
            None => Err(UnexpectedBody::NoStatus),
        };
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|e| invalid(e.is_eof()))?;
    // An array would be read as an object's fields in their order.
    if !text.starts_with('{') {
        return Err(UnexpectedBody::NoStatus);
    }
    match serde_json::from_str::<StatusFields>(text) {
        Ok(head) if head.status.is_some() => Ok((head, None)),
        _ => Err(UnexpectedBody::NoStatus),
    }
}

/// Whether a file's body is a whole ZIP; `Ok` with a verdict where it is an error in XML instead.
pub(super) fn zip_or_head(body: &[u8]) -> Result<Option<StatusFields>, UnexpectedBody> {
    /// The record that a ZIP ends with, before a comment of at most 64 KiB.
    const END: &[u8] = b"PK\x05\x06";
    const LONGEST_END: usize = 22 + 65_535;
    if body.starts_with(b"PK") {
        let tail = &body[body.len().saturating_sub(LONGEST_END)..];
        let whole = tail.windows(END.len()).any(|window| window == END);
        return if whole {
            Ok(None)
        } else {
            Err(UnexpectedBody::TruncatedZip)
        };
    }
    let text = body.trim_ascii_start();
    match text.first() {
        None => Err(UnexpectedBody::Empty),
        Some(b'<') => xml_head(text).map(Some).ok_or(UnexpectedBody::Html),
        Some(b'{') => json_answer(text)
            .map(|(head, _)| Some(head))
            .map_err(|_| UnexpectedBody::NotAZip),
        _ => Err(UnexpectedBody::NotAZip),
    }
}

/// `<result><status>010</status><message>…</message></result>`
fn xml_head(body: &[u8]) -> Option<StatusFields> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(body).ok()?);
    let mut path: Vec<String> = Vec::new();
    let mut head = StatusFields::default();
    loop {
        let event = reader.read_event().ok()?;
        match &event {
            Event::Start(tag) => path.push(tag.name().as_ref().to_owned()),
            Event::End(_) => {
                path.pop();
            }
            Event::Eof if path.is_empty() => break,
            Event::Eof => return None,
            _ => {
                let field = match path.iter().map(String::as_str).collect::<Vec<_>>()[..] {
                    ["result", "status"] => &mut head.status,
                    ["result", "message"] => &mut head.message,
                    _ => continue,
                };
                super::corp_code::append(field.get_or_insert_default(), &event);
            }
        }
    }
    head.status.is_some().then_some(head)
}

#[cfg(test)]
mod tests {
    use super::{StatusFields, UnexpectedBody, json_answer, zip_or_head};

    fn json_head(body: &[u8]) -> Result<StatusFields, UnexpectedBody> {
        json_answer(body).map(|(head, _)| head)
    }

    #[test]
    fn the_verdict_of_an_answer_is_read() {
        let head = json_head(
            "\n{\"status\":\"013\",\"message\":\"조회된 데이타가 없습니다.\"}".as_bytes(),
        );
        let head = head.unwrap();
        assert_eq!(head.status.as_deref(), Some("013"));
        assert_eq!(head.message.as_deref(), Some("조회된 데이타가 없습니다."));
    }

    #[test]
    fn a_verdict_is_read_even_where_the_json_fits_no_tree() {
        for odd in ["1e999", "\"\\ud800\""] {
            let body = format!("{{\"status\":\"013\",\"odd\":{odd}}}");
            let (head, json) = json_answer(body.as_bytes()).unwrap();
            assert_eq!(head.status.as_deref(), Some("013"));
            assert!(json.is_none(), "{odd}");
        }
    }

    #[test]
    fn what_is_no_answer_is_called_by_its_name() {
        for (body, found) in [
            ("", UnexpectedBody::Empty),
            (" \r\n", UnexpectedBody::Empty),
            ("<!DOCTYPE html><html>", UnexpectedBody::Html),
            (
                "{\"status\":\"000\",\"list\":[{",
                UnexpectedBody::TruncatedJson,
            ),
            ("{\"status\":\"000\",]", UnexpectedBody::InvalidJson),
            ("Bad Gateway", UnexpectedBody::InvalidJson),
            ("[\"000\",\"ok\"]", UnexpectedBody::NoStatus),
            ("{\"error\":\"no route\"}", UnexpectedBody::NoStatus),
            ("{\"status\":0}", UnexpectedBody::NoStatus),
            ("null", UnexpectedBody::NoStatus),
            ("[1e999]", UnexpectedBody::NoStatus),
            ("{\"status\":0,\"a\":1e999}", UnexpectedBody::NoStatus),
            (
                "{\"status\":\"000\",\"a\":1e999",
                UnexpectedBody::TruncatedJson,
            ),
        ] {
            assert_eq!(json_head(body.as_bytes()).unwrap_err(), found, "{body}");
        }
        assert_eq!(
            json_head(b"{\"status\":\"\xff\"}").unwrap_err(),
            UnexpectedBody::InvalidJson
        );
    }

    #[test]
    fn an_error_in_the_place_of_a_file_is_read() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result>\n <status>010</status>\
                   <message>등록되지 않은 키 &amp; 더</message></result>";
        let head = zip_or_head(xml.as_bytes()).unwrap().unwrap();
        assert_eq!(head.status.as_deref(), Some("010"));
        assert_eq!(head.message.as_deref(), Some("등록되지 않은 키 & 더"));
        let json = zip_or_head(b"{\"status\":\"020\"}").unwrap().unwrap();
        assert_eq!(json.status.as_deref(), Some("020"));
    }

    #[test]
    fn what_is_neither_a_file_nor_an_error_is_called_by_its_name() {
        for (body, found) in [
            ("", UnexpectedBody::Empty),
            ("<html><body>점검 중</body></html>", UnexpectedBody::Html),
            ("<result><status>010", UnexpectedBody::Html),
            ("PK\u{3}\u{4} and no end", UnexpectedBody::TruncatedZip),
            ("{\"a\":1}", UnexpectedBody::NotAZip),
            ("GIF89a", UnexpectedBody::NotAZip),
        ] {
            assert_eq!(zip_or_head(body.as_bytes()).unwrap_err(), found, "{body}");
        }
        assert!(zip_or_head(b"PK\x05\x06").unwrap().is_none());
    }
}
