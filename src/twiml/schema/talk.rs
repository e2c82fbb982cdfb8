//! What is heard, and what is listened for: Say, Play, Pause, Gather, Record.

use super::value::Value;
use super::{Attribute, Kind, Text, any, bool, coded, method, plain, rules, ssml, url};

pub(super) const TRIM: Value = Value::One(&["trim-silence", "do-not-trim"]);
pub(super) const RECORDING_EVENTS: Value = Value::Some(&["in-progress", "completed", "absent"]);
const FINISH: &str = "0123456789*#";

pub(super) static SAY: Kind = Kind::new("Say")
    .attributes(&[
        coded("voice", Value::Voice, 13511),
        coded("language", Value::Language, 13512),
        coded("loop", Value::COUNT, 13510),
    ])
    .children(&ssml::IN_SAY)
    .text(Text::Mixed)
    .rule(rules::say);

/// In a Gather, where it has complaints of its own.
pub(super) static GATHER_SAY: Kind = Kind::new("Say")
    .attributes(&[
        coded("voice", Value::Voice, 13321),
        coded("language", Value::Language, 13512),
        coded("loop", Value::COUNT, 13322),
    ])
    .children(&ssml::IN_SAY)
    .text(Text::Mixed)
    .rule(rules::say);

pub(super) static PLAY: Kind = Kind::new("Play")
    .attributes(&[
        coded("loop", Value::COUNT, 13410),
        coded("digits", Value::Tones, 13430),
    ])
    .text(Text::Url)
    .rule(rules::play);

pub(super) static GATHER_PLAY: Kind = Kind::new("Play")
    .attributes(&[
        coded("loop", Value::COUNT, 13410),
        coded("digits", Value::Tones, 13430),
    ])
    .text(Text::Url)
    .rule(rules::gather_play);

pub(super) static PAUSE: Kind =
    Kind::new("Pause").attributes(&[coded("length", Value::POSITIVE, 13910)]);

pub(super) static GATHER: Kind = Kind::new("Gather")
    .attributes(&[
        url("action"),
        coded("method", Value::METHOD, 13312),
        coded("input", Value::Some(&["dtmf", "speech"]), 13326),
        coded("timeout", Value::CountOr(1, u32::MAX, "auto"), 13313),
        coded("finishOnKey", Value::Characters(FINISH, usize::MAX), 13310),
        coded("numDigits", Value::POSITIVE, 13314),
        coded("actionOnEmptyResult", Value::BOOL, 13338),
        coded("speechTimeout", Value::CountOr(1, u32::MAX, "auto"), 13327),
        coded("maxSpeechTime", Value::POSITIVE, 13328),
        // The helper libraries take any, and new ones come every year.
        any("speechModel"),
        any("language"),
        coded("hints", Value::Hints, 13330),
        coded("profanityFilter", Value::BOOL, 13333),
        bool("enhanced"),
        url("partialResultCallback"),
        coded("partialResultCallbackMethod", Value::METHOD, 13329),
        coded("bargeIn", Value::BOOL, 13332),
        bool("debug"),
    ])
    .children(&[&GATHER_SAY, &GATHER_PLAY, &PAUSE])
    .nesting(13320)
    .rule(rules::gather);

pub(super) static RECORD: Kind = Kind::new("Record").attributes(&[
    url("action"),
    coded("method", Value::METHOD, 13610),
    coded("timeout", Value::COUNT, 13611),
    coded("maxLength", Value::Count(2, 86_400), 13612),
    coded("finishOnKey", Value::Characters(FINISH, usize::MAX), 13613),
    coded("playBeep", Value::BOOL, 13616),
    coded("trim", TRIM, 13622),
    url("recordingStatusCallback"),
    method("recordingStatusCallbackMethod"),
    coded("recordingStatusCallbackEvent", RECORDING_EVENTS, 13620),
    coded("transcribe", Value::BOOL, 13614),
    coded("transcribeCallback", Value::Url, 13257),
    any("recordingConfigurationId"),
]);

pub(super) static PROMPT: Kind = Kind::new("Prompt")
    .attributes(&[
        plain(
            "for",
            Value::One(&[
                "payment-card-number",
                "expiration-date",
                "security-code",
                "postal-code",
                "payment-processing",
                "bank-account-number",
                "bank-routing-number",
            ]),
        ),
        plain("attempt", Value::Counts),
        plain("cardType", CARDS),
        plain(
            "errorType",
            Value::Some(&[
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

const CARDS: Value = Value::Some(&[
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
        plain("input", Value::One(&["dtmf"])),
        plain("paymentMethod", Value::One(&["credit-card", "ach-debit"])),
        plain(
            "bankAccountType",
            Value::Some(&[
                "consumer-checking",
                "consumer-savings",
                "commercial-checking",
                "commercial-savings",
            ]),
        ),
        plain("timeout", Value::POSITIVE),
        plain("maxAttempts", Value::Count(1, 3)),
        bool("securityCode"),
        any("postalCode"),
        plain("minPostalCodeLength", Value::POSITIVE),
        any("paymentConnector"),
        plain(
            "tokenType",
            Value::One(&["one-time", "reusable", "payment-method"]),
        ),
        plain("chargeAmount", Value::Amount(1_000_000)),
        any("currency"),
        plain(
            "language",
            Value::One(&[
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
