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

/// Reads a document.
///
/// # Errors
/// When it is no XML (12100), or its root is no `<Response>` (12102).
pub fn read(bytes: &[u8]) -> Result<Document, Complaint> {
    use quick_xml::events::Event;
    let refuse = |code, message: &str| Complaint { code, message: message.to_owned(), line: 0 };
    let text = std::str::from_utf8(bytes).map_err(|_| refuse(12100, "it is not UTF-8"))?;
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    let line = |at: u64| u32::try_from(text.as_bytes()[..at as usize].iter().filter(|b| **b == b'\n').count() + 1);
    loop {
        let at = line(reader.buffer_position()).unwrap_or(0);
        let complain = |message: String| Complaint { code: 12100, message, line: at };
        let event = reader.read_event().map_err(|error| complain(error.to_string()))?;
        match event {
            Event::Start(start) | Event::Empty(start) if open.len() > 64 || root.is_some() => {
                return Err(complain(format!("{start:?} stands where nothing may stand")));
            }
            Event::Start(start) => open.push(element(&start, at).map_err(complain)?),
            Event::Empty(start) => {
                let element = element(&start, at).map_err(complain)?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(Node::Element(element)),
                    None => root = Some(element),
                }
            }
            Event::End(_) => {
                let element = open.pop().ok_or_else(|| complain("an end without a start".to_owned()))?;
                match open.last_mut() {
                    Some(parent) => parent.children.push(Node::Element(element)),
                    None => root = Some(element),
                }
            }
            Event::Text(piece) => add_text(&mut open, &piece.xml10_content()),
            Event::CData(piece) => add_text(&mut open, &piece.xml10_content()),
            Event::GeneralRef(reference) => {
                let character = reference.resolve_char_ref().map_err(|error| complain(error.to_string()))?;
                let named = reference.xml10_content();
                match character {
                    Some(character) => add_text(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => {
                        let known = quick_xml::escape::resolve_xml_entity(&named);
                        add_text(&mut open, known.ok_or_else(|| complain(format!("&{named}; is not known")))?);
                    }
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    let root: Element = root.filter(|_| open.is_empty()).ok_or_else(|| refuse(12100, "it does not come to its end"))?;
    if root.name != "Response" {
        return Err(Complaint { code: 12102, message: format!("its root is <{}>", root.name), line: root.line });
    }
    let verbs = root.children.into_iter().filter_map(|child| match child {
        Node::Element(element) => Some(element),
        Node::Text(_) => None,
    });
    Ok(Document { verbs: verbs.collect(), warnings: Vec::new() })
}

fn element(start: &quick_xml::events::BytesStart, line: u32) -> Result<Element, String> {
    let name = start.name().as_ref().to_owned();
    let mut attributes = Vec::new();
    for attribute in start.attributes() {
        let attribute = attribute.map_err(|error| error.to_string())?;
        let value = quick_xml::escape::unescape(&attribute.value).map_err(|error| error.to_string())?.into_owned();
        attributes.push((attribute.key.as_ref().to_owned(), value));
    }
    Ok(Element { name, attributes, children: Vec::new(), line })
}

fn add_text(open: &mut [Element], piece: &str) {
    if let Some(parent) = open.last_mut() {
        match parent.children.last_mut() {
            Some(Node::Text(text)) => text.push_str(piece),
            _ => parent.children.push(Node::Text(piece.to_owned())),
        }
    }
}
