//! Faults planted one at a time in the sample flows: `check` tells each, at its line, and of the samples as they are
//! nothing.

use std::path::Path;

use hookswitch::engine::Machine;
use hookswitch::engine::diag::{Diag, line_and_column};
use hookswitch::study::walk::time::Prices;
use hookswitch::web::flows::{Directory, Folders, read_folder};

use super::architecture::{none, root};

/// A planted fault: the flow, what stands there, what is made of it, the code that is told, and words of the line.
pub type Planted = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static str,
);

pub const PLANTED: &[Planted] = &[
    // Names mistyped.
    (
        "pickup",
        "keys.0 = \"operator\"",
        "keys.0 = \"operater\"",
        "target-unknown",
        "keys.0",
    ),
    (
        "pickup",
        "give_up  = \"operator\" ",
        "give_up  = \"opertor\" ",
        "target-unknown",
        "give_up ",
    ),
    (
        "pickup",
        "error  = \"connect\"",
        "error  = \"conect\"",
        "target-unknown",
        "error  =",
    ),
    (
        "pickup",
        "start    = \"welcome\"",
        "start    = \"welcom\"",
        "target-unknown",
        "start ",
    ),
    (
        "pickup",
        "say  = \"@thanks\"",
        "say  = \"@thnks\"",
        "prompt-unknown",
        "@thnks",
    ),
    (
        "pickup",
        "into     = \"weight\"",
        "into     = \"wieght\"",
        "answer-not-promised",
        "wieght",
    ),
    (
        "pickup",
        "at {{ hour }}.\"",
        "at {{ huor }}.\"",
        "name-unknown",
        "huor",
    ),
    (
        "pickup",
        "forget = [\"weight\", \"hour\"]",
        "forget = [\"weigth\", \"hour\"]",
        "name-unknown",
        "weigth",
    ),
    (
        "pickup",
        "call.language = \"bg-BG\"",
        "call.language = \"bg-BR\"",
        "language-unknown",
        "bg-BR",
    ),
    (
        "pickup",
        "submit = \"pickups\"",
        "submit = \"pikups\"",
        "backend-unknown",
        "pikups",
    ),
    (
        "pickup",
        "attempts = 3",
        "atempts = 3",
        "key-unknown",
        "atempts",
    ),
    (
        "pickup",
        "on.unanswered",
        "on.unanswerd",
        "key-unknown",
        "unanswerd",
    ),
    ("pickup", "title    =", "titel    =", "key-unknown", "titel"),
    (
        "pin",
        "ask       = \"Now",
        "aks       = \"Now",
        "step-no-action",
        "aks",
    ),
    (
        "languages",
        "de-DE = { voice",
        "de-DE = { vioce",
        "key-unknown",
        "vioce",
    ),
    // Types and values swapped.
    (
        "pickup",
        "hour   = \"time\"",
        "hour   = \"tiem\"",
        "answer-type-unknown",
        "tiem",
    ),
    (
        "pickup",
        "{ integer = [1, 30]",
        "{ integer = [30, 1]",
        "bounds-wrong",
        "[30, 1]",
    ),
    (
        "pickup",
        "value = \"letter\"",
        "value = \"leter\"",
        "value-misfit",
        "leter",
    ),
    (
        "pickup",
        "attempts = 3",
        "attempts = \"3\"",
        "value-wrong-type",
        "attempts",
    ),
    (
        "pickup",
        "attempts = 3",
        "attempts = 30",
        "value-out-of-range",
        "attempts",
    ),
    (
        "pickup",
        "numbers  = [\"+442079460123\"]",
        "numbers  = [\"02079460123\"]",
        "number-not-e164",
        "numbers",
    ),
    (
        "pickup",
        "dial          = \"desk\"",
        "dial          = \"2079460000\"",
        "number-not-e164",
        "dial ",
    ),
    (
        "person",
        "timeout     = \"20s\"",
        "timeout     = \"20\"",
        "value-not-a-time",
        "timeout     =",
    ),
    (
        "person",
        "{ digits = [4, 6]",
        "{ digits = [4, 60, 6]",
        "bounds-wrong",
        "digits",
    ),
    (
        "languages",
        "value = \"sunday\"",
        "value = \"monday\"",
        "value-misfit",
        "monday",
    ),
    // Keys.
    (
        "pickup",
        "keys.0 = \"operator\"",
        "keys.10 = \"operator\"",
        "keys-ambiguous",
        "keys.10",
    ),
    (
        "pickup",
        "9   = \"back\"",
        "\"#\" = \"back\"",
        "keys-illegal",
        "\"#\" = \"back\"",
    ),
    // Words lost.
    (
        "pickup",
        ", bg-BG = \"{{ kind }}, в {{ hour }}.\"",
        "",
        "prompt-missing",
        "confirm.choice\" =",
    ),
    (
        "languages",
        ", de-DE = \"ohne Zelt\"",
        "",
        "prompt-missing",
        "no_tent  =",
    ),
    (
        "pickup",
        "say  = \"@sorry\"",
        "say  = \"Sorry.\"",
        "text-one-language",
        "Sorry.",
    ),
    // Steps dropped, edges cut.
    (
        "pickup",
        "[steps.missed]\nsubmit = { to = \"pickups\", partial = true }            # whatever was selected until here\nnext   = \"sorry\"\n",
        "",
        "target-unknown",
        "on.unanswered",
    ),
    (
        "pickup",
        "on.unanswered = \"missed\"",
        "on.unanswered = \"hangup\"",
        "step-unreachable",
        "[steps.missed]",
    ),
    (
        "person",
        "on.busy     = \"second\"",
        "on.busy     = \"message\"",
        "step-unreachable",
        "[steps.second]",
    ),
    (
        "pin",
        "next      = \"send\"",
        "next      = \"thanks\"",
        "step-unreachable",
        "[steps.send]",
    ),
    (
        "pin",
        "next   = \"thanks\"",
        "",
        "next-missing",
        "[steps.send]",
    ),
    (
        "languages",
        "next = \"send\"",
        "next = \"thanks\"",
        "step-unreachable",
        "[steps.send]",
    ),
    (
        "languages",
        "give_up  = \"bye\"\n",
        "",
        "give-up-nowhere",
        "[steps.day]",
    ),
    // Answers unset, or kept.
    (
        "pickup",
        ", forget = [\"weight\", \"hour\"]",
        "",
        "answer-survives",
        "keys.2 = { next = \"kind\"",
    ),
    (
        "pickup",
        "next     = \"hour\"",
        "next     = \"confirm\"",
        "answer-unset",
        "[steps.send]",
    ),
    (
        "pickup",
        "weight = { integer = [1, 30], optional = true }",
        "weight = { integer = [1, 30] }",
        "answer-unset",
        "[steps.send]",
    ),
    (
        "pickup",
        "value = \"letter\", next = \"hour\"",
        "value = \"letter\", next = \"confirm\"",
        "name-may-be-unset",
        "confirm.choice",
    ),
    (
        "pickup",
        "{{ kind }}, at {{ hour }}",
        "{{ kind }}, {{ weight }}, at {{ hour }}",
        "name-may-be-unset",
        "{{ weight }}",
    ),
    (
        "pin",
        "next     = \"pin\"",
        "next     = \"send\"",
        "answer-unset",
        "[steps.send]",
    ),
    (
        "pin",
        "customer {{ customer }}",
        "PIN {{ pin }}",
        "sensitive-told",
        "{{ pin }}",
    ),
    (
        "languages",
        "into   = \"day\"\n",
        "",
        "value-without-into",
        "keys.6",
    ),
    (
        "person",
        "submit = { to = \"pickups\", partial = true }\nnext   = \"sorry\"",
        "submit = \"pickups\"\nnext   = \"sorry\"",
        "answer-unset",
        "[steps.message]",
    ),
    // Circles, and callers who are gone.
    (
        "pickup",
        "say  = \"@sorry\"\nnext = \"hangup\"",
        "say  = \"@sorry\"\nnext = \"sorry\"",
        "loop-never-waits",
        "next = \"sorry\"",
    ),
    (
        "pin",
        "Goodbye.\"\nnext = \"hangup\"",
        "Goodbye.\"\nnext = \"customer\"",
        "loop-never-ends",
        "give_up ",
    ),
    (
        "languages",
        "give_up  = \"day\"",
        "give_up  = \"welcome\"",
        "loop-never-ends",
        "give_up  = \"welcome\"",
    ),
    (
        "pickup",
        "hangup = \"left\"",
        "hangup = \"sorry\"",
        "hangup-needs-caller",
        "hangup = \"sorry\"",
    ),
    (
        "person",
        "[steps.left]                             # the caller hangs up while it rings, or before\nsubmit = { to = \"pickups\", partial = true }\nnext   = \"hangup\"",
        "[steps.left]\nsubmit = { to = \"pickups\", partial = true }\nnext   = \"sorry\" # left",
        "hangup-ends-early",
        "# left",
    ),
    // The caller's time. The samples bound nothing, so a bound that they do not keep is planted.
    (
        "pickup",
        "[prompts]                                #",
        "[check]\nlongest_call = \"5m\"\n[prompts] #",
        "call-too-long",
        "longest_call",
    ),
    (
        "pickup",
        "[prompts]                                #",
        "[check]\ntypical_call = \"30s\"\n[prompts] #",
        "call-too-long",
        "typical_call",
    ),
    (
        "pickup",
        "[anywhere]",
        "[check]\nfirst_key = \"3s\"\n[anywhere]",
        "first-key-late",
        "[steps.welcome]",
    ),
    (
        "pickup",
        "[anywhere]",
        "[check]\nmenu_options = 3\n[anywhere]",
        "menu-too-full",
        "[steps.kind]",
    ),
    (
        "pickup",
        "[anywhere]",
        "[check]\nprompt_words = 20\n[anywhere]",
        "prompt-too-long",
        "[steps.kind]",
    ),
    (
        "person",
        "[on]",
        "[check]\ncall_cost = 0.01\n[on]",
        "call-too-dear",
        "call_cost",
    ),
    // TOML itself.
    (
        "pickup",
        "language = \"en-GB\"",
        "language = en-GB",
        "toml-syntax",
        "language =",
    ),
];

/// Copies the flows of a folder and of those in it, one of them changed.
fn copy_flows(from: &Path, to: &Path, changed: Option<(&str, &str)>) {
    std::fs::create_dir(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("the samples are there") {
        let path = entry.expect("it can be read").path();
        let copy = to.join(path.file_name().expect("it has a name"));
        if path.is_dir() {
            copy_flows(&path, &copy, None);
            continue;
        }
        let source = match changed {
            Some((flow, source)) if path.file_stem().is_some_and(|name| name == flow) => {
                source.to_owned()
            }
            _ => std::fs::read_to_string(&path).expect("it can be read"),
        };
        std::fs::write(copy, source).expect("it can be written");
    }
}

/// The samples, one of them changed, and what they are checked with.
pub fn samples(changed: Option<(&str, &str)>) -> (tempfile::TempDir, Folders) {
    let folder = tempfile::TempDir::new().expect("there is a folder for what is temporary");
    let flows = folder.path().join("flows");
    copy_flows(&root().join("flows"), &flows, changed);
    let prices = Prices {
        currency: "EUR".to_owned(),
        minute: 0.01,
        answered_minute: 0.02,
        neural_hundred: 0.0,
        sms_segment: 0.0,
    };
    let folders = Folders {
        flows,
        audio: root().join("audio-manifest"),
        hours: root().join("config/hours"),
        backends: Some(
            [
                "bookings",
                "callbacks",
                "donations",
                "messages",
                "pickups",
                "refills",
                "reminders",
                "reports",
                "tickets",
            ]
            .map(str::to_owned)
            .to_vec(),
        ),
        prices: Some(prices),
        directory: Directory::default()
            .with_services([("parcels", false), ("bank", true), ("shop", false)])
            .with_machines([(
                "assistant",
                Machine::Relay("wss://assistant.example.com/calls".to_owned()),
            )]),
    };
    (folder, folders)
}

/// What is told of the samples, one of them changed.
fn told(changed: Option<(&str, &str)>) -> Vec<Diag> {
    let (_folder, folders) = samples(changed);
    let mut sources = read_folder(&folders);
    let mut diags = std::mem::take(&mut sources.faults);
    for flow in sources.flows {
        diags.extend(
            flow.loaded
                .map_or_else(|faults| faults, |loaded| loaded.warnings),
        );
    }
    diags
}

fn is_of(diag: &Diag, flow: &str) -> bool {
    Path::new(&*diag.at.file)
        .file_stem()
        .is_some_and(|stem| stem == flow)
}

#[test]
fn nothing_is_told_of_the_samples_as_they_are() {
    none(
        "the samples have faults",
        told(None)
            .iter()
            .map(|diag| format!("{}: {} {}", diag.at.file, diag.code, diag.message))
            .collect(),
    );
}

#[test]
fn every_planted_fault_is_told_at_its_line() {
    assert!(
        PLANTED.len() >= 40,
        "there are {} planted faults",
        PLANTED.len()
    );
    let mut missed = Vec::new();
    for (flow, from, to, code, words) in PLANTED {
        let source = std::fs::read_to_string(root().join(format!("flows/{flow}.toml")))
            .expect("the sample is there");
        assert!(source.contains(from), "{flow}.toml has no `{from}`");
        let source = source.replacen(from, to, 1);
        let diags = told(Some((flow, &source)));
        let lines: Vec<(&str, String)> = diags
            .iter()
            .filter(|diag| is_of(diag, flow))
            .map(|diag| {
                let (line, _) = line_and_column(&source, diag.at.span.start);
                (
                    diag.code.name(),
                    source.lines().nth(line - 1).unwrap_or_default().to_owned(),
                )
            })
            .collect();
        if !lines
            .iter()
            .any(|(told, line)| told == code && line.contains(words))
        {
            missed.push(format!(
                "{flow}: `{from}` made `{to}`: {code} at a line with `{words}` is not told, but {lines:?}"
            ));
        }
    }
    none("planted faults that are missed", missed);
}
