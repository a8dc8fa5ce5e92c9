//! How an answer is kept in the database: minified JSON in zlib format, which Python's
//! `zlib.decompress` reads as well.

use std::io::{Read, Write};
use std::sync::Arc;

use flate2::Compression;
use flate2::bufread::ZlibDecoder;
use flate2::write::ZlibEncoder;
use serde_json::{Map, Value};

use crate::domain::{CorpCode, FiscalYear, ReprtCode};

use super::label::Label;
use super::report::Report;
use super::row::UnreadableAnswer;

/// Above this size, deflated, only the rows this program reads are kept.
const KEPT_WHOLE: usize = 64 * 1024;

/// No answer is larger; what inflates beyond it is not one.
const LARGEST: u64 = 64 * 1024 * 1024;

/// Why an answer cannot be kept or read back.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// What is to be reduced is no JSON object.
    #[error("the answer is not a JSON object")]
    NotJson,
    /// What was kept does not inflate.
    #[error("the stored answer does not inflate")]
    Inflate(#[source] std::io::Error),
}

/// An answer with status 000, read once: what it states, and its bytes to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload {
    report: Result<Arc<Report>, UnreadableAnswer>,
    body: Arc<[u8]>,
}

impl Payload {
    pub(in crate::opendart) fn new(
        report: Result<Report, UnreadableAnswer>,
        body: Vec<u8>,
    ) -> Self {
        Self {
            report: report.map(Arc::new),
            body: body.into(),
        }
    }

    /// The stored answer to (`corp_code`, `bsns_year`, `reprt_code`).
    ///
    /// # Errors
    /// As [`unpack`].
    pub fn unpack(
        packed: &[u8],
        corp_code: CorpCode,
        bsns_year: FiscalYear,
        reprt_code: ReprtCode,
    ) -> Result<Self, PayloadError> {
        let body = unpack(packed)?;
        let report = Report::read(&body, corp_code, bsns_year, reprt_code);
        Ok(Self::new(report, body))
    }

    /// What it states.
    ///
    /// # Errors
    /// Where it is no answer to what was asked.
    pub fn report(&self) -> Result<&Arc<Report>, &UnreadableAnswer> {
        self.report.as_ref()
    }

    /// The answer as it came.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// Minifies and deflates the body of an answer, a JSON object. One that stays above 64 KiB is
/// reduced to its dividend rows and marked by a field `"capped": true`.
///
/// # Errors
/// Where one that is to be reduced is not a JSON object.
pub fn pack(body: &[u8]) -> Result<Vec<u8>, PayloadError> {
    let whole = deflate(&minified(body))?;
    if whole.len() <= KEPT_WHOLE {
        return Ok(whole);
    }
    let mut answer: Map<String, Value> =
        serde_json::from_slice(body).map_err(|_| PayloadError::NotJson)?;
    if let Some(Value::Array(rows)) = answer.get_mut("list") {
        let is_read = |row: &Value| row.get("se").and_then(Value::as_str).and_then(Label::read);
        rows.retain(|row| is_read(row).is_some());
    }
    answer.retain(|name, _| matches!(name.as_str(), "status" | "message" | "list"));
    answer.insert("capped".to_owned(), Value::Bool(true));
    deflate(Value::from(answer).to_string().as_bytes())
}

/// JSON without the white space between its parts: it has been parsed and needs no second time.
fn minified(json: &[u8]) -> Vec<u8> {
    let (mut in_text, mut is_escaped) = (false, false);
    let is_kept = |byte: &u8| {
        if in_text {
            in_text = is_escaped || *byte != b'"';
            is_escaped = !is_escaped && *byte == b'\\';
            return true;
        }
        in_text = *byte == b'"';
        !byte.is_ascii_whitespace()
    };
    json.iter().copied().filter(is_kept).collect()
}

/// The minified answer of what [`pack`] made.
///
/// # Errors
/// Where the bytes are damaged, or inflate beyond 64 MiB.
pub fn unpack(packed: &[u8]) -> Result<Vec<u8>, PayloadError> {
    let mut body = Vec::with_capacity(packed.len().saturating_mul(10).min(1 << 20));
    ZlibDecoder::new(packed)
        .take(LARGEST + 1)
        .read_to_end(&mut body)
        .map_err(PayloadError::Inflate)?;
    if u64::try_from(body.len()).is_ok_and(|length| length <= LARGEST) {
        Ok(body)
    } else {
        Err(PayloadError::Inflate(std::io::Error::other(
            "larger than any answer",
        )))
    }
}

fn deflate(json: &[u8]) -> Result<Vec<u8>, PayloadError> {
    let mut zlib = ZlibEncoder::new(Vec::with_capacity(json.len() / 4), Compression::default());
    // Into memory: neither can fail for want of room or a broken pipe.
    zlib.write_all(json)
        .and_then(|()| zlib.finish())
        .map_err(PayloadError::Inflate)
}

#[cfg(test)]
mod tests {
    use super::{KEPT_WHOLE, pack, unpack};

    #[test]
    fn an_answer_comes_back_minified_with_its_fields_in_their_order() {
        let body = "{\n  \"status\": \"000\",\n \"list\": [ { \"se\": \"주당 현금배당금(원)\", \"a\": \"1, \\\" 2\\\\\" } ,\t7 ] }\r\n";
        let kept = unpack(&pack(body.as_bytes()).unwrap()).unwrap();
        let expected = "{\"status\":\"000\",\"list\":[{\"se\":\"주당 현금배당금(원)\",\"a\":\"1, \\\" 2\\\\\"},7]}";
        assert_eq!(String::from_utf8(kept).unwrap(), expected);
    }

    #[test]
    fn an_answer_too_large_keeps_its_dividend_rows_and_says_so() {
        let mut noise = String::new();
        let mut state = 1_u64;
        while noise.len() < 4 * KEPT_WHOLE {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            noise.push_str(&format!("{:016x}", state));
        }
        let body = format!(
            "{{\"status\":\"000\",\"list\":[{{\"se\":\"주당 현금배당금(원)\",\"thstrm\":\"7\"}},{{\"se\":\"{noise}\"}}]}}"
        );
        let packed = pack(body.as_bytes()).unwrap();
        assert!(packed.len() < KEPT_WHOLE);
        let kept: serde_json::Value = serde_json::from_slice(&unpack(&packed).unwrap()).unwrap();
        assert_eq!(kept["capped"], true);
        assert_eq!(kept["list"].as_array().unwrap().len(), 1);
        assert_eq!(kept["list"][0]["thstrm"], "7");
    }

    #[test]
    fn damaged_bytes_are_an_error_and_not_an_empty_answer() {
        let mut packed = pack(b"{\"status\":\"000\",\"list\":[]}").unwrap();
        packed.truncate(packed.len() / 2);
        assert!(unpack(&packed).is_err());
        assert!(unpack(b"no zlib").is_err());
    }
}
