//! The whole of the request that a visit began with, as the carrier sent it: kept of the calls of flows that send it on, and of
//! no others.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Names and texts, in the order of the request. What is in it nobody has declared, so it is as secret as can be: it is
/// never logged, and sealed where it is stored.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstRequest(pub Vec<(String, String)>);

impl fmt::Debug for FirstRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FirstRequest({} fields)", self.0.len())
    }
}
