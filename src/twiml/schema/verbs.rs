//! The root, the verbs that lead a call on, and the list of all elements.

use super::kind::{Kind, TextRule, any, coded, method, plain, url};
use super::nouns::{DIAL, REFER_SIP};
use super::streams::{CONNECT, START, STOP};
use super::talk::{GATHER, PARAMETER, PAUSE, PAY, PLAY, PROMPT, RECORD, SAY};
use super::value::ValueRule;
use super::{nouns, rules, ssml, streams};

pub(super) static RESPONSE: Kind = Kind::new("Response").children(VERBS).rule(rules::response);

const VERBS: &[&Kind] = &[
    &SAY, &PLAY, &GATHER, &REDIRECT, &PAUSE, &HANGUP, &DIAL, &RECORD, &REJECT, &ENQUEUE, &CONNECT,
    &START, &STOP, &LEAVE, &REFER, &PAY, &PROMPT, &SMS, &ECHO, &QUEUE,
];

static REDIRECT: Kind = Kind::new("Redirect")
    .attributes(&[coded("method", ValueRule::METHOD, 13710)])
    .text(TextRule::Url);

static HANGUP: Kind = Kind::new("Hangup").children(&[&PARAMETER]);

static REJECT: Kind = Kind::new("Reject")
    .attributes(&[coded(
        "reason",
        ValueRule::One(&["rejected", "busy"]),
        13810,
    )])
    .children(&[&PARAMETER]);

static LEAVE: Kind = Kind::new("Leave");

static ECHO: Kind = Kind::new("Echo");

static QUEUE: Kind = Kind::new("Queue")
    .attributes(&[
        url("url"),
        method("method"),
        any("reservationSid"),
        any("postWorkActivitySid"),
    ])
    .text(TextRule::Free);

static ENQUEUE: Kind = Kind::new("Enqueue")
    .attributes(&[
        coded("action", ValueRule::Url, 14203),
        coded("method", ValueRule::METHOD, 14201),
        coded("waitUrl", ValueRule::Url, 14202),
        coded("waitUrlMethod", ValueRule::METHOD, 14206),
        any("workflowSid"),
        plain("maxQueueSize", ValueRule::COUNT),
    ])
    .children(&[&TASK])
    .text(TextRule::Free)
    .rule(rules::enqueue);

static TASK: Kind = Kind::new("Task")
    .attributes(&[
        plain("priority", ValueRule::COUNT),
        plain("timeout", ValueRule::COUNT),
    ])
    .text(TextRule::Free);

static REFER: Kind = Kind::new("Refer")
    .attributes(&[url("action"), method("method")])
    .children(&[&REFER_SIP]);

static SMS: Kind = Kind::new("Sms")
    .attributes(&[
        any("to"),
        any("from"),
        url("action"),
        method("method"),
        url("statusCallback"),
    ])
    .text(TextRule::Free);

/// Every element, wherever it may stand; of those that differ from place to place the one that is met most.
pub(super) static EVERY: &[&Kind] = &[
    &RESPONSE,
    &SAY,
    &PLAY,
    &GATHER,
    &REDIRECT,
    &PAUSE,
    &HANGUP,
    &DIAL,
    &RECORD,
    &REJECT,
    &ENQUEUE,
    &TASK,
    &CONNECT,
    &START,
    &STOP,
    &LEAVE,
    &REFER,
    &PAY,
    &PROMPT,
    &SMS,
    &ECHO,
    &QUEUE,
    &PARAMETER,
    &nouns::NUMBER,
    &nouns::CLIENT,
    &nouns::SIP,
    &nouns::APPLICATION,
    &nouns::WHATS_APP,
    &nouns::SIM,
    &nouns::CONFERENCE,
    &nouns::IDENTITY,
    &nouns::APPLICATION_SID,
    &nouns::SIP_URI,
    &nouns::HEADERS,
    &nouns::HEADER,
    &streams::STREAM,
    &streams::SIPREC,
    &streams::RECORDING,
    &streams::TRANSCRIPTION,
    &streams::CONFIG,
    &streams::CONVERSATION_RELAY,
    &streams::LANGUAGE,
    &streams::VIRTUAL_AGENT,
    &streams::ROOM,
    &streams::AUTOPILOT,
    &streams::CONVERSATION,
    &streams::AI_SESSION,
    &streams::CONVERSATION_RELAY_SESSION,
    &ssml::BREAK,
    &ssml::EMPHASIS,
    &ssml::LANG,
    &ssml::P,
    &ssml::PHONEME,
    &ssml::PROSODY,
    &ssml::S,
    &ssml::SAY_AS,
    &ssml::SUB,
    &ssml::W,
];
