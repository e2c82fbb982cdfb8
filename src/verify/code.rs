//! A code itself: its length, its life, and how it is drawn.

use std::time::Duration;

/// The fewest digits of a code (NIST SP 800-63B-4, §3.1.3: about 20 bits).
pub const LEAST_DIGITS: u32 = 6;

/// The most: more than anybody reads out without a mistake.
pub const MOST_DIGITS: u32 = 10;

/// How long a code holds (NIST SP 800-63B-4, §3.1.3; Twilio Verify has the same).
pub const LIFE: Duration = Duration::from_mins(10);

/// How often a code may be tried, right or wrong (Twilio Verify, error 60202).
pub const CHECKS: u32 = 5;

/// A code of so many digits, drawn from a generator of random numbers: each code is as likely as any other.
pub fn digits(length: u32, mut random: impl FnMut() -> u32) -> String {
    // Of 2^32 numbers the last six would make some digits likelier: they are drawn again.
    const EVEN: u32 = u32::MAX - u32::MAX % 10;
    let mut digit = || loop {
        let drawn = random();
        if drawn < EVEN {
            return char::from_digit(drawn % 10, 10).unwrap_or('0');
        }
    };
    (0..length).map(|_| digit()).collect()
}
