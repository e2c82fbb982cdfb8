//! Gather's rules, each with a call.

use super::*;

/// Calls with one Gather, and then a Say; what was asked of `/in`, and the call.
fn gather(keys: &str, attributes: &str) -> Called {
    let first = format!(
        "<Gather action=\"/in\" {attributes}><Say>Keys please.</Say></Gather><Say>Nothing.</Say>"
    );
    call(keys, &[("/voice", &first), ("/in", "<Hangup/>")])
}

/// Calls and acts while the prompt is heard.
fn barge(attributes: &str, mut acts: impl FnMut(&Situation) -> Option<PhoneAct>) -> Called {
    let first = format!(
        "<Gather action=\"/in\" {attributes}><Say>One two three four.</Say></Gather><Say>Nothing.</Say>"
    );
    let documents = [("/voice", first.as_str()), ("/in", "<Hangup/>")];
    let acts = Does(move |moment: &Situation| {
        acts(moment).map(|act| TimedAct {
            after: Duration::from_secs(1),
            act,
        })
    });
    call_with(&plan(), &World::default(), acts, serve(&documents))
}

fn digits(called: &Called) -> Option<&str> {
    called.field("/in", "Digits")
}

#[test]
fn num_digits_ends_an_entry() {
    let called = gather("123", "numDigits=\"2\"");
    assert_eq!((digits(&called), called.seconds()), (Some("12"), 2.0));
    assert_eq!(called.field("/in", "msg"), Some("Gather End"));
}

#[test]
fn the_finish_key_ends_an_entry_and_is_not_part_of_it() {
    let called = gather("12#", "");
    assert_eq!(
        (digits(&called), called.field("/in", "FinishedOnKey")),
        (Some("12"), Some("#"))
    );
    assert_eq!(digits(&gather("12*", "finishOnKey=\"*\"")), Some("12"));
    assert_eq!(digits(&gather("1*#", "finishOnKey=\"\"")), Some("1*#"));
}

#[test]
fn the_finish_key_alone_is_no_input() {
    let called = gather("#", "");
    assert_eq!(
        (digits(&called), called.words()),
        (None, vec!["Keys please.", "Nothing."])
    );
}

#[test]
fn silence_goes_on_with_the_next_verb_after_the_timeout() {
    let called = gather("-", "timeout=\"7\"");
    assert_eq!(
        (called.words(), called.seconds()),
        (vec!["Keys please.", "Nothing."], 10.0)
    );
    assert_eq!(gather("-", "").seconds(), 8.0);
}

#[test]
fn silence_is_told_if_that_is_wanted() {
    assert_eq!(
        digits(&gather("-", "actionOnEmptyResult=\"true\"")),
        Some("")
    );
    assert_eq!(
        digits(&gather("#", "actionOnEmptyResult=\"true\"")),
        Some("")
    );
    assert_eq!(digits(&gather("-", "actionOnEmptyResult=\"false\"")), None);
}

#[test]
fn the_timeout_submits_what_there_is_and_begins_anew_with_each_key() {
    let mut presses = "123".chars();
    let called = barge("timeout=\"3\"", |moment| match moment {
        Situation::Asked { .. } => presses.next().map(PhoneAct::Press),
        _ => None,
    });
    assert_eq!(
        (digits(&called), called.seconds()),
        (Some("123"), 4.0 + 3.0 + 3.0)
    );
}

#[test]
fn the_first_key_stops_the_prompt_and_counts() {
    let mut pressed = false;
    let called = barge("numDigits=\"2\"", |moment| match moment {
        Situation::Hears { .. } if !pressed => {
            pressed = true;
            Some(PhoneAct::Press('4'))
        }
        Situation::Asked { keys, .. } => {
            assert_eq!(keys, "4");
            Some(PhoneAct::Press('2'))
        }
        _ => None,
    });
    assert_eq!((digits(&called), called.seconds()), (Some("42"), 2.0));
}

#[test]
fn a_key_may_be_all_that_is_needed_while_the_prompt_is_heard() {
    let called = barge("numDigits=\"1\"", |moment| {
        let Situation::Hears { listens, .. } = moment else {
            panic!("nothing more is waited for")
        };
        listens.then_some(PhoneAct::Press('1'))
    });
    assert_eq!((digits(&called), called.seconds()), (Some("1"), 1.0));
}

#[test]
fn words_count_where_they_are_listened_for() {
    let called = gather(
        "'say:two words'",
        "input=\"speech\" speechTimeout=\"auto\" hints=\"one, two\"",
    );
    assert_eq!(called.field("/in", "SpeechResult"), Some("two words"));
    assert!(called.field("/in", "Confidence").is_some());
    assert_eq!((digits(&called), called.seconds()), (None, 2.0 + 2.0 + 1.0));
    let waits = called.heard.iter().find_map(|(_, event)| match event {
        CallEvent::Waits {
            hints,
            speech: true,
            dtmf: false,
            ..
        } => Some(hints.clone()),
        _ => None,
    });
    assert_eq!(waits, Some(vec!["one".to_owned(), "two".to_owned()]));
}

#[test]
fn of_keys_and_words_the_first_to_come_wins() {
    let said = gather("say:yes", "input=\"dtmf speech\"");
    assert_eq!(
        (digits(&said), said.field("/in", "SpeechResult")),
        (None, Some("yes"))
    );
    let pressed = gather("1#", "input=\"dtmf speech\"");
    assert_eq!(
        (digits(&pressed), pressed.field("/in", "SpeechResult")),
        (Some("1"), None)
    );
}

#[test]
fn what_is_not_listened_for_is_lost() {
    let keys = gather("1", "input=\"speech\"");
    assert_eq!(keys.words(), ["Keys please.", "Nothing."]);
    assert!(
        keys.heard
            .iter()
            .any(|(_, event)| matches!(event, CallEvent::Lost(key) if key == "1"))
    );
    let words = gather("say:yes", "");
    assert_eq!(words.words(), ["Keys please.", "Nothing."]);
}

#[test]
fn words_do_not_stop_a_prompt_without_barge_in() {
    let mut said = 0;
    let called = barge("input=\"speech\" bargeIn=\"false\"", |moment| {
        said += 1;
        matches!(moment, Situation::Hears { .. } if said == 1).then(|| PhoneAct::Say("yes".into()))
    });
    assert_eq!(called.words(), ["One two three four.", "Nothing."]);
}

#[test]
fn partial_results_are_told_before_the_last_one() {
    let called = call(
        "say:yes",
        &[
            (
                "/voice",
                "<Gather input=\"speech\" action=\"/in\" partialResultCallback=\"/part\"/>",
            ),
            ("/part", ""),
            ("/in", ""),
        ],
    );
    assert_eq!(called.paths(), ["/voice", "/part", "/in"]);
    assert_eq!(called.field("/part", "UnstableSpeechResult"), Some("yes"));
}

#[test]
fn without_an_action_the_same_document_is_asked_by_the_gather_s_method() {
    let wire = |request: &Request| {
        let is_first = !request.fields.iter().any(|(name, _)| name == "Digits");
        Ok(twiml(if is_first {
            "<Gather numDigits=\"1\" method=\"GET\"/>"
        } else {
            "<Hangup/>"
        }))
    };
    let called = call_with(&plan(), &World::default(), Keys::parse("1").unwrap(), wire);
    assert_eq!(called.asked[1].method, Method::Get);
    assert!(
        called.asked[1]
            .url
            .starts_with("http://app.test/voice?AccountSid="),
        "{}",
        called.asked[1].url
    );
    assert!(
        called.asked[1].url.contains("&Digits=1"),
        "{}",
        called.asked[1].url
    );
}

#[test]
fn nobody_who_hangs_up_in_a_gather_is_told_of_to_its_action() {
    let called = gather("hangup", "");
    assert_eq!(called.paths(), ["/voice"]);
    assert_eq!(
        (called.ended.by, called.ended.status.as_str()),
        (EndedBy::Caller, "completed")
    );
}

/// Two Gathers: the first is over with its prompt, the second asks.
const SKIPPED: &str = "<Gather timeout=\"0\" action=\"/first\"><Say>A long text.</Say></Gather>\
                       <Gather numDigits=\"1\" action=\"/in\"><Say>Which?</Say></Gather>";

fn skipped(keys: &str, first: &str) -> Called {
    call(
        keys,
        &[
            ("/voice", first),
            ("/in", "<Hangup/>"),
            ("/first", "<Hangup/>"),
        ],
    )
}

#[test]
fn a_gather_of_no_seconds_is_over_with_its_prompt() {
    for keys in ["1", "- 1", "# 1"] {
        let called = skipped(keys, SKIPPED);
        assert_eq!(
            (called.paths(), digits(&called)),
            (vec!["/voice", "/in"], Some("1")),
            "{keys}"
        );
        let waits = called
            .heard
            .iter()
            .filter(|(_, event)| matches!(event, CallEvent::Waits { .. }))
            .count();
        assert_eq!(
            (waits, called.words()),
            (1, vec!["A long text.", "Which?"]),
            "{keys}"
        );
    }
}

#[test]
fn a_key_in_the_prompt_of_a_gather_of_no_seconds_counts_and_none_after_it() {
    let mut pressed = false;
    let acts = Does(|moment: &Situation| {
        let hears = matches!(
            moment,
            Situation::Hears {
                closing: Some(_),
                ..
            }
        );
        (hears && !std::mem::replace(&mut pressed, true)).then_some(TimedAct {
            after: Duration::from_secs(1),
            act: PhoneAct::Press('7'),
        })
    });
    let documents = [
        ("/voice", SKIPPED),
        ("/in", "<Hangup/>"),
        ("/first", "<Hangup/>"),
    ];
    let called = call_with(&plan(), &World::default(), acts, serve(&documents));
    assert_eq!(
        (called.field("/first", "Digits"), called.seconds()),
        (Some("7"), 1.0)
    );
}

#[test]
fn the_key_that_skips_is_told_where_silence_is() {
    let first = SKIPPED.replace(
        "timeout=\"0\"",
        "timeout=\"0\" actionOnEmptyResult=\"true\"",
    );
    assert_eq!(
        skipped("#", &first).field("/first", "FinishedOnKey"),
        Some("#")
    );
    assert_eq!(
        skipped("-", &first).field("/first", "FinishedOnKey"),
        Some("")
    );
}
