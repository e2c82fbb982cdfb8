//! Chance that can be had again: from a seed that is printed, or given as `HOOKSWITCH_SEED`.

use std::time::Duration;

use super::server::is_long;

/// Numbers by SplitMix64 (Steele, Lea and Flood, 2014).
#[derive(Clone)]
pub struct Chance(u64);

impl Chance {
    /// A new seed, which a test that fails has printed.
    pub fn new() -> Self {
        Self::of(|| u64::from(getrandom::u32().expect("the system has randomness")))
    }

    /// The same seed in each run: for a test that finds what nobody thought of in its long form, where seeds are new.
    pub fn same() -> Self {
        if is_long() {
            Self::new()
        } else {
            Self::of(|| 1)
        }
    }

    fn of(seed: impl FnOnce() -> u64) -> Self {
        let given = std::env::var("HOOKSWITCH_SEED").ok();
        let given = given.map(|seed| seed.parse().expect("a seed is a number"));
        let seed = given.unwrap_or_else(seed);
        println!("HOOKSWITCH_SEED={seed}");
        Self(seed)
    }

    /// Chance of its own, for another task.
    pub fn fork(&mut self) -> Self {
        Self(self.next())
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below a limit.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    /// A time up to a limit.
    pub fn time_up_to(&mut self, limit: Duration) -> Duration {
        Duration::from_micros(self.next() % (limit.as_micros() as u64 + 1))
    }
}
