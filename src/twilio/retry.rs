//! The retry rule that we ask of Twilio.

/// Goes behind every URL that we hand to Twilio: its "connection overrides", which ride in the fragment, are never
/// sent and never signed (Twilio, "Webhooks connection overrides").
///
/// Left alone, Twilio tries again once, and only after a failed connect; a read that times out ends the call. Here a
/// failed connect, a read timeout and a 5xx are each tried again, up to twice (`rc`, `rp`). Milliseconds: 2,000 to
/// connect (`ct`), 4,000 to answer (`rt`), 14,000 for all attempts together (`tt`), which stays under Twilio's ceiling
/// of 15,000 so that the fallback URL still gets its turn. Safe only because a repeated turn gets the same reply.
pub const FRAGMENT: &str = "#ct=2000&rt=4000&tt=14000&rc=2&rp=ct,rt,5xx";

#[cfg(test)]
mod tests {
    use super::FRAGMENT;

    #[test]
    fn every_value_is_in_the_range_that_twilio_takes() {
        let number = |key: &str| -> u32 {
            let rules = FRAGMENT.trim_start_matches('#').split('&');
            let found = rules
                .filter_map(|rule| rule.split_once('='))
                .find(|(name, _)| *name == key);
            found.and_then(|(_, value)| value.parse().ok()).unwrap()
        };
        assert!((100..=10_000).contains(&number("ct")));
        assert!((100..=15_000).contains(&number("rt")));
        assert!((100..=15_000).contains(&number("tt")));
        assert!((0..=5).contains(&number("rc")));
    }
}
