//! The connection overrides that ride in a URL's fragment (Twilio, "Webhooks connection overrides").

/// How a request is tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Overrides {
    /// Milliseconds to connect.
    pub(super) connect: u32,
    /// Milliseconds to answer.
    pub(super) read: u32,
    /// Milliseconds for all attempts together.
    pub(super) total: u32,
    /// How often it is tried again.
    pub(super) retries: u32,
    pub(super) after: RetryOn,
}

/// After what a request is tried again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RetryOn {
    pub(super) connect: bool,
    /// An answer that took too long.
    pub(super) read: bool,
    /// A 4xx.
    pub(super) client: bool,
    /// A 5xx.
    pub(super) server: bool,
    pub(super) all: bool,
}

impl Default for Overrides {
    /// What Twilio does where nothing is said: once more, and only after a failed connect.
    fn default() -> Self {
        let after = RetryOn {
            connect: true,
            read: false,
            client: false,
            server: false,
            all: false,
        };
        Self {
            connect: 5_000,
            read: 15_000,
            total: 15_000,
            retries: 1,
            after,
        }
    }
}

/// The edges that Twilio may ask from.
const EDGES: [&str; 8] = [
    "ashburn",
    "dublin",
    "frankfurt",
    "sao-paulo",
    "singapore",
    "sydney",
    "tokyo",
    "umatilla",
];

/// What is wrong with a fragment: the carrier's code, and words.
pub(super) type Invalid = (u32, String);

impl Overrides {
    /// Reads a fragment. Keys that are not known mean nothing, so that an anchor is harmless.
    ///
    /// # Errors
    /// Values out of range (11243), edges that do not exist (11240, 11241, 11242).
    pub(super) fn parse(fragment: &str) -> Result<Self, Invalid> {
        let mut overrides = Self::default();
        for pair in fragment.split('&') {
            let Some((key, value)) = pair.split_once('=') else {
                continue;
            };
            match key {
                "ct" => overrides.connect = number(pair, value, 100, 10_000)?,
                "rt" => overrides.read = number(pair, value, 100, 15_000)?,
                "tt" => overrides.total = number(pair, value, 100, 15_000)?,
                "rc" => overrides.retries = number(pair, value, 0, 5)?,
                "rp" => overrides.after = RetryOn::parse(pair, value)?,
                "sni" if !matches!(value, "y" | "n") => {
                    return Err((11243, format!("`{pair}`: y or n")));
                }
                "e" => check_edges(pair, value)?,
                _ => {}
            }
        }
        Ok(overrides)
    }
}

fn number(pair: &str, value: &str, least: u32, most: u32) -> Result<u32, Invalid> {
    let number = value
        .parse()
        .ok()
        .filter(|number| (least..=most).contains(number));
    number.ok_or_else(|| (11243, format!("`{pair}` is not from {least} to {most}")))
}

fn check_edges(pair: &str, value: &str) -> Result<(), Invalid> {
    for edge in value.split(',') {
        if edge.is_empty() {
            return Err((11240, format!("`{pair}` names no edge")));
        }
        if !EDGES.contains(&edge.strip_suffix("-ix").unwrap_or(edge)) {
            return Err((11241, format!("`{edge}` is no edge")));
        }
    }
    Ok(())
}

impl RetryOn {
    fn parse(pair: &str, value: &str) -> Result<Self, Invalid> {
        let mut after = Self {
            connect: false,
            read: false,
            client: false,
            server: false,
            all: false,
        };
        for word in value.split(',') {
            match word {
                "ct" => after.connect = true,
                "rt" => after.read = true,
                "4xx" => after.client = true,
                "5xx" => after.server = true,
                "all" => after.all = true,
                _ => return Err((11243, format!("`{pair}`: 4xx, 5xx, ct, rt or all"))),
            }
        }
        Ok(after)
    }

    /// Whether a status is worth another attempt.
    pub(super) fn status(self, status: u16) -> bool {
        match status {
            400..=499 => self.client || self.all,
            500..=599 => self.server || self.all,
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Overrides, RetryOn};

    #[test]
    fn nothing_said_is_one_retry_after_a_failed_connect() {
        for fragment in ["", "top", "x=1&y"] {
            assert_eq!(
                Overrides::parse(fragment),
                Ok(Overrides::default()),
                "{fragment}"
            );
        }
    }

    #[test]
    fn what_is_said_counts() {
        let overrides =
            Overrides::parse("ct=2000&rt=4000&tt=14000&rc=2&rp=ct,rt,5xx&e=dublin,tokyo-ix&sni=n")
                .unwrap();
        let after = RetryOn {
            connect: true,
            read: true,
            client: false,
            server: true,
            all: false,
        };
        assert_eq!(
            overrides,
            Overrides {
                connect: 2000,
                read: 4000,
                total: 14_000,
                retries: 2,
                after
            }
        );
    }

    #[test]
    fn values_that_the_carrier_refuses_have_its_codes() {
        for (fragment, code) in [
            ("rc=6", 11243),
            ("ct=99", 11243),
            ("tt=15001", 11243),
            ("rp=6xx", 11243),
            ("sni=maybe", 11243),
            ("e=", 11240),
            ("e=mars", 11241),
        ] {
            assert_eq!(
                Overrides::parse(fragment).unwrap_err().0,
                code,
                "{fragment}"
            );
        }
    }
}
