//! Single fields of the request that a call begins with: `[call]`.

use super::phone::{Phone, bundle, faults, flow};
use crate::engine::{Came, Input, Outcome, ServiceBody, awaited_request};

const FLOW: &str = r#"
give_up = "hangup"
[call]
country = "CallerCountry"
account = { at = "SipHeader_X-Account", digits = [4, 8] }
age     = { at = "SipHeader_X-Age", integer = [18, 120] }
vip     = { at = "SipHeader_X-Vip", yes_no = true }
tier    = { at = "loyalty", one_of = { gold = "a golden card", none = "no card" } }
pin     = { at = "SipHeader_X-Pin", digits = 4, sensitive = true }
[steps.who]
branch = [
  { when = "call.pin is defined and call.pin == '8341'", next = "known" },
  { when = "call.vip", next = "vip" },
  { next = "told" },
]
[steps.known]
say  = "We know your number."
next = "told"
[steps.vip]
say  = "Good to hear from you."
next = "told"
[steps.told]
menu   = "<{{ call.country? }}><{{ call.account? }}><{{ call.age? }}><{{ call.tier? }}>"
keys.1 = "again"
[steps.again]
menu   = "{{ call.age + 1 if call.age is defined else 'No age' }}."
keys.1 = "back"
keys.2 = "repeat"
"#;

#[track_caller]
fn call(sent: &[(&str, &str)]) -> Phone {
    Phone::call_sent(flow(&bundle(FLOW)), sent)
}

#[test]
fn a_field_is_read_by_its_type_and_spoken_by_it() {
    let mut phone = call(&[
        ("CallerCountry", "GB"),
        ("SipHeader_X-Account", "0042"),
        ("SipHeader_X-Age", "041"),
        ("SipHeader_X-Vip", "Yes"),
        ("loyalty", "gold"),
    ]);
    phone.hears("Good to hear from you. <GB><0 0 4 2><41><a golden card>");
    phone.press("1").hears("42.");
    phone.press("1").hears("<GB><0 0 4 2><41><a golden card>");
    assert_eq!(phone.retraced_otherwise(), None);
}

#[test]
fn what_does_not_come_or_does_not_fit_is_unset() {
    let mut phone = call(&[]);
    phone.hears("<><><><>");
    phone.press("1").hears("No age.");
    let long = "G".repeat(257);
    let misfits = [
        ("CallerCountry", long.as_str()),
        ("SipHeader_X-Account", "42a"),
        ("SipHeader_X-Age", "17"),
        ("SipHeader_X-Vip", "1"),
        // Not the key that an `ask` would take for it.
        ("loyalty", "1"),
        ("callercountry", "FR"),
    ];
    call(&misfits).hears("<><><><>");
    assert_eq!(call(&misfits).retraced_otherwise(), None);
}

#[test]
fn a_sensitive_field_can_be_compared_and_not_told() {
    call(&[("SipHeader_X-Pin", "8341")]).hears("We know your number. <><><><>");
    call(&[("SipHeader_X-Pin", "8342")]).hears("<><><><>");
    let told = FLOW.replace("<{{ call.country? }}>", "{{ call.pin? }}");
    let told = faults(&told);
    assert!(
        told.iter().any(|line| line.contains("sensitive-told")),
        "{told:?}"
    );
}

#[test]
fn nothing_sets_or_forgets_a_field() {
    for change in [
        "set = { call.country = \"FR\" }",
        "forget = [\"call.country\"]",
        "set = { country = \"FR\" }, forget = [\"call\"]",
    ] {
        let source = format!(
            "[call]\ncountry = \"CallerCountry\"\n[steps.a]\nmenu = \"{{{{ call.country? }}}}{{{{ country? }}}} Press 1.\"\nkeys.1 = {{ next = \"a\", {change} }}\n"
        );
        let source = source.replace(
            "{{ country? }}",
            if change.contains(" country =") {
                "{{ country? }}"
            } else {
                ""
            },
        );
        let told = faults(&source);
        let sure = ["key-unknown", "name-unknown"];
        assert!(
            told.iter()
                .any(|line| sure.iter().any(|code| line.contains(code))),
            "{change}: {told:?}"
        );
    }
}

#[test]
fn a_variable_may_have_the_name_of_a_field_and_is_another() {
    let source = r#"
        [call]
        country = "CallerCountry"
        [steps.a]
        menu = "{{ country? }}/{{ call.country? }} Press 1."
        keys.1 = { next = "a", set = { country = "FR" } }
    "#;
    let mut phone = Phone::call_sent(flow(&bundle(source)), &[("CallerCountry", "GB")]);
    phone.hears("/GB Press 1.");
    phone.press("1").hears("FR/GB Press 1.");
}

#[test]
fn a_field_that_is_unset_is_empty_and_noted_by_its_name() {
    let source = r#"
        [call]
        city = "CallerCity"
        [steps.a]
        say = "From {{ call.city }}."
        next = "hangup"
    "#;
    let mut phone = Phone::call(source);
    phone.hears("From .");
    let unset: Vec<String> = phone
        .turn
        .unset
        .iter()
        .map(|(_, slot)| phone.flow.written_name(*slot))
        .collect();
    assert_eq!(unset, ["call.city"]);
    phone.ends(Outcome::Completed);
}

#[test]
fn unlike_types_and_values_that_cannot_be_are_faults() {
    let with = |when: &str| {
        let source = format!(
            "{}[steps.judge]\nbranch = [{{ when = \"{when}\", next = \"told\" }}, {{ next = \"told\" }}]\n",
            FLOW.replace("keys.2 = \"repeat\"", "keys.2 = \"judge\"")
        );
        faults(&source).join("\n")
    };
    for (when, code) in [
        (
            "call.account is defined and call.account > 5000",
            "types-differ",
        ),
        ("call.age is defined and call.age == '5'", "types-differ"),
        (
            "call.tier is defined and call.tier == 'silver'",
            "value-impossible",
        ),
        (
            "call.account is defined and call.account == '1'",
            "value-impossible",
        ),
        ("call.contry == 'GB'", "name-unknown"),
        ("call.request == ''", "request-not-alone"),
    ] {
        let told = with(when);
        assert!(told.contains(code), "{when}: {told}");
    }
    assert_eq!(with("call.country is defined and call.country != 'GB'"), "");
}

const TELL: &str = r#"
give_up = "hangup"
[steps.tell]
http     = "crm"
post     = "/calls"
json     = { call = "{{ call.request }}", from = "{{ call.from }}" }
on.error = "form"
next     = "form"
[steps.form]
http     = "crm"
post     = "/calls"
form     = "{{ call.request }}"
on.error = "wait"
next     = "wait"
[steps.wait]
queue      = "desk"
hold       = ["Wait."]
time_limit = "60s"
give.call  = "{{ call.request }}"
on.error   = "hangup"
on.time_limit = "hangup"
next       = "hangup"
"#;

#[test]
fn the_whole_first_request_goes_on_as_it_came() {
    let mut phone = Phone::call_sent(flow(&bundle(TELL)), &[("CallerCity", "BATH"), ("X", "")]);
    let body = |phone: &Phone| {
        let request = awaited_request(&phone.flow, &phone.turn.call);
        let request = request.expect("it can be worked out");
        request.expect("the call awaits it").body
    };
    let json = r#"{"call":{"CallerCity":"BATH","X":""},"from":"+442079460001"}"#;
    assert_eq!(body(&phone), ServiceBody::Json(json.to_owned()));
    phone.input(&Input::Came(Came::new("2xx", [])));
    let form =
        [("CallerCity", "BATH"), ("X", "")].map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(body(&phone), ServiceBody::Form(form.to_vec()));
}

#[test]
fn a_flow_that_does_not_send_the_first_request_on_keeps_nothing_of_it() {
    let phone = Phone::call_sent(flow(&bundle(FLOW)), &[("CallerCity", "BATH")]);
    assert_eq!(phone.turn.call.request, None);
}

#[test]
fn a_request_with_a_sensitive_field_goes_only_to_who_is_trusted() {
    let call = "[call]\npin = { at = \"SipHeader_X-Pin\", digits = 4, sensitive = true }\n";
    let with = format!("{TELL}{call}");
    let with = with.replace("[steps.wait]\n", "[steps.judge]\nbranch = [{ when = \"call.pin is defined\", next = \"wait\" }, { next = \"wait\" }]\n[steps.wait]\n");
    let told = faults(&with).join("\n");
    assert!(
        told.contains("sensitive-told `call.request` holds `call.pin`"),
        "{told}"
    );
    let loaded = flow(&bundle(
        &with.replace("give.call  = \"{{ call.request }}\"\n", ""),
    ));
    let tell = &loaded.steps[0].action;
    let (_, _, sends) = tell.service().expect("it asks a service");
    assert!(sends.iter().any(|slot| loaded.is_sensitive(*slot)));
}

#[test]
fn one_of_more_than_fifty_is_too_many() {
    let fields: String = (0..51)
        .map(|at| format!("f{at} = \"CallerCity\"\n"))
        .collect();
    let reads: String = (0..51).map(|at| format!("{{{{ call.f{at}? }}}}")).collect();
    let source = format!("[call]\n{fields}[steps.a]\nsay = \"{reads}\"\nnext = \"hangup\"\n");
    let told = faults(&source);
    assert_eq!(told, ["52:1 names-too-many `[call]` names 51 fields"]);
}
