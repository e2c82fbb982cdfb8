//! The shortest call that shows a fault: as a test file, and in a sentence.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::engine::diag::{Act, Diag, Does};
use crate::web::flows::Sources;

/// Writes a test file for each fault that a call shows; those that need a fault of the carrier cannot be played.
///
/// # Errors
/// When the folder or a file cannot be written.
pub(super) fn write(folder: &Path, found: &[Diag], sources: &Sources) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let names: BTreeMap<&Arc<str>, &str> = sources
        .flows
        .iter()
        .filter_map(|flow| flow.loaded.as_ref().ok())
        .map(|loaded| (&loaded.bundle.file, loaded.flow.name.as_str()))
        .collect();
    let mut written: BTreeMap<String, usize> = BTreeMap::new();
    for diag in found {
        let Some(name) = names.get(&diag.at.file) else { continue };
        let Some(text) = test_file(name, diag) else { continue };
        let stem = format!("{}.{}", name.replace('/', "-"), diag.code);
        let count = written.entry(stem.clone()).or_default();
        *count += 1;
        let number = if *count == 1 { String::new() } else { format!("-{count}") };
        fs::write(folder.join(format!("{stem}{number}.toml")), text)?;
    }
    Ok(())
}

/// The call as a test file.
fn test_file(flow: &str, diag: &Diag) -> Option<String> {
    if diag.call.is_empty() || diag.call.iter().any(|act| act.does == Does::Refused) {
        return None;
    }
    let mut text = format!("# {}: {}\nflow = \"{flow}\"\n", diag.code, diag.message.replace('\n', " "));
    let mut world = String::new();
    for Act { step, does } in &diag.call {
        let told = match does {
            Does::Press(keys) => {
                write!(text, "\n[[turn]]                                 # at `{step}`\npress = \"{keys}\"\n")
            }
            Does::Silence => write!(text, "\n[[turn]]                                 # at `{step}`\nsilent = true\n"),
            Does::Dialled(number, _) if number.is_empty() => return None,
            Does::Dialled(number, outcome) => {
                let line = format!("dial.\"{number}\" = {{ outcome = \"{outcome}\" }}\n");
                if !world.contains(&line) {
                    world.push_str(&line);
                }
                Ok(())
            }
            Does::HangUp => write!(text, "\n[end]\nby = \"caller\"\n"),
            Does::Refused => return None,
        };
        told.ok()?;
    }
    if !world.is_empty() {
        let _ = write!(text, "\n[world]\n{world}");
    }
    Some(text)
}

/// The call in a sentence: `a caller who presses 1, enters 5# and is silent three times gets here`.
pub(in crate::cli) fn sentence(call: &[Act]) -> Option<String> {
    let mut parts: Vec<(String, usize)> = Vec::new();
    for act in call {
        let part = match &act.does {
            Does::Press(keys) if keys.chars().count() == 1 => format!("presses {keys}"),
            Does::Press(keys) => format!("enters {keys}"),
            Does::Silence => "is silent".to_owned(),
            Does::Dialled(_, "answered") => format!("is connected at `{}`", act.step),
            Does::Dialled(_, outcome) => format!("is not connected at `{}` ({})", act.step, outcome),
            Does::Refused => format!("is at `{}` when the carrier cannot go on", act.step),
            Does::HangUp => format!("hangs up at `{}`", act.step),
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
    let rest = if parts.is_empty() { String::new() } else { format!("{} and ", parts.join(", ")) };
    Some(format!("a caller who {rest}{last} gets here"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_reads_as_a_sentence() {
        let act = |does| Act { step: "kind".to_owned(), does };
        let call =
            [act(Does::Press("1".into())), act(Does::Press("5#".into())), act(Does::Silence), act(Does::Silence)];
        assert_eq!(sentence(&call).as_deref(), Some("a caller who presses 1, enters 5# and is silent twice gets here"));
        assert_eq!(sentence(&[]), None);
    }
}
