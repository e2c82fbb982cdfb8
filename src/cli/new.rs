//! `hookswitch new`: a project to begin with.

use std::path::{Path, PathBuf};

use clap::{CommandFactory, ValueEnum};

use super::{Arguments, exit, schema};

/// Where a project keeps its schemas, as the first lines of its files name it.
const SCHEMAS: &str = "schema";

/// The files of a project and where they go. Those in `new/project/` whose names would mean something here have others.
const FILES: [(&str, &str); 8] = [
    (
        ".github/workflows/check.yml",
        include_str!("new/project/check.yml"),
    ),
    (".gitignore", include_str!("new/project/gitignore")),
    ("README.md", include_str!("new/project/README.md")),
    (
        "audio-manifest/en-GB.toml",
        include_str!("new/project/audio-manifest/en-GB.toml"),
    ),
    (
        "config/hookswitch.toml",
        include_str!("new/project/config/hookswitch.toml"),
    ),
    (
        "flows/reception.toml",
        include_str!("new/project/flows/reception.toml"),
    ),
    (
        "tests/calls/reception.a-table-for-four.toml",
        include_str!("new/project/tests/calls/reception.a-table-for-four.toml"),
    ),
    (
        "tests/calls/reception.nobody-answers.toml",
        include_str!("new/project/tests/calls/reception.nobody-answers.toml"),
    ),
];

/// The commands for a new project, and what each does.
const NEXT: [(&str, &str); 3] = [
    ("serve", "answers at http://127.0.0.1:8080/voice/reception"),
    ("check", "finds what is wrong with the flow"),
    ("test", "plays the calls of tests/calls"),
];

/// Make a folder with a flow, its prompts, test calls and settings
#[derive(Clone, Debug, clap::Args)]
pub struct NewArgs {
    /// The folder, named as the project is: letters, digits, `-`, `_` and `.`
    name: PathBuf,
}

/// What kept the project from being made.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("`{}` cannot name a project", path.display())]
    Name {
        path: PathBuf,
        better: Option<String>,
    },
    #[error("`{}` is not empty", path.display())]
    Taken { path: PathBuf },
    #[error("`{}` cannot be written: {source}", path.display())]
    Write {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error(transparent)]
    Schema(#[from] schema::SchemaError),
}

impl Error {
    fn exit_code(&self) -> u8 {
        match self {
            Self::Name { .. } => exit::USAGE,
            Self::Taken { .. } | Self::Write { .. } | Self::Schema(_) => exit::SURROUNDINGS,
        }
    }

    fn help(&self) -> Option<String> {
        match self {
            Self::Name {
                better: Some(better),
                ..
            } => Some(format!("did you mean `{better}`?")),
            Self::Name { better: None, .. } => Some(
                "a name is letters, digits, `-`, `_` and `.`, a letter or digit first".to_owned(),
            ),
            Self::Taken { .. } => {
                Some("choose another name: existing files are not overwritten".to_owned())
            }
            Self::Write { .. } | Self::Schema(_) => None,
        }
    }
}

/// Makes a project, and says what to do with it.
pub fn run(args: &NewArgs) -> u8 {
    match make(&args.name) {
        Ok(()) => {
            println!(
                "Made `{}`: a flow, its prompts, two test calls, settings.",
                args.name.display()
            );
            println!("  cd {}", args.name.display());
            let commands = Arguments::command();
            for (command, what) in NEXT
                .iter()
                .filter(|(command, _)| commands.find_subcommand(command).is_some())
            {
                println!("  hookswitch {command:<9}# {what}");
            }
            println!("Begin with flows/reception.toml: its comments explain it.");
            exit::WELL
        }
        Err(error) => {
            eprintln!("error: {error}");
            if let Some(help) = error.help() {
                eprintln!("help: {help}");
            }
            error.exit_code()
        }
    }
}

fn make(folder: &Path) -> Result<(), Error> {
    let name = name_of(folder)?;
    must_be_free(folder)?;
    for (path, text) in FILES {
        write(&folder.join(path), &text.replace("{name}", name))?;
    }
    schema::write(&folder.join(SCHEMAS), schema::SchemaKind::value_variants())?;
    Ok(())
}

/// The project's name: the folder's own.
fn name_of(folder: &Path) -> Result<&str, Error> {
    let name = folder.file_name().map(|name| name.to_string_lossy());
    let refuse = || {
        let better = name.as_deref().map(spell).filter(|better| is_name(better));
        Error::Name {
            path: folder.to_owned(),
            better,
        }
    };
    folder
        .file_name()
        .and_then(|name| name.to_str())
        .filter(|name| is_name(name))
        .ok_or_else(refuse)
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
}

/// The nearest name that is legal: whatever is not becomes a hyphen.
fn spell(name: &str) -> String {
    let words = name.split(|c: char| !(c.is_ascii_alphanumeric() || "_.".contains(c)));
    let words: Vec<_> = words
        .map(|word| word.trim_matches('.'))
        .filter(|word| !word.is_empty())
        .collect();
    words.join("-").to_lowercase()
}

fn must_be_free(folder: &Path) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: folder.to_owned(),
        source,
    };
    match std::fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Error::Taken {
            path: folder.to_owned(),
        }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error)),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    let folder = path
        .parent()
        .expect("a file of a project stands in a folder");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(path, text))
        .map_err(failed)
}
