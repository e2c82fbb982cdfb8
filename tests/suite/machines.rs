//! A caller who is handed to a machine that talks, over a real socket: each end of the talk leads where the flow says, and what the
//! machine hands back is taken whole or not at all.

use serde_json::json;

use super::agent::{Agent, Talk, relayed};
use super::caller::{Caller, words};
use super::folder::Folder;
use super::server::{Plan, Server};

const LINE: &str = r#"
give_up = "bye"

[answers]
account = { digits = 4 }

[steps.account]
ask  = "Your account?"
into = "account"
next = "talk"

[steps.talk]
bot          = "assistant"
greet        = "I am a machine."
give.account = "{{ account }}"
give.line    = "{{ call.to }}"
take.reason  = { one_of = ["bill", "fault"], default = "bill" }
time_limit   = "5m"
on.person    = "person"
on.misfit    = "misfit"
on.lost      = "lost"
on.error     = "lost"
next         = "done"

[steps.person]
menu    = "A person for {{ steps.talk.reason }}. Press 1."
keys.1  = "bye"

[steps.misfit]
menu    = "That was odd. Press 1."
keys.1  = "bye"

[steps.lost]
menu    = "It is {{ steps.talk.outcome }}. Press 1."
keys.1  = "bye"

[steps.done]
say  = "Done with {{ steps.talk.reason }}."
next = "bye"

[steps.bye]
say  = "Goodbye."
next = "hangup"

[on]
error = "bye"
"#;

fn serve(folder: &Folder, at: &str) -> Server {
    Plan::default()
        .flows(folder.path())
        .set("MACHINES__ASSISTANT__KIND", "relay")
        .set("MACHINES__ASSISTANT__AT", at)
        .start()
}

/// A caller who talks with the machine, and the document that hands over.
async fn with_machine(server: &Server) -> (Caller, String) {
    let mut caller = Caller::new(server);
    caller.call("/voice/line").await;
    let document = caller.press("4711").await;
    (caller, document)
}

/// What the caller hears when the talk is over.
async fn heard_after(server: &Server) -> String {
    let (mut caller, document) = with_machine(server).await;
    let fields = relayed(&document, "My bill is wrong.").await;
    let fields = fields.expect("the talk ends");
    let mut all = vec![("CallStatus", "in-progress")];
    all.extend(fields.iter().map(|(name, value)| (*name, value.as_str())));
    words(&caller.go(all).await)
}

#[tokio::test]
async fn each_end_of_a_talk_leads_where_the_flow_says() {
    let folder = Folder::of(&[("line.toml", LINE)]);
    let hands = |handoff: &str| Talk::HandsBack(handoff.to_owned());
    for (talk, heard) in [
        (
            hands(r#"{"outcome":"person","reason":"fault"}"#),
            "A person for fault. Press 1.",
        ),
        (hands(r#"{"reason":"fault"}"#), "Done with fault. Goodbye."),
        (Talk::Ends, "Done with bill. Goodbye."),
        (hands("{}"), "Done with bill. Goodbye."),
        // No JSON, no table, a word that the flow does not have, a value that does not fit, and far too much.
        (hands("{person"), "That was odd. Press 1."),
        (hands(&"[".repeat(7_000)), "That was odd. Press 1."),
        (hands("[]"), "That was odd. Press 1."),
        (
            hands(r#"{"outcome":"elsewhere"}"#),
            "That was odd. Press 1.",
        ),
        (hands(r#"{"outcome":7}"#), "That was odd. Press 1."),
        (
            hands(r#"{"outcome":"person","reason":"weather"}"#),
            "That was odd. Press 1.",
        ),
        (
            hands(&format!(
                r#"{{"outcome":"person","note":"{}"}}"#,
                "x".repeat(20_000)
            )),
            "That was odd. Press 1.",
        ),
        (hands(r#"{"outcome":"silent"}"#), "It is silent. Press 1."),
        (Talk::Breaks, "It is lost. Press 1."),
    ] {
        let agent = Agent::start(talk.clone()).await;
        let server = serve(&folder, &agent.url());
        assert_eq!(heard_after(&server).await, heard, "{talk:?}");
        let told = agent.told();
        let given = json!({ "account": "4711", "line": "+442079460123", "time_limit": "300" });
        assert_eq!(told[0]["customParameters"], given);
        assert_eq!(told[1]["voicePrompt"], "My bill is wrong.");
    }
}

#[tokio::test]
async fn a_machine_that_is_not_there_and_one_that_says_nothing_lose_no_caller() {
    let folder = Folder::of(&[("line.toml", LINE)]);
    let server = serve(&folder, "wss://127.0.0.1:1/calls");
    assert_eq!(heard_after(&server).await, "It is unreachable. Press 1.");

    let agent = Agent::start(Talk::IsMute).await;
    let server = serve(&folder, &agent.url());
    let (mut caller, document) = with_machine(&server).await;
    assert_eq!(relayed(&document, "Hello?").await, None);
    // The caller hangs up: the carrier tells the action and the status.
    let gone = [
        ("CallStatus", "completed"),
        ("SessionStatus", "completed"),
        ("SessionDuration", "3"),
    ];
    let path = caller.action.clone();
    let reply = caller.post(&path, &gone).await.expect("the node answers");
    assert_eq!(reply.status, 200, "{}", reply.body);
    assert_eq!(caller.hang_up().await, 204);
}

#[tokio::test]
async fn what_the_carrier_has_never_said_before_is_a_machine_that_is_lost() {
    let folder = Folder::of(&[("line.toml", LINE)]);
    let server = serve(&folder, "wss://127.0.0.1:1/calls");
    for status in ["interrupted", "", "💥"] {
        let (mut caller, _) = with_machine(&server).await;
        let fields = vec![
            ("CallStatus", "in-progress"),
            ("SessionStatus", status),
            ("ErrorCode", "99999999999"),
        ];
        assert_eq!(
            words(&caller.go(fields).await),
            "It is lost. Press 1.",
            "{status}"
        );
    }
    // More than a webhook may be: the request is refused, the carrier asks at the fallback, and the talk begins once more.
    let (mut caller, _) = with_machine(&server).await;
    let (path, much) = (caller.action.clone(), "x".repeat(1 << 20));
    let fields = [
        ("CallStatus", "in-progress"),
        ("SessionStatus", "ended"),
        ("HandoffData", &*much),
    ];
    let refused = caller.post(&path, &fields).await;
    assert!(refused.is_err() || refused.is_ok_and(|reply| reply.status == 413));
    let url = format!("{}{path}", super::server::PUBLIC_URL);
    let fault = [
        ("CallStatus", "in-progress"),
        ("ErrorCode", "11200"),
        ("ErrorUrl", &*url),
    ];
    let document = caller.go_to("/fallback", &fault).await;
    assert!(document.contains("<ConversationRelay "), "{document}");
}
