//! One of the two that are compared: a flow file, a folder of flows, a project, or any of these in a git revision.

use std::collections::BTreeMap;
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::revision::{self, Folder, RevisionError};
use crate::engine::diag::Diag;
use crate::settings::Settings;
use crate::web::flows::{Directory, Folders, Sources, read_folder, read_paths};

/// One of the two.
pub struct Side {
    pub sources: Sources,
    /// From where.
    pub folders: Folders,
    /// Whether it is one flow file, whatever that is called.
    pub is_file: bool,
    /// The files of a revision, as long as they are needed.
    _folder: Option<Folder>,
}

/// Why it cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SideError {
    #[error(transparent)]
    Revision(#[from] RevisionError),
    #[error("{} cannot be read: {source}", path.display())]
    Path { path: PathBuf, source: io::Error },
    /// There is no flow in it.
    #[error("there is no flow in {0}")]
    Empty(String),
}

/// Where the parts of a project stand, from its top.
struct ProjectFolders {
    flows: PathBuf,
    audio: PathBuf,
    hours: PathBuf,
}

impl Side {
    /// Reads what is named: a path where there is one, else a revision, with a path in it after a colon. The working
    /// folder, if nothing is named.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(named: Option<&str>, settings: &Settings) -> Result<Self, SideError> {
        let folders = ProjectFolders {
            flows: settings.flows.dir.clone(),
            audio: settings.audio.dir.clone(),
            hours: settings.hours.dir.clone(),
        };
        let side = match named {
            None => Self::of(Path::new(""), None, &folders)?,
            Some(name) if Path::new(name).exists() => {
                Self::of(Path::new(""), Some(Path::new(name)), &folders)?
            }
            Some(name) => Self::of_revision(name, &folders)?,
        };
        if side.sources.flows.is_empty() && side.sources.faults.is_empty() {
            Err(SideError::Empty(named.unwrap_or("this folder").to_owned()))
        } else {
            Ok(side)
        }
    }

    fn of_revision(name: &str, folders: &ProjectFolders) -> Result<Self, SideError> {
        let (revision, path) = match name.split_once(':') {
            Some((revision, path)) => (revision, Some(revision::from_here(path)?)),
            None => (name, None),
        };
        let inside = ProjectFolders {
            flows: below(&folders.flows)?,
            audio: below(&folders.audio)?,
            hours: below(&folders.hours).unwrap_or_else(|_| "config/hours".into()),
        };
        let ProjectFolders {
            flows,
            audio,
            hours,
        } = &inside;
        let mut wanted = vec![flows.clone(), audio.clone(), hours.clone()];
        wanted.extend(path.clone());
        wanted.extend(
            path.as_deref()
                .and_then(Path::parent)
                .and_then(Path::parent)
                .map(|top| top.join(audio)),
        );
        let folder = revision::take(revision, &wanted)?;
        let top = folder.path().to_owned();
        let path = path.map(|path| top.join(path));
        if let Some(path) = path.as_deref().filter(|path| !path.exists()) {
            let path = path
                .strip_prefix(&top)
                .unwrap_or(path)
                .display()
                .to_string();
            return Err(SideError::Empty(format!("{revision}:{path}")));
        }
        if path.is_none() && !top.join(flows).exists() {
            return Err(SideError::Empty(format!("{revision}:{}", flows.display())));
        }
        let mut side = Self::of(&top, path.as_deref(), &inside)?;
        called(
            &mut side.sources,
            &format!("{}/", top.display()),
            &format!("{revision}:"),
        );
        Ok(Self {
            _folder: Some(folder),
            ..side
        })
    }

    /// Reads a path of a project, or all of it.
    fn of(top: &Path, path: Option<&Path>, folders: &ProjectFolders) -> Result<Self, SideError> {
        let ProjectFolders {
            flows,
            audio,
            hours,
        } = folders;
        let whole = |project: &Path| Folders {
            flows: project.join(flows),
            audio: project.join(audio),
            hours: project.join(hours),
            backends: None,
            prices: None,
            directory: Directory::default(),
        };
        let Some(path) = path else {
            return Self::of_folder(whole(top));
        };
        let is_project = path.is_dir() && path.join(flows).is_dir() && flows.is_relative();
        if is_project {
            return Self::of_folder(whole(path));
        }
        let beside = path.parent().and_then(|parent| {
            if path.is_dir() {
                Some(parent)
            } else {
                parent.parent()
            }
        });
        let beside = beside
            .map(|parent| parent.join(audio))
            .filter(|audio| audio.is_dir());
        let mut folders = Folders {
            audio: beside.unwrap_or_else(|| top.join(audio)),
            ..whole(top)
        };
        if path.is_dir() {
            return Self::of_folder(Folders {
                flows: path.to_owned(),
                ..folders
            });
        }
        let sources = read_paths(&folders, &[path.to_owned()]);
        let sources = sources.map_err(|(path, source)| SideError::Path { path, source })?;
        folders.flows = path.to_owned();
        Ok(Self {
            sources,
            folders,
            is_file: true,
            _folder: None,
        })
    }

    fn of_folder(folders: Folders) -> Result<Self, SideError> {
        std::fs::read_dir(&folders.flows).map_err(|source| SideError::Path {
            path: folders.flows.clone(),
            source,
        })?;
        Ok(Self {
            sources: read_folder(&folders),
            folders,
            is_file: false,
            _folder: None,
        })
    }
}

/// A folder of the settings as a revision has it.
fn below(folder: &Path) -> Result<PathBuf, SideError> {
    let here = std::env::current_dir().unwrap_or_default();
    let path = folder.strip_prefix(&here).unwrap_or(folder);
    let plain: PathBuf = path
        .components()
        .filter(|part| *part != Component::CurDir)
        .collect();
    if plain
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        Ok(plain)
    } else {
        Err(RevisionError::Outside(folder.display().to_string()).into())
    }
}

/// Names files by their project, not by the temporary folder that they are in.
fn called(sources: &mut Sources, from: &str, to: &str) {
    let name = |file: &Arc<str>| {
        file.strip_prefix(from)
            .map_or_else(|| file.clone(), |path| format!("{to}{path}").into())
    };
    let mend = |diag: &mut Diag| {
        diag.at.file = name(&diag.at.file);
        diag.message = diag.message.replace(from, to);
        if let Some((place, _)) = &mut diag.also {
            place.file = name(&place.file);
        }
    };
    sources.faults.iter_mut().for_each(mend);
    sources.texts = std::mem::take(&mut sources.texts)
        .into_iter()
        .map(|(file, text)| (name(&file), text))
        .collect::<BTreeMap<_, _>>();
    for source in &mut sources.flows {
        match &mut source.loaded {
            Err(diags) => diags.iter_mut().for_each(mend),
            Ok(loaded) => {
                loaded.bundle.file = name(&loaded.bundle.file);
                for catalogue in &mut loaded.bundle.catalogues {
                    catalogue.file = name(&catalogue.file);
                }
                for hours in &mut loaded.bundle.hours {
                    hours.file = name(&hours.file);
                }
            }
        }
    }
}
