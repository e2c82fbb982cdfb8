//! Calls that we place: what begins them, and what is done where nobody answers.

use super::phone::{SID, at, bundle, flow};
use crate::engine::flow::Flow;
use crate::engine::{
    About, Call, CallSid, Delivery, Entry, Input, Outcome, Reply, Trail, Turn, Verb, advance,
};
use crate::study::retrace;
use crate::written::PlacedOutcome;

const FLOW: &str = r#"
    [args]
    when = "text"
    [outbound]
    detects = "machine"
    on.machine = "word"
    on.busy = "nobody"
    on.no_answer = "nobody"
    [answers]
    result = { one_of = ["nobody"] }
    [steps.hello]
    say = "We come {{ args.when }} to {{ call.party }}."
    next = "hangup"
    [steps.word]
    say = "A word: {{ args.when }}."
    next = "hangup"
    [steps.nobody]
    set = { result = "nobody" }
    next = "report"
    [steps.report]
    submit = "pickups"
    next = "bye"
    [steps.bye]
    say = "Nobody hears this."
    next = "hangup"
"#;

fn begin(flow: &Flow, sid: &str) -> Call {
    let about = About {
        from: "+442079460123".to_owned(),
        to: "+447400123456".to_owned(),
        direction: "outbound-api".to_owned(),
        started: at(0).as_millisecond(),
        ..About::default()
    };
    let sid = CallSid::parse(sid).expect("it is legal");
    let args = flow.read_call(|name| (name == "HookswitchArg_when").then_some("today"));
    Call::new(sid, flow, about).with_fields(args)
}

fn heard(turn: &Turn) -> String {
    let Reply::Speak(verbs) = &turn.reply;
    let said = verbs.iter().filter_map(|verb| match verb {
        Verb::Say(say) => Some(format!("{:?}", say.words)),
        _ => None,
    });
    said.collect()
}

/// What a call comes to that comes out so, and which ways it takes.
fn placed(input: &Input) -> (Turn, Vec<String>) {
    let flow = flow(&bundle(FLOW));
    let turn = advance(&flow, begin(&flow, SID), input, at(1));
    let ways = turn.ways.iter();
    let ways = ways.map(|way| way.name(&flow).expect("it has a name").into_owned());
    let ways = ways.collect();
    (turn, ways)
}

#[test]
fn whoever_answers_hears_the_flow_and_is_the_party() {
    let (turn, ways) = placed(&Input::Begin);
    assert_eq!(ways, ["start", "next"]);
    assert!(
        heard(&turn).contains("We come today to +447400123456."),
        "{}",
        heard(&turn)
    );
    assert_eq!(turn.call.outcome(), Outcome::Completed);
}

#[test]
fn a_machine_has_a_way_of_its_own() {
    let (turn, ways) = placed(&Input::Placed(PlacedOutcome::Machine));
    assert_eq!(ways, ["outbound.machine", "next"]);
    assert!(heard(&turn).contains("A word: today."), "{}", heard(&turn));
}

#[test]
fn where_nobody_answers_the_backend_learns_it_and_nothing_is_said() {
    for outcome in [PlacedOutcome::Busy, PlacedOutcome::NoAnswer] {
        let (turn, ways) = placed(&Input::Placed(outcome));
        assert_eq!(ways[0], format!("outbound.{}", outcome.as_str()));
        let sent: Vec<&Delivery> = turn.deliveries.iter().collect();
        assert_eq!(sent.len(), 1);
        assert_eq!(heard(&turn), "");
        assert_eq!(turn.call.outcome(), Outcome::Unreached);
    }
    // What the flow says nothing of is over.
    let (turn, ways) = placed(&Input::Placed(PlacedOutcome::Failed));
    assert!(ways.is_empty() && turn.deliveries.is_empty(), "{ways:?}");
    assert_eq!(turn.call.outcome(), Outcome::Unreached);
}

#[test]
fn a_placement_is_worked_out_again_from_its_trail() {
    let flow = flow(&bundle(FLOW));
    let ends = [
        Input::Reached,
        Input::Placed(PlacedOutcome::Busy),
        Input::Placed(PlacedOutcome::Failed),
    ];
    for end in ends {
        let mut call = begin(&flow, "PL0001");
        let mut entries = Vec::new();
        let mut turns = Vec::new();
        for input in [Input::Place, end.clone()] {
            let turn = advance(&flow, call, &input, at(1));
            entries.push(Entry::of(&flow, &turn, &input, false, at(1), 0));
            call = turn.call.clone();
            turns.push(turn);
        }
        assert!(entries[0].begun.is_some() && entries[1].begun.is_none());
        assert_eq!(turns[0].call.outcome(), Outcome::InProgress);
        assert!(turns[1].call.is_over());
        let trail = Trail {
            sid: call.sid.clone(),
            entries,
            events: Vec::new(),
        };
        assert!(trail.is_whole());
        let again = retrace(&trail, |_| Some(&flow));
        let again: Vec<Turn> = again
            .into_iter()
            .map(|one| one.moment.expect("it is whole").turn)
            .collect();
        assert_eq!(again, turns, "{end:?}");
    }
}

#[test]
fn a_flow_that_is_given_something_takes_no_call_that_comes_in() {
    assert!(flow(&bundle(FLOW)).needs_args());
    let optional = FLOW.replace("when = \"text\"", "when = { text = true, optional = true }");
    let optional = optional.replace("{{ args.when }}", "{{ args.when? }}");
    assert!(!flow(&bundle(&optional)).needs_args());
}
