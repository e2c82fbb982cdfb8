//! Texts that somebody might have written, made from those that somebody wrote: a mutation at a time, by seeded chance.

use std::collections::BTreeSet;

use fastrand::Rng;

/// What is put in beside the corpus' own words: what has a meaning to one of the readers, and what has none to any.
const SIGNS: [&[u8]; 50] = [
    b"\"",
    b"'",
    b"\"\"\"",
    b"'''",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[[",
    b"]]",
    b"(",
    b")",
    b"=",
    b".",
    b",",
    b"#",
    b"\n",
    b"\r\n",
    b"\\",
    b"\\u0000",
    b"\\U0010FFFF",
    b"@",
    b"@@",
    b"{{",
    b"}}",
    b"{{ ",
    b" }}",
    b"{%",
    b"{#",
    b"|",
    b"~",
    b"**",
    b"//",
    b" not ",
    b" in ",
    b" if a else ",
    b"[1:2:3]",
    b"-",
    b"_",
    b"0",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"1e999",
    b"nan",
    b"\0",
    b"\xff",
    b"\xc3",
    "\u{feff}".as_bytes(),
    "\u{fffe}".as_bytes(),
    "п\u{308}\u{1f9d1}\u{200d}\u{1f680}".as_bytes(),
];
/// The most bytes of a mutation's result: larger texts are for tests of their own.
const LARGEST: usize = 16 * 1024;

/// Makes texts.
pub struct Mutations<'a> {
    corpus: &'a [Vec<u8>],
    words: Vec<&'a [u8]>,
    chance: Rng,
}

impl<'a> Mutations<'a> {
    /// The same seed makes the same texts of the same corpus.
    pub fn new(corpus: &'a [Vec<u8>], seed: u64) -> Self {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let words = corpus
            .iter()
            .flat_map(|text| text.split(move |byte| !is_word(byte)));
        let words: BTreeSet<&[u8]> = words.filter(|word| !word.is_empty()).chain(SIGNS).collect();
        Self {
            corpus,
            words: words.into_iter().collect(),
            chance: Rng::with_seed(seed),
        }
    }

    /// The next one.
    pub fn make(&mut self) -> Vec<u8> {
        let mut text = self.text().to_vec();
        for _ in 0..1 << self.chance.u8(..4) {
            self.mutate(&mut text);
        }
        text.truncate(LARGEST);
        text
    }

    fn text(&mut self) -> &'a [u8] {
        &self.corpus[self.chance.usize(..self.corpus.len())]
    }

    fn mutate(&mut self, text: &mut Vec<u8>) {
        let piece = self.piece(text);
        let at = self.chance.usize(..=text.len());
        match self.chance.u8(..10) {
            0 => drop(text.drain(piece)),
            1 | 2 => insert(text, at, self.word()),
            3 | 4 => drop(text.splice(piece, self.word().iter().copied())),
            5 => {
                let twice = text[piece].to_vec();
                insert(text, at, &twice);
            }
            6 => self.repeat(text, at),
            7 => self.take_from_another(text, at),
            8 => self.swap_lines(text),
            _ => text
                .iter_mut()
                .skip(at)
                .take(1)
                .for_each(|byte| *byte = self.chance.u8(..)),
        }
    }

    /// A stretch of a text: mostly a short one, else a word, else a line.
    fn piece(&mut self, text: &[u8]) -> std::ops::Range<usize> {
        let from = self.chance.usize(..=text.len());
        let rest = &text[from..];
        let end = |stops: &[u8]| {
            rest.iter()
                .position(|byte| stops.contains(byte))
                .unwrap_or(rest.len())
        };
        let length = match self.chance.u8(..4) {
            0 => end(b"\n").saturating_add(1),
            1 => end(b" .=\"[]{}(),\n"),
            2 => self.chance.usize(..=rest.len().min(200)),
            _ => self.chance.usize(..=rest.len().min(8)),
        };
        from..from + length.min(rest.len())
    }

    fn word(&mut self) -> &'a [u8] {
        self.words[self.chance.usize(..self.words.len())]
    }

    /// A word many times: deep, or long.
    fn repeat(&mut self, text: &mut Vec<u8>, at: usize) {
        let times = 1 << self.chance.u8(..11);
        let word = self.word().repeat(times);
        insert(text, at, &word);
    }

    fn take_from_another(&mut self, text: &mut Vec<u8>, at: usize) {
        let other = self.text();
        let piece = self.piece(other);
        insert(text, at, &other[piece]);
    }

    fn swap_lines(&mut self, text: &mut Vec<u8>) {
        let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
        let (one, other) = (
            self.chance.usize(..lines.len()),
            self.chance.usize(..lines.len()),
        );
        lines.swap(one, other);
        *text = lines.join(&b'\n');
    }
}

fn insert(text: &mut Vec<u8>, at: usize, what: &[u8]) {
    text.splice(at..at, what.iter().copied());
}
