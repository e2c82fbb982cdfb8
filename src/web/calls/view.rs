//! Calls and their turns as lists, the console and commands show them.

use std::sync::Arc;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::FlowVersions;
use super::event::EventView;
use super::state::{StateView, ValueChange};
use crate::engine::edge::Target;
use crate::engine::{Entry, Flow, Input, StepId, Taken, Trail, fingerprint};
use crate::outbox::MASK;
use crate::outbox::admin::DeliveryView;
use crate::picture::FlowSource;
use crate::store::Summary;
use crate::study::{Moment, Retraced, Rule, retrace};
use crate::web::flows::FlowVersion;
use crate::web::turns::render;

/// A call as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallView {
    /// Its name.
    pub sid: String,
    /// The flow that it came to last; empty where its first turns are missing.
    pub flow: String,
    /// The version of it.
    pub version: String,
    /// Who called.
    pub from: String,
    /// The number called.
    pub to: String,
    /// The carrier's word.
    pub direction: String,
    /// The caller's name, where the carrier knew it.
    pub caller_name: String,
    /// When its first turn was taken.
    pub began: Timestamp,
    /// When its last turn was taken.
    pub last: Timestamp,
    /// Turns that were taken.
    pub turns: u32,
    /// Whether every one of them is kept.
    pub whole: bool,
    /// How it stands: `in_progress`, `completed`, `gave_up`, `turned_away`, `hung_up`, `moved`, `silent`, `failed`.
    pub outcome: String,
    /// The step that it is at, or was at last; `None` where its flow version is gone.
    pub step: Option<String>,
    /// Whether nobody called: the page with the telephone, `dial` or `load`.
    #[serde(default)]
    pub rehearsal: bool,
}

/// What a call did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallDetail {
    /// The call.
    pub call: CallView,
    /// Its turns, oldest first.
    pub turns: Vec<TurnView>,
    /// What happened beside them, oldest first.
    #[serde(default)]
    pub events: Vec<EventView>,
    /// What backends got of it, or are to get, in the order in which it was committed.
    #[serde(default)]
    pub deliveries: Vec<DeliveryView>,
}

/// A turn of a call. What cannot be worked out again (turns before it are missing, or its flow version) is `None`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TurnView {
    /// Its number: the turn that the call waited for afterwards.
    pub turn: u32,
    /// When it was taken.
    pub at: Timestamp,
    /// The flow that it ran in.
    pub flow: Option<String>,
    /// The version of it.
    pub version: Option<String>,
    /// What came.
    pub came: InputView,
    /// The call as it was before.
    pub before: Option<StateView>,
    /// The call as it was afterwards.
    pub after: Option<StateView>,
    /// What the turn changed.
    pub changes: Vec<ValueChange>,
    /// Why it went where it went, a rule a step.
    pub rules: Vec<RuleView>,
    /// Steps that could not be done.
    pub faults: Vec<FaultView>,
    /// The backends that it submitted to.
    pub submitted: Vec<String>,
    /// The TwiML.
    pub twiml: Option<String>,
    /// Whether the TwiML is, byte for byte, what was answered then.
    pub same: Option<bool>,
    /// How the call stood afterwards.
    pub outcome: String,
}

/// What came.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "snake_case")]
pub enum InputView {
    /// The call came in, or came back.
    Begin,
    /// Keys; masked where they were meant for a sensitive answer.
    Keys(String),
    /// Words; masked likewise.
    Speech(String),
    /// Nothing, until the time was over.
    Silence,
    /// What the call was handed on for came to its end: how, in the flow's word, and seconds talked.
    #[serde(rename = "dialled")]
    Away(String, u32),
    /// The caller left: `hung_up`, `moved`, or `silent` where nothing was heard for too long.
    Ended(String),
    /// The carrier could not carry out the reply before, in words.
    Failed(String),
    /// Of a call that we place: `place` where it is to be, `reached` where it is on, else how it came out.
    Placed(String),
    /// It is sealed, and no key that is set opens it.
    Sealed,
}

/// A rule by which the call went, in the words of the flow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// The step.
    pub step: String,
    /// The rule's name: `keys.2`, `next`, `no_match`, `refuse.1`, …; empty where it cannot be worked out again.
    pub on: String,
    /// Where it led: a step, or `hangup`, `repeat`, `back`; `None` where the question was put again.
    pub to: Option<String>,
    /// The condition, where it has one, as the flow says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// The ways out of the step that were not taken.
    pub others: Vec<WayView>,
}

/// A way out of a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WayView {
    /// Its name.
    pub on: String,
    /// Its condition, where it has one, as the flow says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// Where it leads.
    pub to: String,
}

/// A step that could not be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultView {
    /// The step.
    pub step: String,
    /// Why not.
    pub fault: String,
}

impl CallView {
    /// A call of a list.
    pub fn of(call: Summary, versions: &FlowVersions) -> Self {
        let version = call
            .flow
            .as_ref()
            .and_then(|(_, version)| versions.get(version));
        let step = version
            .zip(call.step)
            .and_then(|(version, step)| version.flow.steps.get(usize::from(step)));
        let step = step.map(|step| step.name.clone());
        let (flow, version) = call
            .flow
            .map(|(name, version)| (name, version.to_string()))
            .unwrap_or_default();
        let about = call.about;
        Self {
            sid: call.sid.to_string(),
            flow,
            version,
            from: about.from,
            to: about.to,
            direction: about.direction,
            caller_name: about.caller_name,
            began: call.began,
            last: call.last,
            turns: call.turns,
            whole: call.whole,
            outcome: call.outcome.as_str().to_owned(),
            step,
            rehearsal: call.rehearsal,
        }
    }
}

impl CallDetail {
    /// What a call did, with the URLs that a node with this prefix gives out; `None` for an empty trail.
    pub fn of(
        trail: &Trail,
        deliveries: Vec<DeliveryView>,
        versions: &FlowVersions,
        prefix: &str,
    ) -> Option<Self> {
        let version = |fingerprint| versions.get(&fingerprint);
        let flow = |fingerprint| version(fingerprint).map(|version| &version.flow);
        let retraced = retrace(trail, flow);
        let turns = retraced
            .iter()
            .map(|turn| TurnView::of(turn, turn.version.and_then(version), prefix))
            .collect();
        let events = trail.events.iter().map(EventView::of).collect();
        Some(Self {
            call: CallView::of(Summary::of(trail)?, versions),
            turns,
            events,
            deliveries,
        })
    }
}

impl TurnView {
    fn of(turn: &Retraced<'_>, version: Option<&Arc<FlowVersion>>, prefix: &str) -> Self {
        let entry = turn.entry;
        let flow = version.map(|version| &version.flow);
        let source = version.map(|version| FlowSource::read(&version.flow, version.bundle()));
        let moment = turn.moment.as_ref().zip(flow);
        let (before, after) = moment
            .map(|(moment, flow)| {
                (
                    StateView::of(&moment.before, flow),
                    StateView::of(&moment.turn.call, flow),
                )
            })
            .unzip();
        let changes = before
            .as_ref()
            .zip(after.as_ref())
            .map(|(before, after)| after.changes_since(before));
        let twiml =
            moment.map(|(moment, _)| render(&moment.turn, prefix, &format!("{prefix}/audio/")));
        Self {
            turn: entry.turn,
            at: entry.at,
            flow: flow.map(|flow| flow.name.clone()),
            version: turn.version.map(|version| version.to_string()),
            came: InputView::of(entry),
            before,
            after,
            changes: changes.unwrap_or_default(),
            rules: rules(entry, moment, flow, source.as_ref()),
            faults: faults(entry, flow),
            submitted: moment
                .map(|(moment, _)| {
                    moment
                        .turn
                        .deliveries
                        .iter()
                        .map(|delivery| delivery.backend.clone())
                        .collect()
                })
                .unwrap_or_default(),
            same: twiml
                .as_ref()
                .map(|twiml| fingerprint(twiml.as_bytes()) == entry.reply),
            twiml,
            outcome: entry.outcome.as_str().to_owned(),
        }
    }
}

impl InputView {
    fn of(entry: &Entry) -> Self {
        let masked = |text: &String| {
            if entry.secret {
                MASK.to_owned()
            } else {
                text.clone()
            }
        };
        match &entry.input {
            None => Self::Sealed,
            Some(Input::Begin) => Self::Begin,
            Some(Input::Keys(keys)) => Self::Keys(masked(keys)),
            Some(Input::Speech(words) | Input::Heard(words, _)) => Self::Speech(masked(words)),
            Some(Input::Silence) => Self::Silence,
            Some(Input::Came(came)) => Self::Away(came.outcome.clone(), came.seconds()),
            Some(Input::HungUp(ending)) => Self::Ended(ending.outcome().as_str().to_owned()),
            Some(Input::Failed(fault)) => Self::Failed(fault.to_string()),
            Some(Input::Place) => Self::Placed("place".to_owned()),
            Some(Input::Reached) => Self::Placed("reached".to_owned()),
            Some(Input::Placed(outcome)) => Self::Placed(outcome.as_str().to_owned()),
        }
    }
}

fn rules(
    entry: &Entry,
    moment: Option<(&Moment, &Flow)>,
    flow: Option<&Flow>,
    source: Option<&FlowSource<'_>>,
) -> Vec<RuleView> {
    if let Some((moment, flow)) = moment {
        return moment
            .rules(flow)
            .into_iter()
            .map(|rule| RuleView::of(rule, flow, source))
            .collect();
    }
    let way = |way: &Taken| {
        let step = step_name(flow, way.from);
        let on = flow.and_then(|flow| way.name(flow));
        let on = on.unwrap_or_default().into_owned();
        RuleView {
            when: source.and_then(|source| source.condition(&step, &on)),
            step,
            on,
            to: Some(target_name(flow, way.to)),
            others: Vec::new(),
        }
    };
    entry.ways.iter().map(way).collect()
}

impl RuleView {
    fn of(rule: Rule, flow: &Flow, source: Option<&FlowSource<'_>>) -> Self {
        let to = |target| target_name(Some(flow), target);
        let step = step_name(Some(flow), rule.step);
        let when = |on: &str| source.and_then(|source| source.condition(&step, on));
        Self {
            when: when(&rule.on),
            on: rule.on,
            to: rule.to.map(to),
            others: rule
                .others
                .into_iter()
                .map(|edge| WayView {
                    when: when(&edge.on),
                    on: edge.on,
                    to: to(edge.to),
                })
                .collect(),
            step,
        }
    }
}

fn faults(entry: &Entry, flow: Option<&Flow>) -> Vec<FaultView> {
    let fault = |(step, fault): &(StepId, crate::engine::Fault)| FaultView {
        step: step_name(flow, *step),
        fault: fault.to_string(),
    };
    entry.faults.iter().map(fault).collect()
}

/// A step's name; its place where the flow version is gone.
fn step_name(flow: Option<&Flow>, step: StepId) -> String {
    let known = flow.and_then(|flow| flow.steps.get(usize::from(step)));
    known.map_or_else(|| format!("step {}", step + 1), |step| step.name.clone())
}

fn target_name(flow: Option<&Flow>, target: Target) -> String {
    match target {
        Target::Step(step) => step_name(flow, step),
        Target::Hangup => "hangup".to_owned(),
        Target::Repeat => "repeat".to_owned(),
        Target::Back => "back".to_owned(),
    }
}
