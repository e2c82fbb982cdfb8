//! Any call that is played takes no less than the shortest and no more than the longest that is told.

use std::time::Duration;

use proptest::prelude::*;

use crate::engine::edge::Target;
use crate::engine::load::load;
use crate::engine::tests::phone::at;
use crate::engine::tests::properties::{begin, bundles, input};
use crate::engine::{Fault, Flow, Gather, Input, Outcome, Reply, Say, Taken, Verb, Words, advance};
use crate::study::walk::time::{Ending, time};
use crate::twiml::{Heard, Pace};

/// A word a second.
pub struct Slow;

impl Pace for Slow {
    fn heard(&self, verb: &Verb) -> Heard {
        let words = |say: &Say| {
            let text: String = say
                .words
                .iter()
                .map(|words| {
                    if let Words::Text(text) = words {
                        text
                    } else {
                        ""
                    }
                })
                .collect();
            text.split_whitespace().count() as u64
        };
        let (seconds, words) = match verb {
            Verb::Say(say) => (words(say), words(say)),
            Verb::Play(_) => (7, 0),
            Verb::Pause(seconds) => (u64::from(*seconds), 0),
            Verb::Digits(_) => (3, 0),
            _ => (0, 0),
        };
        Heard {
            lasts: Duration::from_secs(seconds),
            half_words: words * 2,
            neural: words,
            bytes: 100,
        }
    }

    fn most_bytes(&self) -> u64 {
        1_000
    }
}

/// What comes of what a caller does at a question, and how long that takes, in haste or not; `None` where nobody does it.
fn done(
    flow: &Flow,
    gather: &Gather,
    step: u16,
    input: &Input,
    hasty: bool,
) -> Option<(Input, Duration)> {
    let key = Duration::from_millis(500);
    let timeout = Duration::from_secs(gather.timeout.into());
    let Input::Keys(pressed) = input else {
        return matches!(input, Input::Silence).then_some((Input::Silence, timeout));
    };
    let keys = gather
        .finish_on_key
        .and_then(|end| pressed.split(end).next())
        .unwrap_or(pressed);
    let count = keys.len() as u32;
    let longest = || {
        let answer = flow.answer(flow.step(step).action.fills()?)?;
        Some(answer.kind.length().1)
            .filter(|_| !flow.step(step).action.edges()[0].on.starts_with("keys"))
    };
    // More keys than any answer has could go on for ever.
    if gather.num_digits.or_else(longest).unwrap_or(1) < count {
        return None;
    }
    let end = match gather.num_digits {
        Some(digits) if digits == count => Duration::ZERO,
        _ if gather.finish_on_key.is_some() && (hasty || keys.len() < pressed.len()) => key,
        _ => timeout,
    };
    // The key that ends an entry, alone, is as good as silence.
    let input = if keys.is_empty() {
        Input::Silence
    } else {
        Input::Keys(keys.to_owned())
    };
    Some((input, key * count + end))
}

/// How long a call takes and how it ends, if it comes to an end by itself and to no step twice. In haste, keys cut off
/// what they can, and nobody lets it ring.
#[expect(clippy::too_many_lines, reason = "one table")]
fn played(flow: &Flow, inputs: &[Input], hasty: bool) -> Option<(Duration, Ending)> {
    let (mut call, mut input, mut took, mut ending) =
        (begin(flow), Input::Begin, Duration::ZERO, Ending::Nothing);
    let (mut seen, mut rest) = (Vec::new(), inputs.iter());
    loop {
        let turn = advance(flow, call, &input, at(0));
        if turn.faults.iter().any(|(_, fault)| *fault != Fault::GaveUp) {
            return None;
        }
        for step in turn.ways.iter().filter_map(Taken::step) {
            if seen.contains(&step) {
                return None;
            }
            seen.push(step);
        }
        if turn
            .ways
            .iter()
            .any(|way| matches!(way.to, Target::Repeat | Target::Back))
        {
            return None;
        }
        let Reply::Speak(verbs) = &turn.reply;
        let gather = verbs.iter().find_map(|verb| {
            if let Verb::Gather(gather) = verb {
                Some(gather)
            } else {
                None
            }
        });
        let nested = gather
            .map(|gather| gather.prompts.as_slice())
            .unwrap_or_default();
        let lasts = |verbs: &[Verb]| {
            verbs
                .iter()
                .map(|verb| Slow.heard(verb).lasts)
                .sum::<Duration>()
        };
        took += lasts(verbs);
        if turn.call.is_over() {
            for step in seen {
                let action = &flow.step(step).action;
                let made = if action.completes() {
                    Ending::Submitted
                } else {
                    Ending::Partial
                };
                ending = if action.backend().is_some() {
                    ending.max(made)
                } else {
                    ending
                };
            }
            return Some((
                took,
                if turn.call.outcome() == Outcome::Failed {
                    Ending::Apology
                } else {
                    ending
                },
            ));
        }
        let step = turn.call.step()?;
        let next = rest.next()?;
        if !(hasty && matches!(next, Input::Keys(_))) {
            took += lasts(nested);
        }
        let (comes, lasts) = match (gather, next) {
            (Some(gather), next) => done(flow, gather, step, next, hasty)?,
            (None, Input::Came(came)) => {
                let away = flow.step(step).action.away()?;
                if away
                    .outcome(&came.outcome)
                    .is_some_and(|known| known.is_person)
                {
                    ending = Ending::Person;
                }
                (next.clone(), Duration::from_secs(if hasty { 0 } else { 5 }))
            }
            _ => return None,
        };
        took += lasts;
        (input, call) = (comes, turn.call);
    }
}

#[test]
fn a_call_that_is_played_lies_between_the_shortest_and_the_longest_of_its_ending() {
    let flows: Vec<Flow> = bundles()
        .iter()
        .map(|bundle| load(bundle).expect("it loads").flow)
        // They are played without what they would be given.
        .filter(|flow| !flow.needs_args())
        .collect();
    let times: Vec<_> = flows.iter().map(|flow| time(flow, &Slow)).collect();
    let counted = std::cell::Cell::new(0);
    let any = (
        0..flows.len(),
        prop::collection::vec(input(), 1..24),
        any::<bool>(),
    );
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(4_000));
    let told = runner.run(&any, |(which, inputs, hasty)| {
        let Some((took, ending)) = played(&flows[which], &inputs, hasty) else {
            return Ok(());
        };
        counted.set(counted.get() + 1);
        let span = times[which].spans.iter().find(|span| span.ending == ending);
        prop_assert!(span.is_some(), "flow {which}: {ending:?} is not told");
        let lasts = span
            .map(|span| (span.shortest.lasts, span.longest.lasts))
            .unwrap_or_default();
        prop_assert!(
            lasts.0 <= took && took <= lasts.1,
            "flow {which}, {ending:?}: {took:?}, told {lasts:?}"
        );
        Ok(())
    });
    told.unwrap_or_else(|error| panic!("{error}"));
    assert!(
        counted.get() > 400,
        "only {} calls came to an end",
        counted.get()
    );
}
