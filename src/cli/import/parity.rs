//! Holds a flow against the export that it came of: both are played on the same ways, and what is heard is compared.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::cli::stage::{self, StageError};
use crate::import::studio::export::Export;
use crate::import::studio::on_purpose::OnPurpose;
use crate::import::studio::translate::Translated;
use crate::import::studio::translate::toml::{Value, key_of};
use crate::import::studio::ways::{Given, Way, ways};
use crate::replay;
use crate::web::flows::Folders;

/// What came of playing both.
#[derive(Debug)]
pub struct Parity {
    /// How many ways were played.
    pub tried: usize,
    /// Whether these are all that there are.
    pub is_all: bool,
    /// Where they differ.
    pub differences: Vec<Difference>,
}

/// A way on which something else is heard.
#[derive(Debug)]
pub struct Difference {
    /// What the caller does, and what becomes of what the flow does.
    pub given: String,
    /// What is heard in Studio.
    pub studio: String,
    /// What is heard here.
    pub here: String,
    /// Whether that is so on purpose.
    pub on_purpose: Option<OnPurpose>,
}

/// An export, and the flow that came of it.
#[derive(Clone, Copy, Debug)]
pub struct Compared<'a> {
    /// The export.
    pub export: &'a Export,
    /// The flow.
    pub made: &'a Translated,
}

/// Those that are gone through, by Studio's names of them.
type OtherFlows<'a> = BTreeMap<&'a str, Compared<'a>>;

/// Plays the ways of an export on the flow that came of it.
///
/// # Errors
/// When the flow does not load, or nothing can be played.
pub fn prove(
    of: Compared<'_>,
    others: &OtherFlows<'_>,
    name: &str,
    folders: &Folders,
    most: usize,
) -> Result<Parity, String> {
    let loaded = super::super::one_flow::find(name, folders);
    let loaded = loaded.map_err(|_| "the flow does not load".to_owned())?;
    let inner = others.iter().map(|(sid, other)| (*sid, other.export));
    let (found, is_all) = ways(of.export, &inner.collect(), most);
    let start = async || {
        let node = stage::node(&loaded.bundle, folders.clone()).await;
        node.map_err(|why| StageError::Runtime(std::io::Error::other(why)))
    };
    let played = stage::each(found.len(), None, start, async |node, at| {
        let text = script(&found[at], of, others, name);
        here(text, node).await
    });
    let played = played.map_err(|error| error.to_string())?;
    let pairs = found.iter().zip(played);
    let differences = pairs.filter(|(way, here)| way.heard != *here);
    Ok(Parity {
        tried: found.len(),
        is_all,
        differences: differences
            .map(|(way, here)| Difference {
                given: told(way),
                studio: way.heard.clone(),
                on_purpose: on_purpose(way, &here),
                here,
            })
            .collect(),
    })
}

/// Which difference on purpose a way shows, if it is one.
fn on_purpose(way: &Way, here: &str) -> Option<OnPurpose> {
    (way.is_cut_off && here.starts_with(&way.heard)).then_some(OnPurpose::Rounds)
}

/// What is heard here on a way, as a test call.
async fn here(text: String, node: &crate::web::InProcess) -> String {
    let script = match replay::read(&Arc::from(text.as_str()), text.clone()) {
        Ok(script) => script,
        Err(diags) => {
            let first = diags.first().map(|diag| diag.message.clone());
            return format!("(the way cannot be played: {})", first.unwrap_or_default());
        }
    };
    match stage::play(&script, node, &stage::sid(&script)).await {
        Ok((played, _)) => {
            let heard = played.stretches.iter().map(|stretch| stretch.heard.trim());
            let heard: Vec<&str> = heard.filter(|heard| !heard.is_empty()).collect();
            heard.join(" ")
        }
        Err(error) => format!("(the way cannot be played: {error})"),
    }
}

/// A way as a test call.
fn script(way: &Way, of: Compared<'_>, others: &OtherFlows<'_>, name: &str) -> String {
    let mut text = format!("flow = {}\nopen = true\n", Value::text(name));
    let mut world: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for given in &way.given {
        match given {
            Given::Press(keys) => {
                let _ = writeln!(text, "[[turn]]\npress = {}", Value::text(keys.as_str()));
            }
            Given::Silent => text.push_str("[[turn]]\nsilent = true\n"),
            Given::Comes { widget, what } => {
                if let Some(step) = step_of(widget, of, others) {
                    world.entry(step).or_default().push(Value::of(what));
                }
            }
        }
    }
    text.push_str("[end]\nby = \"flow\"\n[world]\n");
    for (step, all) in world {
        let _ = writeln!(text, "{} = {}", key_of(&step), Value::List(all));
    }
    for url in &way.recordings {
        let _ = writeln!(text, "audio.{} = 1", Value::text(url.as_str()));
    }
    text
}

/// The step of a widget that is named behind those that go through the flow it is in.
fn step_of(widget: &str, of: Compared<'_>, others: &OtherFlows<'_>) -> Option<String> {
    let Some((through, rest)) = widget.split_once('/') else {
        return of.made.steps.get(widget).cloned();
    };
    let sid = of.export.widget(through)?.text("flow_sid");
    let inner = step_of(rest, *others.get(sid.as_str())?, others)?;
    Some(format!("{}/{inner}", of.made.steps.get(through)?))
}

/// A way in words.
fn told(way: &Way) -> String {
    let words = way.given.iter().map(|given| match given {
        Given::Press(keys) => format!("pressed {keys}"),
        Given::Silent => "silence".to_owned(),
        Given::Comes { widget, what } => format!("{widget}: {what}"),
    });
    let words: Vec<String> = words.collect();
    if words.is_empty() {
        return "nothing is asked".to_owned();
    }
    words.join(", ")
}
