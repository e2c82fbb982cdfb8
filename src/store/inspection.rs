//! What was found when a whole store was looked at.

use serde::{Deserialize, Serialize};

/// How many damaged values are named; the others are counted.
const NAMED: usize = 100;

/// How many values there are, and which of them are not what was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inspection {
    /// What there is, a table after the other.
    pub tables: Vec<Tally>,
    /// The first of what is damaged.
    pub damaged: Vec<Damage>,
    /// How much more of it there is.
    pub more_damaged: u64,
}

/// What is in a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Its name.
    pub table: String,
    /// How many values are in it.
    pub values: u64,
    /// How large they are together.
    pub bytes: u64,
}

/// Something that is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Damage {
    /// The table that it is in.
    pub table: String,
    /// Its key; empty where a part of the table cannot be reached.
    pub key: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Inspection {
    /// Whether all of it is as it was written.
    pub fn is_sound(&self) -> bool {
        self.damaged.is_empty()
    }

    /// How many values there are.
    pub fn values(&self) -> u64 {
        self.tables.iter().map(|table| table.values).sum()
    }

    pub(super) fn note(&mut self, table: &str, key: String, reason: &dyn std::fmt::Display) {
        if self.damaged.len() == NAMED {
            self.more_damaged += 1;
        } else {
            self.damaged.push(Damage {
                table: table.to_owned(),
                key,
                reason: reason.to_string(),
            });
        }
    }
}
