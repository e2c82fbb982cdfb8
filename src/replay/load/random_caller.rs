//! A caller without a test file: presses keys that the prompts mention, and may misbehave.

use std::time::Duration;

use fastrand::Rng;

use crate::phone::{CallEvent, Caller, Notice, PhoneAct, Severity, Situation, TimedAct};

/// The most questions that a caller answers before hanging up.
const MOST_QUESTIONS: u32 = 60;
/// From key to key.
const KEY: Duration = Duration::from_millis(200);
/// The most keys of an entry of unknown length.
const MOST_KEYS: usize = 4;

/// A caller who acts at random.
pub struct RandomCaller {
    rng: Rng,
    manners: Behaviour,
    /// What was heard since the last entry.
    heard: String,
    /// Keys of the entry that are still to be pressed.
    entry: Vec<char>,
    questions: u32,
    /// What ended the call or would have, in the carrier's words.
    pub faults: Vec<Notice>,
}

/// How a caller behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Hears everything, and presses keys that were mentioned.
    Good,
    /// At each question, at random: hangs up, is silent, presses a wrong key, presses keys before the prompt is over.
    Bad,
}

impl RandomCaller {
    pub fn new(rng: Rng, manners: Behaviour) -> Self {
        Self {
            rng,
            manners,
            heard: String::new(),
            entry: Vec::new(),
            questions: 0,
            faults: Vec::new(),
        }
    }

    /// What is done at a question, or before it is over.
    fn answer(&mut self, num_digits: Option<u32>, finish: Option<char>) -> Option<PhoneAct> {
        self.questions += 1;
        if self.questions > MOST_QUESTIONS {
            return Some(PhoneAct::HangUp);
        }
        if self.manners == Behaviour::Bad {
            match self.rng.u8(0..10) {
                0 => return Some(PhoneAct::HangUp),
                1 => return None,
                2 => return Some(PhoneAct::Press(['*', '#', '0'][self.rng.usize(0..3)])),
                _ => {}
            }
        }
        self.entry = self.keys(num_digits, finish);
        self.heard.clear();
        self.press()
    }

    fn press(&mut self) -> Option<PhoneAct> {
        self.entry.pop().map(PhoneAct::Press)
    }

    /// An entry, last key first.
    fn keys(&mut self, num_digits: Option<u32>, finish: Option<char>) -> Vec<char> {
        let spoken: Vec<char> = spoken_keys(&self.heard);
        if num_digits == Some(1) && !spoken.is_empty() {
            return vec![spoken[self.rng.usize(0..spoken.len())]];
        }
        let length = num_digits.map_or_else(
            || self.rng.usize(1..=MOST_KEYS),
            |keys| keys.min(32) as usize,
        );
        let mut entry: Vec<char> = (0..length).map(|_| self.rng.digit(10)).collect();
        if num_digits.is_none() {
            entry.insert(0, finish.unwrap_or('#'));
        }
        entry
    }
}

/// The keys that a prompt mentions: single digits.
fn spoken_keys(heard: &str) -> Vec<char> {
    let words = heard.split(|c: char| !c.is_alphanumeric());
    let alone = words
        .filter(|word| word.len() == 1)
        .filter_map(|word| word.chars().next());
    alone.filter(char::is_ascii_digit).collect()
}

impl Caller for RandomCaller {
    fn notice(&mut self, _: Duration, event: &CallEvent) {
        match event {
            CallEvent::Hears(speech) => {
                self.heard.push(' ');
                self.heard.push_str(&speech.text);
            }
            CallEvent::Notices(notice) if notice.severity == Severity::Error => {
                self.faults.push(notice.clone());
            }
            _ => {}
        }
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        let act = match moment {
            Situation::Hears { listens: true, .. } => match self.press() {
                Some(act) => Some(act),
                None if self.manners == Behaviour::Bad && self.rng.u8(0..4) == 0 => {
                    Some(PhoneAct::Press(self.rng.digit(10)))
                }
                None => None,
            },
            Situation::Asked {
                num_digits,
                finish_on_key,
                keys,
                ..
            } => match self.press() {
                Some(act) => Some(act),
                None if keys.is_empty() => self.answer(*num_digits, *finish_on_key),
                None => None,
            },
            Situation::Hears { .. } | Situation::Records { .. } | Situation::Away { .. } => None,
        };
        act.map(|act| TimedAct {
            after: KEY.min(moment.lasts() / 2),
            act,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::spoken_keys;

    #[test]
    fn the_keys_of_a_prompt_are_the_digits_that_stand_alone() {
        assert_eq!(
            spoken_keys("For a letter press 1, for 30 kilograms 2. Press 3."),
            ['1', '2', '3']
        );
        assert!(spoken_keys("Nothing").is_empty());
    }
}
