//! README.md and docs/ hold what they promise: their flows load, their settings exist, their links lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use hookswitch::engine::diag::Severity;
use hookswitch::engine::flow::{Bundle, FlowFile, HoursFile};
use hookswitch::engine::load::load;
use hookswitch::settings::{DEFAULTS, Settings};

use super::architecture::{none, pages, root};

/// A fenced block of a page.
pub struct Block {
    /// The page and the line of its fence.
    pub place: String,
    /// What stands behind the fence: `toml`, `sh`, …
    pub language: String,
    pub text: String,
}

/// The file that a block's first line says it is: `flows/shop.toml`.
pub fn first_line_file(block: &Block) -> &str {
    let line = block
        .text
        .lines()
        .next()
        .and_then(|line| line.strip_prefix("# "))
        .unwrap_or_default();
    line.split_whitespace().next().unwrap_or_default()
}

pub fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (page, text) in pages() {
        let mut open: Option<Block> = None;
        for (at, line) in text.lines().enumerate() {
            match (line.trim_start().strip_prefix("```"), open.take()) {
                (Some(language), None) => {
                    let place = format!("{}:{}", page.display(), at + 1);
                    open = Some(Block {
                        place,
                        language: language.trim().to_owned(),
                        text: String::new(),
                    });
                }
                (Some(_), Some(block)) => blocks.push(block),
                (None, Some(mut block)) => {
                    block.text.push_str(line);
                    block.text.push('\n');
                    open = Some(block);
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", page.display());
    }
    blocks
}

#[test]
fn every_toml_of_the_pages_is_what_its_first_line_says_and_loads() {
    let blocks: Vec<_> = blocks()
        .into_iter()
        .filter(|block| block.language == "toml")
        .collect();
    assert!(blocks.len() > 5, "the pages show flows and settings");
    let mut faults = Vec::new();
    for block in blocks {
        let file = first_line_file(&block);
        faults.extend(match file.split_once('/').map(|(folder, _)| folder) {
            Some("flows") => flow_faults(&block, file),
            Some("config") if file.starts_with("config/hours/") => hours_faults(&block, file),
            Some("config") => settings_fault(&block),
            Some("audio-manifest") => manifest_faults(&block),
            Some("tests") => call_faults(&block, file),
            _ => vec![format!(
                "{}: the first line names no file, as in `# flows/shop.toml`",
                block.place
            )],
        });
    }
    none("TOML that is not what it seems", faults);
}

/// What is wrong with a file of opening hours.
fn hours_faults(block: &Block, file: &str) -> Vec<String> {
    let faults = hookswitch::hours::read(&file.into(), &block.text).err();
    let faults = faults.unwrap_or_default();
    faults
        .iter()
        .map(|diag| format!("{}: {}", block.place, diag.message))
        .collect()
}

/// What is wrong with a test call.
fn call_faults(block: &Block, file: &str) -> Vec<String> {
    let faults = hookswitch::replay::read(&file.into(), block.text.clone())
        .err()
        .unwrap_or_default();
    faults
        .iter()
        .map(|diag| format!("{}: {}", block.place, diag.message))
        .collect()
}

fn flow_faults(block: &Block, file: &str) -> Vec<String> {
    let name = file
        .trim_start_matches("flows/")
        .trim_end_matches(".toml")
        .to_owned();
    let bundle = Bundle {
        name,
        file: file.into(),
        source: block.text.clone(),
        hours: vec![HoursFile {
            name: "office".to_owned(),
            file: "config/hours/office.toml".into(),
            source: "zone = \"Europe/London\"\nmon-fri = \"08:00-17:30\"\n".into(),
        }],
        flows: Arc::new(BTreeMap::from([(
            "shared/number".to_owned(),
            FlowFile {
                file: "flows/shared/number.toml".into(),
                source: include_str!("../../flows/shared/number.toml").into(),
            },
        )])),
        ..Bundle::default()
    };
    let diags = match load(&bundle) {
        Ok(loaded) => loaded.warnings,
        Err(diags) => diags,
    };
    let line = |at: usize| block.text[..at].lines().count();
    let fault = |diag: &hookswitch::engine::diag::Diag| {
        let kind = if diag.severity == Severity::Error {
            "error"
        } else {
            "warning"
        };
        format!(
            "{}, line {} of {file}: {kind}: {}",
            block.place,
            line(diag.at.span.start),
            diag.message
        )
    };
    diags.iter().map(fault).collect()
}

fn settings_fault(block: &Block) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    std::fs::write(folder.path().join("page.toml"), &block.text).expect("it can be written");
    let settings = Settings::load(folder.path(), std::iter::empty());
    settings
        .err()
        .map(|error| format!("{}: {error}", block.place))
        .into_iter()
        .collect()
}

fn manifest_faults(block: &Block) -> Vec<String> {
    let manifest =
        hookswitch::audio::Manifest::parse("en-GB", Path::new("en-GB.toml"), block.text.clone());
    manifest
        .faults
        .iter()
        .map(|fault| format!("{}: {}", block.place, fault.message))
        .collect()
}

/// Every setting there is, as `section.key`: those without a default stand in the defaults behind a `#`.
fn settings() -> BTreeSet<String> {
    let is_example = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphabetic() || c == '['))
    };
    let whole: String = DEFAULTS
        .lines()
        .map(|line| {
            line.strip_prefix('#')
                .filter(|_| is_example(line))
                .unwrap_or(line)
        })
        .fold(String::new(), |text, line| text + line + "\n");
    let table: toml::Table = whole
        .parse()
        .expect("the defaults are TOML with every example in place");
    let mut names = BTreeSet::new();
    flatten("", &table, &mut names);
    names
}

fn flatten(prefix: &str, table: &toml::Table, names: &mut BTreeSet<String>) {
    for (key, value) in table {
        let name = format!("{prefix}{}", general(prefix, key));
        match value {
            toml::Value::Table(table) => flatten(&format!("{name}."), table, names),
            _ => drop(names.insert(name)),
        }
    }
}

/// Backends, shared keys, accounts and codes have names of their own, for which the pages write `<name>`, `<sid>` and `<code>`.
fn general(prefix: &str, key: &str) -> String {
    match prefix {
        "flows." if key.to_lowercase() != "dir" => "<name>".to_owned(),
        "backends."
        | "connectors."
        | "contacts."
        | "flows.<name>.contacts."
        | "lines."
        | "machines."
        | "queues."
        | "senders."
        | "services."
        | "services.<name>.headers."
        | "twilio.keys." => "<name>".to_owned(),
        "check.levels." => "<code>".to_owned(),
        "twilio.accounts." => "<sid>".to_owned(),
        _ => key.to_lowercase(),
    }
}

/// A setting as the environment names it, `SERVER__LISTEN`, with or without `HOOKSWITCH__` before it.
fn setting(word: &str) -> Option<String> {
    let name = word.strip_prefix("HOOKSWITCH__").unwrap_or(word);
    let parts: Vec<&str> = name.split("__").collect();
    let section = parts[0];
    let is_name =
        parts.len() > 1 && section.len() > 1 && section.chars().all(|c| c.is_ascii_uppercase());
    if !is_name {
        return None;
    }
    let mut path = String::new();
    for part in parts {
        let part = general(&path, part);
        path = format!("{path}{part}.");
    }
    let path = path.trim_end_matches('.');
    Some(path.strip_suffix("_file").unwrap_or(path).to_owned())
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || "_<>".contains(c)))
}

#[test]
fn every_setting_that_the_pages_name_exists() {
    let known = settings();
    let mut faults = Vec::new();
    for (page, text) in pages() {
        let named = words(&text).filter_map(|word| Some((word, setting(word)?)));
        let unknown = named.filter(|(_, setting)| !known.contains(setting));
        faults.extend(unknown.map(|(word, _)| format!("{}: {word}", page.display())));
    }
    none("settings that do not exist", faults);
}

#[test]
fn every_link_within_the_project_leads_somewhere() {
    let mut faults = Vec::new();
    for (page, text) in pages() {
        let folder = root()
            .join(&page)
            .parent()
            .expect("a page stands in a folder")
            .to_owned();
        let targets = text
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'))
            .map(|(target, _)| target);
        for target in targets.filter(|target| !target.contains("://")) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !folder.join(file).exists() {
                faults.push(format!("{}: {target}", page.display()));
            }
        }
    }
    none("links that lead nowhere", faults);
}

/// The sections of Keep a Changelog.
const SECTIONS: [&str; 6] = [
    "Added",
    "Changed",
    "Deprecated",
    "Removed",
    "Fixed",
    "Security",
];

#[test]
fn the_changelog_keeps_to_its_form() {
    let changelog = std::fs::read_to_string(root().join("CHANGELOG.md")).expect("it is there");
    let versions: Vec<&str> = changelog.split("\n## ").skip(1).collect();
    assert!(versions[0].starts_with("[Unreleased]\n"), "{}", versions[0]);
    let mut faults = Vec::new();
    for version in versions {
        let mut seen = BTreeSet::new();
        for section in version.lines().filter_map(|line| line.strip_prefix("### ")) {
            if !SECTIONS.contains(&section) || !seen.insert(section) {
                faults.push(section.to_owned());
            }
        }
    }
    none("sections that are unknown, or there twice", faults);
}
