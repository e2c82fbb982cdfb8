//! What an element and an attribute may be: the terms in which the schema is written.

use super::value::ValueRule;
use super::warnings::Warnings;
use crate::twiml::element::Element;

/// The schema's own complaint, where no verb has one of its own.
pub(super) const SCHEMA: u32 = 12200;
/// An address that is none.
pub(super) const BAD_URL: u32 = 11100;
/// What is legal and surely not meant.
pub(super) const SURPRISING: u32 = 0;

/// What an element is in one place: a `<Queue>` in a Dial is another than one in a Response.
#[derive(Debug)]
pub(super) struct Kind {
    pub(super) name: &'static str,
    pub(super) attributes: &'static [Attribute],
    pub(super) children: &'static [&'static Self],
    /// What its own text is.
    pub(super) text: TextRule,
    /// The code for an element that it may not contain.
    pub(super) nesting: u32,
    /// What must hold of it as a whole.
    pub(super) rule: Option<fn(&mut Warnings<'_>, &Element)>,
}

impl Kind {
    pub(super) const fn new(name: &'static str) -> Self {
        Self {
            name,
            attributes: &[],
            children: &[],
            text: TextRule::None,
            nesting: SCHEMA,
            rule: None,
        }
    }

    pub(super) const fn attributes(mut self, attributes: &'static [Attribute]) -> Self {
        self.attributes = attributes;
        self
    }

    pub(super) const fn children(mut self, children: &'static [&'static Self]) -> Self {
        self.children = children;
        self
    }

    pub(super) const fn text(mut self, text: TextRule) -> Self {
        self.text = text;
        self
    }

    pub(super) const fn nesting(mut self, code: u32) -> Self {
        self.nesting = code;
        self
    }

    pub(super) const fn rule(mut self, rule: fn(&mut Warnings<'_>, &Element)) -> Self {
        self.rule = Some(rule);
        self
    }
}

/// Whether an element has text of its own, and what it is checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextRule {
    /// None may stand there.
    None,
    Free,
    /// Any, mixed with elements: white space counts.
    Mixed,
    Url,
}

/// An attribute of an element.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attribute {
    pub(super) name: &'static str,
    pub(super) value: ValueRule,
    /// The code for a value that it may not have.
    pub(super) code: u32,
    /// Whether it must be there.
    pub(super) needed: bool,
}

/// An attribute whose bad values have a code of their own.
pub(super) const fn coded(name: &'static str, value: ValueRule, code: u32) -> Attribute {
    Attribute {
        name,
        value,
        code,
        needed: false,
    }
}

/// An attribute whose bad values are the schema's matter.
pub(super) const fn plain(name: &'static str, value: ValueRule) -> Attribute {
    coded(name, value, SCHEMA)
}

/// An attribute that may be anything.
pub(super) const fn any(name: &'static str) -> Attribute {
    plain(name, ValueRule::Any)
}

pub(super) const fn url(name: &'static str) -> Attribute {
    coded(name, ValueRule::Url, BAD_URL)
}

pub(super) const fn method(name: &'static str) -> Attribute {
    plain(name, ValueRule::METHOD)
}

pub(super) const fn bool(name: &'static str) -> Attribute {
    plain(name, ValueRule::BOOL)
}

impl Attribute {
    pub(super) const fn needed(mut self) -> Self {
        self.needed = true;
        self
    }
}
