//! What an author writes for people, and the edition of the language.

use super::phone::{Phone, bundle};
use crate::engine::diag::{Diag, Severity};
use crate::engine::load;
use crate::written::Code;

/// A flow with a note in every kind of table whose keys the language fixes.
const FLOW: &str = r#"
    edition = 1
    note    = "Written for the Christmas campaign."
    [meta]
    owner = "front desk"
    set   = { looks_like = "a variable" }
    since = 2026-11-23

    [languages]
    bg-BG = { voice = "Google.bg-BG-Standard-A", note = "x" }

    [answers]
    kind = { one_of = ["letter", "parcel"], note = "x" }
    size = { integer = [1, 9], optional = true }

    [check]
    note                      = "x"
    reachable_from_everywhere = "bye"

    [on]
    note   = "x"
    hangup = "left"

    [steps.kind]
    note    = "Asked first since last spring."
    menu    = ["Which kind?", { pause = "1s", note = "x" }]
    into    = "kind"
    keys.1  = { value = "letter", next = "size", note = "x" }
    keys.2  = { value = "parcel", next = "size" }
    keys.0  = "bye"
    give_up = { silent = "bye", wrong = "bye", note = "x" }

    [steps.size]
    ask    = "Which size?"
    into   = "size"
    next   = "judge"
    note   = "x"

    [steps.judge]
    note   = "x"
    branch = [{ when = "size > 5", next = "desk", set = { note = "large" }, note = "x" }, { next = "bye" }]

    [steps.desk]
    dial        = "+442079460000"
    on          = { no_answer = { next = "bye", note = "x" }, note = "x" }
    next        = "bye"

    [steps.bye]
    say  = "Goodbye, {{ note }}."
    next = "hangup"
    note = "x"

    [steps.left]
    submit = { to = "pickups", partial = true, note = "x" }
    next   = "hangup"
    note   = "x"

    [anywhere]
    0 = { next = "bye", note = "x" }
"#;

/// The errors of a flow.
fn diags(source: &str) -> Vec<Diag> {
    let mut diags = load(&bundle(source)).err().unwrap_or_default();
    diags.retain(|diag| diag.severity == Severity::Error);
    diags
}

#[test]
fn a_note_stands_in_every_table_whose_keys_are_fixed_and_no_caller_hears_it() {
    assert_eq!(diags(FLOW), []);
    let mut phone = Phone::call(FLOW);
    phone
        .press("1")
        .press("7#")
        .dialled("busy")
        .hears("Goodbye, large.");
    let flow = load(&bundle(FLOW)).expect("it is sound").flow;
    assert_eq!(
        flow.names,
        ["kind", "size", "note"],
        "`meta` sets no variable"
    );
}

#[test]
fn where_authors_choose_the_keys_a_note_is_a_name() {
    let source = "[steps.note]\nsay = \"A step.\"\nnext = \"hangup\"\n[answers]\nnote = \"date\"\n";
    assert_eq!(
        diags(&format!("{source}[prompts]\nnote = \"A prompt.\"")),
        []
    );
    assert_eq!(
        diags(&format!("{source}[anywhere]\nnote = \"note\""))[0].code,
        Code::KeysIllegal
    );
    assert_eq!(
        diags("[languages]\nnote = \"x\"\n[steps.a]\nhangup = true")[0].code,
        Code::ValueWrongType
    );
}

#[test]
fn a_note_is_text_and_sets_nothing_of_the_call() {
    let told = |source: &str| {
        let diag = diags(source).remove(0);
        (diag.code, diag.message)
    };
    let step = |more: &str| format!("[steps.a]\nhangup = true\n[steps.b]\n{more}\nnext = \"a\"");
    assert_eq!(
        told(&step("say = \"x\"\nnote = [\"a\", \"b\"]")),
        (
            Code::ValueWrongType,
            "`note` must be text, for whoever reads the flow, but is a list".to_owned()
        )
    );
    assert_eq!(
        told(&step("set = { call.note = \"x\" }")),
        (Code::KeyUnknown, "`call.note` cannot be set".to_owned())
    );
    assert_eq!(
        told("meta = \"x\"\n[steps.a]\nhangup = true").0,
        Code::ValueWrongType
    );
}

#[test]
fn of_another_edition_nothing_else_is_reported() {
    for (edition, code) in [
        ("2", Code::EditionUnknown),
        ("0", Code::EditionUnknown),
        ("-1", Code::EditionUnknown),
        ("\"1\"", Code::ValueWrongType),
        ("1.5", Code::ValueWrongType),
    ] {
        let diags = diags(&format!("edition = {edition}\n[steps.a]\nhangup = true"));
        let codes: Vec<_> = diags.iter().map(|diag| diag.code).collect();
        assert_eq!(codes, [code], "{edition}");
    }
    let below = diags("[steps.a]\nhangup = true\nedition = 1");
    assert_eq!(below[0].code, Code::KeyMisplaced);
}
