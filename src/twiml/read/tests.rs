use proptest::prelude::*;

use super::{Child, Complaint, Document, read};

const BOM: &str = "\u{FEFF}";

fn refused(document: impl AsRef<[u8]>) -> Complaint {
    read(document.as_ref()).expect_err("no document")
}

#[track_caller]
fn clean(document: &str) -> Document {
    let document = read(document.as_bytes()).expect("a document");
    assert_eq!(document.warnings, []);
    document
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_is_not_well_formed_is_refused_with_its_line() {
    let table: &[(&str, u32, &str)] = &[
        ("", 0, "there is no `<Response>`"),
        ("Hello", 1, "text stands outside `<Response>`"),
        (
            "\n<?xml version=\"1.0\"?><Response/>",
            2,
            "an XML declaration may have nothing before it",
        ),
        (
            " <?xml version=\"1.0\"?>\n<Response/>",
            1,
            "an XML declaration may have nothing before it",
        ),
        (
            "<Response><?xml version=\"1.0\"?></Response>",
            1,
            "an XML declaration may have nothing before it",
        ),
        (
            "<Response>\n\n<Say>a</Response>",
            3,
            "`</Response>` closes nothing: `<Say>` is still open",
        ),
        (
            "<Response>\n<Say>a</Say>",
            1,
            "`<Response>` is never closed",
        ),
        ("<Response/></Say>", 1, "`</Say>` closes nothing"),
        (
            "<Response/>\n<Response/>",
            2,
            "`<Response>` stands after the end",
        ),
        ("<Response/>\n.", 1, "text stands outside"),
        ("<Response/>&amp;", 1, "text stands outside"),
        ("<Response/><![CDATA[a]]>", 1, "text stands outside"),
        ("<!DOCTYPE Response>\n<Response/>", 1, "a document type"),
        (
            "<!DOCTYPE Response [<!ENTITY a \"b\">]><Response>&a;</Response>",
            1,
            "a document type",
        ),
        (
            "<Response>\n<Say>A & B</Say></Response>",
            2,
            "an `&` stands by itself",
        ),
        (
            "<Response>\n<Say>A &nbsp; B</Say></Response>",
            2,
            "`&nbsp;` is no entity",
        ),
        (
            "<Response>\n<Play>a?b=1&c=2</Play></Response>",
            2,
            "an `&` stands by itself",
        ),
        (
            "<Response><Say>&#0;</Say></Response>",
            1,
            "`&#0;` stands for no character",
        ),
        (
            "<Response><Say>&#x1F;</Say></Response>",
            1,
            "stands for no character",
        ),
        (
            "<Response><Say>&#+65;</Say></Response>",
            1,
            "stands for no character",
        ),
        (
            "<Response><Say>&#X41;</Say></Response>",
            1,
            "stands for no character",
        ),
        (
            "<Response><Say>&#xD800;</Say></Response>",
            1,
            "stands for no character",
        ),
        (
            "<Response>\n<Gather action=\"a?b&c\"/></Response>",
            2,
            "an `&` stands by itself",
        ),
        (
            "<Response>\n<Say>a < b</Say></Response>",
            2,
            "this `<` begins no tag",
        ),
        (
            "<Response>\n<Say>1 <2 </Say></Response>",
            2,
            "this `<` begins no tag",
        ),
        (
            "<Response><Say voice=man>a</Say></Response>",
            1,
            "the value of `voice` must be in quotes",
        ),
        (
            "<Response><Say voice>a</Say></Response>",
            1,
            "the attribute `voice` has no value",
        ),
        (
            "<Response><Say voice=\"man\"loop=\"1\">a</Say></Response>",
            1,
            "a space is missing before `loop=",
        ),
        (
            "<Response>\n<Say voice=\"man\" voice=\"man\">a</Say></Response>",
            2,
            "`voice` stands there twice",
        ),
        (
            "<Response><Say voice=\"<\">a</Say></Response>",
            1,
            "the value of `voice` holds a `<`",
        ),
        (
            "<Response><Say 1=\"a\">a</Say></Response>",
            1,
            "`1` cannot be the name of an attribute",
        ),
        (
            "<Response>\n<Say voice=\"man>a</Say></Response>",
            2,
            "a value in a tag has no closing quote",
        ),
        ("<Response>\n<Say", 2, "a tag has no `>`"),
        (
            "<Response><Say>a ]]> b</Say></Response>",
            1,
            "`]]>` in text",
        ),
        (
            "<Response>\n<!-- a -- b --></Response>",
            2,
            "a comment may not hold `--`",
        ),
        ("<Response>\n<!-- a ---></Response>", 2, "a comment may not"),
        (
            "<Response>\n<?XML a?></Response>",
            2,
            "this begins like an XML declaration",
        ),
        (
            "<Response>\n\u{1}</Response>",
            2,
            "XML cannot hold the character U+0001",
        ),
        (
            "<Response>\n<Say>\u{FFFE}</Say></Response>",
            2,
            "XML cannot hold the character U+FFFE",
        ),
        (
            "<?xml encoding=\"UTF-8\"?><Response/>",
            1,
            "an XML declaration has a version",
        ),
        (
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Response>é</Response>",
            1,
            "the document says that it is in UTF-16",
        ),
    ];
    for (document, line, message) in table {
        let complaint = refused(document);
        assert_eq!(
            (complaint.code, complaint.line),
            (12100, *line),
            "{document:?}: {complaint:?}"
        );
        assert!(
            complaint.message.contains(message),
            "{document:?}: {complaint:?}"
        );
    }
}

#[test]
fn bytes_that_are_no_text_are_refused_with_their_line() {
    assert_eq!(refused(b"<Response>\n<Say>\xE9</Say></Response>").line, 2);
    let complaint = refused(format!("{BOM}<?xml version=\"1.0\"?><Response/>"));
    assert_eq!(complaint.code, 12100);
    assert!(
        complaint.message.contains("byte order mark"),
        "{complaint:?}"
    );
}

#[test]
fn another_version_of_xml_and_another_root_have_codes_of_their_own() {
    assert_eq!(refused("<?xml version=\"1.1\"?><Response/>").code, 12101);
    let complaint = refused("<?xml version=\"1.0\"?>\n<response/>");
    assert_eq!((complaint.code, complaint.line), (12102, 2));
    assert!(complaint.message.contains("`<response>`"), "{complaint:?}");
}

#[test]
fn what_is_much_too_large_or_too_deep_is_not_read() {
    assert_eq!(refused(vec![b'<'; 10_000_000]).code, 11750);
    let deep = format!("<Response>{}", "<Say>".repeat(100_000));
    assert!(refused(&deep).message.contains("are nested"));
    let attributes: String = (0..50_000).map(|index| format!(" a{index}=\"\"")).collect();
    assert!(
        refused(format!("<Response><Say{attributes}/></Response>"))
            .message
            .contains("more than 64 attributes")
    );
    let many = format!("<Response>{}</Response>", "<Sya/>".repeat(100_000));
    let document = read(many.as_bytes()).expect("well-formed");
    assert_eq!(
        (document.verbs.len(), document.warnings.len()),
        (100_000, 100)
    );
}

#[test]
fn a_document_becomes_a_tree() {
    let document = clean(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<!-- a menu -->\r\n<Response>\r\n  <Gather action='a?b=1&amp;c=2'\r\n\
         \tnumDigits=\"1\" >\n<Say voice=\"Polly.Amy\"> Fish &amp;\r\nchips<break time=\"1s\"/>&#x263A; <![CDATA[<now>]]></Say>\n\
         </Gather>\n  <Redirect>\n  /a?b&amp;c\n</Redirect></Response>\n",
    );
    let [gather, redirect] = &document.verbs[..] else {
        panic!("two verbs: {document:?}")
    };
    assert_eq!(
        (gather.name.as_str(), gather.line, redirect.line),
        ("Gather", 4, 9)
    );
    assert_eq!(gather.attribute("action"), Some("a?b=1&c=2"));
    assert_eq!(gather.attribute("numDigits"), Some("1"));
    assert_eq!(
        gather.children.len(),
        1,
        "white space between elements is not kept"
    );
    let say = gather.elements().next().expect("a Say");
    assert_eq!(say.line, 6);
    assert_eq!(say.children[0], Child::Text(" Fish &\nchips".into()));
    assert_eq!(say.children[2], Child::Text("☺ <now>".into()));
    assert_eq!(redirect.text(), "/a?b&c");
}

#[test]
fn white_space_in_a_value_is_one_space_each_unless_it_is_written_as_a_number() {
    let document = clean("<Response><Sms to='a\r\nb\t&#10;'>c</Sms></Response>");
    assert_eq!(document.verbs[0].attribute("to"), Some("a b \n"));
}

#[test]
fn an_encoding_that_makes_no_difference_is_not_complained_of() {
    clean("<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?><Response/>");
    clean("<Response></Response >");
}

/// What the oracle thinks, which knows of name spaces as well.
fn oracle(text: &str) -> Option<bool> {
    match roxmltree::Document::parse(text) {
        Ok(_) => Some(true),
        Err(error) => match error {
            roxmltree::Error::UnknownNamespace(..)
            | roxmltree::Error::InvalidXmlPrefixUri(_)
            | roxmltree::Error::UnexpectedXmlUri(_)
            | roxmltree::Error::UnexpectedXmlnsUri(_)
            | roxmltree::Error::InvalidElementNamePrefix(_)
            | roxmltree::Error::DuplicatedNamespace(..) => None,
            _ => Some(false),
        },
    }
}

/// What the oracle does not look at: the encoding, and what stands within a declaration or an instruction.
const UNSEEN: [&str; 3] = ["says that it is in", "XML declaration", "`standalone`"];

/// Whether it is well-formed, by our account; nothing where it is refused for what the oracle does not look at.
fn ours(text: &str) -> Option<bool> {
    match read(text.as_bytes()) {
        Ok(_) => Some(true),
        Err(complaint)
            if complaint.code != 12100
                || UNSEEN.iter().any(|odd| complaint.message.contains(odd)) =>
        {
            None
        }
        Err(_) => Some(false),
    }
}

const SAMPLE: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><!-- c --><Gather numDigits='1' action=\"/a?b=1&amp;c=2\">\
    <Say voice=\"Polly.Amy\">One &lt; &#50; <break time=\"1s\"/>é<![CDATA[ <x> ]]></Say></Gather><?p i?><Hangup/></Response>\n";

/// A document with a few stretches taken out, doubled, or replaced.
fn mutated() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "",
        "<",
        ">",
        "&",
        ";",
        "\"",
        "'",
        "/",
        "=",
        " ",
        "\n",
        "!",
        "?",
        "-",
        "--",
        "]",
        "]]>",
        "<a>",
        "</a>",
        "<a/>",
        "x",
        "1",
        "\u{1}",
        "\u{FFFF}",
        "é",
        "&#x41;",
        "&#0;",
        "<!--",
        "-->",
        "<?xml?>",
        "<![CDATA[",
        "a=\"b\"",
        " a='b'",
        "</Response>",
        "<Response>",
        "\u{300}",
        "\u{B7}",
    ]);
    let cut = (any::<prop::sample::Index>(), 0usize..6, piece);
    prop::collection::vec(cut, 1..4).prop_map(|cuts| {
        cuts.into_iter()
            .fold(SAMPLE.to_owned(), |text, (at, length, piece)| {
                let start = text.floor_char_boundary(at.index(text.len() + 1));
                let end = text.ceil_char_boundary((start + length).min(text.len()));
                [&text[..start], piece, &text[end..]].concat()
            })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4096, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&bytes);
        let _ = read(&[b"<Response>", &bytes[..], b"</Response>"].concat());
    }

    #[test]
    fn the_reader_agrees_with_another_on_what_is_well_formed(text in mutated()) {
        if let (Some(oracle), Some(ours)) = (oracle(&text), ours(&text)) {
            prop_assert_eq!(ours, oracle, "{} / {:?} / {:?}", text, read(text.as_bytes()).err(), roxmltree::Document::parse(&text).err());
        }
    }
}
