//! A statement: a header, or a key with its value, and what people write in their place.

use std::ops::Range;

use super::Fault;
use super::letters::{is_typographic_quote, plain_name};
use super::lines::{is_header, key_path, line_of, plain_path};
use super::scanner::{Broken, Scanner};

/// What stands where a comment was meant.
const COMMENTS: [&str; 6] = ["//", "/*", "--", ";", "%", "<!--"];

impl Scanner<'_> {
    /// A header, or a key and its value.
    pub(super) fn statement(&mut self) -> Result<(), Broken> {
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
}
