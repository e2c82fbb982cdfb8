//! What may be written into an audio manifest, told to editors.

use serde_json::Value;

use crate::engine::keys::shared::{DIGITS, PAUSE, RECORDED, SAY_AS};
use crate::engine::schema::{PIECE, piece};
use crate::written::NOTE;
use crate::written::keys::{Definition, Key, Names, Shape, document};

const PROMPT: Shape = Shape::Either(&[Shape::Text, Shape::List(&PIECE), ENTRY, GROUP]);
const ENTRY: Shape = Shape::Defined("entry");
const GROUP: Shape = Shape::Defined("group");
/// Prompts whose ids begin alike, and perhaps the prompt that is their beginning.
const TABLES: Shape = Shape::Either(&[ENTRY, GROUP]);

/// A key of a prompt; a table in its place is another prompt, whose id begins with this one's.
macro_rules! part {
    ($key:expr) => {
        Key::new(
            $key.name,
            {
                const OF: &[Shape] = &[$key.shape, TABLES];
                Shape::Either(OF)
            },
            $key.doc,
            $key.example,
        )
    };
}

const ENTRY_KEYS: &[Key] = &[
    part!(RECORDED[0]),
    part!(RECORDED[1]),
    part!(PAUSE[0]),
    part!(DIGITS[0]),
    part!(SAY_AS[0]),
    part!(SAY_AS[1]),
    part!(SAY_AS[2]),
    part!(SAY_AS[3]),
    Key::new(
        NOTE,
        Shape::Either(&[Shape::Text, TABLES]),
        "Words for whoever reads the manifest. No caller hears them.",
        "note = \"recorded in May\"",
    ),
];

/// Where nothing is a prompt but tables are, these are parts of ids like any other.
const GROUP_KEYS: &[Key] = &[
    Key::new(
        "text",
        TABLES,
        RECORDED[0].doc,
        "text = { a = \"How heavy is it?\" }",
    ),
    Key::new(
        "audio",
        TABLES,
        RECORDED[1].doc,
        "audio = { a = \"How heavy is it?\" }",
    ),
    Key::new(
        "pause",
        TABLES,
        PAUSE[0].doc,
        "pause = { a = \"One moment.\" }",
    ),
    Key::new(
        "digits",
        TABLES,
        DIGITS[0].doc,
        "digits = { a = \"Four of them.\" }",
    ),
    Key::new(
        "say",
        TABLES,
        SAY_AS[0].doc,
        "say = { a = \"Say it again.\" }",
    ),
];

const fn names(of: &'static Shape, fixed: &'static [Key], some: bool) -> Shape {
    Shape::Names(Names {
        form: "",
        sample: "ask",
        of,
        fixed,
        some,
    })
}

/// The JSON Schema of a manifest.
pub fn schema() -> Value {
    let define = |name, doc, shape: Shape| Definition {
        name,
        doc,
        schema: shape.schema(),
    };
    document(
        "An audio manifest",
        "The prompts that flows share, in one language: the file is named after it, as in `en-GB.toml`.",
        names(&Shape::Defined("prompt"), &[], false).schema(),
        vec![
            define(
                "prompt",
                "What is said: text, `\"@id\"` for another prompt, a piece, or a list of pieces. Flows say it with `\"@\"` and \
                 its name.",
                PROMPT,
            ),
            piece(),
            define(
                "entry",
                "A prompt that is one piece: words, a recording, or both; a pause; keys; text in a way or a language of its own.",
                names(&TABLES, ENTRY_KEYS, true),
            ),
            define(
                "group",
                "Prompts whose names begin alike.",
                names(&Shape::Defined("prompt"), GROUP_KEYS, true),
            ),
        ],
    )
}
