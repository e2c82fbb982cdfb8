use std::sync::Arc;
use std::time::Duration;

use super::super::walk;
use super::*;
use crate::engine::diag::StepEvent;
use crate::engine::flow::{Bundle, Catalogue};
use crate::engine::load::load;
use crate::engine::{answers, steps};
use crate::study::tests::timing::Slow;
use crate::written::Code;

#[track_caller]
fn loaded(source: &str) -> Flow {
    let catalogues = vec![Catalogue {
        language: "en-US".into(),
        file: "en-US.toml".into(),
        entries: Arc::default(),
    }];
    let bundle = Bundle {
        name: "it".into(),
        file: "it.toml".into(),
        source: source.to_owned(),
        catalogues,
        flows: crate::engine::tests::phone::others(),
        ..Bundle::default()
    };
    load(&bundle)
        .unwrap_or_else(|faults| panic!("{faults:?}"))
        .flow
}

#[track_caller]
fn of(source: &str) -> Time {
    time(&loaded(source), &Slow)
}

fn seconds(length: &Length) -> f64 {
    length.lasts.as_secs_f64()
}

/// The shortest, the typical and the longest call of all.
#[track_caller]
fn three(source: &str) -> (f64, f64, f64) {
    let time = of(source);
    let all = |length: Option<&Length>| seconds(length.expect("some call comes to an end"));
    (
        all(time.shortest()),
        seconds(&time.typical.0),
        all(time.longest()),
    )
}

#[track_caller]
fn span(time: &Time, ending: Ending) -> (f64, f64) {
    let span = time
        .spans
        .iter()
        .find(|span| span.ending == ending)
        .expect("a call ends so");
    (seconds(&span.shortest), seconds(&span.longest))
}

const END: &str = "[steps.bye]\nsay = \"Good bye\"\nnext = \"hangup\"\n";

#[test]
fn a_question_is_cut_off_answered_or_missed_to_the_end() {
    let source =
        format!("give_up = \"bye\"\n[steps.kind]\nmenu = \"Press one\"\nkeys.1 = \"bye\"\n{END}");
    // Cut off, a key, two words; heard, a key, two words; put three times with five seconds of silence after each.
    assert_eq!(three(&source), (2.5, 4.5, 23.0));
    let time = of(&source);
    let longest = time.longest().expect("there is one");
    assert_eq!(
        (longest.turns, longest.steps.as_slice()),
        (4, [0, 1].as_slice())
    );
    assert!(
        longest
            .acts
            .iter()
            .all(|act| act.event == StepEvent::SILENT)
            && longest.acts.len() == 3,
        "{:?}",
        longest.acts
    );
    assert_eq!(longest.neural, 8);
    assert_eq!(longest.slowest, Some((0, Duration::from_secs(21))));
}

#[test]
fn what_may_not_be_cut_off_is_heard() {
    let flow = |say: &str, menu: &str| {
        format!(
            "give_up = \"bye\"\n[steps.hello]\nsay = \"One two three\"\n{say}next = \"kind\"\n[steps.kind]\nmenu = \"Press one\"\n{menu}keys.1 = \"bye\"\n{END}"
        )
    };
    let shortest = |say: &str, menu: &str| three(&flow(say, menu)).0;
    assert_eq!(shortest("", ""), 2.5);
    assert_eq!(shortest("barge_in = false\n", ""), 5.5);
    // What comes before a prompt that must be heard is heard too.
    assert_eq!(shortest("", "barge_in = false\n"), 7.5);
}

#[test]
fn of_misses_the_longest_are_counted_and_each_prompt_once_in_its_place() {
    let source = format!(
        "give_up = \"bye\"\n[steps.kind]\nmenu = \"Press one\"\nkeys.1 = \"bye\"\nno_input = [\"Nothing\", \"Still nothing\"]\nno_match = \"That is a key that nobody knows here at all\"\ntimeout = \"1s\"\n{END}"
    );
    // 2, then twice a wrong key, ten words and the question, then a second of silence, and two words.
    assert_eq!(three(&source).2, 2.0 + 2.0 * (0.5 + 10.0 + 2.0) + 1.0 + 2.0);
}

#[test]
fn an_entry_takes_its_keys_and_what_ends_it() {
    let source = format!(
        "give_up = \"bye\"\n[steps.number]\nask = \"Number please\"\ninto = \"number\"\ndigits = [2, 5]\nattempts = 1\nnext = \"bye\"\n{END}"
    );
    let (shortest, _, longest) = three(&source);
    // Hash alone is as good as silence; the longest wrong entry has as many keys as a legal one and is ended by silence.
    assert_eq!(
        (shortest, longest),
        (0.5 + 2.0, 2.0 + 5.0 * 0.5 + 5.0 + 2.0)
    );
}

#[test]
fn the_typical_caller_enters_what_is_not_refused() {
    let refuse = "refuse = [{ when = \"(7 * (code[:1] | integer) + (code[1:] | integer)) % 10 != 0\", say = \"Wrong\" }]\n";
    let source = format!(
        "give_up = \"bye\"\n[steps.code]\nask = \"Your code\"\ninto = \"code\"\ndigits = 2\n{refuse}next = \"send\"\n[steps.send]\nsubmit = \"desk\"\nnext = \"bye\"\n{END}"
    );
    let (typical, ending) = of(&source).typical;
    assert_eq!(
        (typical.steps.as_slice(), ending),
        ([0, 1, 2].as_slice(), Ending::Submitted)
    );
    let event = &typical.acts[0].event;
    assert_eq!(*event, StepEvent::press("13"), "7 times 1 and 3 are 10");
}

#[test]
fn somebody_who_is_dialled_rings_and_does_not_talk() {
    let source = format!(
        "[steps.desk]\ndial = \"+442079460000\"\ntimeout = \"20s\"\non.answered = \"hangup\"\non.unanswered = \"missed\"\n[steps.missed]\nsubmit = {{ to = \"desk\", partial = true }}\nnext = \"bye\"\n{END}"
    );
    let time = of(&source);
    assert_eq!(span(&time, Ending::Person), (0.0, 20.0));
    assert_eq!(span(&time, Ending::Partial), (2.0, 22.0));
    assert_eq!(
        (
            seconds(&time.typical.0),
            time.typical.1,
            time.typical.0.answered
        ),
        (5.0, Ending::Person, 1)
    );
    assert_eq!(time.first_key, None);
}

#[test]
fn a_call_goes_back_once_at_most() {
    let hub = format!(
        "give_up = \"bye\"\n[steps.kind]\nmenu = \"One\"\nattempts = 1\nkeys.1 = \"times\"\nkeys.0 = \"bye\"\n[steps.times]\nsay = \"From nine to five\"\nnext = \"kind\"\n{END}"
    );
    // The menu, the hours, the menu again, and silence until it is given up.
    assert_eq!(three(&hub).2, 1.0 + 0.5 + 4.0 + 1.0 + 5.0 + 2.0);
    // The way to the hours leads from there only back: the typical caller does not go it.
    assert_eq!(three(&hub).1, 1.0 + 0.5 + 2.0);
}

#[test]
fn keys_that_go_back_or_repeat_are_not_pressed() {
    let plain = format!(
        "give_up = \"bye\"\n[steps.one]\nmenu = \"One\"\nkeys.1 = \"two\"\n[steps.two]\nmenu = \"Two\"\nkeys.1 = \"bye\"\n{END}"
    );
    let more = format!("{plain}[anywhere]\n9 = \"back\"\n\"*\" = \"repeat\"\n");
    assert_eq!(three(&plain), three(&more));
}

#[test]
fn the_slowest_language_and_the_fastest_value_count() {
    let source = "language = \"en-GB\"\nlanguages.de-DE = {}\ngive_up = \"bye\"\n[answers]\nkind = { one_of = { a = \"@a\", b = \"@b\" } }\n[steps.kind]\nmenu = \"@ask\"\ninto = \"kind\"\nkeys.1 = { value = \"a\", next = \"bye\" }\nkeys.2 = { value = \"b\", next = \"bye\" }\ngive_up = \"hangup\"\nattempts = 1\n[steps.bye]\nsay = \"@end\"\nnext = \"hangup\"\n[prompts]\nask = { en-GB = \"one\", de-DE = \"eins zwei drei\" }\nend = { en-GB = \"a {{ kind }}\", de-DE = \"ein {{ kind }}\" }\na = { en-GB = \"thing\", de-DE = \"Ding\" }\nb = { en-GB = \"box\", de-DE = \"recht langes Ding\" }\n";
    let time = of(source);
    let (shortest, longest) = span(&time, Ending::Nothing);
    // Given up by a wrong key at once; in German, the longer of the two things.
    assert_eq!((shortest, longest), (0.5, 3.0 + 5.0));
    let (typical, _) = &time.typical;
    assert_eq!(seconds(typical), 1.0 + 0.5 + 2.0);
    assert_eq!(time.most_words, Some((1, 4)));
}

#[test]
fn the_first_key_is_told_where_its_number_stands() {
    let flow = |menu: &str| {
        format!(
            "give_up = \"bye\"\n[steps.hello]\nsay = \"Good morning\"\nnext = \"kind\"\n[steps.kind]\nmenu = \"{menu}\"\nkeys.1-3 = \"bye\"\n{END}"
        )
    };
    let first = |menu: &str| {
        of(&flow(menu))
            .first_key
            .map(|(step, lasts)| (step, lasts.as_secs_f64()))
    };
    assert_eq!(first("Since 1912: press 2, or 1."), Some((1, 6.0)));
    assert_eq!(first("Press one for two."), Some((1, 6.0)));
}

#[test]
fn words_between_two_questions_are_counted_together() {
    let source = format!(
        "give_up = \"bye\"\n[steps.hello]\nsay = \"One two three\"\nnext = \"kind\"\n[steps.kind]\nmenu = \"Press 1\"\nkeys.1 = \"bye\"\n{END}"
    );
    let time = of(&source);
    assert_eq!(
        (time.most_words, time.fullest_menu),
        (Some((1, 5)), Some((1, 1)))
    );
}

#[test]
fn who_is_out_of_attempts_may_hear_only_an_apology() {
    let source = format!("[steps.kind]\nmenu = \"One\"\nkeys.1 = \"bye\"\nattempts = 1\n{END}");
    // "We are sorry, we cannot go on at the moment. Please call again later."
    assert_eq!(
        span(&of(&source), Ending::Apology),
        (0.5 + 14.0, 1.0 + 5.0 + 14.0)
    );
}

#[test]
fn what_a_call_costs_counts_started_minutes() {
    let prices = Prices {
        currency: "EUR".into(),
        minute: 0.5,
        answered_minute: 2.0,
        neural_hundred: 1.0,
        sms_segment: 0.04,
    };
    let call = |seconds, answered, neural| Length {
        lasts: Duration::from_secs(seconds),
        answered,
        neural,
        ..Length::default()
    };
    assert_eq!(call(0, 0, 0).cost(&prices), 0.5);
    assert_eq!(call(60, 0, 50).cost(&prices), 1.0);
    assert_eq!(call(61, 1, 0).cost(&prices), 3.0);
    let texted = Length {
        segments: 5,
        ..call(0, 0, 0)
    };
    assert_eq!(texted.cost(&prices), 0.5 + 0.2);
    assert_eq!(
        (prices.told(0.5), prices.told(0.0125)),
        ("0.50 EUR".to_owned(), "0.0125 EUR".to_owned())
    );
}

#[test]
fn the_segments_of_an_sms_are_counted_in_its_longest_language() {
    let source = format!(
        "language = \"en-GB\"\nlanguages.bg-BG = {{}}\n[steps.tell]\nsms = \"@short\"\nnext = \"more\"\n\
         [steps.more]\nsms = \"@long\"\nnext = \"bye\"\n[steps.bye]\nhangup = true\n\
         [prompts]\nshort = {{ en-GB = \"Short.\", bg-BG = \"{}\" }}\nlong = \"{}\"\n",
        "ж".repeat(71),
        "a".repeat(200)
    );
    let time = of(&source);
    let longest = time.longest().expect("it ends");
    assert_eq!((longest.segments, time.typical.0.segments), (4, 4));
}

#[test]
fn times_are_told_as_people_read_them() {
    let all = [
        (0, "0 s"),
        (5_000, "5 s"),
        (8_400, "8.4 s"),
        (20_000, "20 s"),
        (80_000, "1 min 20 s"),
        (120_000, "2 min"),
    ];
    for (millis, text) in all {
        assert_eq!(told(Duration::from_millis(millis)), text);
    }
    assert_eq!(told(Duration::from_mins(62)), "1 h 2 min");
    assert_eq!(told(Duration::from_millis(59_999)), "1 min");
}

#[test]
fn the_typical_call_lies_between_the_shortest_and_the_longest() {
    let examples = steps::KINDS.iter().map(|kind| (kind.name, kind.example));
    for (name, source) in
        examples.chain(answers::KINDS.iter().map(|kind| (kind.name, kind.example)))
    {
        let time = of(source);
        let (typical, ending) = &time.typical;
        let span = time.spans.iter().find(|span| span.ending == *ending);
        let span = span.unwrap_or_else(|| panic!("{name}: no call ends with {ending:?}"));
        let order = [&span.shortest, typical, &span.longest].map(|length| length.lasts);
        assert!(order.is_sorted(), "{name}: {order:?}");
    }
}

#[test]
fn a_deep_flow_needs_no_stack() {
    let step = |at: usize| format!("[steps.s{at}]\nsay = \"One\"\nnext = \"s{}\"\n", at + 1);
    let source: String = (0..9_000)
        .map(step)
        .chain(["[steps.s9000]\nhangup = true\n".to_owned()])
        .collect();
    assert_eq!(of(&source).longest().map(seconds), Some(9_000.0));
}

#[test]
fn a_flow_that_never_ends_has_no_longest_call() {
    let time = of("[steps.kind]\nsay = \"One\"\nnext = \"kind\"\n");
    assert_eq!((time.longest(), time.shortest()), (None, None));
}

#[test]
fn nothing_is_told_where_nothing_is_demanded() {
    let source = format!(
        "give_up = \"bye\"\n[steps.kind]\nmenu = \"Press 1\"\nkeys.1 = \"bye\"\ntimeout = \"500s\"\n{END}"
    );
    assert_eq!(walk(&loaded(&source), &"it.toml".into(), &Slow, None), []);
    let over =
        format!("{source}[check]\nlongest_call = \"1m\"\ntypical_call = \"1m\"\ncall_cost = 1\n");
    let told = walk(&loaded(&over), &"it.toml".into(), &Slow, None);
    assert_eq!(
        told.iter().map(|diag| diag.code).collect::<Vec<_>>(),
        [Code::CallTooLong]
    );
    assert_eq!(&over[told[0].at.span.clone()], "\"1m\"");
}
