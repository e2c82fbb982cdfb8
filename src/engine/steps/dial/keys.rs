//! The keys of `dial`, for editors.

use super::outcomes::{ANSWERED, BUSY, CANCELED, DECLINED, FAILED, NO_ANSWER, UNANSWERED};
use crate::engine::keys::outcomes::{way, way_of_group};
use crate::engine::keys::shared::{
    APPEND, FORGET, FULL, KEEP, NAMED, NEXT, NUMBER, PROMPT, SET, URL,
};
use crate::written::Field;
use crate::written::keys::{Key, Shape};

/// A contact or a number.
const TO_WHOM: Shape = Shape::Either(&[
    Shape::Form(NUMBER),
    Shape::Form(NAMED),
    Shape::Form(r"\{\{"),
]);

const DIAL: Key = Key::new(
    "dial",
    Shape::Either(&[WHOM, Shape::Some(&WHOM)]),
    "Whom the caller is connected to: a contact, by its name; or a number, \"+\", country code and number, no spaces, \
     which may have holes; or a table for a SIP address, an app, a conference or a queue; or a list of ten at most.",
    "dial = \"+442079460000\"",
)
.required();

pub(super) const TO: Key =
    Key::new("to", TO_WHOM, "A contact, or a number.", "to = \"desk\"").required();

const SIP: Key = Key::new(
    "sip",
    Shape::Text,
    "A SIP address, which may have holes.",
    "sip = \"sip:desk@pbx.example.com\"",
)
.required();

const CLIENT: Key = Key::new(
    "client",
    Shape::Text,
    "Somebody in an app, by the name that the app registers.",
    "client = \"front\"",
)
.required();

const CONFERENCE: Key = Key::new(
    "conference",
    Shape::Text,
    "A conference, by its name, which may have holes.",
    "conference = \"standup\"",
)
.required();

const QUEUE: Key = Key::new(
    "queue",
    Shape::Text,
    "The caller who has waited longest in a queue, by its name.",
    "queue = \"engineers\"",
)
.required();

/// What says who is called: one of these.
pub(super) const CALLEES: [Key; 5] = [TO, SIP, CLIENT, CONFERENCE, QUEUE];

pub(super) const SEND: Key = Key::new(
    "send",
    Shape::Form("^[0-9*#wW]{1,32}$"),
    "Keys that are sounded once it is answered, such as an extension; `w` waits half a second, `W` a second.",
    "send = \"ww12\"",
);

pub(super) const START: Field<bool> = Field::flag(
    "start",
    "Whether the conference begins with this caller, if nobody has begun it.",
    "start = false",
)
.or("true");

pub(super) const END: Field<bool> = Field::flag(
    "end",
    "Whether the conference ends for everybody when this caller leaves.",
    "end = true",
)
.or("false");

pub(super) const MUTED: Field<bool> =
    Field::flag("muted", "Whether the caller only listens.", "muted = true").or("false");

pub(super) const BEEP: Field<bool> = Field::flag(
    "beep",
    "Whether a tone is heard when the caller comes and goes.",
    "beep = false",
)
.or("true");

pub(super) const HOLD: Key = Key::new(
    "hold",
    URL,
    "The TwiML that is heard until the conference begins. The carrier's music where nothing is said.",
    "hold = \"https://example.com/hold\"",
);

pub(super) const AT_MOST: Field<u32> = Field::whole(
    "at_most",
    (2, 250),
    "How many may take part.",
    "at_most = 10",
)
.or("250");

/// Somebody who is called.
const WHOM: Shape = Shape::Either(&[
    Shape::Form(NUMBER),
    Shape::Form(NAMED),
    Shape::Form(r"\{\{"),
    Shape::Table(&[TO, SEND]),
    Shape::Table(&[SIP]),
    Shape::Table(&[CLIENT]),
    Shape::Table(&[
        CONFERENCE,
        START.key,
        END.key,
        MUTED.key,
        BEEP.key,
        HOLD,
        AT_MOST.key,
    ]),
    Shape::Table(&[QUEUE]),
]);

const ON: Key = Key::new(
    "on",
    Shape::Table(&[
        way(&ANSWERED, "answered = \"bye\""),
        way(&DECLINED, "declined = \"sorry\""),
        way(&BUSY, "busy = \"busy\""),
        way(&NO_ANSWER, "no_answer = \"sorry\""),
        way(&FAILED, "failed = \"sorry\""),
        way(&CANCELED, "canceled = \"sorry\""),
        way_of_group(
            UNANSWERED,
            "Nobody was reached, for whatever reason has no way of its own.",
            "unanswered = \"sorry\"",
        ),
    ]),
    "Where the call goes on, by what came of it. For the rest there is `next`.",
    "on.unanswered = \"sorry\"",
);

pub(super) const RING: Key = Key::new(
    "ring",
    Shape::Word(&["together", "in_turn"]),
    "Whether those of a list ring all at once, so that the first to answer is connected, or one after the other.",
    "ring = \"in_turn\"",
)
.default("\"together\"");

/// How long it rings: within the carrier's bounds.
pub(super) const TIMEOUT: Field<u32> = Field::seconds(
    "timeout",
    (5, 600),
    "How long it rings; of a list, how long each rings. The carrier adds about five seconds.",
    "timeout = \"20s\"",
)
.or("\"30s\"");

pub(super) const WITHIN: Field<u32> = Field::seconds(
    "within",
    (10, 3_600),
    "How long it may take until somebody of a list has answered: nobody is called any more when that is over.",
    "within = \"60s\"",
);

pub(super) const ROUNDS: Field<u32> = Field::whole(
    "rounds",
    (1, 10),
    "How often a list is gone through, while nobody answers.",
    "rounds = 2",
)
.or("1");

pub(super) const WHISPER: Key = Key::new(
    "whisper",
    PROMPT,
    "What whoever answers hears before the two are connected, in the flow's first language. The caller does not hear it.",
    "whisper = \"A call from {{ call.from }}. To take it press 1.\"",
);

pub(super) const ACCEPT: Key = Key::new(
    "accept",
    Shape::Form("^[0-9*#]$"),
    "The key that takes the call. Without it whoever answered is hung up on, so that a mailbox never takes a call.",
    "accept = \"1\"",
);

pub(super) const DECLINE: Key = Key::new(
    "decline",
    Shape::Form("^[0-9*#]$"),
    "The key that turns the call down.",
    "decline = \"2\"",
);

/// How long they may talk: bounds and default are the carrier's own.
pub(super) const TIME_LIMIT: Field<u32> = Field::seconds(
    "time_limit",
    (1, 86_400),
    "How long they may talk, a day at most.",
    "time_limit = \"60m\"",
)
.or("\"4h\"");

pub(super) const CALLER_ID: Key = Key::new(
    "caller_id",
    Shape::Form(NUMBER),
    "The number that is shown to who is called. The caller's own where nothing is said.",
    "caller_id = \"+442079460123\"",
);

/// The countries whose ring tone the carrier has (Twilio, `ringTone` of Dial).
pub(super) const TONES: [&str; 40] = [
    "at", "au", "bg", "br", "be", "ch", "cl", "cn", "cz", "de", "dk", "ee", "es", "fi", "fr", "gr",
    "hu", "il", "in", "it", "lt", "jp", "mx", "my", "nl", "no", "nz", "ph", "pl", "pt", "ru", "se",
    "sg", "th", "uk", "us", "us-old", "tw", "ve", "za",
];

pub(super) const RING_TONE: Key = Key::new(
    "ring_tone",
    Shape::Word(&TONES),
    "The country whose ring tone the caller hears. The carrier passes on what it gets where nothing is said.",
    "ring_tone = \"uk\"",
);

pub(super) const HANGUP_ON_STAR: Field<bool> = Field::flag(
    "hangup_on_star",
    "Whether the caller ends the talk by the star key, and goes on in the flow.",
    "hangup_on_star = true",
)
.or("false");

pub(super) const ANSWER_ON_BRIDGE: Field<bool> = Field::flag(
    "answer_on_bridge",
    "Whether the caller's call counts as answered, and costs, only once somebody has answered. Only where the caller has \
     heard nothing before.",
    "answer_on_bridge = true",
)
.or("false");

pub(super) const RECORDED: Key = Key::new(
    "recorded",
    Shape::Word(&["both", "caller", "agent"]),
    "Whose words are recorded while they talk; `keep` says how long that is kept. Nothing is recorded where nothing is said.",
    "recorded = \"both\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        DIAL,
        NEXT,
        SET,
        APPEND,
        FULL,
        FORGET,
        ON,
        RING,
        TIMEOUT.key,
        WITHIN.key,
        ROUNDS.key,
        WHISPER,
        ACCEPT,
        DECLINE,
        TIME_LIMIT.key,
        CALLER_ID,
        RING_TONE,
        HANGUP_ON_STAR.key,
        ANSWER_ON_BRIDGE.key,
        RECORDED,
        KEEP.key,
    ]
}
