//! What the settings say of calls that we place, and what this node has met: the list of numbers that are not called, and how
//! many the carrier could not place.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use crate::settings;
use crate::written::number::canonical;

/// For how long a node places no calls once the carrier could place none of many in a row.
const STOPPED: Duration = Duration::from_mins(10);

/// What the settings say of calls that we place.
#[derive(Debug, Default)]
pub struct PlacingTerms {
    /// The number that calls come from which name no other.
    pub from: Option<String>,
    /// Calls in a thousand seconds, of all nodes together.
    pub pace: u32,
    /// The numbers that are never called.
    pub suppressed: Suppressed,
    /// After how many calls in a row that the carrier could not place a node stops.
    stop_after: u32,
    failed: AtomicU32,
    stopped: Mutex<Option<Instant>>,
}

/// The numbers that are never called, as their file says them.
#[derive(Debug, Default)]
pub struct Suppressed {
    file: Option<PathBuf>,
    read: Mutex<ReadList>,
}

/// A list as it was read last: when the file was written, and what it says.
#[derive(Debug, Default)]
struct ReadList {
    written: Option<SystemTime>,
    numbers: Arc<HashSet<String>>,
}

impl PlacingTerms {
    /// Those of the settings.
    pub fn of(settings: &settings::Outbound) -> Self {
        Self {
            from: settings.from.clone(),
            pace: (settings.pace * 1_000.0).max(1.0) as u32,
            suppressed: Suppressed {
                file: settings.suppress.clone(),
                read: Mutex::default(),
            },
            stop_after: settings.stop_after,
            failed: AtomicU32::new(0),
            stopped: Mutex::new(None),
        }
    }

    /// Notes whether the carrier could place a call; whether that is one too many in a row which it could not.
    pub(super) fn note(&self, is_placed: bool) -> bool {
        if is_placed {
            self.failed.store(0, Ordering::Relaxed);
            return false;
        }
        let failed = self.failed.fetch_add(1, Ordering::Relaxed) + 1;
        let stops = failed >= self.stop_after.max(1);
        if stops {
            self.failed.store(0, Ordering::Relaxed);
            let mut stopped = self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
            *stopped = Some(Instant::now());
        }
        stops
    }

    /// How long this node still places none.
    pub(super) fn stops_for(&self) -> Option<Duration> {
        let stopped = *self.stopped.lock().unwrap_or_else(PoisonError::into_inner);
        let left = STOPPED.checked_sub(stopped?.elapsed())?;
        (!left.is_zero()).then_some(left)
    }
}

impl Suppressed {
    /// Whether a number is on the list. A list that cannot be read has every number: nobody is called by mistake.
    pub fn has(&self, number: &str) -> bool {
        let Some(file) = &self.file else {
            return false;
        };
        match self.numbers(file) {
            Ok(numbers) => numbers.contains(&canonical(number)),
            Err(error) => {
                tracing::error!(file = %file.display(), %error, "The list of numbers that are not called cannot be read: nobody is called.");
                true
            }
        }
    }

    fn numbers(&self, file: &PathBuf) -> std::io::Result<Arc<HashSet<String>>> {
        let written = std::fs::metadata(file)?.modified()?;
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if read.written != Some(written) {
            let text = std::fs::read_to_string(file)?;
            let lines = text.lines();
            let words = lines.map(|line| line.split(['#', ',', ';']).next().unwrap_or_default());
            let words = words.map(str::trim).filter(|word| !word.is_empty());
            let numbers = words.map(canonical).collect();
            *read = ReadList {
                written: Some(written),
                numbers: Arc::new(numbers),
            };
        }
        Ok(Arc::clone(&read.numbers))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{PlacingTerms, Suppressed};
    use crate::settings;

    #[test]
    fn a_list_of_numbers_is_read_again_when_it_is_written_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("suppress.txt");
        let list = Suppressed {
            file: Some(file.clone()),
            ..Suppressed::default()
        };
        assert!(
            list.has("+447400123456"),
            "without its file nobody is called"
        );
        std::fs::write(&file, "# who said so\n+44 7400 123456 # by letter\n\n").expect("written");
        assert!(list.has("+447400123456"));
        assert!(!list.has("+447400123457"));
        std::fs::write(&file, "+447400123457\n").expect("written");
        let later = std::time::SystemTime::now() + Duration::from_secs(5);
        let opened = std::fs::File::options()
            .write(true)
            .open(&file)
            .expect("it opens");
        opened.set_modified(later).expect("its time is set");
        assert!(list.has("+447400123457"));
        assert!(!list.has("+447400123456"));
        assert!(!Suppressed::default().has("+447400123456"));
    }

    #[test]
    fn many_refusals_in_a_row_stop_a_node() {
        let settings = settings::Outbound {
            stop_after: 3,
            ..settings::Outbound::default()
        };
        let terms = PlacingTerms::of(&settings);
        let notes = [false, false, true, false, false].map(|placed| terms.note(placed));
        assert_eq!(notes, [false; 5]);
        assert_eq!(terms.stops_for(), None);
        assert!(terms.note(false));
        assert!(terms.stops_for().is_some());
    }
}
