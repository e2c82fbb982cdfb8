//! The reader and the schema know the same keys.
//!
//! Every table that the schema can reach is written into a flow: once with each of its keys, which the reader must know
//! and take, and once with a key that nobody has, for which the reader tells all that it knows.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::flow;
use crate::engine::keys::shared;
use crate::engine::keys::top::FLOW;
use crate::engine::load;
use crate::engine::tests::phone::bundle;
use crate::engine::{answers, steps};
use crate::written::Code;
use crate::written::diag::Diag;
use crate::written::keys::{Key, Names, Shape};

/// A key that no table has, and none has one like it.
const NOBODY: &str = "qqqqqqqq";

/// Keys that are read only to be refused in words of their own, by the table that has them.
const REFUSED: [(&str, &str); 2] = [("a flow", "hours"), ("a flow.anywhere", "value")];

/// What a value of the wrong shape is told; other faults are of names that a schema cannot know.
const SHAPES: [Code; 12] = [
    Code::KeyUnknown,
    Code::KeyMisplaced,
    Code::ValueWrongType,
    Code::ValueOutOfRange,
    Code::ValueNotATime,
    Code::BoundsWrong,
    Code::KeysIllegal,
    Code::UrlNotAbsolute,
    Code::NumberNotE164,
    Code::SayAsUnknown,
    Code::RejectReason,
    Code::SegmentUnclear,
];

/// Puts a value where a flow has it.
type Place<'a> = &'a dyn Fn(Value) -> Value;

/// A table of the language: the keys that it is told to have, and the flow around one.
struct Table<'a> {
    name: String,
    keys: Vec<Key>,
    /// Keys that make it another table, which the reader asks for as well.
    others: BTreeSet<&'static str>,
    place: Place<'a>,
}

fn diags(document: &Value) -> Vec<Diag> {
    let source = toml::to_string(document).expect("a flow can be written as TOML");
    load(&bundle(&source)).map_or_else(|diags| diags, |loaded| loaded.warnings)
}

fn filled(keys: &[Key]) -> Map<String, Value> {
    keys.iter()
        .filter(|key| key.required)
        .map(|key| (key.name.to_owned(), key.value()))
        .collect()
}

impl Table<'_> {
    /// Holds the table against the reader, and goes on to the tables within it.
    fn check(&self, faults: &mut Vec<String>) {
        for key in &self.keys {
            let mut fields = filled(&self.keys);
            fields.insert(key.name.to_owned(), key.value());
            let document = (self.place)(fields.into());
            let wrong = diags(&document)
                .into_iter()
                .filter(|diag| SHAPES.contains(&diag.code));
            faults.extend(
                wrong.map(|diag| format!("{}: `{}`: {}", self.name, key.example, diag.message)),
            );
            let place = |value: Value| {
                let mut fields = filled(&self.keys);
                fields.insert(key.name.to_owned(), value);
                (self.place)(fields.into())
            };
            shape(
                &format!("{}.{}", self.name, key.name),
                &key.shape,
                &place,
                faults,
            );
        }
        self.ask_the_reader(faults);
    }

    fn ask_the_reader(&self, faults: &mut Vec<String>) {
        let mut fields = filled(&self.keys);
        fields.insert(NOBODY.to_owned(), 1.into());
        let document = (self.place)(fields.into());
        let told = diags(&document)
            .into_iter()
            .find(|diag| diag.code == Code::KeyUnknown);
        let Some(help) = told.and_then(|diag| diag.help) else {
            return faults.push(format!(
                "{}: the reader takes a key that nobody has",
                self.name
            ));
        };
        let known: BTreeSet<&str> = help.split('`').skip(1).step_by(2).collect();
        let written: BTreeSet<&str> = self.keys.iter().map(|key| key.name).collect();
        let refused = |key: &str| REFUSED.contains(&(self.name.as_str(), key));
        let beside = |key: &&&str| !self.others.contains(**key) && !refused(key);
        let forgotten = known.difference(&written).filter(beside);
        faults.extend(
            forgotten.map(|key| format!("{}: `{key}` is read, and not in the schema", self.name)),
        );
        let made_up = written.difference(&known);
        faults.extend(
            made_up.map(|key| format!("{}: `{key}` is in the schema, and not read", self.name)),
        );
    }
}

/// Finds the tables in a shape.
fn shape(name: &str, shape: &Shape, place: Place<'_>, faults: &mut Vec<String>) {
    match shape {
        Shape::List(of) | Shape::Some(of) | Shape::Exactly(_, of) => {
            self::shape(name, of, &|value| place(json!([value])), faults);
        }
        Shape::Names(names) => self::names(name, names, place, faults),
        Shape::Table(keys) => alternatives(name, &[keys.to_vec()], place, faults),
        Shape::Either(shapes) => {
            let tables: Vec<_> = shapes.iter().filter_map(keys_of).collect();
            alternatives(name, &tables, place, faults);
            for shape in shapes.iter().filter(|shape| keys_of(shape).is_none()) {
                self::shape(name, shape, place, faults);
            }
        }
        Shape::Defined("answer") => {
            let tables: Vec<_> = answers::KINDS.iter().map(answers::promise).collect();
            alternatives(name, &tables, place, faults);
        }
        Shape::Defined("step") => {
            for kind in steps::KINDS {
                alternatives(
                    &format!("{name} {}", kind.name),
                    &[(kind.keys)()],
                    place,
                    faults,
                );
            }
        }
        _ => {}
    }
}

fn keys_of(shape: &Shape) -> Option<Vec<Key>> {
    match shape {
        Shape::Table(keys) => Some(keys.to_vec()),
        _ => None,
    }
}

/// Tables of which one stands in a place: the reader asks for what tells them apart.
fn alternatives(name: &str, tables: &[Vec<Key>], place: Place<'_>, faults: &mut Vec<String>) {
    let telling = |keys: &Vec<Key>| {
        keys.iter()
            .filter(|key| key.required)
            .map(|key| key.name)
            .collect::<Vec<_>>()
    };
    let others: BTreeSet<_> = tables.iter().flat_map(telling).collect();
    for keys in tables {
        Table {
            name: name.to_owned(),
            keys: keys.clone(),
            others: others.clone(),
            place,
        }
        .check(faults);
    }
}

fn names(name: &str, names: &Names, place: Place<'_>, faults: &mut Vec<String>) {
    shape(
        name,
        names.of,
        &|value| place(json!({ names.sample: value })),
        faults,
    );
    for key in names.fixed {
        let place = |value: Value| place(json!({ key.name: value }));
        shape(&format!("{name}.{}", key.name), &key.shape, &place, faults);
    }
}

#[test]
fn the_reader_and_the_schema_know_the_same_keys() {
    let mut faults = Vec::new();
    alternatives("a flow", &[FLOW.to_vec()], &|value| value, &mut faults);
    let piece =
        |value: Value| json!({ "steps": { "first": { "say": [value], "next": "hangup" } } });
    let pieces = [
        shared::PAUSE,
        shared::AUDIO,
        shared::RECORDED,
        shared::DIGITS,
        shared::SAY_AS,
    ];
    let pieces = pieces.map(<[Key]>::to_vec);
    alternatives("a piece", &pieces, &piece, &mut faults);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_key_that_is_forgotten_or_made_up_is_told() {
    let place = |value: Value| json!({ "steps": { "first": value } });
    let say = steps::KINDS
        .iter()
        .find(|kind| kind.name == "say")
        .expect("it is there");
    let less: Vec<_> = (say.keys)()
        .into_iter()
        .filter(|key| key.name != "barge_in")
        .collect();
    let more = [
        (say.keys)(),
        vec![Key::new(
            "volume",
            Shape::Integer,
            "How loud.",
            "volume = 3",
        )],
    ]
    .concat();
    let mut faults = Vec::new();
    alternatives("say", &[less, more], &place, &mut faults);
    assert_eq!(
        faults,
        [
            "say: `barge_in` is read, and not in the schema",
            "say: `volume = 3`: the step `first` has no key `volume`",
            "say: `volume` is in the schema, and not read",
        ]
    );
}

#[test]
fn every_default_is_what_holds_where_nothing_is_said() {
    for kind in steps::KINDS {
        for key in (kind.keys)()
            .into_iter()
            .filter(|key| key.default.is_some())
        {
            let with = |written: bool| {
                let mut keys = (kind.keys)();
                keys.retain(|other| {
                    let records = kind.name == "start" && other.name == "keep";
                    other.required || records || ["into", "next", "get"].contains(&other.name)
                });
                for other in &mut keys {
                    other.required = true;
                }
                let mut fields = filled(&keys);
                if written {
                    let default = format!("{} = {}", key.name, key.default.unwrap_or_default());
                    fields.insert(
                        key.name.to_owned(),
                        Key {
                            example: default.leak(),
                            ..key
                        }
                        .value(),
                    );
                }
                let steps = ["weight", "send", "freight", "van", "hour"]
                    .map(|step| (step, json!({ "hangup": true })));
                let mut steps: Map<_, _> = steps
                    .map(|(name, step)| (name.to_owned(), step))
                    .into_iter()
                    .collect();
                steps.insert("first".to_owned(), fields.into());
                let weight = if kind.name == "record" {
                    json!({ "recording": "110s", "keep": "30d" })
                } else {
                    json!({ "one_of": ["letter", "parcel"] })
                };
                let answers = json!({ "weight": weight });
                let document = json!({ "start": "first", "give_up": "hangup", "answers": answers, "steps": steps,
                    "prompts": { "hours": "We open at nine." } });
                let source = toml::to_string(&document).expect("a flow can be written as TOML");
                let loaded =
                    load(&bundle(&source)).unwrap_or_else(|diags| panic!("{source}\n{diags:?}"));
                let first = loaded
                    .flow
                    .steps
                    .into_iter()
                    .find(|step| step.name == "first")
                    .expect("it is there");
                without_places(&format!("{:?}", first.action))
            };
            assert_eq!(with(true), with(false), "{}: `{}`", kind.name, key.name);
        }
    }
}

/// A step without the bytes at which its targets stand: those move with whatever is written above them.
fn without_places(step: &str) -> String {
    let mut parts = step.split("at: ");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |all, part| {
        all + part.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
    })
}

#[test]
fn a_type_whose_name_is_enough_is_told_so() {
    for kind in answers::KINDS {
        let document =
            json!({ "answers": { "kind": kind.name }, "steps": { "first": { "hangup": true } } });
        let loads = !diags(&document)
            .iter()
            .any(|diag| diag.severity == crate::written::diag::Severity::Error);
        assert_eq!(loads, kind.bare, "{}", kind.name);
    }
}

#[test]
fn every_name_that_a_schema_points_to_is_defined() {
    let schema = flow();
    let text = schema.to_string();
    for name in text
        .split("#/$defs/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        assert!(schema["$defs"][name].is_object(), "{name}");
    }
}
