//! A key, and the letters that cannot stand in one.

use std::ops::Range;

use super::letters::{invisible, is_typographic_quote, is_wide, lookalike, plain_name};
use super::scanner::{Broken, Scanner, unseen_fault};

impl Scanner<'_> {
    /// A key, with its parts; its place.
    pub(super) fn key(&mut self) -> Result<Range<usize>, Broken> {
        let start = self.at;
        loop {
            self.key_part(start)?;
            let end = self.at;
            let before = self.at;
            while self
                .peek()
                .is_some_and(|letter| letter == ' ' || letter == '\t')
            {
                self.at += 1;
            }
            if self.peek() != Some('.') {
                self.at = before;
                return Ok(start..end);
            }
            self.at += 1;
            while self
                .peek()
                .is_some_and(|letter| letter == ' ' || letter == '\t')
            {
                self.at += 1;
            }
        }
    }

    fn key_part(&mut self, start: usize) -> Result<(), Broken> {
        match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                let line = self.line();
                let Some(close) = line[1..].find(quote) else {
                    let fault = self.broken(
                        self.at..self.at + line.trim_end().len(),
                        "this key has no end",
                    );
                    return Err(fault.help(format!("close it with `{quote}`")));
                };
                self.at += close + 2;
                return Ok(());
            }
            Some('#') => {
                return Err(self
                    .broken(
                        self.at..self.at + 1,
                        "`#` begins a comment, so this key has no name",
                    )
                    .help("quote it: `keys.\"#\" = …`"));
            }
            Some('*') => {
                return Err(self
                    .broken(self.at..self.at + 1, "a key `*` must stand in quotes")
                    .help("write `\"*\" = …` or `keys.\"*\" = …`"));
            }
            _ => {}
        }
        let word_end = |letter: char| {
            letter.is_ascii_whitespace()
                || matches!(letter, '.' | '=' | ']' | ':' | '#' | ',' | '{' | '}' | '[')
        };
        let line = self.line();
        let word = &line[..line.find(word_end).unwrap_or(line.len())];
        let is_bare =
            |letter: char| letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        let bare = word.find(|letter| !is_bare(letter)).unwrap_or(word.len());
        let Some(odd) = word[bare..].chars().next() else {
            if word.is_empty() {
                return Err(self.no_key(start));
            }
            self.at += word.len();
            return Ok(());
        };
        if is_typographic_quote(odd) {
            return Err(self.typographic_key(line));
        }
        if let Some(name) = invisible(odd) {
            return self.unseen_in_key(word, bare, odd, name);
        }
        Err(self.odd_key(word, bare, odd))
    }

    /// A letter that cannot be seen in the middle of a key or at its end.
    fn unseen_in_key(
        &mut self,
        word: &str,
        bare: usize,
        odd: char,
        name: &str,
    ) -> Result<(), Broken> {
        let span = self.at + bare..self.at + bare + odd.len_utf8();
        let behind = &word[bare + odd.len_utf8()..];
        let fault = unseen_fault(odd, name, span.clone());
        if is_wide(odd) && bare > 0 {
            // What stands behind it is no longer the key.
            self.at = span.start;
            return Ok(());
        }
        let line = self.line_at(self.at);
        let is_first = self.faults.last().is_none_or(|fault| fault.region != line);
        if is_wide(odd) || !behind.is_ascii() || !is_first {
            return Err(fault);
        }
        self.note(fault);
        self.at += word.len();
        let line = self.line();
        let to = self.at + line.find(['=', ']']).unwrap_or(line.len());
        super::squeeze(&mut self.mended, span, to);
        Ok(())
    }

    fn no_key(&self, start: usize) -> Broken {
        let written = &self.source[start..self.at];
        if written.ends_with('.') {
            return self
                .broken(start..self.at, format!("`{written}` ends in a dot"))
                .help("a name stands behind each dot");
        }
        let span = self.at..self.at + self.peek().map_or(0, char::len_utf8);
        self.broken(span, "a key is missing here")
            .help("a line is a header, `[…]`, or a key with its value, `key = \"…\"`")
    }

    fn typographic_key(&self, line: &str) -> Broken {
        let end = line.find(['=', ']']).unwrap_or(line.len());
        let written = line[..end].trim_end();
        self.broken(
            self.at..self.at + written.len(),
            "these quotes are typographic ones",
        )
        .help(format!(
            "write `\"{}\"`, with the quotes of a keyboard",
            written.trim_matches(is_typographic_quote)
        ))
    }

    fn odd_key(&self, word: &str, bare: usize, odd: char) -> Broken {
        let span = self.at + bare..self.at + bare + odd.len_utf8();
        if let Some(plain) = lookalike(odd) {
            let message = format!(
                "the `{odd}` in `{word}` only looks like the letter `{plain}` (it is U+{:04X})",
                u32::from(odd)
            );
            return self
                .broken(span, message)
                .help(format!("type it again: `{}`", plain_name(word)));
        }
        let message = format!("`{odd}` cannot stand in a name without quotes");
        let name = plain_name(word);
        let help = if name.chars().any(|letter| letter.is_ascii_alphanumeric()) {
            format!("names are made of a-z, digits, `-` and `_`: write `{name}`")
        } else {
            "names are made of a-z, digits, `-` and `_`".to_owned()
        };
        self.broken(span, message).help(help)
    }
}
