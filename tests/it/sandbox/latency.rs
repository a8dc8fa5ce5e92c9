//! The latencies that tests and benches draw have the shape they claim.

use std::time::Duration;

use crate::support::latency::Latency;

const DRAWS: u64 = 100_000;

const fn ms(span: u64) -> Duration {
    Duration::from_millis(span)
}

#[test]
fn exponential_latencies_have_their_mean_and_their_spread() {
    let latency = Latency::exponential(400);
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
fn a_tail_is_as_heavy_as_its_share_and_hits_fast_and_slow_alike() {
    let latency = Latency::exponential(400);
    let slow = |share| {
        let tailed = latency.with_tail(share, 60_000);
        (1..=DRAWS).filter(move |n| tailed.at(*n) == ms(60_000))
    };
    let struck: Vec<u64> = slow(0.01).collect();
    assert!((900..1100).contains(&struck.len()), "{}", struck.len());
    let fast = struck.iter().filter(|n| latency.at(**n) < ms(400)).count();
    let share = fast as f64 / struck.len() as f64;
    assert!((0.58..0.68).contains(&share), "{share}");
    assert_eq!(slow(0.0).count(), 0);
    assert_eq!(slow(1.0).count() as u64, DRAWS);
}

#[test]
fn the_same_answer_always_takes_the_same_time() {
    let drawn = || -> Vec<Duration> {
        let latency = Latency::exponential(20);
        (1..=100).map(|n| latency.at(n)).collect()
    };
    assert_eq!(drawn(), drawn());
    assert_ne!(drawn()[0], drawn()[1]);
    // On every machine: what a logarithm's last bit may differ by is far below a microsecond.
    assert_eq!(drawn()[0].as_micros(), 4218);
    assert_eq!(Latency::constant(7).at(3), ms(7));
}
