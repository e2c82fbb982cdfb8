//! Which numbers are dialled that come from callers: by country and kind, counted before the act, on two nodes at once.

use tokio::task::{JoinSet, block_in_place};

use super::caller::Caller;
use super::figures::Figures;
use super::folder::Folder;
use super::pair::Pair;
use super::server::{Plan, Server};

const LINE: &str = r#"
[answers]
phone = { digits = [6, 14] }

[steps.number]
ask     = "Which number, with its country code? Then press hash."
into    = "phone"
next    = "ring"
give_up = "gone"

[steps.ring]
dial          = "+{{ phone }}"
on.unanswered = "gone"
next          = "hangup"

[steps.gone]
say  = "Outcome {{ steps.ring.outcome? }}."
next = "hangup"
"#;

const OPEN: [(&str, &str); 2] = [
    ("POLICY__DIAL", "called, IE"),
    ("POLICY__KINDS", "fixed, mobile"),
];

fn line() -> Folder {
    Folder::of(&[("line.toml", LINE)])
}

/// What is answered to whoever enters a number.
async fn enters(caller: &mut Caller, number: &str) -> String {
    caller.call("/voice/line").await;
    caller.press(&format!("{number}#")).await
}

async fn refused(server: &Server, reason: &str) -> u64 {
    let figure = format!("numbers_refused_total{{reach=\"dial\",reason=\"{reason}\"}}");
    Figures::of(server).await.get(&figure)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_from_a_caller_is_dialled_only_where_the_settings_say_so() {
    let folder = line();
    let server = Plan::default().flows(folder.path()).start();
    let heard = enters(&mut Caller::new(&server), "447400123456").await;
    assert!(
        heard.contains("Outcome failed.") && !heard.contains("<Dial"),
        "{heard}"
    );
    assert_eq!(refused(&server, "country").await, 1);
    server.wait_for_log(
        "A number was not reached: its country is none of those that may be reached.",
    );
    assert!(
        !server.log().contains("447400123456"),
        "numbers are masked in logs"
    );

    let server = Plan::default().flows(folder.path()).settings(&OPEN).start();
    for (number, reason) in [
        ("447400123456", ""),
        ("353850123456", ""),
        ("12025550173", "country"),
        ("449012345678", "premium"),
        ("445612345678", "kind"),
        ("999123456789", "not_a_number"),
        ("881612345678", "country"),
    ] {
        let heard = enters(&mut Caller::new(&server), number).await;
        let is_dialled = heard.contains("<Dial") && heard.contains(number);
        assert_eq!(is_dialled, reason.is_empty(), "{number}: {heard}");
        assert_eq!(
            !heard.contains("Outcome failed."),
            reason.is_empty(),
            "{number}: {heard}"
        );
    }
    for (reason, count) in [
        ("country", 2),
        ("premium", 1),
        ("kind", 1),
        ("not_a_number", 1),
    ] {
        assert_eq!(refused(&server, reason).await, count, "{reason}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeat_is_answered_the_same_and_counts_once() {
    let folder = line();
    let server = Plan::default()
        .flows(folder.path())
        .settings(&OPEN)
        .set("POLICY__PER_NUMBER", "2")
        .start();
    let mut heard = Vec::new();
    for _ in 0..3 {
        let mut caller = Caller::new(&server);
        caller.call("/voice/line").await;
        let mut again = caller.clone();
        let first = caller.press("447400123456#").await;
        assert_eq!(
            again.press("447400123456#").await,
            first,
            "a repeat hears the same"
        );
        heard.push(first.contains("<Dial"));
    }
    assert_eq!(heard, [true, true, false]);
    assert_eq!(refused(&server, "per_number").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn on_two_nodes_at_once_no_more_calls_are_placed_than_the_caps_allow() {
    let folder = line();
    let pair = Pair::with(|plan| {
        plan.flows(folder.path())
            .settings(&OPEN)
            .set("POLICY__PER_PREFIX", "7")
            .set("POLICY__PER_CALLER", "1000")
    })
    .await;
    let mut calls = JoinSet::new();
    for nth in 0..40 {
        let mut caller = pair.caller();
        if nth % 2 == 0 {
            caller.nodes.reverse();
        }
        calls.spawn(async move { enters(&mut caller, &format!("44740012{nth:04}")).await });
    }
    let heard = calls.join_all().await;
    let dialled = heard.iter().filter(|heard| heard.contains("<Dial")).count();
    assert_eq!(dialled, 7);
    let refused = pair.figure("numbers_refused_total").await;
    assert_eq!(refused, 33);
    // What is counted goes by itself, and tells nobody which numbers were reached.
    let keys: Vec<String> = pair.redis.ask(&["KEYS", "hs:{counts}:*"]).await;
    assert!(keys.len() > 40, "{keys:?}");
    for key in keys {
        assert!(!key.contains("44740012"), "{key}");
        let left: i64 = pair.redis.ask(&["PTTL", &key]).await;
        assert!(left > 0, "{key}");
    }
    // Numbers of another block are not held back by that.
    let heard = enters(&mut pair.caller(), "447400130000").await;
    assert!(heard.contains("<Dial"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn counts_outlive_a_restart_and_each_cap_is_met_by_what_it_counts() {
    let folder = line();
    let plan = Plan::default()
        .flows(folder.path())
        .settings(&OPEN)
        .set("POLICY__PER_CALLER", "1")
        .set("POLICY__PER_DAY", "3");
    let from = |server: &Server, from: &str| {
        let mut caller = Caller::new(server);
        caller.from = from.to_owned();
        caller
    };
    let mut server = plan.start();
    let heard = enters(&mut from(&server, "+442079460001"), "447400123456").await;
    assert!(heard.contains("<Dial"), "{heard}");
    block_in_place(|| server.restart());
    for (caller, number, is_dialled) in [
        ("+442079460001", "447400123457", false),
        ("+442079460002", "447400123457", true),
        ("anonymous", "447400123458", true),
        ("anonymous", "447400123459", false),
        ("+442079460003", "447400123450", false),
    ] {
        let heard = enters(&mut from(&server, caller), number).await;
        assert_eq!(
            heard.contains("<Dial"),
            is_dialled,
            "{caller} {number}: {heard}"
        );
    }
    assert_eq!(refused(&server, "per_caller").await, 2);
    assert_eq!(refused(&server, "per_day").await, 1);
}

#[test]
fn what_becomes_of_a_number_is_explained() {
    let folder = line();
    let plan = Plan::default().flows(folder.path());
    let explain = |plan: &Plan, arguments: &[&str]| {
        let all = [&["policy", "explain"], arguments].concat();
        let (code, out, noted) = plan.run(folder.path(), &all);
        assert!(code == 0 || out.is_empty(), "{out}{noted}");
        (code, out + &noted)
    };
    let (code, told) = explain(&plan, &["+44 7400 123456"]);
    assert_eq!(code, 0);
    assert_eq!(
        told,
        "+447400123456: GB, mobile\n\
         dial, where it stands in a flow, or is a contact: dialled, not counted\n\
         dial, where a caller or a service gives it: refused: its country is none of those that may be reached \
         (policy.dial: none; policy.kinds: fixed, mobile)\n\
         text, where it stands in a flow, or is a contact: texted, at most 5 in a call, 20 by a caller in a day, 10 to \
         this number, 50 to numbers that begin so, 1000 in all\n\
         text, where a caller or a service gives it: texted if the number called is of GB too (`called`), at most 5 in a \
         call, 20 by a caller in a day, 10 to this number, 50 to numbers that begin so, 1000 in all; else refused: its \
         country is none of those that may be reached\n"
    );
    let (_, told) = explain(&plan, &["+447400123456", "--called", "+4930123456"]);
    assert!(
        told.contains("(policy.text: called; policy.kinds: fixed, mobile)"),
        "{told}"
    );
    let (_, told) = explain(&plan, &["+449012345678"]);
    assert_eq!(
        told.matches("refused: it is a premium number").count(),
        4,
        "{told}"
    );
    let (code, told) = explain(&plan, &["0207 946"]);
    assert!(
        code == 1 && told.contains("is no telephone number"),
        "{told}"
    );
    let (code, told) = explain(&plan.clone().set("POLICY__DIAL", "UK"), &["+449012345678"]);
    assert!(
        code == 2 && told.contains("write a country's two letters"),
        "{told}"
    );
}

#[test]
fn a_step_that_is_always_refused_is_told() {
    let flow = "[contacts]\ndear = \"+449012345678\"\n[steps.a]\ndial = \"dear\"\nnext = \"b\"\n[steps.b]\ndial = \"+19002345678\"\nnext = \"hangup\"\n";
    let folder = Folder::of(&[("line.toml", LINE), ("dear.toml", flow)]);
    let check = |plan: &Plan| {
        let (code, out, _) = plan.run(folder.path(), &["check", "--format", "json"]);
        (code, out)
    };
    let plan = Plan::default().flows(folder.path());
    let (code, out) = check(&plan);
    assert_eq!(
        (code, out.matches("number-refused").count()),
        (1, 3),
        "{out}"
    );
    assert!(
        out.contains("`ring` reaches nobody: no country is in `policy.dial`"),
        "{out}"
    );
    let (_, out) = check(&plan.settings(&OPEN));
    assert_eq!(out.matches("number-refused").count(), 2, "{out}");
}
