//! The manual's pages of actions and answer types are the rooms' own papers; `BLESS=1` rewrites them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use hookswitch::engine::diag::Severity;
use hookswitch::engine::outcome_ways::ERROR;
use hookswitch::engine::{WaitOutcome, answers, steps};
use hookswitch::written::Code;

use super::architecture::{none, root};

/// A page of the manual that is made.
struct Page {
    /// Its file, below `docs`.
    file: String,
    text: String,
}

/// The pages beside those of rooms, as the summary names them.
const WRITTEN: [(&str, &str); 10] = [
    ("The flow language", "flows.md"),
    ("Opening hours", "hours.md"),
    ("Calls that we place", "placing.md"),
    ("Machines that talk", "machines.md"),
    ("An editor that knows the language", "editor.md"),
    ("Checking a flow", "check.md"),
    ("Codes of faults", "language/codes.md"),
    ("Testing a flow", "testing.md"),
    ("What changes for callers", "diff.md"),
    ("From Twilio Studio", "studio.md"),
];
/// Those for who runs the phone lines.
const OPERATING: [(&str, &str); 3] = [
    ("Deliveries", "deliveries.md"),
    ("Codes by SMS", "verify.md"),
    ("Operating it", "operating.md"),
];

/// An action or an answer type, with its papers.
type Room = (&'static str, &'static str, &'static str);

fn actions() -> Vec<Room> {
    steps::KINDS
        .iter()
        .map(|kind| (kind.name, kind.doc, kind.example))
        .collect()
}

fn types() -> Vec<Room> {
    answers::KINDS
        .iter()
        .map(|kind| (kind.name, kind.doc, kind.example))
        .collect()
}

/// How an action can end, and the way of each outcome; nothing for one that does not wait.
fn outcomes(action: &str) -> String {
    let way = |outcome: &WaitOutcome| {
        let own = format!("`on.{}`", outcome.name);
        if let Some(key) = outcome.elsewhere {
            return format!("that of `{key}`; {own} where it is lost which");
        }
        match (outcome.is_good, outcome.group) {
            (true, _) => format!("{own}, else `next`"),
            (false, Some(group)) => format!("{own}, else `on.{group}`"),
            (false, None) if outcome.name == ERROR => own,
            (false, None) => format!("{own}, else `on.{ERROR}`"),
        }
    };
    let row = |outcome: &WaitOutcome| {
        let WaitOutcome { name, meaning, .. } = outcome;
        format!("| `{name}` | {meaning} | {} |\n", way(outcome))
    };
    let rows: String = steps::outcomes(action).iter().map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("\n## Outcomes\n\n| outcome | what has happened | its way |\n|---|---|---|\n{rows}")
}

fn page(folder: &str, (name, doc, example): &Room) -> Page {
    let text = format!(
        "{}\n{}\n## A whole flow\n\n```toml\n{}\n```\n",
        doc.trim_end(),
        outcomes(name),
        example.trim_end()
    );
    Page {
        file: format!("language/{folder}/{name}.md"),
        text,
    }
}

/// One page with every code, a heading each, and an index of them by the first sentence.
fn codes() -> Page {
    let row = |code: Code| format!("- [`{code}`](#{code}): {}\n", code.summary());
    let kind = |code: Code| match (code.severity(), code.keeps_out()) {
        (_, true) => "an error, which keeps the file out of service",
        (Severity::Error, false) => "an error",
        (Severity::Warning, false) => "a warning",
        (Severity::Note, false) => "a note",
    };
    let page = |code: Code| {
        let text = code
            .page()
            .unwrap_or_default()
            .split_once("\n\n")
            .map_or("", |(_, text)| text)
            .trim_end();
        format!("\n## {code}\n\n*{}*\n\n{text}\n", kind(code))
    };
    let (rows, pages): (String, String) = (
        Code::of_flows().map(row).collect(),
        Code::of_flows().map(page).collect(),
    );
    let text = format!(
        "# Codes of faults\n\nWhat [`hookswitch check`](../check.md) finds. `hookswitch check --explain CODE` prints the \
         same. The codes of test calls stand in [Testing a flow](../testing.md#codes).\n\n{rows}{pages}"
    );
    Page {
        file: "language/codes.md".to_owned(),
        text,
    }
}

fn summary() -> Page {
    let written = |pages: &[(&str, &str)]| {
        pages
            .iter()
            .map(|(title, file)| format!("- [{title}]({file})\n"))
            .collect()
    };
    let rooms = |folder: &str, rooms: Vec<Room>| {
        rooms
            .iter()
            .map(|(name, ..)| format!("- [`{name}`](language/{folder}/{name}.md)\n"))
            .collect::<String>()
    };
    let parts: [(&str, String); 4] = [
        ("Writing flows", written(&WRITTEN)),
        ("Actions", rooms("steps", actions())),
        ("Answer types", rooms("answers", types())),
        ("Running it", written(&OPERATING)),
    ];
    let parts = parts
        .iter()
        .map(|(title, pages)| format!("\n# {title}\n\n{pages}"))
        .collect::<String>();
    Page {
        file: "SUMMARY.md".to_owned(),
        text: format!("# Summary\n{parts}"),
    }
}

fn made() -> Vec<Page> {
    let actions = actions()
        .iter()
        .map(|room| page("steps", room))
        .collect::<Vec<_>>();
    let types = types()
        .iter()
        .map(|room| page("answers", room))
        .collect::<Vec<_>>();
    actions
        .into_iter()
        .chain(types)
        .chain([codes(), summary()])
        .collect()
}

fn docs() -> PathBuf {
    root().join("docs")
}

/// The Markdown files below a folder of the docs, by their path from there.
fn markdown(folder: &Path) -> BTreeSet<String> {
    let mut files = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files.append(&mut markdown(&path));
        } else if path.extension().is_some_and(|ending| ending == "md") {
            files.insert(
                path.strip_prefix(docs())
                    .expect("it stands there")
                    .to_string_lossy()
                    .into_owned(),
            );
        }
    }
    files
}

#[test]
fn the_manual_is_made_of_the_rooms_papers() {
    let mut stale = Vec::new();
    for page in made() {
        let path = docs().join(&page.file);
        if std::env::var_os("BLESS").is_some() {
            std::fs::create_dir_all(path.parent().expect("it stands in a folder"))
                .expect("it can be made");
            std::fs::write(&path, &page.text).expect("it can be written");
        }
        if std::fs::read_to_string(&path).unwrap_or_default() != page.text {
            stale.push(format!("docs/{}", page.file));
        }
    }
    none("not what the rooms say (BLESS=1 rewrites them)", stale);
}

#[test]
fn the_summary_names_every_page_and_no_other() {
    let summary = summary().text;
    let named: BTreeSet<String> = summary
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split_once(')'))
        .map(|(file, _)| file.to_owned())
        .chain(["SUMMARY.md".to_owned()])
        .collect();
    assert_eq!(
        named,
        markdown(&docs()),
        "left: named in docs/SUMMARY.md, right: there"
    );
}

#[test]
fn the_page_of_the_language_leads_to_the_page_of_every_action_and_type() {
    let page = std::fs::read_to_string(docs().join("flows.md")).expect("it is there");
    let files = made()
        .into_iter()
        .map(|page| page.file)
        .filter(|file| file != "SUMMARY.md");
    none(
        "pages that docs/flows.md does not lead to",
        files
            .filter(|file| !page.contains(&format!("({file})")))
            .collect(),
    );
}

#[test]
fn the_page_of_tests_explains_every_code_that_a_test_call_can_have() {
    let page = std::fs::read_to_string(docs().join("testing.md")).expect("it is there");
    let shown = std::fs::read_dir(root().join("tests/wrong-calls")).expect("it is there");
    let codes: BTreeSet<String> = shown
        .map(|entry| entry.expect("it can be read").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "txt"))
        .map(|path| {
            path.file_stem()
                .expect("it has a name")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert!(codes.len() > 20, "wrong calls are found: {codes:?}");
    let missing = codes
        .into_iter()
        .filter(|code| !page.contains(&format!("| `{code}` |")));
    none(
        "codes that docs/testing.md does not explain",
        missing.collect(),
    );
}
