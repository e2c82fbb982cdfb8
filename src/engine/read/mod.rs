//! From TOML to the parts of a flow: prompts, questions, keys, ways, changes. Actions read themselves with these, and the
//! loader puts a flow together from them.
//!
//! Everything is read against a [`Checker`]: the names that exist, and the faults found so far.

mod changes;
mod checker;
mod facts;
mod give;
mod hearing;
mod here;
mod hours;
mod key;
mod language;
mod mistyped;
mod names;
mod number;
mod outcome_ways;
mod passages;
mod prompt;
mod prompts;
mod question;
mod sip;
mod spoken_text;
mod step_facts;
mod target;
mod text_words;
pub mod told_keys;
mod types;
mod url;
mod used;
mod way;
pub mod words;

pub use checker::Checker;
pub use hearing::hearing;
pub use here::{Arg, Exit, FlowPart, Here, Impassable};
pub use key::{KeyRules, ambiguous_anywhere};
pub use language::{check_voice, not_a_language};
pub use mistyped::{action_meant, is_key_of_steps};
pub use names::{REQUEST, name_help, why_no_name};
pub use number::number_literal;
pub use outcome_ways::Endings;
pub use question::{condition, never_counted};
pub use sip::sip_address;
pub use step_facts::check_facts;
pub use target::step_name_like;
pub use types::{Given, Receiver, check_types};
pub use url::is_url;
pub use way::changes_without_next;
