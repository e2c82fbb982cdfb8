//! Turns of phrase that no text of ours may have: they are not English, or have a plainer word.

use super::architecture::{none, pages, root};
use super::source::read;

/// What is forbidden in lower-case text, between word boundaries, and what to write instead.
const FORBIDDEN: [(&str, &str); 12] = [
    ("anew", "again, or a verb with re-: restart, rewrite"),
    ("are other now", "now differ"),
    ("goes it", "say what goes"),
    ("in what it is other", "how it differs"),
    ("in what they are other", "how they differ"),
    ("is told by", "depends on, or is reported by"),
    ("nobody told", "was not reported"),
    ("so everywhere below", "say it at each place"),
    ("tells of", "reports, or says"),
    ("told of", "reported"),
    (
        "who comes second",
        "whoever comes second, or the second one",
    ),
    ("who does not like", "say what is reported"),
];

/// Whether a line of lower-case text has a phrase, as whole words.
fn has(line: &str, phrase: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(phrase).any(|(at, _)| {
        !line[..at].ends_with(is_word) && !line[at + phrase.len()..].starts_with(is_word)
    })
}

/// Every forbidden phrase of a text, with its line.
fn faults(file: &str, text: &str) -> Vec<String> {
    let lines = text.lines().map(str::to_lowercase).enumerate();
    let in_line = |(number, line): (usize, String)| {
        let found = FORBIDDEN
            .iter()
            .filter(move |(phrase, _)| has(&line, phrase));
        found
            .map(move |(phrase, instead)| format!("{file}:{}: \"{phrase}\": {instead}", number + 1))
    };
    lines.flat_map(in_line).collect()
}

#[test]
fn no_text_has_a_phrase_that_is_not_english() {
    let mut found = Vec::new();
    for source in read(&root().join("src")) {
        found.extend(faults(&format!("src/{}", source.file), &source.text));
    }
    let architecture = root().join("src/ARCHITECTURE.md");
    let text = std::fs::read_to_string(architecture).expect("it is there");
    found.extend(faults("src/ARCHITECTURE.md", &text));
    for (file, text) in pages() {
        found.extend(faults(&file.display().to_string(), &text));
    }
    none("phrases to be written otherwise", found);
}

#[test]
fn a_phrase_is_found_as_whole_words_only() {
    assert_eq!(faults("a", "one\nIt is written Anew.").len(), 1);
    assert!(faults("a", "a manewver, is_told_of").is_empty());
}
