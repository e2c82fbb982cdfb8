//! How a reader tells its keys, and what JSON Schema makes of it.
//!
//! Nothing here knows a language: whoever reads TOML by hand can tell its keys in these words.

use serde_json::{Map, Value, json};

use super::time::TIME;

/// The dialect: the newest that Tombi reads, in which words may stand beside a `$ref`.
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// A key of a table, as its room tells it to an author.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// How it is written.
    pub name: &'static str,
    /// What its value may be.
    pub shape: Shape,
    /// What it means, in a sentence or two of the author's words.
    pub doc: &'static str,
    /// A line of TOML that uses it.
    pub example: &'static str,
    /// Whether the table is refused without it.
    pub required: bool,
    /// What holds where it is left out, as a TOML value.
    pub default: Option<&'static str>,
    /// Whether its value is never shown.
    pub is_secret: bool,
    /// What to write rather than less or more than the bounds, and why; empty where the bounds say enough.
    pub bounds_help: (&'static str, &'static str),
}

impl Key {
    /// A key that may be left out.
    pub const fn new(
        name: &'static str,
        shape: Shape,
        doc: &'static str,
        example: &'static str,
    ) -> Self {
        Self {
            name,
            shape,
            doc,
            example,
            required: false,
            default: None,
            is_secret: false,
            bounds_help: ("", ""),
        }
    }

    /// The same, where the table is refused without it.
    pub const fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The same, with what holds where it is left out.
    pub const fn default(self, value: &'static str) -> Self {
        Self {
            default: Some(value),
            ..self
        }
    }

    /// The same, with a value that is never shown.
    pub const fn secret(self) -> Self {
        Self {
            is_secret: true,
            ..self
        }
    }

    /// The same, with what to write rather than less or more than the bounds.
    pub const fn bounds_help(self, less: &'static str, more: &'static str) -> Self {
        Self {
            bounds_help: (less, more),
            ..self
        }
    }

    /// The example's value.
    ///
    /// # Panics
    /// When the example is not TOML, or does not use the key.
    pub fn value(&self) -> Value {
        json_of(self.example)
            .remove(self.name)
            .expect("an example uses its key")
    }

    fn schema(&self) -> Value {
        let mut schema = self.shape.schema();
        let bounds = self.shape.bounds();
        let doc = format!("{}{bounds}\n\n```toml\n{}\n```", self.doc, self.example);
        let fields = schema.as_object_mut().expect("a shape is a table of rules");
        fields.insert("description".to_owned(), doc.into());
        if let Some(default) = self.default {
            let default = json_of(&format!("value = {default}")).remove("value");
            fields.insert("default".to_owned(), default.expect("it was just written"));
        }
        schema
    }
}

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// Text of a form: a regular expression.
    Form(&'static str),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A whole number, from and to.
    Whole(i64, i64),
    /// A length of time of so many whole seconds, from and to.
    Seconds(u32, u32),
    /// A length of time, from and to, each as it is written.
    Time(&'static str, &'static str),
    /// A number, perhaps with a fraction, from and to.
    Amount(f64, f64),
    /// A whole number, from this on.
    From(i64),
    /// Any whole number.
    Integer,
    /// Any number.
    Number,
    /// True or false.
    Boolean,
    /// A moment, with its offset from UTC.
    Moment,
    /// A table whose keys and values are whoever's.
    Open,
    /// `true` and nothing else: a switch that is there or not.
    True,
    /// A list.
    List(&'static Shape),
    /// A list with something in it.
    Some(&'static Shape),
    /// A list of so many.
    Exactly(usize, &'static Shape),
    /// A table with these keys and no others.
    Table(&'static [Key]),
    /// A table whose keys the author names.
    Names(Names),
    /// Any of these.
    Either(&'static [Shape]),
    /// What stands under this name in the definitions.
    Defined(&'static str),
}

/// A table whose keys the author names.
#[derive(Clone, Copy, Debug)]
pub struct Names {
    /// How names are made: a regular expression, empty for any.
    pub form: &'static str,
    /// One of them.
    pub sample: &'static str,
    /// What stands behind a name.
    pub of: &'static Shape,
    /// Names with a meaning of their own.
    pub fixed: &'static [Key],
    /// Whether there must be one.
    pub some: bool,
}

impl Shape {
    /// The bounds as a sentence to be added, if there are any.
    pub fn bounds(&self) -> String {
        match self {
            Self::Time(low, high) => format!(" From \"{low}\" to \"{high}\"."),
            Self::Amount(low, high) => format!(" From {low} to {high}."),
            Self::Whole(low, high) if low == high => format!(" Only {low}."),
            Self::Whole(low, high) => format!(" From {low} to {high}."),
            Self::Seconds(low, high) => format!(" Whole seconds, from \"{low}s\" to \"{high}s\"."),
            _ => String::new(),
        }
    }

    /// The rules, as JSON Schema.
    pub fn schema(&self) -> Value {
        match self {
            Self::Text | Self::Secret => json!({ "type": "string" }),
            Self::Seconds(..) | Self::Time(..) => TIME.schema(),
            Self::Amount(low, high) => json!({ "type": "number", "minimum": low, "maximum": high }),
            Self::Form(form) => json!({ "type": "string", "pattern": form }),
            Self::Word(words) => json!({ "type": "string", "enum": words }),
            Self::Whole(low, high) => json!({ "type": "integer", "minimum": low, "maximum": high }),
            Self::From(low) => json!({ "type": "integer", "minimum": low }),
            Self::Integer => json!({ "type": "integer" }),
            Self::Number => json!({ "type": "number" }),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Moment => json!({ "type": "string", "format": "date-time" }),
            Self::Open => json!({ "type": "object", "additionalProperties": true }),
            Self::True => json!({ "type": "boolean", "const": true }),
            Self::List(of) => json!({ "type": "array", "items": of.schema() }),
            Self::Some(of) => json!({ "type": "array", "minItems": 1, "items": of.schema() }),
            Self::Exactly(count, of) => {
                json!({ "type": "array", "minItems": count, "maxItems": count, "items": of.schema() })
            }
            Self::Table(keys) => table(keys),
            Self::Names(names) => names.schema(),
            Self::Either(shapes) => {
                json!({ "anyOf": shapes.iter().map(Self::schema).collect::<Vec<_>>() })
            }
            Self::Defined(name) => json!({ "$ref": format!("#/$defs/{name}") }),
        }
    }
}

impl Names {
    fn schema(&self) -> Value {
        let mut schema = table(self.fixed);
        let fields = schema.as_object_mut().expect("a table of rules");
        // A pattern would hold for the fixed names as well.
        if self.fixed.is_empty() && !self.form.is_empty() {
            fields.insert(
                "patternProperties".to_owned(),
                json!({ self.form: self.of.schema() }),
            );
        } else {
            fields.insert("additionalProperties".to_owned(), self.of.schema());
            fields.insert("propertyNames".to_owned(), self.name());
        }
        if self.some {
            fields.insert("minProperties".to_owned(), json!(1));
        }
        schema
    }

    /// What a name may be: of the form, or one with a meaning of its own.
    fn name(&self) -> Value {
        let fixed: Vec<&str> = self.fixed.iter().map(|key| key.name).collect();
        json!({ "anyOf": [{ "pattern": self.form }, { "enum": fixed }] })
    }
}

/// A table with these keys and no others.
pub fn table(keys: &[Key]) -> Value {
    let properties: Map<String, Value> = keys
        .iter()
        .map(|key| (key.name.to_owned(), key.schema()))
        .collect();
    let required: Vec<_> = keys
        .iter()
        .filter(|key| key.required)
        .map(|key| key.name)
        .collect();
    let mut schema = json!({ "type": "object", "additionalProperties": false });
    let fields = schema.as_object_mut().expect("it was just written as one");
    if !properties.is_empty() {
        fields.insert("properties".to_owned(), properties.into());
    }
    if !required.is_empty() {
        fields.insert("required".to_owned(), required.into());
    }
    schema
}

/// Something that has a name in the definitions.
pub struct Definition {
    /// Its name.
    pub name: &'static str,
    /// What it is, for the author.
    pub doc: &'static str,
    /// Its rules.
    pub schema: Value,
}

/// A whole schema: the rules of a file, and the definitions that they name.
pub fn document(title: &str, doc: &str, mut root: Value, definitions: Vec<Definition>) -> Value {
    let mut schema = json!({ "$schema": DIALECT, "title": title, "description": doc });
    let fields = schema.as_object_mut().expect("it was just written as one");
    fields.append(
        root.as_object_mut()
            .expect("the rules of a file are a table"),
    );
    let definition = |definition: Definition| {
        let mut schema = json!({ "description": definition.doc });
        let (own, mut rules) = (
            schema.as_object_mut().expect("it was just written as one"),
            definition.schema,
        );
        own.append(rules.as_object_mut().expect("a shape is a table of rules"));
        (definition.name.to_owned(), schema)
    };
    fields.insert(
        "$defs".to_owned(),
        definitions
            .into_iter()
            .map(definition)
            .collect::<Map<_, _>>()
            .into(),
    );
    schema
}

/// TOML of the sources as JSON.
fn json_of(toml: &str) -> Map<String, Value> {
    let table: toml::Table = toml
        .parse()
        .unwrap_or_else(|error| panic!("an example is TOML: {toml}: {error}"));
    match serde_json::to_value(table) {
        Ok(Value::Object(fields)) => fields,
        other => panic!("a TOML table is a JSON object: {other:?}"),
    }
}
