//! What is found out about the fields of the first request, which a call has from its beginning on or never.

use std::sync::Arc;

use jiff::Timestamp;

use super::timing::Slow;
use crate::engine::diag::{Diag, Severity};
use crate::engine::tests::phone::{Phone, at, bundle, flow};
use crate::engine::{CallSid, Entry, Trail, Value};
use crate::study::draft::Draft;
use crate::study::retrace;
use crate::study::walk::walk;
use crate::written::Code;

/// What is said of the ways through a flow.
fn told(source: &str) -> Vec<Diag> {
    walk(&flow(&bundle(source)), &Arc::from("test.toml"), &Slow, None)
}

fn with(steps: &str) -> String {
    format!(
        "[call]\ncity = \"CallerCity\"\nlevel = {{ at = \"SipHeader_X-Level\", integer = [1, 5] }}\n{steps}\n\
         [steps.bye]\nsay = \"Goodbye.\"\nnext = \"hangup\"\n"
    )
}

#[test]
fn a_condition_on_the_way_narrows_what_may_be_unset() {
    for steps in [
        // By a branch, two steps before.
        "[steps.a]\nbranch = [{ when = \"call.city is defined\", next = \"b\" }, { next = \"bye\" }]\n\
         [steps.b]\nsay = \"Hello.\"\nnext = \"c\"\n[steps.c]\nsay = \"From {{ call.city }}.\"\nnext = \"bye\"\n",
        // By what did not hold before, in the same branch.
        "[steps.a]\nbranch = [{ when = \"call.level is not defined\", next = \"bye\" }, \
         { when = \"call.level > 2\", next = \"b\" }, { next = \"bye\" }]\n\
         [steps.b]\nsay = \"Level {{ call.level }}.\"\nnext = \"bye\"\n",
        // In a text, and by `?`.
        "[steps.a]\nsay = \"{{ call.city if call.city is defined else '-' }} {{ call.level? }}\"\nnext = \"bye\"\n",
    ] {
        assert_eq!(told(&with(steps)), [], "{steps}");
    }
}

#[test]
fn the_call_that_shows_an_unset_field_has_the_others_that_lead_there() {
    let source = with(
        "[steps.a]\nbranch = [{ when = \"call.level is defined and call.level >= 4\", next = \"b\" }, { next = \"bye\" }]\n\
         [steps.b]\nsay = \"From {{ call.city }}.\"\nnext = \"bye\"\n",
    );
    let told = told(&source);
    let [diag] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(
        (diag.code, diag.severity),
        (Code::NameMayBeUnset, Severity::Warning)
    );
    let call = diag.call.as_ref().expect("a call shows it");
    let sent = |name: &str| {
        let mut fields = call.fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(sent("CallerCity"), Some(""));
    let level = sent("SipHeader_X-Level").and_then(|level| level.parse::<i64>().ok());
    assert!(
        level.is_some_and(|level| (4..=5).contains(&level)),
        "{level:?}"
    );
    assert!(
        diag.help
            .as_ref()
            .is_some_and(|help| help.contains("`CallerCity`")),
        "{diag:?}"
    );
}

#[test]
fn a_comparison_without_a_guard_is_told_and_a_condition_asked_twice_never_holds() {
    let source = with(
        "[steps.a]\nbranch = [{ when = \"call.city == 'Bath'\", next = \"bye\" }, \
         { when = \"call.city? == 'Bath'\", next = \"b\" }, { next = \"bye\" }]\n\
         [steps.b]\nsay = \"{{ call.level? }}\"\nnext = \"bye\"\n",
    );
    let codes: Vec<Code> = told(&source).iter().map(|diag| diag.code).collect();
    assert!(codes.contains(&Code::NameMayBeUnset), "{codes:?}");
    assert!(
        codes.contains(&Code::StepUnreachable) || codes.contains(&Code::WayNeverTaken),
        "{codes:?}"
    );
}

const SECRET: &str = r#"
[call]
city = "CallerCity"
name = "CallerName"
pin  = { at = "SipHeader_X-Pin", digits = 4, sensitive = true }
[steps.a]
branch = [
  { when = "call.pin is defined and call.pin starts_with '8'", next = "b" },
  { next = "c" },
]
[steps.b]
menu   = "Known. {{ call.city? }} {{ call.name? }} Press 1."
keys.1 = "hangup"
[steps.c]
menu   = "Unknown. Press 1."
keys.1 = "hangup"
"#;

fn trail(phone: &Phone, entries: impl IntoIterator<Item = Entry>) -> Trail {
    Trail {
        sid: phone.turn.call.sid.clone(),
        entries: entries.into_iter().collect(),
        events: Vec::new(),
    }
}

#[test]
fn a_recorded_call_keeps_what_was_sent_and_nobodys_secret_or_name() {
    let sent = [
        ("CallerCity", "BATH"),
        ("CallerName", "JANE DOE"),
        ("SipHeader_X-Pin", "8341"),
    ];
    let mut phone = Phone::call_sent(flow(&bundle(SECRET)), &sent);
    phone.hears("Known. BATH JANE DOE Press 1.");
    phone.press("1");
    let trail = trail(&phone, phone.taken.iter().map(|(entry, _)| entry.clone()));
    let draft = Draft::of(&trail, &phone.flow).expect("it is whole");
    let field = |name: &str| {
        let mut fields = draft.fields.iter();
        fields
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    };
    assert_eq!(field("CallerCity"), Some("BATH"));
    let pin = field("SipHeader_X-Pin").expect("it is one of the flow");
    assert!(
        pin != "8341" && pin.len() == 4 && pin.starts_with('8'),
        "{pin}"
    );
    assert_ne!(field("CallerName"), Some("JANE DOE"));
    // Taken by a flow that reads less of it, it has less.
    let less = SECRET
        .replace("city = \"CallerCity\"", "")
        .replace("{{ call.city? }}", "");
    let less = flow(&bundle(&less));
    let again = draft.disguised(&less);
    assert!(
        again.fields.iter().all(|(name, _)| name != "CallerCity"),
        "{:?}",
        again.fields
    );
}

#[test]
fn a_later_visit_has_the_fields_of_its_own_first_request() {
    let mut phone = Phone::call_sent(
        flow(&bundle(SECRET)),
        &[("CallerCity", "BATH"), ("SipHeader_X-Pin", "8341")],
    );
    phone.hears("Known. BATH  Press 1.");
    let again = phone.turn.call.revisit(&phone.flow);
    let fields = phone
        .flow
        .read_call(|name| (name == "SipHeader_X-Pin").then_some("8000"));
    let turn = crate::engine::advance(
        &phone.flow,
        again.with_fields(fields),
        &crate::engine::Input::Begin,
        at(9),
    );
    assert_eq!(
        turn.call.fields(&phone.flow),
        [(2, Value::Text("8000".to_owned()))]
    );
    let second = Entry::of(
        &phone.flow,
        &turn,
        &crate::engine::Input::Begin,
        false,
        at(9),
        0,
    );
    let entries = phone.taken.iter().map(|(entry, _)| entry.clone());
    let trail = trail(&phone, entries.chain([second]));
    let retraced = retrace(&trail, |_| Some(&phone.flow));
    let last = retraced.last().and_then(|last| last.moment.as_ref());
    assert_eq!(last.map(|moment| &moment.turn), Some(&turn));
}

#[test]
fn what_an_import_has_of_the_first_request_is_what_the_flow_reads() {
    let flow = flow(&bundle(SECRET));
    let field = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let draft = Draft {
        flow: "test".to_owned(),
        from: "+442079460001".to_owned(),
        to: "+442079460123".to_owned(),
        caller_name: None,
        placed: None,
        fields: vec![
            field(
                "CallSid",
                CallSid::parse("CA1").expect("it is legal").as_str(),
            ),
            field("CallerCity", "BATH"),
            field("CallerZip", "BA1"),
            field("SipHeader_X-Pin", "8341"),
        ],
        at: Timestamp::UNIX_EPOCH,
        acts: Vec::new(),
        came: Vec::new(),
        hangs_up: true,
        after_waits: 0,
        left_out: None,
    };
    let names: Vec<String> = draft
        .disguised(&flow)
        .fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, _)| name)
        .collect();
    assert_eq!(names, ["CallerCity", "SipHeader_X-Pin"]);
}
