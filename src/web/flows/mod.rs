//! The flows in service: read from a folder, reloaded on change, and kept by fingerprint for the calls on them.

mod checks;
mod directory;
mod folder;
mod hours;
mod not_text;
mod others;
mod reload;
mod report;
mod service;
mod sounds;
mod version;

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use arc_swap::ArcSwap;
use dashmap::DashMap;

use crate::audio::Recording;
use crate::engine::diag::Diag;
use crate::engine::{Fingerprint, Flow};
use crate::settings::Settings;
use crate::study::walk::time::Prices;
use crate::written::number::canonical;

pub use directory::{Directory, make_up_contacts};
pub use folder::{Source, Sources, read_folder, read_paths};
pub use hours::{HoursFiles, files as read_hours};
pub use reload::watch;
pub use report::{FlowChange, ReloadReport};
pub use version::FlowVersion;

/// Where flows come from.
#[derive(Clone, Debug)]
pub struct Folders {
    /// The flow files.
    pub flows: PathBuf,
    /// The audio manifest.
    pub audio: PathBuf,
    /// The files of opening hours.
    pub hours: PathBuf,
    /// Backends that flows may submit to; `None` for any, where there are no settings to hold flows against.
    pub backends: Option<Vec<String>>,
    /// What calls cost, for flows that bound it.
    pub prices: Option<Prices>,
    /// What the names in flows stand for.
    pub directory: Directory,
}

impl Folders {
    /// Those of the settings.
    pub fn of(settings: &Settings) -> Self {
        Self {
            flows: settings.flows.dir.clone(),
            audio: settings.audio.dir.clone(),
            hours: settings.hours.dir.clone(),
            directory: Directory::of(settings),
            backends: Some(settings.backends.keys().cloned().collect()),
            prices: settings.prices.as_ref().map(|prices| Prices {
                currency: prices.currency.clone(),
                minute: prices.minute,
                answered_minute: prices.dialled_minute,
                neural_hundred: prices.neural_hundred,
                sms_segment: prices.sms_segment,
            }),
        }
    }
}

impl Folders {
    /// Tells a flow what its names stand for here.
    pub fn tell(&self, flow: &mut Flow) {
        self.directory.tell(flow);
        if self.backends.is_none() {
            make_up_contacts(flow);
        }
    }
}

/// The flows in service, and every version that a call here runs on.
#[derive(Debug)]
pub struct Flows {
    folders: Folders,
    current: ArcSwap<Current>,
    versions: DashMap<Fingerprint, Arc<FlowVersion>>,
}

/// What new calls get.
#[derive(Debug, Default)]
pub struct Current {
    /// The flows by name.
    pub by_name: BTreeMap<String, Arc<FlowVersion>>,
    /// The names by number called, in its canonical form.
    pub by_number: HashMap<String, String>,
    /// The recordings, by their path below `/audio/`.
    pub recordings: HashMap<Arc<str>, Recording>,
    /// Files that are out of service, or keep an older version in it.
    pub out: Vec<Faulty>,
    /// Everything that was found wrong, in files that are in service too.
    faults: Vec<Diag>,
}

impl Current {
    /// The flow that serves every number: the only one there is, where it names none. A second file, even one that is out
    /// of service, may be meant for some of them.
    pub fn for_any_number(&self) -> Option<&Arc<FlowVersion>> {
        let is_only = self.by_name.len() == 1 && self.out.iter().all(|faulty| faulty.kept);
        let only = self.by_name.values().next().filter(|_| is_only)?;
        let is_for_any = only.flow.numbers.is_empty() && !only.flow.needs_args();
        is_for_any.then_some(only)
    }
}

/// A flow file with faults.
#[derive(Clone, Debug)]
pub struct Faulty {
    /// The flow's name.
    pub name: String,
    /// What is wrong.
    pub diags: Vec<Diag>,
    /// Whether an older version stays in service.
    pub kept: bool,
}

impl Flows {
    /// Reads the folders for the first time.
    pub fn open(folders: Folders) -> (Self, ReloadReport) {
        let flows = Self {
            folders,
            current: ArcSwap::default(),
            versions: DashMap::new(),
        };
        let report = flows.load();
        (flows, report)
    }

    /// What was read is in service, as far as it is sound.
    pub fn of(folders: Folders, sources: Sources) -> Self {
        let current = service::serve(&mut { sources }, &Current::default());
        let versions = current
            .by_name
            .values()
            .map(|version| (version.fingerprint(), Arc::clone(version)))
            .collect();
        Self {
            folders,
            current: ArcSwap::from_pointee(current),
            versions,
        }
    }

    /// Only this version is in service, with the recordings of the folders.
    pub fn only(folders: Folders, version: FlowVersion) -> Self {
        let recordings = read_folder(&folders).recordings;
        let version = Arc::new(version);
        let versions = DashMap::from_iter([(version.fingerprint(), Arc::clone(&version))]);
        let by_name = BTreeMap::from([(version.flow.name.clone(), version)]);
        let current = Current {
            by_name,
            recordings,
            ..Current::default()
        };
        Self {
            folders,
            current: ArcSwap::from_pointee(current),
            versions,
        }
    }

    /// Reads the folders again. What is sound goes into service for new calls; what is broken leaves its older version
    /// there. Blocks on the disk.
    pub fn load(&self) -> ReloadReport {
        let before = self.current.load_full();
        let mut sources = read_folder(&self.folders);
        let current = service::serve(&mut sources, &before);
        let report = ReloadReport::of(sources, &current, &before);
        for version in current.by_name.values() {
            self.versions
                .entry(version.fingerprint())
                .or_insert_with(|| Arc::clone(version));
        }
        self.current.store(Arc::new(current));
        report
    }

    /// What is in service now.
    pub fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// The flow of a name that is in service.
    pub fn by_name(&self, name: &str) -> Option<Arc<FlowVersion>> {
        self.current.load().by_name.get(name).cloned()
    }

    /// The flow that serves a number, however the carrier writes it.
    pub fn by_number(&self, number: &str) -> Option<Arc<FlowVersion>> {
        let current = self.current.load();
        let named = current.by_number.get(&canonical(number));
        match named {
            Some(name) => current.by_name.get(name).cloned(),
            None => current.for_any_number().cloned(),
        }
    }

    /// A version that is known here.
    pub fn version(&self, fingerprint: Fingerprint) -> Option<Arc<FlowVersion>> {
        self.versions
            .get(&fingerprint)
            .map(|version| Arc::clone(&version))
    }

    /// Adds a version that a call runs on and that came from the store.
    pub fn add(&self, version: Arc<FlowVersion>) {
        self.versions.insert(version.fingerprint(), version);
    }

    /// The fingerprints in service.
    pub fn in_service(&self) -> Vec<Fingerprint> {
        self.current
            .load()
            .by_name
            .values()
            .map(|version| version.fingerprint())
            .collect()
    }

    /// Forgets versions that are neither in service nor in use anywhere else.
    pub fn forget_idle(&self) {
        let in_service = self.in_service();
        self.versions.retain(|fingerprint, version| {
            in_service.contains(fingerprint) || Arc::strong_count(version) > 1
        });
    }

    /// The folders that are watched.
    pub fn folders(&self) -> &Folders {
        &self.folders
    }
}
