//! Answers, variables and expressions.

use super::phone::{Phone, bundle, faults, flow};
use crate::engine::{About, Call, CallSid, Input, Outcome, Reply, advance};

fn say(before: &str, text: &str) -> String {
    format!(
        "[steps.first]\nset = {{ {before} }}\nnext = \"say\"\n[steps.say]\nsay = \"{text}\"\nnext = \"hangup\"\n"
    )
}

#[test]
fn a_text_that_is_one_hole_keeps_the_type_and_any_other_is_text() {
    let source = |set: &str| {
        format!(
            r#"
            give_up = "hangup"
            [answers]
            weeks = {{ integer = [1, 9] }}
            [steps.first]
            set  = {{ {set} }}
            next = "send"
            [steps.send]
            submit = "pickups"
            next   = "say"
            [steps.say]
            menu   = "{{{{ weeks + 1 }}}}"
            keys.1 = "hangup"
            "#
        )
    };
    let mut phone = Phone::call(&source("weeks = 2, more = \"{{ weeks + 1 }}\""));
    phone.hears_only("3");
    assert_eq!(phone.sent(), serde_json::json!({ "weeks": 2 }));
    let phone = Phone::call(&source("more = 2, weeks = \"{{ more + 1 }}\""));
    assert_eq!(phone.sent(), serde_json::json!({ "weeks": 3 }));
    let phone = Phone::call(&source("more = 2, weeks = \"{{ more }}\""));
    assert_eq!(phone.sent(), serde_json::json!({ "weeks": 2 }));
    // Text beside the hole makes text of it, which does not fit.
    let text = faults(&source("more = 2, weeks = \"{{ more }} \""));
    assert!(text[0].contains("value-misfit"), "{text:?}");
}

#[test]
fn plain_values_of_toml_are_what_they_are() {
    Phone::call(&say(
        "a = 1, b = 1.5, c = true, d = \"x\"",
        "{{ a }} {{ b }} {{ c }} {{ d }} {{ a + b }}",
    ))
    .hears("1 1.5 true x 2.5");
    Phone::call(&say("a = \"long loan\"", "{{ a }}")).hears("long loan");
    Phone::call(&say("a = 0x10, b = 1_000", "{{ a }} {{ b }}")).hears("16 1000");
}

#[test]
fn changes_are_made_in_order_and_forget_comes_last() {
    Phone::call(&say(
        "a = 1, b = \"{{ a + 1 }}\", c = \"{{ b }}{{ a }}\"",
        "{{ c }}",
    ))
    .hears("21");
    let source = "[steps.s]\nsay = \"Hello.\"\nset = { a = 1, b = 2 }\nforget = \"a\"\nnext = \"t\"\n[steps.t]\nsay = \"{{ a if a is defined else 'gone' }} {{ b }}\"\nnext = \"hangup\"\n";
    Phone::call(source).hears("Hello. gone 2");
}

#[test]
fn what_is_not_set_is_spoken_as_nothing_and_can_be_guarded() {
    let source = r#"
        give_up = "hangup"
        [steps.ask]
        menu   = "Press."
        keys.1 = { next = "say", set = { a = 1 } }
        keys.2 = "say"
        [steps.say]
        say  = "<{{ a }}> {{ a if a is defined else 'none' }}"
        next = "hangup"
    "#;
    Phone::call(source).press("1").hears("<1> 1");
    Phone::call(source).press("2").hears("<> none");
}

#[test]
fn an_expression_that_cannot_be_worked_out_takes_the_way_of_errors_once() {
    let source = r#"
        [steps.first]
        set  = { a = "{{ call.attempt - 1 }}" }
        next = "add"
        [steps.add]
        set  = { b = "{{ 1 // a }}" }
        next = "hangup"
        [steps.sorry]
        say  = "Sorry."
        next = "add"
        [on]
        error = "sorry"
    "#;
    let mut phone = Phone::call(source);
    phone.hears("Sorry. We are sorry").ends(Outcome::Failed);
    assert_eq!(phone.turn.faults.len(), 2);
}

#[test]
fn the_facts_of_a_call_and_the_clock_can_be_spoken() {
    let source = "zone = \"Europe/Sofia\"\n[steps.say]\nsay = \"{{ call.sid }} {{ call.from }} {{ call.to }} {{ call.direction }} {{ call.flow }} {{ call.language }} [{{ call.caller_name }}] {{ now.date }} {{ now.time }} {{ now.weekday }} {{ now.utc }}\"\nnext = \"hangup\"\n";
    Phone::call(source).hears_only(
        "CA00000000000000000000000000000001 +442079460001 +442079460123 inbound test en-US [] 2026-11-23 12:15 Monday 2026-11-23T10:15:00Z [hangup]",
    );
}

#[test]
fn names_stand_in_conditions_with_parts_quotes_and_filters() {
    let holds = |when: &str| {
        let source = format!(
            "zone = \"UTC\"\n[answers]\nkind = {{ one_of = [\"letter\", \"parcel\", \"weight\"] }}\nweight = {{ integer = [1, 30] }}\n[steps.first]\nset = {{ kind = \"letter\", weight = 5 }}\nnext = \"decide\"\n[steps.decide]\nbranch = [{{ when = \"{when}\", next = \"yes\" }}, {{ next = \"no\" }}]\n[steps.yes]\nsay = \"Yes.\"\nnext = \"hangup\"\n[steps.no]\nsay = \"No.\"\nnext = \"hangup\"\n"
        );
        Phone::call(&source).heard().starts_with("Yes.")
    };
    assert!(holds("kind == 'letter' and weight > 4"));
    assert!(holds("weight in [4, 5]") && !holds("weight in [4, 6]"));
    assert!(holds("kind | upper == 'LETTER'") && holds("kind | length == 6"));
    assert!(holds("call.from == '+442079460001'") && holds("not (kind == 'parcel')"));
    assert!(holds("now.weekday == 'Monday'") && holds("now.time >= '10:00'"));
    assert!(!holds("kind == 'weight'"), "a name in quotes is text");
}

#[test]
fn names_are_told_at_their_own_place() {
    let at = |text: &str| {
        faults(&format!("[steps.s]\nsay = \"{text}\"\nnext = \"hangup\"\n"))[0].clone()
    };
    assert!(at("Hello {{ nobody }}.").starts_with("2:17 name-unknown"));
    assert!(at("{{ call.from }} {{ 'nobody' ~ nobody }}").starts_with("2:38 name-unknown"));
    assert!(at("{{ nobody.nobody }}").starts_with("2:11 name-unknown"));
    assert!(
        at("\\u00fc \\\" {{ nobody }}").starts_with("2:21 name-unknown"),
        "{}",
        at("\\u00fc \\\" {{ nobody }}")
    );
}

#[test]
fn only_the_language_of_a_call_can_be_set() {
    let source = |name: &str| {
        format!("[steps.s]\nsay = \"1\"\nset = {{ call.{name} = \"x\" }}\nnext = \"hangup\"\n")
    };
    assert!(faults(&source("from"))[0].contains("key-unknown"));
    assert!(faults(&source("language"))[0].contains("language-unknown"));
}

#[test]
fn without_promises_an_answer_has_the_type_of_its_step_wherever_that_stands() {
    let source = r#"
        give_up = "hangup"
        [steps.first]
        set  = { code = "abc" }
        next = "ask"
        [steps.ask]
        ask    = "Code?"
        into   = "code"
        digits = 4
        next   = "hangup"
    "#;
    assert!(
        faults(source)[0].contains("value-misfit"),
        "{:?}",
        faults(source)
    );
    let twice = source.replace(
        "set  = { code = \"abc\" }",
        "ask = \"Code?\"\ninto = \"code\"\ndigits = 6",
    );
    assert!(
        faults(&twice)[0].contains("answer-type-differs"),
        "{:?}",
        faults(&twice)
    );
}

#[test]
fn a_menu_without_promises_stores_the_key_or_its_value() {
    let source = r#"
        give_up = "hangup"
        [steps.menu]
        menu   = "Press."
        into   = "kind"
        keys.1 = "send"
        keys.2 = { value = "two", next = "send" }
        keys.3 = { value = 3, next = "send" }
        keys.4 = { value = true, next = "send" }
        [steps.send]
        submit = "pickups"
        next   = "hangup"
    "#;
    for (key, stored) in [("1", "\"1\""), ("2", "\"two\""), ("3", "3"), ("4", "true")] {
        assert_eq!(
            Phone::call(source).press(key).sent().to_string(),
            format!("{{\"kind\":{stored}}}")
        );
    }
}

#[test]
fn the_clock_is_that_of_the_flows_zone_in_summer_and_winter() {
    let told = |zone: &str, moment: &str| {
        let source = format!(
            "zone = \"{zone}\"\n[steps.say]\nsay = \"{{{{ now.date }}}} {{{{ now.time }}}} {{{{ now.weekday }}}}\"\nnext = \"hangup\"\n"
        );
        let flow = flow(&bundle(&source));
        let call = Call::new(
            CallSid::parse("CA1").expect("legal"),
            &flow,
            About::default(),
        );
        let now = moment.parse().expect("it is a moment");
        let Reply::Speak(verbs) = advance(&flow, call, &Input::Begin, now).reply;
        format!("{verbs:?}")
    };
    let hears = |zone: &str, moment: &str, clock: &str| {
        let heard = told(zone, moment);
        assert!(heard.contains(clock), "{heard}");
    };
    hears(
        "Europe/London",
        "2026-06-30T23:30:00Z",
        "2026-07-01 00:30 Wednesday",
    );
    hears(
        "Europe/London",
        "2026-12-31T23:30:00Z",
        "2026-12-31 23:30 Thursday",
    );
    hears(
        "America/New_York",
        "2027-03-14T06:59:59Z",
        "2027-03-14 01:59 Sunday",
    );
    hears(
        "America/New_York",
        "2027-03-14T07:00:00Z",
        "2027-03-14 03:00 Sunday",
    );
}

#[test]
fn the_other_side_is_who_calls_or_whom_we_called() {
    let source = "[steps.say]\nsay = \"{{ call.party }}\"\nnext = \"hangup\"\n";
    let told = |direction: &str| {
        let flow = flow(&bundle(source));
        let about = About {
            from: "+441".into(),
            to: "+442".into(),
            direction: direction.into(),
            ..About::default()
        };
        let call = Call::new(CallSid::parse("CA1").expect("legal"), &flow, about);
        let Reply::Speak(verbs) = advance(&flow, call, &Input::Begin, super::phone::at(0)).reply;
        format!("{verbs:?}")
    };
    assert!(told("inbound").contains("+441"));
    assert!(told("outbound-api").contains("+442"));
}

#[test]
fn the_language_is_set_only_to_what_the_flow_speaks() {
    let told = |types: &str, value: &str| {
        faults(&format!(
            "language = \"en-GB\"\nlanguages.de-DE = {{}}\ngive_up = \"hangup\"\n[answers]\nlang = {types}\n[steps.ask]\nask = \"1, 2\"\ninto = \"lang\"\nnext = \"set\"\n[steps.set]\nset = {{ call.language = \"{value}\" }}\nnext = \"hangup\"\n"
        ))
    };
    let both = "{ one_of = [\"de-DE\", \"en-GB\"] }";
    assert_eq!(told(both, "{{ lang }}"), [""; 0]);
    assert_eq!(
        told(both, "{{ 'de-DE' if lang == 'en-GB' else 'en-GB' }}"),
        [""; 0]
    );
    let one = told("{ one_of = [\"de\", \"en-GB\"] }", "{{ lang }}");
    assert!(
        one[0].contains("this can be 'de', which the flow does not speak"),
        "{one:?}"
    );
    let any = told("{ digits = 2 }", "{{ call.caller_name }}");
    assert!(any[0].contains("may be no language of the flow"), "{any:?}");
    assert!(
        !told(both, "{{ lang }}x").is_empty(),
        "a text with a hole can be anything"
    );
}
