//! A simulated carrier: it places a call to a URL, carries out the TwiML that comes as Twilio would, and lets a person
//! (or a script) press keys.
//!
//! It sees URLs and TwiML and knows nothing of flows, so it works on any TwiML application. [`Wire`] is how a request
//! gets to a server; [`Caller`] is the person on the line, who hears [`Event`]s and acts; [`World`] is everyone else:
//! who answers a dialled number, and how. Time is the [`Clock`]'s, which is real or jumps.

mod act;
mod call;
mod callback;
mod clock;
mod cookies;
mod document;
mod event;
mod fault;
mod fetch;
mod form;
mod http;
mod keys;
mod media;
mod place;
mod plan;
mod recording;
mod retry;
mod server_address;
mod service_reply;
mod spoken;
#[cfg(test)]
mod tests;
mod turn_report;
mod verbs;
mod wire;
mod world;

pub use act::{Caller, Closing, PhoneAct, Situation, TimedAct};
pub use clock::CallClock;
pub use event::{CallEvent, Ended, EndedBy, Notice, Playback, Severity};
pub use form::makes_up;
pub use http::Http;
pub use keys::{InvalidKeys, Keys};
pub use place::place;
pub use plan::{Account, Callback, Plan};
pub use service_reply::{ServiceReplies, ServiceReply};
pub use turn_report::TurnReport;
pub use wire::{Method, Purpose, Request, Response, Wire, WireError};
pub use world::{
    BotAnswer, DialAnswer, DialAnswers, Presses, RecordAnswer, RecordEnd, RecordingReport,
    Unforeseen, VerbOutcome, World, bot, contact, pay, queue, refer, service, step,
};
