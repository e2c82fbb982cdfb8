//! All manifests of a folder, and the recordings that they name.

use std::collections::hash_map::Entry as Slot;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use indexmap::IndexMap;

use super::bounds::{leads_out, read_bounded};
use super::manifest::{Manifest, ManifestFault, NamedRecording};
use super::recording::Recording;
use crate::written::voices::languages_meant;
use crate::written::{Code, MAX_SOURCE, text_of};

/// Every language's prompts, with the recordings in memory.
#[derive(Clone, Debug, Default)]
pub struct Library {
    /// By language, in the order of their files' names.
    pub manifests: IndexMap<String, Manifest>,
    /// By path below `/audio/`.
    pub recordings: HashMap<Arc<str>, Recording>,
    /// The same recordings' paths, by the path that names each in the folder; what is wrong with those that cannot be
    /// played.
    pub sounds: HashMap<String, Result<Arc<str>, ManifestFault>>,
}

/// Why a folder could not be read.
#[derive(Debug, thiserror::Error)]
#[error("the audio manifest {} cannot be read", path.display())]
pub struct LibraryError {
    /// The folder, or a file of it.
    pub path: PathBuf,
    pub source: io::Error,
}

/// Reads every `<language>.toml` of a folder and the recordings that they name. A folder that is not there is an empty
/// library: a flow may bring all its prompts itself.
///
/// What is wrong in a manifest or with a recording is in [`Manifest::faults`].
///
/// # Errors
/// When the folder or a manifest cannot be read.
pub fn load_folder(folder: &Path) -> Result<Library, LibraryError> {
    let mut library = Library::default();
    for file in list(folder)? {
        let language = file
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let mut manifest = read(folder, &file, &language)?;
        if !is_language(&language) {
            let message = format!("`{language}` is not a language");
            let help = match languages_meant(&language).first() {
                Some(meant) => format!("rename it to `{meant}.toml`"),
                None => "a manifest is named after its language, such as `en-GB.toml`".to_owned(),
            };
            manifest.faults.push(ManifestFault::new(
                Code::ManifestLanguage,
                0..0,
                message,
                help,
            ));
        }
        library.resolve(folder, &mut manifest);
        library.manifests.insert(language, manifest);
    }
    Ok(library)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>, LibraryError> {
    let failed = |source| LibraryError {
        path: folder.into(),
        source,
    };
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(failed)?,
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if path.extension().is_some_and(|ending| ending == "toml") && !hidden && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(folder: &Path, file: &Path, language: &str) -> Result<Manifest, LibraryError> {
    let unread = |code, message: &str, help: String| {
        let mut manifest = Manifest::parse(language, file, String::new());
        manifest
            .faults
            .push(ManifestFault::new(code, 0..0, message, help));
        manifest
    };
    if leads_out(folder, file) {
        return Ok(unread(
            Code::FileOutside,
            "this link leads out of the manifest's folder",
            "put the file there".to_owned(),
        ));
    }
    let bytes = read_bounded(file).map_err(|source| LibraryError {
        path: file.into(),
        source,
    })?;
    if bytes.len() > MAX_SOURCE {
        return Ok(unread(
            Code::ManifestTooLarge,
            "this manifest is too large",
            format!("at most {MAX_SOURCE} bytes"),
        ));
    }
    Ok(match text_of(bytes) {
        Ok(source) => Manifest::parse(language, file, source),
        Err(error) => unread(
            Code::ManifestSyntax,
            &error.to_string(),
            error.help().to_owned(),
        ),
    })
}

/// The shape of BCP 47: a language and what narrows it, each of 2 to 8 letters or digits.
fn is_language(name: &str) -> bool {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| {
        (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_alphabetic())
        && parts.all(is_part)
}

impl Library {
    /// Finds the recordings that a manifest plays. A file that several prompts name is read once, and its fault is told
    /// where it is named first.
    fn resolve(&mut self, folder: &Path, manifest: &mut Manifest) {
        let Manifest {
            recordings, faults, ..
        } = manifest;
        let mut told = HashSet::new();
        for NamedRecording { written, span } in recordings {
            let found = self.sound(folder, written);
            if let Err(fault) = found
                && told.insert(&*written)
            {
                let span = span.clone();
                faults.push(ManifestFault { span, ..fault });
            }
        }
    }

    /// The path below `/audio/` of a recording in the folder, by the path that names it.
    ///
    /// # Errors
    /// When it cannot be played.
    pub fn sound(&mut self, folder: &Path, written: &str) -> Result<Arc<str>, ManifestFault> {
        match self.sounds.entry(written.to_owned()) {
            Slot::Occupied(slot) => slot.get().clone(),
            Slot::Vacant(slot) => {
                let found = Recording::read(folder, written, &(0..0)).map(|recording| {
                    let path = recording.path.clone();
                    self.recordings.entry(path.clone()).or_insert(recording);
                    path
                });
                slot.insert(found).clone()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::{Library, load_folder};
    use crate::written::Code;

    /// A thousandth of a second of mu-law.
    const WAV: &[u8] = b"RIFF\x2c\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x08\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff";

    fn folder(files: &[(&str, &[u8])]) -> TempDir {
        let folder = TempDir::new().expect("a folder");
        for (name, bytes) in files {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().expect("is in the folder")).expect("a folder");
            fs::write(path, bytes).expect("a file");
        }
        folder
    }

    fn codes(library: &Library, language: &str) -> Vec<Code> {
        library.manifests[language]
            .faults
            .iter()
            .map(|fault| fault.code)
            .collect()
    }

    #[test]
    fn recordings_are_served_under_their_hash() {
        let manifest = br#"
            a = { text = "A", audio = "wav/hello there.wav" }
            b = { audio = "./wav/hello there.wav" }
            c = { audio = "https://cdn.example/c.mp3" }
        "#;
        let folder = folder(&[
            ("en-GB.toml", manifest),
            ("wav/hello there.wav", WAV),
            ("bg-BG.toml", b"a = 'x'"),
        ]);
        let library = load_folder(folder.path()).expect("is readable");
        assert_eq!(
            library.manifests.keys().collect::<Vec<_>>(),
            ["bg-BG", "en-GB"]
        );
        assert_eq!(codes(&library, "en-GB"), []);
        assert_eq!(library.recordings.len(), 1);
        let recording = library.recordings.values().next().expect("is there");
        assert_eq!(recording.hash.len(), 32);
        assert_eq!(
            *recording.path,
            format!("{}/hello-there.wav", recording.hash)
        );
        assert_eq!(
            (recording.content_type, &recording.bytes[..]),
            ("audio/wav", WAV)
        );
        let path = |written: &str| library.sounds[written].clone().ok();
        assert_eq!(path("wav/hello there.wav"), Some(recording.path.clone()));
        assert_eq!(path("./wav/hello there.wav"), Some(recording.path.clone()));
    }

    #[test]
    fn a_recording_that_cannot_be_played_is_a_fault_at_its_place() {
        let manifest = br#"
            missing = { audio = "no.wav" }
            empty = { audio = "empty.wav" }
            type = { audio = "a.ogg" }
            lie = { audio = "lie.mp3" }
            up = { audio = "../secret.wav" }
            root = { audio = "/etc/passwd" }
            folder = { audio = "folder" }
            plain = ["Hello.", { audio = "ftp://cdn.example/a.mp3" }, { text = "So", audio = "no.wav" }]
            broken = { audio = "broken.wav" }
            silent = { audio = "silent.wav" }
        "#;
        let files: &[(&str, &[u8])] = &[
            ("en.toml", manifest),
            ("empty.wav", b""),
            ("a.ogg", b"OggS"),
            ("lie.mp3", WAV),
            ("folder/x", b""),
            ("broken.wav", &WAV[..24]),
            ("silent.wav", &WAV[..44]),
        ];
        let folder = folder(files);
        let library = load_folder(folder.path()).expect("is readable");
        assert_eq!(
            codes(&library, "en"),
            [
                Code::UrlNotAbsolute,
                Code::AudioMissing,
                Code::AudioEmpty,
                Code::AudioType,
                Code::AudioType,
                Code::AudioOutside,
                Code::AudioOutside,
                Code::AudioMissing,
                Code::AudioBroken,
                Code::AudioEmpty
            ]
        );
        let manifest = &library.manifests["en"];
        assert_eq!(
            &manifest.source[manifest.faults[1].span.clone()],
            "\"no.wav\""
        );
        assert!(library.recordings.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_leads_nowhere_outside() {
        let outside = folder(&[("secret.wav", WAV)]);
        let folder = folder(&[
            (
                "en.toml",
                b"a = { audio = 'link.wav' }\nb = { audio = 'well.wav' }",
            ),
            ("in.wav", WAV),
        ]);
        std::os::unix::fs::symlink(
            outside.path().join("secret.wav"),
            folder.path().join("link.wav"),
        )
        .expect("a link");
        std::os::unix::fs::symlink("in.wav", folder.path().join("well.wav")).expect("a link");
        let library = load_folder(folder.path()).expect("is readable");
        assert_eq!(codes(&library, "en"), [Code::AudioOutside]);
        assert_eq!(library.recordings.len(), 1);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_empty_library() {
        let folder = folder(&[]);
        assert!(
            load_folder(&folder.path().join("none"))
                .expect("is empty")
                .manifests
                .is_empty()
        );
    }

    #[test]
    fn a_file_that_is_no_language_or_no_text_is_a_fault() {
        let folder = folder(&[
            ("english.toml", b"a = 'x'"),
            ("en.toml", b"a = '\xFF'"),
            (".en.toml.swp", b""),
            ("zh-Hant-TW.toml", b""),
        ]);
        let library = load_folder(folder.path()).expect("is readable");
        assert_eq!(codes(&library, "english"), [Code::ManifestLanguage]);
        assert_eq!(codes(&library, "en"), [Code::ManifestSyntax]);
        assert_eq!(codes(&library, "zh-Hant-TW"), []);
    }
}
