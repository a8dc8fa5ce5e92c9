//! An answer on the wire, as it should be or as a fault makes it.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::answer::{Answer, Body};
use super::faults::Fault;
use super::http::Requests;
use super::stopping::Stopping;

const MEGABYTE: u64 = 1024 * 1024;

/// What happens to the connection next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    Keep,
    Close,
}

/// Head and body in one write, so that neither waits for the other's acknowledgement.
pub(super) fn send(mut stream: &TcpStream, answer: &Answer) -> io::Result<()> {
    send_claiming(stream, answer, answer.body.bytes().len(), usize::MAX)?;
    stream.flush()
}

/// Sends up to `most` bytes of the body under a Content-Length of `claimed`.
fn send_claiming(
    mut stream: &TcpStream,
    answer: &Answer,
    claimed: usize,
    most: usize,
) -> io::Result<()> {
    let body = answer.body.bytes();
    let mut bytes = answer.head(claimed);
    bytes.extend_from_slice(&body[..most.min(body.len())]);
    stream.write_all(&bytes)
}

/// Sends `right` as `fault` makes it.
pub(super) fn send_with_fault(
    fault: Fault,
    mut stream: &TcpStream,
    requests: &mut Requests<'_>,
    right: &Answer,
    xml: bool,
    stopping: &Stopping,
) -> io::Result<Next> {
    let length = right.body.bytes().len();
    if fault == Fault::Reset {
        // The byte held back is not read: closing now resets.
        let head = right.head(length);
        stream.write_all(&head[..head.len() / 2])?;
        return Ok(Next::Close);
    }
    requests.finish()?;
    match fault {
        Fault::Reset => return Ok(Next::Close),
        Fault::Cut => {
            send_claiming(stream, right, length, length / 2)?;
            return Ok(Next::Close);
        }
        Fault::Slow(pause) => {
            stream.write_all(&right.head(length))?;
            for piece in right.body.bytes().chunks(length.div_ceil(50).max(1)) {
                if stopping.pause(Duration::from_millis(pause)) {
                    return Ok(Next::Close);
                }
                stream.write_all(piece)?;
            }
        }
        Fault::Long => {
            send_claiming(stream, right, length + 100, length)?;
            return wait_for_client_to_leave(stream);
        }
        Fault::Short => send_claiming(stream, right, length / 2, length)?,
        Fault::Hang => return wait_for_client_to_leave(stream),
        Fault::Http(code, retry_after) => {
            let answer = Answer {
                retry_after,
                ..Answer::page(code, fault.name(), "Error")
            };
            send(stream, &answer)?;
        }
        Fault::Html => send(stream, &Answer::page(200, "html", "서비스 점검 중입니다"))?,
        Fault::Empty => send(stream, &with_body(right, Vec::new()))?,
        Fault::BadJson => send(stream, &with_body(right, b"{\"status\":000,}".to_vec()))?,
        Fault::Truncated => {
            let half = right.body.bytes()[..length / 2].to_vec();
            send(stream, &with_body(right, half))?;
        }
        Fault::Status(status) => send(stream, &Answer::verdict(status, xml))?,
        Fault::Huge(megabytes) => send_huge(stream, right, megabytes)?,
    }
    Ok(Next::Keep)
}

fn with_body(right: &Answer, body: Vec<u8>) -> Answer {
    Answer {
        body: Body::Made(body),
        ..right.clone()
    }
}

/// Valid JSON: an empty list with that much white space in it.
fn send_huge(mut stream: &TcpStream, right: &Answer, megabytes: u64) -> io::Result<()> {
    let open = "{\"status\":\"000\",\"message\":\"정상\",\"list\":[".as_bytes();
    let filler = vec![b' '; MEGABYTE as usize];
    let length = open.len() + filler.len() * megabytes as usize + 2;
    stream.write_all(&right.head(length))?;
    stream.write_all(open)?;
    for _ in 0..megabytes {
        stream.write_all(&filler)?;
    }
    stream.write_all(b"]}")
}

/// Sends nothing more until the client leaves or the server stops, which ends the connection.
fn wait_for_client_to_leave(mut stream: &TcpStream) -> io::Result<Next> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored)? > 0 {}
    Ok(Next::Close)
}
