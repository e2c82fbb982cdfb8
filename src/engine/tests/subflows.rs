//! Flows that go through others.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::phone::{Phone, bundle, flow};
use crate::engine::flow::{Bundle, FlowFile};
use crate::engine::load::load;
use crate::engine::{Ending, Fault, Input, Outcome, Taken};
use crate::written::Code;

/// A flow with those that it can go through.
fn with(source: &str, others: &[(&str, &str)]) -> Bundle {
    let file = |(name, source): &(&str, &str)| {
        let file = FlowFile {
            file: format!("{name}.toml").into(),
            source: (*source).into(),
        };
        ((*name).to_owned(), file)
    };
    Bundle {
        flows: Arc::new(others.iter().map(file).collect::<BTreeMap<_, _>>()),
        ..bundle(source)
    }
}

fn call(source: &str, others: &[(&str, &str)]) -> Phone {
    let bundle = with(source, others);
    if let Err(diags) = load(&bundle) {
        panic!("{diags:#?}");
    }
    Phone::call_flow(flow(&bundle))
}

fn codes(source: &str, others: &[(&str, &str)]) -> Vec<(Code, String)> {
    let diags = load(&with(source, others)).map_or_else(|diags| diags, |loaded| loaded.warnings);
    let told = diags.into_iter();
    told.map(|diag| (diag.code, diag.at.file.to_string()))
        .collect()
}

fn steps(phone: &Phone) -> Vec<&str> {
    let ways = phone.turn.ways.iter().filter_map(Taken::step);
    ways.map(|step| phone.flow.step(step).name.as_str())
        .collect()
}

fn keys(keys: &str) -> Input {
    Input::Keys(keys.to_owned())
}

const ASKS: &str = "[gives]\nphone = { digits = 3 }\n[steps.ask]\nask = \"Your number\"\ninto = \"phone\"\nnext = \"sure\"\n[steps.sure]\nmenu = \"Is {{ phone }} right?\"\nkeys.1 = \"return\"\nkeys.9 = \"back\"\n";
const GOES: &str = "give_up = \"hangup\"\n[answers]\nphone = { digits = 3, optional = true }\n[steps.hello]\nmenu = \"Hello\"\nkeys.1 = \"number\"\n[steps.number]\nflow = \"ask\"\ninto = { phone = \"phone\" }\nnext = \"after\"\n[steps.after]\nmenu = \"It is {{ phone }}\"\nkeys.1 = \"hangup\"\nkeys.2 = \"number\"\nkeys.9 = \"back\"\n";

#[test]
fn back_leads_into_a_flow_and_out_of_it_with_what_was_known_then() {
    let mut phone = call(GOES, &[("ask", ASKS)]);
    phone.input(&keys("1"));
    assert_eq!(steps(&phone), ["number", "number/ask"]);
    phone.input(&keys("123"));
    phone.input(&keys("1"));
    assert_eq!(steps(&phone), ["number/return", "after"]);
    assert!(phone.heard().contains("It is 1 2 3"));
    phone.input(&keys("9"));
    assert!(phone.heard().contains("Is 1 2 3 right?"));
    phone.input(&keys("9"));
    assert!(phone.heard().contains("Your number"));
    phone.input(&keys("456"));
    phone.input(&keys("1"));
    assert!(phone.heard().contains("It is 4 5 6"));
    let own = phone.flow.names.iter().position(|name| name == "phone");
    let left: Vec<usize> = phone
        .turn
        .call
        .values
        .iter()
        .map(|(slot, _)| usize::from(*slot))
        .collect();
    assert_eq!(left, [own.expect("it is promised")]);
    assert_eq!(phone.retraced_otherwise(), None);
}

#[test]
fn at_a_hang_up_the_inner_flow_does_its_part_and_then_the_outer_one_each_once() {
    let inner = "[answers]\na = { digits = 1, optional = true }\n[exits]\ngone = \"None.\"\n[steps.ask]\nask = \"A\"\ninto = \"a\"\nnext = \"more\"\n[steps.more]\nmenu = \"More\"\nkeys.1 = \"return.gone\"\n[steps.left]\nsubmit = { to = \"inner\", partial = true }\nnext = \"hangup\"\n[on]\nhangup = \"left\"\n";
    let outer = "give_up = \"hangup\"\n[answers]\nb = { digits = 1, optional = true }\n[steps.first]\nask = \"B\"\ninto = \"b\"\nnext = \"sub\"\n[steps.sub]\nflow = \"inner\"\non.gone = \"hangup\"\n[steps.left]\nsubmit = { to = \"outer\", partial = true }\nnext = \"hangup\"\n[on]\nhangup = \"left\"\n";
    let mut phone = call(outer, &[("inner", inner)]);
    phone.input(&keys("7"));
    phone.input(&keys("5"));
    phone.input(&Input::HungUp(Ending::HungUp));
    let sent: Vec<_> = phone
        .turn
        .deliveries
        .iter()
        .map(|sent| {
            let body: serde_json::Value = serde_json::from_str(&sent.body).expect("JSON");
            let data = &body["data"];
            (
                sent.backend.clone(),
                data["submission"]["step"].clone(),
                data["answers"].clone(),
                data["call"]["flow"].clone(),
                data["call"]["last_step"].clone(),
            )
        })
        .collect();
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
    assert_eq!(
        sent,
        [
            (
                "inner".to_owned(),
                json("\"sub/left\""),
                json("{\"a\": \"5\"}"),
                json("\"test\""),
                json("\"sub/more\"")
            ),
            (
                "outer".to_owned(),
                json("\"left\""),
                json("{\"b\": \"7\"}"),
                json("\"test\""),
                json("\"sub/more\"")
            ),
        ]
    );
    assert_eq!(phone.turn.call.outcome(), Outcome::HungUp);
}

#[test]
fn keys_attempts_and_faults_are_the_outer_flows_where_the_inner_one_says_nothing() {
    let plain = "[exits]\ngone = \"None.\"\n[steps.ask]\nmenu = \"Inner\"\nattempts = 1\nkeys.1 = \"return.gone\"\nkeys.2 = \"bad\"\n[steps.bad]\nset = { n = \"{{ call.sid | integer }}\" }\nnext = \"say\"\n[steps.say]\nsay = \"{{ n }}\"\nnext = \"return.gone\"\n";
    let own = format!(
        "give_up = \"out\"\n{plain}[steps.out]\nsay = \"Inner is out.\"\nnext = \"hangup\"\n[anywhere]\n0 = \"out\"\n[on]\nerror = \"out\"\n"
    );
    let outer = "give_up = \"out\"\n[steps.sub]\nflow = \"inner\"\non.gone = \"out\"\n[steps.out]\nsay = \"Outer is out.\"\nnext = \"hangup\"\n[steps.other]\nsay = \"Outer cannot.\"\nnext = \"hangup\"\n[anywhere]\n0 = \"out\"\n[on]\nerror = \"other\"\n";
    let step = outer.replace(
        "on.gone = \"out\"\n",
        "on.gone = \"out\"\non.error = { next = \"out\" }\n",
    );
    for (source, inner, input, words) in [
        (outer, plain, Input::Silence, "Outer is out."),
        (outer, plain, keys("0"), "Outer is out."),
        (outer, plain, keys("2"), "Outer cannot."),
        (&step, plain, keys("2"), "Outer is out."),
        (outer, &own, Input::Silence, "Inner is out."),
        (outer, &own, keys("0"), "Inner is out."),
        (outer, &own, keys("2"), "Inner is out."),
    ] {
        let mut phone = call(source, &[("inner", inner)]);
        phone.input(&input);
        assert!(
            phone.heard().contains(words),
            "{input:?}: {}",
            phone.heard()
        );
        let names: Vec<_> = phone
            .turn
            .ways
            .iter()
            .map(|way| way.name(&phone.flow).map(std::borrow::Cow::into_owned))
            .collect();
        assert!(names.iter().all(Option::is_some), "{names:?}");
    }
}

#[test]
fn a_milestone_and_a_zone_are_the_inner_flows_own() {
    let inner = "zone = \"Asia/Tokyo\"\n[milestones]\nthere = \"say\"\n[steps.say]\nsay = \"{{ now.time }}\"\nnext = \"return\"\n";
    let outer = "zone = \"Europe/London\"\n[steps.one]\nflow = \"shared/inner\"\nnext = \"two\"\n[steps.two]\nflow = \"shared/inner\"\nnext = \"say\"\n[steps.say]\nsay = \"here {{ now.time }}\"\nnext = \"hangup\"\n";
    let phone = call(outer, &[("shared/inner", inner)]);
    let said = phone.heard();
    let (there, here) = said.split_once("here").expect("it says both");
    assert!(!here.is_empty() && !there.contains(here.trim().trim_end_matches(" [hangup]")));
    let names: Vec<&str> = phone
        .flow
        .milestones
        .iter()
        .map(|milestone| milestone.name.as_str())
        .collect();
    assert_eq!(names, ["shared/inner.there"]);
    assert_eq!(phone.turn.reached, [0]);
}

#[test]
fn a_version_holds_the_flows_that_it_goes_through_and_no_other() {
    let others = [("ask", ASKS), ("other", "[steps.a]\nhangup = true\n")];
    let loaded = load(&with(GOES, &others)).expect("it loads");
    assert_eq!(
        loaded.bundle.flows.keys().collect::<Vec<_>>(),
        ["ask"].iter().collect::<Vec<_>>()
    );
    let again = load(&loaded.bundle).expect("it loads");
    assert_eq!(again.flow.fingerprint, loaded.flow.fingerprint);
    assert_eq!(again.flow.names, loaded.flow.names);
    let changed = ASKS.replace("Your number", "The number");
    let other = load(&with(GOES, &[("ask", &changed)])).expect("it loads");
    assert_ne!(other.flow.fingerprint, loaded.flow.fingerprint);
}

#[test]
fn what_must_come_back_and_does_not_is_a_fault_of_the_call() {
    let lacks = ASKS.replace(
        "next = \"sure\"",
        "keys.\"*\" = \"return\"\nnext = \"sure\"",
    );
    let mut phone = call(GOES, &[("ask", &lacks)]);
    phone.input(&keys("1"));
    phone.input(&keys("*"));
    let faults: Vec<&Fault> = phone.turn.faults.iter().map(|(_, fault)| fault).collect();
    assert_eq!(faults, [&Fault::Unset("number/phone".to_owned())]);
}

#[test]
fn a_fault_of_the_inner_flow_is_told_with_that_flow() {
    let faulty = "[steps.a]\nsay = \"A\"\nnext = \"nowhere\"\n";
    let goes = "[steps.a]\nflow = \"faulty\"\nnext = \"hangup\"\n";
    assert_eq!(
        codes(goes, &[("faulty", faulty)]),
        [(Code::SubflowFaulty, "test.toml".to_owned())]
    );
    let through = "[steps.a]\nflow = \"test\"\nnext = \"return\"\n";
    assert_eq!(
        codes(
            "[steps.a]\nflow = \"b\"\nnext = \"hangup\"\n",
            &[("b", through), ("test", "")]
        ),
        [(Code::SubflowCircle, "test.toml".to_owned())]
    );
    // What it lacks only where this flow goes through it stands in its file.
    let german = "language = \"de-DE\"\n[languages]\nen-GB = {}\n[steps.hello]\nmenu = \"@hello\"\ngive_up = \"hangup\"\nkeys.1 = { set = { call.language = \"en-GB\" }, next = \"sub\" }\n[steps.sub]\nflow = \"inner\"\nnext = \"hangup\"\n[prompts]\nhello = { de-DE = \"Hallo\", en-GB = \"Hello\" }\n";
    let inner = "language = \"en-GB\"\n[args]\n[steps.a]\nsay = \"@a\"\nnext = \"return\"\n[prompts]\na = { en-GB = \"A\" }\n";
    assert_eq!(
        codes(german, &[("inner", inner)]),
        [(Code::PromptMissing, "inner.toml".to_owned())]
    );
    let both = inner
        .replace(
            "{ en-GB = \"A\" }",
            "{ en-GB = \"A\", de-DE = \"Ah\", fr-FR = \"Ah bon\" }",
        )
        .replace(
            "language = \"en-GB\"\n",
            "language = \"en-GB\"\nlanguages.de-DE = {}\nlanguages.fr-FR = {}\n",
        );
    assert_eq!(codes(german, &[("inner", &both)]), []);
}
