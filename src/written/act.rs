//! What a caller does when asked, as test calls write it.

use serde::{Deserialize, Serialize};

/// What a caller does when asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum CallerAct {
    /// Presses keys, one after another; the one that ends the entry is among them where it is needed.
    Press(String),
    /// Says something.
    Says(String),
    /// Nothing, until the time is over.
    Silent,
}
