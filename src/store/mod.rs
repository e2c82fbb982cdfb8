//! Where calls live between webhooks, and what must reach a backend: one contract over three engines.

mod allowance;
mod begun;
mod clock;
mod contract;
mod earlier;
mod error;
mod history;
mod inspection;
mod local;
mod memory;
mod open;
mod options;
mod record;
mod redis;
mod seal;
mod sealed;
mod summary;
mod switched;
mod trail;

pub use allowance::{ActName, Allowance, CountName};
pub use clock::{CLOCK_LIMIT, StoreClock, WallClock};
pub use contract::{
    Append, Backlog, CallFilter, Commit, Committed, Durability, Ended, FLEETING, Marked, Row,
    RowFilter, RowId, RowPage, RowPlace, RowState, Settlement, Stored, StoredVersion, Trace,
};
pub use error::Error;
pub use history::{ATTEMPTS, Attempt, BackendAnswer, History};
pub use inspection::{Damage, Inspection, Tally};
pub use local::{FILE, Restored, is_kept};
pub use open::{Store, restore};
pub use options::Options;
pub use seal::{InvalidSealKey, Seal};
pub use sealed::{decode, encode};
pub use summary::Summary;
pub use switched::KeptSwitch;
