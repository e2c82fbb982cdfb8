//! Reading TwiML as the carrier does: a tree of elements with their places, and all that the carrier would complain of.
//!
//! It knows nothing of who wrote the document: it takes any TwiML, not only what [`super::render`] makes. What a parser
//! of XML refuses ends the document; what the carrier's schema and its verbs refuse is a warning, and the document is
//! carried out (`super::schema`).

mod markup;
mod tree;

use super::{schema, text};

/// Reads a document.
///
/// # Errors
/// When it is no document at all: 12100 where it is not well-formed, in UTF-8, or begins with anything but its
/// declaration or its root; 12101 where it is of another version of XML; 12102 where the root is not `<Response>`;
/// 11750 where it is so much over the carrier's limit that it is not worth reading.
pub fn read(document: &[u8]) -> Result<Document, Complaint> {
    if document.len() > MOST {
        let message = format!(
            "the document has {} bytes; the carrier takes 64 kB",
            document.len()
        );
        return Err(Complaint {
            code: 11750,
            message,
            line: 0,
        });
    }
    let mut root = tree::grow(decode(document)?)?;
    let mut warnings = Vec::new();
    schema::judge(&mut root, &mut warnings);
    let element = |node| match node {
        Child::Element(element) => Some(element),
        Child::Text(_) => None,
    };
    Ok(Document {
        verbs: root.children.into_iter().filter_map(element).collect(),
        warnings,
    })
}

/// The most bytes that are read at all. Whoever fetches a document holds it against [`super::limits::DOCUMENT`].
const MOST: usize = 1 << 20;

/// The document as text.
fn decode(document: &[u8]) -> Result<&str, Complaint> {
    if document.starts_with(b"\xEF\xBB\xBF") {
        return Err(ill(
            "a byte order mark stands before the document; the carrier takes nothing there",
            1,
        ));
    }
    let lines = |end: usize| tree::lines(&document[..end]) + 1;
    let decoded = std::str::from_utf8(document)
        .map_err(|error| ill("these bytes are not UTF-8", lines(error.valid_up_to())))?;
    match text::find_illegal(decoded) {
        None => Ok(decoded),
        Some((at, character)) => {
            let message = format!(
                "XML cannot hold the character U+{:04X}, not even escaped",
                u32::from(character)
            );
            Err(ill(message, lines(at)))
        }
    }
}

/// A document that a parser of XML refuses.
fn ill(message: impl Into<String>, line: u32) -> Complaint {
    Complaint {
        code: 12100,
        message: message.into(),
        line,
    }
}

/// A document that can be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The contents of `<Response>`, in order.
    pub verbs: Vec<Element>,
    /// What is wrong with it and does not end the call.
    pub warnings: Vec<Complaint>,
}

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

#[cfg(test)]
mod tests;
