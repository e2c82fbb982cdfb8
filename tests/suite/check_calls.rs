//! The call that `check` writes for each fault of a way, played: it shows the fault. And the other way round: what calls
//! meet on flows by chance, `check` has told.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use hookswitch::cli::stage;
use hookswitch::engine::diag::{Diag, Severity, Shows};
use hookswitch::replay::{self, AfterCall, Played, Script};
use hookswitch::web::InProcess;
use hookswitch::web::flows::{Directory, Flows, Folders, Sources, read_folder};
use hookswitch::written::Code;

use super::architecture::{none, root};
use super::chance::Chance;
use super::check_mutations::{PLANTED, samples};
use super::flow_by_chance;
use super::flow_faults::row_of_steps;
use super::server::is_long;

/// The faults of ways.
const WAYS: [&str; 12] = [
    "answer-survives",
    "answer-unset",
    "call-too-long",
    "give-up-nowhere",
    "hangup-ends-early",
    "loop-never-ends",
    "loop-never-waits",
    "name-may-be-unset",
    "refusal-never-ends",
    "set-may-fail",
    "step-no-end",
    "step-out-of-reach",
];
/// Codes of a call that goes on and on.
const CIRCLES: [&str; 4] = [
    "loop-never-ends",
    "loop-never-waits",
    "refusal-never-ends",
    "step-no-end",
];

/// How much is made by chance.
struct Amount {
    flows: usize,
    /// Calls on each flow that has no fault of ways.
    calls: usize,
}

/// Calls on each flow that has faults of ways.
const CALLS_ON_FAULTY: usize = 5;

/// In the long form 2,000 flows and over 200,000 calls.
fn amount() -> Amount {
    if is_long() {
        Amount {
            flows: 2_000,
            calls: 1_000,
        }
    } else {
        Amount {
            flows: 250,
            calls: 10,
        }
    }
}

/// What an example of a fault fails with.
fn shown_by(diag: &Diag) -> &'static [Code] {
    match diag.call.as_ref().map(|call| &call.shows) {
        Some(Shows::Unset) => &[Code::NameUnset],
        Some(Shows::Failure) => &[Code::StepFailed],
        Some(Shows::NoEnd) => &[Code::EndDiffers],
        Some(Shows::Survivor { .. }) => &[Code::SubmittedDiffers],
        Some(Shows::NotReached(_)) => &[Code::StepDiffers],
        Some(Shows::Longer(_)) => &[Code::SecondsDiffer],
        Some(Shows::LeftOver { .. } | Shows::Cost | Shows::Comes(_)) | None => &[],
    }
}

/// A node that serves the flows of a folder.
async fn node(folders: &Folders) -> InProcess {
    let (flows, _) = Flows::open(Folders {
        backends: None,
        ..folders.clone()
    });
    InProcess::start(Arc::new(flows), None)
        .await
        .expect("it starts")
}

fn read(text: &str) -> Script {
    replay::read(&Arc::from("call.toml"), text.to_owned())
        .unwrap_or_else(|diags| panic!("{diags:?}\n{text}"))
}

async fn play(node: &InProcess, script: &Script) -> (Played, AfterCall) {
    stage::play(
        script,
        node,
        &format!("CA{:032x}", getrandom::u64().expect("there is chance")),
    )
    .await
    .expect("it is played")
}

/// What a call fails with.
async fn fails(node: &InProcess, text: &str) -> Vec<Diag> {
    let script = read(text);
    let (played, left) = play(node, &script).await;
    replay::judge(&script, &played, Some(&left))
        .into_iter()
        .map(|failure| failure.diag)
        .collect()
}

/// The names in a message.
fn names(diag: &Diag) -> Vec<&str> {
    diag.message.split('`').skip(1).step_by(2).collect()
}

/// The faults of each flow.
fn told(sources: &Sources) -> impl Iterator<Item = (&str, &Diag)> {
    let flows = sources
        .flows
        .iter()
        .filter_map(|flow| Some((flow.name.as_str(), flow.loaded.as_ref().ok()?)));
    flows.flat_map(|(name, loaded)| loaded.warnings.iter().map(move |diag| (name, diag)))
}

/// Whether a call does not come to the fault of a flow, since a step before it fails, which is told too.
fn is_before(failures: &[Diag], fault: &Diag, told: &[(&str, &Diag)]) -> bool {
    let failed = failures
        .iter()
        .filter(|failure| failure.code == Code::StepFailed)
        .map(|failure| names(failure)[0]);
    let mut others = failed.flat_map(|step| told.iter().map(move |(_, diag)| (step, diag)));
    others.any(|(step, other)| {
        other.code != fault.code && other.at.file == fault.at.file && names(other).contains(&step)
    })
}

/// How many calls of a folder's faults show theirs, how many meet another before, and those that show neither.
async fn shown(folders: &Folders) -> (usize, usize, Vec<String>) {
    let (sources, node) = (read_folder(folders), node(folders).await);
    let told: Vec<_> = told(&sources).collect();
    let (mut count, mut before, mut wrong) = (0, 0, Vec::new());
    for (flow, diag) in &told {
        let Some(text) = replay::example(flow, diag, "there", "call.toml") else {
            continue;
        };
        let failures = fails(&node, &text).await;
        // Where nobody is asked, a call without an end goes on until it is too long.
        let is_endless = |failure: &Diag| {
            [Code::StepNoEnd, Code::LoopNeverEnds].contains(&diag.code)
                && failure.message.contains("steps in one call")
                && failure.code == Code::StepFailed
        };
        if failures
            .iter()
            .any(|failure| shown_by(diag).contains(&failure.code) || is_endless(failure))
        {
            count += 1;
        } else if is_before(&failures, diag, &told) {
            before += 1;
        } else {
            let codes: Vec<_> = failures.iter().map(|failure| failure.code).collect();
            let source = sources
                .texts
                .get(&diag.at.file)
                .cloned()
                .unwrap_or_default();
            wrong.push(format!(
                "{} is not shown, but {codes:?}:\n{text}\n{source}",
                diag.code
            ));
        }
    }
    (count, before, wrong)
}

/// A folder with these flows.
fn folder_of<'a>(
    flows: impl IntoIterator<Item = (&'a str, String)>,
) -> (tempfile::TempDir, Folders) {
    let folder = tempfile::TempDir::new().expect("there is a folder for what is temporary");
    for (name, source) in flows {
        std::fs::write(folder.path().join(format!("{name}.toml")), source)
            .expect("it can be written");
    }
    let audio = root().join("audio-manifest");
    let folders = Folders {
        flows: folder.path().to_owned(),
        audio,
        hours: root().join("config/hours"),
        backends: None,
        prices: None,
        directory: Directory::default(),
    };
    (folder, folders)
}

fn written(path: &Path) -> String {
    std::fs::read_to_string(path).expect("it is there")
}

#[actix_web::test]
async fn the_call_of_each_faulty_flow_shows_its_fault() {
    let flows = WAYS.map(|code| {
        (
            code,
            written(&root().join(format!("tests/check/{code}.toml"))),
        )
    });
    let (_folder, folders) = folder_of(flows);
    let sources = read_folder(&folders);
    for code in WAYS {
        let mut own =
            told(&sources).filter(|(flow, diag)| *flow == code && diag.code.name() == code);
        assert!(
            own.any(|(flow, diag)| replay::example(flow, diag, "", "").is_some()),
            "{code} has no call"
        );
    }
    let (_, before, wrong) = shown(&folders).await;
    assert_eq!(before, 0);
    none("calls that do not show their fault", wrong);
}

#[actix_web::test]
async fn the_call_of_each_planted_fault_shows_it() {
    let (mut count, mut wrong) = (0, Vec::new());
    for (flow, from, to, code, _) in PLANTED.iter().filter(|(.., code, _)| WAYS.contains(code)) {
        let source = written(&root().join(format!("flows/{flow}.toml"))).replacen(from, to, 1);
        let (_folder, folders) = samples(Some((flow, &source)));
        let (shown, before, not) = shown(&folders).await;
        assert!(shown > 0 && before == 0, "{flow}: {code} has no call");
        count += shown;
        wrong.extend(not);
    }
    none("calls that do not show their fault", wrong);
    assert!(count >= 10, "there are {count} calls");
}

#[actix_web::test]
async fn rows_of_steps_are_reported_from_the_first_length_that_a_turn_does_not_do() {
    // At the beginning, behind a key and behind giving up.
    let first = |row: usize| row_of_steps(row);
    let behind = |row: usize| {
        format!(
            "give_up = \"s1\"\n[steps.ask]\nmenu = \"Press 1.\"\nkeys.1 = \"s1\"\n{}",
            row_of_steps(row)
        )
    };
    let flows = (60..=64).flat_map(|row| [(row, first(row)), (row, behind(row))]);
    let mut reported = 0;
    for (row, source) in flows {
        let (_folder, folders) = folder_of([("row", source.clone())]);
        let sources = read_folder(&folders);
        let is_told = told(&sources).any(|(_, diag)| diag.code == Code::TurnTooLong);
        let node = node(&folders).await;
        let act = if source.contains("menu") {
            "[[turn]]\nsilent = true\n".repeat(3)
        } else {
            String::new()
        };
        let failures = fails(&node, &format!("flow = \"row\"\nopen = true\n{act}")).await;
        let has_failed = failures.iter().any(|diag| diag.code == Code::StepFailed);
        assert_eq!(is_told, has_failed, "{row} steps: {failures:?}");
        reported += usize::from(is_told);
    }
    assert!((2..10).contains(&reported), "{reported} rows are too long");
}

/// A fault and how it is mended, as its help says: the flow, what stands there, and what is written instead.
const MENDED: [(&str, &str, &str); 9] = [
    (
        "answer-survives",
        "keys.2 = \"kind\"",
        "keys.2 = { next = \"kind\", forget = [\"weight\"] }",
    ),
    (
        "answer-unset",
        "hour = \"time\"",
        "hour = { time = true, optional = true }",
    ),
    (
        "answer-unset",
        "submit = \"pickups\"",
        "submit = { to = \"pickups\", partial = true }",
    ),
    (
        "give-up-nowhere",
        "[steps.ask]",
        "give_up = \"bye\"\n[steps.ask]",
    ),
    (
        "hangup-ends-early",
        "partial = true }\nnext   = \"bye\"",
        "partial = true }\nnext   = \"hangup\"",
    ),
    (
        "loop-never-ends",
        "give_up = \"again\"",
        "give_up = \"bye\"",
    ),
    ("loop-never-waits", "next = \"one\"", "next = \"bye\""),
    (
        "name-may-be-unset",
        "{{ kind }}",
        "{{ kind if kind is defined else '' }}",
    ),
    ("step-no-end", "give_up = \"one\"", "give_up = \"bye\""),
];

#[actix_web::test]
async fn the_call_of_a_fault_passes_once_it_is_mended() {
    let mut wrong = Vec::new();
    let out_of_reach = (
        "step-out-of-reach",
        "keys.1  = \"bye\"",
        "keys.1  = \"bye\"\nkeys.0  = \"operator\"",
    );
    for (code, from, to) in MENDED.into_iter().chain([out_of_reach]) {
        let source = written(&root().join(format!("tests/check/{code}.toml")));
        assert!(source.contains(from), "{code}.toml has no `{from}`");
        let (_faulty, folders) = folder_of([(code, source.clone())]);
        let sources = read_folder(&folders);
        let texts: Vec<String> = told(&sources)
            .filter(|(_, diag)| diag.code.name() == code)
            .filter_map(|(flow, diag)| replay::example(flow, diag, "there", "call.toml"))
            .collect();
        assert!(!texts.is_empty(), "{code} has no call");
        let (_mended, folders) = folder_of([(code, source.replacen(from, to, 1))]);
        let node = node(&folders).await;
        for text in texts {
            let failures = fails(&node, &text).await;
            wrong.extend(
                failures
                    .iter()
                    .map(|diag| format!("{code}: {} {}\n{text}", diag.code, diag.message)),
            );
        }
    }
    none("calls that fail although the fault is mended", wrong);
}

#[actix_web::test]
async fn flows_without_faults_have_no_calls() {
    let (_folder, folders) = samples(None);
    assert_eq!(shown(&folders).await, (0, 0, Vec::new()));
}

#[actix_web::test]
async fn a_call_as_a_test_says_what_the_carrier_sends() {
    let flow = "give_up = \"hangup\"\n[call]\ncountry = \"CallerCountry\"\n\
                account = { at = \"SipHeader_X-Account\", digits = 4 }\n[steps.a]\n\
                menu = \"Country {{ call.country? }}, account {{ call.account? }}.\"\nkeys.1 = \"hangup\"\n";
    let (_folder, folders) = folder_of([("members", flow.to_owned())]);
    let node = node(&folders).await;
    let call = |fields: &str, hears: &str| {
        format!(
            "flow = \"members\"\n{fields}\n[[turn]]\nhears = \"{hears}\"\npress = \"1\"\n[end]\nby = \"flow\"\n"
        )
    };
    for (fields, hears) in [
        // The country of the number that calls is made up, as the carrier would say it.
        ("", "Country GB, account ."),
        ("fields = { CallerCountry = \"\" }", "Country , account ."),
        (
            "fields = { CallerCountry = \"FR\", SipHeader_X-Account = \"0042\" }",
            "Country FR, account 0 0 4 2.",
        ),
        (
            "fields = { SipHeader_X-Account = \"42\" }",
            "Country GB, account .",
        ),
    ] {
        assert_eq!(fails(&node, &call(fields, hears)).await, [], "{fields}");
    }
    let said_elsewhere = replay::read(
        &Arc::from("call.toml"),
        call("fields = { From = \"+1\", CallSid = \"CA1\" }", "…"),
    );
    let codes = said_elsewhere.map_or_else(
        |diags| diags.iter().map(|diag| diag.code).collect(),
        |_| Vec::new(),
    );
    assert_eq!(codes, [Code::KeyMisplaced, Code::KeyMisplaced]);
}

/// A folder of flows by chance.
fn flows_by_chance(chance: &mut Chance) -> (tempfile::TempDir, Folders) {
    let flows: Vec<_> = (0..amount().flows)
        .map(|at| (format!("f{at}"), flow_by_chance::flow(chance)))
        .collect();
    let named = flows.iter().map(|(name, source)| (name.as_str(), source));
    folder_of(named.map(|(name, source)| (name, source.clone())))
}

#[actix_web::test]
async fn the_call_of_each_fault_of_a_flow_by_chance_shows_it() {
    let (_folder, folders) = flows_by_chance(&mut Chance::same());
    let (count, before, wrong) = shown(&folders).await;
    println!(
        "{count} calls show their fault, {before} another one before it, {} none",
        wrong.len()
    );
    none("calls that do not show their fault", wrong);
    assert!(
        count > amount().flows && before < count / 10,
        "{count} calls show their fault, {before} another one"
    );
}

/// What a flow was warned of: what may fail, or be read unset, at which step.
fn warned(diags: &[Diag]) -> BTreeSet<(String, String)> {
    let of = |diag: &Diag| {
        let words = names(diag);
        match diag.code {
            Code::NameMayBeUnset => Some((words.get(1)?.to_string(), words[0].to_owned())),
            Code::GiveUpNowhere | Code::HangupEndsEarly => {
                Some((words.first()?.to_string(), String::new()))
            }
            Code::AnswerUnset => Some((words.get(1)?.to_string(), String::new())),
            _ => None,
        }
    };
    diags.iter().filter_map(of).collect()
}

/// What a call met that a flow's author would want to be told of, and was not: steps and names, with the reason.
fn not_told(
    (played, left): (&Played, &AfterCall),
    source: &str,
    diags: &[Diag],
) -> (usize, Vec<String>) {
    let warned = warned(diags);
    let goes_round = diags.iter().any(|diag| CIRCLES.contains(&diag.code.name()));
    let stretches = &played.stretches;
    let faults = stretches.iter().flat_map(|stretch| &stretch.faults);
    let faults = faults.chain(&left.faults);
    let unset = stretches.iter().flat_map(|stretch| &stretch.unset);
    let unset: Vec<_> = unset.chain(&left.unset).collect();
    let is_told = |step: &str, name: &str| warned.contains(&(step.to_owned(), name.to_owned()));
    // What is worked out and does not fit is told of the answer.
    let sums = diags.iter().filter(|diag| diag.code == Code::SetMayFail);
    let unfit: Vec<String> = sums
        .filter_map(|diag| Some(format!("does not fit `{}`", names(diag).get(1)?)))
        .collect();
    // What is set to a name that is not set is not set either, and conditions on it come out otherwise: that the name is
    // read so is told.
    let has_read_unset = unset.iter().any(|(step, name)| is_told(step, name));
    // What all steps share is told once, at the first step from which it is read.
    let is_shared = |name: &str| {
        let shared = source.split_once("[on]").map_or("", |(_, shared)| shared);
        shared.contains(name) && warned.iter().any(|(_, told)| told == name)
    };
    let met = unset.len();
    let unset = unset
        .into_iter()
        .filter(|(_, name)| !has_read_unset && !is_shared(name))
        .map(|(step, name)| format!("`{name}` is not set at `{step}`"));
    // `[on] error` takes whoever is out of attempts, once a call.
    let mut led_on = usize::from(source.contains("\nerror = "));
    let faults: Vec<_> = faults
        .filter(|(_, why)| {
            let is_led_on = why.contains("used up all attempts") && led_on > 0;
            led_on -= usize::from(is_led_on);
            !is_led_on
        })
        .filter(|(step, why)| {
            let is_circle = goes_round && why.contains("steps in one call");
            let is_unfit = unfit.iter().any(|what| why.contains(what.as_str()));
            !is_circle && !is_unfit && !is_told(step, "")
        })
        .map(|(step, why)| format!("`{step}` could not be done: {why}"))
        .collect();
    (met + faults.len(), unset.chain(faults).collect())
}

#[actix_web::test]
async fn a_call_by_chance_meets_nothing_that_was_not_told() {
    let mut chance = Chance::same();
    let (_folder, folders) = flows_by_chance(&mut chance);
    let (sources, node) = (read_folder(&folders), node(&folders).await);
    let (mut passed, mut calls, mut met, mut wrong) = (0, 0, 0, Vec::new());
    for flow in &sources.flows {
        let loaded = flow
            .loaded
            .as_ref()
            .unwrap_or_else(|diags| panic!("{diags:?}"));
        let diags = &loaded.warnings;
        if diags.iter().any(|diag| diag.severity == Severity::Error) {
            continue;
        }
        let of_ways = |diag: &Diag| WAYS.contains(&diag.code.name());
        let is_passed = !diags.iter().any(of_ways);
        passed += usize::from(is_passed);
        let many = if is_passed {
            amount().calls
        } else {
            CALLS_ON_FAULTY
        };
        for _ in 0..many {
            let text = flow_by_chance::call(&mut chance, &flow.name, &loaded.bundle.source);
            let (played, left) = play(&node, &read(&text)).await;
            let (all, unexpected) = not_told((&played, &left), &loaded.bundle.source, diags);
            calls += 1;
            met += all;
            wrong.extend(
                unexpected
                    .iter()
                    .map(|what| format!("{what}:\n{text}\n{}", loaded.bundle.source)),
            );
        }
    }
    println!(
        "{passed} flows without faults of ways, {calls} calls, {met} faults met, {} not told",
        wrong.len()
    );
    none("faults that were met and not told", wrong);
    assert!(
        passed > amount().flows / 50 && met > 0,
        "{passed} flows without faults of ways, {met} faults met"
    );
}
