//! How far it is with what a call waits for, where the step that waits must know more than that it waits.

use serde::{Deserialize, Serialize};

use super::awaiting::Awaiting;
use super::guess::Guess;
use super::hunt::Hunt;
use super::placing::Placing;
use super::proof::Proof;
use super::waiting::Waiting;

/// How far it is with what a call waits for. It begins and ends with the wait.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Progress {
    /// A dial calls several, or whoever answers must take the call.
    Hunt(Hunt),
    /// The caller waits in a queue.
    Queue(Waiting),
    /// A service is asked.
    Service(Awaiting),
    /// A code was sent by SMS.
    Proof(Proof),
    /// The call is to be placed.
    Placing(Placing),
    /// A caller has perhaps said something, and is asked about it.
    Guess(Guess),
    /// A machine talks with the caller.
    Talk {
        /// When that began, in milliseconds since 1970.
        began: i64,
    },
}
