//! Two texts, and where they differ.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// What stays of words that both texts have before and after what differs, in words.
const AROUND: usize = 6;

/// Where the text of now begins in its line, in characters: see [`Marked::carets`].
const INDENT: usize = 6;

/// Two texts as stretches of words that they have in common, which are cut where they are long, and that differ.
pub struct Marked {
    before: Vec<Stretch>,
    now: Vec<Stretch>,
}

/// Words that stand together.
struct Stretch {
    text: String,
    differs: bool,
}

impl Marked {
    /// Finds it, word by word.
    pub fn between(before: &str, now: &str) -> Self {
        let (before, now): (Vec<&str>, Vec<&str>) =
            (before.split(' ').collect(), now.split(' ').collect());
        let mut marked = Self {
            before: Vec::new(),
            now: Vec::new(),
        };
        for operation in capture_diff_slices(Algorithm::Myers, &before, &now) {
            let (tag, was, is) = operation.as_tag_tuple();
            if tag == DiffTag::Equal {
                let text = shortened(&now, is);
                marked.before.extend(Stretch::new(text.clone(), false));
                marked.now.extend(Stretch::new(text, false));
            } else {
                marked
                    .before
                    .extend(Stretch::new(before[was].join(" "), true));
                marked.now.extend(Stretch::new(now[is].join(" "), true));
            }
        }
        marked
    }

    /// The text before, with signs around what differs.
    pub fn before(&self, on: &str, off: &str) -> String {
        with(&self.before, on, off)
    }

    pub fn now(&self, on: &str, off: &str) -> String {
        with(&self.now, on, off)
    }

    /// A line below the text of now that marks what is new in it; of words that are only gone, and where all is new, none.
    pub fn carets(&self) -> String {
        let is_new = |stretch: &Stretch| stretch.differs;
        if self.now.iter().all(is_new) || !self.now.iter().any(is_new) {
            return String::new();
        }
        let marks = self.now.iter().map(|stretch| {
            let mark = if stretch.differs { "^" } else { " " };
            mark.repeat(stretch.text.chars().count())
        });
        let line = marks.collect::<Vec<_>>().join(" ");
        format!("{:INDENT$}{}\n", "", line.trim_end())
    }
}

impl Stretch {
    /// Nothing where there are no words.
    fn new(text: String, differs: bool) -> Option<Self> {
        (!text.is_empty()).then_some(Self { text, differs })
    }
}

fn with(stretches: &[Stretch], on: &str, off: &str) -> String {
    let drawn = stretches.iter().map(|stretch| {
        if stretch.differs {
            format!("{on}{}{off}", stretch.text)
        } else {
            stretch.text.clone()
        }
    });
    drawn.collect::<Vec<_>>().join(" ")
}

/// Words that both texts have: of many, those next to what differs.
fn shortened(words: &[&str], common: Range<usize>) -> String {
    // Where a text begins or ends, nothing differs beside it.
    let first = if common.start == 0 { 0 } else { AROUND };
    let last = if common.end == words.len() { 0 } else { AROUND };
    let common = &words[common];
    if common.len() <= first + last + 1 {
        return common.join(" ");
    }
    let (head, tail) = (&common[..first], &common[common.len() - last..]);
    let parts = [head.join(" "), "…".to_owned(), tail.join(" ")];
    let parts: Vec<String> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::Marked;

    #[test]
    fn what_differs_is_marked_between_what_does_not() {
        let marked = Marked::between("For a parcel press 2.", "For a large parcel press 3.");
        assert_eq!(marked.before("<", ">"), "For a parcel press <2.>");
        assert_eq!(marked.now("<", ">"), "For a <large> parcel press <3.>");
        assert_eq!(
            marked.carets(),
            "            ^^^^^              ^^\n",
            "below `    + For a large parcel press 3.`"
        );
        let marked = Marked::between("Thank you. Goodbye.", "Thank you very much. Goodbye.");
        assert_eq!(marked.now("<", ">"), "Thank <you very much.> Goodbye.");
        assert_eq!(marked.carets(), "            ^^^^^^^^^^^^^^\n");
    }

    #[test]
    fn words_that_are_only_gone_have_no_carets() {
        let marked = Marked::between("Thank you very much.", "Thank you much.");
        assert_eq!(marked.before("<", ">"), "Thank you <very> much.");
        assert_eq!(marked.now("<", ">"), "Thank you much.");
        assert_eq!(marked.carets(), "");
    }

    #[test]
    fn long_words_that_are_the_same_are_cut() {
        let long = "one two three four five six seven eight nine ten";
        let marked = Marked::between(&format!("{long} x {long}"), &format!("{long} y {long}"));
        assert_eq!(
            marked.now("", ""),
            "… five six seven eight nine ten y one two three four five six …"
        );
        let marked = Marked::between(&format!("a {long} {long} b"), &format!("x {long} {long} y"));
        assert_eq!(
            marked.now("", ""),
            "x one two three four five six … five six seven eight nine ten y"
        );
    }

    #[test]
    fn texts_that_repeat_themselves_or_are_empty_are_told_too() {
        let marked = Marked::between("a a", "a a a");
        assert_eq!(
            (marked.before("<", ">"), marked.now("<", ">")),
            ("a a".to_owned(), "a a <a>".to_owned())
        );
        let marked = Marked::between("", "a");
        assert_eq!(
            (marked.now("<", ">").as_str(), marked.carets().as_str()),
            ("<a>", "")
        );
    }
}
