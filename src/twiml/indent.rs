//! A document with a line an element, for people.

use quick_xml::events::Event;
use quick_xml::{Reader, Writer};

/// Writes a document with a line an element. What is no XML comes back as it is.
pub fn indent(document: &str) -> String {
    let mut reader = Reader::from_str(document);
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    loop {
        let written = match reader.read_event() {
            Ok(Event::Eof) => break,
            Ok(event) => writer.write_event(event).is_ok(),
            Err(_) => false,
        };
        if !written {
            return document.to_owned();
        }
    }
    String::from_utf8(writer.into_inner()).unwrap_or_else(|_| document.to_owned())
}

#[cfg(test)]
mod tests {
    use super::indent;

    #[test]
    fn an_element_has_a_line_and_words_stay_as_they_are() {
        let document = "<Response><Gather action=\"/a?b=1&amp;c\"><Say>One <break time=\"1s\"/> &amp; two</Say></Gather><Hangup/></Response>";
        let lines = [
            "<Response>",
            "  <Gather action=\"/a?b=1&amp;c\">",
            "    <Say>One <break time=\"1s\"/> &amp; two</Say>",
            "  </Gather>",
            "  <Hangup/>",
            "</Response>",
        ];
        assert_eq!(indent(document), lines.join("\n"));
        for strange in ["", "no XML", "<Response>", "<a></b>"] {
            assert!(indent(strange).starts_with(strange));
        }
    }
}
