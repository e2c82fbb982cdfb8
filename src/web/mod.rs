//! What the carrier talks to: routes, the turn protocol, and what runs beside them.
//!
//! Owns the way of a webhook: its signature, which call and turn it means, one commit, the answer. Leaves to others what
//! a caller hears (`engine`), how it is written (`twiml`), where it is kept (`store`) and what is delivered (`outbox`).

pub mod alarms;
pub mod app;
mod asker;
mod audio;
mod believed;
mod cache;
pub mod calls;
mod clock;
mod codes;
pub mod console;
pub mod control;
mod ended;
mod fallback;
pub mod flows;
mod guesses;
mod health;
pub mod held;
pub mod in_process;
mod late_facts;
mod late_turns;
mod legs;
pub mod limits;
pub mod metrics;
mod origin;
mod payments;
mod permits;
pub mod placing;
mod recording_requests;
mod recordings;
mod routes;
pub mod server;
mod service_world;
mod spill;
mod status;
pub mod store_watch;
pub mod sweeper;
mod switched_hours;
mod texts;
mod turn_record;
mod turn_recorder;
pub mod turns;
mod verify_form;
mod voice;
mod waits;

pub use cache::Cache;
pub use clock::NodeClock;
pub use in_process::InProcess;
