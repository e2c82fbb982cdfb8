//! Where calls live between webhooks, and what must reach a backend: one contract over three engines.

mod clock;
mod contract;
mod earlier;
mod error;
mod history;
mod inspection;
mod local;
mod memory;
mod open;
mod record;
mod redis;
mod seal;
mod sealed;
mod trail;

pub use clock::{CLOCK_LIMIT, Clock, Tells};
pub use contract::{
    Append, Backlog, CallFilter, Commit, Committed, Ended, Filter, Level, Marked, Row, RowId,
    RowPage, RowPlace, RowState, Settlement, Stored, Trace, Version,
};
pub use error::Error;
pub use history::{ATTEMPTS, Answer, Attempt, History};
pub use inspection::{Damage, Inspection, Tally};
pub use local::{FILE, Restored, is_kept};
pub use open::{Options, Store, restore};
pub use seal::{InvalidSealKey, Seal};
pub use sealed::{decode, encode};
pub use trail::Summary;
