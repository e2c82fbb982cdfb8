//! `hookswitch schema`: what may be written into which file, as JSON Schema, for editors.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::Value;

use super::exit;
use crate::{audio, engine, hours, replay};

/// Print the JSON Schema of a kind of file, for an editor that completes and explains
///
/// A file names its schema in its first line: #:schema ../schema/flow.json
#[derive(Clone, Debug, clap::Args)]
pub struct SchemaArgs {
    /// The kind of file; without it, all of them are written to --output
    #[arg(value_enum, required_unless_present = "output")]
    kind: Option<SchemaKind>,

    /// Write into this folder, as flow.json, manifest.json, call.json and hours.json, instead of printing
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// A kind of file that people write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SchemaKind {
    /// A call flow: flows/NAME.toml
    Flow,
    /// The prompts of a language: audio-manifest/LANGUAGE.toml
    Manifest,
    /// A test call: tests/calls/NAME.toml
    Call,
    /// Opening hours: config/hours/NAME.toml
    Hours,
}

impl SchemaKind {
    /// Its schema's file.
    pub fn file(self) -> &'static str {
        match self {
            Self::Flow => "flow.json",
            Self::Manifest => "manifest.json",
            Self::Call => "call.json",
            Self::Hours => "hours.json",
        }
    }

    /// Its schema, as the file holds it.
    pub fn text(self) -> String {
        let schema: Value = match self {
            Self::Flow => engine::schema::flow(),
            Self::Manifest => audio::schema(),
            Self::Call => replay::schema(),
            Self::Hours => hours::schema(),
        };
        format!("{schema:#}\n")
    }
}

/// What kept the schemas from being written.
#[derive(Debug, thiserror::Error)]
#[error("`{}` cannot be written: {source}", path.display())]
pub struct SchemaError {
    path: PathBuf,
    source: std::io::Error,
}

/// Prints a schema, or writes them into a folder.
pub fn run(args: &SchemaArgs) -> u8 {
    let kinds = args
        .kind
        .map_or_else(|| SchemaKind::value_variants().to_vec(), |kind| vec![kind]);
    let Some(folder) = &args.output else {
        let text: String = kinds.into_iter().map(SchemaKind::text).collect();
        // A reader that has gone away, such as `head -1`, is not an error.
        let _ = std::io::stdout().write_all(text.as_bytes());
        return exit::WELL;
    };
    match write(folder, &kinds) {
        Ok(()) => exit::WELL,
        Err(error) => {
            eprintln!("error: {error}");
            exit::SURROUNDINGS
        }
    }
}

/// Writes schemas into a folder, which is made if it is not there.
///
/// # Errors
/// When the folder or a file cannot be written.
pub fn write(folder: &Path, kinds: &[SchemaKind]) -> Result<(), SchemaError> {
    let error = |path: &Path| {
        let path = path.to_owned();
        move |source| SchemaError { path, source }
    };
    std::fs::create_dir_all(folder).map_err(error(folder))?;
    for kind in kinds {
        let path = folder.join(kind.file());
        std::fs::write(&path, kind.text()).map_err(error(&path))?;
    }
    Ok(())
}
