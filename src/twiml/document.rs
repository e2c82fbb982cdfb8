//! A document that is being written, tag by tag.

use quick_xml::Writer;
use quick_xml::escape::partial_escape;
use quick_xml::events::attributes::Attribute;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::{text, verbs};

/// Where a document points to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Links<'a> {
    /// The URL of the call's next turn, its fragment with the retry rules included: `/voice/pickup/~2#rc=2`.
    pub action: &'a str,
    /// The URL of the legs that the next turn waits for, without a fragment: `/leg/pickup/~2`.
    pub leg: &'a str,
    /// The URL of what is heard in the queue that the next turn waits for, without a fragment: `/wait/pickup/~2`.
    pub wait: &'a str,
    /// The URL of what the carrier reports of a recording that the next turn waits for, without a fragment:
    /// `/recording/pickup/~2`.
    pub recording: &'a str,
    /// What stands after the URL of a leg, a queue's document or a recording: the fragment with the retry rules and its `#`,
    /// or nothing.
    pub fragment: &'a str,
    /// Whether this is heard on a leg, where no turn follows.
    pub is_leg: bool,
    /// What stands before a recording's path: `/audio/`, or `https://ivr.example/audio/`.
    pub audio: &'a str,
    /// What stands after a recording's path: the fragment with the retry rules and its `#`, or nothing.
    pub audio_fragment: &'a str,
    /// The voice of words that name none; with none here either, the account's.
    pub default_voice: Option<&'a str>,
}

/// No attributes.
pub(super) const NONE: [(&str, &str); 0] = [];

/// A document that is being written.
pub(super) struct Document<'a> {
    out: Writer<Vec<u8>>,
    pub(super) links: Links<'a>,
    /// The most bytes of one text, escaped.
    pub(super) cap: usize,
}

impl<'a> Document<'a> {
    /// One with nothing but its declaration, and room for so many bytes.
    pub(super) fn new(links: Links<'a>, cap: usize, room: usize) -> Self {
        let mut document = Self {
            out: Writer::new(Vec::with_capacity(room)),
            links,
            cap,
        };
        document.event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)));
        document
    }

    pub(super) fn finish(self) -> String {
        String::from_utf8(self.out.into_inner()).expect("only whole strings are written")
    }

    pub(super) fn pause(&mut self, seconds: u32) {
        self.empty(
            verbs::PAUSE,
            [("length", seconds.max(1).to_string().as_str())],
        );
    }

    pub(super) fn start<'t>(
        &mut self,
        name: &'static str,
        attributes: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) {
        self.event(Event::Start(tag(name, attributes)));
    }

    pub(super) fn empty<'t>(
        &mut self,
        name: &'static str,
        attributes: impl IntoIterator<Item = (&'t str, &'t str)>,
    ) {
        self.event(Event::Empty(tag(name, attributes)));
    }

    pub(super) fn end(&mut self, name: &'static str) {
        self.event(Event::End(BytesEnd::new(name)));
    }

    /// Writes text, escaped; `>` too, so that no `]]>` can come to stand in it.
    pub(super) fn text(&mut self, text: &str) {
        let text = text::strip(text);
        self.event(Event::Text(BytesText::from_escaped(partial_escape(&*text))));
    }

    fn event(&mut self, event: Event<'_>) {
        self.out
            .write_event(event)
            .expect("a Vec takes whatever is written");
    }
}

/// Room for the attributes of most tags, so that none is copied while it grows.
const TAG: usize = 256;

fn tag<'t>(
    name: &'static str,
    attributes: impl IntoIterator<Item = (&'t str, &'t str)>,
) -> BytesStart<'static> {
    let mut attributes = attributes.into_iter().peekable();
    if attributes.peek().is_none() {
        return BytesStart::new(name);
    }
    let mut content = String::with_capacity(TAG);
    content.push_str(name);
    let mut tag = BytesStart::from_content(content, name.len());
    for (key, value) in attributes {
        tag.push_attribute(Attribute::from((key, &*text::strip(value))));
    }
    tag
}
