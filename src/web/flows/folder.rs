//! Flow files and prompts on disk, to flows in service.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use super::checks::{
    add_texts, broken, ear, look_at_ways, one_flow_a_number, own_contacts, refused_numbers,
    told_once, unfit_services, unknown_backends, unknown_contacts, unknown_machines,
    unknown_senders, unsaid_prompts, unsure_of_prompts,
};
use super::not_text::not_text;
use super::others::{is_flow_name, list};
use super::sounds::{name_sounds, sounds};
use super::{Folders, hours, others};
use crate::audio::{
    Library, Manifest, ManifestFault, Recording, leads_out, load_folder, read_bounded,
};
use crate::engine::diag::{Diag, Place};
use crate::engine::flow::{Bundle, Catalogue, Entry, FlowFile, HoursFile};
use crate::engine::load::{Loaded, load};
use crate::twiml::Pace;
use crate::written::diag::bounded;
use crate::written::{Code, Explain, plain_name, text_of};

/// Everything in the folders, checked.
#[derive(Debug, Default)]
pub struct Sources {
    /// The flow files.
    pub flows: Vec<Source>,
    /// Faults of no flow in particular: in manifests, or of a folder.
    pub faults: Vec<Diag>,
    /// The text of each file that a fault points into.
    pub texts: BTreeMap<Arc<str>, String>,
    /// The recordings, by their path below `/audio/`.
    pub recordings: HashMap<Arc<str>, Recording>,
    /// Whether some part of the folder could not be read, so that a flow which is missing here may still exist.
    pub is_partial: bool,
}

/// One flow file, checked.
#[derive(Debug)]
pub struct Source {
    /// The flow's name.
    pub name: String,
    /// The flow, or its faults.
    pub loaded: Result<Loaded, Vec<Diag>>,
}

/// What flows share.
struct Around {
    catalogues: Vec<Catalogue>,
    hours: Vec<HoursFile>,
    /// Those that each can go through.
    flows: Arc<BTreeMap<String, FlowFile>>,
}

/// Reads and checks everything in the folders.
pub fn read_folder(folders: &Folders) -> Sources {
    let mut sources = Sources::default();
    let mut files = Vec::new();
    if let Err(error) = list(&folders.flows, "", 0, &mut files) {
        let file: Arc<str> = folders.flows.display().to_string().into();
        let message = format!("the folder of the flows cannot be read: {error}");
        sources.faults.push(Diag::new(
            Code::FlowsFolder,
            Place { file, span: 0..0 },
            message,
        ));
        sources.is_partial = true;
    }
    let files = inside(&folders.flows, files, &mut sources);
    let listed = files.clone();
    let (mut sources, library) = read_files(folders, files, sources);
    leave_out_links(&folders.flows, listed, &mut sources);
    let unsaid = unsaid_prompts(&sources.flows, &library);
    sources.faults.extend(bounded(unsaid));
    sources
}

/// Leaves out what became a link out of the folder after it was listed and before it was read.
fn leave_out_links(folder: &Path, listed: Vec<(String, String)>, sources: &mut Sources) {
    let known = std::mem::take(&mut sources.flows);
    inside(folder, listed, sources);
    let outside = sources.flows.len();
    for flow in known {
        let found = &sources.flows[..outside];
        if found.iter().all(|other| other.name != flow.name) {
            sources.flows.push(flow);
        }
    }
}

/// The files of a folder whose links do not lead out of it. The others count as faulty flows, not as deleted ones: an
/// older version of such a flow stays in service.
fn inside(
    folder: &Path,
    files: Vec<(String, String)>,
    sources: &mut Sources,
) -> Vec<(String, String)> {
    let (outside, inside) = files
        .into_iter()
        .partition::<Vec<_>, _>(|(_, path)| leads_out(folder, Path::new(path)));
    sources
        .flows
        .extend(outside.into_iter().map(|(name, path)| {
            let place = Place {
                file: path.as_str().into(),
                span: 0..0,
            };
            let diag = Diag::new(
                Code::FileOutside,
                place,
                "this link leads out of the folder of the flows",
            );
            Source {
                name,
                loaded: Err(vec![diag.help("put the file there")]),
            }
        }));
    inside
}

/// Reads and checks some flow files, or folders of them, with the manifest and backends of the settings. A file below
/// the folder of the flows has the name that it is served by; any other that of the file.
///
/// # Errors
/// When a path cannot be read; the error names the path.
pub fn read_paths(folders: &Folders, paths: &[PathBuf]) -> Result<Sources, (PathBuf, io::Error)> {
    let (mut files, mut sources) = (Vec::new(), Sources::default());
    for path in paths {
        let named = |error| (path.clone(), error);
        if fs::metadata(path).map_err(named)?.is_dir() {
            let prefix = path
                .strip_prefix(&folders.flows)
                .ok()
                .map(|inner| inner.to_string_lossy().into_owned());
            let prefix = prefix
                .filter(|inner| !inner.is_empty())
                .map_or(String::new(), |inner| format!("{inner}/"));
            let mut listed = Vec::new();
            list(path, &prefix, 0, &mut listed).map_err(named)?;
            files.extend(inside(path, listed, &mut sources));
        } else if path.starts_with(&folders.audio)
            && path.extension().is_some_and(|ending| ending == "toml")
        {
            sources.faults.push(manifest_as_flow(path));
        } else {
            let inner = path
                .strip_prefix(&folders.flows)
                .ok()
                .or_else(|| path.file_name().map(Path::new));
            let name = inner
                .unwrap_or(path)
                .with_extension("")
                .to_string_lossy()
                .into_owned();
            files.push((name, path.display().to_string()));
        }
    }
    Ok(read_files(folders, files, sources).0)
}

/// A manifest in the place of a flow.
fn manifest_as_flow(path: &Path) -> Diag {
    let place = Place {
        file: path.display().to_string().into(),
        span: 0..0,
    };
    let message = "this is a manifest of prompts, and no flow";
    Diag::new(Code::FlowNoSteps, place, message).help(
        "its prompts are checked with the flows that say them: `hookswitch check` without a path",
    )
}

fn read_files(
    folders: &Folders,
    files: Vec<(String, String)>,
    mut sources: Sources,
) -> (Sources, Library) {
    let mut library = library(&folders.audio, &mut sources);
    let catalogues = library
        .manifests
        .values()
        .map(catalogue)
        .collect::<Vec<_>>();
    let broken = library.manifests.values().filter_map(broken).collect();
    let hours = hours::files(&folders.hours);
    sources.faults.extend(hours.faults);
    sources.texts.extend(hours.texts);
    let flows = others::flows(&folders.flows, &files);
    for flow in flows.values() {
        name_sounds(&flow.source, &mut library, &folders.audio);
    }
    let around = Around {
        catalogues,
        hours: hours.files,
        flows: Arc::new(flows),
    };
    for (name, path) in files {
        let mut source = read(
            &path,
            &name,
            &around,
            folders,
            &mut library,
            &mut sources.texts,
        );
        if let Some(diag) = unsure_of_prompts(&source, &broken) {
            source.loaded = Err(vec![diag]);
        }
        look_at_ways(&mut source, &library.recordings, folders);
        sources.flows.push(source);
    }
    sources.recordings = std::mem::take(&mut library.recordings);
    one_flow_a_number(&mut sources.flows);
    told_once(&mut sources.flows);
    add_texts(&mut sources, &around.flows);
    told_by_flows(&mut sources);
    (sources, library)
}

/// Leaves faults of opening hours to the flows that they keep out of service.
fn told_by_flows(sources: &mut Sources) {
    let faulty = sources
        .flows
        .iter()
        .filter_map(|flow| flow.loaded.as_ref().err());
    let told: Vec<&Diag> = faulty.flatten().collect();
    sources.faults.retain(|fault| !told.contains(&fault));
}

fn library(folder: &Path, sources: &mut Sources) -> Library {
    let library = load_folder(folder).unwrap_or_else(|error| {
        let file: Arc<str> = error.path.display().to_string().into();
        let message = format!("{error}: {}", error.source);
        sources.faults.push(Diag::new(
            Code::ManifestUnreadable,
            Place { file, span: 0..0 },
            message,
        ));
        Library::default()
    });
    for manifest in library.manifests.values() {
        let file: Arc<str> = manifest.file.display().to_string().into();
        sources.texts.insert(file.clone(), manifest.source.clone());
        let diag = |fault: &ManifestFault| {
            let diag = Diag::new(
                fault.code,
                Place {
                    file: file.clone(),
                    span: fault.span.clone(),
                },
                &fault.message,
            );
            let diag = match &fault.also {
                Some((span, label)) => {
                    let place = Place {
                        file: file.clone(),
                        span: span.clone(),
                    };
                    diag.also(place, label.clone())
                }
                None => diag,
            };
            if fault.help.is_empty() {
                diag
            } else {
                diag.help(fault.help.clone())
            }
        };
        sources
            .faults
            .extend(bounded(manifest.faults.iter().map(diag).collect()));
    }
    library
}

fn catalogue(manifest: &Manifest) -> Catalogue {
    let entry = |entry: &crate::audio::ManifestEntry| Entry {
        words: entry.words.clone(),
        at: (entry.span.start, entry.span.end),
        ..Entry::default()
    };
    Catalogue {
        language: manifest.language.clone(),
        file: manifest.file.display().to_string().into(),
        entries: Arc::new(
            manifest
                .entries
                .iter()
                .map(|(id, own)| (id.clone(), entry(own)))
                .collect(),
        ),
    }
}

fn read(
    path: &str,
    name: &str,
    around: &Around,
    folders: &Folders,
    library: &mut Library,
    texts: &mut BTreeMap<Arc<str>, String>,
) -> Source {
    let file: &Arc<str> = &path.into();
    let loaded = text_at(path, name, texts, file)
        .map(|source| {
            if !around.flows.contains_key(name) {
                name_sounds(&source, library, &folders.audio);
            }
            let (sounds, unplayable) = sounds(library);
            Bundle {
                name: name.to_owned(),
                file: Arc::clone(file),
                source,
                catalogues: around.catalogues.clone(),
                hours: around.hours.clone(),
                flows: Arc::clone(&around.flows),
                sounds,
                unplayable,
            }
        })
        .and_then(|bundle| load(&bundle))
        .and_then(|mut loaded| {
            folders.tell(&mut loaded.flow);
            loaded.warnings.extend(own_contacts(&loaded.flow, file));
            let policy = &folders.directory.policy;
            loaded
                .warnings
                .extend(refused_numbers(&loaded.flow, file, policy));
            let backends = folders.backends.as_deref();
            let mut unknown = backends
                .map(|known| unknown_backends(&loaded.flow, known, file))
                .unwrap_or_default();
            if folders.backends.is_some() {
                let services = &folders.directory.services;
                unknown.extend(unfit_services(&loaded.flow, services, file));
                unknown.extend(unknown_machines(&loaded.flow, file));
            }
            unknown.extend(unknown_contacts(&loaded.flow, file));
            unknown.extend(unknown_senders(&loaded.flow, file));
            if unknown.is_empty() {
                Ok(loaded)
            } else {
                Err([unknown, loaded.warnings].concat())
            }
        });
    Source {
        name: name.to_owned(),
        loaded,
    }
}

/// The text of a flow's file, which is kept with the others for the faults found in it.
fn text_at(
    path: &str,
    name: &str,
    texts: &mut BTreeMap<Arc<str>, String>,
    file: &Arc<str>,
) -> Result<String, Vec<Diag>> {
    let fault = |code, message: String| {
        let at = Place {
            file: Arc::clone(file),
            span: 0..0,
        };
        Diag::new(code, at, message)
    };
    let source = match read_bounded(Path::new(path)).map(text_of) {
        Ok(Ok(source)) => source,
        Ok(Err(error)) => return Err(vec![not_text(&error, file, texts)]),
        Err(error) => {
            let message = format!("this file cannot be read: {error}");
            return Err(vec![fault(Code::FileUnreadable, message)]);
        }
    };
    texts.insert(Arc::clone(file), source.clone());
    if !is_flow_name(name) {
        let message = format!("`{name}` cannot name a flow: small letters, digits, `_` and `-`");
        let help = format!("rename it to `{}.toml`", flow_name_like(name));
        return Err(vec![fault(Code::FlowName, message).help(help)]);
    }
    if !path.ends_with(".toml") {
        let message = "the name of a flow's file ends in `.toml`, in small letters".to_owned();
        let help = format!("rename it to `{name}.toml`");
        return Err(vec![fault(Code::FlowName, message).help(help)]);
    }
    Ok(source)
}

/// A name as a flow can have it.
fn flow_name_like(name: &str) -> String {
    let parts = name
        .split('/')
        .map(|part| plain_name(part).to_lowercase().trim_matches('_').to_owned());
    parts.collect::<Vec<_>>().join("/")
}

impl Sources {
    /// How long what its flows say lasts.
    pub fn ear(&self) -> impl Pace {
        ear(&self.recordings)
    }
}
