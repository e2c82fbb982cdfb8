//! Queues: what is heard by whoever waits, whatever is asked, and what is wrong with how one is written.

use super::phone::{Phone, bundle, faults, flow, heard};
use crate::engine::flow::QueueName;
use crate::engine::turn::{Enqueue, QueueAt, Verb};
use crate::engine::{QueueNow, WaitAsked};

const FLOW: &str = r#"
give_up = "bye"
[answers]
many = { integer = [0, 9] }
[queues.engineers]
give = { line = "help", from = "{{ call.from }}" }
[steps.ask]
ask  = "How many?"
into = "many"
next = "wait"
[steps.wait]
queue      = "engineers"
give       = { line = "desk", many = "{{ many }}" }
priority   = 7
hold       = ["One. {{ 6 // many }}", "Two.", "Three."]
say_every  = { every = "10s", say = "Number {{ queue.position }} of {{ queue.size }}." }
keys.1     = "bye"
time_limit = "5m"
on.error   = "bye"
next       = "bye"
[steps.bye]
say  = "Goodbye."
next = "hangup"
"#;

fn asked(piece: usize, keys: Option<&str>, position: Option<u32>, waited: u32) -> WaitAsked {
    WaitAsked {
        piece,
        keys: keys.map(str::to_owned),
        queue: QueueNow {
            position,
            waited,
            size: position.map(|position| position + 1),
        },
    }
}

fn hears(phone: &mut Phone, asked: &WaitAsked) -> String {
    heard(&phone.wait_asked(asked).verbs)
}

#[test]
fn what_cannot_be_worked_out_is_left_out_and_the_wait_goes_on() {
    let mut phone = Phone::call(FLOW);
    phone.press("0").hears("[queue engineers]");
    let answer = phone.wait_asked(&asked(0, None, Some(3), 0));
    assert_eq!(
        heard(&answer.verbs),
        "[pause 5s]",
        "six cannot be divided by none"
    );
    assert_eq!((answer.faults.len(), answer.next), (1, Some(1)));
    assert_eq!(hears(&mut phone, &asked(1, None, None, 1)), "Two.");
    assert_eq!(
        hears(&mut phone, &asked(1, None, Some(3), 21)),
        "Number 3 of 4. Two."
    );
}

#[test]
fn what_the_carrier_does_not_say_of_the_queue_is_not_said() {
    let mut phone = Phone::call(FLOW);
    phone.press("2");
    let mut asked = asked(1, None, Some(3), 20);
    asked.queue.size = None;
    assert_eq!(hears(&mut phone, &asked), "Two.");
    assert_eq!(phone.events, [], "so it may be told later");
}

#[test]
fn whatever_is_asked_is_answered_and_the_same_is_answered_alike() {
    let mut phone = Phone::call(FLOW);
    phone.press("2");
    let mut times = 0;
    for piece in [0, 1, 2, 3, 99, usize::MAX] {
        for keys in [
            None,
            Some(""),
            Some("9"),
            Some("12"),
            Some("\u{1f600}"),
            Some("A*#"),
        ] {
            for position in [None, Some(1), Some(7), Some(u32::MAX - 1)] {
                for waited in [0, 11, 299] {
                    let asked = asked(piece, keys, position, waited);
                    let answer = phone.wait_asked(&asked);
                    assert!(!answer.verbs.is_empty() && answer.next.is_none_or(|next| next < 3));
                    assert!(!answer.verbs.contains(&Verb::Leave), "{asked:?}");
                    assert_eq!(phone.wait_asked(&asked).verbs, answer.verbs, "{asked:?}");
                    times += 1;
                }
            }
        }
    }
    assert_eq!(times, 432);
    assert!(
        phone.events.len() <= 3,
        "a place is told as often as it is lower"
    );
    assert_eq!(
        phone.wait_asked(&asked(0, None, None, 300)).verbs,
        [Verb::Leave]
    );
    assert_eq!(
        phone.wait_asked(&asked(0, Some("1"), None, 0)).verbs,
        [Verb::Leave]
    );
}

#[test]
fn a_call_that_waits_in_no_queue_leaves_it() {
    let mut phone = Phone::call(FLOW);
    assert_eq!(
        phone.wait_asked(&asked(0, None, None, 0)).verbs,
        [Verb::Leave]
    );
    phone.press("2").hang_up();
    assert_eq!(
        phone.wait_asked(&asked(0, None, None, 0)).verbs,
        [Verb::Leave]
    );
}

#[test]
fn a_workflow_is_told_what_all_steps_give_and_then_what_this_one_gives() {
    let sid = format!("WW{}", "0".repeat(32));
    let mut flow = flow(&bundle(FLOW));
    let workflow = QueueName::Workflow(sid.clone());
    flow.queues.insert("engineers".to_owned(), workflow);
    let mut phone = Phone::call_flow(flow);
    phone.press("3");
    let Some(Verb::Enqueue(Enqueue { at, leaving, .. })) = phone.verbs().last() else {
        panic!("nobody waits: {}", phone.heard());
    };
    let about = r#"{"line":"desk","from":"+442079460001","many":3}"#;
    let expected = QueueAt::Workflow {
        sid,
        about: about.to_owned(),
        priority: Some(7),
    };
    assert_eq!((at, *leaving), (&expected, Some('1')));
}

#[test]
fn a_workflow_is_told_what_nests_under_names_of_its_own() {
    let source = "[steps.wait]\nqueue = \"a\"\ntime_limit = \"1m\"\nhold = \"Please hold.\"\non.error = \"bye\"\nnext = \"bye\"\n\
                  give.channelType = \"voice\"\ngive.conversations = { from = \"{{ call.from }}\", tries = [1, 2] }\n\
                  [steps.bye]\nsay = \"Bye.\"\nnext = \"hangup\"\n";
    let sid = format!("WW{}", "0".repeat(32));
    let mut flow = flow(&bundle(source));
    flow.queues.insert("a".to_owned(), QueueName::Workflow(sid));
    let phone = Phone::call_flow(flow);
    let Some(Verb::Enqueue(Enqueue {
        at: QueueAt::Workflow { about, .. },
        ..
    })) = phone.verbs().last()
    else {
        panic!("nobody waits: {}", phone.heard());
    };
    assert_eq!(
        about,
        r#"{"channelType":"voice","conversations":{"from":"+442079460001","tries":[1,2]}}"#
    );
}

#[test]
fn the_facts_of_a_queue_are_known_only_there() {
    let source = "[prompts]\nplace = \"Number {{ queue.position }}.\"\n[steps.wait]\nqueue = \"a\"\nhold = \"@place\"\n\
                  time_limit = \"1m\"\non.error = \"bye\"\nnext = \"bye\"\n[steps.bye]\nsay = \"Bye.\"\nnext = \"hangup\"\n";
    assert_eq!(faults(source), [] as [&str; 0]);
    let elsewhere = source.replace("\"Bye.\"", "\"@place\"");
    let told = faults(&elsewhere);
    assert!(
        told.len() == 1 && told[0].contains("name-unknown `queue.position` is known only"),
        "{told:?}"
    );
    let unknown = source.replace("queue.position", "queue.average");
    assert!(
        faults(&unknown)[0].contains("name-unknown"),
        "{:?}",
        faults(&unknown)
    );
}
