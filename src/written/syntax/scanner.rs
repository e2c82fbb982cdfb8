//! Reads a text as TOML, line by line, more leniently than a parser: what is not TOML is recognised by what people write
//! instead, reported once, and mended in a copy of the text if it is plain what was meant.
//!
//! The copy stays as long as the text, so that a place in one is the same place in the other.

use std::cell::Cell;
use std::ops::Range;

use super::Fault;
use super::letters::{invisible, is_typographic_quote, is_wide, lookalike, plain_name};
use super::lines::{begins_statement, is_header, key_path, line_of, plain_path};

/// What stands where a comment was meant.
const COMMENTS: [&str; 6] = ["//", "/*", "--", ";", "%", "<!--"];

/// A text that is being read.
pub(super) struct Scanner<'s> {
    /// What the author wrote.
    pub(super) source: &'s str,
    /// The same, mended.
    pub(super) mended: Vec<u8>,
    /// How far it has been read, in bytes.
    pub(super) at: usize,
    /// Where the statement that is being read begins.
    pub(super) start: usize,
    /// What is wrong.
    pub(super) faults: Vec<Fault>,
    /// Each statement of a table: its header and key, and where the key stands.
    pub(super) keys: Vec<(String, Range<usize>)>,
    /// The text that was read last, with its quotes.
    pub(super) last_text: Range<usize>,
    header: String,
    /// How deep the value is that is being read.
    pub(super) depth: usize,
    /// The line that was asked for last.
    current: Cell<(usize, usize)>,
}

/// A fault behind which the statement cannot be read on.
pub(super) type Broken = Fault;

impl<'s> Scanner<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Self {
            source,
            mended: source.as_bytes().to_vec(),
            at: 0,
            start: 0,
            faults: Vec::new(),
            keys: Vec::new(),
            last_text: 0..0,
            header: String::new(),
            depth: 0,
            current: Cell::new((usize::MAX, 0)),
        }
    }

    /// Reads the text to its end, or to the fault after which nobody reads on.
    pub(super) fn read(&mut self, most: usize) {
        self.at = self.source.len() - super::super::unmarked(self.source).len();
        while self.faults.len() < most {
            self.skip_blank();
            if self.at >= self.source.len() {
                break;
            }
            self.start = self.at;
            self.depth = 0;
            if let Err(fault) = self.statement() {
                self.give_up(fault);
            }
        }
    }

    /// What is left to be read.
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.at.min(self.source.len())..]
    }

    /// What is left of the line.
    pub(super) fn line(&self) -> &'s str {
        &self.source[self.at..self.line_at(self.at).end]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_blank(&mut self) {
        loop {
            let rest = self.rest();
            let blank = rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
            self.at += blank;
            if self.peek() != Some('#') {
                return;
            }
            self.at += self.line().len();
        }
    }

    /// Spaces and tabs, and what looks like them.
    pub(super) fn skip_spaces(&mut self) {
        while let Some(letter) = self.peek() {
            if letter != ' ' && letter != '\t' {
                let Some(name) = invisible(letter) else {
                    return;
                };
                self.unseen(letter, name);
            }
            self.at += letter.len_utf8();
        }
    }

    /// Notes a letter that cannot be seen where none may stand, and reads on as if it were a space.
    fn unseen(&mut self, letter: char, name: &str) {
        let span = self.at..self.at + letter.len_utf8();
        self.mended[span.clone()].fill(b' ');
        self.note(unseen_fault(letter, name, span));
    }

    /// Notes a fault that is mended, unless its line has the same one already.
    pub(super) fn note(&mut self, fault: Fault) {
        let region = self.line_at(fault.span.start);
        let told = self.faults.iter().rev().take(8);
        if !told
            .into_iter()
            .any(|other| other.region.start >= region.start && other.message == fault.message)
        {
            self.faults.push(fault.within(region));
        }
    }

    /// The line of a byte. The last one is remembered, since a line may be as long as a file.
    pub(super) fn line_at(&self, at: usize) -> Range<usize> {
        let (start, end) = self.current.get();
        if start <= at && at <= end {
            return start..end;
        }
        let line = super::line_of(self.source, at);
        self.current.set((line.start, line.end));
        line
    }

    /// The statement is left out: to the end of its line, and as far as lines follow that begin nothing of their own.
    fn give_up(&mut self, fault: Fault) {
        let mut end = self.line_at(self.at.max(fault.span.start)).end;
        if let Some(until) = fault.until {
            end = until;
        } else {
            while let Some(next) = self.source.get(end + 1..).filter(|next| !next.is_empty()) {
                let line = line_of(next);
                if begins_statement(line) {
                    break;
                }
                end += 1 + line.len();
            }
        }
        let region = self.line_at(self.start).start..end;
        let filler = super::filler(&self.source[region.clone()], region.start, fault.is_header);
        if self.source[self.start..].starts_with('[') || fault.is_header {
            self.header = format!("x{}", self.start);
        }
        // Line ends stay, so that lines keep their numbers.
        for (at, byte) in region.clone().zip(filler.bytes()) {
            if self.mended[at] != b'\n' {
                self.mended[at] = byte;
            }
        }
        self.at = end;
        self.faults.push(fault.within(region));
    }

    /// A header, or a key and its value.
    fn statement(&mut self) -> Result<(), Broken> {
        if self.peek() == Some('[') {
            return self.header();
        }
        if self.is_other_comment()? {
            return Ok(());
        }
        let key = self.key()?;
        let path = [self.header.as_str(), &self.source[key.clone()]].join(".");
        self.keys.push((plain_path(&path), key.clone()));
        self.skip_spaces();
        let equals = self.assignment(&key)?;
        self.skip_spaces();
        self.value(Some(equals))?;
        self.end_of_statement(&key)
    }

    /// Whether the line is a comment of another language; what is another language at its first letter is a fault.
    fn is_other_comment(&mut self) -> Result<bool, Broken> {
        let line = self.line();
        if let Some(sign) = COMMENTS.iter().find(|sign| line.starts_with(**sign)) {
            self.other_comment(sign);
            return Ok(true);
        }
        if line.starts_with("- ") || line.trim_end() == "-" {
            let message = "`-` begins no entry of a list here";
            return Err(self.broken(self.at..self.at + 1, message).help(
                "this is YAML, and flows are TOML: a list is written `key = [\"…\", \"…\"]`",
            ));
        }
        if line.starts_with('{') {
            let message = "a table needs a key here";
            let mut fault = self.broken(self.at..self.at + 1, message).help(
                "this looks like JSON, and flows are TOML: `[steps.welcome]` and below it lines such as `say = \"…\"`",
            );
            fault.until = Some(self.source.len());
            return Err(fault);
        }
        if line.starts_with(['}', ']', ')']) {
            let sign = &line[..1];
            let message = format!("this `{sign}` closes nothing");
            return Err(self
                .broken(self.at..self.at + 1, message)
                .help("take it out"));
        }
        Ok(false)
    }

    /// A comment of another language, which is read as one.
    pub(super) fn other_comment(&mut self, sign: &str) {
        let span = self.at..self.at + sign.len();
        self.mended[self.at] = b'#';
        self.at += self.line().len();
        let message = format!("`{sign}` begins no comment");
        self.note(
            Fault::new(span, message)
                .help("a comment begins with `#`")
                .mended(),
        );
    }

    fn header(&mut self) -> Result<(), Broken> {
        let open = self.at;
        let is_double = self.rest().starts_with("[[");
        self.at += 1 + usize::from(is_double);
        self.skip_spaces();
        let key = self.key()?;
        self.skip_spaces();
        let close = if is_double { "]]" } else { "]" };
        if !self.rest().starts_with(close) {
            return Err(self.unclosed_header(open, &key, close));
        }
        self.at += close.len();
        self.header = plain_path(&self.source[key]);
        self.skip_spaces();
        let line = self.line();
        if let Some(sign) = COMMENTS.iter().find(|sign| line.starts_with(**sign)) {
            self.other_comment(sign);
            return Ok(());
        }
        if !(line.trim_end().is_empty() || line.starts_with('#')) {
            let message = "something stands behind this header";
            let span = self.at..self.at + line.trim_end().len();
            return Err(self
                .broken(span, message)
                .help("a header has a line of its own: put this below it"));
        }
        self.at += line.len();
        Ok(())
    }

    fn unclosed_header(&self, open: usize, key: &Range<usize>, close: &str) -> Broken {
        let line = self.line_at(open);
        let written = self.source[open..line.end].trim_end();
        let key_text = &self.source[key.clone()];
        let rest = self.line().trim();
        if rest.is_empty() || rest.starts_with(['#', ']']) {
            let brackets = &written[..close.len()];
            return self
                .broken(open..key.end, "this header is not closed")
                .help(format!("write `{brackets}{key_text}{close}`"));
        }
        let name = rest.split(']').next().unwrap_or(rest);
        let whole = format!("{key_text} {}", name.trim());
        let last = whole.rsplit('.').next().unwrap_or(&whole);
        let better = whole[..whole.len() - last.len()].to_owned() + &plain_name(last);
        self.broken(
            key.start..self.at + name.len(),
            format!("`{last}` cannot stand in a header"),
        )
        .help(format!("a name has no spaces: write `[{better}]`"))
    }

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

    /// What stands between a key and its value: the place of `=`.
    pub(super) fn assignment(&mut self, key: &Range<usize>) -> Result<usize, Broken> {
        let line = self.line();
        let at = self.at;
        for sign in ["==", "=>", ":=", "->", ":", "="] {
            if !line.starts_with(sign) {
                continue;
            }
            if sign == ":" && (line[1..].trim().is_empty() || line[1..].trim().starts_with('#')) {
                return Err(self.yaml(key));
            }
            self.at += sign.len();
            if sign != "=" {
                self.mended[at..at + sign.len()].fill(b' ');
                self.mended[at] = b'=';
                let name = &self.source[key.clone()];
                let message = format!("a value stands behind `=`, not behind `{sign}`");
                let fault = Fault::new(at..at + sign.len(), message);
                self.note(fault.help(format!("write `{name} = …`")).mended());
            }
            return Ok(at);
        }
        Err(self.no_assignment(key))
    }

    /// A whole block of YAML, as far as it goes.
    fn yaml(&self, key: &Range<usize>) -> Broken {
        let mut end = self.line_at(self.at).end;
        while let Some(next) = self.source.get(end + 1..).filter(|next| !next.is_empty()) {
            let line = line_of(next);
            let text = line.trim();
            let is_more = text.is_empty()
                || text.starts_with('#')
                || text.starts_with("- ")
                || line.starts_with([' ', '\t'])
                || key_path(text).is_some_and(|key| text[key..].trim_start().starts_with(':'));
            if !is_more || is_header(text) {
                break;
            }
            end += 1 + line.len();
        }
        let name = &self.source[key.clone()];
        let mut fault = self
            .broken(key.start..self.at + 1, format!("`{name}:` begins no table"))
            .help("this is YAML, and flows are TOML: a header such as `[steps.welcome]`, and below it lines such as `say = \"…\"`");
        fault.until = Some(end);
        fault.is_header = true;
        fault
    }

    fn no_assignment(&self, key: &Range<usize>) -> Broken {
        let name = &self.source[key.clone()];
        let rest = self.line().trim_end();
        let next = self
            .source
            .get(self.line_at(self.at).end + 1..)
            .map_or("", line_of);
        let is_header_like = name.contains('.')
            || key_path(next.trim())
                .is_some_and(|end| next.trim()[end..].trim_start().starts_with('='));
        if rest.is_empty() || rest.starts_with('#') {
            if is_header_like && name.contains('.') {
                let mut fault = self.broken(key.clone(), format!("`{name}` has no value"));
                fault.is_header = true;
                return fault.help(format!(
                    "a header stands in brackets: `[{name}]`; a key has a value: `{name} = \"…\"`"
                ));
            }
            return self
                .broken(key.clone(), "this key has no value")
                .help(format!("write `{name} = \"…\"`"));
        }
        if rest.starts_with(']') {
            let mut fault = self.broken(key.start..self.at + 1, "this header is not opened");
            fault.is_header = true;
            return fault.help(format!("write `[{name}]`"));
        }
        if rest.starts_with(['"', '\'', '[', '{']) || rest.starts_with(is_typographic_quote) {
            return self
                .broken(key.clone(), format!("`=` is missing behind `{name}`"))
                .help(format!("write `{name} = …`"));
        }
        let words = rest.split(['=', ':']).next().unwrap_or(rest);
        if words.len() < rest.len() && words.split_whitespace().count() <= 3 {
            let whole = format!("{name} {}", words.trim());
            return self
                .broken(
                    key.start..self.at + words.trim_end().len(),
                    format!("`{whole}` cannot be a key without quotes"),
                )
                .help(format!("a key has no spaces: `{}`", plain_name(&whole)));
        }
        self.broken(
            key.start..self.at + rest.len(),
            "this line is neither a comment, nor a key with its value",
        )
        .help("a comment begins with `#`; a value stands behind `=`: `key = \"…\"`")
    }

    /// Behind a value: nothing, or a comment.
    fn end_of_statement(&mut self, key: &Range<usize>) -> Result<(), Broken> {
        self.skip_spaces();
        let line = self.line();
        let text = line.trim_end();
        if text.is_empty() || text.starts_with('#') {
            self.at += line.len();
            return Ok(());
        }
        if text.starts_with([',', ';'])
            && (text.len() == 1 || text[1..].trim_start().starts_with('#'))
        {
            self.mended[self.at] = b' ';
            let span = self.at..self.at + 1;
            let sign = &text[..1];
            self.note(Fault::new(span, format!("a line does not end with `{sign}`")).help("leave it out: it stands only between the entries of a list, or of a table in `{ }`").mended());
            self.at += line.len();
            return Ok(());
        }
        if let Some(sign) = COMMENTS
            .iter()
            .find(|sign| **sign != ";" && text.starts_with(**sign))
        {
            self.other_comment(sign);
            return Ok(());
        }
        let more = text.trim_start_matches([',', ';', ' ']);
        if key_path(more).is_some_and(|end| more[end..].trim_start().starts_with('=')) {
            let at = self.at + text.len() - more.len();
            return Err(self
                .broken(at..at + more.len(), "a second key stands in this line")
                .help("each key has a line of its own"));
        }
        if text.starts_with(['}', ']', ')']) {
            let sign = &text[..1];
            return Err(self
                .broken(
                    self.at..self.at + 1,
                    format!("this `{sign}` closes nothing"),
                )
                .help("take it out"));
        }
        Err(self.behind_value(Some(key)))
    }

    pub(super) fn broken(&self, span: Range<usize>, message: impl Into<String>) -> Broken {
        Fault::new(span, message)
    }
}

/// A letter that cannot be seen, where it means something else than the author sees.
pub(super) fn unseen_fault(letter: char, name: &str, span: Range<usize>) -> Fault {
    let code = u32::from(letter);
    let (message, help) = if is_wide(letter) {
        (
            format!("there is {name} (U+{code:04X}) here, which only looks like a space"),
            "write a plain space, or nothing",
        )
    } else {
        (
            format!("there is {name} (U+{code:04X}) here, which cannot be seen"),
            "delete it: type again what stands around it",
        )
    };
    Fault::new(span, message).help(help).mended()
}
