//! `hookswitch calls export`: a call as a test file. What was done is played on the flow version that the call ran on,
//! and what is heard then is written down, so that the file passes when it is made.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Map, Value as Json};

use super::access::CallAccess;
use crate::cli::reach::ReachError;
use crate::cli::{exit, stage};
use crate::engine::flow::Bundle;
use crate::engine::{CallSid, Came, HELD, Value};
use crate::phone::EndedBy;
use crate::replay::{self, AfterCall, Played, draft};
use crate::settings::Settings;
use crate::study::Draft;
use crate::web::InProcess;
use crate::web::flows::Folders;

/// How often a call is handed on at most.
const MOST_WAITS: usize = 64;

/// Writes the call; the exit code.
pub async fn export(
    access: &CallAccess,
    sid: &CallSid,
    output: Option<&Path>,
    settings: &Settings,
) -> Result<u8, ReachError> {
    let Some((call, bundle)) = access.draft(sid).await? else {
        eprintln!(
            "error: too little is kept of a call {sid} (any more): no first turn, or no flow version"
        );
        return Ok(exit::FAULTS);
    };
    let written = match write(&call, &bundle, settings).await {
        Ok(written) => written,
        Err(why) => {
            eprintln!("error: the call cannot be played again: {why}");
            return Ok(exit::FAULTS);
        }
    };
    if let Some(left_out) = &call.left_out {
        eprintln!("warning: not in it: {left_out}");
    }
    for fault in &written.faults {
        eprintln!("warning: it does not pass: {fault}");
    }
    match output {
        None => print!("{}", written.text),
        Some(file) => {
            if let Err(error) = std::fs::write(file, &written.text) {
                eprintln!("error: {} cannot be written: {error}", file.display());
                return Ok(exit::SURROUNDINGS);
            }
        }
    }
    Ok(if written.faults.is_empty() {
        exit::WELL
    } else {
        exit::FAULTS
    })
}

/// A test file that was written.
pub struct Written {
    pub text: String,
    /// What differs from it when it is played at once.
    pub faults: Vec<String>,
}

/// Writes a draft as a test file: what is heard is found out by playing it on a flow version.
///
/// # Errors
/// Why it cannot be played, in words.
pub async fn write(call: &Draft, bundle: &Bundle, settings: &Settings) -> Result<Written, String> {
    let folders = Folders {
        backends: None,
        ..Folders::of(settings)
    };
    let node = stage::node(bundle, folders).await?;
    let mut draft = draft::Draft::from(call);
    for nth in 0..MOST_WAITS {
        let text = draft.text();
        let (played, left) = play(&node, &text, nth).await?;
        let EndedBy::Unforeseen(verb, whom) = &played.ended.by else {
            draft.heard(&played, &left);
            return check(&node, draft.text()).await;
        };
        draft
            .hand_on(verb, whom)
            .ok_or_else(|| format!("a test call cannot say what comes of <{verb}>"))?;
    }
    Err("it is handed on for ever".to_owned())
}

/// Plays the file as it was written.
async fn check(node: &InProcess, text: String) -> Result<Written, String> {
    let script = read(&text)?;
    let (played, left) = play(node, &text, MOST_WAITS).await?;
    let faults = replay::judge(&script, &played, Some(&left));
    Ok(Written {
        faults: faults
            .into_iter()
            .map(|failure| failure.diag.message)
            .collect(),
        text,
    })
}

fn read(text: &str) -> Result<replay::Script, String> {
    replay::read(&Arc::from("the call"), text.to_owned()).map_err(|diags| {
        diags
            .first()
            .map(|diag| diag.message.clone())
            .unwrap_or_default()
    })
}

async fn play(node: &InProcess, text: &str, nth: usize) -> Result<(Played, AfterCall), String> {
    stage::play(&read(text)?, node, &format!("CA{nth:032x}"))
        .await
        .map_err(|error| error.to_string())
}

/// What was taken out of a service's answer.
fn taken(came: &Came) -> Map<String, Json> {
    // Any other wait is told in words of its own.
    if came.fact(HELD).is_none() {
        return Map::new();
    }
    let own = |name: &str| !["status", HELD].contains(&name);
    let facts = came.facts.iter().filter(|(name, _)| own(name));
    facts
        .map(|(name, value)| (name.clone(), json(value)))
        .collect()
}

/// A value as a test call writes it.
fn json(value: &Value) -> Json {
    match value {
        Value::Integer(number) => (*number).into(),
        Value::Number(number) => (*number).into(),
        Value::Boolean(yes) => (*yes).into(),
        Value::List(all) => all.iter().map(json).collect(),
        other => other.to_string().into(),
    }
}

impl From<&Draft> for draft::Draft {
    fn from(call: &Draft) -> Self {
        Self {
            flow: call.flow.clone(),
            from: call.from.clone(),
            to: call.to.clone(),
            caller_name: call.caller_name.clone(),
            placed: call.placed.map(|outcome| outcome.as_str().to_owned()),
            fields: call.fields.clone(),
            at: call.at,
            turns: call.acts.iter().map(|act| (act.clone(), None)).collect(),
            hangs_up: call.hangs_up,
            after_waits: call.after_waits,
            outcomes: call
                .came
                .iter()
                .map(|came| {
                    let (outcome, left) = (came.outcome.clone(), came.has_left());
                    (outcome, came.seconds(), left, taken(came))
                })
                .collect(),
            ..Self::default()
        }
    }
}
