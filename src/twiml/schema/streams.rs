//! What a Connect hands the call to, and what a Start runs beside it.

use super::kind::{Attribute, Kind, TextRule, any, bool, coded, method, plain, url};
use super::talk::{PAIR, PARAMETER, RECORDING_EVENTS, TRIM};
use super::value::ValueRule;

const TRACK: Attribute = plain(
    "track",
    ValueRule::One(&["inbound_track", "outbound_track", "both_tracks"]),
);
const INTERRUPTS: ValueRule = ValueRule::One(&["none", "dtmf", "speech", "any", "true", "false"]);

const STREAM_ATTRIBUTES: &[Attribute] = &[
    plain("url", ValueRule::Socket).needed(),
    any("name"),
    TRACK,
    url("statusCallback"),
    method("statusCallbackMethod"),
    any("connectorName"),
    any("audioFormat"),
    any("sampleRate"),
];

pub(super) static STREAM: Kind = Kind::new("Stream")
    .attributes(STREAM_ATTRIBUTES)
    .children(&[&PARAMETER]);

/// In a Stop, which knows it by its name.
pub(super) static STOP_STREAM: Kind = Kind::new("Stream")
    .attributes(&[plain("url", ValueRule::Socket), any("name"), TRACK])
    .children(&[&PARAMETER]);

pub(super) static SIPREC: Kind = Kind::new("Siprec")
    .attributes(&[
        any("name"),
        any("connectorName"),
        TRACK,
        url("statusCallback"),
        method("statusCallbackMethod"),
    ])
    .children(&[&PARAMETER]);

pub(super) static RECORDING: Kind = Kind::new("Recording").attributes(&[
    any("name"),
    plain("channels", ValueRule::One(&["mono", "dual"])),
    plain("track", ValueRule::One(&["inbound", "outbound", "both"])),
    plain("trim", TRIM),
    coded("recordingStatusCallback", ValueRule::Url, 13256),
    method("recordingStatusCallbackMethod"),
    plain("recordingStatusCallbackEvent", RECORDING_EVENTS),
    any("recordingConfigurationId"),
]);

pub(super) static TRANSCRIPTION: Kind = Kind::new("Transcription")
    .attributes(&[
        url("statusCallbackUrl"),
        method("statusCallbackMethod"),
        any("languageCode"),
        TRACK,
        plain(
            "transcriptionEngine",
            ValueRule::One(&["google", "deepgram"]),
        ),
        any("speechModel"),
        any("name"),
        any("inboundTrackLabel"),
        any("outboundTrackLabel"),
        any("hints"),
        any("intelligenceService"),
        bool("partialResults"),
        bool("profanityFilter"),
        bool("enableAutomaticPunctuation"),
        bool("enableProviderData"),
        any("conversationConfiguration"),
        any("conversationId"),
    ])
    .children(&[&CONFIG, &PARAMETER]);

pub(super) static CONFIG: Kind = Kind::new("Config").attributes(PAIR);

pub(super) static CONVERSATION_RELAY: Kind = Kind::new("ConversationRelay")
    .attributes(&[
        plain("url", ValueRule::Socket).needed(),
        any("welcomeGreeting"),
        plain("welcomeGreetingInterruptible", INTERRUPTS),
        any("language"),
        any("ttsLanguage"),
        any("transcriptionLanguage"),
        plain(
            "ttsProvider",
            ValueRule::One(&["Google", "Amazon", "ElevenLabs"]),
        ),
        any("voice"),
        plain(
            "transcriptionProvider",
            ValueRule::One(&["Google", "Deepgram"]),
        ),
        any("speechModel"),
        plain("interruptible", INTERRUPTS),
        plain(
            "interruptSensitivity",
            ValueRule::One(&["low", "medium", "high"]),
        ),
        plain("reportInputDuringAgentSpeech", INTERRUPTS),
        bool("dtmfDetection"),
        bool("preemptible"),
        bool("partialPrompts"),
        bool("profanityFilter"),
        any("hints"),
        any("debug"),
        any("elevenlabsTextNormalization"),
        any("intelligenceService"),
        any("events"),
        any("speechtimeout"),
        any("ignorebackchannel"),
        any("deepgramsmartformat"),
        any("backgroundnoisereduction"),
    ])
    .children(&[&LANGUAGE, &PARAMETER]);

pub(super) static LANGUAGE: Kind = Kind::new("Language").attributes(&[
    any("code").needed(),
    any("ttsProvider"),
    any("voice"),
    any("transcriptionProvider"),
    any("speechModel"),
]);

pub(super) static VIRTUAL_AGENT: Kind = Kind::new("VirtualAgent")
    .attributes(&[
        any("connectorName"),
        any("language"),
        bool("sentimentAnalysis"),
        url("statusCallback"),
        method("statusCallbackMethod"),
    ])
    .children(&[&CONFIG, &PARAMETER]);

pub(super) static ROOM: Kind = Kind::new("Room")
    .attributes(&[any("participantIdentity")])
    .text(TextRule::Free);

pub(super) static AUTOPILOT: Kind = Kind::new("Autopilot").text(TextRule::Free);

pub(super) static CONVERSATION: Kind = Kind::new("Conversation").attributes(&[
    any("serviceInstanceSid"),
    bool("inboundAutocreation"),
    plain("inboundTimeout", ValueRule::COUNT),
    plain("routingAssignmentTimeout", ValueRule::COUNT),
    url("url"),
    method("method"),
    plain("record", super::nouns::DIAL_RECORD),
    plain("trim", TRIM),
    url("statusCallback"),
    method("statusCallbackMethod"),
    plain(
        "statusCallbackEvent",
        ValueRule::Some(&[
            "call-initiated",
            "call-ringing",
            "call-answered",
            "call-completed",
        ]),
    ),
    coded("recordingStatusCallback", ValueRule::Url, 13256),
    method("recordingStatusCallbackMethod"),
    plain("recordingStatusCallbackEvent", RECORDING_EVENTS),
]);

pub(super) static AI_SESSION: Kind =
    Kind::new("AiSession").attributes(&[any("aiConnector"), any("aiSessionConfiguration")]);

pub(super) static CONVERSATION_RELAY_SESSION: Kind = Kind::new("ConversationRelaySession")
    .attributes(&[any("connector"), any("sessionConfiguration")]);

pub(super) static CONNECT: Kind = Kind::new("Connect")
    .attributes(&[url("action"), method("method")])
    .children(&[
        &AI_SESSION,
        &AUTOPILOT,
        &CONVERSATION,
        &CONVERSATION_RELAY,
        &CONVERSATION_RELAY_SESSION,
        &ROOM,
        &STREAM,
        &VIRTUAL_AGENT,
    ]);

pub(super) static START: Kind = Kind::new("Start")
    .attributes(&[url("action"), method("method")])
    .children(&[&STREAM, &SIPREC, &TRANSCRIPTION, &RECORDING])
    .nesting(14300);

pub(super) static STOP: Kind = Kind::new("Stop")
    .children(&[&STOP_STREAM, &SIPREC, &TRANSCRIPTION, &RECORDING])
    .nesting(14300);
