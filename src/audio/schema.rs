//! What may be written into an audio manifest, told to editors.

use serde_json::Value;

use crate::written::keys::{Definition, Key, Names, Shape, document};

const PROMPT: Shape = Shape::Either(&[Shape::Text, ENTRY, GROUP]);
const ENTRY: Shape = Shape::Defined("entry");
const GROUP: Shape = Shape::Defined("group");
/// Prompts whose ids begin alike, and perhaps the prompt that is their beginning.
const TABLES: Shape = Shape::Either(&[ENTRY, GROUP]);

const TEXT: &str = "The words, spoken where there is no recording, and its transcript where there is one. They may have \
                    holes: `{{ weight }}`.";
const AUDIO: &str = "The recording: a file beside this one (.wav, .mp3, .aiff, .aifc, .gsm or .ulaw), or an https URL.";

const ENTRY_KEYS: &[Key] = &[
    Key::new(
        "text",
        Shape::Either(&[Shape::Text, TABLES]),
        TEXT,
        "text = \"How heavy is it?\"",
    ),
    Key::new(
        "audio",
        Shape::Either(&[Shape::Text, TABLES]),
        AUDIO,
        "audio = \"weight.wav\"",
    ),
];

/// Where nothing is a prompt but tables are, `text` and `audio` are parts of ids like any other.
const GROUP_KEYS: &[Key] = &[
    Key::new("text", TABLES, TEXT, "text = { a = \"How heavy is it?\" }"),
    Key::new(
        "audio",
        TABLES,
        AUDIO,
        "audio = { a = \"How heavy is it?\" }",
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
                "What is said, or a table with `text`, `audio` or both. Flows say it with `\"@\"` and its name.",
                PROMPT,
            ),
            define(
                "entry",
                "A prompt with its words, its recording, or both.",
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
