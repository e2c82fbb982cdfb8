//! What may be written into a test call, described for editors.

use serde_json::Value;

use super::world::payments::{CARDS, OUTCOMES as OF_PAYMENTS};
use super::world::{OF_CODES, OF_QUEUES, OF_TRANSFERS, OUTCOMES};
use crate::written::TIME;
use crate::written::keys::{Key, Names, Shape, document, table};

const HEARS: Key = Key::new(
    "hears",
    Shape::Either(&[
        Shape::Text,
        Shape::List(&Shape::Text),
        Shape::Table(&[PATTERN]),
    ]),
    "What is heard before: the whole text, in which `…` (or `...`) is any words; a list of parts in this order; or a \
     pattern. Left out: anything.",
    "hears = \"… For a parcel press 2. …\"",
);

const PATTERN: Key = Key::new(
    "pattern",
    Shape::Text,
    "A regular expression that what is heard must fit.",
    "pattern = \"Your code is [0-9]{4}\"",
)
.required();

/// One name or several.
const NAMES: Shape = Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]);

const TURN: &[Key] = &[
    Key::new(
        "step",
        Shape::Text,
        "The step that the call is at when the caller does this. Left out: any; nothing is known of steps at another server.",
        "step = \"kind\"",
    ),
    HEARS,
    Key::new(
        "press",
        Shape::Form("^[0-9*#A-D]+$"),
        "The keys that the caller presses.",
        "press = \"5#\"",
    ),
    Key::new(
        "says",
        Shape::Either(&[Shape::Text, Shape::Table(SAID)]),
        "What the caller says, where the flow takes speech; with `confidence` how sure the recogniser is.",
        "says = \"parcel\"",
    ),
    Key::new(
        "silent",
        Shape::True,
        "The caller says and presses nothing until the time is over.",
        "silent = true",
    ),
];

const SAID: &[Key] = &[
    Key::new(
        "words",
        Shape::Text,
        "The words that are heard.",
        "words = \"parcel\"",
    )
    .required(),
    Key::new(
        "confidence",
        Shape::Amount(0.0, 1.0),
        "How sure of them the recogniser is.",
        "confidence = 0.5",
    )
    .default("0.9"),
];

const END: &[Key] = &[
    Key::new(
        "by",
        Shape::Word(&["flow", "caller"]),
        "Who ends the call: its flow, or the caller, who hangs up after the last turn.",
        "by = \"flow\"",
    ),
    Key::new(
        "after_waits",
        Shape::Whole(0, 64),
        "How often the call, handed on after the last turn, comes back before the caller hangs up: 1 for one who hangs up \
         while a second number rings.",
        "after_waits = 1",
    )
    .default("0"),
    Key::new(
        "step",
        Shape::Text,
        "A step that the call comes to after the last turn, or that is done once the caller has hung up.",
        "step = \"thanks\"",
    ),
    Key::new(
        "failed",
        NAMES,
        "The steps that cannot be done in this call. Any other that cannot fails the test.",
        "failed = \"send\"",
    ),
    Key::new(
        "unset",
        NAMES,
        "The names that are read and not set in this call. Any other fails the test.",
        "unset = [\"weight\"]",
    ),
    Key::new(HEARS.name, HEARS.shape, "What is heard at last, after the last turn.", "hears = \"Thank you. …\""),
    Key::new(
        "seconds",
        Shape::Either(&[Shape::Number, Shape::Exactly(2, &Shape::Number)]),
        "How long the call takes, on the clock of the call: a number of seconds, or from and to.",
        "seconds = [20, 60]",
    ),
];

const SUBMISSION: &[Key] = &[
    Key::new(
        "type",
        Shape::Word(&["submission.complete", "submission.partial"]),
        "Whether the flow submitted all that it promises, or what there was.",
        "type = \"submission.complete\"",
    ),
    Key::new(
        "answers",
        Shape::Open,
        "The answers that the backend gets, these and no others.",
        "answers = { kind = \"parcel\", weight = 5, hour = \"12:30\" }",
    ),
    Key::new(
        "lacks",
        NAMES,
        "Answers that the backend does not get.",
        "lacks = [\"weight\"]",
    ),
];

/// What the carrier reports of a recording.
const STATUS: Key = Key::new(
    "status",
    Shape::Word(&super::world::records::STATUSES),
    "What the carrier reports later of what is recorded.",
    "status = \"absent\"",
)
.default("\"completed\"");

/// When it does.
const TOLD: Key = Key::new(
    "told",
    TIME,
    "How long after the end of the recording the carrier tells that, be the call over or not; \"0s\" is before the caller's \
     turn.",
    "told = \"20s\"",
)
.default("\"2s\"");

const TEXTED: &[Key] = &[
    Key::new(
        "to",
        Shape::Text,
        "The number that gets it.",
        "to = \"+447400123456\"",
    ),
    Key::new(
        "from",
        Shape::Text,
        "The number or the messaging service that it comes from.",
        "from = \"+442079460123\"",
    ),
    Key::new(
        "words",
        HEARS.shape,
        "What it says, as in `hears`.",
        "words = \"Your table: …\"",
    ),
];

const DIALLED: &[Key] = &[
    Key::new(
        "outcome",
        Shape::Word(&ALL_OUTCOMES),
        "What comes of it: of somebody who is dialled, of a queue (`talked` to `error`), or of a transfer.",
        "outcome = \"no_answer\"",
    )
    .required(),
    Key::new(
        "after",
        TIME,
        "How long it rings; in a queue, how long it takes until somebody comes or the caller presses a key.",
        "after = \"20s\"",
    )
    .default("\"5s\""),
    Key::new(
        "talks",
        TIME,
        "How long they talk, where it is answered.",
        "talks = \"2m\"",
    )
    .default("\"60s\""),
    Key::new(
        "presses",
        Shape::Form("^[0-9*#]*$"),
        "The keys that whoever answers presses, where the call is screened; none for a mailbox. The one that takes the call \
         where nothing is said. In a queue the key by which the caller leaves, the first one where nothing is said.",
        "presses = \"\"",
    ),
    Key::new(
        "position",
        Shape::Whole(1, 5_000),
        "The caller's place in the queue at first; it goes down until somebody comes.",
        "position = 3",
    )
    .default("1"),
    STATUS,
    TOLD,
];

/// The cards that a test can pay by.
const CARD_NUMBERS: [&str; CARDS.len()] = {
    let mut all = [""; CARDS.len()];
    let mut at = 0;
    while at < CARDS.len() {
        all[at] = CARDS[at].0;
        at += 1;
    }
    all
};

/// How many outcomes there are.
const MANY: usize =
    OUTCOMES.len() + OF_QUEUES.len() + OF_TRANSFERS.len() + OF_CODES.len() + OF_PAYMENTS.len();

/// Every outcome that something can have.
const ALL_OUTCOMES: [&str; MANY] = {
    let mut all = [""; MANY];
    let (mut at, parts): (usize, [&[&str]; 5]) = (
        0,
        [
            &OUTCOMES,
            &OF_QUEUES,
            &OF_TRANSFERS,
            &OF_CODES,
            &OF_PAYMENTS,
        ],
    );
    let mut part = 0;
    while part < parts.len() {
        let mut name = 0;
        while name < parts[part].len() {
            all[at] = parts[part][name];
            (at, name) = (at + 1, name + 1);
        }
        part += 1;
    }
    all
};

const RECORDED: &[Key] = &[
    Key::new(
        "outcome",
        Shape::Word(&super::world::records::OUTCOMES),
        "What comes of it.",
        "outcome = \"empty\"",
    )
    .default("\"recorded\""),
    Key::new(
        "seconds",
        Shape::Number,
        "How long the caller speaks.",
        "seconds = 14",
    )
    .default("10"),
    Key::new(
        "says",
        Shape::Text,
        "What the caller says: the transcript, where one is asked for.",
        "says = \"Please call me back.\"",
    ),
    Key::new(
        "ends",
        Shape::Form("^([0-9*#]|silence|hangup)$"),
        "How the caller ends it: by silence, by a key, or by hanging up.",
        "ends = \"hangup\"",
    )
    .default("\"silence\""),
    STATUS,
    TOLD,
];

const ASKED: &[Key] = &[
    Key::new(
        "status",
        Shape::Whole(100, 599),
        "The status that it answers.",
        "status = 404",
    )
    .default("200"),
    Key::new(
        "json",
        Shape::Open,
        "What it answers, as JSON.",
        "json = { left = 3 }",
    ),
    Key::new(
        "outcome",
        Shape::Form("^(2xx|4xx|5xx|[45][0-9][0-9]|misfit|time_limit|error)$"),
        "What comes of it in the words of a flow, where the status does not say it.",
        "outcome = \"time_limit\"",
    ),
    Key::new(
        "take",
        Shape::Open,
        "With an `outcome`, what is taken out of the answer, by the names that the flow gives it.",
        "take = { left = 3 }",
    ),
    Key::new("after", TIME, "How long it takes.", "after = \"40ms\"").default("\"0s\""),
];

/// What a service answers, or a list with one for each time.
const REPLIES: Shape = Shape::Either(&[Shape::Table(ASKED), Shape::Some(&Shape::Table(ASKED))]);

/// What services answer.
const SERVICE: Key = Key::new(
    "service",
    Shape::Names(Names {
        form: NAMED,
        sample: "stock",
        of: &REPLIES,
        fixed: &[],
        some: false,
    }),
    "What a service answers, whichever step asks it.",
    "service.stock = { status = 200, json = { left = 3 } }",
);

/// What comes of it at a step, or a list with one for each time.
const AT_STEP: Shape = Shape::Either(&[
    Shape::Table(ASKED),
    Shape::Some(&Shape::Table(ASKED)),
    Shape::Table(DIALLED),
    Shape::Some(&Shape::Table(DIALLED)),
    Shape::Table(RECORDED),
    Shape::Some(&Shape::Table(RECORDED)),
]);

/// What comes of it, or a list with one for each time.
const ANSWERS: Shape = Shape::Either(&[Shape::Table(DIALLED), Shape::Some(&Shape::Table(DIALLED))]);

/// What comes of a payment.
const PAYMENT: &[Key] = &[
    Key::new(
        "outcome",
        Shape::Word(&OF_PAYMENTS),
        "What comes of it.",
        "outcome = \"paid\"",
    ),
    Key::new(
        "card",
        Shape::Word(&CARD_NUMBERS),
        "The card that the caller pays by, in place of the outcome: each of these comes to something else.",
        "card = \"4242424242424242\"",
    ),
    Key::new(
        "after",
        TIME,
        "How long the caller takes.",
        "after = \"40s\"",
    )
    .default("\"30s\""),
];

/// What comes of it, or a list with one for each time.
const PAYMENTS: Shape =
    Shape::Either(&[Shape::Table(PAYMENT), Shape::Some(&Shape::Table(PAYMENT))]);

/// How a machine ends a talk.
const TALKED: &[Key] = &[
    Key::new(
        "outcome",
        Shape::Text,
        "How it ends: `done`, `lost`, `unreachable`, `silent`, `misfit`, `time_limit`, or a word that the machine hands back.",
        "outcome = \"person\"",
    ),
    Key::new(
        "take",
        Shape::Open,
        "What the flow takes out of what the machine hands back.",
        "take = { reason = \"bill\" }",
    ),
    Key::new(
        "handoff",
        Shape::Text,
        "What the machine hands back, as it sends it, in place of the two.",
        "handoff = \"{\"",
    ),
    Key::new("after", TIME, "How long they talk.", "after = \"40s\"").default("\"60s\""),
];

/// How it ends, or a list with one for each time.
const BOTS: Shape = Shape::Either(&[Shape::Table(TALKED), Shape::Some(&Shape::Table(TALKED))]);

/// Contacts, whose numbers a test need not know.
const CONTACT: Key = Key::new(
    "contact",
    Shape::Names(Names {
        form: NAMED,
        sample: "desk",
        of: &ANSWERS,
        fixed: &[],
        some: false,
    }),
    "What comes of dialling a contact, whatever its number.",
    "contact.desk = { outcome = \"busy\" }",
);

/// How a flow names steps and contacts.
const NAMED: &str = "^[a-z][a-z0-9_]*$";

/// How long a recording lasts.
const LASTS: Shape = Shape::Either(&[Shape::Number, TIME, Shape::Word(&["silent"])]);

const WORLD: &[Key] = &[
    Key::new(
        "dial",
        Shape::Names(Names {
            form: "",
            sample: "+442079460000",
            of: &ANSWERS,
            fixed: &[CONTACT],
            some: false,
        }),
        "What comes of dialling a contact (`contact.desk`), a number, however it is spelt, a SIP address or a client; or how \
         long the caller is in a conference.",
        "dial.\"+442079460000\" = { outcome = \"no_answer\", after = \"20s\" }",
    ),
    Key::new(
        "queue",
        Shape::Names(Names {
            form: "",
            sample: "engineers",
            of: &ANSWERS,
            fixed: &[],
            some: false,
        }),
        "What comes of waiting in a queue, by the flow's name of it.",
        "queue.engineers = { outcome = \"talked\", after = \"90s\", position = 3 }",
    ),
    Key::new(
        "refer",
        Shape::Names(Names {
            form: "",
            sample: "sip:desk@pbx.example.com",
            of: &ANSWERS,
            fixed: &[],
            some: false,
        }),
        "What comes of a transfer, by the address, whatever headers go with it.",
        "refer.\"sip:desk@pbx.example.com\" = { outcome = \"refused\" }",
    ),
    Key::new(
        "pay",
        Shape::Names(Names {
            form: "",
            sample: "stripe",
            of: &PAYMENTS,
            fixed: &[],
            some: false,
        }),
        "What comes of a payment, by the flow's name of the connector.",
        "pay.stripe = { card = \"4242424242424242\" }",
    ),
    Key::new(
        "bot",
        Shape::Names(Names {
            form: "",
            sample: "assistant",
            of: &BOTS,
            fixed: &[],
            some: false,
        }),
        "How machines end their talk with the caller, by the flow's names of them.",
        "bot.assistant = { outcome = \"person\", take = { reason = \"bill\" }, after = \"40s\" }",
    ),
    Key::new(
        "http",
        Shape::Table(&[SERVICE]),
        "What services answer to a call that is played in this process.",
        "http.service.stock = { status = 200, json = { left = 3 }, after = \"40ms\" }",
    ),
    Key::new(
        "audio",
        Shape::Names(Names {
            form: "",
            sample: "https://cdn.example/welcome.mp3",
            of: &LASTS,
            fixed: &[],
            some: false,
        }),
        "How long a recording lasts that is not fetched, in seconds, by its URL or as the document writes it; \"silent\" for \
         one that is not heard.",
        "audio.\"https://cdn.example/welcome.mp3\" = 4.5",
    ),
];

const CALL: &[Key] = &[
    Key::new("flow", Shape::Text, "The flow that is called, by the name of its file.", "flow = \"pickup\"").required(),
    Key::new("from", Shape::Text, "The caller's number.", "from = \"+442079460001\"").default("\"+442079460001\""),
    Key::new("to", Shape::Text, "The number that is called.", "to = \"+442079460123\""),
    Key::new(
        "placed",
        Shape::Word(&["answered", "machine", "busy", "no_answer", "failed"]),
        "How a call comes out that we place: `from` is our number then, and `to` whoever is called.",
        "placed = \"answered\"",
    ),
    Key::new(
        "caller_name",
        Shape::Text,
        "The caller's name, where the carrier gives it.",
        "caller_name = \"A Caller\"",
    ),
    Key::new(
        "fields",
        Shape::Names(Names {
            form: "",
            sample: "CallerCountry",
            of: &Shape::Text,
            fixed: &[],
            some: false,
        }),
        "What else the carrier sends with the call, by its names: what `[call]` of the flow reads. An empty text for what it \
         does not send.",
        "fields = { CallerCountry = \"GB\", SipHeader_X-Account = \"12345678\" }",
    ),
    Key::new(
        "args",
        Shape::Names(Names {
            form: "",
            sample: "why",
            of: &Shape::Either(&[Shape::Text, Shape::Integer, Shape::Boolean]),
            fixed: &[],
            some: false,
        }),
        "What the flow is given, where it is one that others go through: its `[args]`.",
        "args = { why = \"to call you back\" }",
    ),
    Key::new(
        "at",
        Shape::Moment,
        "When the call comes in: the clock stands there. A fixed moment where nothing is said.",
        "at = 2026-11-23T10:15:00Z",
    ),
    Key::new(
        "open",
        Shape::Boolean,
        "Whether what the file does not say may be anything: that the call ends earlier or asks more, who ends it, what is \
         submitted, and what comes of handing the call on.",
        "open = true",
    )
    .default("false"),
    Key::new(
        "turn",
        Shape::List(&Shape::Table(TURN)),
        "What the caller hears, and then does: one after the other, from the beginning of the call.",
        "turn = [{ hears = \"Welcome …\", press = \"1\" }]",
    ),
    Key::new("end", Shape::Table(END), "How the call ends.", "end = { by = \"flow\", hears = \"Thank you. …\" }"),
    Key::new(
        "submitted",
        Shape::Names(Names {
            form: "^[a-z][a-z0-9_]*$",
            sample: "pickups",
            of: &Shape::Either(&[Shape::Table(SUBMISSION), Shape::List(&Shape::Table(SUBMISSION))]),
            fixed: &[],
            some: false,
        }),
        "What each backend gets. Without it nothing may be sent.",
        "submitted.pickups = { type = \"submission.complete\", answers = { kind = \"parcel\" } }",
    ),
    Key::new(
        "texted",
        Shape::Either(&[Shape::Table(TEXTED), Shape::List(&Shape::Table(TEXTED))]),
        "What is sent by SMS, in order. Without it nothing may be sent.",
        "texted = [{ to = \"+447400123456\", words = \"Your table: …\" }]",
    ),
    Key::new(
        "world",
        Shape::Names(Names {
            form: NAMED,
            sample: "desk",
            of: &AT_STEP,
            fixed: WORLD,
            some: false,
        }),
        "What the world answers, where the call meets it: by step (`desk = { outcome = \"busy\" }`, `message = { seconds = 14 }`), else by \
         contact or number.",
        "world.dial.\"+442079460000\" = { outcome = \"busy\" }",
    ),
];

/// The JSON Schema of a test call.
pub fn schema() -> Value {
    let doc = "One call, as a conversation: what the caller hears and does, and what the backend gets in the end.";
    document("A test call", doc, table(CALL), Vec::new())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::{CALL, DIALLED, END, Key, PATTERN, RECORDED, SUBMISSION, TURN, WORLD};
    use crate::replay::read;
    use crate::written::Code;

    /// The faults of a call.
    fn faults(source: &str) -> Vec<crate::written::diag::Diag> {
        read(&Arc::from("call.toml"), source.to_owned())
            .err()
            .unwrap_or_default()
    }

    /// Each table of a test call: its keys, and a file that ends in one, to which a line can be added.
    fn tables() -> [(&'static str, &'static [Key], &'static str); 8] {
        const DIALS: &str = "flow = \"a\"\n[world.dial.\"+442079460000\"]\n";
        [
            ("a call", CALL, ""),
            ("a turn", TURN, "flow = \"a\"\n[[turn]]\n"),
            ("the end", END, "flow = \"a\"\n[end]\n"),
            (
                "a submission",
                SUBMISSION,
                "flow = \"a\"\n[submitted.pickups]\n",
            ),
            ("the world", WORLD, "flow = \"a\"\n[world]\n"),
            ("who is dialled", DIALLED, DIALS),
            (
                "what is recorded",
                RECORDED,
                "flow = \"a\"\n[[world.message]]\nseconds = 14\n[[world.message]]\n",
            ),
            ("a pattern", &[PATTERN], "flow = \"a\"\n[end.hears]\n"),
        ]
    }

    #[test]
    fn the_reader_and_the_schema_know_the_same_keys() {
        for (name, keys, source) in tables() {
            let told = faults(&format!("{source}qqqqqqqq = 1\n"));
            let told = told
                .into_iter()
                .find(|diag| diag.code == Code::KeyUnknown)
                .and_then(|diag| diag.help);
            let told = told.unwrap_or_else(|| panic!("{name} takes a key that nobody has"));
            let known: BTreeSet<&str> = told.split('`').skip(1).step_by(2).collect();
            assert_eq!(
                known,
                keys.iter().map(|key| key.name).collect(),
                "{name}: left: read, right: in the schema"
            );
        }
    }

    #[test]
    fn the_reader_takes_every_example() {
        for (name, keys, source) in tables() {
            for key in keys {
                let required = keys
                    .iter()
                    .filter(|other| other.required && other.name != key.name);
                let required: String = required.map(|key| format!("{}\n", key.example)).collect();
                let act = if name == "a turn" && ["hears", "step"].contains(&key.name) {
                    "silent = true\n"
                } else {
                    ""
                };
                let outcome = if key.name == "talks" {
                    required.replace("no_answer", "answered")
                } else {
                    required
                };
                let source = format!("{source}{outcome}{act}{}\n", key.example);
                assert_eq!(faults(&source), [], "{name}: {source}");
            }
        }
    }
}
