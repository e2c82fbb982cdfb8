//! Reading TwiML as the carrier does: a tree of elements with their places, and all that the carrier would complain of.
//!
//! It knows nothing of who wrote the document: it takes any TwiML, not only what [`super::render`] makes.

/// A document that can be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// What stands in `<Response>`, in order.
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
    /// What stands in it.
    pub children: Vec<Node>,
    /// The line on which it begins, from 1.
    pub line: u32,
}

/// What stands in an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Node {
    /// Text, unescaped, CDATA included.
    Text(String),
    /// An element.
    Element(Element),
}

/// What the carrier has to say of a document, by the number of its error dictionary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Complaint {
    /// The code, as 12200.
    pub code: u32,
    /// What is wrong, in words.
    pub message: String,
    /// The line of the document, from 1; 0 where it is of the document as a whole.
    pub line: u32,
}

impl Element {
    /// An attribute's value.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The elements in it.
    pub fn elements(&self) -> impl Iterator<Item = &Self> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
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
                Node::Text(text) => into.push_str(text),
                Node::Element(element) => element.gather_text(into),
            }
        }
    }
}
