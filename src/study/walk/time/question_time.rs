//! How long a question keeps a caller.

use std::time::Duration;

use super::KEY;
use super::said::Said;
use crate::engine::edge::By;

/// The longest entry that is assumed, in keys: nobody enters more.
pub const MAX_ENTRY: u32 = 64;

/// How what is said is heard, up to the next question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hearing {
    /// To its end.
    Whole,
    /// A key has cut it off.
    Cut,
}

/// How a question waits, and what is said after misses.
#[derive(Clone, Debug, Default)]
pub struct QuestionTime {
    /// Times that it is put.
    pub attempts: usize,
    /// The silence that ends it.
    pub timeout: Duration,
    /// The number of keys that ends it.
    pub num_digits: Option<u32>,
    /// Whether a key ends it.
    pub finishes: bool,
    /// The fewest and the most keys of a legal entry.
    pub entry: (u32, u32),
    /// Whether a silence counts as a miss.
    pub silence_counts: bool,
    /// Whether something wrong can be entered.
    pub wrong_counts: bool,
    /// What is said after each silence but the last.
    pub silent: Vec<Said>,
    /// What is said after each wrong entry but the last.
    pub wrong: Vec<Said>,
    /// The condition that refuses an entry, by its place, with more words than any other wrong entry gets.
    pub refused: Option<usize>,
    /// How long it takes at most, each time that it is put, to find out by questions what was said.
    pub guesses: Duration,
    /// How long its prompt is heard until it has named a key of its own.
    pub first_key: Duration,
    /// Bytes of the verb that asks.
    pub bytes: u64,
}

fn keys(number: u32) -> Duration {
    KEY * number
}

impl QuestionTime {
    /// Every miss but the last one where each takes as long as it can: silences first, then wrong entries. How many of
    /// each, and how long.
    pub fn misses(&self) -> (usize, usize, Duration) {
        let all = self.all_misses();
        let take = |silences: usize| {
            let silent: Duration = self.silent[..silences]
                .iter()
                .map(|said| self.timeout + said.whole.lasts)
                .sum();
            let wrong = self.wrong[..all - silences]
                .iter()
                .map(|said| self.wrong_longest() + said.whole.lasts);
            (silences, all - silences, silent + wrong.sum::<Duration>())
        };
        let least = if self.wrong_counts { 0 } else { all };
        let most = if self.silence_counts { all } else { 0 };
        (least..=most)
            .map(take)
            .max_by_key(|(_, _, lasts)| *lasts)
            .unwrap_or_default()
    }

    /// Every miss but the last one, where misses count at all.
    fn all_misses(&self) -> usize {
        if self.silence_counts || self.wrong_counts {
            self.attempts.saturating_sub(1)
        } else {
            0
        }
    }

    /// How long it keeps a caller at most who hears `said` and takes a way then.
    pub fn longest(&self, said: Duration, by: &By) -> Duration {
        said + self.misses().2
            + self.guesses * self.attempts as u32
            + match by {
                By::NoInput | By::Silent => self.timeout,
                By::NoMatch | By::AnyKey => self.wrong_longest(),
                by => {
                    let number = self.entry(by).1;
                    keys(number)
                        + if self.num_digits == Some(number) {
                            Duration::ZERO
                        } else {
                            self.timeout
                        }
                }
            }
    }

    /// How long it keeps a caller at least who takes a way; nothing where that way cannot be taken so.
    pub fn shortest(&self, said: &Said, by: &By, hearing: Hearing) -> Option<Duration> {
        let cut = match hearing {
            Hearing::Whole => Some(said.head),
            Hearing::Cut => said.nests.then_some(Duration::ZERO),
        };
        let all = self.attempts.saturating_sub(1);
        match by {
            By::Silent if self.finishes => Some(cut? + KEY),
            By::Silent => (hearing == Hearing::Whole).then(|| said.whole.lasts + self.timeout),
            By::AnyKey => Some(cut? + self.wrong_shortest()),
            By::NoInput if !self.finishes && !self.wrong_counts => {
                let again = self.silent.iter();
                let again = again.map(|said| said.whole.lasts + self.timeout);
                let again: Duration = again.sum();
                (hearing == Hearing::Whole).then(|| said.whole.lasts + self.timeout + again)
            }
            By::NoInput if self.finishes => Some(cut? + self.quickest(all).2 + KEY),
            By::NoInput if all == 0 => {
                (hearing == Hearing::Whole).then(|| said.whole.lasts + self.timeout)
            }
            // Silence hears everything that is said last.
            By::NoInput => {
                let last = self.wrong_shortest() + self.wrong[all - 1].whole.lasts + self.timeout;
                Some(cut? + self.quickest(all - 1).2 + last)
            }
            By::NoMatch => Some(cut? + self.quickest(all).2 + self.wrong_shortest()),
            by => Some(cut? + self.entered(self.entry(by).0)),
        }
    }

    /// So many misses where each is as short as it can be: the key that ends an entry pressed alone, which counts as
    /// silence, and wrong entries. How many of each, and how long.
    pub fn quickest(&self, all: usize) -> (usize, usize, Duration) {
        let take = |silences: usize| {
            let silent: Duration = self.silent[..silences]
                .iter()
                .map(|said| KEY + said.head)
                .sum();
            let wrong = self.wrong[..all - silences]
                .iter()
                .map(|said| self.wrong_shortest() + said.head);
            (silences, all - silences, silent + wrong.sum::<Duration>())
        };
        let most = if self.finishes && self.silence_counts {
            all
        } else {
            0
        };
        (0..=most)
            .map(take)
            .min_by_key(|(_, _, lasts)| *lasts)
            .unwrap_or_default()
    }

    /// How many keys an entry has, at least and at most.
    fn entry(&self, by: &By) -> (u32, u32) {
        match by {
            By::Entry(_) => (self.entry.0, self.entry.1.min(MAX_ENTRY)),
            By::Keys(keys) => (keys.len() as u32, keys.len() as u32),
            _ => (1, 1),
        }
    }

    /// So many keys, and what ends them.
    fn entered(&self, number: u32) -> Duration {
        match self.num_digits {
            Some(digits) if digits == number => keys(number),
            _ if self.finishes => keys(number + 1),
            _ => keys(number) + self.timeout,
        }
    }

    /// One key and what ends it, or as many as end it by themselves.
    fn wrong_shortest(&self) -> Duration {
        let all = self.num_digits.map(keys);
        all.map_or(self.entered(1), |all| all.min(self.entered(1)))
    }

    /// As many keys as do not end the entry, and the silence that does.
    fn wrong_longest(&self) -> Duration {
        match self.num_digits {
            Some(1) => KEY,
            Some(digits) => keys(digits - 1) + self.timeout,
            None => keys(self.entry.1.min(MAX_ENTRY)) + self.timeout,
        }
    }
}
