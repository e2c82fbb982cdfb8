//! Flows that speak several languages.

use super::phone::{Phone, faults};
use crate::engine::{Verb, Words};

const TWO: &str = r#"
    language = "en-GB"
    voice    = "Polly.Amy-Neural"
    give_up  = "hangup"

    [languages]
    bg-BG = { voice = "Google.bg-BG-Standard-A" }

    [anywhere]
    9 = "back"

    [answers]
    kind = { one_of = { letter = "@letter" } }

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
    letter        = { en-GB = "letter", bg-BG = "писмо" }
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

#[test]
fn a_piece_in_another_language_is_said_in_it_whatever_the_call_speaks() {
    let source = r#"
        language = "en-GB"
        voice    = "Polly.Amy-Neural"
        give_up  = "hangup"

        [languages]
        fr-FR = { voice = "Polly.Lea-Neural" }

        [steps.choose]
        menu = [
            "For English press 1.",
            { say = "Para español, pulse {{ call.attempt + 1 }}.", language = "es-ES", voice = "Polly.Lucia-Neural" },
            { say = "Pour le français, tapez 3.", language = "fr-FR" },
            "Thank you.",
        ]
        keys.1 = "hangup"
    "#;
    let mut phone = Phone::call(source);
    let said: Vec<(String, String, Vec<Words>)> = phone
        .gather()
        .expect("it asks")
        .prompts
        .iter()
        .filter_map(|verb| match verb {
            Verb::Say(say) => Some((
                say.language.to_string(),
                say.voice.as_deref().unwrap_or_default().to_owned(),
                say.words.clone(),
            )),
            _ => None,
        })
        .collect();
    let text = |text: &str| vec![Words::Text(text.to_owned())];
    let piece = |language: &str, voice: &str, words: &str| {
        (language.to_owned(), voice.to_owned(), text(words))
    };
    assert_eq!(
        said,
        [
            piece("en-GB", "Polly.Amy-Neural", "For English press 1."),
            piece("es-ES", "Polly.Lucia-Neural", "Para español, pulse 2."),
            piece("fr-FR", "Polly.Lea-Neural", "Pour le français, tapez 3."),
            piece("en-GB", "Polly.Amy-Neural", "Thank you."),
        ]
    );
    phone.press("1");
}

#[test]
fn words_of_a_language_are_listened_for_in_it_alone() {
    let source = r#"
        language = "en-GB"
        give_up  = "hangup"

        [languages]
        de-DE = {}

        [steps.choose]
        menu   = "1?"
        keys.1 = { next = "kind", set = { call.language = "de-DE" } }
        keys.2 = "kind"

        [steps.kind]
        menu     = "2?"
        keys.1   = { next = "letter", says = { en-GB = "letter", de-DE = ["Brief"] } }
        keys.2   = { next = "parcel", says = { en-GB = ["parcel", "box"], de-DE = "Paket" } }
        keys.3   = { next = "letter", says = "3" }
        no_match = "4?"

        [steps.letter]
        say  = "1."
        next = "hangup"

        [steps.parcel]
        say  = "2."
        next = "hangup"
    "#;
    let hints = |phone: &Phone| {
        let gather = phone.gather().expect("it asks");
        gather.speech.clone().expect("it listens").hints
    };
    let mut english = Phone::call(source);
    english.press("2");
    assert_eq!(hints(&english), ["letter", "parcel", "box", "3"]);
    english.say("Paket").hears("4?").say("box").hears("2.");
    let mut german = Phone::call(source);
    german.press("1");
    assert_eq!(hints(&german), ["Brief", "Paket", "3"]);
    german.say("Box").hears("4?").say("Paket").hears("2.");
}
