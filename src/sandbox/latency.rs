//! How long answers take: `400`, `exp:400`, `exp:400,1%:3000`.

use std::time::Duration;

/// How long an answer takes, from the request to its first byte. A [`Tail`] comes on top of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Latency {
    /// No longer than it must.
    #[default]
    None,
    /// Always this long.
    Constant(Duration),
    /// This long in the mean, exponentially distributed: most answers are faster, a few take
    /// several times as long, and they overtake each other, as a busy server's do.
    Exponential(Duration),
}

/// The few answers that take far longer than the others.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Tail {
    /// How many of all answers they are, 0 to 1.
    pub share: f64,
    /// How long each of them takes, in place of the usual latency.
    pub span: Duration,
}

/// Why a text describes no latency.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LatencyError {
    /// Something that is no entry.
    #[error(
        "{entry:?} is no latency: write 400 (milliseconds), exp:400 (exponential, in the mean) or \
         1%:3000 (so many of all take so long)"
    )]
    Entry {
        /// The whole entry.
        entry: String,
    },
    /// The usual latency, or the tail, a second time.
    #[error("{entry:?} is one too many: one usual latency and one tail, as exp:400,1%:3000")]
    Twice {
        /// The whole entry.
        entry: String,
    },
    /// Longer than anything waits.
    #[error("{entry:?} is too long: an answer takes an hour (3600000) at most")]
    TooLong {
        /// The whole entry.
        entry: String,
    },
}

/// More than any client waits, and nothing that could overflow.
const LONGEST: Duration = Duration::from_secs(3600);

impl Latency {
    /// Reads a usual latency, a tail, or both, divided by a comma: `400` (milliseconds),
    /// `exp:400`, `1%:3000`, `exp:400,1%:3000`. Nothing at all is no latency.
    ///
    /// # Errors
    /// The first entry that cannot be read; the message tells what can.
    pub fn parse(text: &str) -> Result<(Self, Option<Tail>), LatencyError> {
        let (mut usual, mut tail) = (None, None);
        for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
            let unread = || LatencyError::Entry {
                entry: entry.to_owned(),
            };
            let is_again = if let Some((share, span)) = entry.split_once("%:") {
                let share = percent(share).ok_or_else(unread)?;
                let span = milliseconds(span, entry)?;
                tail.replace(Tail { share, span }).is_some()
            } else if let Some(mean) = entry.strip_prefix("exp:") {
                let mean = milliseconds(mean, entry)?;
                usual.replace(Self::Exponential(mean)).is_some()
            } else {
                let span = milliseconds(entry, entry)?;
                usual.replace(Self::Constant(span)).is_some()
            };
            if is_again {
                return Err(LatencyError::Twice {
                    entry: entry.to_owned(),
                });
            }
        }
        Ok((usual.unwrap_or_default(), tail))
    }

    /// How long the `nth` answer takes, counted from 1: always the same for the same number.
    #[must_use]
    pub fn at(self, nth: u64) -> Duration {
        match self {
            Self::None => Duration::ZERO,
            Self::Constant(span) => span,
            Self::Exponential(mean) => {
                // By inversion; 1 - u is never 0, so the longest is some 37 times the mean.
                let times = -(1.0 - super::unit(USUAL, nth)).ln();
                Duration::try_from_secs_f64(mean.as_secs_f64() * times).unwrap_or(mean)
            }
        }
    }
}

impl Tail {
    /// Whether the `nth` answer is one of them, and then how long it takes.
    #[must_use]
    pub fn at(self, nth: u64) -> Option<Duration> {
        (super::unit(TAIL, nth) < self.share).then_some(self.span)
    }
}

/// Seeds that nobody gives to the faults, so that neither goes with the other: slow answers are
/// not those that fail.
const USUAL: u64 = 0x7573_7561_6c00;
const TAIL: u64 = 0x7461_696c_0000;

fn milliseconds(text: &str, entry: &str) -> Result<Duration, LatencyError> {
    let text = text.trim();
    let is_whole = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_whole {
        return Err(LatencyError::Entry {
            entry: entry.to_owned(),
        });
    }
    // Digits that do not fit are a number all the same, and too large.
    text.parse()
        .ok()
        .map(Duration::from_millis)
        .filter(|span| *span <= LONGEST)
        .ok_or_else(|| LatencyError::TooLong {
            entry: entry.to_owned(),
        })
}

fn percent(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

#[cfg(test)]
mod tests {
    use super::{Latency, LatencyError, Tail};
    use std::time::Duration;

    const DRAWS: u64 = 100_000;

    const fn ms(span: u64) -> Duration {
        Duration::from_millis(span)
    }

    #[test]
    fn a_latency_is_a_usual_one_a_tail_or_both() {
        let tail = |percent: f64| Tail {
            share: percent / 100.0,
            span: ms(3000),
        };
        for (text, latency, tail) in [
            ("", Latency::None, None),
            ("400", Latency::Constant(ms(400)), None),
            ("exp:400", Latency::Exponential(ms(400)), None),
            (
                "exp:400,1%:3000",
                Latency::Exponential(ms(400)),
                Some(tail(1.0)),
            ),
            (
                " 0.5%:3000 , 20 ",
                Latency::Constant(ms(20)),
                Some(tail(0.5)),
            ),
            ("100%:3000", Latency::None, Some(tail(100.0))),
        ] {
            assert_eq!(Latency::parse(text), Ok((latency, tail)), "{text:?}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_can() {
        for bad in [
            "fast",
            "-5",
            "+5",
            "1.5",
            "exp:",
            "exp:-1",
            "exp400",
            "1%",
            "1:3000",
            "%:3000",
            "101%:3000",
            "-1%:3000",
            "nan%:3000",
            "400ms",
        ] {
            let error = Latency::parse(bad).unwrap_err();
            assert!(matches!(error, LatencyError::Entry { .. }), "{bad}");
            let said = error.to_string();
            for way in [&format!("{bad:?}"), "400", "exp:400", "1%:3000"] {
                assert!(said.contains(way), "{way} in {said}");
            }
        }
        for (bad, entry) in [("20,400", "400"), ("exp:1,2", "2"), ("1%:1,2%:2", "2%:2")] {
            let entry = entry.to_owned();
            assert_eq!(Latency::parse(bad), Err(LatencyError::Twice { entry }));
        }
        for bad in ["3600001", "exp:99999999999999999999999", "1%:3600001"] {
            let entry = bad.to_owned();
            assert_eq!(Latency::parse(bad), Err(LatencyError::TooLong { entry }));
        }
        assert!(Latency::parse("3600000").is_ok());
    }

    #[test]
    fn exponential_latencies_have_their_mean_and_their_spread() {
        let latency = Latency::Exponential(ms(400));
        let drawn: Vec<f64> = (1..=DRAWS).map(|n| latency.at(n).as_secs_f64()).collect();
        let mean = drawn.iter().sum::<f64>() / DRAWS as f64;
        assert!((0.396..0.404).contains(&mean), "{mean}");
        // An exponential one is below its mean in 63.2% of all cases, and above three times it in
        // 5.0%.
        let share = |is_one: &dyn Fn(f64) -> bool| {
            drawn.iter().filter(|span| is_one(**span)).count() as f64 / DRAWS as f64
        };
        let below = share(&|span| span < 0.4);
        assert!((0.627..0.637).contains(&below), "{below}");
        let far = share(&|span| span > 1.2);
        assert!((0.047..0.053).contains(&far), "{far}");
    }

    #[test]
    fn a_tail_is_as_heavy_as_its_share_and_strikes_fast_and_slow_alike() {
        let tail = Tail {
            share: 0.01,
            span: ms(3000),
        };
        let struck: Vec<u64> = (1..=DRAWS).filter(|n| tail.at(*n).is_some()).collect();
        assert!((900..1100).contains(&struck.len()), "{}", struck.len());
        assert!(struck.iter().all(|n| tail.at(*n) == Some(ms(3000))));
        let latency = Latency::Exponential(ms(400));
        let fast = struck.iter().filter(|n| latency.at(**n) < ms(400)).count();
        let share = fast as f64 / struck.len() as f64;
        assert!((0.58..0.68).contains(&share), "{share}");
        let none = Tail { share: 0.0, ..tail };
        assert!((1..=DRAWS).all(|n| none.at(n).is_none()));
        let all = Tail { share: 1.0, ..tail };
        assert!((1..=DRAWS).all(|n| all.at(n).is_some()));
    }

    #[test]
    fn the_same_answer_always_takes_the_same_time() {
        let drawn = || -> Vec<Duration> {
            let latency = Latency::Exponential(ms(20));
            (1..=100).map(|n| latency.at(n)).collect()
        };
        assert_eq!(drawn(), drawn());
        assert_ne!(drawn()[0], drawn()[1]);
        // On every machine: what a logarithm's last bit may differ by is far below a microsecond.
        assert_eq!(drawn()[0].as_micros(), 4218);
    }
}
