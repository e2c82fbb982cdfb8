//! What holds for any call of any flow, and for any text that somebody may write.

use proptest::prelude::*;

use super::examples::{pickup, sample};
use super::phone::{SID, at, bundle, flow, stored};
use crate::engine::fault::{STEPS_A_TURN, STEPS_A_VISIT};
use crate::engine::flow::Bundle;
use crate::engine::load::load;
use crate::engine::{
    About, Call, CallSid, Came, Ending, Fault, Flow, Input, Reply, Turn, Value, Verb, advance,
    answers, steps,
};

/// The examples of every room and the samples.
pub fn bundles() -> Vec<Bundle> {
    let steps = steps::KINDS.iter().map(|kind| bundle(kind.example));
    let answers = answers::KINDS.iter().map(|kind| bundle(kind.example));
    let samples = [
        pickup(),
        sample("pin", include_str!("../../../flows/pin.toml")),
        sample("languages", include_str!("../../../flows/languages.toml")),
        sample("person", include_str!("../../../flows/person.toml")),
    ];
    steps.chain(answers).chain(samples).collect()
}

pub fn input() -> impl Strategy<Value = Input> {
    let outcomes = [
        "answered",
        "busy",
        "no_answer",
        "failed",
        "canceled",
        "lost",
    ];
    let outcome = prop::sample::select(outcomes.to_vec());
    prop_oneof![
        12 => "[0-9*#]{1,5}".prop_map(Input::Keys),
        8 => "[0-9*]".prop_map(Input::Keys),
        1 => "[0-9A-D*#]{1,80}".prop_map(Input::Keys),
        2 => any::<String>().prop_map(Input::Speech),
        2 => prop::sample::select(vec!["parcel", "box", "yes"]).prop_map(|words| Input::Speech(words.to_owned())),
        4 => Just(Input::Silence),
        3 => (outcome, any::<i64>()).prop_map(|(outcome, seconds)| {
            Input::Came(Came::new(outcome, [("seconds", Value::Integer(seconds))]))
        }),
        1 => Just(Input::Begin),
        1 => any::<u32>().prop_map(|code| Input::Failed(Fault::Refused(code))),
        1 => Just(Input::Failed(Fault::Panic)),
        1 => Just(Input::HungUp(Ending::HungUp)),
    ]
}

pub fn begin(flow: &Flow) -> Call {
    Call::new(
        CallSid::parse(SID).expect("it is legal"),
        flow,
        About {
            started: at(0).as_millisecond(),
            ..About::default()
        },
    )
}

fn holds(before: &Call, turn: &Turn) {
    let Reply::Speak(verbs) = &turn.reply;
    let (last, others) = verbs.split_last().expect("something is answered");
    let ends = matches!(last, Verb::Hangup | Verb::Redirect(_) | Verb::Reject { .. });
    let is_heard = |verb: &Verb| {
        matches!(
            verb,
            Verb::Say(_)
                | Verb::Play(_)
                | Verb::Pause(_)
                | Verb::Digits(_)
                | Verb::Start(_)
                | Verb::Stop(_)
        )
    };
    assert!(!is_heard(last), "the last verb is {last:?}");
    assert_eq!(ends, turn.call.is_over());
    assert!(others.iter().all(is_heard));
    if let Verb::Gather(gather) = last {
        assert!((1..=600).contains(&gather.timeout));
        assert!(
            gather
                .prompts
                .iter()
                .all(|verb| matches!(verb, Verb::Say(_) | Verb::Play(_) | Verb::Pause(_)))
        );
    }
    assert!(turn.ways.len() <= STEPS_A_TURN + 1);
    assert!(turn.call.steps <= STEPS_A_VISIT + STEPS_A_TURN as u16);
    assert_eq!(turn.call.turn, before.turn + 1);
    assert_eq!(
        turn.call.deliveries as usize,
        before.deliveries as usize + turn.deliveries.len()
    );
    assert!(turn.call.trail.len() <= 8);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_call_of_any_flow_goes_on_or_ends_well(
        which in any::<prop::sample::Index>(),
        inputs in prop::collection::vec(input(), 0..40),
    ) {
        let bundles = bundles();
        let flow = flow(&bundles[which.index(bundles.len())]);
        let mut call = begin(&flow);
        let mut over = false;
        for (second, input) in (0..).zip(std::iter::once(Input::Begin).chain(inputs)) {
            let turn = advance(&flow, call.clone(), &input, at(second));
            holds(&call, &turn);
            prop_assert_eq!(&advance(&flow, stored(&call), &input, at(second)), &turn, "the same after it was stored");
            prop_assert!(!over || turn.call.is_over(), "what is over stays over");
            prop_assert!(!over || turn.deliveries.is_empty());
            over = turn.call.is_over();
            call = turn.call;
        }
        let call = call.revisit(&flow);
        holds(&call, &advance(&flow, call.clone(), &Input::Begin, at(99)));
    }

    #[test]
    fn no_text_that_somebody_may_write_is_too_much_for_the_check(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), change()), 1..6),
    ) {
        let bundles = bundles();
        let mut bundle = bundles[which.index(bundles.len())].clone();
        for (place, change) in changes {
            bundle.source = changed(&bundle.source, place, &change);
        }
        check(&bundle);
    }

    #[test]
    fn no_expression_is_too_much_for_it_either(source in "[-a-c0-9.,+*/~|()\\[\\]{}'\" =<>!]{0,60}|(not )*a|(-){0,200}1|(a\\.)*b") {
        let text = toml::Value::String(format!("{{{{ {source} }}}}"));
        check(&bundle(&format!("[steps.s]\nsay = {text}\nset = {{ a = 1, b = {text} }}\nnext = \"hangup\"\n")));
        let when = toml::Value::String(source);
        check(&bundle(&format!("[steps.s]\nbranch = [{{ when = {when}, next = \"hangup\" }}, {{ next = \"hangup\" }}]\n")));
    }
}

/// What is told is told at places that are there; what loads can be called.
fn check(bundle: &Bundle) {
    match load(bundle) {
        Ok(loaded) => {
            let turn = advance(&loaded.flow, begin(&loaded.flow), &Input::Begin, at(0));
            let Reply::Speak(verbs) = turn.reply;
            assert!(!verbs.is_empty());
        }
        Err(diags) => {
            assert!(!diags.is_empty());
            let own = diags.iter().filter(|diag| diag.at.file == bundle.file);
            for diag in own {
                assert!(
                    bundle.source.get(diag.at.span.clone()).is_some(),
                    "{diag:?}"
                );
            }
            // They are in order, so that two of one kind stand side by side.
            assert!(diags.windows(2).all(|pair| pair[0] != pair[1]), "{diags:?}");
        }
    }
}

#[derive(Clone, Debug)]
enum Change {
    Delete(usize),
    Insert(String),
    Repeat,
    Swap,
}

fn change() -> impl Strategy<Value = Change> {
    let signs = prop::sample::select(vec![
        "\"",
        "'",
        "{",
        "}",
        "[",
        "]",
        "=",
        ".",
        "#",
        "\n",
        "@",
        "{{ ",
        " }}",
        "\u{fc}",
        "\u{0}",
        "1",
        "-",
        "\"\"\"",
        "keys.",
        "next",
        "[steps.x]\n",
        "set = { a = 1 }\n",
        "{{ kind }}",
        "give_up = \"hangup\"\n",
    ]);
    prop_oneof![
        (1usize..40).prop_map(Change::Delete),
        signs.prop_map(|sign| Change::Insert(sign.to_owned())),
        any::<char>().prop_map(|sign| Change::Insert(sign.to_string())),
        Just(Change::Repeat),
        Just(Change::Swap),
    ]
}

fn changed(source: &str, place: prop::sample::Index, change: &Change) -> String {
    let at = source.floor_char_boundary(place.index(source.len() + 1));
    let mut lines: Vec<&str> = source.lines().collect();
    let line = place
        .index(lines.len().max(1))
        .min(lines.len().saturating_sub(1));
    match change {
        Change::Delete(bytes) => format!(
            "{}{}",
            &source[..at],
            &source[source.ceil_char_boundary(at + bytes)..]
        ),
        Change::Insert(text) => format!("{}{text}{}", &source[..at], &source[at..]),
        Change::Repeat if !lines.is_empty() => {
            lines.insert(line, lines[line]);
            lines.join("\n")
        }
        Change::Swap if lines.len() > 1 => {
            let last = lines.len() - 1;
            lines.swap(line, (line + 7) % last);
            lines.join("\n")
        }
        _ => source.to_owned(),
    }
}

#[test]
fn large_and_deep_texts_are_refused_or_read_and_never_overflow() {
    let deep = |open: &str, close: &str, times: usize| {
        format!("a = {}1{}\n", open.repeat(times), close.repeat(times))
    };
    let long_names = format!("{}b = 1\n", "a.".repeat(200_000));
    let many_dots = format!(
        "[steps.s]\nsay = \"{{{{ {}a }}}}\"\nnext = \"hangup\"\n",
        "a.".repeat(400)
    );
    let sum = format!(
        "[steps.s]\nsay = \"{{{{ {}1 }}}}\"\nnext = \"hangup\"\n",
        "1+".repeat(500)
    );
    let headers = "[steps.s]\n".repeat(20_000);
    for source in [
        deep("[", "]", 50_000),
        deep("{ a = ", " }", 50_000),
        long_names,
        many_dots,
        sum,
        headers,
        "\"".repeat(100_000),
        "[".repeat(100_000),
        "=\n".repeat(20_000),
    ] {
        check(&bundle(&source));
    }
}

#[test]
fn a_flow_of_ten_thousand_steps_loads() {
    let steps: String = (0..10_000)
        .map(|at| {
            format!(
                "[steps.s{at}]\nmenu=\"{at}\"\nkeys.1=\"s{}\"\n",
                (at + 1) % 10_000
            )
        })
        .collect();
    let loaded = load(&bundle(&format!("give_up = \"hangup\"\n{steps}"))).expect("it loads");
    assert_eq!(loaded.flow.steps.len(), 10_000);
}
