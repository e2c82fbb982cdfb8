//! What the carrier's schema allows: every element, what it may contain, its attributes and their values, and the
//! number under which the carrier complains of what is not so. After the schema that its helper libraries are made
//! from, and its documentation of each verb.
//!
//! Nothing here ends a call: the carrier logs it and carries the document out.

mod nouns;
mod rules;
mod ssml;
mod streams;
mod talk;
mod validator;
mod value;
mod verbs;

pub use validator::judge;
use value::ValueRule;

/// The schema's own complaint, where no verb has one of its own.
const SCHEMA: u32 = 12200;
/// An address that is none.
const BAD_URL: u32 = 11100;
/// What is legal and surely not meant.
const SURPRISING: u32 = 0;

/// What an element is in one place: a `<Queue>` in a Dial is another than one in a Response.
#[derive(Debug)]
struct Kind {
    name: &'static str,
    attributes: &'static [Attribute],
    children: &'static [&'static Self],
    /// What its own text is.
    text: Text,
    /// The code for an element that it may not contain.
    nesting: u32,
    /// What must hold of it as a whole.
    rule: Option<fn(&mut validator::Validator<'_>, &super::read::Element)>,
}

impl Kind {
    const fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: &[],
            children: &[],
            text: Text::None,
            nesting: SCHEMA,
            rule: None,
        }
    }

    const fn attributes(mut self, attributes: &'static [Attribute]) -> Self {
        self.attributes = attributes;
        self
    }

    const fn children(mut self, children: &'static [&'static Self]) -> Self {
        self.children = children;
        self
    }

    const fn text(mut self, text: Text) -> Self {
        self.text = text;
        self
    }

    const fn nesting(mut self, code: u32) -> Self {
        self.nesting = code;
        self
    }

    const fn rule(
        mut self,
        rule: fn(&mut validator::Validator<'_>, &super::read::Element),
    ) -> Self {
        self.rule = Some(rule);
        self
    }
}

/// Whether an element has text of its own, and what it is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Text {
    /// None may stand there.
    None,
    Free,
    /// Any, mixed with elements: white space counts.
    Mixed,
    Url,
}

/// An attribute of an element.
#[derive(Clone, Copy, Debug)]
struct Attribute {
    name: &'static str,
    value: ValueRule,
    /// The code for a value that it may not have.
    code: u32,
    /// Whether it must be there.
    needed: bool,
}

/// An attribute whose bad values have a code of their own.
const fn coded(name: &'static str, value: ValueRule, code: u32) -> Attribute {
    Attribute {
        name,
        value,
        code,
        needed: false,
    }
}

/// An attribute whose bad values are the schema's matter.
const fn plain(name: &'static str, value: ValueRule) -> Attribute {
    coded(name, value, SCHEMA)
}

/// An attribute that may be anything.
const fn any(name: &'static str) -> Attribute {
    plain(name, ValueRule::Any)
}

const fn url(name: &'static str) -> Attribute {
    coded(name, ValueRule::Url, BAD_URL)
}

const fn method(name: &'static str) -> Attribute {
    plain(name, ValueRule::METHOD)
}

const fn bool(name: &'static str) -> Attribute {
    plain(name, ValueRule::BOOL)
}

impl Attribute {
    const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}

#[cfg(test)]
mod tests;
