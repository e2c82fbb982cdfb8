//! Recordings: read once, named by what they hold, so that a URL stays good for ever and a changed file gets a new one.

use std::fs;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use super::format::{AudioFormat, ENDINGS};
use super::length::length;
use super::manifest::{ManifestFault, Span};
use crate::written::Code;

/// A recording in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recording {
    /// The path below `/audio/`: the hash, a slash, and the file's name for people. ASCII that needs no escaping.
    pub path: Arc<str>,
    /// The first 32 hexadecimal digits of the SHA-256 of the bytes.
    pub hash: String,
    /// What it is served as.
    pub content_type: &'static str,
    pub bytes: Bytes,
    /// How long it lasts.
    pub lasts: Duration,
}

impl Recording {
    /// Takes the bytes of a file, whose name tells what kind of audio it is.
    ///
    /// # Errors
    /// What is wrong with them, if the carrier would not play them.
    fn new(name: &str, bytes: Bytes) -> Result<Self, Unplayable> {
        let content_type = content_type(name, &bytes).map_err(Unplayable::Kind)?;
        let lasts = length(content_type, &bytes).ok_or(Unplayable::Broken)?;
        if lasts.is_zero() {
            return Err(Unplayable::Empty);
        }
        let hash = digest(&bytes);
        let name: String = name
            .chars()
            .map(|c| if is_plain(c) { c } else { '-' })
            .collect();
        Ok(Self {
            path: format!("{hash}/{name}").into(),
            hash,
            content_type,
            bytes,
            lasts,
        })
    }

    /// Reads the file that a manifest names.
    pub(super) fn read(folder: &Path, written: &str, span: &Span) -> Result<Self, ManifestFault> {
        let fault = |code, message: String, help: &str| {
            ManifestFault::new(code, span.clone(), message, help)
        };
        let file = locate(folder, written).map_err(|trouble| trouble.fault(written, span))?;
        let bytes = fs::read(&file).map_err(|error| {
            fault(
                Code::AudioMissing,
                format!("`{written}` cannot be read: {error}"),
                "",
            )
        })?;
        if bytes.is_empty() {
            return Err(fault(
                Code::AudioEmpty,
                format!("`{written}` is empty"),
                "record it again",
            ));
        }
        let name = Path::new(written)
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        Self::new(&name, bytes.into()).map_err(|trouble| match trouble {
            Unplayable::Kind(trouble) => {
                let help =
                    format!("the carrier plays {ENDINGS}, and only where the ending is true");
                fault(Code::AudioType, format!("`{written}` {trouble}"), &help)
            }
            Unplayable::Broken => {
                let message = format!(
                    "`{written}` cannot be read: how long it lasts its header does not say"
                );
                fault(
                    Code::AudioBroken,
                    message,
                    "write it again, as WAV with 8,000 samples a second in one channel",
                )
            }
            Unplayable::Empty => fault(
                Code::AudioEmpty,
                format!("`{written}` has a header and no sound"),
                "record it again",
            ),
        })
    }
}

/// Why a recording would not be heard.
enum Unplayable {
    /// It is of a kind that is not played.
    Kind(String),
    /// Nothing in it can be read.
    Broken,
    /// There is no sound in it.
    Empty,
}

/// What the bytes of a file are served as, whose name tells what kind of audio it is.
///
/// # Errors
/// What is wrong with them, in words, if the carrier does not play that kind.
pub fn content_type(name: &str, bytes: &[u8]) -> Result<&'static str, String> {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    AudioFormat::of(ending, bytes).map(AudioFormat::content_type)
}

/// 128 bits of SHA-256.
fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes)[..16]
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-')
}

enum Trouble {
    Outside,
    Missing(std::io::Error),
    NoFile,
}

impl Trouble {
    fn fault(&self, written: &str, span: &Span) -> ManifestFault {
        let (code, message, help) = match self {
            Self::Outside => (
                Code::AudioOutside,
                format!("`{written}` is outside the manifest's folder"),
                "a recording is named by its path from the manifest's folder, or by an https URL",
            ),
            Self::Missing(error) => (
                Code::AudioMissing,
                format!("`{written}` cannot be read: {error}"),
                "put the recording there, its path counted from the manifest's folder; without `audio` the `text` is spoken",
            ),
            Self::NoFile => (Code::AudioMissing, format!("`{written}` is not a file"), ""),
        };
        ManifestFault::new(code, span.clone(), message, help)
    }
}

/// Finds a file within a folder; neither `..` nor a link leads out of it.
fn locate(folder: &Path, written: &str) -> Result<PathBuf, Trouble> {
    let path = Path::new(written);
    if !path
        .components()
        .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
    {
        return Err(Trouble::Outside);
    }
    let folder = fs::canonicalize(folder).map_err(Trouble::Missing)?;
    let file = fs::canonicalize(folder.join(path)).map_err(Trouble::Missing)?;
    if !file.starts_with(&folder) {
        return Err(Trouble::Outside);
    }
    if fs::metadata(&file).map_err(Trouble::Missing)?.is_file() {
        Ok(file)
    } else {
        Err(Trouble::NoFile)
    }
}
