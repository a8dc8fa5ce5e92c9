//! Ctrl-C, SIGTERM and a closed terminal (SIGHUP).

use std::process;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

use crate::fetch::Interrupt;

use super::exit::Failure;

/// The exit code of a process that a signal ended.
const INTERRUPTED: i32 = 130;

/// From here on the first signal raises `interrupt`, and the second ends the process at once: what
/// was committed is safe at any moment.
pub(super) fn raise(interrupt: &Interrupt) -> Result<(), Failure> {
    let hangup = Hangup::look();
    let interrupt = interrupt.clone();
    let again = AtomicBool::new(false);
    ctrlc::set_handler(move || {
        if again.swap(true, Ordering::SeqCst) {
            end_at_once();
        }
        interrupt.raise();
    })
    .context("signals cannot be caught")?;
    hangup.put_back();
    Ok(())
}

#[allow(clippy::exit)] // the second Ctrl-C: nobody wants to wait for anything
fn end_at_once() -> ! {
    process::exit(INTERRUPTED)
}

/// Whether SIGHUP was ignored before, as under nohup: then it has to stay so, and catching it with
/// the others would end a job whose user asked for the contrary.
struct Hangup {
    #[cfg(unix)]
    was_ignored: bool,
}

#[cfg(unix)]
#[allow(unsafe_code)]
impl Hangup {
    fn look() -> Self {
        let mut before = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a null action only asks, and `before` is a valid place for the answer.
        let asked = unsafe { libc::sigaction(libc::SIGHUP, std::ptr::null(), before.as_mut_ptr()) };
        // SAFETY: zeroed is a valid sigaction, and the call has filled it in where it succeeded.
        let before = unsafe { before.assume_init() };
        Self {
            was_ignored: asked == 0 && before.sa_sigaction == libc::SIG_IGN,
        }
    }

    fn put_back(&self) {
        if self.was_ignored {
            // SAFETY: SIG_IGN is a valid disposition for SIGHUP; no handler of ours is involved.
            unsafe { libc::signal(libc::SIGHUP, libc::SIG_IGN) };
        }
    }
}

#[cfg(not(unix))]
impl Hangup {
    fn look() -> Self {
        Self {}
    }

    fn put_back(&self) {}
}
