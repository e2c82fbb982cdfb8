//! Everything that a flow is compiled from, as values: what a store keeps for a fingerprint.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::sid::Fingerprint;

/// A flow file, and the prompts and opening hours that it can use.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Bundle {
    /// The flow's name.
    pub name: String,
    /// The file, as the author knows it.
    pub file: Arc<str>,
    /// Its text.
    pub source: String,
    /// The audio manifests, a language each.
    pub catalogues: Vec<Catalogue>,
    /// The files of opening hours. A version of before there were any has none.
    #[serde(default)]
    pub hours: Vec<HoursFile>,
}

/// A file of opening hours.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HoursFile {
    /// What flows call them.
    pub name: String,
    /// The file, as whoever wrote it knows it.
    pub file: Arc<str>,
    /// Its text. Shared by all flows of a folder.
    pub source: Arc<str>,
}

/// The prompts of one language.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalogue {
    /// BCP 47.
    pub language: String,
    /// The file, as the author knows it.
    pub file: Arc<str>,
    /// The prompts, by their id. Shared by all flows of a folder.
    pub entries: Arc<BTreeMap<String, Entry>>,
}

/// A prompt of a manifest.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What is said.
    pub text: Option<String>,
    /// What is played instead.
    pub audio: Option<Audio>,
    /// Where the text stands in the manifest's file, in bytes.
    pub at: (usize, usize),
}

/// What a prompt plays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Audio {
    /// A recording of ours: its path below `/audio/`, which carries its hash.
    Recording(Arc<str>),
    /// An absolute URL.
    Url(String),
}

impl Bundle {
    /// The same with only what was used: prompts, by language and id, and opening hours.
    pub fn narrowed(&self, used: &BTreeSet<(String, String)>, hours: &[&str]) -> Self {
        let narrow = |catalogue: &Catalogue| Catalogue {
            language: catalogue.language.clone(),
            file: catalogue.file.clone(),
            entries: Arc::new(
                used.iter()
                    .filter(|(language, _)| *language == catalogue.language)
                    .filter_map(|(_, id)| Some((id.clone(), catalogue.entries.get(id)?.clone())))
                    .collect(),
            ),
        };
        Self {
            catalogues: self.catalogues.iter().map(narrow).collect(),
            hours: self
                .hours
                .iter()
                .filter(|file| hours.contains(&file.name.as_str()))
                .cloned()
                .collect(),
            ..self.clone()
        }
    }

    /// The hash of all that decides what a caller hears. Meant for a narrowed bundle: a prompt that is not used, and
    /// where a text stands in its file, decide nothing.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        let mut feed = |part: &str| {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        };
        feed(&self.name);
        feed(&self.source);
        for catalogue in self
            .catalogues
            .iter()
            .filter(|catalogue| !catalogue.entries.is_empty())
        {
            feed(&catalogue.language);
            for (id, entry) in catalogue.entries.iter() {
                feed(id);
                feed(entry.text.as_deref().unwrap_or_default());
                match &entry.audio {
                    Some(Audio::Recording(path)) => feed(path),
                    Some(Audio::Url(url)) => feed(url),
                    None => feed(""),
                }
            }
        }
        for hours in &self.hours {
            feed(&hours.name);
            feed(&hours.source);
        }
        let digest = hash.finalize();
        Fingerprint(u64::from_be_bytes(std::array::from_fn(|at| digest[at])))
    }

    /// The recordings that it plays: paths below `/audio/`.
    pub fn recordings(&self) -> impl Iterator<Item = &str> {
        let entries = self
            .catalogues
            .iter()
            .flat_map(|catalogue| catalogue.entries.values());
        entries.filter_map(|entry| match &entry.audio {
            Some(Audio::Recording(path)) => Some(&**path),
            _ => None,
        })
    }
}
