//! What Twilio sends: the signature check, the fields of a webhook, the retry rule that rides on our URLs; and its REST
//! API ([`rest`]).
//!
//! Owns the carrier's words and rules; what a call does with them is decided elsewhere. Nothing here reads the clock or
//! the environment, and only `rest` uses the network.

mod came;
mod code;
pub mod cut;
mod fault;
mod form;
mod public_url;
mod recording;
pub mod rehearsal;
pub mod rest;
pub mod retry;
pub mod signature;
mod signed_text;
mod tokens;
mod webhook;

pub use code::{code_name, codes};
pub use fault::{FallbackCause, fault};
pub use form::{Form, MAX_FIELDS, TooManyFields};
pub use public_url::{InvalidPublicUrl, PublicUrl, Spelling};
pub use signed_text::SignedText;
pub use tokens::{Tokens, Whose};
pub use webhook::{CallStatus, DialStatus, InvalidWebhook, MAX_DIGITS, Webhook};
