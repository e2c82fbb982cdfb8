//! Lists that a service answers: taken whole or not at all, asked for their entries, told joined, and sent on as lists.

use serde_json::json;

use super::phone::{Phone, faults};
use crate::engine::service::{ServiceAnswer, ServiceBody};
use crate::engine::{Input, Outcome, awaited_answer, awaited_request};

const LOOK: &str = r#"
give_up = "hangup"
[steps.look]
http       = "rx"
get        = "/flags"
take.flags = { list = "text" }
take.days  = { list = { date = true }, at = "/open/days" }
on.misfit  = "odd"
on.error   = "bye"
next       = "which"
[steps.which]
branch = [
  { when = "'blocked' in steps.look.flags", next = "bye" },
  { when = "(steps.look.flags | length) == 0", next = "nothing" },
  { next = "tell" },
]
[steps.tell]
menu   = "{{ steps.look.flags | join(' and ') }}, first {{ steps.look.days | first }}."
keys.1 = "send"
[steps.send]
http     = "rx"
post     = "/flags"
json     = { all = "{{ steps.look.flags }}", days = ["{{ steps.look.days[:1] }}"], text = "{{ steps.look.days | first }}!" }
on.error = "form"
next     = "form"
[steps.form]
http     = "rx"
post     = "/form"
form     = { all = "{{ steps.look.flags }}", nests = { first = "{{ steps.look.flags | first }}", count = 2 } }
on.error = "bye"
next     = "bye"
[steps.nothing]
say  = "Nothing."
next = "hangup"
[steps.odd]
say  = "That is odd."
next = "hangup"
[steps.bye]
say  = "Goodbye."
next = "hangup"
"#;

fn answered(phone: &mut Phone, json: serde_json::Value) {
    let json = Some(json);
    let answer = ServiceAnswer::Answered { status: 200, json };
    let came = awaited_answer(&phone.flow, &phone.turn.call, &answer);
    phone.input(&Input::Came(came.expect("the call awaits it")));
}

fn body(phone: &Phone) -> ServiceBody {
    let request = awaited_request(&phone.flow, &phone.turn.call);
    let request = request.expect("it can be worked out");
    request.expect("the call awaits it").body
}

#[test]
fn a_list_decides_is_told_and_goes_on_as_json() {
    let mut phone = Phone::call(LOOK);
    answered(
        &mut phone,
        json!({ "flags": ["new", 7], "open": { "days": ["2026-12-24", "2026-12-25"] } }),
    );
    phone.hears("new and 7, first 2026-12-24").press("1");
    let sent = r#"{"all":["new","7"],"days":[["2026-12-24"]],"text":"2026-12-24!"}"#;
    assert_eq!(body(&phone), ServiceBody::Json(sent.to_owned()));
    answered(&mut phone, json!({}));
    let sent = [
        ("all", r#"["new","7"]"#),
        ("nests", r#"{"first":"new","count":2}"#),
    ];
    let sent = sent.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(body(&phone), ServiceBody::Form(sent.to_vec()));
}

#[test]
fn an_entry_of_a_list_takes_the_way_and_an_empty_list_is_one() {
    let mut phone = Phone::call(LOOK);
    let open = json!({ "days": [] });
    answered(
        &mut phone,
        json!({ "flags": ["a", "blocked"], "open": open }),
    );
    phone.hears("Goodbye.").ends(Outcome::Completed);
    let mut phone = Phone::call(LOOK);
    answered(&mut phone, json!({ "flags": [], "open": open }));
    phone.hears("Nothing.");
}

#[test]
fn a_list_with_an_entry_of_another_type_or_too_long_is_a_misfit() {
    for flags in [
        json!("new"),
        json!([["new"]]),
        json!([null]),
        json!(vec!["a"; 101]),
    ] {
        let mut phone = Phone::call(LOOK);
        answered(
            &mut phone,
            json!({ "flags": flags, "open": { "days": [] } }),
        );
        phone.hears("That is odd.");
    }
    let mut phone = Phone::call(LOOK);
    answered(
        &mut phone,
        json!({ "flags": [], "open": { "days": ["tomorrow"] } }),
    );
    phone.hears("That is odd.");
}

#[test]
fn what_the_answer_lacks_is_its_default() {
    let with = LOOK.replace(
        "{ list = \"text\" }",
        "{ list = \"text\", default = [\"none\"] }",
    );
    for answer in [
        json!({ "open": { "days": ["2026-12-24"] } }),
        json!({ "flags": null, "open": { "days": ["2026-12-24"] } }),
    ] {
        let mut phone = Phone::call(&with);
        answered(&mut phone, answer);
        phone.hears("none, first 2026-12-24");
    }
    let mut phone = Phone::call(&with);
    answered(&mut phone, json!({ "flags": ["new"] }));
    phone.hears("That is odd.");
    let mut phone = Phone::call(&with);
    answered(
        &mut phone,
        json!({ "flags": "new", "open": { "days": [] } }),
    );
    phone.hears("That is odd.");
}

#[test]
fn a_list_that_is_compared_set_or_spoken_as_a_whole_is_refused() {
    let faults_of = |old: &str, new: &str| {
        assert!(LOOK.contains(old), "{old}");
        faults(&LOOK.replace(old, new))
    };
    for (old, new, code) in [
        ("'blocked' in steps", "5 in steps", "value-impossible"),
        (
            "'blocked' in steps.look.flags",
            "steps.look.flags == 'blocked'",
            "types-differ",
        ),
        (
            "'blocked' in steps.look.flags",
            "steps.look.flags == ['a']",
            "types-differ",
        ),
        (
            "'blocked' in steps.look.flags",
            "steps.look.flags",
            "condition-unclear",
        ),
        (
            "{{ steps.look.flags | join(' and ') }}",
            "{{ steps.look.flags }}",
            "types-differ",
        ),
        (
            "say  = \"Nothing.\"",
            "set = { kept = \"{{ steps.look.flags }}\" }",
            "types-differ",
        ),
        (
            "post     = \"/form\"",
            "post = \"/form\"\nquery.x = \"{{ steps.look.flags }}\"",
            "types-differ",
        ),
        (
            "{ list = \"text\" }",
            "{ list = [\"text\"] }",
            "take-unclear",
        ),
        (
            "{ list = \"text\" }",
            "{ list = { list = \"text\" } }",
            "take-unclear",
        ),
        ("{ list = \"text\" }", "\"list\"", "take-unclear"),
        (
            "{ list = \"text\" }",
            "{ list = \"texts\" }",
            "answer-type-unknown",
        ),
    ] {
        let found = faults_of(old, new);
        assert!(
            found.iter().any(|fault| fault.contains(code)),
            "{new}: {found:?}"
        );
    }
}
