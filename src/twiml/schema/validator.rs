//! Checking a document against the schema.

use super::kind::{Attribute, BAD_URL, Kind, SCHEMA, TextRule};
use super::value::{listed, nearest, url_fault};
use super::verbs;
use super::warnings::{Warnings, shown};
use crate::twiml::element::{Child, Complaint, Element};

/// Reports all that the carrier would warn about, in the order of the document, and takes out white space where no text may
/// stand.
pub fn judge(root: &mut Element, warnings: &mut Vec<Complaint>) {
    let mut validator = Validator {
        warnings: Warnings(warnings),
    };
    validator.element(&verbs::RESPONSE, root);
}

/// Goes through a document and keeps what it finds.
struct Validator<'w> {
    warnings: Warnings<'w>,
}

impl Validator<'_> {
    fn element(&mut self, kind: &'static Kind, element: &mut Element) {
        self.attributes(kind, element);
        self.text(kind, element);
        if let Some(rule) = kind.rule {
            rule(&mut self.warnings, element);
        }
        for child in &mut element.children {
            if let Child::Element(child) = child {
                self.child(kind, child);
            }
        }
    }

    fn child(&mut self, parent: &'static Kind, child: &mut Element) {
        if let Some(kind) = find(parent.children, &child.name) {
            return self.element(kind, child);
        }
        let line = child.line;
        match find(verbs::EVERY, &child.name) {
            Some(kind) => {
                self.warnings
                    .warn(parent.nesting, line, || misplaced(parent, &child.name));
                self.element(kind, child);
            }
            None => self
                .warnings
                .warn(SCHEMA, line, || unknown(parent, &child.name)),
        }
    }

    fn attributes(&mut self, kind: &Kind, element: &Element) {
        for (name, value) in &element.attributes {
            match kind.attributes.iter().find(|known| known.name == name) {
                Some(attribute) => self.value(attribute, element, value),
                None => self
                    .warnings
                    .warn(SCHEMA, element.line, || odd_attribute(kind, name)),
            }
        }
        for needed in kind.attributes.iter().filter(|attribute| attribute.needed) {
            if element.attribute(needed.name).is_none() {
                self.warnings.warn(SCHEMA, element.line, || {
                    format!("`<{}>` needs the attribute `{}`", kind.name, needed.name)
                });
            }
        }
    }

    fn value(&mut self, attribute: &Attribute, element: &Element, value: &str) {
        if let Some(fault) = attribute.value.fault(value) {
            self.warnings.warn(attribute.code, element.line, || {
                format!(
                    "`{}` of `<{}>` {fault} (it is `{}`)",
                    attribute.name,
                    element.name,
                    shown(value)
                )
            });
        }
    }

    fn text(&mut self, kind: &Kind, element: &mut Element) {
        if kind.text == TextRule::Mixed {
            return;
        }
        let blank = |node: &Child| matches!(node, Child::Text(text) if text.trim().is_empty());
        element.children.retain(|node| !blank(node));
        if kind.text == TextRule::Url {
            let text = element.text();
            if let Some(fault) = url_fault(&text, &["http", "https"]) {
                self.warnings.warn(BAD_URL, element.line, || {
                    format!("`{}` in `<{}>` {fault}", shown(&text), kind.name)
                });
            }
        }
        if kind.text != TextRule::None {
            return;
        }
        let mut texts = element.children.iter().filter_map(|node| match node {
            Child::Text(text) => Some(text.trim()),
            Child::Element(_) => None,
        });
        if let Some(text) = texts.next() {
            let name = kind.name;
            self.warnings.warn(SCHEMA, element.line, || {
                format!("`<{name}>` may not contain text, such as `{}`", shown(text))
            });
        }
    }
}

fn find(kinds: &[&'static Kind], name: &str) -> Option<&'static Kind> {
    kinds.iter().copied().find(|kind| kind.name == name)
}

fn misplaced(parent: &Kind, name: &str) -> String {
    let names: Vec<&str> = parent.children.iter().map(|kind| kind.name).collect();
    match names[..] {
        [] => format!(
            "`<{name}>` is not allowed in `<{}>`: it must be empty",
            parent.name
        ),
        _ => format!(
            "`<{name}>` is not allowed in `<{}>`, only {}",
            parent.name,
            listed(&names)
        ),
    }
}

fn unknown(parent: &Kind, name: &str) -> String {
    let near = [parent.children, verbs::EVERY]
        .into_iter()
        .find_map(|kinds| nearest(name, kinds.iter().map(|kind| kind.name)));
    match near {
        Some(near) => format!(
            "`<{}>` is no element of TwiML: did you mean `<{near}>`?",
            shown(name)
        ),
        None => format!("`<{}>` is no element of TwiML", shown(name)),
    }
}

fn odd_attribute(kind: &Kind, name: &str) -> String {
    match nearest(name, kind.attributes.iter().map(|known| known.name)) {
        Some(near) => format!(
            "`<{}>` has no attribute `{}`: did you mean `{near}`?",
            kind.name,
            shown(name)
        ),
        None => format!("`<{}>` has no attribute `{}`", kind.name, shown(name)),
    }
}
