//! `hookswitch dial` over a pipe: calls in process, at a node, and at anything else that has a URL.

use std::path::Path;

use super::flows::DESK;
use super::folder::Folder;
use super::server::{Plan, free_port};

const WELL: i32 = 0;
const FAULTS: i32 = 1;
const USAGE: i32 = 2;
const SURROUNDINGS: i32 = 3;

/// What a caller hears of `pickup` who sends a parcel, and enters too much first.
const PARCEL: &str = "\
Welcome to parcel pick-up. For English press 1. За български натиснете 2.
For a letter press 1. For a parcel press 2. For a pallet press 3. To talk to somebody press 0.
How heavy is it? Enter the weight in kilograms, then press hash.
Between one and thirty, please.
How heavy is it? Enter the weight in kilograms, then press hash.
When shall we come? Enter four digits, such as 1 2 3 0 for half past twelve.
A parcel, at 12:30.
(1 s of silence)
If that is right press 1. To begin again press 2.
Thank you. We will be there. Goodbye.
";

fn dial(plan: &Plan, arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    dial_in(folder.path(), plan, arguments)
}

fn dial_in(folder: &Path, plan: &Plan, arguments: &[&str]) -> (i32, String, String) {
    plan.run(folder, &[&["dial"], arguments].concat())
}

#[test]
fn a_flow_is_called_with_no_server() {
    let (code, heard, noted) = dial(&Plan::default(), &["pickup", "--keys", "1 2 31# 5# 1230 1"]);
    assert_eq!((code, heard.as_str()), (WELL, PARCEL), "{noted}");
    assert!(
        noted.contains("Calling pickup here: no node runs"),
        "{noted}"
    );
    assert!(noted.contains("\n> 31\n"), "{noted}");
    let submitted = "Submitted to pickups (submission.complete): {\"kind\":\"parcel\",\"weight\":5,\"hour\":\"12:30\"}\n";
    assert!(noted.ends_with(submitted), "{noted}");
}

#[test]
fn a_flow_is_called_at_the_node_that_runs_and_its_requests_are_signed() {
    let server = Plan::default().start();
    let listen = server.url("").replace("http://", "");
    let plan = Plan::default().set("SERVER__LISTEN", &listen);
    let (code, heard, noted) = dial(&plan, &["pickup", "--keys", "1 2 31# 5# 1230 1"]);
    assert_eq!((code, heard.as_str()), (WELL, PARCEL), "{noted}");
    assert!(
        noted.contains(&format!("a node listens at {listen}")),
        "{noted}"
    );
    let wrong = plan.set("TWILIO__AUTH_TOKEN", "ffffffffffffffffffffffffffffffff");
    let (code, _, noted) = dial(&wrong, &["pickup", "--keys", "1"]);
    assert_eq!(code, FAULTS, "{noted}");
    assert!(noted.contains("403"), "{noted}");
}

#[test]
fn the_node_of_the_data_folder_is_found_wherever_it_listens() {
    let server = Plan::default().start();
    let elsewhere = Plan::default().set("SERVER__LISTEN", format!("127.0.0.1:{}", free_port()));
    let (code, heard, noted) = dial_in(
        server.folder(),
        &elsewhere,
        &["pickup", "--keys", "1 2 31# 5# 1230 1"],
    );
    assert_eq!((code, heard.as_str()), (WELL, PARCEL), "{noted}");
    let listens = server.url("").replace("http://", "");
    assert!(
        noted.contains(&format!("a node listens at {listens}")),
        "{noted}"
    );
    for (name, told) in [
        ("pikcup", "did you mean `pickup`?"),
        ("nothing_like_it", "there are languages, "),
    ] {
        let (code, heard, noted) = dial_in(server.folder(), &elsewhere, &[name, "--keys", "1"]);
        assert_eq!((code, heard.as_str()), (USAGE, ""), "{noted}");
        assert!(
            noted.contains(&format!("no flow is named `{name}`")) && noted.contains(told),
            "{noted}"
        );
    }
}

#[test]
fn a_caller_is_silent_and_hangs_up_as_the_words_say() {
    let (code, heard, noted) = dial(&Plan::default(), &["pickup", "--keys", "- 1 hangup"]);
    assert_eq!(code, WELL, "{noted}");
    assert!(noted.contains("\n> (silence)\n> 1\n"), "{noted}");
    assert!(noted.contains("\nYou hung up after "), "{noted}");
    assert!(heard.ends_with("To talk to somebody press 0.\n"), "{heard}");
}

#[test]
fn a_number_that_nobody_spoke_of_does_not_answer_and_a_file_says_otherwise() {
    let folder = Folder::of(&[("desk.toml", DESK)]);
    let plan = Plan::default().flows(folder.path());
    let (code, heard, noted) = dial(&plan, &["desk", "--keys", "1"]);
    assert_eq!(code, WELL, "{noted}");
    assert!(
        heard.contains("(dials +442079460000: no_answer after 20 s)\nNobody is free.\n"),
        "{heard}"
    );
    assert!(
        noted.contains("+442079460000 does not answer; say otherwise with --world FILE"),
        "{noted}"
    );

    let here = tempfile::tempdir().expect("a temporary folder can be made");
    let world = |text: &str| {
        std::fs::write(here.path().join("world.toml"), text).expect("it can be written");
        dial_in(
            here.path(),
            &plan,
            &["desk", "--keys", "1", "--world", "world.toml"],
        )
    };
    let (code, heard, noted) = world(
        "dial.\"+442079460000\" = { outcome = \"answered\", after = \"3s\", talks = \"30s\" }\n",
    );
    assert_eq!(code, WELL, "{noted}");
    assert!(
        heard.contains("(dials +442079460000: answered after 33 s)\n"),
        "{heard}"
    );
    assert!(
        !heard.contains("Nobody is free.") && !noted.contains("say otherwise"),
        "{heard}{noted}"
    );

    let (code, heard, noted) = world("dial.\"+442079460000\" = { outcome = \"busyy\" }\n");
    assert_eq!((code, heard.as_str()), (USAGE, ""), "{noted}");
    assert!(
        noted.contains("world.toml:1:") && noted.contains("did you mean `busy`?"),
        "{noted}"
    );
}

#[test]
fn whoever_does_not_answer_is_the_surroundings_fault_and_whoever_answers_badly_is_at_fault() {
    let url = format!("http://127.0.0.1:{}/voice", free_port());
    let (code, _, noted) = dial(&Plan::default(), &[&url, "--keys", "1"]);
    assert_eq!(code, SURROUNDINGS, "{noted}");
    assert!(
        noted.contains("error 11202: the connection was refused"),
        "{noted}"
    );
    let server = Plan::default().start();
    let (code, _, noted) = dial(
        &Plan::default(),
        &[&server.url("/metrics"), "--method", "get", "--keys", "1"],
    );
    assert_eq!(code, FAULTS, "{noted}");
    assert!(noted.contains("A fault ended the call"), "{noted}");
}

#[test]
fn what_cannot_be_called_is_refused_with_a_way_out() {
    for (arguments, told) in [
        (&["pikcup", "--keys", "1"][..], "did you mean `pickup`?"),
        (
            &["ftp://a.example", "--keys", "1"],
            "neither a flow's name nor an http or https URL",
        ),
        (&["pickup", "--keys", "1 x"], "`x` is no answer"),
        (&["pickup"], "--keys"),
    ] {
        let (code, heard, noted) = dial(&Plan::default(), arguments);
        assert_eq!(
            (code, heard.as_str()),
            (USAGE, ""),
            "{arguments:?}: {noted}"
        );
        assert!(noted.contains(told), "{arguments:?}: {noted}");
    }
    let (code, _, noted) = dial(
        &Plan::default(),
        &["pickup", "--keys", "1", "--world", "absent.toml"],
    );
    assert_eq!(code, SURROUNDINGS, "{noted}");
}

#[test]
fn a_caller_hangs_up_while_a_number_rings() {
    let folder = Folder::of(&[("desk.toml", DESK)]);
    let (code, heard, noted) = dial(
        &Plan::default().flows(folder.path()),
        &["desk", "--keys", "1 hangup"],
    );
    assert_eq!(code, WELL, "{noted}");
    assert!(
        heard.contains("(dials +442079460000: canceled after 2 s)\n"),
        "{heard}"
    );
    assert!(
        noted.contains("\nYou hung up after ") && !heard.contains("Nobody is free."),
        "{heard}{noted}"
    );
}

/// Keeps a PIN that it does not say, and fails at a number that is none.
const PIN: &str = r#"
start = "pin"
[answers]
pin = { digits = 4, sensitive = true }
[steps.pin]
ask  = "Your PIN, please."
into = "pin"
next = "keep"
[steps.keep]
submit = "pickups"
next   = "ring"
[steps.ring]
set  = { number = "{{ call.flow }}" }
next = "desk"
[steps.desk]
dial = "{{ number }}"
next = "hangup"
[on]
error = "sorry"
[steps.sorry]
say  = "Something went wrong."
next = "hangup"
"#;

#[test]
fn a_step_that_fails_is_shown_with_its_reason_and_a_secret_entry_is_not_shown() {
    let folder = Folder::of(&[("pin.toml", PIN)]);
    let here = Plan::default().flows(folder.path());
    let server = here.clone().start();
    let listen = server.url("").replace("http://", "");
    let node = here.clone().set("SERVER__LISTEN", &listen);
    for (plan, submitted) in [(&here, true), (&node, false)] {
        let (code, heard, noted) = dial(plan, &["pin", "--keys", "4711"]);
        assert_eq!(code, FAULTS, "{noted}");
        assert!(heard.ends_with("Something went wrong.\n"), "{heard}");
        assert!(
            noted.contains("error: the step `desk` could not be done: "),
            "{noted}"
        );
        assert!(noted.contains("\n> •••\n"), "{noted}");
        assert!(!noted.contains("4711"), "{noted}");
        assert_eq!(noted.contains("{\"pin\":\"•••\"}"), submitted, "{noted}");
    }
}

#[test]
fn of_a_flow_with_faults_only_its_own_are_shown() {
    let faulty = "[steps.a]\nsay = \"Hello.\"\nnext = \"nowhere\"\n";
    let folder = Folder::of(&[("mine.toml", faulty), ("other.toml", faulty)]);
    let plan = Plan::default().flows(folder.path());
    let (code, _, noted) = dial(&plan, &["mine", "--keys", "1"]);
    assert_eq!(code, FAULTS, "{noted}");
    assert!(noted.contains("mine.toml:3:"), "{noted}");
    assert!(!noted.contains("other.toml"), "{noted}");
    assert!(
        noted.ends_with("error: the flow `mine` has faults: it cannot be called\n"),
        "{noted}"
    );
    let (code, _, noted) = dial(&plan, &["mina", "--keys", "1"]);
    assert_eq!(code, USAGE, "{noted}");
    assert_eq!(
        noted,
        "error: no flow is named `mina`\nhelp: did you mean `mine`?\n"
    );
}

#[test]
fn a_flow_in_a_folder_is_called_by_its_name() {
    let sound = "[steps.a]\nsay = \"Hello.\"\nnext = \"hangup\"\n";
    let folder = Folder::of(&[("billing/pay.toml", sound)]);
    let here = Plan::default().flows(folder.path());
    let server = here.clone().start();
    let listen = server.url("").replace("http://", "");
    let node = here.clone().set("SERVER__LISTEN", &listen);
    for plan in [&here, &node] {
        let (code, heard, noted) = dial(plan, &["billing/pay", "--keys", "1"]);
        assert_eq!((code, heard.as_str()), (WELL, "Hello.\n"), "{noted}");
    }
}
