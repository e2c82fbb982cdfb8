//! Everything that a flow is compiled from, as values: what a store keeps for a fingerprint.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::manifest_value::ManifestValue;
use super::sid::Fingerprint;
use crate::written::Code;

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
    /// Recordings of ours, by the path by which a prompt names them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub sounds: BTreeMap<String, Sound>,
    /// The flows that it can go through, by their names. Shared by all flows of a folder.
    #[serde(default, skip_serializing_if = "no_flows")]
    pub flows: Arc<BTreeMap<String, FlowFile>>,
    /// What is wrong with those that the flow names and that cannot be played: no bundle of a flow has any.
    #[serde(skip)]
    pub unplayable: BTreeMap<String, Unplayable>,
}

/// The file of a flow that others can go through.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FlowFile {
    /// The file, as the author knows it.
    pub file: Arc<str>,
    /// Its text.
    pub source: Arc<str>,
}

/// What is used of a bundle.
#[derive(Clone, Copy, Debug)]
pub struct UsedOf<'a> {
    /// Prompts, by language and id.
    pub prompts: &'a BTreeSet<(String, String)>,
    /// Recordings, each with its words.
    pub recordings: &'a BTreeMap<String, Option<String>>,
    /// Opening hours.
    pub hours: &'a [&'a str],
    /// The flows that are gone through.
    pub flows: &'a HashSet<&'a str>,
}

fn no_flows(flows: &Arc<BTreeMap<String, FlowFile>>) -> bool {
    flows.is_empty()
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

/// A recording of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sound {
    /// Its path below `/audio/`, which carries its hash.
    pub path: Arc<str>,
    /// Its words, where a prompt that is said has some for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
}

/// Why a recording cannot be played.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unplayable {
    /// What kind of fault.
    pub code: Code,
    /// What is wrong.
    pub message: String,
    /// What would be right; empty where the message says it.
    pub help: String,
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
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// What is said, as the releases before kept it: words alone, and no other prompt's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// What is played instead, as they kept it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub audio: Option<Audio>,
    /// The prompt as it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<ManifestValue>,
    /// Where it stands in the manifest's file, in bytes.
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
    /// The same with only what was used.
    pub fn narrowed(&self, used_of: UsedOf<'_>) -> Self {
        let UsedOf {
            prompts: used,
            recordings: played,
            hours,
            flows,
        } = used_of;
        let sound = |(written, text): (&String, &Option<String>)| {
            let path = Arc::clone(&self.sounds.get(written)?.path);
            let text = text.clone();
            Some((written.clone(), Sound { path, text }))
        };
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
            sounds: played.iter().filter_map(sound).collect(),
            name: self.name.clone(),
            file: Arc::clone(&self.file),
            source: self.source.clone(),
            flows: Arc::new(
                self.flows
                    .iter()
                    .filter(|(name, _)| flows.contains(name.as_str()))
                    .map(|(name, file)| (name.clone(), file.clone()))
                    .collect(),
            ),
            unplayable: BTreeMap::new(),
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
                if let Some(words) = &entry.words {
                    words.feed(&mut feed);
                    continue;
                }
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
        for (written, sound) in &self.sounds {
            feed(written);
            feed(&sound.path);
        }
        for (name, flow) in &*self.flows {
            feed(name);
            feed(&flow.source);
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
        let earlier = entries.filter_map(|entry| match &entry.audio {
            Some(Audio::Recording(path)) => Some(&**path),
            _ => None,
        });
        earlier.chain(self.sounds.values().map(|sound| &*sound.path))
    }
}
