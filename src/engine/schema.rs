//! What may be written, for editors: the keys of a flow as JSON Schema.
//!
//! Every action and type of answers declares its keys in a `keys.rs` beside its reader; [`super::keys`] has those that they
//! share. A test asks the reader for every key that it knows and compares them with the schema, both ways.
//!
//! A schema sees one value at a time: whether a step exists or an answer is promised is for [`super::load::load`] to say.

use serde_json::{Value, json};

use super::answers::OPTIONAL;
use super::keys::shared::{
    AUDIO, CALL, DIGITS, FULL_WAY, PAUSE, PROMPT, RECORDED, SAY_AS, SENSITIVE,
};
use super::keys::top::{FIELD_AT, FLOW, TARGET_NAME};
use super::{answers, steps};
use crate::written::NOTE;
use crate::written::keys::{Definition, Key, Names, Shape, document, table};

/// The JSON Schema of a flow file.
pub fn flow() -> Value {
    let mut schema = without_notes();
    add_notes(&mut schema);
    schema
}

/// Lets every table whose keys the language fixes have a note. The one of `set` that speaks of the call sets what stands
/// in it.
fn add_notes(schema: &mut Value) {
    match schema {
        Value::Array(all) => all.iter_mut().for_each(add_notes),
        Value::Object(rules) => {
            let within = rules.iter_mut().filter(|(name, _)| *name != CALL.name);
            within.for_each(|(_, rules)| add_notes(rules));
            let is_fixed = rules.get("additionalProperties") == Some(&Value::Bool(false));
            if is_fixed
                && !rules.contains_key("patternProperties")
                && let Some(Value::Object(properties)) = rules.get_mut("properties")
            {
                let note = Shape::Defined(NOTE).schema();
                properties.insert(NOTE.to_owned(), note);
            }
        }
        _ => {}
    }
}

fn without_notes() -> Value {
    document(
        "A call flow",
        "What callers of a number hear, which keys lead where, what is asked, and who gets the answers.",
        table(FLOW),
        vec![
            define(
                NOTE,
                "Words for whoever reads the flow. No caller hears them.",
                &Shape::Text,
            ),
            define(
                "target",
                "The name of a step; `hangup`, `repeat` or `back`, which every flow has; or `return` and `return.EXIT`, to the \
                 flow that goes through this one.",
                &Shape::Form(TARGET_NAME),
            ),
            define(
                "full",
                "Where a way leads once its list can take no more: a step, or a table of `next` and what changes then.",
                &FULL_WAY,
            ),
            define(
                "prompt",
                "What the caller hears: text, `\"@id\"` for a prompt of that name, or a list of pieces. Text may have \
                 holes: `{{ weight }}`.",
                &Shape::Either(&[PIECE, Shape::List(&PIECE)]),
            ),
            piece(),
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
            arg(),
            field(),
            step(),
        ],
    )
}

/// A piece of a prompt, in the schema that has [`piece`].
pub const PIECE: Shape = Shape::Defined("piece");

/// A piece of a prompt, which flows and manifests are made of.
pub fn piece() -> Definition {
    define(
        "piece",
        "A piece of a prompt.",
        &Shape::Either(&[
            Shape::Text,
            Shape::Table(PAUSE),
            Shape::Table(AUDIO),
            Shape::Table(RECORDED),
            Shape::Table(DIGITS),
            Shape::Table(SAY_AS),
        ]),
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

/// What a flow is given: a type as an answer has it, or text.
fn arg() -> Definition {
    let text = Key::new("text", Shape::Boolean, "Text.", "text = true").required();
    let schema = json!({ "anyOf": [
        Shape::Defined("answer").schema(),
        { "type": "string", "enum": ["text"] },
        table(&[text, OPTIONAL.key, SENSITIVE.key]),
    ] });
    Definition {
        name: "arg",
        doc: "What a flow is given: a type as answers have it, or `\"text\"`.",
        schema,
    }
}

/// A field of the carrier's first request: its name there, and a type, or none where it is text.
fn field() -> Definition {
    let mut types = vec![table(&[FIELD_AT.required(), SENSITIVE.key])];
    types.extend(
        answers::KINDS
            .iter()
            .filter(|kind| kind.is_entered)
            .map(|kind| titled(kind.name, kind.doc, table(&answers::field(kind)))),
    );
    Definition {
        name: "field",
        doc: "A field of the carrier's first request: the carrier's name of it, and its type; text where none is said.",
        schema: json!({ "anyOf": types }),
    }
}

/// With the folder's name, and the first paragraph of its README.
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

#[cfg(test)]
mod tests;
