//! Dial's rules, each with a call.

use super::*;
use crate::phone::{DialAnswer, Presses, RecordingReport, Unforeseen};

fn world(to: &str, outcome: &str, after: u64, talks: u64) -> World {
    let (after, talks) = (Duration::from_secs(after), Duration::from_secs(talks));
    let answer = DialAnswer {
        outcome: outcome.to_owned(),
        after,
        talks,
        ..DialAnswer::default()
    };
    World {
        dial: [(to.to_owned(), answer.into())].into(),
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
fn a_talk_that_is_recorded_is_told_later_where_the_verb_asks_for_it() {
    let recorded = |status: Option<&str>, told| {
        let report = RecordingReport {
            status: status.map(str::to_owned),
            told: Duration::from_secs(told),
        };
        let mut world = world("+1555", "completed", 5, 20);
        for answers in world.dial.values_mut() {
            answers.0[0].report = report.clone();
        }
        let verb = "<Dial action=\"/after\" record=\"record-from-answer-dual\" recordingTrack=\"both\" \
                    recordingStatusCallback=\"/done\" recordingStatusCallbackEvent=\"completed absent\">+1555</Dial>";
        let pages = [
            ("/voice", verb),
            ("/after", "<Pause length=\"9\"/>"),
            ("/done", ""),
        ];
        call_with(&plan(), &world, Keys::default(), serve(&pages))
    };
    let late = recorded(Some("completed"), 4);
    assert_eq!(late.paths(), ["/voice", "/after", "/done"]);
    let url = late.field("/after", "RecordingUrl").unwrap_or_default();
    let sid = late.field("/done", "RecordingSid").unwrap_or_default();
    assert!(url.ends_with(&format!("/Recordings/{sid}")), "{url}");
    for (name, value) in [
        ("RecordingStatus", "completed"),
        ("RecordingDuration", "20"),
        ("RecordingChannels", "2"),
        ("RecordingSource", "DialVerb"),
        ("RecordingTrack", "both"),
    ] {
        assert_eq!(late.field("/done", name), Some(value), "{name}");
    }
    assert_eq!(
        recorded(Some("absent"), 0).paths(),
        ["/voice", "/done", "/after"]
    );
    assert_eq!(recorded(None, 0).paths(), ["/voice", "/after"]);
    let nobody = dial(
        &world("+1555", "busy", 2, 0),
        "<Dial action=\"/after\" record=\"record-from-answer\" recordingStatusCallback=\"/done\">+1555</Dial>",
    );
    assert_eq!(nobody.field("/after", "RecordingUrl"), None);
    assert_eq!(nobody.paths(), ["/voice", "/after"]);
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
    for (name, outcome, after) in [("b", "completed", 3), ("c", "busy", 0)] {
        let answer = DialAnswer {
            outcome: outcome.to_owned(),
            after: Duration::from_secs(after),
            talks: Duration::from_secs(1),
            ..DialAnswer::default()
        };
        world.dial.insert(name.to_owned(), answer.into());
    }
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

/// A call to somebody who hears a document of their own, and presses these keys.
fn screened(presses: &str, screen: &str) -> Called {
    let mut world = world("+1555", "completed", 2, 5);
    for answers in world.dial.values_mut() {
        answers.0[0].presses = Presses::Keys(presses.to_owned());
    }
    let documents = [
        (
            "/voice",
            "<Dial action=\"/after\"><Number url=\"/screen\" statusCallback=\"/leg\">+1555</Number></Dial>",
        ),
        ("/screen", screen),
        ("/taken", ""),
        ("/declined", "<Say>Thank you.</Say><Hangup/>"),
        ("/after", "<Hangup/>"),
        ("/leg", ""),
    ];
    call_with(&plan(), &world, Keys::default(), serve(&documents))
}

#[test]
fn who_is_called_takes_the_call_by_a_key_and_a_mailbox_never_does() {
    let asks = "<Gather numDigits=\"1\" timeout=\"4\" action=\"/taken\"><Pause length=\"3\"/></Gather><Hangup/>";
    let taken = screened("1", asks);
    assert_eq!(told(&taken), [Some("completed"), Some("true"), Some("5")]);
    assert_eq!(taken.seconds(), 2.0 + 3.0 + 0.5 + 5.0);
    assert_eq!(
        (
            taken.field("/taken", "Digits"),
            taken.field("/taken", "ParentCallSid")
        ),
        (Some("1"), Some("CA00000000000000000000000000000001"))
    );
    let mailbox = screened("", asks);
    assert_eq!(told(&mailbox), [Some("completed"), Some("false"), None]);
    assert_eq!(mailbox.seconds(), 2.0 + 3.0 + 4.0);
    assert_eq!(mailbox.field("/leg", "CallStatus"), Some("completed"));
    let declines = asks.replace("/taken", "/declined");
    assert_eq!(told(&screened("2", &declines))[1], Some("false"));
}

#[test]
fn words_alone_connect_and_a_document_with_a_fault_does_not() {
    let whispered = screened("", "<Say>A call from the shop.</Say>");
    assert_eq!(told(&whispered)[1], Some("true"));
    assert_eq!(whispered.notices().count(), 0);
    for (fault, code) in [
        ("<Dial>+1666</Dial>", 13_201),
        ("<Say>unclosed", 12_100),
        ("<Gather action=\"http://\"/>", 11_100),
    ] {
        let broken = screened("1", fault);
        assert_eq!(told(&broken)[1], Some("false"), "{fault}");
        let codes: Vec<u32> = broken.notices().map(|notice| notice.code).collect();
        assert!(codes.contains(&code), "{fault}: {codes:?}");
    }
}

#[test]
fn each_leg_that_rang_ends_and_none_that_was_never_called() {
    let answer = |outcome: &str, after| DialAnswer {
        outcome: outcome.to_owned(),
        after: Duration::from_secs(after),
        talks: Duration::from_secs(7),
        ..DialAnswer::default()
    };
    let answers = [
        ("+1", answer("busy", 1)),
        ("+2", answer("completed", 4)),
        ("+3", answer("completed", 9)),
    ];
    let world = World {
        dial: answers
            .map(|(to, answer)| (to.to_owned(), answer.into()))
            .into(),
        ..World::default()
    };
    let ends = |attributes: &str| {
        let nouns: String = ["+1", "+2", "+3"]
            .map(|to| format!("<Number statusCallback=\"/leg\">{to}</Number>"))
            .concat();
        let called = dial(
            &world,
            &format!("<Dial action=\"/after\" {attributes}>{nouns}</Dial>"),
        );
        let legs = called
            .asked
            .iter()
            .filter(|request| request.url.ends_with("/leg"));
        let field = |request: &Request, name: &str| {
            let found = request.fields.iter().find(|(known, _)| known == name);
            found.expect("it is told").1.clone()
        };
        legs.map(|leg| format!("{} {}", field(leg, "To"), field(leg, "CallStatus")))
            .collect::<Vec<_>>()
    };
    assert_eq!(ends(""), ["+1 busy", "+3 canceled", "+2 completed"]);
    assert_eq!(ends("sequential=\"true\""), ["+1 busy", "+2 completed"]);
}

#[test]
fn the_world_may_answer_each_time_otherwise() {
    let mut world = world("+1555", "busy", 1, 0);
    let answers = world.dial.get_mut("+1555").expect("it is there");
    answers.0.push(DialAnswer {
        outcome: "completed".to_owned(),
        ..DialAnswer::default()
    });
    let documents = [
        ("/voice", "<Dial action=\"/again\">+1555</Dial>"),
        ("/again", "<Dial action=\"/after\">+1555</Dial>"),
        ("/after", "<Dial action=\"/last\">+1555</Dial>"),
        ("/last", "<Hangup/>"),
    ];
    let called = call_with(&plan(), &world, Keys::default(), serve(&documents));
    let status = |path| called.field(path, "DialCallStatus");
    assert_eq!(
        [status("/again"), status("/after"), status("/last")],
        [Some("busy"), Some("completed"), Some("completed")]
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
