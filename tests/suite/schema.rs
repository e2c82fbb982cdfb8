//! `hookswitch schema`: what editors are told is what the program reads.
//!
//! The schemas are committed under docs/schema, for the samples' first lines to point at; `BLESS=1` rewrites them.

use std::path::{Path, PathBuf};

use hookswitch::engine::{answers, steps};
use jsonschema::Validator;
use serde_json::{Map, Value};

use super::architecture::{none, root};
use super::pages::{blocks, first_line_file};
use super::server::Plan;

/// Kinds of files: the schema's name, and the folder of the samples.
const KINDS: [&str; 4] = ["flow", "manifest", "call", "hours"];

/// Faults of flows that lie beyond a schema: it sees one value at a time, and knows no names, no other value and no
/// size. Each is found when the flow is loaded.
const BEYOND: [&str; 134] = [
    "accept-is-decline",
    "accept-together",
    "answer-left-over",
    "answer-not-promised",
    "answer-on-bridge-late",
    "answer-survives",
    "answer-type-differs",
    "answer-type-missing",
    "answer-unset",
    "answer-unused",
    "anywhere-shadowed",
    "arg-missing",
    "arg-unknown",
    "arg-unused",
    "beside-secret",
    "bot-dead-end",
    "branch-not-last",
    "call-field-not-sent",
    "call-field-unused",
    "call-too-dear",
    "call-too-long",
    "callee-name",
    "callees-illegal",
    "changes-twice",
    "condition-constant",
    "condition-unclear",
    "dial-key-idle",
    "dial-own-number",
    "exit-missing",
    "exit-unknown",
    "expression-syntax",
    "filter-unknown",
    "first-key-late",
    "full-without-append",
    "give-may-lack",
    "give-misfit",
    "give-twice",
    "give-unknown",
    "give-unset",
    "give-up-nowhere",
    "hangup-ends-early",
    "hangup-needs-caller",
    "hash-untold",
    "hold-not-ours",
    "hold-piece-long",
    "hours-never-change",
    "hours-unknown",
    "key-is-entry",
    "key-told-missing",
    "key-untold",
    "keys-ambiguous",
    "language-not-a-tag",
    "language-unknown",
    "language-unused",
    "list-overflows",
    "loop-never-ends",
    "loop-never-waits",
    "menu-too-full",
    "milestone-unreachable",
    "miss-never-counted",
    "miss-unheard",
    "name-may-be-unset",
    "name-unknown",
    "one-of-keys",
    "outbound-needs-caller",
    "outbound-undetected",
    "outcome-gives-up",
    "outcome-never",
    "outcome-unheard",
    "own-prompt-missing",
    "own-prompt-reads",
    "pause-rounded",
    "pay-foreign-words",
    "prompt-circle",
    "prompt-empty",
    "prompt-missing",
    "prompt-too-long",
    "prompt-unknown",
    "prompt-unused",
    "queue-no-way-out",
    "recording-all-silence",
    "refusal-never-ends",
    "refuse-constant",
    "reject-too-late",
    "reprompt-ignored",
    "request-not-alone",
    "request-unclear",
    "says-alike",
    "says-twice",
    "says-unheard",
    "sensitive-compared",
    "sensitive-lost",
    "sensitive-told",
    "set-may-fail",
    "sms-not-text",
    "sms-too-long",
    "sms-wide",
    "speech-ignored",
    "speech-language",
    "speech-missing",
    "step-no-end",
    "step-out-of-reach",
    "step-unreachable",
    "subflow-circle",
    "subflow-faulty",
    "subflow-too-deep",
    "subflow-unknown",
    "submitted-again",
    "submitted-unanswered",
    "take-unclear",
    "target-not-a-step",
    "target-unknown",
    "test-unknown",
    "text-hole-open",
    "text-is-a-name",
    "text-markup",
    "text-one-language",
    "transcribe-unable",
    "types-differ",
    "url-with-space",
    "value-impossible",
    "value-misfit",
    "value-twice",
    "value-without-into",
    "value-wordless",
    "variable-type-differs",
    "variable-unused",
    "verify-no-code",
    "voice-other-language",
    "voice-unknown",
    "way-never-taken",
    "whisper-missing",
    "zone-missing",
    "zone-unknown",
];

fn printed(arguments: &[&str]) -> (i32, String, String) {
    Plan::default().run(root(), &[&["schema"], arguments].concat())
}

fn schema(kind: &str) -> Value {
    let (code, text, error) = printed(&[kind]);
    assert_eq!(code, 0, "{error}");
    serde_json::from_str(&text).expect("it is JSON")
}

fn validator(kind: &str) -> Validator {
    jsonschema::validator_for(&schema(kind)).expect("the schema is one")
}

/// TOML as the JSON that an editor holds against the schema: a moment is text.
pub fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(moment) => moment.to_string().into(),
        toml::Value::Array(entries) => entries.into_iter().map(json).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(key, value)| (key, json(value)))
            .collect::<Map<_, _>>()
            .into(),
        plain => serde_json::to_value(plain).expect("a plain value is JSON"),
    }
}

/// What a schema says of a file: nothing if all is well.
fn told(validator: &Validator, source: &str) -> Option<String> {
    let table: toml::Table = match source.parse() {
        Ok(table) => table,
        Err(error) => return Some(format!("it is no TOML: {error}")),
    };
    let document = json(toml::Value::Table(table));
    let errors: Vec<_> = validator
        .iter_errors(&document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    (!errors.is_empty()).then(|| errors.join("\n"))
}

fn files(folder: &Path) -> Vec<(PathBuf, String)> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|ending| ending == "toml"));
    let mut files: Vec<_> = paths
        .map(|path| {
            (
                path.clone(),
                std::fs::read_to_string(&path).expect("it can be read"),
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn the_schemas_of_the_docs_are_what_the_command_prints() {
    for kind in KINDS {
        let path = root().join("docs/schema").join(format!("{kind}.json"));
        let (code, text, _) = printed(&[kind]);
        assert_eq!(code, 0);
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &text).expect("it can be written");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == text,
            "docs/schema/{kind}.json is not what is printed: BLESS=1 writes it"
        );
    }
}

#[test]
fn every_schema_is_one() {
    for kind in KINDS {
        let schema = schema(kind);
        assert!(
            jsonschema::meta::is_valid(&schema),
            "{kind}: {:?}",
            jsonschema::meta::validate(&schema)
        );
    }
}

#[test]
fn schemas_are_written_into_a_folder_that_need_not_be_there() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let output = folder.path().join("a/b");
    let (code, text, error) = printed(&["--output", &output.to_string_lossy()]);
    assert_eq!((code, text.as_str(), error.as_str()), (0, "", ""));
    for kind in KINDS {
        let written =
            std::fs::read_to_string(output.join(format!("{kind}.json"))).expect("it was written");
        assert_eq!(written, printed(&[kind]).1);
    }
    assert_eq!(printed(&[]).0, 2, "which one is to be printed is not said");
    assert_eq!(printed(&["--output", "/dev/null/a"]).0, 3);
}

#[test]
fn every_sample_names_its_schema_and_fits_it() {
    let mut faults = Vec::new();
    for (folder, kind) in [
        ("flows", "flow"),
        ("audio-manifest", "manifest"),
        ("tests/calls", "call"),
        ("config/hours", "hours"),
    ] {
        let validator = validator(kind);
        let samples = files(&root().join(folder));
        assert!(!samples.is_empty());
        for (path, source) in samples {
            let line = source.lines().next().unwrap_or_default();
            let schema = line
                .strip_prefix("#:schema ")
                .map(|schema| root().join(folder).join(schema));
            if schema.and_then(|path| path.canonicalize().ok())
                != root()
                    .join("docs/schema")
                    .join(format!("{kind}.json"))
                    .canonicalize()
                    .ok()
            {
                faults.push(format!("{}: begins with `{line}`", path.display()));
            }
            faults.extend(
                told(&validator, &source).map(|told| format!("{}: {told}", path.display())),
            );
        }
    }
    none("samples", faults);
}

#[test]
fn every_flow_and_manifest_of_the_pages_fits_its_schema() {
    let (flow, manifest, hours) = (validator("flow"), validator("manifest"), validator("hours"));
    let mut seen = 0;
    let mut faults = Vec::new();
    for block in blocks()
        .into_iter()
        .filter(|block| block.language == "toml")
    {
        let validator = match first_line_file(&block).split_once('/') {
            Some(("flows", _)) => &flow,
            Some(("audio-manifest", _)) => &manifest,
            Some(("config", file)) if file.starts_with("hours/") => &hours,
            _ => continue,
        };
        seen += 1;
        faults.extend(told(validator, &block.text).map(|told| format!("{}: {told}", block.place)));
    }
    assert!(seen > 4, "the pages show flows");
    none("flows of the pages", faults);
}

#[test]
fn every_example_of_a_room_fits_the_schema() {
    let validator = validator("flow");
    let examples = steps::KINDS.iter().map(|kind| (kind.name, kind.example));
    let examples = examples.chain(answers::KINDS.iter().map(|kind| (kind.name, kind.example)));
    none(
        "examples",
        examples
            .filter_map(|(name, example)| Some(format!("{name}: {}", told(&validator, example)?)))
            .collect(),
    );
}

/// The faulty flows, one a code.
fn faulty() -> Vec<(String, String)> {
    let folders = ["tests/check", "tests/flows/faults"].map(|folder| root().join(folder));
    let files = folders
        .iter()
        .filter(|folder| folder.is_dir())
        .flat_map(|folder| files(folder));
    files
        .map(|(path, source)| {
            (
                path.file_stem()
                    .expect("it has a name")
                    .to_string_lossy()
                    .into(),
                source,
            )
        })
        .collect()
}

#[test]
fn every_faulty_flow_is_refused_that_a_schema_can_see_through() {
    let validator = validator("flow");
    let faulty = faulty();
    assert!(faulty.len() > 40, "the faulty flows are found");
    let mut wrong = Vec::new();
    for (code, source) in faulty {
        match (told(&validator, &source), BEYOND.contains(&code.as_str())) {
            (None, false) => wrong.push(format!("{code}: is not refused")),
            (Some(told), true) => wrong.push(format!("{code}: is refused: {told}")),
            _ => {}
        }
    }
    none("faulty flows", wrong);
}

#[test]
fn opening_hours_fit_their_schema_and_mistyped_ones_do_not() {
    let validator = validator("hours");
    let hours = "zone = \"Europe/London\"\nmon-fri = [\"08:00-12:30\"]\nsun = \"closed\"\nclosed = \"2026-12-25\"\n\
                 days.\"2027-01-01\" = { closed = true, note = \"New Year\" }\nuntil = \"2027-12-31\"\n";
    assert_eq!(told(&validator, hours), None);
    for (right, wrong) in [
        ("zone =", "zones ="),
        ("mon-fri", "monday"),
        ("\"08:00-12:30\"", "\"8-12\""),
        ("\"08:00-12:30\"", "8"),
        ("\"2026-12-25\"", "\"25.12.2026\""),
        ("\"2027-01-01\"", "\"tomorrow\""),
        ("closed = true", "closed = false"),
        ("note =", "notes ="),
    ] {
        assert!(hours.contains(right));
        assert!(
            told(&validator, &hours.replacen(right, wrong, 1)).is_some(),
            "{wrong}"
        );
    }
}

#[test]
fn a_test_call_fits_its_schema_and_a_mistyped_one_does_not() {
    let validator = validator("call");
    let call = "flow = \"pickup\"\nat = 2026-11-23T10:15:00Z\n[[turn]]\nhears = [\"Welcome\"]\npress = \"1#\"\n[end]\n\
                by = \"caller\"\nseconds = [20, 60]\n[submitted.pickups]\nanswers = { weight = 5 }\n[world]\n\
                dial.\"+442079460000\" = { outcome = \"busy\" }\n";
    assert_eq!(told(&validator, call), None);
    for (right, wrong) in [
        ("flow =", "flwo ="),
        ("hears =", "hear ="),
        ("\"1#\"", "1"),
        ("\"caller\"", "\"callee\""),
        ("[20, 60]", "[20]"),
        ("answers =", "answer ="),
        ("\"busy\"", "\"bussy\""),
    ] {
        assert!(call.contains(right));
        assert!(
            told(&validator, &call.replacen(right, wrong, 1)).is_some(),
            "{wrong}"
        );
    }
}
