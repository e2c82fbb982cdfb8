//! Whom a Dial reaches.

use super::kind::{Attribute, Kind, TextRule, any, bool, coded, method, plain, url};
use super::rules;
use super::talk::{PARAMETER, RECORDING_EVENTS, TRIM};
use super::value::ValueRule;
use crate::twiml::limits;

const CALL_EVENTS: ValueRule = ValueRule::Some(&["initiated", "ringing", "answered", "completed"]);

const LEG_URL: Attribute = url("url");
const LEG_STATUS: Attribute = url("statusCallback");
const LEG_STATUS_METHOD: Attribute = method("statusCallbackMethod");
const LEG_EVENTS: Attribute = plain("statusCallbackEvent", CALL_EVENTS);
const MACHINE: Attribute = plain(
    "machineDetection",
    ValueRule::One(&["Enable", "DetectMessageEnd"]),
);
const MACHINE_TIMEOUT: Attribute = plain("machineDetectionTimeout", ValueRule::Count(3, 60));
const MACHINE_SPEECH: Attribute = plain(
    "machineDetectionSpeechThreshold",
    ValueRule::Count(1000, 6000),
);
const MACHINE_SPEECH_END: Attribute = plain(
    "machineDetectionSpeechEndThreshold",
    ValueRule::Count(500, 5000),
);
const MACHINE_SILENCE: Attribute = plain(
    "machineDetectionSilenceTimeout",
    ValueRule::Count(2000, 10_000),
);
const MACHINE_CALLBACK: Attribute = url("amdStatusCallback");
const MACHINE_METHOD: Attribute = method("amdStatusCallbackMethod");

pub(super) static NUMBER: Kind = Kind::new("Number")
    .attributes(&[
        LEG_URL,
        coded("method", ValueRule::METHOD, 13221),
        LEG_STATUS,
        LEG_STATUS_METHOD,
        LEG_EVENTS,
        coded("sendDigits", ValueRule::Tones, 13222),
        any("byoc"),
        MACHINE,
        MACHINE_TIMEOUT,
        MACHINE_SPEECH,
        MACHINE_SPEECH_END,
        MACHINE_SILENCE,
        MACHINE_CALLBACK,
        MACHINE_METHOD,
    ])
    .text(TextRule::Free)
    .rule(rules::number);

pub(super) static CLIENT: Kind = Kind::new("Client")
    .attributes(&[
        LEG_URL,
        method("method"),
        LEG_STATUS,
        LEG_STATUS_METHOD,
        LEG_EVENTS,
        url("clientNotificationUrl"),
    ])
    .children(&[&IDENTITY, &PARAMETER])
    .text(TextRule::Free)
    .rule(rules::client);

pub(super) static IDENTITY: Kind = Kind::new("Identity").text(TextRule::Free);

pub(super) static SIP: Kind = Kind::new("Sip")
    .attributes(&[
        LEG_URL,
        coded("method", ValueRule::METHOD, 13241),
        LEG_STATUS,
        LEG_STATUS_METHOD,
        LEG_EVENTS,
        any("username"),
        any("password"),
        coded("sendDigits", ValueRule::Tones, 13242),
        MACHINE,
        MACHINE_TIMEOUT,
        MACHINE_SPEECH,
        MACHINE_SPEECH_END,
        MACHINE_SILENCE,
        MACHINE_CALLBACK,
        MACHINE_METHOD,
    ])
    .children(&[&SIP_URI, &HEADERS])
    .text(TextRule::Free)
    .rule(rules::sip);

pub(super) static SIP_URI: Kind = Kind::new("Uri")
    .attributes(&[
        any("username"),
        any("password"),
        plain("priority", ValueRule::COUNT),
        plain("weight", ValueRule::COUNT),
    ])
    .text(TextRule::Free);

pub(super) static HEADERS: Kind = Kind::new("Headers").children(&[&HEADER]);

pub(super) static HEADER: Kind = Kind::new("Header").attributes(super::talk::PAIR);

/// In a Refer, where it is a text and no more.
pub(super) static REFER_SIP: Kind = Kind::new("Sip").text(TextRule::Free).rule(rules::sip);

pub(super) static APPLICATION: Kind = Kind::new("Application")
    .attributes(&[
        LEG_URL,
        method("method"),
        LEG_STATUS,
        LEG_STATUS_METHOD,
        LEG_EVENTS,
        plain("customerId", ValueRule::Short(256)),
        bool("copyParentTo"),
    ])
    .children(&[&APPLICATION_SID, &PARAMETER])
    .text(TextRule::Free);

pub(super) static APPLICATION_SID: Kind = Kind::new("ApplicationSid").text(TextRule::Free);

pub(super) static WHATS_APP: Kind = Kind::new("WhatsApp")
    .attributes(&[
        LEG_URL,
        method("method"),
        LEG_STATUS,
        LEG_STATUS_METHOD,
        LEG_EVENTS,
    ])
    .text(TextRule::Free);

pub(super) static SIM: Kind = Kind::new("Sim").text(TextRule::Free);

pub(super) static DIAL_QUEUE: Kind = Kind::new("Queue")
    .attributes(&[
        coded("url", ValueRule::Url, 14211),
        coded("method", ValueRule::METHOD, 14210),
        any("reservationSid"),
        any("postWorkActivitySid"),
    ])
    .text(TextRule::Free)
    .rule(rules::dial_queue);

pub(super) static CONFERENCE: Kind = Kind::new("Conference")
    .attributes(&[
        coded("muted", ValueRule::BOOL, 13230),
        coded(
            "beep",
            ValueRule::One(&["true", "false", "onEnter", "onExit"]),
            13235,
        ),
        coded("startConferenceOnEnter", ValueRule::BOOL, 13232),
        coded("endConferenceOnExit", ValueRule::BOOL, 13231),
        coded("waitUrl", ValueRule::Url, 13233),
        coded("waitMethod", ValueRule::METHOD, 13234),
        plain("maxParticipants", ValueRule::Count(1, 250)),
        plain("participantLabel", ValueRule::Short(128)),
        coded("coach", ValueRule::Any, 13240),
        plain(
            "jitterBufferSize",
            ValueRule::One(&["large", "medium", "small", "off"]),
        ),
        plain(
            "region",
            ValueRule::One(&["us1", "us2", "ie1", "de1", "sg1", "br1", "au1", "jp1"]),
        ),
        plain(
            "record",
            ValueRule::One(&["do-not-record", "record-from-start"]),
        ),
        coded("trim", TRIM, 13239),
        LEG_STATUS,
        LEG_STATUS_METHOD,
        plain(
            "statusCallbackEvent",
            ValueRule::Some(&[
                "start",
                "end",
                "join",
                "leave",
                "mute",
                "hold",
                "modify",
                "speaker",
                "announcement",
            ]),
        ),
        coded("recordingStatusCallback", ValueRule::Url, 13256),
        method("recordingStatusCallbackMethod"),
        plain("recordingStatusCallbackEvent", RECORDING_EVENTS),
        any("recordingConfigurationId"),
        url("eventCallbackUrl"),
    ])
    .text(TextRule::Free)
    .rule(rules::conference);

/// The ways in which countries let a caller hear that it rings.
const TONES: &[&str] = &[
    "at", "au", "bg", "br", "be", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr",
    "hu", "il", "in", "it", "lt", "jp", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se",
    "sg", "th", "uk", "us", "us-old", "tw", "ve", "za",
];

pub(super) const DIAL_RECORD: ValueRule = ValueRule::One(&[
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
    "true",
    "false",
]);

const RINGS: ValueRule = ValueRule::Count(*limits::RING.start(), *limits::RING.end());

pub(super) static DIAL: Kind = Kind::new("Dial")
    .attributes(&[
        url("action"),
        coded("method", ValueRule::METHOD, 13210),
        coded("timeout", RINGS, 13212),
        coded("timeLimit", ValueRule::POSITIVE, 13216),
        coded("callerId", ValueRule::CallerId, 13214),
        coded("answerOnBridge", ValueRule::BOOL, 13219),
        coded("hangupOnStar", ValueRule::BOOL, 13213),
        coded("ringTone", ValueRule::One(TONES), 13220),
        coded("sequential", ValueRule::BOOL, 13218),
        coded("record", DIAL_RECORD, 13217),
        plain(
            "recordingTrack",
            ValueRule::One(&["both", "inbound", "outbound"]),
        ),
        plain("trim", TRIM),
        coded("recordingStatusCallback", ValueRule::Url, 13256),
        method("recordingStatusCallbackMethod"),
        plain("recordingStatusCallbackEvent", RECORDING_EVENTS),
        any("recordingConfigurationId"),
        url("referUrl"),
        method("referMethod"),
        plain("callReason", ValueRule::Short(50)),
        any("events"),
        any("passports"),
    ])
    .children(&[
        &APPLICATION,
        &CLIENT,
        &CONFERENCE,
        &NUMBER,
        &DIAL_QUEUE,
        &SIM,
        &SIP,
        &WHATS_APP,
    ])
    .text(TextRule::Free)
    .nesting(13215)
    .rule(rules::dial);
