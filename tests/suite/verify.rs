//! Codes by SMS: each is sent once whatever becomes of requests and nodes, is tried five times at most however many try at
//! once, and leaves no trace.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;
use tokio::task::{JoinSet, block_in_place};

use super::caller::{Caller, hold};
use super::carrier::{self, ACCOUNT};
use super::chance::Chance;
use super::figures::Figures;
use super::folder::{Folder, bytes_below};
use super::pair::Pair;
use super::redis_server::until;
use super::server::{Plan, Server, is_long};

/// Proves a number that the caller enters.
fn line(digits: u32) -> String {
    format!(
        r#"
[answers]
phone = {{ digits = [6, 14] }}

[steps.number]
ask     = "Which number, with its country code? Then press hash."
into    = "phone"
next    = "prove"
give_up = "gone"

[steps.prove]
verify     = "Please enter the code. For another press star."
to         = "+{{{{ phone }}}}"
words      = "{{{{ verify.code }}}} is your code. Tell nobody."
digits     = {digits}
attempts   = 10
again      = "*"
on.refused = "refused"
on.expired = "expired"
give_up    = "gone"
next       = "inside"

[steps.inside]
say  = "You are in."
next = "hangup"

[steps.refused]
say  = "We cannot text you."
next = "hangup"

[steps.expired]
say  = "This code is worth nothing."
next = "hangup"

[steps.gone]
say  = "Goodbye."
next = "hangup"
"#
    )
}

fn folder(digits: u32) -> Folder {
    Folder::of(&[("line.toml", &line(digits))])
}

fn with_carrier(plan: Plan, folder: &Folder, api: &carrier::Carrier) -> Plan {
    plan.flows(folder.path())
        .set("TWILIO__API_URL", api.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT)
        .set("POLICY__PER_PREFIX", "100000")
        .set("POLICY__PER_CALLER", "100000")
        .set("POLICY__PER_CALL", "100000")
        .set("POLICY__PER_NUMBER", "100000")
}

/// The code that a number got last.
async fn code(api: &carrier::Carrier, number: &str, nth: usize) -> String {
    let to = format!("+{number}");
    let sent = || {
        let all = api.messages().into_iter();
        all.filter(|message| message.to == to).collect::<Vec<_>>()
    };
    until("a code is sent", async || sent().len() >= nth).await;
    let message = sent().pop().expect("it is there");
    let code = message.body.split(' ').next().expect("it begins with it");
    assert_eq!(message.body, format!("{code} is your code. Tell nobody."));
    assert!(code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
    code.to_owned()
}

/// One that is not this one.
fn other(code: &str, nth: usize) -> String {
    let value: usize = code.parse().expect("digits");
    let all = 10_usize.pow(u32::try_from(code.len()).expect("it is short"));
    format!("{:0width$}", (value + nth) % all, width = code.len())
}

async fn enters(caller: &mut Caller, number: &str) -> String {
    caller.call("/voice/line").await;
    caller.press(&format!("{number}#")).await
}

async fn answers(servers: &[&Server], answer: &str) -> u64 {
    let figure = format!("codes_total{{answer=\"{answer}\"}}");
    let mut sum = 0;
    for server in servers {
        sum += Figures::of(server).await.get(&figure);
    }
    sum
}

/// Fails where a folder holds these digits.
#[track_caller]
fn holds_none(folder: &Path, digits: &[String]) {
    for (file, bytes) in bytes_below(folder) {
        for code in digits {
            let is_there = bytes
                .windows(code.len())
                .any(|part| part == code.as_bytes());
            assert!(!is_there, "{file} holds {code}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_sent_and_entered_and_nothing_of_it_is_kept() {
    // Ten digits: as many are nowhere by chance.
    let (folder, api) = (folder(10), carrier::Carrier::start().await);
    let pair = Pair::with(|plan| with_carrier(plan, &folder, &api)).await;
    let alone = with_carrier(Plan::default(), &folder, &api).start();
    let mut secrets = Vec::new();
    for (mut caller, number, server) in [
        (pair.caller(), "447400123456", &pair.one),
        (Caller::new(&alone), "447400123457", &alone),
    ] {
        let heard = enters(&mut caller, number).await;
        assert!(heard.contains("Please enter the code."), "{heard}");
        let first = code(&api, number, 1).await;
        let wrong = other(&first, 1);
        let heard = caller.press(&wrong).await;
        assert!(heard.contains("Please enter the code."), "{heard}");
        let heard = caller.press("*").await;
        assert!(heard.contains("Please enter the code."), "{heard}");
        let second = code(&api, number, 2).await;
        assert_ne!(first, second);
        // The first code is worth nothing any more.
        let heard = caller.press(&first).await;
        assert!(heard.contains("Please enter the code."), "{heard}");
        let heard = caller.press(&second).await;
        assert!(heard.contains("You are in."), "{heard}");
        secrets.extend([first, second, wrong]);
        let figures = Figures::of(server).await;
        assert_eq!(figures.sum("codes_over_limit_total"), 0);
        let page = &figures.page;
        assert!(
            !secrets.iter().any(|secret| page.contains(secret)),
            "{page}"
        );
        let listen = server.url("").replace("http://", "");
        let plan = server.plan().clone().set("SERVER__LISTEN", listen);
        for command in [
            vec!["calls", "show", &caller.sid],
            vec!["calls", "show", &caller.sid, "--format", "json"],
            vec!["calls", "export", &caller.sid],
            vec!["outbox", "list", "--state", "delivered"],
            vec!["outbox", "list"],
        ] {
            let (_, out, noted) = block_in_place(|| plan.run(server.folder(), &command));
            let is_told = |secret: &&String| out.contains(*secret) || noted.contains(*secret);
            assert_eq!(
                secrets.iter().find(is_told),
                None,
                "{command:?}: {out}{noted}"
            );
            // As it can be played again: the code is all zeros where nobody is texted.
            let is_export = command[1] == "export";
            assert_eq!(
                out.contains("press = \"0000000000\""),
                is_export,
                "{out}{noted}"
            );
        }
    }
    assert_eq!(api.messages().len(), 4);
    let nodes = [&pair.one, &pair.other, &alone];
    assert_eq!(
        [
            answers(&nodes, "sent").await,
            answers(&nodes, "right").await,
            answers(&nodes, "wrong").await
        ],
        [4, 2, 4]
    );
    let rows = async || {
        let rows: Vec<String> = pair.redis.ask(&["KEYS", "hs:*:row:*"]).await;
        rows.is_empty()
    };
    until("the rows are gone", rows).await;
    for node in nodes {
        for secret in &secrets {
            assert!(!node.log().contains(secret), "{}", node.log());
        }
        holds_none(node.folder(), &secrets);
    }
    holds_none(pair.redis.folder(), &secrets);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_is_compared_five_times_however_many_try_on_two_nodes_at_once() {
    let (folder, api) = (folder(6), carrier::Carrier::start().await);
    let pair = Pair::with(|plan| with_carrier(plan, &folder, &api)).await;
    let nodes = [&pair.one, &pair.other];
    let mut caller = pair.caller();
    enters(&mut caller, "447400123456").await;
    let code = code(&api, "447400123456", 1).await;
    let (tried, ready) = (1_000, Arc::new(Barrier::new(64)));
    let mut thieves = JoinSet::new();
    for thief in 0..64 {
        let (mut caller, ready, code) = (caller.clone(), Arc::clone(&ready), code.clone());
        if thief % 2 == 1 {
            caller.nodes.reverse();
        }
        thieves.spawn(async move {
            ready.wait().await;
            for nth in 0..=tried / 64 {
                if caller.is_over() {
                    return;
                }
                let heard = caller.press(&other(&code, 1 + thief + 64 * nth)).await;
                assert!(!heard.contains("You are in."), "{heard}");
            }
        });
    }
    thieves.join_all().await;
    let compared = answers(&nodes, "wrong").await + answers(&nodes, "right").await;
    assert!((1..=5).contains(&compared), "{compared} were compared");
    // The right one comes too late.
    if !caller.is_over() {
        let heard = caller.press(&code).await;
        assert!(!heard.contains("You are in."), "{heard}");
    }
    assert_eq!(answers(&nodes, "right").await, 0);
    let logged = async || {
        let both = pair.one.log() + &pair.other.log();
        both.contains("it was tried too often")
    };
    until("it is logged", logged).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_64_calls_that_guess_at_one_number_ten_guesses_are_compared_in_all() {
    let (folder, api) = (folder(6), carrier::Carrier::start().await);
    let pair = Pair::with(|plan| with_carrier(plan, &folder, &api)).await;
    let mut thieves = JoinSet::new();
    for thief in 0..64 {
        let mut caller = pair.caller();
        if thief % 2 == 1 {
            caller.nodes.reverse();
        }
        thieves.spawn(async move {
            let heard = enters(&mut caller, "447400123456").await;
            let is_sent = heard.contains("Please enter the code.");
            for nth in 0..16 {
                if caller.is_over() {
                    break;
                }
                caller.press(&format!("{:06}", thief * 16 + nth)).await;
            }
            is_sent
        });
    }
    let sent = thieves.join_all().await;
    assert_eq!(sent.iter().filter(|is_sent| **is_sent).count(), 5);
    let nodes = [&pair.one, &pair.other];
    let compared = answers(&nodes, "wrong").await + answers(&nodes, "right").await;
    assert!((1..=10).contains(&compared), "{compared} were compared");
    assert_eq!(api.messages().len(), 5);
    let refused = "codes_over_limit_total{limit=\"number_ten_minutes\",done=\"refused\"}";
    let figures = [Figures::of(nodes[0]).await, Figures::of(nodes[1]).await];
    let refused = figures.map(|figures| figures.get(refused));
    assert_eq!(refused.iter().sum::<u64>(), 59);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_goes_to_a_premium_number_nor_anywhere_while_the_store_is_away() {
    let (folder, api) = (folder(6), carrier::Carrier::start().await);
    let mut pair = Pair::with(|plan| with_carrier(plan, &folder, &api)).await;
    let heard = enters(&mut pair.caller(), "449012345678").await;
    assert!(heard.contains("We cannot text you."), "{heard}");
    let logged = async || {
        let both = pair.one.log() + &pair.other.log();
        both.contains("it is a premium number")
    };
    until("it is logged", logged).await;
    let premium = "numbers_refused_total{reach=\"text\",reason=\"premium\"}";
    let figures = [Figures::of(&pair.one).await, Figures::of(&pair.other).await];
    assert_eq!(
        figures
            .map(|figures| figures.get(premium))
            .iter()
            .sum::<u64>(),
        1
    );

    let mut caller = pair.caller();
    caller.call("/voice/line").await;
    let mut again = caller.clone();
    block_in_place(|| pair.redis.kill());
    let heard = caller.press("447400123456#").await;
    assert!(hold(&heard).is_some(), "{heard}");
    assert_eq!(api.messages().len(), 0);
    let logged = async || {
        let both = pair.one.log() + &pair.other.log();
        both.contains("The store did not answer: the caller is held.")
    };
    until("it is logged", logged).await;
    pair.redis.restart().await;
    let heard = again.press_through("447400123456").await;
    assert!(heard.contains("Please enter the code."), "{heard}");
    let code = code(&api, "447400123456", 1).await;
    assert!(again.press_through(&code).await.contains("You are in."));
    assert_eq!(api.messages().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_pumps_is_recorded_at_first_and_refused_where_the_settings_say_so() {
    let (folder, api) = (folder(6), carrier::Carrier::start().await);
    for (mode, sent) in [("record", 8), ("deny", 3)] {
        let server = with_carrier(Plan::default(), &folder, &api)
            .set("VERIFY__MODE", mode)
            .start();
        let before = api.messages().len();
        for nth in 0..8 {
            let mut caller = Caller::new(&server);
            caller.from = format!("+4474008{nth:05}");
            enters(&mut caller, &format!("4474001{nth}0001")).await;
        }
        until("they are sent", async || {
            api.messages().len() >= before + sent
        })
        .await;
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(api.messages().len() - before, sent, "{mode}");
        assert_eq!(answers(&[&server], "sent").await, sent as u64);
        let over = Figures::of(&server).await.sum("codes_over_limit_total");
        assert_eq!(over, 5, "{mode}");
        let says = if mode == "deny" {
            "No code is sent: the country got as many in an hour as it may."
        } else {
            "A code would not be sent if limits were kept: the country got as many in an hour as it may."
        };
        server.wait_for_log(says);
        assert!(!server.log().contains("447400100001"), "numbers are masked");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_code_is_sent_twice_whichever_node_is_killed() {
    let (folder, api) = (folder(6), carrier::Carrier::start().await);
    let mut pair = Pair::with(|plan| {
        let plan = with_carrier(plan, &folder, &api);
        plan.set("POLICY__PER_DAY", "100000")
    })
    .await;
    let mut chance = Chance::new();
    let cycles = if is_long() { 100 } else { 4 };
    let mut numbers = Vec::new();
    for cycle in 0..cycles {
        let ready = Arc::new(Barrier::new(17));
        let mut calls = JoinSet::new();
        for call in 0..16 {
            let (mut caller, ready) = (pair.caller(), Arc::clone(&ready));
            if call % 2 == 1 {
                caller.nodes.reverse();
            }
            let number = format!("4474{cycle:02}{call:02}1234");
            calls.spawn(async move {
                caller.call_through("/voice/line").await;
                ready.wait().await;
                let heard = caller.press_through(&number).await;
                assert!(heard.contains("Please enter the code."), "{heard}");
                number
            });
        }
        ready.wait().await;
        tokio::time::sleep(chance.time_up_to(Duration::from_millis(50))).await;
        let node = if cycle % 2 == 0 {
            &mut pair.one
        } else {
            &mut pair.other
        };
        block_in_place(|| {
            node.kill();
            node.start();
        });
        numbers.extend(calls.join_all().await);
    }
    until("each is sent", async || {
        api.messages().len() >= numbers.len()
    })
    .await;
    let mut texted: Vec<String> = api
        .messages()
        .into_iter()
        .map(|message| message.to)
        .collect();
    texted.sort();
    let mut wanted: Vec<String> = numbers.iter().map(|number| format!("+{number}")).collect();
    wanted.sort();
    assert_eq!(texted, wanted);
}

#[test]
fn attacks_are_played_against_the_limits_of_the_settings() {
    let (folder, plan) = (folder(6), Plan::default().set("VERIFY__PREFIX_DAY", "4"));
    let plays = |arguments: &[&str]| {
        let command = [&["verify", "simulate", "--rate", "50"], arguments].concat();
        let (code, out, noted) = plan.run(folder.path(), &command);
        assert_eq!(code, 0, "{out}{noted}");
        out
    };
    let denied = plays(&["--attack", "range", "--mode", "deny"]);
    let line = denied.lines().find(|line| line.starts_with("range "));
    let figures: Vec<&str> = line.unwrap_or_default().split_whitespace().collect();
    assert_eq!(figures[..4], ["range", "1200", "4", "0"], "{denied}");
    assert!(
        denied.contains("range, the attack: refused by "),
        "{denied}"
    );
    let recorded = plays(&["--attack", "range"]);
    assert!(recorded.contains("recorded by "), "{recorded}");
    assert_eq!(
        plays(&["--attack", "home", "--seed", "3"]),
        plays(&["--attack", "home", "--seed", "3"])
    );
    let (code, _, noted) = plan.run(folder.path(), &["verify", "simulate", "--attack", "fire"]);
    assert_eq!(code, 2, "{noted}");
    assert!(noted.contains("there are none, range, country"), "{noted}");
}
