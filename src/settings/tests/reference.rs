//! `config/default.toml` and the table of the README are written from the declarations; `BLESS=1` rewrites them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::super::keys::SETTINGS;
use crate::written::keys::{Key, Shape};

const HEAD: &str = "\
# The settings of Hookswitch, each with its default. This file is part of the program, which does not read it again.
#
# To change one, write it into another file of this folder, such as config/local.toml (files are read in the order of
# their names, a later one wins), or set it in the environment, which wins over every file:
#
#   server.listen            HOOKSWITCH__SERVER__LISTEN=0.0.0.0:8080
#   twilio.auth_token        HOOKSWITCH__TWILIO__AUTH_TOKEN=…
#   backends.pickups.url     HOOKSWITCH__BACKENDS__PICKUPS__URL=https://…
#
# A secret may stand in a file of its own: HOOKSWITCH__TWILIO__AUTH_TOKEN_FILE=/run/secrets/token (here:
# auth_token_file = \"…\"). A variable that is set but empty counts as not set; an empty admin.token or auth_token is refused.
# Lengths of time are written \"500ms\", \"15s\", \"30m\", \"24h\", \"7d\".
#
# A line that begins with # and no space after it is a setting without a default, with an example.
";

/// Where the README's table stands.
const TABLE: &str = "| setting, after `HOOKSWITCH__` | default | |\n|---|---|---|\n";

/// A setting, or a table of them, as the README and the defaults go through them.
struct Row {
    /// Its path, with the sample in the place of a name that the operator chooses.
    path: Vec<&'static str>,
    /// The same with `<name>` in the place of such a name.
    general: Vec<&'static str>,
    key: Key,
    /// Whether it is below a name that the operator chooses.
    is_named: bool,
}

/// All settings, each table before what is in it.
fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for key in SETTINGS {
        walk(key, &(Vec::new(), Vec::new(), false), &mut rows);
    }
    rows
}

fn walk(
    key: &Key,
    (path, general, is_named): &(Vec<&'static str>, Vec<&'static str>, bool),
    rows: &mut Vec<Row>,
) {
    let is_named = *is_named;
    let path = [path.as_slice(), &[key.name]].concat();
    let general = [general.as_slice(), &[key.name]].concat();
    rows.push(Row {
        path: path.clone(),
        general: general.clone(),
        key: *key,
        is_named,
    });
    match key.shape {
        Shape::Table(keys) => {
            for inner in keys {
                walk(inner, &(path.clone(), general.clone(), is_named), rows);
            }
        }
        Shape::Names(names) => {
            for fixed in names.fixed {
                walk(fixed, &(path.clone(), general.clone(), is_named), rows);
            }
            let any = match key.name {
                "accounts" => "<sid>",
                "levels" => "<code>",
                _ => "<name>",
            };
            let path = [path.as_slice(), &[names.sample]].concat();
            let general = [general.as_slice(), &[any]].concat();
            match names.of {
                Shape::Table(keys) => {
                    for inner in *keys {
                        walk(inner, &(path.clone(), general.clone(), true), rows);
                    }
                }
                _ => rows.push(Row {
                    path,
                    general,
                    key: *key,
                    is_named: true,
                }),
            }
        }
        _ => {}
    }
}

fn is_table(key: &Key) -> bool {
    matches!(key.shape, Shape::Table(_) | Shape::Names(_))
}

/// What the README says of a setting.
fn doc(key: &Key) -> String {
    format!("{}{}", key.doc, key.shape.bounds())
}

fn readme() -> String {
    let mut table = TABLE.to_owned();
    for row in rows() {
        let is_entry = row.general.last().is_some_and(|name| name.starts_with('<'));
        if is_table(&row.key) && !is_entry {
            continue;
        }
        let name = row.general.join("__").to_uppercase();
        let default = row
            .key
            .default
            .map(|value| format!("`{}` ", value.trim_matches('"')));
        let default = default.unwrap_or_default();
        writeln!(table, "| `{name}` | {default}| {} |", doc(&row.key)).expect("a text takes all");
    }
    table
}

fn defaults() -> String {
    let mut file = HEAD.to_owned();
    let mut section = Vec::new();
    for row in rows() {
        let is_entry = row.general.last().is_some_and(|name| name.starts_with('<'));
        if is_entry {
            let (table, name) = (section.len(), row.key.name);
            let value = row.key.value();
            let (sample, value) = value
                .as_object()
                .and_then(|values| values.iter().next())
                .unwrap_or_else(|| panic!("the example of {name} has a value"));
            let path = [&row.path[table..row.path.len() - 1], &[sample.as_str()]].concat();
            writeln!(file, "#{} = {value}", path.join(".")).expect("a text takes all");
            continue;
        }
        comment(&mut file, &row, &mut section);
        if is_table(&row.key) {
            continue;
        }
        let name = row.path[section.len()..].join(".");
        let line = match row.key.default {
            Some(default) if !row.is_named => format!("{name} = {default}"),
            Some(default) => format!("#{name} = {default}"),
            None => {
                let (_, example) = row.key.example.split_once(" = ").expect("it sets a value");
                format!("#{name} = {example}")
            }
        };
        writeln!(file, "{line}").expect("a text takes all");
    }
    file
}

/// Writes what stands before a setting: the header of its table, and its meaning.
fn comment(file: &mut String, row: &Row, section: &mut Vec<&'static str>) {
    let begins_section = row.path.len() == 1;
    if begins_section {
        file.push('\n');
    }
    let mut line = String::from("#");
    for word in doc(&row.key).split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > 120 {
            writeln!(file, "{line}").expect("a text takes all");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    if line.len() > 1 {
        writeln!(file, "{line}").expect("a text takes all");
    }
    if !begins_section {
        return;
    }
    section.clone_from(&row.path);
    match row.key.shape {
        // A table that is there must be whole, so the header of the sample's is an example too.
        Shape::Names(names) if names.fixed.is_empty() && matches!(names.of, Shape::Table(_)) => {
            section.push(names.sample);
            writeln!(file, "#[{}]", section.join(".")).expect("a text takes all");
        }
        _ => writeln!(file, "[{}]", section.join(".")).expect("a text takes all"),
    }
}

/// Compares with a file of the repository, or writes it.
#[track_caller]
fn compare(file: &Path, was: &str, now: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(file, now).expect("the repository can be written");
        return;
    }
    let name = file.display();
    assert_eq!(
        was, now,
        "{name} is not what the declarations say: BLESS=1 rewrites it"
    );
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn the_file_of_defaults_is_written_from_the_declarations() {
    let file = root().join("config/default.toml");
    let was = fs::read_to_string(&file).expect("it is there");
    compare(&file, &was, &defaults());
}

#[test]
fn the_table_of_the_readme_is_written_from_the_declarations() {
    let file = root().join("README.md");
    let was = fs::read_to_string(&file).expect("it is there");
    let (before, rest) = was.split_once(TABLE).expect("the README has the table");
    let end = rest.find("\n\n").map_or(rest.len(), |at| at + 1);
    let now = format!("{before}{}{}", readme(), &rest[end..]);
    compare(&file, &was, &now);
}

#[test]
fn every_setting_says_what_it_means_and_how_it_is_written() {
    for row in rows() {
        let (key, path) = (&row.key, row.path.join("."));
        key.value();
        assert!(
            is_table(key) || key.doc.ends_with('.'),
            "{path} has no meaning"
        );
    }
}
