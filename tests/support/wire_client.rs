//! An HTTP client that hides nothing: it tells what was on the wire, and how it ended.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// A key of forty characters, searched for in all that comes back.
pub(crate) const KEY: &str = "sentinel-key-0123456789-0123456789-01234";

/// A connection that is kept alive.
pub(crate) struct Client(TcpStream);

/// One response, as it arrived.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) code: u16,
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Response {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    pub(crate) fn status(&self) -> String {
        self.json()["status"].as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.head, name)
    }
}

pub(crate) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

pub(crate) fn alot_matter(corp_code: &str, year: u16, report: &str) -> String {
    format!(
        "/api/alotMatter.json?crtfc_key={KEY}&corp_code={corp_code}&bsns_year={year}&reprt_code={report}"
    )
}

pub(crate) fn corp_code() -> String {
    format!("/api/corpCode.xml?crtfc_key={KEY}")
}

impl Client {
    pub(crate) fn to(origin: &str) -> Self {
        let address = origin.strip_prefix("http://").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        // A server that hangs against expectation fails the test instead of stopping it for ever.
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        Self(stream)
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.0
    }

    pub(crate) fn ask(&mut self, target: &str) {
        write!(self.0, "GET {target} HTTP/1.1\r\nHost: sandbox\r\n\r\n").unwrap();
    }

    /// Everything up to the end of the connection, and how it ended.
    pub(crate) fn rest(&mut self) -> (Vec<u8>, io::Result<()>) {
        let mut all = Vec::new();
        let end = self.0.read_to_end(&mut all).map(|_| ());
        (all, end)
    }

    /// Reads a head and as many bytes as it claims.
    pub(crate) fn answer(&mut self) -> io::Result<Response> {
        let head = self.head()?;
        let length = header(&head, "content-length").unwrap().parse().unwrap();
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        let code = head.split(' ').nth(1).unwrap().parse().unwrap();
        Ok(Response { code, head, body })
    }

    pub(crate) fn head(&mut self) -> io::Result<String> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            self.0.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        Ok(String::from_utf8(head).unwrap())
    }

    /// As [`get`](Self::get) with the fewest system calls, for measuring; the body alone comes back.
    pub(crate) fn get_through(&mut self, target: &str) -> Vec<u8> {
        let request = format!("GET {target} HTTP/1.1\r\nHost: sandbox\r\n\r\n");
        self.0.write_all(request.as_bytes()).unwrap();
        let mut all = Vec::with_capacity(16 * 1024);
        let mut chunk = [0; 16 * 1024];
        loop {
            let got = self.0.read(&mut chunk).unwrap();
            assert!(got > 0, "the connection ended");
            all.extend_from_slice(&chunk[..got]);
            let Some(end) = all.windows(4).position(|four| four == b"\r\n\r\n") else {
                continue;
            };
            let head = std::str::from_utf8(&all[..end]).unwrap();
            let length: usize = header(head, "content-length").unwrap().parse().unwrap();
            if all.len() == end + 4 + length {
                return all.split_off(end + 4);
            }
        }
    }

    pub(crate) fn get(&mut self, target: &str) -> Response {
        self.ask(target);
        self.answer().unwrap()
    }
}

/// One question on a connection of its own.
pub(crate) fn get(origin: &str, target: &str) -> Response {
    Client::to(origin).get(target)
}
