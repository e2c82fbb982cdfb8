//! `[turn]` for `[[turn]]`: TOML takes the first for a table of which there is only one, and every other for a fault.

use std::collections::BTreeMap;
use std::ops::Range;

use toml::de::DeTable;

/// A file with single brackets where there should be double ones.
pub(super) struct Mended {
    /// The file with double brackets.
    pub text: String,
    /// What was mended: for each name its headers, by their place in the file as it was.
    pub headers: BTreeMap<String, Vec<Range<usize>>>,
    /// Where a bracket was put in, by the places in the mended text.
    added: Vec<usize>,
}

impl Mended {
    /// Mends a file; `None` where it needs none.
    pub fn of(source: &str) -> Option<Self> {
        let (document, faults) = DeTable::parse_recoverable(source);
        let is_table = document
            .get_ref()
            .iter()
            .any(|(key, value)| key.get_ref() == "turn" && value.get_ref().is_table());
        if faults.is_empty() && !is_table {
            return None;
        }
        let headers = headers(source);
        let mut wrong: BTreeMap<String, Vec<Range<usize>>> = BTreeMap::new();
        for (name, is_single, at) in &headers {
            let is_repeated = headers.iter().filter(|(other, ..)| other == name).count() > 1;
            if *is_single && (name == "turn" || is_repeated) {
                wrong.entry(name.clone()).or_default().push(at.clone());
            }
        }
        if wrong.is_empty() {
            return None;
        }
        let mut ends: Vec<usize> = wrong
            .values()
            .flatten()
            .flat_map(|at| [at.start, at.end])
            .collect();
        ends.sort_unstable();
        let (mut text, mut added, mut from) = (String::new(), Vec::new(), 0);
        for end in ends {
            text.push_str(&source[from..end]);
            added.push(text.len());
            text.push(if source[end..].starts_with('[') {
                '['
            } else {
                ']'
            });
            from = end;
        }
        text.push_str(&source[from..]);
        Some(Self {
            text,
            headers: wrong,
            added,
        })
    }

    /// The place in the file as it was.
    pub fn place(&self, span: &Range<usize>) -> Range<usize> {
        let at = |at: usize| at - self.added.iter().filter(|added| **added < at).count();
        at(span.start)..at(span.end)
    }
}

/// The headers of turns and of what backends get: the name, whether it has single brackets, and the place.
fn headers(source: &str) -> Vec<(String, bool, Range<usize>)> {
    let mut headers = Vec::new();
    let mut start = 0;
    for line in source.split_inclusive('\n') {
        let written = line.split('#').next().unwrap_or_default().trim();
        let at = start + line.find('[').unwrap_or_default();
        start += line.len();
        let Some(inner) = written
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'))
        else {
            continue;
        };
        let double = inner
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let name = double.unwrap_or(inner).trim();
        if name == "turn" || name == "texted" || name.starts_with("submitted.") {
            headers.push((name.to_owned(), double.is_none(), at..at + written.len()));
        }
    }
    headers
}

#[cfg(test)]
mod tests {
    use super::Mended;

    #[test]
    fn every_header_that_may_stand_there_again_gets_double_brackets() {
        let source = "flow = \"a\"\n[turn]  # one\npress = \"1\"\n[[turn]]\n[submitted.a]\n[submitted.b]\n[submitted.a]\n";
        let mended = Mended::of(source).expect("it needs it");
        assert_eq!(
            mended.text,
            "flow = \"a\"\n[[turn]]  # one\npress = \"1\"\n[[turn]]\n[[submitted.a]]\n[submitted.b]\n[[submitted.a]]\n"
        );
        for word in ["press", "[submitted.b]"] {
            let (is, was) = (mended.text.find(word), source.find(word));
            let (is, was) = (is.expect("it is there"), was.expect("it is there"));
            assert_eq!(mended.place(&(is..is + 1)), was..was + 1);
        }
        assert!(Mended::of(&mended.text).is_none());
    }
}
