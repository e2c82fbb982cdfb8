//! Calls that we place: taken as placements, tried at the carrier, and begun once somebody answers.
//!
//! A placement is a call under a name of ours, made of its idempotency key, so that the same key is the same placement on every
//! node: one commit makes it durable together with the row by which the carrier is asked (`order`). The row is owed until it is
//! known how the try came out. Whoever carries it out (`dispatch`) first looks whether that is known already, then whether the
//! carrier may have it, and only then whether it may be placed now (`may_place`). How a try came out is noted once (`tries`),
//! whoever tells: the first webhook, the report of the end, or the carrier when it is asked. Then the next try is owed, or the
//! flow's way is taken, or the call is on under the carrier's name (`begin`). Who has answered may be found out while it is on
//! (`answered_by`).

mod answered_by;
pub mod begin;
mod dispatch;
mod may_place;
mod order;
mod request;
mod terms;
mod tries;

pub use dispatch::Dispatcher;
pub use order::{LONGEST, PlacementView, TryView, row};
pub use request::{PlacementRequest, PlacingError};
pub use terms::PlacingTerms;
