//! What beats a file of hours for a while.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Somebody says that it is open or closed until a moment, whatever the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoursSwitch {
    /// Whether it is open.
    pub open: bool,
    /// Until when. There is always an end, since nobody remembers to switch back.
    pub until: Timestamp,
    /// Why, as it may be told to callers; empty where nothing is said.
    pub note: String,
}
