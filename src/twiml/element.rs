//! The elements of a document, and what the carrier would complain of: what reading makes and the schema checks.

/// An element: a verb, a noun, or a piece of SSML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element {
    /// Its name, as written: `Gather`, `say-as`.
    pub name: String,
    /// Its attributes as written, in order, unescaped.
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Child>,
    /// The line on which it begins, from 1.
    pub line: u32,
}

/// Something inside an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Child {
    /// Text, unescaped, CDATA included.
    Text(String),
    Element(Element),
}

/// What the carrier has to say of a document, by the number of its error dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The code, as 12200; 0 for what is legal, but surely not meant.
    pub code: u32,
    /// What is wrong, in words.
    pub message: String,
    /// The line of the document, from 1; 0 where it is of the document as a whole.
    pub line: u32,
}

impl Element {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Child::Element(element) => Some(element),
            Child::Text(_) => None,
        })
    }

    /// All text in it and in the elements in it, white space at both ends dropped.
    pub fn text(&self) -> String {
        let mut text = String::new();
        self.gather_text(&mut text);
        text.trim().to_owned()
    }

    fn gather_text(&self, into: &mut String) {
        for child in &self.children {
            match child {
                Child::Text(text) => into.push_str(text),
                Child::Element(element) => element.gather_text(into),
            }
        }
    }
}

/// A document that a parser of XML refuses.
pub(super) fn malformed(message: impl Into<String>, line: u32) -> Complaint {
    Complaint {
        code: 12100,
        message: message.into(),
        line,
    }
}
