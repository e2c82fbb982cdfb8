//! What is heard, and what is listened for: Say, Play, Pause, Gather, Record.

use super::kind::{Attribute, Kind, TextRule, any, bool, coded, method, plain, url};
use super::value::ValueRule;
use super::{rules, ssml};

pub(super) const TRIM: ValueRule = ValueRule::One(&["trim-silence", "do-not-trim"]);
pub(super) const RECORDING_EVENTS: ValueRule =
    ValueRule::Some(&["in-progress", "completed", "absent"]);
const FINISH: &str = "0123456789*#";

pub(super) static SAY: Kind = Kind::new("Say")
    .attributes(&[
        coded("voice", ValueRule::Voice, 13511),
        coded("language", ValueRule::Language, 13512),
        coded("loop", ValueRule::COUNT, 13510),
    ])
    .children(&ssml::IN_SAY)
    .text(TextRule::Mixed)
    .rule(rules::say);

/// In a Gather, where it has complaints of its own.
pub(super) static GATHER_SAY: Kind = Kind::new("Say")
    .attributes(&[
        coded("voice", ValueRule::Voice, 13321),
        coded("language", ValueRule::Language, 13512),
        coded("loop", ValueRule::COUNT, 13322),
    ])
    .children(&ssml::IN_SAY)
    .text(TextRule::Mixed)
    .rule(rules::say);

pub(super) static PLAY: Kind = Kind::new("Play")
    .attributes(&[
        coded("loop", ValueRule::COUNT, 13410),
        coded("digits", ValueRule::Tones, 13430),
    ])
    .text(TextRule::Url)
    .rule(rules::play);

pub(super) static GATHER_PLAY: Kind = Kind::new("Play")
    .attributes(&[
        coded("loop", ValueRule::COUNT, 13410),
        coded("digits", ValueRule::Tones, 13430),
    ])
    .text(TextRule::Url)
    .rule(rules::gather_play);

pub(super) static PAUSE: Kind =
    Kind::new("Pause").attributes(&[coded("length", ValueRule::POSITIVE, 13910)]);

pub(super) static GATHER: Kind = Kind::new("Gather")
    .attributes(&[
        url("action"),
        coded("method", ValueRule::METHOD, 13312),
        coded("input", ValueRule::Some(&["dtmf", "speech"]), 13326),
        coded("timeout", ValueRule::CountOr(1, u32::MAX, "auto"), 13313),
        coded(
            "finishOnKey",
            ValueRule::Characters(FINISH, usize::MAX),
            13310,
        ),
        coded("numDigits", ValueRule::POSITIVE, 13314),
        coded("actionOnEmptyResult", ValueRule::BOOL, 13338),
        coded(
            "speechTimeout",
            ValueRule::CountOr(1, u32::MAX, "auto"),
            13327,
        ),
        coded("maxSpeechTime", ValueRule::POSITIVE, 13328),
        // The helper libraries take any, and new ones come every year.
        any("speechModel"),
        any("language"),
        coded("hints", ValueRule::Hints, 13330),
        coded("profanityFilter", ValueRule::BOOL, 13333),
        bool("enhanced"),
        url("partialResultCallback"),
        coded("partialResultCallbackMethod", ValueRule::METHOD, 13329),
        coded("bargeIn", ValueRule::BOOL, 13332),
        bool("debug"),
    ])
    .children(&[&GATHER_SAY, &GATHER_PLAY, &PAUSE])
    .nesting(13320)
    .rule(rules::gather);

pub(super) static RECORD: Kind = Kind::new("Record").attributes(&[
    url("action"),
    coded("method", ValueRule::METHOD, 13610),
    coded("timeout", ValueRule::COUNT, 13611),
    coded("maxLength", ValueRule::Count(2, 86_400), 13612),
    coded(
        "finishOnKey",
        ValueRule::Characters(FINISH, usize::MAX),
        13613,
    ),
    coded("playBeep", ValueRule::BOOL, 13616),
    coded("trim", TRIM, 13622),
    url("recordingStatusCallback"),
    method("recordingStatusCallbackMethod"),
    coded("recordingStatusCallbackEvent", RECORDING_EVENTS, 13620),
    coded("transcribe", ValueRule::BOOL, 13614),
    coded("transcribeCallback", ValueRule::Url, 13257),
    any("recordingConfigurationId"),
]);

pub(super) static PROMPT: Kind = Kind::new("Prompt")
    .attributes(&[
        plain(
            "for",
            ValueRule::One(&[
                "payment-card-number",
                "expiration-date",
                "security-code",
                "postal-code",
                "payment-processing",
                "bank-account-number",
                "bank-routing-number",
            ]),
        ),
        plain("attempt", ValueRule::Counts),
        plain("cardType", CARDS),
        plain(
            "errorType",
            ValueRule::Some(&[
                "timeout",
                "invalid-card-number",
                "invalid-card-type",
                "invalid-date",
                "invalid-security-code",
                "internal-error",
                "input-matching-failed",
            ]),
        ),
        bool("requireMatchingInputs"),
    ])
    .children(&[&SAY, &PLAY, &PAUSE]);

const CARDS: ValueRule = ValueRule::Some(&[
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "discover",
    "optima",
    "jcb",
    "diners-club",
    "enroute",
]);

pub(super) static PAY: Kind = Kind::new("Pay")
    .attributes(&[
        url("action"),
        url("statusCallback"),
        method("statusCallbackMethod"),
        plain("input", ValueRule::One(&["dtmf"])),
        plain(
            "paymentMethod",
            ValueRule::One(&["credit-card", "ach-debit"]),
        ),
        plain(
            "bankAccountType",
            ValueRule::Some(&[
                "consumer-checking",
                "consumer-savings",
                "commercial-checking",
                "commercial-savings",
            ]),
        ),
        plain("timeout", ValueRule::POSITIVE),
        plain("maxAttempts", ValueRule::Count(1, 3)),
        bool("securityCode"),
        any("postalCode"),
        plain("minPostalCodeLength", ValueRule::POSITIVE),
        any("paymentConnector"),
        plain(
            "tokenType",
            ValueRule::One(&["one-time", "reusable", "payment-method"]),
        ),
        plain("chargeAmount", ValueRule::Amount(1_000_000)),
        any("currency"),
        plain(
            "language",
            ValueRule::One(&[
                "de-DE", "en-AU", "en-CA", "en-GB", "en-IN", "en-IE", "en-NZ", "en-PH", "en-ZA",
                "en-US", "es-ES", "es-US", "es-MX", "fr-CA", "fr-FR", "it-IT",
            ]),
        ),
        any("description"),
        plain("validCardTypes", CARDS),
    ])
    .children(&[&PROMPT, &PARAMETER]);

pub(super) static PARAMETER: Kind = Kind::new("Parameter").attributes(PAIR);

pub(super) const PAIR: &[Attribute] = &[any("name").needed(), any("value")];
