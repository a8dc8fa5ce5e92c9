//! What goes wrong, and when: `reset:2%,http503=30:1%,hang@3-7,seed:42`.

use std::fmt;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// One way for an answer to go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The connection is reset (TCP RST) within the headers.
    Reset,
    /// Half the body, then the connection ends.
    Cut,
    /// The body comes a few bytes at a time, this many milliseconds apart.
    Slow(u64),
    /// Content-Length claims more than the body has, and nothing follows.
    Long,
    /// Content-Length claims less than the body has; the rest stands before the next answer.
    Short,
    /// The request is read and never answered.
    Hang,
    /// HTTP 401, 403, 500, 502 or 503 with a page, and Retry-After in seconds if given.
    Http(u16, Option<u64>),
    /// A page for people under HTTP 200.
    Html,
    /// HTTP 200 without a body.
    Empty,
    /// A body that is not JSON.
    BadJson,
    /// Half of the JSON under its own, right Content-Length.
    Truncated,
    /// One of OpenDART's statuses instead of the answer.
    Status(&'static str),
    /// A valid body of this many megabytes.
    Huge(u64),
}

/// Every fault's name in `--faults`, with what it is where no `=N` is given.
const KINDS: [(&str, Fault); 26] = [
    ("reset", Fault::Reset),
    ("cut", Fault::Cut),
    ("slow", Fault::Slow(20)),
    ("long", Fault::Long),
    ("short", Fault::Short),
    ("hang", Fault::Hang),
    ("http401", Fault::Http(401, None)),
    ("http403", Fault::Http(403, None)),
    ("http500", Fault::Http(500, None)),
    ("http502", Fault::Http(502, None)),
    ("http503", Fault::Http(503, None)),
    ("html", Fault::Html),
    ("empty", Fault::Empty),
    ("badjson", Fault::BadJson),
    ("truncated", Fault::Truncated),
    ("huge", Fault::Huge(50)),
    ("key010", Fault::Status("010")),
    ("key011", Fault::Status("011")),
    ("key012", Fault::Status("012")),
    ("key901", Fault::Status("901")),
    ("s020", Fault::Status("020")),
    ("s021", Fault::Status("021")),
    ("s100", Fault::Status("100")),
    ("s800", Fault::Status("800")),
    ("s900", Fault::Status("900")),
    ("s999", Fault::Status("999")),
];

impl Fault {
    /// The names `--faults` knows.
    pub fn names() -> impl Iterator<Item = &'static str> {
        KINDS.iter().map(|(name, _)| *name)
    }

    /// This fault's name in `--faults` and in the counts.
    #[must_use]
    pub fn name(self) -> &'static str {
        let same = |other: Self| match (self, other) {
            (Self::Http(a, _), Self::Http(b, _)) => a == b,
            (Self::Status(a), Self::Status(b)) => a == b,
            (a, b) => std::mem::discriminant(&a) == std::mem::discriminant(&b),
        };
        KINDS
            .iter()
            .find(|(_, kind)| same(*kind))
            .map_or("other", |(name, _)| name)
    }

    /// The fault with `=n` after its name; `None` where it takes no number.
    fn with_number(self, n: u64) -> Option<Self> {
        match self {
            Self::Slow(_) => Some(Self::Slow(n)),
            Self::Huge(_) => Some(Self::Huge(n)),
            Self::Http(code, _) => Some(Self::Http(code, Some(n))),
            _ => None,
        }
    }
}

/// When a fault occurs.
#[derive(Debug, Clone, PartialEq)]
enum When {
    /// At these requests, counted from 1.
    At(RangeInclusive<u64>),
    /// With this probability, 0 to 1.
    Chance(f64),
}

/// Which requests go wrong, and how. The same faults and seed hit the same requests each run.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Faults {
    entries: Vec<(Fault, When)>,
    seed: u64,
}

/// Why a text describes no faults.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// A name that is none.
    #[error("{name:?} is no fault: known are {}", KnownFaults)]
    Unknown {
        /// What was given.
        name: String,
    },
    /// Neither a probability nor a place, or one that cannot be.
    #[error("{entry:?} does not say when: write reset:2%, reset@5, reset@3-7 or reset@3-")]
    When {
        /// The whole entry.
        entry: String,
    },
    /// A number on a fault that takes none, or none that can be read.
    #[error(
        "{entry:?}: only slow=MS, huge=MB and http500, http502, http503=SECONDS take a whole number"
    )]
    Number {
        /// The whole entry.
        entry: String,
    },
    /// Probabilities that add up to more than one.
    #[error("the probabilities add up to {percent} %: more than 100 %")]
    TooLikely {
        /// Their sum, in percent, rounded up.
        percent: u64,
    },
}

struct KnownFaults;

impl fmt::Display for KnownFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, name) in Fault::names().enumerate() {
            f.write_str(if place == 0 { "" } else { ", " })?;
            f.write_str(name)?;
        }
        Ok(())
    }
}

impl Faults {
    /// Reads entries divided by commas: `reset:2%` (probability), `reset@5` (the fifth request),
    /// `reset@3-7`, `reset@3-` (from the third on), `reset` (all), and `seed:N`. `slow=MS` sets the
    /// milliseconds between pieces, `huge=MB` the megabytes, `http503=S` the seconds of Retry-After.
    /// A placed fault comes before a probable one; of several placed, the first.
    ///
    /// # Errors
    /// The first entry that cannot be read; the message lists the names.
    pub fn parse(text: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::default();
        for entry in text.split(',').map(str::trim).filter(|e| !e.is_empty()) {
            let when = || FaultsError::When {
                entry: entry.to_owned(),
            };
            if let Some(seed) = entry.strip_prefix("seed:") {
                faults.seed = seed.parse().map_err(|_| when())?;
                continue;
            }
            let (kind, when) = if let Some((kind, chance)) = entry.split_once(':') {
                (kind, When::Chance(probability(chance).ok_or_else(when)?))
            } else if let Some((kind, place)) = entry.split_once('@') {
                (kind, When::At(places(place).ok_or_else(when)?))
            } else {
                (entry, When::At(1..=u64::MAX))
            };
            faults.entries.push((fault(kind, entry)?, when));
        }
        let sum: f64 = faults.chances().map(|(_, chance)| chance).sum();
        if sum > 1.0 + 1e-9 {
            let percent = (sum * 100.0 - 1e-6).ceil() as u64;
            return Err(FaultsError::TooLikely { percent });
        }
        Ok(faults)
    }

    /// What happens to the `nth` request, counted from 1.
    #[must_use]
    pub fn at(&self, nth: u64) -> Option<Fault> {
        let placed = self.entries.iter().find_map(|(fault, when)| match when {
            When::At(places) if places.contains(&nth) => Some(*fault),
            _ => None,
        });
        placed.or_else(|| {
            let mut roll = super::chance::unit(self.seed, nth);
            self.chances().find_map(|(fault, chance)| {
                roll -= chance;
                (roll < 0.0).then_some(fault)
            })
        })
    }

    /// Whether any request may end in a reset, which has to be prepared for.
    pub(super) fn may_reset(&self) -> bool {
        self.entries.iter().any(|(fault, _)| *fault == Fault::Reset)
    }

    fn chances(&self) -> impl Iterator<Item = (Fault, f64)> + '_ {
        self.entries.iter().filter_map(|(fault, when)| match when {
            When::Chance(chance) => Some((*fault, *chance)),
            When::At(_) => None,
        })
    }
}

impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

fn fault(kind: &str, entry: &str) -> Result<Fault, FaultsError> {
    let (name, number) = match kind.split_once('=') {
        Some((name, number)) => (name.trim(), Some(number)),
        None => (kind.trim(), None),
    };
    let Some((_, fault)) = KINDS.iter().find(|(known, _)| *known == name) else {
        return Err(FaultsError::Unknown {
            name: name.to_owned(),
        });
    };
    match number {
        None => Ok(*fault),
        Some(number) => number
            .parse()
            .ok()
            .and_then(|n| fault.with_number(n))
            .ok_or_else(|| FaultsError::Number {
                entry: entry.to_owned(),
            }),
    }
}

fn probability(text: &str) -> Option<f64> {
    let percent: f64 = text.trim().strip_suffix('%')?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
}

fn places(text: &str) -> Option<RangeInclusive<u64>> {
    let range = match text.split_once('-') {
        None => {
            let one = text.parse().ok()?;
            one..=one
        }
        Some((first, "")) => first.parse().ok()?..=u64::MAX,
        Some((first, last)) => first.parse().ok()?..=last.parse().ok()?,
    };
    (*range.start() > 0 && !range.is_empty()).then_some(range)
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults, FaultsError};

    #[test]
    fn places_come_before_probabilities() {
        let faults = Faults::parse("html:100%, reset@5, hang@3-7, s900@9-").unwrap();
        assert_eq!(faults.at(1), Some(Fault::Html));
        assert_eq!(faults.at(3), Some(Fault::Hang));
        assert_eq!(faults.at(5), Some(Fault::Reset), "the first of two");
        assert_eq!(faults.at(8), Some(Fault::Html));
        assert_eq!(faults.at(1_000_000), Some(Fault::Status("900")));
    }

    #[test]
    fn a_run_repeats_and_another_seed_does_not() {
        let struck = |text: &str| -> Vec<u64> {
            let faults = Faults::parse(text).unwrap();
            (1..=10_000).filter(|n| faults.at(*n).is_some()).collect()
        };
        let two_percent = struck("reset:2%");
        assert!(
            (150..250).contains(&two_percent.len()),
            "{}",
            two_percent.len()
        );
        assert_eq!(two_percent, struck("reset:2%"));
        assert_ne!(two_percent, struck("reset:2%,seed:1"));
    }

    #[test]
    fn numbers_belong_to_the_faults_that_take_one() {
        let first = |text: &str| Faults::parse(text).unwrap().at(1);
        assert_eq!(first("http503=30"), Some(Fault::Http(503, Some(30))));
        assert_eq!(first("slow=1@1"), Some(Fault::Slow(1)));
        assert_eq!(first("huge=2:100%"), Some(Fault::Huge(2)));
        for bad in ["reset=1", "slow=x", "http503="] {
            assert!(
                matches!(Faults::parse(bad), Err(FaultsError::Number { .. })),
                "{bad}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_what_can() {
        let error = Faults::parse("reset:1%,http404:1%")
            .unwrap_err()
            .to_string();
        assert!(error.contains("\"http404\""), "{error}");
        for name in Fault::names() {
            assert!(error.contains(name), "{name} in {error}");
        }
        for bad in ["reset:2", "reset:101%", "reset@0", "reset@7-3", "seed:x"] {
            assert!(
                matches!(Faults::parse(bad), Err(FaultsError::When { .. })),
                "{bad}"
            );
        }
        assert_eq!(
            Faults::parse("reset:60%,cut:50%"),
            Err(FaultsError::TooLikely { percent: 110 })
        );
    }

    #[test]
    fn every_fault_knows_its_name() {
        for name in Fault::names() {
            let fault = Faults::parse(name).unwrap().at(1).unwrap();
            assert_eq!(fault.name(), name);
        }
    }
}
