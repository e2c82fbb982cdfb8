//! Flow files and recordings in a folder of a test's own.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// A folder that goes with its handle.
pub struct Folder(TempDir);

impl Folder {
    /// With these files in it.
    pub fn of(files: &[(&str, &str)]) -> Self {
        let folder = Self(tempfile::tempdir().expect("a temporary folder can be made"));
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file as editors do: beside its place, and then moved there.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.file(name);
        std::fs::create_dir_all(path.parent().expect("a file is in a folder"))
            .expect("it can be made");
        let beside = path.with_extension("beside");
        std::fs::write(&beside, content).expect("it can be written");
        std::fs::rename(&beside, &path).expect("it can be moved");
    }

    /// Deletes a file.
    pub fn remove(&self, name: &str) {
        std::fs::remove_file(self.file(name)).expect("it is there");
    }

    fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }
}

/// Everything that a folder holds, byte for byte.
pub fn bytes_below(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    let entries = std::fs::read_dir(folder).expect("it can be read");
    for entry in entries.map(|entry| entry.expect("it can be read").path()) {
        if entry.is_dir() {
            all.extend(bytes_below(&entry));
        } else if let Ok(bytes) = std::fs::read(&entry) {
            all.push((entry.display().to_string(), bytes));
        }
    }
    all
}
