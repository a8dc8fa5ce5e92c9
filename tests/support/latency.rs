//! How long a busy server's answers take.

use std::time::Duration;

/// How long answers take: always the same for the same number, on every machine.
#[derive(Debug, Clone, Copy)]
pub struct Latency {
    mean: Duration,
    is_exponential: bool,
    /// How many of all answers, 0 to 1, take so long instead.
    tail: (f64, Duration),
}

impl Latency {
    /// Always so many milliseconds.
    pub const fn constant(millis: u64) -> Self {
        Self {
            mean: Duration::from_millis(millis),
            is_exponential: false,
            tail: (0.0, Duration::ZERO),
        }
    }

    /// So many milliseconds in the mean, exponentially distributed: most answers are faster, a few
    /// take several times as long, and they overtake each other.
    pub const fn exponential(millis: u64) -> Self {
        Self {
            is_exponential: true,
            ..Self::constant(millis)
        }
    }

    /// The same, but for a share of all answers, 0 to 1, that take so many milliseconds.
    pub const fn with_tail(self, share: f64, millis: u64) -> Self {
        Self {
            tail: (share, Duration::from_millis(millis)),
            ..self
        }
    }

    /// How long the `nth` answer takes, counted from 1.
    pub fn at(self, nth: u64) -> Duration {
        let (share, span) = self.tail;
        if unit(TAIL, nth) < share {
            return span;
        }
        if !self.is_exponential {
            return self.mean;
        }
        // By inversion; 1 - u is never 0, so the longest is some 37 times the mean.
        let times = -(1.0 - unit(USUAL, nth)).ln();
        Duration::try_from_secs_f64(self.mean.as_secs_f64() * times).unwrap_or(self.mean)
    }
}

/// Seeds that nobody gives to the sandbox's faults: slow answers are not those that fail.
const USUAL: u64 = 0x7573_7561_6c00;
const TAIL: u64 = 0x7461_696c_0000;

/// A number in 0..1 that looks random (SplitMix64).
fn unit(seed: u64, nth: u64) -> f64 {
    let mix = |seed: u64| {
        let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        bits ^ (bits >> 31)
    };
    (mix(mix(seed) ^ nth) >> 11) as f64 / (1_u64 << 53) as f64
}
