//! Dial's rules, each with a call.

use super::*;
use crate::phone::{DialAnswer, Unforeseen};

fn world(to: &str, outcome: &str, after: u64, talks: u64) -> World {
    let (after, talks) = (Duration::from_secs(after), Duration::from_secs(talks));
    let answer = DialAnswer {
        outcome: outcome.to_owned(),
        after,
        talks,
    };
    World {
        dial: [(to.to_owned(), answer)].into(),
        ..World::default()
    }
}

fn dial(world: &World, verbs: &str) -> Called {
    call_with(
        &plan(),
        world,
        Keys::default(),
        serve(&[("/voice", verbs), ("/after", "<Hangup/>"), ("/leg", "")]),
    )
}

fn told(called: &Called) -> Vec<Option<&str>> {
    ["DialCallStatus", "DialBridged", "DialCallDuration"]
        .map(|name| called.field("/after", name))
        .to_vec()
}

#[test]
fn who_answers_is_talked_to() {
    let called = dial(
        &world("+1555", "completed", 5, 20),
        "<Dial action=\"/after\">+1 555</Dial><Say>No.</Say>",
    );
    assert_eq!(told(&called), [Some("completed"), Some("true"), Some("20")]);
    assert_eq!(
        called.field("/after", "DialCallSid").map(str::len),
        Some(34)
    );
    assert_eq!((called.seconds(), called.words().len()), (25.0, 0));
}

#[test]
fn who_does_not_answer_in_time_has_not_answered() {
    let called = dial(
        &world("+1555", "completed", 40, 20),
        "<Dial timeout=\"10\" action=\"/after\">+1555</Dial>",
    );
    assert_eq!(told(&called), [Some("no-answer"), Some("false"), None]);
    assert_eq!(called.seconds(), 10.0);
    let busy = dial(
        &world("+1555", "busy", 2, 0),
        "<Dial action=\"/after\">+1555</Dial>",
    );
    assert_eq!((told(&busy)[0], busy.seconds()), (Some("busy"), 2.0));
}

#[test]
fn without_an_action_the_next_verb_is_carried_out() {
    let called = dial(
        &world("+1555", "busy", 0, 0),
        "<Dial>+1555</Dial><Say>Sorry.</Say>",
    );
    assert_eq!(called.words(), ["Sorry."]);
}

#[test]
fn the_time_limit_ends_the_talk() {
    let called = dial(
        &world("+1555", "completed", 0, 90),
        "<Dial timeLimit=\"60\" action=\"/after\">+1555</Dial>",
    );
    assert_eq!((told(&called)[2], called.seconds()), (Some("60"), 60.0));
}

#[test]
fn of_several_the_first_to_answer_wins() {
    let mut world = world("a", "completed", 9, 5);
    let answer = |outcome: &str, after| DialAnswer {
        outcome: outcome.to_owned(),
        after,
        talks: Duration::from_secs(1),
    };
    world
        .dial
        .insert("b".to_owned(), answer("completed", Duration::from_secs(3)));
    world
        .dial
        .insert("c".to_owned(), answer("busy", Duration::ZERO));
    let nouns = "<Client>a</Client><Client>b</Client><Client>c</Client>";
    let called = dial(&world, &format!("<Dial action=\"/after\">{nouns}</Dial>"));
    assert_eq!((told(&called)[2], called.seconds()), (Some("1"), 4.0));
    let called = dial(
        &world,
        &format!("<Dial sequential=\"true\" action=\"/after\">{nouns}</Dial>"),
    );
    assert_eq!((told(&called)[2], called.seconds()), (Some("5"), 14.0));
}

const ROOM: &str = "<Dial action=\"/after\"><Conference>Room</Conference></Dial>";

#[test]
fn a_conference_is_always_joined_and_has_no_leg() {
    for (outcome, complaints) in [
        ("answered", 0),
        ("completed", 0),
        ("busy", 1),
        ("no-answer", 1),
        ("failed", 1),
    ] {
        let called = dial(&world("Room", outcome, 1, 9), ROOM);
        assert_eq!(
            told(&called),
            [Some("answered"), Some("true"), None],
            "{outcome}"
        );
        assert_eq!(called.field("/after", "DialCallSid"), None);
        assert_eq!(
            (called.seconds(), called.notices().count()),
            (10.0, complaints),
            "{outcome}"
        );
        assert_eq!(called.field("/after", "CallStatus"), Some("in-progress"));
    }
}

#[test]
fn nobody_else_in_a_conference_is_no_reason_not_to_join_it() {
    let mut world = World::default();
    assert_eq!(
        dial(&world, ROOM).ended.by,
        EndedBy::Unforeseen("Conference".to_owned(), "Room".to_owned())
    );
    world.unforeseen = Unforeseen::NobodyThere;
    let called = dial(&world, ROOM);
    assert_eq!(
        (told(&called), called.seconds()),
        (vec![Some("answered"), Some("true"), None], 60.0)
    );
}

#[test]
fn a_number_is_foreseen_however_it_is_spelt() {
    for spelt in [
        "+44 20 7946 0001",
        "442079460001",
        "<Number>+44 20 7946-0001</Number>",
    ] {
        let called = dial(
            &world("+442079460001", "busy", 2, 0),
            &format!("<Dial action=\"/after\">{spelt}</Dial>"),
        );
        assert_eq!(told(&called)[0], Some("busy"), "{spelt}");
    }
    let sip = "<Dial action=\"/after\"><Sip>sip:desk@Acme.test:5061</Sip></Dial>";
    assert_eq!(
        told(&dial(&world("sip:desk@acme.test", "busy", 2, 0), sip))[0],
        Some("busy")
    );
}

#[test]
fn a_caller_may_hang_up_while_it_rings() {
    let world = World {
        unforeseen: Unforeseen::NobodyThere,
        ..World::default()
    };
    let documents = [
        (
            "/voice",
            "<Dial timeout=\"20\" action=\"/after\">+1555</Dial>",
        ),
        ("/after", "<Say>Back.</Say>"),
    ];
    let called = call_with(
        &plan(),
        &world,
        Keys::parse("hangup").unwrap(),
        serve(&documents),
    );
    assert_eq!(
        (told(&called)[0], called.seconds()),
        (Some("canceled"), 2.0)
    );
    assert_eq!(
        (called.ended.by.clone(), called.words().len()),
        (EndedBy::Caller, 0)
    );
    let called = call_with(&plan(), &world, Keys::default(), serve(&documents));
    assert_eq!(
        (told(&called)[0], called.seconds(), called.words()),
        (Some("no-answer"), 21.0, vec!["Back."])
    );
}

#[test]
fn a_screening_that_is_not_carried_out_is_told() {
    let dials = |verbs: &str| {
        let documents = [
            (
                "/voice",
                "<Dial><Number url=\"/screen\">+1555</Number></Dial>",
            ),
            ("/screen", verbs),
        ];
        call_with(
            &plan(),
            &world("+1555", "completed", 2, 5),
            Keys::default(),
            serve(&documents),
        )
    };
    let screened = dials("<Gather><Say>Press 1 to take the call.</Say></Gather><Hangup/>");
    assert!(
        screened
            .notices()
            .any(|notice| notice.message.contains("<Gather> may screen the call"))
    );
    assert_eq!(
        dials("<Say>A call from the shop.</Say>").notices().count(),
        0
    );
}

#[test]
fn the_star_ends_a_talk_where_it_may_and_the_caller_stays() {
    let world = world("+1555", "completed", 2, 50);
    let verbs = "<Dial hangupOnStar=\"true\" action=\"/after\">+1555</Dial>";
    let acts = Does(|moment: &Situation| {
        let talks = moment.lasts() == Duration::from_secs(50);
        talks.then_some(TimedAct {
            after: Duration::from_secs(3),
            act: PhoneAct::Press('*'),
        })
    });
    let called = call_with(
        &plan(),
        &world,
        acts,
        serve(&[("/voice", verbs), ("/after", "<Say>Back.</Say>")]),
    );
    assert_eq!(
        (told(&called)[2], called.words(), called.seconds()),
        (Some("3"), vec!["Back."], 6.0)
    );
}

#[test]
fn the_action_is_asked_after_the_caller_hung_up_and_its_answer_reaches_nobody() {
    let world = world("+1555", "completed", 2, 50);
    let verbs = "<Dial action=\"/after\">+1555</Dial>";
    let acts = Does(|moment: &Situation| {
        let talks = moment.lasts() == Duration::from_secs(50);
        talks.then_some(TimedAct {
            after: Duration::from_secs(3),
            act: PhoneAct::HangUp,
        })
    });
    let called = call_with(
        &plan(),
        &world,
        acts,
        serve(&[("/voice", verbs), ("/after", "<Say>Back.</Say>")]),
    );
    assert_eq!(told(&called), [Some("completed"), Some("true"), Some("3")]);
    assert_eq!(called.field("/after", "CallStatus"), Some("completed"));
    assert_eq!(
        (called.ended.by.clone(), called.words().len()),
        (EndedBy::Caller, 0)
    );
}

#[test]
fn what_is_not_foreseen_ends_the_call_or_nobody_is_there() {
    let mut world = World::default();
    let verbs = "<Dial action=\"/after\">+1555</Dial>";
    let called = dial(&world, verbs);
    assert_eq!(
        called.ended.by,
        EndedBy::Unforeseen("Dial".to_owned(), "+1555".to_owned())
    );
    world.unforeseen = Unforeseen::NobodyThere;
    let called = dial(&world, verbs);
    assert_eq!(
        (told(&called)[0], called.seconds()),
        (Some("no-answer"), 30.0)
    );
}

#[test]
fn a_leg_is_told_of_to_those_who_want_to_know() {
    let verbs = "<Dial><Number statusCallback=\"/leg\" statusCallbackEvent=\"initiated answered completed\">+1555</Number></Dial>";
    let called = dial(&world("+1555", "completed", 2, 50), verbs);
    let legs = called
        .asked
        .iter()
        .filter(|request| request.url.ends_with("/leg"));
    let field = |request: &Request, name: &str| {
        request
            .fields
            .iter()
            .find(|(known, _)| known == name)
            .unwrap()
            .1
            .clone()
    };
    let told: Vec<_> = legs
        .map(|leg| (field(leg, "CallStatus"), field(leg, "SequenceNumber")))
        .collect();
    let expected = [("initiated", "0"), ("in-progress", "2"), ("completed", "3")];
    assert_eq!(
        told,
        expected.map(|(status, number)| (status.to_owned(), number.to_owned()))
    );
    assert_eq!(
        called.field("/leg", "ParentCallSid"),
        Some("CA00000000000000000000000000000001")
    );
    assert_eq!(called.field("/leg", "CallDuration"), Some("50"));
}

#[test]
fn answer_on_bridge_keeps_it_ringing() {
    let verbs = "<Dial answerOnBridge=\"true\" action=\"/after\">+1555</Dial>";
    assert_eq!(
        dial(&world("+1555", "busy", 1, 0), verbs).field("/after", "CallStatus"),
        Some("ringing")
    );
    assert_eq!(
        dial(&world("+1555", "completed", 1, 1), verbs).field("/after", "CallStatus"),
        Some("in-progress")
    );
}
