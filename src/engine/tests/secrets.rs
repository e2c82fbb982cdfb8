//! Sensitive answers: submitted and compared, and told nowhere else.

use super::phone::{Phone, faults};
use crate::engine::{Fault, Outcome};

/// A PIN that is asked for, compared and sent; `promise` stands above, `own` on the step.
fn pin(promise: &str, own: &str, then: &str) -> String {
    format!(
        r#"
        give_up = "hangup"
        {promise}
        [steps.pin]
        ask  = "Your PIN?"
        into = "pin"
        {own}
        next = "check"
        [steps.check]
        branch = [{{ when = "pin == '8642'", next = "right" }}, {{ next = "send" }}]
        [steps.right]
        say  = "Right."
        next = "send"
        [steps.send]
        submit = "pickups"
        next   = "bye"
        [steps.bye]
        {then}
        "#
    )
}

const BYE: &str = "say = \"Bye.\"\nnext = \"hangup\"";

fn ways() -> [String; 3] {
    [
        pin("[answers]\npin = { digits = 4, sensitive = true }", "", BYE),
        pin("[answers]\npin = { digits = 4 }", "sensitive = true", BYE),
        pin("", "digits = 4\nsensitive = true", BYE),
    ]
}

#[test]
fn it_can_be_compared_and_is_sent_and_named_as_sensitive() {
    for source in ways() {
        let mut phone = Phone::call(&source);
        phone
            .press("8642")
            .hears_only("Right. Bye. [hangup]")
            .ends(Outcome::Completed);
        assert_eq!(phone.sent(), serde_json::json!({ "pin": "8642" }));
        assert_eq!(phone.deliveries[0].sensitive, ["pin"]);
        Phone::call(&source)
            .press("1234")
            .hears_only("Bye. [hangup]");
    }
}

#[test]
fn it_is_never_part_of_a_reply_nor_of_a_fault() {
    for source in ways() {
        let mut phone = Phone::call(&source);
        phone.press("8642");
        assert!(!format!("{:?}", phone.turn.reply).contains("8642"));
        assert!(!format!("{:?}", phone.turn.faults).contains("8642"));
    }
    let bad = pin("[answers]\npin = { digits = 4, sensitive = true }", "", BYE).replace(
        "pin == '8642'",
        "(pin | integer) // (call.attempt - call.attempt) == 8643",
    );
    let mut phone = Phone::call(&bad);
    phone.press("8642").ends(Outcome::Failed);
    assert!(matches!(phone.turn.faults[0].1, Fault::Expression(_)));
    assert!(
        !format!("{:?}", phone.turn.faults).contains("8642"),
        "{:?}",
        phone.turn.faults
    );
}

#[test]
fn a_text_that_would_tell_it_is_refused_wherever_it_stands() {
    let texts = [
        "say = \"It is {{ pin }}.\"\nnext = \"hangup\"",
        "say = \"It is {{ pin ~ '' }}.\"\nnext = \"hangup\"",
        "say = [{ say = \"{{ pin }}\", as = \"digits\" }]\nnext = \"hangup\"",
        "say = [{ audio = \"https://example.com/{{ pin }}\" }]\nnext = \"hangup\"",
        "say = \"Bye.\"\nset = { copy = \"{{ pin }}\" }\nnext = \"hangup\"",
        "redirect = \"https://example.com/?pin={{ pin }}\"",
        "dial = \"{{ pin }}\"\nnext = \"hangup\"",
        "menu = \"{{ pin }}\"\nkeys.1 = \"hangup\"",
        "menu = \"Press.\"\nkeys.1 = \"hangup\"\nno_match = \"{{ pin }}\"",
        "say = \"@tell\"\nnext = \"hangup\"\n[prompts]\ntell = \"{{ pin }}\"",
    ];
    for (way, promise) in [
        ("", "[answers]\npin = { digits = 4, sensitive = true }"),
        ("digits = 4\nsensitive = true", ""),
    ] {
        for text in texts {
            let told = faults(&pin(promise, way, text));
            assert!(
                told.iter().any(|fault| fault.contains("sensitive-told")),
                "{text}: {told:?}"
            );
        }
    }
}

#[test]
fn a_value_that_does_not_fit_a_sensitive_answer_is_not_told() {
    let source = r#"
        [answers]
        pin = { digits = 4, sensitive = true }
        [steps.a]
        set  = { code = "{{ '8642' ~ 'x' }}" }
        next = "b"
        [steps.b]
        set  = { pin = "{{ code }}" }
        next = "hangup"
    "#;
    let phone = Phone::call(source);
    assert_eq!(
        phone.turn.faults[0].1,
        Fault::Misfit {
            name: "pin".to_owned(),
            value: String::new()
        }
    );
}
