//! What decides, without side effects: [`advance`] takes a flow, a call, an input and a moment, and returns what the caller
//! hears next.
//!
//! Owns the flow language (actions in `steps`, answer types in `answers`, a folder each) and everything that decides what
//! a caller hears. Names nothing of ours and does no I/O: no clock, randomness, disk, network or environment. Leaves to
//! others how a reply is written (`twiml`), kept (`store`) and carried (`web`).

pub mod advance;
pub mod answer;
mod answered_by;
pub mod answers;
mod asked_about;
pub mod asking;
mod awaited;
pub mod awaiting;
mod begin;
pub mod bundle;
pub mod call;
pub mod call_fields;
pub mod came;
pub mod changes;
pub mod delivery;
pub mod edge;
pub mod expression;
pub mod fault;
pub mod first_request;
pub mod flow;
pub mod give;
pub mod guess;
mod hours_now;
pub mod hunt;
pub mod ids;
pub mod input;
pub mod key;
pub mod keys;
pub mod language;
pub mod leg;
pub mod load;
pub mod machine;
pub mod manifest_value;
mod milestone;
pub mod moment;
pub mod number;
pub mod outbound;
pub mod outcome_ways;
pub mod own_prompts;
pub mod permit;
mod placed_ways;
mod placement;
pub mod placing;
pub mod progress;
pub mod prompt;
pub mod proof;
pub mod question;
mod read;
pub mod recordings;
pub mod render;
mod reserved;
pub mod schema;
pub mod scope;
pub mod screen;
pub mod sent;
pub mod service;
pub mod sid;
pub mod speech;
pub mod step;
pub mod steps;
pub mod submission;
pub mod taken;
pub mod template;
pub mod text_address;
pub mod text_message;
pub mod trail;
pub mod turn;
pub mod value;
mod wait_document;
pub mod waiting;
pub mod waits;
pub mod way;

#[cfg(test)]
pub(crate) mod tests;

pub use crate::written::diag;
pub use advance::{Turn, advance, advance_safely};
pub use answered_by::AnsweredBy;
pub use awaited::{awaited_answer, awaited_request, hold_again};
pub use awaiting::{Awaiting, HELD};
pub use call::{About, At, Call, Opened, Opening, Outcome};
pub use came::{Came, WaitFact, WaitOutcome};
pub use delivery::{Delivery, Plain};
pub use fault::Fault;
pub use first_request::FirstRequest;
pub use flow::Flow;
pub use hunt::{Hunt, LegEvent};
pub use ids::{Slot, StepId};
pub use input::{Ending, Input};
pub use keys::shared::INTERPRET_AS;
pub use leg::{LegAnswer, LegInput};
pub use load::{Loaded, load};
pub use machine::Machine;
pub use number::{EmptyPattern, NumberPattern};
pub use outbound::{Detects, Outbound};
pub use own_prompts::OwnWords;
pub use permit::{CodeAct, CodeWanted, Permit, PermitWanted, Permits, TurnWants};
pub use placing::{PlacedTry, Placing};
pub use progress::Progress;
pub use proof::{Proof, SentCode};
pub use read::words;
pub use recordings::{
    CallerRecording, Holder, KeptRecording, RecordingNews, RecordingStatus, Transcript,
};
pub use screen::answer_leg;
pub use sent::Sent;
pub use service::{ServiceAnswer, ServiceBody, ServiceMethod, ServiceRequest};
pub use sid::{CallSid, Fingerprint, InvalidCallSid, Nonce};
pub use taken::{On, Taken};
pub use text_message::{
    CODE_MARK, LONGEST_TEXT, Segments, Sender, TextAlphabet, TextMessage, first_wide,
};
pub use trail::{Begun, Entry, Event, Happened, Trail, fingerprint, is_secret};
pub use turn::{
    Address, Audio, Beside, Callee, Conference, Connect, Dial, Enqueue, Gather, Meanwhile, Pay,
    PayPrompt, QueueAt, Record, Refer, Reply, Say, Screening, Speech, Start, TalkTrack, Verb,
    Words,
};
pub use value::Value;
pub use wait_document::answer_wait;
pub use waiting::{QueueNow, Told, WaitAnswer, WaitAsked, WaitEvent, Waiting};
