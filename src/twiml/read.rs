//! Reading TwiML as the carrier does: a tree of elements with their places, and all that the carrier would complain of.
//!
//! It knows nothing of who wrote the document: it takes any TwiML, not only what [`super::render`] makes. What a parser
//! of XML refuses ends the document; what the carrier's schema and its verbs refuse is a warning, and the document is
//! carried out (`super::schema`).

mod markup;
mod tree;

use super::element::malformed;
pub use super::element::{Child, Complaint, Element};
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
        return Err(malformed(
            "a byte order mark stands before the document; the carrier takes nothing there",
            1,
        ));
    }
    let lines = |end: usize| tree::lines(&document[..end]) + 1;
    let decoded = std::str::from_utf8(document)
        .map_err(|error| malformed("these bytes are not UTF-8", lines(error.valid_up_to())))?;
    match text::find_illegal(decoded) {
        None => Ok(decoded),
        Some((at, character)) => {
            let message = format!(
                "XML cannot hold the character U+{:04X}, not even escaped",
                u32::from(character)
            );
            Err(malformed(message, lines(at)))
        }
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

#[cfg(test)]
mod tests;
