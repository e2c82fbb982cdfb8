//! What an author reads about a faulty flow: one flow a code in `tests/check`, and beside it what is said of it,
//! one line a fault: `line:column code message / help`. `BLESS=1` writes what is said now, for review by diff.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hookswitch::engine::Flow;
use hookswitch::engine::diag::{Diag, ExampleStep, Severity, StepEvent, line_and_column};
use hookswitch::engine::flow::{Bundle, Catalogue, Entry, FlowFile, HoursFile};
use hookswitch::engine::load::load;
use hookswitch::study::walk::time::Prices;
use hookswitch::study::walk::walk;
use hookswitch::twiml::CarrierPace;
use hookswitch::written::{Code, MAX_SOURCE};

/// A code, and how a flow is made that has its fault.
type Made = (&'static str, fn() -> String);

/// Faults whose flows are too large to be read by people.
const LARGE: [Made; 13] = [
    ("expression-too-large", || {
        let (long, deep) = (" + 1".repeat(300), "(".repeat(40) + &")".repeat(40));
        format!(
            "[steps.bye]\nsay  = [\"{{{{ 1{long} }}}}\", \"{{{{ {deep} }}}}\"]\nnext = \"hangup\"\n"
        )
    }),
    ("expressions-too-many", || {
        let cases = "{ when = \"call.from == call.to\", next = \"bye\" }, ".repeat(10_001);
        format!(
            "[steps.one]\nbranch = [{cases}{{ next = \"bye\" }}]\n[steps.bye]\nsay  = \"1\"\nnext = \"hangup\"\n"
        )
    }),
    ("faults-too-many", || {
        let steps: String = (0..202)
            .map(|at| format!("[steps.s{at}]\nsay  = \"1\"\nnext = \"nowhere\"\n"))
            .collect();
        format!("{steps}[steps.bye]\nhangup = true\n")
    }),
    ("flow-not-proved", || {
        // Sixteen choices that are all compared in the end are more ways than can be told apart.
        let step = |at: usize| {
            let next = if at == 15 {
                "compare".to_owned()
            } else {
                format!("s{}", at + 1)
            };
            format!(
                "[steps.s{at}]\nmenu = \"1 or 2?\"\nkeys.1 = {{ set = {{ v{at} = 1 }}, next = \"{next}\" }}\nkeys.2 = {{ set = {{ v{at} = 2 }}, next = \"{next}\" }}\n"
            )
        };
        let arm = |at: usize| format!("  {{ when = \"v{at} == 2\", next = \"bye\" }},\n");
        let steps: String = (0..16).map(step).collect();
        let arms: String = (0..16).map(arm).collect();
        format!(
            "give_up = \"bye\"\n{steps}[steps.compare]\nbranch = [\n{arms}  {{ next = \"bye\" }},\n]\n[steps.bye]\nsay = \"1\"\nnext = \"hangup\"\n"
        )
    }),
    ("flow-too-large", || " ".repeat(MAX_SOURCE + 1)),
    ("keys-too-many", || {
        let keys: String = (1000..2001)
            .map(|key| format!("keys.{key} = \"hangup\"\n"))
            .collect();
        format!("give_up = \"hangup\"\n[steps.one]\nmenu = \"1\"\n{keys}")
    }),
    ("reply-too-large", || {
        let step = |at: usize| {
            format!(
                "[steps.s{at}]\nsay  = \"{}\"\nnext = \"s{}\"\n",
                "long ".repeat(800),
                at + 1
            )
        };
        let steps: String = (0..16).map(step).collect();
        format!("{steps}[steps.s16]\nsay  = \"Goodbye.\"\nnext = \"hangup\"\n")
    }),
    ("languages-too-many", || {
        let languages: String = (0..256)
            .map(|number| format!("x-{number} = {{}}\n"))
            .collect();
        format!("[languages]\n{languages}[steps.bye]\nsay  = \"1\"\nnext = \"hangup\"\n")
    }),
    ("names-too-many", || {
        let sets: String = (0..2001)
            .map(|number| format!("set.v{number} = 1\n"))
            .collect();
        format!("[steps.one]\n{sets}next = \"hangup\"\n")
    }),
    ("prompt-too-deep", || {
        let prompts: String = (0..32)
            .map(|at| format!("p{at} = [\"@p{}\"]\n", at + 1))
            .collect();
        format!("[steps.bye]\nsay  = \"@p0\"\nnext = \"hangup\"\n[prompts]\n{prompts}p32 = \"1\"\n")
    }),
    ("steps-too-many", || {
        (0..10_001)
            .map(|number| format!("[steps.s{number}]\nhangup = true\n"))
            .collect()
    }),
    ("turn-too-long", || row_of_steps(63)),
    ("text-too-long", || {
        format!(
            "[steps.bye]\nsay  = \"{}\"\nnext = \"hangup\"\n",
            "long ".repeat(1000)
        )
    }),
];

/// So many steps in a row, and then the end.
pub fn row_of_steps(count: usize) -> String {
    let step = |at: usize| {
        format!(
            "[steps.s{at}]\nset  = {{ n = {at} }}\nnext = \"s{}\"\n",
            at + 1
        )
    };
    let steps: String = (1..count).map(step).collect();
    format!("{steps}[steps.s{count}]\nsay  = \"{{{{ n }}}}\"\nnext = \"hangup\"\n")
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn faults() -> PathBuf {
    root().join("tests/check")
}

/// The prompts that the faulty flows find in the audio manifest.
fn catalogues() -> Vec<Catalogue> {
    let catalogue = |language: &str, prompts: &[(&str, &str)]| {
        let entry = |text: &str| Entry {
            text: Some(text.to_owned()),
            at: (0, text.len()),
            ..Entry::default()
        };
        let entries = prompts
            .iter()
            .map(|(id, text)| ((*id).to_owned(), entry(text)))
            .collect::<BTreeMap<_, _>>();
        Catalogue {
            language: language.to_owned(),
            file: format!("{language}.toml").into(),
            entries: Arc::new(entries),
        }
    };
    vec![
        catalogue("en-GB", &[("kind.letter", "letter")]),
        catalogue("bg-BG", &[("bye", "Край.")]),
    ]
}

/// The opening hours that the faulty flows find beside the settings.
fn hours() -> Vec<HoursFile> {
    let file = |name: &str, source: &str| HoursFile {
        name: name.to_owned(),
        file: format!("{name}.toml").into(),
        source: format!("zone = \"Europe/London\"\n{source}\n").into(),
    };
    vec![
        file("office", "mon-fri = \"09:00-17:30\""),
        file("always", "mon-sun = \"00:00-24:00\""),
        file("broken", "mon = \"9 to 5pm\""),
    ]
}

/// The flows that the faulty ones can go through, themselves among them.
fn beside(own: &str, source: &str) -> BTreeMap<String, FlowFile> {
    let file = |name: &str, source: String| {
        let file = FlowFile {
            file: format!("{name}.toml").into(),
            source: source.into(),
        };
        (name.to_owned(), file)
    };
    let shared = files(&faults().join("beside/shared"), "toml").into_iter();
    let shared = shared.map(|(name, path)| {
        let source = std::fs::read_to_string(path).expect("it can be read");
        file(&format!("shared/{name}"), source)
    });
    let deep = (1..9).map(|at| {
        let source = format!(
            "[steps.inner]\nflow = \"deep/{}\"\nnext = \"return\"\n",
            at + 1
        );
        file(&format!("deep/{at}"), source)
    });
    let last = "[steps.inner]\nsay = \"Deep.\"\nnext = \"return\"\n".to_owned();
    let own = [file("deep/9", last), file(own, source.to_owned())];
    shared.chain(deep).chain(own).collect()
}

/// What is said of a flow, a line a fault, and the codes.
pub fn told(source: String) -> (String, BTreeSet<Code>) {
    let name = source
        .strip_prefix("# flows/")
        .and_then(|rest| Some(rest.split_once(".toml")?.0.to_owned()))
        .unwrap_or_else(|| "faulty".to_owned());
    let bundle = Bundle {
        flows: Arc::new(beside(&name, &source)),
        name,
        file: "faulty.toml".into(),
        source,
        catalogues: catalogues(),
        hours: hours(),
        ..Bundle::default()
    };
    let diags = load(&bundle).map_or_else(
        |diags| diags,
        |loaded| [loaded.warnings, ways(&loaded.flow, &loaded.bundle.file)].concat(),
    );
    let mut text = String::new();
    for diag in &diags {
        writeln!(text, "{}", line(diag, &bundle.source)).expect("a String takes everything");
    }
    (text, diags.iter().map(|diag| diag.code).collect())
}

/// What is told of the ways through a flow, where a minute costs a cent.
fn ways(flow: &Flow, file: &Arc<str>) -> Vec<Diag> {
    let prices = Prices {
        currency: "EUR".to_owned(),
        minute: 0.01,
        answered_minute: 0.02,
        neural_hundred: 0.0,
        sms_segment: 0.0,
    };
    walk(flow, file, &CarrierPace::new(|_: &str| None), Some(&prices))
}

fn line(diag: &Diag, source: &str) -> String {
    let (line, column) = line_and_column(source, diag.at.span.start);
    let warning = match diag.severity {
        Severity::Error => "",
        Severity::Warning => "warning ",
        Severity::Note => "note ",
    };
    let help = diag.help.as_deref().unwrap_or("-");
    let also = diag.also.as_ref().map_or(String::new(), |(place, label)| {
        if place.file != diag.at.file && place.file.starts_with("shared/") {
            return format!(" / {} {label}", place.file);
        }
        let (line, column) = line_and_column(source, place.span.start);
        format!(" / {line}:{column} {label}")
    });
    let act = |ExampleStep { step, event }: &ExampleStep| match event {
        StepEvent::Acts(act) => format!("{step}: {act:?}"),
        event => format!("{step}: {event:?}"),
    };
    let acts = |acts: &[ExampleStep]| acts.iter().map(act).collect::<Vec<_>>().join(", ");
    let call = diag.call.as_ref().map_or(String::new(), |call| {
        let then = if call.then.is_empty() {
            String::new()
        } else {
            format!(", then {}", acts(&call.then))
        };
        let first = if call.acts.is_empty() {
            "begins".to_owned()
        } else {
            acts(&call.acts)
        };
        let at = call
            .at
            .as_ref()
            .map_or(String::new(), |at| format!(" at {at}"));
        format!(" / call {first}{then}{at} shows {:?}", call.shows)
    });
    format!(
        "{line}:{column} {warning}{} {} / {help}{also}{call}",
        diag.code, diag.message
    )
}

/// The text files of a folder with an ending, by their names without it.
fn files(folder: &Path, ending: &str) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("it can be read").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|other| other == ending));
    let mut files: Vec<_> = paths
        .map(|path| {
            (
                path.file_stem()
                    .expect("it has a name")
                    .to_string_lossy()
                    .into_owned(),
                path,
            )
        })
        .collect();
    files.sort();
    files
}

#[test]
fn every_fault_is_told_as_it_is_written_down() {
    let small = files(&faults(), "toml").into_iter();
    let small =
        small.map(|(code, path)| (code, std::fs::read_to_string(path).expect("it can be read")));
    let large = LARGE
        .iter()
        .map(|(code, source)| ((*code).to_owned(), source()));
    let mut wrong = String::new();
    for (code, source) in small.chain(large) {
        let (told, codes) = told(source);
        assert!(
            codes.iter().any(|found| found.name() == code),
            "{code}.toml does not show its fault:\n{told}"
        );
        let path = faults().join(format!("{code}.txt"));
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(&path, &told).expect("it can be written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if told != expected {
            writeln!(wrong, "{code}:\n--- expected\n{expected}--- told\n{told}")
                .expect("a String takes everything");
        }
    }
    assert!(wrong.is_empty(), "BLESS=1 writes what is told now\n{wrong}");
}

#[test]
fn unusual_flows_that_are_right_are_silent() {
    let flows = files(&faults().join("sound"), "toml");
    assert!(flows.len() > 8, "the folder is there");
    for (name, path) in flows {
        let (told, _) = told(std::fs::read_to_string(path).expect("it can be read"));
        assert_eq!(told, "", "{name}");
    }
}

/// Codes of what stands around a flow: its file, its folder, the manifest, recordings and settings.
const AROUND: [&str; 20] = [
    "audio-",
    "backend-unknown",
    "contact-unknown",
    "file-",
    "flow-name",
    "flows-folder",
    "hours-day",
    "hours-name",
    "hours-overlap",
    "hours-range",
    "hours-run-out",
    "hours-twice",
    "manifest-",
    "number-refused",
    "number-twice",
    "sender-unknown",
    "prices-",
    "machine-unknown",
    "service-unknown",
    "service-untrusted",
];

#[test]
fn every_code_of_a_flow_has_a_faulty_one() {
    let shown: BTreeSet<String> = files(&faults(), "txt")
        .into_iter()
        .map(|(code, _)| code)
        .collect();
    let names = Code::of_flows().map(Code::name);
    let known: BTreeSet<String> = names
        .filter(|name| !AROUND.iter().any(|begin| name.starts_with(begin)))
        .map(str::to_owned)
        .collect();
    assert_eq!(
        known, shown,
        "left: codes of flows, right: files in tests/check"
    );
}

#[test]
fn every_code_is_found_somewhere() {
    let sources = super::source::read(&root().join("src"));
    let nowhere: Vec<&Code> = Code::ALL
        .iter()
        .filter(|code| {
            let written = format!("Code::{code:?}");
            !sources.iter().any(|file| file.text.contains(&written))
        })
        .collect();
    assert!(nowhere.is_empty(), "listed and never told: {nowhere:?}");
}

/// The blocks of a page behind a word: `Wrong:` or `Right:`.
fn example(page: &str, word: &str) -> Option<String> {
    let text = page.split_once(&format!("\n{word}:\n\n```toml\n"))?.1;
    Some(text.split_once("\n```")?.0.to_owned() + "\n")
}

#[test]
fn every_code_has_a_page_whose_examples_are_what_they_say() {
    let mut wrong = Vec::new();
    assert!(
        Code::ALL.is_sorted_by_key(|code| code.name()),
        "the list is sorted by name"
    );
    for code in Code::of_flows() {
        let page = code.page().unwrap_or_default();
        if !page.starts_with(&format!("# {code}\n\n")) || code.summary().len() < 20 {
            wrong.push(format!("{code}: its page says nothing of it"));
        }
        let (Some(bad), Some(good)) = (example(page, "Wrong"), example(page, "Right")) else {
            continue;
        };
        let (text, codes) = told(bad);
        if !codes.contains(&code) {
            wrong.push(format!(
                "{code}: its bad example does not show it, but\n{text}"
            ));
        }
        let (text, codes) = told(good);
        if codes.contains(&code) || codes.iter().any(|other| other.keeps_out()) {
            wrong.push(format!("{code}: its good example is not good\n{text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
