use std::time::Duration;

use crate::opendart::{Error, Kind};

/// Attempts after the first.
const RETRIES: usize = 2;

/// The longest wait a server may ask for before the call is given up instead.
pub(super) const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(120);

/// How long maintenance (800) is waited out before each retry.
const MAINTENANCE_PAUSES: [Duration; RETRIES] = [Duration::from_secs(30), Duration::from_secs(60)];

/// The longest wait before each retry of another failure.
const LONGEST_BACKOFFS: [Duration; RETRIES] = [Duration::from_secs(1), Duration::from_secs(4)];

/// The retries that are left to one call.
#[derive(Debug, Default)]
pub(super) struct Retries {
    failed: usize,
}

impl Retries {
    /// How long to wait after a failed attempt before the next; `None` to give up.
    pub(super) fn after(&mut self, error: &Error) -> Option<Duration> {
        let failed = self.failed;
        self.failed += 1;
        match error.kind() {
            Kind::KeyRefused | Kind::DailyLimit | Kind::Permanent => None,
            Kind::Maintenance => MAINTENANCE_PAUSES.get(failed).copied(),
            Kind::Transient { retry_after } => {
                let asked = retry_after.unwrap_or_default();
                let longest = LONGEST_BACKOFFS.get(failed)?;
                (asked <= LONGEST_RETRY_AFTER).then(|| full_jitter(*longest).max(asked))
            }
        }
    }
}

/// A wait between nothing and the longest, evenly spread, so that callers who failed together do
/// not come back together.
fn full_jitter(longest: Duration) -> Duration {
    longest.mul_f64(fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_BACKOFFS, Retries};
    use crate::opendart::{Error, Status, TransportError, UnexpectedBody};
    use std::time::Duration;

    fn refused(code: &str) -> Error {
        Error::Refused {
            status: Status::parse(code),
            message: String::new(),
        }
    }

    fn busy(seconds: u64) -> Error {
        Error::Http {
            status: 503,
            retry_after: Some(Duration::from_secs(seconds)),
        }
    }

    #[test]
    fn the_wait_is_spread_between_nothing_and_a_growing_ceiling() {
        let closed = TransportError::Closed.into();
        let waits: Vec<[Option<Duration>; 3]> = (0..200)
            .map(|_| {
                let mut retries = Retries::default();
                [(); 3].map(|()| retries.after(&closed))
            })
            .collect();
        assert_eq!(LONGEST_BACKOFFS.map(|longest| longest.as_secs()), [1, 4]);
        for (at, ceiling) in [(0, 1.0), (1, 4.0)] {
            let share = |wait: &[Option<Duration>; 3]| wait[at].unwrap().as_secs_f64() / ceiling;
            assert!(waits.iter().all(|wait| share(wait) <= 1.0));
            // Two hundred draws miss a quarter of the range once in 10^25 runs.
            assert!(waits.iter().any(|wait| share(wait) < 0.25));
            assert!(waits.iter().any(|wait| share(wait) > 0.75));
        }
        assert!(waits.iter().all(|wait| wait[2].is_none()));
    }

    #[test]
    fn what_may_pass_is_tried_twice_more() {
        let mut retries = Retries::default();
        assert!(retries.after(&TransportError::Closed.into()).is_some());
        assert!(
            retries
                .after(&Error::NotDart {
                    found: UnexpectedBody::Html
                })
                .is_some()
        );
        assert_eq!(retries.after(&refused("900")), None);
    }

    #[test]
    fn maintenance_is_waited_out_for_30_and_60_seconds() {
        let mut retries = Retries::default();
        let mut after = || retries.after(&refused("800"));
        assert_eq!(after(), Some(Duration::from_secs(30)));
        assert_eq!(after(), Some(Duration::from_secs(60)));
        assert_eq!(after(), None);
    }

    #[test]
    fn what_a_server_asks_for_is_waited_unless_it_is_over_two_minutes() {
        let at_most = |seconds| Duration::from_secs(seconds);
        assert_eq!(Retries::default().after(&busy(120)), Some(at_most(120)));
        assert_eq!(Retries::default().after(&busy(121)), None);
    }

    #[test]
    fn what_cannot_pass_is_never_tried_again() {
        for code in [
            "010", "011", "012", "901", "020", "021", "100", "101", "555",
        ] {
            assert_eq!(Retries::default().after(&refused(code)), None, "{code}");
        }
    }

    #[test]
    fn different_failures_share_the_retries_of_a_call() {
        let mut retries = Retries::default();
        assert_eq!(
            retries.after(&refused("800")),
            Some(Duration::from_secs(30))
        );
        assert!(retries.after(&TransportError::Closed.into()).is_some());
        assert_eq!(retries.after(&refused("800")), None);
    }
}
