use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBuilder};

use crate::opendart::{Error, Kind};

/// Attempts after the first.
const RETRIES: usize = 2;

/// The longest wait a server may ask for before the call is given up instead.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(120);

/// How long maintenance (800) is waited out before each retry.
const MAINTENANCE_PAUSES: [Duration; RETRIES] = [Duration::from_secs(30), Duration::from_secs(60)];

const FIRST_CEILING: Duration = Duration::from_secs(1);
const CEILING_GROWTH: f32 = 4.0;

/// What to do after a failed attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// Wait so long, then try again.
    After(Duration),
    /// Try no more.
    GiveUp,
}

/// The retries that are left to one call.
pub(super) struct Retries {
    failed: usize,
    backoff: Box<dyn Iterator<Item = Duration> + Send>,
}

impl Retries {
    pub(super) fn new() -> Self {
        Self {
            failed: 0,
            backoff: Box::new(full_jitter()),
        }
    }

    pub(super) fn after(&mut self, error: &Error) -> Next {
        let failed = self.failed;
        self.failed += 1;
        match error.kind() {
            Kind::KeyRefused | Kind::DailyLimit | Kind::Permanent => Next::GiveUp,
            Kind::Maintenance => MAINTENANCE_PAUSES
                .get(failed)
                .map_or(Next::GiveUp, |pause| Next::After(*pause)),
            Kind::Transient { retry_after } => {
                let asked = retry_after.unwrap_or_default();
                match self.backoff.next() {
                    Some(own) if failed < RETRIES && asked <= LONGEST_RETRY_AFTER => {
                        Next::After(own.max(asked))
                    }
                    _ => Next::GiveUp,
                }
            }
        }
    }
}

/// Waits between nothing and a ceiling that grows fourfold (1 s, 4 s), evenly spread, so that
/// callers who failed together do not come back together.
///
/// backon's own jitter adds to the ceiling; what it adds is the wait.
fn full_jitter() -> impl Iterator<Item = Duration> + Send {
    let ceilings = ExponentialBuilder::new()
        .with_min_delay(FIRST_CEILING)
        .with_factor(CEILING_GROWTH)
        .with_max_times(RETRIES);
    let jittered = ceilings.with_jitter().build();
    let pairs = jittered.zip(ceilings.build());
    pairs.map(|(jittered, ceiling)| jittered.saturating_sub(ceiling))
}

#[cfg(test)]
mod tests {
    use super::{Next, Retries, full_jitter};
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
        let waits: Vec<Vec<Duration>> = (0..200).map(|_| full_jitter().collect()).collect();
        for (at, ceiling) in [(0, 1.0), (1, 4.0)] {
            let share = |wait: &Vec<Duration>| wait[at].as_secs_f64() / ceiling;
            assert!(waits.iter().all(|wait| share(wait) <= 1.0));
            // Two hundred draws miss a quarter of the range once in 10^25 runs.
            assert!(waits.iter().any(|wait| share(wait) < 0.25));
            assert!(waits.iter().any(|wait| share(wait) > 0.75));
        }
        assert!(waits.iter().all(|wait| wait.len() == 2));
    }

    #[test]
    fn what_may_pass_is_tried_twice_more() {
        let mut retries = Retries::new();
        assert!(matches!(
            retries.after(&TransportError::Closed.into()),
            Next::After(_)
        ));
        assert!(matches!(
            retries.after(&Error::NotDart {
                found: UnexpectedBody::Html
            }),
            Next::After(_)
        ));
        assert_eq!(retries.after(&refused("900")), Next::GiveUp);
    }

    #[test]
    fn maintenance_is_waited_out_for_30_and_60_seconds() {
        let mut retries = Retries::new();
        let mut after = || retries.after(&refused("800"));
        assert_eq!(after(), Next::After(Duration::from_secs(30)));
        assert_eq!(after(), Next::After(Duration::from_secs(60)));
        assert_eq!(after(), Next::GiveUp);
    }

    #[test]
    fn what_a_server_asks_for_is_waited_unless_it_is_over_two_minutes() {
        let at_most = |seconds| Duration::from_secs(seconds);
        assert_eq!(Retries::new().after(&busy(120)), Next::After(at_most(120)));
        assert_eq!(Retries::new().after(&busy(121)), Next::GiveUp);
    }

    #[test]
    fn what_cannot_pass_is_never_tried_again() {
        for code in [
            "010", "011", "012", "901", "020", "021", "100", "101", "555",
        ] {
            assert_eq!(Retries::new().after(&refused(code)), Next::GiveUp, "{code}");
        }
    }

    #[test]
    fn different_failures_share_the_retries_of_a_call() {
        let mut retries = Retries::new();
        assert_eq!(
            retries.after(&refused("800")),
            Next::After(Duration::from_secs(30))
        );
        assert!(matches!(
            retries.after(&TransportError::Closed.into()),
            Next::After(_)
        ));
        assert_eq!(retries.after(&refused("800")), Next::GiveUp);
    }
}
