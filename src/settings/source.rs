//! Where settings come from: the files of a folder, and the variables of the environment.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::fault::Fault;
use super::{DEFAULTS, PREFIX};
use crate::written::{text_of, unmarked};

/// A text in which settings stand. It may hold secrets.
pub(super) struct SourceText {
    /// A file, or a variable's name.
    pub(super) name: String,
    /// What stands there; of a variable its name, `=` and its value.
    pub(super) text: String,
    /// Whether it is a variable.
    pub(super) is_variable: bool,
}

impl SourceText {
    /// A file's.
    pub(super) fn file(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: text.into(),
            is_variable: false,
        }
    }

    fn variable(name: String, value: &str) -> Self {
        Self {
            text: format!("{name}={value}"),
            name,
            is_variable: true,
        }
    }

    /// The line of a byte, from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.bytes().take(at);
        1 + before.filter(|byte| *byte == b'\n').count()
    }
}

/// Reads the files of a folder, in the order of their names. What keeps one from being read goes to `faults`, a file that is
/// passed over to `warnings`.
pub(super) fn files(
    folder: &Path,
    faults: &mut Vec<Fault>,
    warnings: &mut Vec<Fault>,
) -> Vec<SourceText> {
    let failed = |path: &Path, error: io::Error| {
        Fault::of_file(path, format!("cannot be read: {error}"), "")
    };
    let files = list(folder).unwrap_or_else(|error| {
        faults.push(failed(folder, error));
        Vec::new()
    });
    let mut sources = Vec::new();
    for file in files {
        match read(&file) {
            Err(error) => faults.push(failed(&file, error)),
            Ok(text) if file.file_name().is_some_and(|name| name == "default.toml") => {
                if unmarked(&text).replace("\r\n", "\n") != DEFAULTS {
                    let message = "is not read: the defaults are part of the program".to_owned();
                    let help = "write what you change into another file, such as local.toml";
                    warnings.push(Fault::of_file(&file, message, help));
                }
            }
            Ok(text) => sources.push(SourceText::file(file.display().to_string(), text)),
        }
    }
    sources
}

/// The text of a file.
pub(super) fn read(file: &Path) -> io::Result<String> {
    text_of(fs::read(file)?).map_err(io::Error::other)
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|ending| ending == "toml") && !hidden {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Reads the environment, sorted by name. An empty variable is none, a token apart, without which anybody could come in.
pub(super) fn variables(
    environment: impl Iterator<Item = (String, String)>,
    faults: &mut Vec<Fault>,
) -> Vec<SourceText> {
    let is_ours = |name: &str| {
        name.get(..PREFIX.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(PREFIX))
    };
    let mut ours: Vec<_> = environment.filter(|(name, _)| is_ours(name)).collect();
    ours.sort();
    let mut sources = Vec::new();
    for (name, value) in ours {
        if value.trim().is_empty() {
            faults.extend(empty_token(&name));
        }
        if !value.is_empty() {
            sources.push(SourceText::variable(name, &value));
        }
    }
    sources
}

/// The fault of a token's variable that is set, and empty.
fn empty_token(name: &str) -> Option<Fault> {
    let key = name[PREFIX.len()..].to_lowercase().replace("__", ".");
    let is_token =
        key == "admin.token" || (key.starts_with("twilio.") && key.ends_with(".auth_token"));
    is_token.then(|| Fault {
        key,
        origin: name.to_owned(),
        message: "is set, and empty".into(),
        help: "give the token, or leave the variable out".into(),
        excerpt: String::new(),
    })
}
