//! The keys at the top of a flow file.

use super::demands::CHECK as DEMANDS;
use super::outbound::OUTBOUND as OF_PLACED;
use super::shared::{
    APPEND, FORGET, FULL, GIVE, NAMED, NEXT, NUMBER, SAYS, SET, TARGET, WAY_OR_TARGET,
};
use crate::written::Field;
use crate::written::keys::{Key, Names, Shape};
use crate::written::number::CALLED as LINE;

/// How steps are named, and targets with them.
pub const STEP: &str = "^[a-z][a-z0-9_]*$";
/// Where a way can lead: a step, or an exit of the flow.
pub const TARGET_NAME: &str = "^(return\\.)?[a-z][a-z0-9_]*$";
/// How languages are named: BCP 47.
const TAG: &str = "^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$";

const CALLED: Shape = Shape::Form(LINE);

const KEY_OF_ALL: Shape = Shape::Either(&[
    TARGET,
    Shape::Table(&[NEXT.required(), SET, APPEND, FULL, FORGET, SAYS]),
]);

/// Who speaks.
pub const VOICE: Field<String> = Field::text(
    "voice",
    Shape::Text,
    "The voice that speaks, by the carrier's name of it. The account's own where nothing is said.",
    "voice = \"Polly.Amy-Neural\"",
);

/// Where a caller goes who leaves early.
pub const ON_HANGUP: Key = Key::new(
    "hangup",
    WAY_OR_TARGET,
    "The step for a caller who leaves early: one that needs nobody, such as `submit`, `set`, `forget` or `branch`.",
    "hangup = \"left\"",
);

/// Where a call goes whose step cannot be done.
pub const ON_ERROR: Key = Key::new(
    "error",
    WAY_OR_TARGET,
    "The step for when another one cannot be done. This way is taken once a call; then the caller hears an apology.",
    "error = \"desk\"",
);

/// Which edition of the language it is written in.
pub const EDITION: Key = Key::new(
    "edition",
    Shape::Whole(1, EDITIONS),
    "The edition of the flow language that the file is written in.",
    "edition = 1",
)
.default("1");

/// The newest edition of the language that is read.
pub const EDITIONS: i64 = 1;

/// What the author keeps with the flow.
pub const META: Key = Key::new(
    "meta",
    Shape::Open,
    "Whatever belongs to the flow and means nothing to Hookswitch: who keeps it, a ticket, a date.",
    "meta.owner = \"front desk\"",
);

/// What the flow is.
pub const TITLE: Field<String> = Field::text(
    "title",
    Shape::Text,
    "What the flow is, for people.",
    "title = \"Parcel pick-up\"",
);

/// The numbers whose calls come here.
pub const NUMBERS: Key = Key::new(
    "numbers",
    Shape::Either(&[
        CALLED,
        Shape::List(&CALLED),
        Shape::Names(Names {
            form: NAMED,
            sample: "english",
            of: &CALLED,
            fixed: &[],
            some: true,
        }),
    ]),
    "Calls to these numbers come here: \"+\", country code and number, no spaces; or an address at a SIP domain, as \
     \"sip:desk@example.sip.twilio.com\". A call to a SIP address that names a number comes to that number's flow. \
     In a table each number has a name, which `call.line` is.",
    "numbers = [\"+442079460123\"]",
);

/// Numbers that steps dial by name.
pub const CONTACTS: Key = Key::new(
    "contacts",
    Shape::Names(Names {
        form: NAMED,
        sample: "desk",
        of: &Shape::Form(NUMBER),
        fixed: &[],
        some: false,
    }),
    "Numbers by name, for `dial`. Settings may give others: `[flows.\"NAME\".contacts]` beats these, `[contacts]` does not.",
    "contacts.desk = \"+442079460000\"",
);

/// What all steps give to a queue.
pub const QUEUES: Key = Key::new(
    "queues",
    Shape::Names(Names {
        form: NAMED,
        sample: "engineers",
        of: &Shape::Table(&[GIVE]),
        fixed: &[],
        some: false,
    }),
    "What a workflow learns about each call that waits in a queue, by the queue's name; a step's own `give` beats it.",
    "queues.engineers = { give = { line = \"help desk\" } }",
);

/// The language that a call begins in.
pub const LANGUAGE: Field<String> = Field::text(
    "language",
    Shape::Form(TAG),
    "The language that a call begins in, as BCP 47 names it.",
    "language = \"en-GB\"",
)
.or("\"en-US\"");

/// The zone of the clock.
pub const ZONE: Field<String> = Field::text(
    "zone",
    Shape::Form("^[A-Za-z][A-Za-z0-9_+/-]*$"),
    "The zone of `now.date`, `now.time` and `now.weekday`, as the time zone database names it; needed where they are read.",
    "zone = \"Europe/London\"",
);

/// The step that a call begins at.
pub const START: Key = Key::new(
    "start",
    TARGET,
    "The step that a call begins at. The first of the file where nothing is said.",
    "start = \"welcome\"",
);

/// Where a caller goes who is out of attempts.
pub const GIVE_UP: Key = Key::new(
    "give_up",
    WAY_OR_TARGET,
    "Where a caller goes who is out of attempts, at every question that has no `give_up` of its own.",
    "give_up = \"desk\"",
);

/// The other languages that the flow speaks.
pub const LANGUAGES: Key = Key::new(
    "languages",
    Shape::Names(Names {
        form: TAG,
        sample: "bg-BG",
        of: &Shape::Table(&[VOICE.key]),
        fixed: &[],
        some: false,
    }),
    "The other languages that the flow speaks, each with its voice.",
    "languages.bg-BG = { voice = \"Google.bg-BG-Standard-A\" }",
);

/// What the backend is promised.
pub const ANSWERS: Key = Key::new(
    "answers",
    Shape::Names(Names {
        form: NAMED,
        sample: "kind",
        of: &Shape::Defined("answer"),
        fixed: &[],
        some: false,
    }),
    "What the backend is promised: each answer with its type. Without it every `into` is an answer, and optional.",
    "answers.weight = { integer = [1, 30], optional = true }",
);

/// The carrier's name of a field.
pub const FIELD_AT: Key = Key::new(
    "at",
    FIELD_NAME,
    "The carrier's name of the field: of a SIP header, `SipHeader_` and the header's name.",
    "at = \"SipHeader_X-Account\"",
);

/// How the carrier names fields.
const FIELD_NAME: Shape = Shape::Form("^[A-Za-z][A-Za-z0-9_.-]*$");

/// What is read of the request that a call begins with.
pub const CALL_FIELDS: Key = Key::new(
    "call",
    Shape::Names(Names {
        form: NAMED,
        sample: "country",
        of: &Shape::Either(&[FIELD_NAME, Shape::Defined("field")]),
        fixed: &[],
        some: false,
    }),
    "Fields of the carrier's first request, each read as `call.NAME`: the carrier's name of it, for text, or a table with a \
     type. Unset where the carrier does not send it, or sends what does not fit.",
    "call.country = \"CallerCountry\"",
);

/// What a flow is given by those that go through it.
pub const ARGS: Key = Key::new(
    "args",
    Shape::Names(Names {
        form: NAMED,
        sample: "why",
        of: &Shape::Defined("arg"),
        fixed: &[],
        some: false,
    }),
    "What a flow that goes through this one must `give`, or whoever has us place a call, each read as `args.NAME`, with its \
     type: as answers have it, or `\"text\"`.",
    "args.why = \"text\"",
);

/// What a flow gives back to those that go through it.
pub const GIVES: Key = Key::new(
    "gives",
    Shape::Names(Names {
        form: NAMED,
        sample: "phone",
        of: &Shape::Defined("answer"),
        fixed: &[],
        some: false,
    }),
    "What this flow gives back by `return`: asked for like answers, and not submitted.",
    "gives.phone = { digits = [6, 15], optional = true }",
);

/// How a flow ends for those that go through it, beside `return`.
pub const EXITS: Key = Key::new(
    "exits",
    Shape::Names(Names {
        form: NAMED,
        sample: "refused",
        of: &Shape::Text,
        fixed: &[],
        some: false,
    }),
    "Other ends of this flow, by name, with words that say when each is taken: `next = \"return.refused\"` leads there.",
    "exits.refused = \"The caller gives no number.\"",
);

/// The steps.
pub const STEPS: Key = Key::new(
    "steps",
    Shape::Names(Names {
        form: STEP,
        sample: "first",
        of: &Shape::Defined("step"),
        fixed: &[],
        some: true,
    }),
    "The steps, by name: small letters, digits and `_`, a letter first.",
    "steps.bye = { say = \"Goodbye.\", next = \"hangup\" }",
)
.required();

/// What happens to a call rather than in it.
pub const ON: Key = Key::new(
    "on",
    Shape::Table(&[ON_HANGUP, ON_ERROR]),
    "What is done when the caller leaves early, or when a step cannot be done.",
    "on.hangup = \"left\"",
);

/// Calls that we place.
pub const OUTBOUND: Key = Key::new(
    "outbound",
    Shape::Table(OF_PLACED),
    "Calls that we place: when, how often it is tried, and what is done where nobody answers. `[args]` says what each is given.",
    "outbound.tries = 3",
);

/// Moments of a call that the author counts.
pub const MILESTONES: Key = Key::new(
    "milestones",
    Shape::Names(Names {
        form: NAMED,
        sample: "booked",
        of: &Shape::Either(&[TARGET, Shape::List(&TARGET)]),
        fixed: &[],
        some: false,
    }),
    "Moments of a call that count, by name: each is reached by entering a step, or one of several, and shown in deliveries, \
     figures and lists of calls.",
    "milestones.booked = \"bye\"",
);

/// Keys of every question.
pub const ANYWHERE: Key = Key::new(
    "anywhere",
    Shape::Names(Names {
        form: "^([0-9*]+|[0-9]-[0-9])$",
        sample: "9",
        of: &KEY_OF_ALL,
        fixed: &[],
        some: false,
    }),
    "Keys of every menu and ask, unless the step has the key itself.",
    "anywhere.9 = \"back\"",
);

/// What is demanded of the flow as a whole.
pub const CHECK: Key = Key::new(
    "check",
    Shape::Table(DEMANDS),
    "What `hookswitch check` must prove beside what it proves of every flow.",
    "check.reachable_from_everywhere = \"desk\"",
);

/// Prompts of this flow alone.
pub const PROMPTS: Key = Key::new(
    "prompts",
    Shape::Names(Names {
        form: "",
        sample: "hello",
        of: &Shape::Defined("words"),
        fixed: &[],
        some: false,
    }),
    "Small prompts of this flow, spoken as `\"@hello\"`. Those that flows share stand in the audio manifest.",
    "prompts.hello = { en-GB = \"Good morning.\", bg-BG = \"Добро утро.\" }",
);

/// All of them.
pub const FLOW: &[Key] = &[
    EDITION,
    TITLE.key,
    NUMBERS,
    LANGUAGE.key,
    ZONE.key,
    VOICE.key,
    START,
    GIVE_UP,
    LANGUAGES,
    ANSWERS,
    CALL_FIELDS,
    ARGS,
    GIVES,
    EXITS,
    STEPS,
    CONTACTS,
    QUEUES,
    ON,
    OUTBOUND,
    MILESTONES,
    ANYWHERE,
    CHECK,
    PROMPTS,
    META,
];

/// Keys with a plain value at the top of a flow: below a `[table]` they belong to it, and mean nothing there.
pub const TOP_VALUES: [&str; 8] = [
    EDITION.name,
    TITLE.key.name,
    NUMBERS.name,
    LANGUAGE.key.name,
    ZONE.key.name,
    VOICE.key.name,
    START.name,
    GIVE_UP.name,
];
