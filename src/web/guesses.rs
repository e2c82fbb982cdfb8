//! How often somebody may guess the admin token.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::http::header::{self, HeaderMap};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

/// How long wrong tokens are counted together.
const WINDOW: Duration = Duration::from_mins(1);
/// How many wrong tokens a peer may send in that time before its tokens are no longer checked.
const OF_ONE: u32 = 10;
/// How many wrong tokens may come from all peers in that time before only peers that once sent the right one are
/// checked.
const OF_ALL: u32 = 100;
/// How many of those peers are remembered.
const KNOWN: usize = 256;

/// What a token that was given is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guess {
    /// It is the token.
    Right,
    /// It is not.
    Wrong,
    /// It was not checked: too many were wrong.
    TooMany,
}

/// Counts wrong tokens, by peer and in all.
#[derive(Debug, Default)]
pub struct Guesses(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    since: Option<Instant>,
    of_one: HashMap<IpAddr, u32>,
    of_all: u32,
    known: HashSet<IpAddr>,
}

impl Guesses {
    /// Checks a token that a peer sent, unless the peer has guessed too often.
    pub fn look(&self, peer: Option<IpAddr>, given: &str, token: &SecretString) -> Guess {
        self.look_at(peer, given, token, Instant::now())
    }

    fn look_at(
        &self,
        peer: Option<IpAddr>,
        given: &str,
        token: &SecretString,
        now: Instant,
    ) -> Guess {
        let peer = network(peer.unwrap_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED)));
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counts.begin(now);
        if counts.is_too_many(peer) {
            return Guess::TooMany;
        }
        if is_token(given, token) {
            if counts.known.len() < KNOWN {
                counts.known.insert(peer);
            }
            return Guess::Right;
        }
        counts.of_all = counts.of_all.saturating_add(1);
        *counts.of_one.entry(peer).or_default() += 1;
        Guess::Wrong
    }
}

impl Counts {
    /// Forgets what was counted in a window that is over.
    fn begin(&mut self, now: Instant) {
        if self
            .since
            .is_none_or(|since| now.duration_since(since) >= WINDOW)
        {
            self.since = Some(now);
            self.of_one.clear();
            self.of_all = 0;
        }
    }

    fn is_too_many(&self, peer: IpAddr) -> bool {
        let of_one = self.of_one.get(&peer).copied().unwrap_or_default();
        of_one >= OF_ONE || (self.of_all >= OF_ALL && !self.known.contains(&peer))
    }
}

/// The holder of one IPv6 address has its whole /64 network.
fn network(peer: IpAddr) -> IpAddr {
    match peer.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).into(),
    }
}

/// The token that a request carries, if it carries one.
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = given.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

/// Compares digests, so that the time taken reveals neither the token nor its length.
pub fn is_token(given: &str, token: &SecretString) -> bool {
    let digest = |text: &str| Sha256::digest(text.as_bytes());
    digest(given).ct_eq(&digest(token.expose_secret())).into()
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;
    use std::time::Instant;

    use secrecy::SecretString;

    use super::{Guess, Guesses, OF_ALL, OF_ONE, WINDOW};

    const TOKEN: &str = "a-token-that-is-long";

    fn peer(text: &str) -> Option<IpAddr> {
        Some(text.parse().expect("an address"))
    }

    #[test]
    fn who_guesses_too_often_is_not_listened_to_for_a_minute() {
        let (guesses, token, now) = (
            Guesses::default(),
            SecretString::from(TOKEN),
            Instant::now(),
        );
        let look =
            |address: &str, given: &str, now| guesses.look_at(peer(address), given, &token, now);
        for _ in 0..OF_ONE {
            assert_eq!(look("192.0.2.1", "a-token", now), Guess::Wrong);
        }
        assert_eq!(
            look("192.0.2.1", TOKEN, now),
            Guess::TooMany,
            "not even the right one"
        );
        assert_eq!(look("192.0.2.2", TOKEN, now), Guess::Right, "others are");
        assert_eq!(look("192.0.2.1", TOKEN, now + WINDOW), Guess::Right);
    }

    #[test]
    fn many_who_guess_are_not_listened_to_and_who_was_right_before_is() {
        let (guesses, token, now) = (
            Guesses::default(),
            SecretString::from(TOKEN),
            Instant::now(),
        );
        let look = |address: &str, given: &str| guesses.look_at(peer(address), given, &token, now);
        assert_eq!(look("198.51.100.1", TOKEN), Guess::Right);
        for number in 0..OF_ALL {
            assert_eq!(
                look(&format!("192.0.{}.{}", number / 200, number % 200), "wrong"),
                Guess::Wrong
            );
        }
        assert_eq!(look("203.0.113.1", TOKEN), Guess::TooMany);
        assert_eq!(look("198.51.100.1", TOKEN), Guess::Right);
    }

    #[test]
    fn a_network_of_ipv6_is_one_peer() {
        let (guesses, token, now) = (
            Guesses::default(),
            SecretString::from(TOKEN),
            Instant::now(),
        );
        for number in 0..OF_ONE {
            let address = format!("2001:db8::{number:x}");
            assert_eq!(
                guesses.look_at(peer(&address), "wrong", &token, now),
                Guess::Wrong
            );
        }
        assert_eq!(
            guesses.look_at(peer("2001:db8::ffff"), TOKEN, &token, now),
            Guess::TooMany
        );
        assert_eq!(
            guesses.look_at(peer("2001:db8:0:1::1"), TOKEN, &token, now),
            Guess::Right
        );
    }
}
