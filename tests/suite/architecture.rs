//! What must stay true of the sources as a whole, held by reading them. `src/ARCHITECTURE.md` tells why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::source::{Named, Source, read};

/// The rungs of the ladder: a room names only what stands further down.
const LADDER: [&[&str]; 9] = [
    &["main"],
    &["cli"],
    &["web", "phone", "replay", "import"],
    &["carrier", "services"],
    &["outbox", "store", "twilio", "audio", "picture"],
    &["study"],
    &["twiml", "engine"],
    &["hours", "policy", "verify"],
    &["written"],
];

/// What a room may name of its own rung, and why.
const BESIDE: [(&str, &str, &str); 7] = [
    (
        "settings",
        "policy",
        "which numbers may be reached is a setting as it stands",
    ),
    (
        "settings",
        "verify",
        "how many codes may be sent is a setting as it stands",
    ),
    (
        "settings",
        "written",
        "its files are what people write as well",
    ),
    ("replay", "phone", "recorded calls are played on it"),
    (
        "web",
        "phone",
        "the page with a phone runs it, and a node in the same process is one of its wires",
    ),
    (
        "outbox",
        "store",
        "its rows live there, and the commit of a turn writes them",
    ),
    ("twiml", "engine", "it writes the engine's verbs"),
];

/// Stand beside the ladder: who may name them.
const ASIDE: [(&str, &[&str]); 2] = [
    ("settings", &["cli", "web"]),
    ("telemetry", &["cli", "web", "settings"]),
];

/// Simulated carriers: they see a URL and TwiML, so that they work on anyone's application.
const KNOWS_NO_FLOWS: [&str; 2] = ["phone", "replay"];

/// The rooms that know flows.
const FLOWS: [&str; 3] = ["engine", "study", "picture"];

/// The rooms without side effects, and the crates that they may name.
const PURE: [(&str, &[&str]); 8] = [
    (
        "engine",
        &[
            // icu_casemap, icu_normalizer, strsim: letters in, letters out; words are compared in one form, and nearly.
            "icu_casemap",
            "icu_normalizer",
            "indexmap",
            // iso_currency, rlibphonenumber: what currencies are and what numbering plans say, compiled in.
            "iso_currency",
            "jiff",
            "percent_encoding",
            "rlibphonenumber",
            "serde",
            "serde_json",
            "sha2",
            "strsim",
            "thiserror",
            "toml",
        ],
    ),
    ("policy", &["jiff", "rlibphonenumber", "serde"]),
    // fastrand: the random numbers of a simulation, from its seed.
    ("verify", &["fastrand", "jiff", "serde"]),
    ("hours", &["jiff", "serde", "serde_json", "toml"]),
    ("study", &["indexmap", "jiff", "serde", "sha2", "toml"]),
    // dagre: numbers in, numbers out; it places boxes in layers.
    (
        "picture",
        &["dagre", "serde", "serde_json", "thiserror", "toml"],
    ),
    // strsim: a document of another's hand has names nearly right, and whoever wrote it is told which was meant.
    ("twiml", &["quick_xml", "strsim"]),
    ("written", &["serde", "serde_json", "strsim", "toml"]),
];

/// What a room without side effects does not name, whoever offers it.
const EFFECTS: [&str; 12] = [
    "std::env",
    "std::fs",
    "std::io",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "jiff::Timestamp::now",
    "Timestamp::now",
    "ZonedDateTime::now",
];

/// Type names that may be in any number of rooms: `store::Error` is read with its room's name.
const SHARED: [&str; 1] = ["Error"];

/// Type names that are still in more than two rooms. The list only gets shorter.
const STILL_SHARED: [&str; 18] = [
    "Asked", "Call", "Entry", "Event", "Fault", "Key", "Kind", "Line", "Moment", "Outcome", "Part",
    "Piece", "Place", "Request", "Speech", "Value", "Way", "Written",
];

/// The most lines of a source file: one that is longer holds two ideas.
const LINES: usize = 700;

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn sources() -> Vec<Source> {
    read(&root().join("src"))
}

/// Fails with all of them, one a line.
#[track_caller]
pub fn none(what: &str, faults: Vec<String>) {
    assert!(faults.is_empty(), "{what}:\n  {}", faults.join("\n  "));
}

fn rung(room: &str) -> Option<usize> {
    LADDER.iter().position(|rooms| rooms.contains(&room))
}

/// Why a room may not name another; nothing if it may.
fn forbidden(from: &str, to: &str) -> Option<&'static str> {
    if from == to || from == "lib" {
        return None;
    }
    if let Some((_, who)) = ASIDE.iter().find(|(room, _)| *room == to) {
        return (!who.contains(&from))
            .then_some("only the edge knows settings: take what you need as a value");
    }
    if KNOWS_NO_FLOWS.contains(&from) && FLOWS.contains(&to) {
        return Some("it sees a URL and TwiML, and knows nothing of flows");
    }
    if BESIDE
        .iter()
        .any(|(one, other, _)| (*one, *other) == (from, to))
    {
        return None;
    }
    match (rung(from), rung(to)) {
        (Some(from), Some(to)) if from < to => None,
        (_, None) => Some("there is no such room"),
        _ => Some("that is to its left, or beside it"),
    }
}

/// The room of a path that begins at the crate's root.
fn room_of(named: &Named) -> Option<&str> {
    let begins = matches!(
        named.path.first().map(String::as_str),
        Some("crate" | "hookswitch")
    );
    named.path.get(1).filter(|_| begins).map(String::as_str)
}

#[test]
fn a_room_names_only_what_stands_to_its_right() {
    let mut faults = Vec::new();
    for source in sources() {
        for named in source.names() {
            let Some(to) = room_of(&named) else { continue };
            // A scripted call of an action is worked out again from its trail, by who reads trails.
            if source.is_test() && (source.room(), to) == ("engine", "study") {
                continue;
            }
            if let Some(why) = forbidden(source.room(), to) {
                faults.push(format!(
                    "src/{}:{} names {}: {why}",
                    source.file,
                    named.line,
                    named.path.join("::")
                ));
            }
        }
    }
    none("rooms that name what they must not", faults);
}

#[test]
fn the_direction_is_the_one_that_is_written_down() {
    for (from, to) in [
        ("main", "cli"),
        ("cli", "settings"),
        ("web", "store"),
        ("web", "twiml"),
        ("outbox", "store"),
        ("store", "engine"),
        ("twiml", "engine"),
        ("replay", "written"),
        ("settings", "telemetry"),
    ] {
        assert!(forbidden(from, to).is_none(), "{from} may name {to}");
    }
    for (from, to) in [
        ("engine", "twiml"),
        ("store", "outbox"),
        ("twilio", "store"),
        ("web", "cli"),
        ("phone", "engine"),
        ("store", "settings"),
        ("engine", "nowhere"),
    ] {
        assert!(forbidden(from, to).is_some(), "{from} must not name {to}");
    }
}

#[test]
fn what_decides_has_no_side_effects() {
    let crates = dependencies();
    let mut faults = Vec::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        let Some((_, allowed)) = PURE.iter().find(|(room, _)| *room == source.room()) else {
            continue;
        };
        for named in source.names() {
            let path = named.path.join("::");
            let foreign =
                crates.contains(&named.path[0]) && !allowed.contains(&named.path[0].as_str());
            let effect = EFFECTS
                .iter()
                .any(|effect| path == *effect || path.starts_with(&format!("{effect}::")));
            if foreign || effect {
                faults.push(format!("src/{}:{} names {path}", source.file, named.line));
            }
        }
    }
    none("a room without side effects names what has some", faults);
}

/// The crates that the project depends on, as code names them.
fn dependencies() -> Vec<String> {
    let manifest = std::fs::read_to_string(root().join("Cargo.toml")).expect("it is there");
    let manifest: toml::Table = manifest.parse().expect("it is TOML");
    let dependencies = manifest["dependencies"].as_table().expect("it is a table");
    dependencies
        .keys()
        .map(|name| name.replace('-', "_"))
        .collect()
}

/// The name of the public type that a line begins to define.
fn public_type(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = match rest.strip_prefix('(') {
        Some(scope) => scope.split_once(')')?.1,
        None => rest,
    };
    let (kind, rest) = rest.strip_prefix(' ')?.split_once(' ')?;
    let is_type = ["struct", "enum", "trait", "type", "union"].contains(&kind);
    let name = rest
        .split(|c: char| !c.is_alphanumeric() && c != '_')
        .next();
    name.filter(|_| is_type)
}

#[test]
fn a_public_type_of_one_name_is_in_two_rooms_at_most() {
    let mut rooms = BTreeMap::<String, BTreeSet<String>>::new();
    for source in sources().iter().filter(|source| !source.is_test()) {
        for name in source.text.lines().filter_map(public_type) {
            let rooms = rooms.entry(name.to_owned()).or_default();
            rooms.insert(source.room().to_owned());
        }
    }
    rooms.retain(|name, rooms| rooms.len() > 2 && !SHARED.contains(&name.as_str()));
    let is_known = |name: &str| STILL_SHARED.contains(&name);
    let new = rooms.iter().filter(|(name, _)| !is_known(name));
    none(
        "public types whose name is in more than two rooms: give each the name of its own thing",
        new.map(|(name, rooms)| format!("{name}: {rooms:?}"))
            .collect(),
    );
}

#[test]
fn only_the_command_line_prints() {
    let mut faults = Vec::new();
    for source in sources()
        .iter()
        .filter(|source| source.room() != "cli" && !source.is_test())
    {
        for named in source.macros() {
            if ["print", "println", "eprint", "eprintln", "dbg"].contains(&named.path[0].as_str()) {
                faults.push(format!(
                    "src/{}:{} calls {}!",
                    source.file, named.line, named.path[0]
                ));
            }
        }
    }
    none("printing outside cli", faults);
}

#[test]
fn no_source_file_is_too_long() {
    let length = |source: &Source| source.text.lines().count();
    let long = sources()
        .into_iter()
        .filter(|source| length(source) > LINES);
    none(
        "longer than one idea",
        long.map(|source| format!("src/{}: {} lines", source.file, length(&source)))
            .collect(),
    );
}

#[test]
fn the_module_list_stands_in_ladder_order() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).expect("it is there");
    let modules: Vec<&str> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    let rungs: Vec<usize> = modules.iter().filter_map(|module| rung(module)).collect();
    assert!(rungs.is_sorted(), "src/lib.rs lists {modules:?}");
    let unknown = modules
        .iter()
        .filter(|module| rung(module).is_none() && !ASIDE.iter().any(|(room, _)| room == *module));
    none(
        "rooms without a place on the ladder",
        unknown.map(ToString::to_string).collect(),
    );
}

/// The names in backticks of a page.
fn quoted(page: &str) -> impl Iterator<Item = &str> {
    page.split('`').skip(1).step_by(2)
}

/// The files and folders that a page names and that are not there.
fn gone(page: &str) -> Vec<String> {
    let is_file = |name: &&str| {
        let ends = [".rs", ".lua", ".toml", ".md", "/"]
            .iter()
            .any(|ending| name.ends_with(ending));
        ends && !name.starts_with('/')
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "/._-".contains(c))
    };
    let exists = |name: &str| {
        ["src", "src/engine", ""]
            .iter()
            .any(|folder| root().join(folder).join(name).exists())
    };
    quoted(page)
        .filter(is_file)
        .filter(|name| !exists(name))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_architecture_page_names_every_room_and_nothing_that_is_gone() {
    let page = std::fs::read_to_string(root().join("src/ARCHITECTURE.md")).expect("it is there");
    none("src/ARCHITECTURE.md names what is not there", gone(&page));
    let entries = std::fs::read_dir(root().join("src")).expect("it is there");
    let entries = entries.map(|entry| {
        entry
            .expect("it can be read")
            .file_name()
            .to_string_lossy()
            .into_owned()
    });
    let is_told = |entry: &String| {
        ["ARCHITECTURE.md", "settings", "telemetry"].contains(&entry.as_str())
            || quoted(&page).any(|name| name.trim_end_matches('/') == entry)
    };
    none(
        "src/ARCHITECTURE.md does not name",
        entries.filter(|entry| !is_told(entry)).collect(),
    );
}

#[test]
fn the_page_for_contributors_names_files_and_functions_that_are_there() {
    let page = std::fs::read_to_string(root().join("CONTRIBUTING.md")).expect("it is there");
    none("CONTRIBUTING.md names what is not there", gone(&page));
    let rows = page
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains(".rs` | `"));
    let mut faults = Vec::new();
    for row in rows.clone() {
        let names: Vec<&str> = quoted(row).collect();
        let [.., file, function] = names.as_slice() else {
            panic!("{row} names a file and a function")
        };
        let source = std::fs::read_to_string(root().join("src").join(file)).unwrap_or_default();
        if !source.contains(&format!("fn {function}(")) {
            faults.push(format!("`{function}` in `{file}`"));
        }
    }
    assert!(rows.count() >= 4, "it helps to find one's way");
    none("CONTRIBUTING.md names functions that are not there", faults);
}

/// README.md and the pages of `docs/`, each with its text.
pub fn pages() -> Vec<(PathBuf, String)> {
    let mut files = vec![root().join("README.md")];
    let folder = std::fs::read_dir(root().join("docs")).expect("docs is there");
    files.extend(
        folder
            .map(|entry| entry.expect("it can be read").path())
            .filter(|path| path.extension().is_some()),
    );
    files.sort();
    let text = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("pages are text");
        (
            path.strip_prefix(root())
                .expect("it stands there")
                .to_owned(),
            text,
        )
    };
    files.into_iter().map(text).collect()
}
