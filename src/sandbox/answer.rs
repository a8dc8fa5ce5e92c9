//! Answers as OpenDART words them: HTTP 200 with a verdict in the body.

use std::borrow::Cow;
use std::sync::Arc;

/// The bytes of a body: made for one answer, or kept and shared.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Made(Vec<u8>),
    Kept(Arc<[u8]>),
}

impl Body {
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Made(bytes) => bytes,
            Self::Kept(bytes) => bytes,
        }
    }
}

/// One HTTP response before it is written.
#[derive(Debug, Clone)]
pub(super) struct Answer {
    pub(super) http: u16,
    pub(super) content_type: &'static str,
    /// Seconds to say in `Retry-After`.
    pub(super) retry_after: Option<u64>,
    pub(super) body: Body,
    /// OpenDART's status, or the kind of answer where there is none; the key of a count.
    pub(super) status: Cow<'static, str>,
}

pub(super) const JSON: &str = "application/json;charset=UTF-8";
const XML: &str = "application/xml;charset=UTF-8";
const ZIP: &str = "application/x-msdownload";
const HTML: &str = "text/html;charset=UTF-8";

impl Answer {
    /// A body that already says its status.
    pub(super) fn json(status: impl Into<Cow<'static, str>>, body: Body) -> Self {
        Self {
            http: 200,
            content_type: JSON,
            retry_after: None,
            body,
            status: status.into(),
        }
    }

    /// A status other than 000 with OpenDART's message: JSON, or XML where files are served.
    pub(super) fn verdict(status: &'static str, xml: bool) -> Self {
        Self::worded(status, message(status), xml)
    }

    /// Status 100 for a field that is absent or has no such value.
    pub(super) fn bad_field(field: &'static str, xml: bool) -> Self {
        Self::worded("100", &format!("{} ({field})", message("100")), xml)
    }

    fn worded(status: &'static str, message: &str, xml: bool) -> Self {
        let body = if xml {
            format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<result><status>{status}</status>\
                 <message>{message}</message></result>"
            )
        } else {
            format!("{{\"status\":\"{status}\",\"message\":\"{message}\"}}")
        };
        Self {
            content_type: if xml { XML } else { JSON },
            ..Self::json(status, Body::Made(body.into_bytes()))
        }
    }

    /// The list of companies.
    pub(super) fn zip(bytes: Arc<[u8]>) -> Self {
        Self {
            content_type: ZIP,
            ..Self::json("000", Body::Kept(bytes))
        }
    }

    /// A page for people, which no client can read.
    pub(super) fn page(http: u16, status: &'static str, words: &str) -> Self {
        let html = format!(
            "<!DOCTYPE html>\n<html><head><title>{words}</title></head>\
             <body><h1>{words}</h1></body></html>\n"
        );
        Self {
            http,
            content_type: HTML,
            ..Self::json(status, Body::Made(html.into_bytes()))
        }
    }

    /// The status line and headers. `length` is what Content-Length claims.
    pub(super) fn head(&self, length: usize) -> Vec<u8> {
        let reason = match self.http {
            200 => "OK",
            404 => "Not Found",
            405 => "Method Not Allowed",
            500 => "Internal Server Error",
            401 => "Unauthorized",
            403 => "Forbidden",
            502 => "Bad Gateway",
            503 => "Service Unavailable",
            _ => "Status",
        };
        let mut head = format!(
            "HTTP/1.1 {} {reason}\r\nContent-Type: {}\r\nContent-Length: {length}\r\n",
            self.http, self.content_type
        );
        if let Some(seconds) = self.retry_after {
            head.push_str(&format!("Retry-After: {seconds}\r\n"));
        }
        head.push_str("\r\n");
        head.into_bytes()
    }
}

/// OpenDART's words for a status.
fn message(status: &str) -> &'static str {
    match status {
        "000" => "정상",
        "010" => "등록되지 않은 키입니다.",
        "011" => "사용할 수 없는 키입니다.",
        "012" => "접근할 수 없는 IP입니다.",
        "013" => "조회된 데이타가 없습니다.",
        "014" => "파일이 존재하지 않습니다.",
        "020" => "요청 제한을 초과하였습니다.",
        "100" => "필드의 부적절한 값입니다.",
        "101" => "부적절한 접근입니다.",
        "800" => "시스템 점검으로 인한 서비스가 중지 중입니다.",
        "901" => "사용자 계정의 개인정보 보유기간이 만료되어 사용할 수 없는 키입니다.",
        _ => "정의되지 않은 오류가 발생하였습니다.",
    }
}
