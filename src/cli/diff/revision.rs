//! Flows of a git revision, in a temporary folder that is removed when nobody needs it any more. The working folder is
//! only read.

use std::fs;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

/// Why there are no files of a revision.
#[derive(Debug, thiserror::Error)]
pub enum RevisionError {
    /// There is no such program.
    #[error("git cannot be run: {0}")]
    NoGit(io::Error),
    /// It is neither a path nor a revision.
    #[error("`{0}` is neither a file or folder, nor a revision that git knows{1}")]
    Unknown(String, String),
    /// A path outside the folder that is read.
    #[error("`{0}` is not below this folder")]
    Outside(String),
    #[error("git {0}: {1}")]
    Git(&'static str, String),
    /// The folder cannot be written.
    #[error("the files of the revision cannot be written: {0}")]
    Write(#[from] io::Error),
}

/// A folder that is removed in the end.
#[derive(Debug)]
pub struct Folder(PathBuf);

impl Folder {
    fn new() -> io::Result<Self> {
        let random = getrandom::u64().map_err(|error| io::Error::other(error.to_string()))?;
        let path = std::env::temp_dir().join(format!("hookswitch-diff-{random:016x}"));
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A file of a revision, as git lists it.
struct Blob {
    object: String,
    path: PathBuf,
}

/// The files of a revision that lie below some paths, all seen from the current folder.
///
/// # Errors
/// When git does not know it, or the files cannot be had.
pub fn take(revision: &str, wanted: &[PathBuf]) -> Result<Folder, RevisionError> {
    let commit = commit(revision)?;
    let folder = Folder::new()?;
    let listed = git("ls-tree", &["-r", "-z", &commit])?;
    let blobs = listed.split(|byte| *byte == 0).filter_map(blob);
    let blobs: Vec<Blob> = blobs
        .filter(|blob| wanted.iter().any(|path| blob.path.starts_with(path)))
        .collect();
    write(&blobs, folder.path())?;
    Ok(folder)
}

/// A path that git sees from the top of the working folder, or with `./` from here, as it is seen from here.
///
/// # Errors
/// When it does not lie below this folder.
pub fn from_here(path: &str) -> Result<PathBuf, RevisionError> {
    let outside = || RevisionError::Outside(path.to_owned());
    let below = if let Some(below) = path.strip_prefix("./") {
        PathBuf::from(below)
    } else {
        let prefix = git("rev-parse", &["--show-prefix"])?;
        let prefix = String::from_utf8_lossy(&prefix).trim().to_owned();
        Path::new(path)
            .strip_prefix(&prefix)
            .map_err(|_| outside())?
            .to_owned()
    };
    if is_plain(&below) {
        Ok(below)
    } else {
        Err(outside())
    }
}

fn commit(revision: &str) -> Result<String, RevisionError> {
    let asked = format!("{revision}^{{commit}}");
    let found = git(
        "rev-parse",
        &["--verify", "--quiet", "--end-of-options", &asked],
    );
    let found = found.map_err(|error| match error {
        RevisionError::Git(_, why) if why.is_empty() => {
            RevisionError::Unknown(revision.to_owned(), String::new())
        }
        RevisionError::Git(_, why) => {
            RevisionError::Unknown(revision.to_owned(), format!(": {why}"))
        }
        other => other,
    })?;
    let text = String::from_utf8_lossy(&found);
    let object = text.lines().last().unwrap_or_default();
    let is_object = !object.is_empty() && object.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_object
        .then(|| object.to_owned())
        .ok_or_else(|| RevisionError::Unknown(revision.to_owned(), String::new()))
}

fn command(name: &str) -> Command {
    let mut command = Command::new("git");
    command.args(["--no-pager", name]);
    command
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0");
    command
}

fn git(name: &'static str, arguments: &[&str]) -> Result<Vec<u8>, RevisionError> {
    let output = command(name)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(RevisionError::NoGit)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(RevisionError::Git(
            name,
            String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        ))
    }
}

/// `<mode> <type> <object>\t<path>`: a plain file, whose path leads nowhere else.
fn blob(line: &[u8]) -> Option<Blob> {
    let (about, path) = std::str::from_utf8(line).ok()?.split_once('\t')?;
    let mut about = about.split(' ');
    let (mode, kind, object) = (about.next()?, about.next()?, about.next()?);
    let path = PathBuf::from(path);
    let is_file = kind == "blob" && mode.starts_with("100") && is_plain(&path);
    is_file.then(|| Blob {
        object: object.to_owned(),
        path,
    })
}

fn is_plain(path: &Path) -> bool {
    path.components()
        .all(|part| matches!(part, Component::Normal(_)))
}

/// Asks one process for one file after another.
fn write(blobs: &[Blob], folder: &Path) -> Result<(), RevisionError> {
    let mut process = command("cat-file");
    let process = process
        .arg("--batch")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    let mut process = process.spawn().map_err(RevisionError::NoGit)?;
    let told = |text: &str| RevisionError::Git("cat-file", text.trim().to_owned());
    let (Some(mut ask), Some(answer)) = (process.stdin.take(), process.stdout.take()) else {
        return Err(told("no pipe to it"));
    };
    let mut answer = BufReader::new(answer);
    for blob in blobs {
        writeln!(ask, "{}", blob.object)?;
        ask.flush()?;
        let mut header = String::new();
        answer.read_line(&mut header)?;
        let size = header
            .rsplit(' ')
            .next()
            .and_then(|size| size.trim().parse::<u64>().ok());
        let size = size.ok_or_else(|| told(&header))?;
        let path = folder.join(&blob.path);
        path.parent().map_or(Ok(()), fs::create_dir_all)?;
        let copied = io::copy(
            &mut answer.by_ref().take(size),
            &mut fs::File::create(&path)?,
        )?;
        let mut end = [0];
        answer.read_exact(&mut end)?;
        if copied != size {
            return Err(told("a file is cut off"));
        }
    }
    drop(ask);
    process.wait()?;
    Ok(())
}
