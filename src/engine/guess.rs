//! What a caller has perhaps said, and is asked about before it counts.

use serde::{Deserialize, Serialize};

use super::value::Value;

/// What a caller has perhaps said. It begins with the first doubt at a question, and ends with the question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Guess {
    /// What the caller is asked about, one after the other; nothing while the question itself is put.
    pub open: Vec<Guessed>,
    /// What the caller has said was not meant: it is not asked about again.
    pub denied: Vec<Guessed>,
}

/// Something that was perhaps said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Guessed {
    /// A key, by its place among those of the question and then those of `[anywhere]`.
    Key(u16),
    /// What was to be entered.
    Entry(Value),
}

/// How much a recogniser must be sure of words, in percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sure {
    /// Below it words are wrong.
    pub low: u8,
    /// From it on they count; between the two the caller is asked.
    pub high: u8,
}

/// What a recogniser's confidence means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The words count.
    Sure,
    /// The caller is asked.
    Doubtful,
    /// The words are wrong.
    Wrong,
}

impl Sure {
    /// What a confidence in percent means. One that is not known is in between: recognisers may leave it out.
    pub fn of(self, percent: Option<u8>) -> Certainty {
        match percent {
            Some(percent) if percent < self.low => Certainty::Wrong,
            Some(percent) if percent >= self.high => Certainty::Sure,
            _ => Certainty::Doubtful,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn confidence_has_three_bands_and_none_is_between() {
        let sure = Sure { low: 40, high: 70 };
        assert_eq!(sure.of(Some(39)), Certainty::Wrong);
        assert_eq!(sure.of(Some(40)), Certainty::Doubtful);
        assert_eq!(sure.of(Some(69)), Certainty::Doubtful);
        assert_eq!(sure.of(Some(70)), Certainty::Sure);
        assert_eq!(sure.of(None), Certainty::Doubtful);
    }
}
