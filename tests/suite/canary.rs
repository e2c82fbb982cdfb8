//! What callers enter in confidence, through every action that takes or passes it on: it reaches whom the flow gives it to, and
//! stands nowhere else, be it in a log, a list, a figure, a document, a trail that is exported, or a byte that is stored.

use std::path::Path;

use tokio::task::block_in_place;

use super::backend::{Answer, Backend};
use super::caller::Caller;
use super::figures::Figures;
use super::folder::{Folder, bytes_below};
use super::redis_server::Redis;
use super::server::{Plan, Server};

const LINE: &str = r#"
give_up = "desk"

[answers]
account = { digits = 8 }
pin     = { digits = 10, sensitive = true }
spoken  = { digits = 10, sensitive = true }
card    = { card = true, sensitive = true }
order   = { digits = 4, optional = true }

[steps.account]
ask  = "Your account?"
into = "account"
next = "pin"

[steps.pin]
ask  = "Your PIN?"
into = "pin"
next = "spoken"

[steps.spoken]
ask    = "Say your secret number."
into   = "spoken"
speech = true
next   = "card"

[steps.card]
ask  = "Your card?"
into = "card"
next = "sorted"

[steps.sorted]
branch = [{ when = "pin == '0000000000'", next = "desk" }, { next = "prove" }]

[steps.prove]
http       = "bank"
post       = "/pin"
json       = { pin = "{{ pin }}", spoken = "{{ spoken }}" }
take.order = { digits = 4 }
on.error   = "desk"
next       = "note"

[steps.note]
set  = { order = "{{ steps.prove.order }}" }
next = "talk"

[steps.talk]
bot          = "assistant"
give.account = "{{ account }}"
on.error     = "desk"
next         = "send"

[steps.send]
submit = "pickups"
next   = "pay"

[steps.pay]
pay       = 12.50
currency  = "GBP"
connector = "stripe"
on.error  = "desk"
next      = "desk"

[steps.desk]
dial          = "+442079460000"
on.unanswered = "hangup"
next          = "hangup"
"#;

/// Entered by keys at a sensitive question, said at one, and the number of a card: at its question, and at one that is for
/// something else.
const PIN: &str = "8341750926";
const SPOKEN: &str = "nine oh three seven one four two eight six five";
const HEARD: &str = "9037142865";
const CARD: &str = "4929551298765431";
const MISPLACED: &str = "5425233430109903";
/// The number of a card that a caller has told the machine, which hands it back unasked.
const HANDED: &str = "6011 0009 9013 9424";
/// What is entered in confidence to nobody: it is found, so whatever was would be.
const ACCOUNT: &str = "60514837";
const ALL: [&str; 6] = [PIN, SPOKEN, HEARD, CARD, MISPLACED, HANDED];

fn plan(folder: &Folder, bank: &Backend, pickups: &Backend) -> Plan {
    Plan::default()
        .flows(folder.path())
        .pickups(pickups)
        .set("LOG__LEVEL", "trace")
        .set("SERVICES__BANK__URL", bank.url())
        .set("SERVICES__BANK__PRIVATE", "true")
        .set("SERVICES__BANK__TRUSTED", "true")
        .set("MACHINES__ASSISTANT__KIND", "relay")
        .set(
            "MACHINES__ASSISTANT__AT",
            "wss://assistant.example.com/calls",
        )
}

/// Fails where a text has one of them.
#[track_caller]
fn clean(what: &str, text: &str) {
    let found = ALL.iter().find(|secret| text.contains(*secret));
    assert_eq!(found, None, "{what}: {text}");
}

/// Fails where a file below a folder has one of them; how many have the account.
#[track_caller]
fn clean_files(folder: &Path) -> usize {
    let all = bytes_below(folder);
    let has = |(_, bytes): &&(String, Vec<u8>), text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    for file in &all {
        let found = ALL.iter().find(|secret| has(&file, secret));
        assert_eq!(found, None, "{}", file.0);
    }
    all.iter().filter(|file| has(file, ACCOUNT)).count()
}

/// A call through all of it; each document is looked at.
async fn play(server: &Server) -> Caller {
    let mut caller = Caller::new(server);
    let on = ("CallStatus", "in-progress");
    let entered = |digits: &'static str| vec![on, ("Digits", digits)];
    let mut documents = vec![caller.call("/voice/line").await];
    for fields in [
        entered(MISPLACED),
        entered(ACCOUNT),
        entered(PIN),
        vec![on, ("SpeechResult", SPOKEN), ("Confidence", "0.94")],
        entered(CARD),
    ] {
        documents.push(caller.go(fields).await);
    }
    let machine = documents.last().expect("there is one");
    assert!(machine.contains("<ConversationRelay "), "{machine}");
    assert!(machine.contains(ACCOUNT), "{machine}");
    let handed = [
        on,
        ("SessionStatus", "ended"),
        ("SessionDuration", "7"),
        ("HandoffData", &*format!(r#"{{"note":"card {HANDED}"}}"#)),
    ];
    documents.push(caller.go(handed.to_vec()).await);
    let payment = documents.last().expect("there is one");
    assert!(payment.contains("<Pay "), "{payment}");
    let paid = [
        on,
        ("Result", "success"),
        ("PaymentConfirmationCode", "ch_1"),
        ("PaymentCardNumber", "xxxxxxxxxxxx5431"),
        ("PaymentCardType", "visa"),
        ("SecurityCode", "***"),
    ];
    documents.push(caller.go(paid.to_vec()).await);
    for document in &documents {
        clean("a document", document);
    }
    caller
}

async fn nothing_entered_in_confidence_stands_anywhere_else(redis: Option<&Redis>) {
    let folder = Folder::of(&[("line.toml", LINE)]);
    let (bank, pickups) = (Backend::start().await, Backend::start().await);
    bank.answer_with(Answer::json(200, "{\"order\":\"4711\"}"));
    // It stays owed, so that its row is stored and listed.
    pickups.answer_with(Answer::Status(500));
    let mut plan = plan(&folder, &bank, &pickups);
    if let Some(redis) = redis {
        plan = plan.set("STORE__URL", redis.url());
    }
    let server = plan.start();
    let caller = play(&server).await;
    pickups.wait_for(1).await;

    // Whom the flow gives it to, has it.
    let asked = &bank.received()[0].body;
    assert_eq!(
        (&asked["pin"], &asked["spoken"]),
        (&PIN.into(), &HEARD.into())
    );
    let sent = &pickups.received()[0].body["data"]["answers"];
    assert_eq!((&sent["pin"], &sent["card"]), (&PIN.into(), &CARD.into()));

    let listen = server.url("").replace("http://", "");
    let operator = server.plan().clone().set("SERVER__LISTEN", listen);
    for command in [
        vec!["calls", "list", "--format", "json"],
        vec!["calls", "show", &caller.sid],
        vec!["calls", "show", &caller.sid, "--format", "json"],
        vec!["calls", "export", &caller.sid],
        vec!["outbox", "list"],
        vec!["outbox", "--format", "json", "list"],
    ] {
        let (code, told, noted) = block_in_place(|| operator.run(server.folder(), &command));
        assert_eq!(code, 0, "{command:?}: {noted}");
        assert!(!told.is_empty(), "{command:?} tells nothing");
        let is_export = command[1] == "export";
        assert!(!is_export || told.contains(ACCOUNT), "{told}");
        clean(&command.join(" "), &(told + &noted));
    }
    clean("the figures", &Figures::of(&server).await.page);
    let log = server.log();
    assert!(
        log.contains("TRACE") && log.contains(&caller.sid),
        "the log tells everything else"
    );
    for line in log.lines() {
        clean("the log", line);
    }
    let mut stored = clean_files(server.folder());
    if let Some(redis) = redis {
        let saved: String = redis.ask(&["SAVE"]).await;
        assert_eq!(saved, "OK");
        stored = clean_files(redis.folder());
    }
    assert!(stored > 0, "what is stored can be searched");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_entered_in_confidence_stands_anywhere_else_on_disk() {
    nothing_entered_in_confidence_stands_anywhere_else(None).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_entered_in_confidence_stands_anywhere_else_on_redis() {
    // Uncompressed, so that what is saved can be searched.
    let redis = Redis::with(&["--rdbcompression", "no"]).await;
    nothing_entered_in_confidence_stands_anywhere_else(Some(&redis)).await;
}
