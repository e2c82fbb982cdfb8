//! Flows that speak several languages.

use super::phone::{Phone, faults};
use crate::engine::Verb;

const TWO: &str = r#"
    language = "en-GB"
    voice    = "Polly.Amy-Neural"
    give_up  = "hangup"

    [languages]
    bg-BG = { voice = "Google.bg-BG-Standard-A" }

    [anywhere]
    9 = "back"

    [answers]
    kind = { one_of = ["letter"] }

    [steps.welcome]
    menu   = "@choose"
    keys.1 = "kind"
    keys.2 = { next = "kind", set = { call.language = "bg-BG" } }
    keys.3 = { next = "kind", set = { call.language = "{{ other }}", other = "bg-BG" } }

    [steps.kind]
    menu   = "@kind"
    into   = "kind"
    keys.1 = { value = "letter", next = "said" }

    [steps.said]
    say  = "@said"
    next = "send"

    [steps.send]
    submit = "pickups"
    next   = "hangup"

    [prompts]
    choose        = ["1 - English.", "2 - Български."]
    kind          = { en-GB = "For a letter press 1.", bg-BG = "За писмо натиснете 1." }
    said          = { en-GB = "A {{ kind }}.", bg-BG = "{{ kind }}." }
    "kind.letter" = { en-GB = "letter", bg-BG = "писмо" }
"#;

fn voice(phone: &Phone) -> (String, String) {
    let prompts = phone
        .gather()
        .map_or(phone.verbs(), |gather| &gather.prompts);
    match prompts.first() {
        Some(Verb::Say(say)) => (
            say.language.to_string(),
            say.voice.as_deref().unwrap_or_default().to_owned(),
        ),
        other => panic!("nothing is said: {other:?}"),
    }
}

#[test]
fn a_call_begins_in_the_first_language_and_goes_on_in_the_one_that_is_set() {
    let mut phone = Phone::call(TWO);
    assert_eq!(
        voice(&phone),
        ("en-GB".to_owned(), "Polly.Amy-Neural".to_owned())
    );
    phone.press("2").hears_only("За писмо натиснете 1.");
    assert_eq!(
        voice(&phone),
        ("bg-BG".to_owned(), "Google.bg-BG-Standard-A".to_owned())
    );
    phone.press("1").hears_only("писмо. [hangup]");
    assert!(phone.deliveries[0].body.contains("\"language\":\"bg-BG\""));
    assert_eq!(
        phone.sent(),
        serde_json::json!({ "kind": "letter" }),
        "what is stored is the same in every language"
    );
    Phone::call(TWO)
        .press("1")
        .press("1")
        .hears_only("A letter. [hangup]");
}

#[test]
fn a_language_that_the_flow_does_not_speak_is_an_error() {
    Phone::call(TWO).press("3").hears("We are sorry");
    assert!(faults(&TWO.replace("\"bg-BG\" } }", "\"bg\" } }"))[0].contains("language-unknown"));
}

#[test]
fn the_apology_is_in_the_language_of_the_call_where_we_know_it() {
    let mut phone = Phone::call(&TWO.replace("give_up  = \"hangup\"", ""));
    phone.press("2").wait().wait().wait().hears("Съжаляваме");
}

#[test]
fn a_language_stays_when_the_caller_goes_back() {
    Phone::call(TWO)
        .press("2")
        .press("9")
        .hears("1 - English.")
        .press("1")
        .hears_only("За писмо натиснете 1.");
}

#[test]
fn text_of_one_language_is_warned_about_where_the_flow_speaks_several() {
    let warned = faults(TWO);
    assert_eq!(warned.len(), 2, "the two texts of `choose`: {warned:?}");
    assert!(
        warned
            .iter()
            .all(|fault| fault.contains("text-one-language"))
    );
}

#[test]
fn the_first_language_may_have_its_voice_in_the_table_as_well() {
    let source = "language = \"en-GB\"\n[languages]\nen-GB = { voice = \"Polly.Amy\" }\n[steps.s]\nsay = \"Hello.\"\nnext = \"hangup\"\n";
    assert_eq!(
        voice(&Phone::call(source)),
        ("en-GB".to_owned(), "Polly.Amy".to_owned())
    );
}
