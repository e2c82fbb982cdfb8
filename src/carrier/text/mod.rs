//! SMS, as they are asked of the carrier.

mod send;

use serde::{Deserialize, Serialize};

pub use send::{Sent, send};

use crate::engine::CallSid;

/// An SMS that is to be sent once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRequest {
    /// The account that sends it.
    pub account: String,
    /// The call that it comes from.
    pub call: CallSid,
    /// What names it among all of its call, by a keyed hash.
    pub text: String,
    /// The step that sends it.
    pub step: String,
    /// To whom, in E.164.
    pub to: String,
    /// From whom: a number in E.164, or a messaging service, `MG…`.
    pub from: String,
    /// What it says.
    pub words: String,
}

impl TextRequest {
    /// Whether it comes from a messaging service.
    fn is_from_service(&self) -> bool {
        self.from.starts_with("MG")
    }
}
