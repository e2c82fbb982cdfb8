//! What services answer in the world of a call.

use std::collections::BTreeMap;
use std::time::Duration;

/// What services answer, by the key of a step or of a service: the first time, the second, …; the last one from then on.
pub type ServiceReplies = BTreeMap<String, Vec<ServiceReply>>;

/// What a service answers.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceReply {
    /// The status of HTTP.
    pub status: u16,
    /// What is answered; nothing that is JSON where there is none.
    pub json: Option<serde_json::Value>,
    /// What it comes to in the words of a flow, where that is said instead.
    pub outcome: Option<String>,
    /// What is taken out of the answer then, by the names that a flow gives it.
    pub take: serde_json::Map<String, serde_json::Value>,
    /// How long it takes.
    pub after: Duration,
}
