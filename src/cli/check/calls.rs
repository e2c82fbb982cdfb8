//! The shortest call that shows a fault: as a test file, and in a sentence.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::{Told, place};
use crate::engine::diag::{Act, Diag, Does};
use crate::engine::flow::Loaded;
use crate::replay::example;
use crate::web::flows::Sources;

/// Writes a test file for each fault that a call shows; how many faults of a way no call can show.
///
/// # Errors
/// When the folder or a file cannot be written.
pub(super) fn write(folder: &Path, found: &[Diag], sources: &Sources) -> io::Result<usize> {
    fs::create_dir_all(folder)?;
    let loaded = sources
        .flows
        .iter()
        .filter_map(|flow| flow.loaded.as_ref().ok());
    let flows: BTreeMap<&Arc<str>, &Loaded> =
        loaded.map(|loaded| (&loaded.bundle.file, loaded)).collect();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    let mut left_out = 0;
    for diag in found.iter().filter(|diag| diag.call.is_some()) {
        // A fault in a prompt of the manifest is found by the first flow that uses it.
        let Some(loaded) = flows
            .get(&diag.at.file)
            .or_else(|| flows.values().find(|loaded| has(loaded, diag)))
        else {
            continue;
        };
        let name = &loaded.flow.name;
        let stem = format!("{}.{}", name.replace('/', "-"), diag.code);
        let count = written.entry(stem.clone()).or_default();
        let number = if *count == 0 {
            String::new()
        } else {
            format!("-{}", *count + 1)
        };
        let file = folder.join(format!("{stem}{number}.toml"));
        let Told { line, .. } = place(diag, sources);
        let at = format!("{}:{line}", diag.at.file);
        match example(name, diag, &at, &file.display().to_string()) {
            Some(text) => {
                *count += 1;
                fs::write(file, text)?;
            }
            None => left_out += 1,
        }
    }
    Ok(left_out)
}

/// Whether a fault is one of a flow's, however bad the settings make it.
fn has(loaded: &Loaded, diag: &Diag) -> bool {
    loaded
        .warnings
        .iter()
        .any(|other| (other.code, &other.at) == (diag.code, &diag.at))
}

/// The call in a sentence: `a caller who presses 1, enters 5# and is silent three times gets here`.
pub(in crate::cli) fn sentence(call: &[Act]) -> Option<String> {
    let mut parts: Vec<(String, usize)> = Vec::new();
    for act in call {
        let part = match &act.does {
            Does::Press(keys) if keys.chars().count() == 1 => format!("presses {keys}"),
            Does::Press(keys) => format!("enters {keys}"),
            Does::Silence => "is silent".to_owned(),
            Does::Came { is_good: true, .. } => format!("is connected at `{}`", act.step),
            Does::Came { outcome, .. } => {
                format!("is not connected at `{}` ({})", act.step, outcome)
            }
            Does::Refused => format!("is at `{}` when the carrier cannot go on", act.step),
            Does::HangUp | Does::HangUpAway => format!("hangs up at `{}`", act.step),
        };
        match parts.last_mut().filter(|(last, _)| *last == part) {
            Some((_, times)) => *times += 1,
            None => parts.push((part, 1)),
        }
    }
    let times = |(part, times): (String, usize)| match times {
        1 => part,
        2 => format!("{part} twice"),
        3 => format!("{part} three times"),
        more => format!("{part} {more} times"),
    };
    let mut parts: Vec<String> = parts.into_iter().map(times).collect();
    let last = parts.pop()?;
    let rest = if parts.is_empty() {
        String::new()
    } else {
        format!("{} and ", parts.join(", "))
    };
    Some(format!("a caller who {rest}{last} gets here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_reads_as_a_sentence() {
        let act = |does| Act {
            step: "kind".to_owned(),
            does,
        };
        let call = [
            act(Does::Press("1".into())),
            act(Does::Press("5#".into())),
            act(Does::Silence),
            act(Does::Silence),
        ];
        assert_eq!(
            sentence(&call).as_deref(),
            Some("a caller who presses 1, enters 5# and is silent twice gets here")
        );
        assert_eq!(sentence(&[]), None);
    }
}
