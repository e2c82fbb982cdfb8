//! What is asked for, and whether it can be done.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::engine::{Flow, Slot, Value};
use crate::policy::{NumberRefusal, NumberUse, Reach};
use crate::store::{self, Seal};
use crate::web::app::App;
use crate::web::flows::FlowVersion;
use crate::written::carrier_fields::ARG;
use crate::written::number::is_e164;

/// The longest idempotency key, in bytes.
const LONGEST_KEY: usize = 255;
/// The longest name of a campaign, in bytes.
const LONGEST_CAMPAIGN: usize = 100;

/// A call that is to be placed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlacementRequest {
    /// The flow, by its name.
    pub flow: String,
    /// Whom to call, in E.164.
    pub to: String,
    /// What the flow is given: text, a whole number, true or false, by name.
    #[serde(default)]
    pub args: BTreeMap<String, Json>,
    /// The number that it comes from; that of the settings where nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// When it may begin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Timestamp>,
    /// When it is too late.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Timestamp>,
    /// The campaign that it belongs to, by its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// How many calls of that campaign may begin in a second.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pace: Option<f64>,
}

/// Why a call is not to be placed.
#[derive(Debug, thiserror::Error)]
pub enum PlacingError {
    /// The key cannot be one.
    #[error(
        "the header Idempotency-Key must be 1 to {LONGEST_KEY} visible characters of ASCII: what is asked for twice under one key is done once"
    )]
    Key,
    /// The key was used for something else.
    #[error("this Idempotency-Key was used for another call: take a new key for each call")]
    Reused,
    /// The key was used so long ago that nothing is known of it.
    #[error(
        "this Idempotency-Key was used before, and what became of the call is not kept any more"
    )]
    Forgotten,
    /// No account, no public URL or no number is set.
    #[error("no calls are placed here: {0}")]
    NotSet(&'static str),
    /// Something of it is wrong: what, and why.
    #[error("`{field}`: {why}")]
    Wrong {
        /// The field.
        field: String,
        /// Why.
        why: String,
    },
    /// The store.
    #[error("{0}")]
    Store(#[from] store::Error),
}

/// What was asked for, once it is known that it can be done.
pub(super) struct Checked {
    pub version: Arc<FlowVersion>,
    pub from: String,
    pub fields: Vec<(Slot, Value)>,
}

/// Whether a text can be a key.
pub(super) fn is_key(key: &str) -> bool {
    (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

fn wrong(field: &str, why: impl Into<String>) -> PlacingError {
    PlacingError::Wrong {
        field: field.to_owned(),
        why: why.into(),
    }
}

impl PlacementRequest {
    /// What it asks for, by a keyed hash.
    pub(super) fn hash(&self, seal: &Seal) -> u64 {
        let text = serde_json::to_vec(self).unwrap_or_default();
        seal.name(&[b"placement", &text])
    }
}

impl App {
    /// Whether a call can be placed as it is asked for.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn check_placement(
        &self,
        asked: &PlacementRequest,
    ) -> Result<Checked, PlacingError> {
        let terms = &self.placing;
        if self.text_account.is_none() {
            return Err(PlacingError::NotSet(
                "no login and account of the carrier are set (twilio.auth_token, twilio.account_sid)",
            ));
        }
        if self
            .carrier
            .as_ref()
            .and_then(|carrier| carrier.public())
            .is_none()
        {
            return Err(PlacingError::NotSet(
                "the carrier cannot reach this node (server.public_url)",
            ));
        }
        let version = self.flows.by_name(&asked.flow);
        let version = version.ok_or_else(|| wrong("flow", "there is no such flow in service"))?;
        if version.flow.outbound.is_none() {
            let why = "it is for calls that come in: a flow for calls that we place has a table `[outbound]`";
            return Err(wrong("flow", why));
        }
        if !is_e164(&asked.to) {
            let why = "write a plus, country code and number, no spaces: \"+447400123456\"";
            return Err(wrong("to", why));
        }
        let from = asked.from.clone().or_else(|| terms.from.clone());
        let from = from.ok_or_else(|| {
            wrong(
                "from",
                "say which number calls, or set `outbound.from` in the settings",
            )
        })?;
        if !is_e164(&from) {
            let why = "write a plus, country code and number, no spaces: \"+442079460123\"";
            return Err(wrong("from", why));
        }
        let times = (
            asked.not_before.unwrap_or_else(|| self.store.now()),
            asked.not_after,
        );
        if times.1.is_some_and(|last| last <= times.0) {
            return Err(wrong("not_after", "it is over before the call may begin"));
        }
        campaign(asked)?;
        self.may_be_called(&asked.to, &from)
            .map_err(|why| wrong("to", why))?;
        let fields = args(&version.flow, &asked.args)?;
        Ok(Checked {
            version,
            from,
            fields,
        })
    }

    /// Whether a number may be called at all, whatever was called before.
    ///
    /// # Errors
    /// Why not.
    pub(super) fn may_be_called(&self, to: &str, from: &str) -> Result<(), &'static str> {
        if self.placing.suppressed.has(to) {
            return Err("it is on the list of numbers that are not called");
        }
        self.policy()
            .judge(&number_use(to, from))
            .map_err(NumberRefusal::words)
    }
}

/// The use of a number that a call is placed to.
pub(super) fn number_use<'a>(to: &'a str, from: &'a str) -> NumberUse<'a> {
    NumberUse {
        reach: Reach::Dial,
        number: to,
        is_written: false,
        called: from,
    }
}

fn campaign(asked: &PlacementRequest) -> Result<(), PlacingError> {
    let name = asked.campaign.as_deref().unwrap_or("-");
    let is_name = (1..=LONGEST_CAMPAIGN).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_name {
        let why = format!("write 1 to {LONGEST_CAMPAIGN} visible characters of ASCII");
        return Err(wrong("campaign", why));
    }
    match asked.pace {
        Some(_) if asked.campaign.is_none() => Err(wrong("pace", "only a campaign has a pace")),
        Some(pace) if !(0.001..=1_000.0).contains(&pace) => {
            Err(wrong("pace", "write 0.001 to 1000 calls a second"))
        }
        _ => Ok(()),
    }
}

/// What the flow is given: all that it needs, nothing that it does not know, and each of its type.
fn args(flow: &Flow, given: &BTreeMap<String, Json>) -> Result<Vec<(Slot, Value)>, PlacingError> {
    let mut texts: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in given {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Bool(yes) => yes.to_string(),
            Json::Number(number) if number.is_i64() => number.to_string(),
            _ => {
                let why = "write text, a whole number, true or false";
                return Err(wrong(&format!("args.{name}"), why));
            }
        };
        texts.insert(format!("{ARG}{name}"), text);
    }
    let fields = flow.read_call(|name| texts.get(name).map(String::as_str));
    let slots = flow
        .call_slots()
        .filter_map(|slot| Slot::try_from(slot).ok());
    for (slot, field) in slots.zip(&flow.call_fields) {
        let Some(name) = field.at.strip_prefix(ARG) else {
            continue;
        };
        let is_there = fields.iter().any(|(other, _)| *other == slot);
        let given = texts.remove(&field.at);
        let about = format!("args.{name}");
        if given.is_some() && !is_there {
            let why = format!("it must be {}", field.of.kind.describe());
            return Err(wrong(&about, why));
        }
        if !is_there && !field.of.optional {
            return Err(wrong(&about, "the flow needs it, and it is not given"));
        }
    }
    match texts.keys().next() {
        Some(other) => {
            let name = other.strip_prefix(ARG).unwrap_or(other);
            Err(wrong(
                &format!("args.{name}"),
                "the flow knows no such thing",
            ))
        }
        None => Ok(fields),
    }
}

#[cfg(test)]
mod tests {
    use super::is_key;

    #[test]
    fn a_key_is_visible_ascii() {
        for right in ["a", "reminder/2026-11-30/4711", &"k".repeat(255)] {
            assert!(is_key(right), "{right}");
        }
        for wrong in ["", " ", "a b", "ä", "a\n", &"k".repeat(256)] {
            assert!(!is_key(wrong), "{wrong:?}");
        }
    }
}
