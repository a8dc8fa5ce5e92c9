//! Chance that is the same on every machine and in every run.

/// Mixes 64 bits so well that neighbours have nothing in common (SplitMix64's finaliser).
pub(super) const fn splitmix(seed: u64) -> u64 {
    let mut bits = seed.wrapping_add(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    bits ^ (bits >> 31)
}

/// A number in 0..1 that looks random and depends on the seed and the request alone.
pub(super) fn unit(seed: u64, nth: u64) -> f64 {
    let bits = splitmix(splitmix(seed) ^ nth);
    // The upper 53 bits, as many as a double holds.
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
