//! Texts of strangers: the kept corpus of each kind, and seeded mutations of it. What broke something once stands in
//! `tests/fuzz/<kind>/`, named by what it broke.
//!
//! `HOOKSWITCH_FUZZ=100000` makes so many mutations of each kind, `HOOKSWITCH_FUZZ_SEED=7` other ones. The text that is
//! being tried stands in `target/tmp/fuzz/<kind>`, so that it is at hand after whatever happens, an abort or a hang too.

mod mutate;
mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use self::mutate::Mutations;
use self::targets::TARGETS;
use super::architecture::root;
use super::server::is_long;

/// Mutations of each kind, where nothing is said.
const MUTATIONS: u64 = 400;
/// The same in the long form.
const MUTATIONS_LONG: u64 = 20_000;

/// Where the texts of each kind stand, beside its own folder.
const IN_PLACE: [(&str, &[&str]); 3] = [
    (
        "flow",
        &[
            "flows",
            "tests/check",
            "src/engine/steps",
            "src/engine/answers",
        ],
    ),
    ("manifest", &["audio-manifest"]),
    ("test-call", &["tests/calls", "tests/wrong-calls"]),
];

/// Every text of a kind, by its file.
fn corpus(kind: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    list(&root().join("tests/fuzz").join(kind), "", &mut files);
    let places = IN_PLACE
        .iter()
        .filter(|(known, _)| *known == kind)
        .flat_map(|(_, places)| *places);
    places.for_each(|place| list(&root().join(place), ".toml", &mut files));
    files.sort();
    let text = |path: PathBuf| {
        let text = std::fs::read(&path).expect("it can be read");
        (path, text)
    };
    files.into_iter().map(text).collect()
}

fn list(folder: &Path, ending: &str, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            list(&path, ending, files);
        } else if path.to_string_lossy().ends_with(ending) {
            files.push(path);
        }
    }
}

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(
        value
            .parse()
            .unwrap_or_else(|_| panic!("{name} is a number, not `{value}`")),
    )
}

/// Tries the corpus and its mutations.
fn try_all(kind: &str) {
    let (_, target) = TARGETS
        .iter()
        .find(|(known, _)| *known == kind)
        .expect("there is such a kind");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("fuzz");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let tried = folder.join(kind);
    let attempt = |what: &str, text: &[u8]| {
        std::fs::write(&tried, text).expect("it can be written");
        let whole = catch_unwind(AssertUnwindSafe(|| target(text)));
        assert!(
            whole.is_ok(),
            "{kind}: {what} breaks it: keep {} in tests/fuzz/{kind}",
            tried.display()
        );
    };
    let corpus = corpus(kind);
    for (path, text) in &corpus {
        attempt(&path.display().to_string(), text);
    }
    let texts: Vec<Vec<u8>> = corpus.into_iter().map(|(_, text)| text).collect();
    let seed = number("HOOKSWITCH_FUZZ_SEED").unwrap_or(1);
    let mut mutations = Mutations::new(&texts, seed);
    let most = if is_long() { MUTATIONS_LONG } else { MUTATIONS };
    for at in 0..number("HOOKSWITCH_FUZZ").unwrap_or(most) {
        attempt(&format!("mutation {at} of seed {seed}"), &mutations.make());
    }
    std::fs::remove_file(&tried).expect("it was written");
}

#[test]
fn no_flow_breaks_what_reads_walks_draws_and_calls_it() {
    try_all("flow");
}

#[test]
fn no_manifest_breaks_what_reads_it_and_says_its_prompts() {
    try_all("manifest");
}

#[test]
fn no_test_call_breaks_what_reads_it() {
    try_all("test-call");
}

#[test]
fn no_text_with_holes_breaks_what_says_it() {
    try_all("template");
}

#[test]
fn no_expression_breaks_what_works_it_out() {
    try_all("expression");
}

#[test]
fn no_log_of_webhooks_breaks_what_reads_it() {
    try_all("webhook-log");
}

#[test]
fn no_file_of_hours_breaks_what_reads_it() {
    try_all("hours");
}

#[test]
fn no_hours_of_others_break_what_imports_them() {
    try_all("foreign-hours");
}

#[test]
fn no_export_of_studio_breaks_what_translates_and_plays_it() {
    try_all("studio");
}

#[test]
fn every_kind_of_text_has_a_corpus_and_is_tried() {
    let source = include_str!("fuzz.rs");
    for (kind, _) in TARGETS {
        assert!(
            corpus(kind).len() >= 10,
            "tests/fuzz/{kind} has too little to begin with"
        );
        assert!(
            source.contains(&format!("try_all(\"{kind}\")")),
            "{kind} is not tried"
        );
    }
}
