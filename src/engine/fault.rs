//! Why a step could not be done, and how many a turn and a visit may take.

use serde::{Deserialize, Serialize};

/// Steps that one turn may take without waiting for the caller.
pub const STEPS_A_TURN: usize = 64;
/// Steps that one visit may take.
pub const STEPS_A_VISIT: u16 = 1000;

/// Why a step could not be done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum Fault {
    /// An expression cannot be worked out.
    #[error("an expression cannot be worked out: {0}")]
    Expression(String),
    /// A value does not fit its answer.
    #[error("`{value}` does not fit `{name}`")]
    Misfit {
        /// The answer.
        name: String,
        /// What was to be stored; empty where that is sensitive.
        value: String,
    },
    /// A full submission lacks an answer that is promised.
    #[error("`{0}` is promised and not set")]
    Unset(String),
    /// The caller used up all attempts, and the flow names nowhere to go.
    #[error("the caller used up all attempts")]
    GaveUp,
    /// The flow goes round without waiting for the caller.
    #[error("more than {STEPS_A_TURN} steps without waiting for the caller")]
    Circle,
    /// The visit has taken too many steps.
    #[error("more than {STEPS_A_VISIT} steps in one call")]
    TooLong,
    /// A step has nobody to talk to.
    #[error("the step needs a caller, and the caller has left")]
    NoCaller,
    /// The carrier could not carry out the last reply.
    #[error("the carrier could not carry out the reply (error {0})")]
    Refused(u32),
    /// A bug in a step.
    #[error("the step panicked")]
    Panic,
    /// Somebody is to be dialled by a name that stands for no number here.
    #[error("no contact is named `{0}`")]
    NoContact(String),
    /// A list can take no more, and the way that appends to it does not say what comes then.
    #[error("`{0}` can take no more entries")]
    ListFull(String),
    /// A full submission has too few entries of a list.
    #[error("`{name}` has {has} of at least {needs} entries")]
    ListShort {
        /// The list.
        name: String,
        /// How many it has.
        has: u16,
        /// How many are promised.
        needs: u16,
    },
    /// The next caller of a queue is dialled that is a workflow of the carrier.
    #[error("`{0}` is a workflow: the carrier hands out its callers itself")]
    Workflow(String),
}
