//! The result of reading the folders: only what differs from the time before.

use std::collections::{BTreeSet, HashMap};

use super::{Current, Faulty, Sources};
use crate::engine::Fingerprint;
use crate::engine::diag::Diag;

/// The result of reading the folders.
#[derive(Debug, Default)]
pub struct ReloadReport {
    /// The flows that differ, by name.
    pub changes: Vec<(String, FlowChange)>,
    /// Faults and warnings that were not there before, and the texts that they point into.
    pub sources: Sources,
}

/// What became of a flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowChange {
    /// It came into service.
    New(Fingerprint),
    /// New calls get another version.
    Changed(Fingerprint),
    /// Its file had faults, and is again what is in service.
    Mended(Fingerprint),
    /// Its file has faults, or others than before.
    Broken {
        /// Whether an older version stays in service.
        kept: bool,
    },
    /// It went out of service with its file.
    Gone,
}

impl ReloadReport {
    pub(super) fn of(mut sources: Sources, current: &Current, before: &Current) -> Self {
        let names: BTreeSet<&String> = before.names().chain(current.names()).collect();
        let change = |name: &String| Some((name.clone(), FlowChange::of(name, current, before)?));
        let changes = names.into_iter().filter_map(change).collect();
        let known = Known::of(&before.faults);
        sources.faults.retain(|fault| !known.has(fault));
        Self { changes, sources }
    }

    /// Whether anything differs from the time before.
    pub fn is_news(&self) -> bool {
        !(self.changes.is_empty() && self.sources.faults.is_empty())
    }
}

impl FlowChange {
    fn of(name: &str, current: &Current, before: &Current) -> Option<Self> {
        let was_faulty = before.faulty(name);
        if let Some(Faulty { diags, kept, .. }) = current.faulty(name) {
            let is_known = was_faulty.is_some_and(|was| was.diags == *diags);
            return (!is_known).then_some(Self::Broken { kept: *kept });
        }
        match (current.by_name.get(name), before.by_name.get(name)) {
            (Some(now), None) => Some(Self::New(now.fingerprint())),
            (Some(now), Some(then)) if now.fingerprint() != then.fingerprint() => {
                Some(Self::Changed(now.fingerprint()))
            }
            (Some(now), Some(_)) => was_faulty.map(|_| Self::Mended(now.fingerprint())),
            (None, Some(_)) => Some(Self::Gone),
            (None, None) => None,
        }
    }
}

impl Current {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.by_name
            .keys()
            .chain(self.out.iter().map(|faulty| &faulty.name))
    }

    fn faulty(&self, name: &str) -> Option<&Faulty> {
        self.out.iter().find(|faulty| faulty.name == name)
    }
}

/// Diags by their place; there may be many thousands.
struct Known<'a>(HashMap<(&'a str, usize), Vec<&'a Diag>>);

impl<'a> Known<'a> {
    fn of(faults: &'a [Diag]) -> Self {
        let mut known: HashMap<_, Vec<_>> = HashMap::new();
        for fault in faults {
            known
                .entry((&*fault.at.file, fault.at.span.start))
                .or_default()
                .push(fault);
        }
        Self(known)
    }

    fn has(&self, fault: &Diag) -> bool {
        self.0
            .get(&(&*fault.at.file, fault.at.span.start))
            .is_some_and(|known| known.contains(&fault))
    }
}

#[cfg(test)]
mod tests {
    use super::{FlowChange, ReloadReport};
    use crate::web::flows::{Directory, Flows, Folders};
    use crate::written::Code;

    const SOUND: &str = "language = \"en-GB\"\n[steps.one]\nsay = \"One.\"\nnext = \"hangup\"\n";
    const OTHER: &str = "language = \"en-GB\"\n[steps.one]\nsay = \"Other.\"\nnext = \"hangup\"\n";
    const BROKEN: &str = "language = \"en-GB\"\n[steps.one]\nsay = \"One.\"\nnext = \"nowhere\"\n";

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn write(&self, name: &str, text: &str) {
            std::fs::write(self.0.path().join(name), text).expect("it can be written");
        }

        fn remove(&self, name: &str) {
            std::fs::remove_file(self.0.path().join(name)).expect("it can be removed");
        }

        fn flows(&self) -> (Flows, ReloadReport) {
            let path = self.0.path().to_owned();
            Flows::open(Folders {
                audio: path.join("audio"),
                hours: path.join("hours"),
                flows: path,
                backends: None,
                prices: None,
                directory: Directory::default(),
            })
        }
    }

    /// What changed, the fingerprints left out.
    fn told(report: &ReloadReport) -> Vec<(&str, &'static str)> {
        let word = |change: &FlowChange| match change {
            FlowChange::New(_) => "new",
            FlowChange::Changed(_) => "changed",
            FlowChange::Mended(_) => "mended",
            FlowChange::Broken { kept: true } => "broken, kept",
            FlowChange::Broken { kept: false } => "broken",
            FlowChange::Gone => "gone",
        };
        report
            .changes
            .iter()
            .map(|(name, change)| (name.as_str(), word(change)))
            .collect()
    }

    #[test]
    fn a_look_tells_what_differs_from_the_look_before_and_nothing_else() {
        let folder = Folder(tempfile::tempdir().expect("a folder"));
        folder.write("a.toml", SOUND);
        folder.write("b.toml", SOUND);
        folder.write("bad.toml", BROKEN);
        let (flows, first) = folder.flows();
        assert_eq!(
            told(&first),
            [("a", "new"), ("b", "new"), ("bad", "broken")]
        );
        assert!(
            first
                .sources
                .faults
                .iter()
                .any(|fault| fault.code == Code::TargetUnknown)
        );
        assert!(!flows.load().is_news());

        folder.write("a.toml", OTHER);
        let report = flows.load();
        assert_eq!(
            (told(&report), report.sources.faults.len()),
            (vec![("a", "changed")], 0)
        );
        assert!(!flows.load().is_news());

        folder.write("a.toml", BROKEN);
        let report = flows.load();
        assert_eq!(told(&report), [("a", "broken, kept")]);
        let files = report.sources.faults.iter().map(|fault| &*fault.at.file);
        assert!(
            files.clone().count() > 0 && files.clone().all(|file| file.ends_with("/a.toml")),
            "{report:?}"
        );
        assert!(!flows.load().is_news());

        folder.write("a.toml", OTHER);
        folder.write("c.toml", SOUND);
        folder.remove("b.toml");
        folder.remove("bad.toml");
        let report = flows.load();
        assert_eq!(
            told(&report),
            [("a", "mended"), ("b", "gone"), ("c", "new")]
        );
        assert!(!flows.load().is_news());
    }
}
