//! The whole of a flow file, put together from what its rooms tell.

use serde_json::{Value, json};

use super::super::{answers, steps};
use super::demands::CHECK;
use super::shared::{AUDIO, DIGITS, NAMED, PAUSE, PROMPT, SAY_AS, SAYS, TARGET, WAY};
use super::{Definition, Key, Names, Shape, document, table};

/// How steps are named, and targets with them.
const STEP: &str = "^[a-z][a-z0-9_-]*$";
/// How languages are named: BCP 47.
const TAG: &str = "^[A-Za-z0-9]+([-_][A-Za-z0-9]+)*$";

const CALLED: Shape = Shape::Form(r"^(\+[1-9][0-9]{1,14}|sips?:[^\s@;?<>]+@[^\s@;?<>]+)$");

const ANYWHERE: Shape = Shape::Either(&[TARGET, Shape::Table(&[WAY[0], WAY[1], WAY[2], SAYS])]);

const VOICE: Key = Key::new(
    "voice",
    Shape::Text,
    "The voice that speaks, by the carrier's name of it. The account's own where nothing is said.",
    "voice = \"Polly.Amy-Neural\"",
);

const ON: &[Key] = &[
    Key::new(
        "hangup",
        TARGET,
        "The step for a caller who leaves early: one that needs nobody, such as `submit`, `set`, `forget` or `branch`.",
        "hangup = \"left\"",
    ),
    Key::new(
        "error",
        TARGET,
        "The step for when another one cannot be done. This way is taken once a call; then the caller hears an apology.",
        "error = \"desk\"",
    ),
];

/// The keys of a flow file.
pub const FLOW: &[Key] = &[
    Key::new(
        "title",
        Shape::Text,
        "What the flow is, for people.",
        "title = \"Parcel pick-up\"",
    ),
    Key::new(
        "numbers",
        Shape::Either(&[CALLED, Shape::List(&CALLED)]),
        "Calls to these numbers come here: \"+\", country code and number, no spaces; or an address at a SIP domain, as \
         \"sip:desk@example.sip.twilio.com\". A call to a SIP address that names a number comes to that number's flow.",
        "numbers = [\"+442079460123\"]",
    ),
    Key::new(
        "language",
        Shape::Form(TAG),
        "The language that a call begins in, as BCP 47 names it.",
        "language = \"en-GB\"",
    )
    .default("\"en-US\""),
    VOICE,
    Key::new(
        "start",
        TARGET,
        "The step that a call begins at. The first of the file where nothing is said.",
        "start = \"welcome\"",
    ),
    Key::new(
        "give_up",
        TARGET,
        "Where a caller goes who is out of attempts, at every question that has no `give_up` of its own.",
        "give_up = \"desk\"",
    ),
    Key::new(
        "languages",
        Shape::Names(Names {
            form: TAG,
            sample: "bg-BG",
            of: &Shape::Table(&[VOICE]),
            fixed: &[],
            some: false,
        }),
        "The other languages that the flow speaks, each with its voice.",
        "languages.bg-BG = { voice = \"Google.bg-BG-Standard-A\" }",
    ),
    Key::new(
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
    ),
    Key::new(
        "steps",
        Shape::Names(Names {
            form: STEP,
            sample: "first",
            of: &Shape::Defined("step"),
            fixed: &[],
            some: true,
        }),
        "The steps, by name: small letters, digits, `_` and `-`, a letter first.",
        "steps.bye = { say = \"Goodbye.\", next = \"hangup\" }",
    )
    .required(),
    Key::new(
        "on",
        Shape::Table(ON),
        "What is done when the caller leaves early, or when a step cannot be done.",
        "on.hangup = \"left\"",
    ),
    Key::new(
        "anywhere",
        Shape::Names(Names {
            form: "^([0-9*]+|[0-9]-[0-9])$",
            sample: "9",
            of: &ANYWHERE,
            fixed: &[],
            some: false,
        }),
        "Keys of every menu and ask, unless the step has the key itself.",
        "anywhere.9 = \"back\"",
    ),
    Key::new(
        "check",
        Shape::Table(CHECK),
        "What `hookswitch check` must prove beside what it proves of every flow.",
        "check.reachable_from_everywhere = \"desk\"",
    ),
    Key::new(
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
    ),
];

/// The JSON Schema of a flow file.
pub fn flow() -> Value {
    document(
        "A call flow",
        "What callers of a number hear, which keys lead where, what is asked, and who gets the answers.",
        table(FLOW),
        vec![
            define(
                "target",
                "The name of a step, or `hangup`, `repeat` or `back`, which every flow has.",
                &Shape::Form(STEP),
            ),
            define(
                "prompt",
                "What the caller hears: text, `\"@id\"` for a prompt of that name, or a list of pieces. Text may have \
                 holes: `{{ weight }}`.",
                &Shape::Either(&[
                    Shape::Defined("piece"),
                    Shape::List(&Shape::Defined("piece")),
                ]),
            ),
            define(
                "piece",
                "A piece of a prompt.",
                &Shape::Either(&[
                    Shape::Text,
                    Shape::Table(PAUSE),
                    Shape::Table(AUDIO),
                    Shape::Table(DIGITS),
                    Shape::Table(SAY_AS),
                ]),
            ),
            define(
                "words",
                "A prompt, the same in every language or one for each; or a table of prompts whose names begin alike.",
                &Shape::Either(&[
                    PROMPT,
                    Shape::Names(Names {
                        form: "",
                        sample: "en-GB",
                        of: &Shape::Defined("words"),
                        fixed: &[],
                        some: false,
                    }),
                ]),
            ),
            answer(),
            step(),
        ],
    )
}

fn define(name: &'static str, doc: &'static str, shape: &Shape) -> Definition {
    Definition {
        name,
        doc,
        schema: shape.schema(),
    }
}

/// A step does one thing: one alternative an action.
fn step() -> Definition {
    let doc = "A step does one thing, named by its key: `say`, `menu`, `ask`, `branch`, `submit`, `dial`, …";
    let actions = steps::KINDS
        .iter()
        .map(|kind| titled(kind.name, kind.doc, table(&(kind.keys)())));
    Definition {
        name: "step",
        doc,
        schema: json!({ "anyOf": actions.collect::<Vec<_>>() }),
    }
}

/// A promised answer: the name of its type, or a table with the type as its key.
fn answer() -> Definition {
    let bare: Vec<_> = answers::KINDS
        .iter()
        .filter(|kind| kind.bare)
        .map(|kind| kind.name)
        .collect();
    let mut types = vec![json!({ "type": "string", "enum": bare })];
    types.extend(
        answers::KINDS
            .iter()
            .map(|kind| titled(kind.name, kind.doc, table(&answers::promise(kind)))),
    );
    let doc = "The type of an answer: what may be entered, how it is stored and spoken.";
    Definition {
        name: "answer",
        doc,
        schema: json!({ "anyOf": types }),
    }
}

/// With the room's name, and the first paragraph of its README.
fn titled(name: &str, readme: &str, mut rules: Value) -> Value {
    let paragraph: Vec<_> = readme
        .lines()
        .skip(1)
        .skip_while(|line| line.is_empty())
        .take_while(|line| !line.is_empty())
        .collect();
    let mut schema = json!({ "title": name, "description": paragraph.join(" ") });
    let own = schema.as_object_mut().expect("it was just written as one");
    own.append(rules.as_object_mut().expect("the rules of a table"));
    schema
}
