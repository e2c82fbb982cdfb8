//! Whole calls: documents one after another, and how they end.

use super::*;

#[test]
fn a_call_goes_from_document_to_document_to_its_end() {
    let called = call(
        "1 -",
        &[
            (
                "/voice",
                "<Gather numDigits=\"1\" action=\"/menu\"><Say>One two.</Say></Gather><Hangup/>",
            ),
            (
                "/menu",
                "<Pause length=\"2\"/><Gather><Say>Three.</Say></Gather><Redirect>/last?x=1</Redirect>",
            ),
            ("/last", "<Say>Goodbye.</Say>"),
        ],
    );
    assert_eq!(called.words(), ["One two.", "Three.", "Goodbye."]);
    assert_eq!(called.paths(), ["/voice", "/menu", "/last?x=1"]);
    assert_eq!(
        called.ended,
        Ended {
            by: EndedBy::Application,
            status: "completed".into(),
            after: Duration::from_secs(11)
        }
    );
    assert_eq!(called.field("/voice", "CallStatus"), Some("ringing"));
    assert_eq!(called.field("/menu", "CallStatus"), Some("in-progress"));
    assert_eq!(called.field("/menu", "Digits"), Some("1"));
    assert_eq!(called.field("x=1", "Digits"), None);
    assert_eq!(called.codes(), [0; 0]);
}

#[test]
fn a_call_goes_on_ringing_over_a_redirect_and_can_still_be_rejected() {
    let documents = [
        ("/voice", "<Redirect>/second</Redirect>"),
        ("/second", "<Redirect>/third</Redirect>"),
        ("/third", "<Reject reason=\"busy\"/>"),
    ];
    let called = call("", &documents);
    for path in ["/voice", "/second", "/third"] {
        assert_eq!(called.field(path, "CallStatus"), Some("ringing"), "{path}");
    }
    assert_eq!(
        (called.ended.status.as_str(), called.notices().count()),
        ("busy", 0)
    );
    let answered = call(
        "",
        &[
            ("/voice", "<Say>Hi.</Say><Redirect>/second</Redirect>"),
            ("/second", "<Reject/>"),
        ],
    );
    assert_eq!(answered.field("/second", "CallStatus"), Some("in-progress"));
    assert_eq!(
        (answered.ended.status.as_str(), answered.notices().count()),
        ("completed", 1)
    );
}
