//! The files of opening hours: read with the flows, which name them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{fs, io};

use jiff::Timestamp;
use jiff::civil::Date;

use super::not_text::not_text;
use crate::audio::{leads_out, read_bounded};
use crate::engine::diag::{Diag, Place};
use crate::engine::flow::HoursFile;
use crate::hours::{Hours, read};
use crate::written::{Code, Explain, is_name, plain_name, text_of};

/// So many days before the dates of a file run out, `check` reports it.
const WARNED_BEFORE: i32 = 60;

/// The files of a folder, as they were read.
#[derive(Debug, Default)]
pub struct HoursFiles {
    /// Those that flows can name, faulty ones too.
    pub files: Vec<HoursFile>,
    /// What is wrong with them.
    pub faults: Vec<Diag>,
    /// The text of each that a fault points into.
    pub texts: BTreeMap<Arc<str>, String>,
}

/// Reads the files of a folder, which need not be there.
pub fn files(folder: &Path) -> HoursFiles {
    let mut read = HoursFiles::default();
    let paths = list(folder).unwrap_or_else(|error| {
        let file: Arc<str> = folder.display().to_string().into();
        let message = format!("the folder of opening hours cannot be read: {error}");
        read.faults
            .push(fault(Code::FileUnreadable, &file, message));
        Vec::new()
    });
    for path in paths {
        read.add(folder, &path);
    }
    read
}

fn list(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_hidden = name.starts_with(['.', '~', '#']);
        if !is_hidden && path.extension().is_some_and(|ending| ending == "toml") && path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn fault(code: Code, file: &Arc<str>, message: impl Into<String>) -> Diag {
    let at = Place {
        file: Arc::clone(file),
        span: 0..0,
    };
    Diag::new(code, at, message)
}

impl HoursFiles {
    /// The hours whose files are sound, by their names.
    pub fn hours(&self) -> Vec<(String, Hours)> {
        let hours = |file: &HoursFile| {
            let hours = read(&file.file, &file.source).ok()?;
            Some((file.name.clone(), hours))
        };
        self.files.iter().filter_map(hours).collect()
    }

    fn add(&mut self, folder: &Path, path: &Path) {
        let file: Arc<str> = path.display().to_string().into();
        let name = path.file_stem().unwrap_or_default();
        let name = name.to_string_lossy().into_owned();
        let source = match source(folder, path, &name, &file, &mut self.texts) {
            Ok(source) => source,
            Err(diag) => return self.faults.push(*diag),
        };
        self.texts
            .insert(Arc::clone(&file), source.as_ref().to_owned());
        match read(&file, &source) {
            Ok(hours) => {
                let runs_out = runs_out(&hours, &name, &file, Timestamp::now());
                self.faults.extend(runs_out);
            }
            Err(diags) => self.faults.extend(diags),
        }
        self.files.push(HoursFile { name, file, source });
    }
}

/// The text of a file, or why there is none.
fn source(
    folder: &Path,
    path: &Path,
    name: &str,
    file: &Arc<str>,
    texts: &mut BTreeMap<Arc<str>, String>,
) -> Result<Arc<str>, Box<Diag>> {
    if !is_name(name) {
        let message = format!("`{name}` cannot name opening hours: a-z, 0-9 and `_`");
        let better = plain_name(name).to_lowercase().replace('-', "_");
        let diag = fault(Code::HoursName, file, message);
        return Err(Box::new(diag.help(format!("rename it to `{better}.toml`"))));
    }
    if leads_out(folder, path) {
        let message = "this link leads out of the folder of opening hours";
        let diag = fault(Code::FileOutside, file, message);
        return Err(Box::new(diag.help("put the file there")));
    }
    match read_bounded(path).map(text_of) {
        Ok(Ok(text)) => Ok(text.into()),
        Ok(Err(error)) => Err(Box::new(not_text(&error, file, texts))),
        Err(error) => {
            let message = format!("this file cannot be read: {error}");
            Err(Box::new(fault(Code::FileUnreadable, file, message)))
        }
    }
}

/// That the dates of a file are known only until a day that is near, or over.
fn runs_out(hours: &Hours, name: &str, file: &Arc<str>, now: Timestamp) -> Option<Diag> {
    let (until, span) = hours.until.clone()?;
    let today: Date = hours.zone.to_datetime(now).date();
    let left = hours.days_left(today)?;
    if left > WARNED_BEFORE {
        return None;
    }
    let message = match left {
        ..0 => format!("the dates of `{name}` ran out on {until}"),
        0 => format!("the dates of `{name}` run out today"),
        1 => format!("the dates of `{name}` run out tomorrow"),
        left => format!("the dates of `{name}` run out in {left} days"),
    };
    let at = Place {
        file: Arc::clone(file),
        span,
    };
    let help = "add the days of the time behind it to `closed` and `days`, and put `until` later";
    Some(Diag::new(Code::HoursRunOut, at, message).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(today: &str) -> Option<String> {
        let file = Arc::from("office.toml");
        let hours = read(&file, "zone = \"Europe/London\"\nuntil = \"2026-12-31\"\n");
        let hours = hours.expect("it can be read");
        let now = format!("{today}T12:00:00Z").parse().expect("a moment");
        runs_out(&hours, "office", &file, now).map(|diag| diag.message)
    }

    #[test]
    fn dates_that_run_out_are_reported_sixty_days_before() {
        assert_eq!(
            told("2026-11-01"),
            Some("the dates of `office` run out in 60 days".into())
        );
        assert_eq!(told("2026-10-31"), None);
        assert_eq!(
            told("2026-12-31"),
            Some("the dates of `office` run out today".into())
        );
        assert_eq!(
            told("2027-01-01"),
            Some("the dates of `office` ran out on 2026-12-31".into())
        );
    }

    #[test]
    fn each_fault_of_a_file_is_one_of_the_folder() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &[u8]| {
            fs::write(folder.path().join(name), text).expect("it can be written");
        };
        write(
            "office.toml",
            b"zone = \"Europe/London\"\nmon-fri = \"08:00-17:30\"\n",
        );
        write("my-desk.toml", b"zone = \"Europe/London\"\n");
        write("latin.toml", b"# caf\xe9\n");
        write("wrong.toml", b"zone = \"Europe/London\"\nmon = \"9-5\"\n");
        write(".office.toml.swp", b"");
        let read = files(folder.path());
        let names: Vec<&str> = read.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["office", "wrong"]);
        assert_eq!(read.hours().len(), 1);
        let codes: Vec<Code> = read.faults.iter().map(|diag| diag.code).collect();
        assert_eq!(
            codes,
            [Code::FileNotText, Code::HoursName, Code::HoursRange]
        );
        let none = files(&folder.path().join("none"));
        assert!(none.files.is_empty() && none.faults.is_empty());
    }
}
