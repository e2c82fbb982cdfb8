//! From markup to a tree.

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError, SyntaxError};
use quick_xml::events::{BytesRef, BytesStart, Event};

use super::markup;
use crate::twiml::element::{Child, Complaint, Element, malformed};

/// How deeply elements may be nested. TwiML needs five and SSML a few more; what is deeper is an accident or
/// an attack.
const DEPTH: usize = 64;

/// The line breaks in a stretch of a document.
pub(super) fn lines(bytes: &[u8]) -> u32 {
    let breaks = bytes
        .iter()
        .map(|&byte| usize::from(byte == b'\n'))
        .sum::<usize>();
    u32::try_from(breaks).unwrap_or(u32::MAX)
}

/// Makes a tree of a document; its root.
pub(super) fn grow(text: &str) -> Result<Element, Complaint> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut tree = Tree {
        text,
        line: 1,
        counted: 0,
        open: Vec::with_capacity(8),
        root: None,
    };
    loop {
        let at = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        match reader.read_event() {
            Ok(Event::Eof) => return tree.finish(),
            Ok(event) => tree.take(at, event)?,
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(at);
                return Err(malformed(told(&error), tree.line_at(at)));
            }
        }
    }
}

struct Tree<'t> {
    text: &'t str,
    /// The line of the byte up to which line breaks are counted.
    line: u32,
    counted: usize,
    open: Vec<Element>,
    root: Option<Element>,
}

impl Tree<'_> {
    /// The line of a byte. Places come in order, so that nothing is counted twice.
    fn line_at(&mut self, at: usize) -> u32 {
        let at = at.min(self.text.len());
        if at > self.counted {
            self.line += lines(&self.text.as_bytes()[self.counted..at]);
            self.counted = at;
        }
        self.line
    }

    fn malformed(&mut self, at: usize, message: impl Into<String>) -> Complaint {
        let line = self.line_at(at);
        malformed(message, line)
    }

    fn take(&mut self, at: usize, event: Event<'_>) -> Result<(), Complaint> {
        match event {
            Event::Start(tag) => self.start(at, &tag),
            Event::Empty(tag) => {
                self.start(at, &tag)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) if text.contains("]]>") => {
                Err(self.malformed(at, "`]]>` in text: write `]]&gt;`"))
            }
            Event::Text(text) => self.add(at, &text.xml10_content()),
            Event::CData(_) if self.open.is_empty() => Err(self.malformed(at, OUTSIDE)),
            Event::CData(text) => self.add(at, &text.xml10_content()),
            Event::GeneralRef(reference) => self.refer(at, &reference),
            Event::Decl(declaration) => self.declare(at, &declaration),
            Event::DocType(_) => Err(self.malformed(at, "a document type: the carrier takes none")),
            Event::Comment(comment) if comment.ends_with('-') => {
                Err(self.malformed(at, "a comment may not end with `--->`"))
            }
            Event::PI(instruction) if !is_instruction(&instruction) => {
                Err(self.malformed(at, "this begins like an XML declaration and is none"))
            }
            Event::Comment(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn start(&mut self, at: usize, tag: &BytesStart<'_>) -> Result<(), Complaint> {
        let line = self.line_at(at);
        let name = tag.name();
        let name = name.as_ref();
        if !markup::is_name(name) {
            return Err(malformed(
                "this `<` begins no tag: write `&lt;` for the sign itself",
                line,
            ));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(malformed(
                format!("`<{name}>` stands after the end of the document"),
                line,
            ));
        }
        if self.open.len() == DEPTH {
            return Err(malformed(
                format!("more than {DEPTH} elements are nested"),
                line,
            ));
        }
        if self.open.is_empty() && name != "Response" {
            let message = format!("the document's root is `<{name}>` and must be `<Response>`");
            return Err(Complaint {
                code: 12102,
                message,
                line,
            });
        }
        let attributes =
            markup::attributes(tag.attributes_raw()).map_err(|message| malformed(message, line))?;
        self.open.push(Element {
            name: name.to_owned(),
            attributes,
            children: Vec::new(),
            line,
        });
        Ok(())
    }

    /// Closes the innermost element; the tokenizer has seen to it that it is the one that is closed.
    fn end(&mut self) {
        let Some(element) = self.open.pop() else {
            return;
        };
        match self.open.last_mut() {
            Some(parent) => parent.children.push(Child::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn add(&mut self, at: usize, text: &str) -> Result<(), Complaint> {
        let Some(element) = self.open.last_mut() else {
            return if markup::is_blank(text) {
                Ok(())
            } else {
                Err(self.malformed(at, OUTSIDE))
            };
        };
        match element.children.last_mut() {
            Some(Child::Text(before)) => before.push_str(text),
            _ if text.is_empty() => {}
            _ => element.children.push(Child::Text(text.to_owned())),
        }
        Ok(())
    }

    fn refer(&mut self, at: usize, reference: &BytesRef<'_>) -> Result<(), Complaint> {
        if self.open.is_empty() {
            return Err(self.malformed(at, OUTSIDE));
        }
        match markup::resolve(reference) {
            Some(character) => self.add(at, character.encode_utf8(&mut [0; 4])),
            None if !reference.starts_with('#') && !markup::is_name(reference) => {
                Err(self.malformed(at, markup::bare_ampersand()))
            }
            None => Err(self.malformed(at, markup::unresolved(reference))),
        }
    }

    fn declare(&mut self, at: usize, declaration: &str) -> Result<(), Complaint> {
        if at > 0 {
            let message =
                "an XML declaration may have nothing before it, not even a space or an empty line";
            return Err(self.malformed(at, message));
        }
        let content = declaration.strip_prefix("xml").unwrap_or(declaration);
        markup::declaration(content, self.text.is_ascii()).map_err(|(code, message)| Complaint {
            code,
            message,
            line: 1,
        })
    }

    fn finish(mut self) -> Result<Element, Complaint> {
        if let Some(element) = self.open.last() {
            return Err(malformed(
                format!("`<{}>` is never closed", element.name),
                element.line,
            ));
        }
        self.root
            .take()
            .ok_or_else(|| malformed("there is no `<Response>`", 0))
    }
}

const OUTSIDE: &str = "text stands outside `<Response>`";

/// Whether a processing instruction has a name that is not kept for XML itself.
fn is_instruction(content: &str) -> bool {
    let target = content
        .split([' ', '\t', '\r', '\n'])
        .next()
        .unwrap_or_default();
    markup::is_name(target) && !target.eq_ignore_ascii_case("xml")
}

/// The tokenizer's faults, in words for who wrote the document.
fn told(error: &Error) -> String {
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("`</{found}>` closes nothing: `<{expected}>` is still open")
        }
        Error::IllFormed(IllFormedError::UnmatchedEndTag(name)) => {
            format!("`</{name}>` closes nothing")
        }
        Error::IllFormed(IllFormedError::DoubleHyphenInComment) => {
            "a comment may not hold `--`".to_owned()
        }
        Error::IllFormed(IllFormedError::UnclosedReference) => markup::bare_ampersand(),
        Error::Syntax(SyntaxError::UnclosedTag) => "a tag has no `>`".to_owned(),
        Error::Syntax(
            SyntaxError::UnclosedSingleQuotedAttributeValue
            | SyntaxError::UnclosedDoubleQuotedAttributeValue,
        ) => "a value in a tag has no closing quote".to_owned(),
        other => other.to_string(),
    }
}
