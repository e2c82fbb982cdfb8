//! `hookswitch number`, against a stand-in for Twilio's numbers.

use std::sync::{Arc, Mutex};

use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};

use super::carrier::ACCOUNT;
use super::server::{PUBLIC_URL, Plan};
use super::stand_in::StandIn;

const WELL: i32 = 0;
const FAULTS: i32 = 1;
const USAGE: i32 = 2;
const SURROUNDINGS: i32 = 3;

/// The fields of an update that Twilio keeps, and the names of what it then says.
const FIELDS: [(&str, &str); 5] = [
    ("VoiceUrl", "voice_url"),
    ("VoiceMethod", "voice_method"),
    ("VoiceFallbackUrl", "voice_fallback_url"),
    ("StatusCallback", "status_callback"),
    ("VoiceApplicationSid", "voice_application_sid"),
];

/// The numbers as Twilio has them.
pub type Numbers = Arc<Mutex<Vec<Value>>>;

fn number(at: usize, number: &str) -> Value {
    json!({
        "sid": format!("PN{at:032x}"), "phone_number": number, "friendly_name": format!("Line {at}"),
        "voice_url": "https://old.example/voice", "voice_method": "GET", "voice_fallback_url": null,
        "status_callback": "", "voice_application_sid": "", "trunk_sid": null,
    })
}

/// Twilio, with 25 numbers, the first of which is that of a flow.
pub fn twilio() -> (StandIn, Numbers) {
    let rest = (1..25).map(|at| number(at, &format!("+4420794602{at:02}")));
    let numbers: Vec<Value> = [number(0, "+442079460123")]
        .into_iter()
        .chain(rest)
        .collect();
    let numbers = Arc::new(Mutex::new(numbers));
    (StandIn::start(numbers.clone(), answer), numbers)
}

async fn answer(request: HttpRequest, body: Bytes, numbers: Data<Numbers>) -> HttpResponse {
    let mut numbers = numbers.lock().expect("no panic");
    let path = request.path().to_owned();
    let Some(rest) = path.strip_prefix(&format!("/2010-04-01/Accounts/{ACCOUNT}/")) else {
        return HttpResponse::Unauthorized().json(json!({ "code": 20003 }));
    };
    if rest == "IncomingPhoneNumbers.json" {
        let query = request.query_string().to_owned();
        let page = usize::from(query.contains("PageToken=PA1"));
        let shown: Vec<_> = numbers.iter().skip(page * 20).take(20).cloned().collect();
        let next = (page == 0).then(|| format!("{path}?PageSize=20&Page=1&PageToken=PA1"));
        return HttpResponse::Ok()
            .json(json!({ "incoming_phone_numbers": shown, "next_page_uri": next }));
    }
    let sid = rest.trim_start_matches("IncomingPhoneNumbers/");
    let sid = sid.trim_end_matches(".json");
    let Some(number) = numbers.iter_mut().find(|number| number["sid"] == sid) else {
        return HttpResponse::NotFound().json(json!({ "code": 20404 }));
    };
    for (field, value) in form_urlencoded::parse(&body) {
        if let Some((_, name)) = FIELDS.iter().find(|(known, _)| *known == field) {
            number[*name] = value.into_owned().into();
        }
    }
    HttpResponse::Ok().json(&*number)
}

fn run(twilio: &StandIn, arguments: &[&str]) -> (i32, String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = Plan::default()
        .set("TWILIO__API_URL", twilio.url())
        .set("TWILIO__ACCOUNT_SID", ACCOUNT);
    let arguments: Vec<String> = ["number"]
        .iter()
        .chain(arguments)
        .map(ToString::to_string)
        .collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    plan.run(folder.path(), &arguments)
}

/// Without blocking the stand-in, which answers in this runtime.
async fn asked(twilio: &Arc<StandIn>, arguments: &'static [&'static str]) -> (i32, String, String) {
    let twilio = Arc::clone(twilio);
    let asked = tokio::task::spawn_blocking(move || run(&twilio, arguments));
    asked.await.expect("no panic")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_shown_first_and_changed_only_when_somebody_says_so() {
    let (twilio, numbers) = twilio();
    let twilio = Arc::new(twilio);
    let fragment = "#ct=2000&rt=4000&tt=14000&rc=2&rp=ct,rt,5xx";

    let (code, told, noted) = asked(&twilio, &["set", "+442079460123"]).await;
    assert_eq!((code, noted.as_str()), (WELL, ""));
    for line in [
        "a call comes in  was https://old.example/voice".to_owned(),
        format!("is  {PUBLIC_URL}/voice{fragment}"),
        "handler fails    was nothing".to_owned(),
        format!("is  {PUBLIC_URL}/fallback{fragment}"),
        format!("is  {PUBLIC_URL}/status{fragment}"),
        "Nothing is changed yet: --yes changes it.".to_owned(),
    ] {
        assert!(told.contains(&line), "{line}:\n{told}");
    }
    assert_eq!(
        numbers.lock().expect("no panic")[0]["voice_url"],
        "https://old.example/voice"
    );

    let (code, told, _) = asked(&twilio, &["set", "+442079460123", "--yes"]).await;
    assert_eq!(code, WELL);
    assert!(
        told.contains("was https://old.example/voice") && told.ends_with("Changed.\n"),
        "{told}"
    );
    {
        let numbers = numbers.lock().expect("no panic");
        assert_eq!(
            numbers[0]["voice_url"],
            format!("{PUBLIC_URL}/voice{fragment}")
        );
        assert_eq!(numbers[0]["voice_method"], "POST");
        assert_eq!(
            numbers[0]["status_callback"],
            format!("{PUBLIC_URL}/status{fragment}")
        );
        assert_eq!(numbers[1]["voice_url"], "https://old.example/voice");
    }
    let (_, told, _) = asked(&twilio, &["set", "+44 20 7946 0123", "--yes"]).await;
    assert!(told.ends_with("Nothing is to be changed.\n"), "{told}");

    let (code, told, _) = asked(&twilio, &["list"]).await;
    assert_eq!(code, WELL);
    assert_eq!(
        told.matches("+44").count(),
        25,
        "the second page is read too:\n{told}"
    );
    assert_eq!(told.matches("comes here\n").count(), 1, "{told}");
    let (_, told, _) = asked(&twilio, &["list", "--format", "json"]).await;
    let first: Value = serde_json::from_str(told.lines().next().expect("a line")).expect("JSON");
    assert_eq!(
        (&first["number"], &first["comes_here"]),
        (&json!("+442079460123"), &json!(true))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flow_may_be_named_and_an_application_is_told_before_it_gets_no_more_calls() {
    let (twilio, numbers) = twilio();
    let twilio = Arc::new(twilio);
    numbers.lock().expect("no panic")[1]["voice_application_sid"] = "AP1".into();
    let (code, told, _) = asked(
        &twilio,
        &["set", "+442079460201", "--flow", "pickup", "--yes"],
    )
    .await;
    assert_eq!(code, WELL);
    assert!(
        told.contains("The application AP1 got its calls so far"),
        "{told}"
    );
    let after = numbers.lock().expect("no panic")[1].clone();
    assert!(
        after["voice_url"]
            .as_str()
            .expect("text")
            .contains("/voice/pickup#")
    );
    assert_eq!(after["voice_application_sid"], "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_set_is_refused_with_a_way_out() {
    let (twilio, numbers) = twilio();
    let twilio = Arc::new(twilio);
    numbers.lock().expect("no panic")[2]["trunk_sid"] = "TK1".into();
    for (arguments, code, told) in [
        (
            &["set", "+442079460124"][..],
            USAGE,
            "did you mean +442079460123?",
        ),
        (
            &["set", "+442079460202", "--flow", "pickup", "--yes"],
            FAULTS,
            "SIP trunk TK1",
        ),
        (
            &["set", "+442079460123", "--flow", "pikcup"],
            USAGE,
            "did you mean `pickup`?",
        ),
        (
            &["list", "--account", "AC11111111111111111111111111111111"],
            SURROUNDINGS,
            "no login is set",
        ),
    ] {
        let (ended, _, noted) = asked(&twilio, arguments).await;
        assert_eq!(ended, code, "{arguments:?}: {noted}");
        assert!(noted.contains(told), "{arguments:?}: {noted}");
    }
    let (_, _, noted) = asked(&twilio, &["set", "+442079460203"]).await;
    assert!(
        noted.contains("no flow in service has +442079460203"),
        "{noted}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    for (unset, command) in [
        (
            "TWILIO__AUTH_TOKEN",
            &["number", "list", "--account", ACCOUNT][..],
        ),
        ("TWILIO__ACCOUNT_SID", &["number", "list"]),
    ] {
        let plan = Plan::default().unset(unset).unset("SERVER__PUBLIC_URL");
        let (code, _, noted) = plan.run(folder.path(), command);
        assert_eq!(code, USAGE, "{noted}");
        assert!(noted.contains(&format!("HOOKSWITCH__{unset}")), "{noted}");
    }
}

#[test]
fn every_command_has_a_manual_page_and_shells_complete_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let pages = folder.path().join("man1").display().to_string();
    let (code, _, noted) = Plan::default().run(folder.path(), &["man", "--output", &pages]);
    assert_eq!(code, WELL, "{noted}");
    let page = |name: &str| {
        std::fs::read_to_string(folder.path().join("man1").join(name)).expect("it is written")
    };
    assert!(page("hookswitch.1").contains(".TH hookswitch 1"));
    assert!(page("hookswitch-number-set.1").contains("\\-\\-yes"));
    let (code, told, _) = Plan::default().run(folder.path(), &["man"]);
    assert!(code == WELL && told.contains(".TH hookswitch 1"), "{told}");

    for shell in ["bash", "zsh", "fish"] {
        let (code, script, _) = Plan::default().run(folder.path(), &["completions", shell]);
        assert_eq!(code, WELL);
        assert!(script.contains("number"), "{shell}");
    }
    let (_, script, _) = Plan::default().run(folder.path(), &["completions", "bash"]);
    let file = folder.path().join("hookswitch.bash");
    std::fs::write(&file, script).expect("it can be written");
    let asked = "source \"$1\"; COMP_WORDS=(hookswitch numb); COMP_CWORD=1; _hookswitch hookswitch numb hookswitch; \
                 echo \"${COMPREPLY[@]}\"";
    let output = std::process::Command::new("bash")
        .args(["-c", asked, "bash"])
        .arg(&file)
        .output()
        .expect("bash can be run");
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim(), "number");
}
