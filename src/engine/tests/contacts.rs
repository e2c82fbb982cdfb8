//! Numbers by name: contacts that are dialled, and the lines that are called.

use super::phone::{Phone, at, bundle, faults, flow};
use crate::engine::{About, Call, CallSid, Fault, Input, Outcome, Reply, advance};

const DESK: &str = r#"
    [contacts]
    desk = "+442079460000"
    [steps.desk]
    dial = "desk"
    on.unanswered = "mobile"
    next = "hangup"
    [steps.mobile]
    dial = "mobile"
    next = "hangup"
    [steps.sorry]
    say  = "Sorry."
    next = "hangup"
    [on]
    error = "sorry"
"#;

#[test]
fn a_contact_is_looked_up_when_it_is_dialled() {
    Phone::call(DESK).hears("[dial +442079460000]");
    let mut told = flow(&bundle(DESK));
    told.contacts
        .insert("desk".to_owned(), "+442079460009".to_owned());
    told.contacts
        .insert("mobile".to_owned(), "+442079460008".to_owned());
    let mut phone = Phone::call_flow(told);
    phone.hears("[dial +442079460009]");
    phone.dialled("busy").hears("[dial +442079460008]");
}

#[test]
fn a_contact_without_a_number_cannot_be_dialled() {
    let mut phone = Phone::call(DESK);
    phone.dialled("busy").hears("Sorry.");
    assert_eq!(
        phone.turn.faults[0].1,
        Fault::NoContact("mobile".to_owned())
    );
    let faulty = DESK.replace(
        "dial = \"mobile\"",
        "dial = \"{{ who }}\"\nset = { who = \"desk\" }",
    );
    let told = faults(&faulty);
    assert!(
        told.iter()
            .any(|fault| fault.contains("number-not-e164") && fault.contains("'desk'")),
        "a hole must come to a number: {told:?}"
    );
}

#[test]
fn a_number_that_is_called_has_a_name() {
    let source = r#"
        numbers = { english = "+442079460124", french = "sip:accueil@example.com" }
        give_up = "hangup"
        [steps.which]
        branch = [{ when = "call.line == 'french'", next = "fr" }, { next = "en" }]
        [steps.fr]
        say  = "Bonjour."
        next = "hangup"
        [steps.en]
        say  = "Hello to {{ call.line }}."
        next = "hangup"
    "#;
    let told = |from: &str, to: &str, direction: &str| {
        let flow = flow(&bundle(source));
        assert_eq!(flow.numbers.len(), 2);
        let about = About {
            from: from.into(),
            to: to.into(),
            direction: direction.into(),
            ..About::default()
        };
        let call = Call::new(CallSid::parse("CA1").expect("legal"), &flow, about);
        let turn = advance(&flow, call, &Input::Begin, at(0));
        assert_eq!(turn.call.outcome(), Outcome::Completed);
        let Reply::Speak(verbs) = turn.reply;
        format!("{verbs:?}")
    };
    let who = "+441";
    assert!(told(who, "sip:accueil@example.com;transport=tls", "inbound").contains("Bonjour"));
    assert!(told(who, "+442079460124", "inbound").contains("Hello to english."));
    assert!(told("+442079460124", who, "outbound-api").contains("Hello to english."));
    assert!(told(who, "+442079460199", "inbound").contains("Hello to ."));
    let wrong = faults(&source.replace("'french'", "'fench'"));
    assert!(
        wrong[0].contains("`call.line` is never 'fench'"),
        "{wrong:?}"
    );
}
