//! Values, and what people write in their place.

use std::ops::Range;

use super::letters::is_typographic_quote;
use super::lines::{is_header, key_path};
use super::scanner::{Broken, Scanner};

/// What closes a value that stands in a list or an inline table.
pub(super) const CLOSERS: [char; 3] = [',', ']', '}'];

/// How deep lists and tables may stand in each other.
const MAX_DEPTH: usize = 64;

impl Scanner<'_> {
    /// A value; `equals` is the place of the `=` before it, if one is.
    pub(super) fn value(&mut self, equals: Option<usize>) -> Result<(), Broken> {
        if self.depth > MAX_DEPTH {
            let message = "lists and tables stand in each other too deep here";
            return Err(self
                .broken(self.at..self.at + 1, message)
                .help(format!("at most {MAX_DEPTH}")));
        }
        match self.peek() {
            Some('"' | '\'') => self.text(),
            Some('[') => self.list(),
            Some('{') => self.table(),
            Some(letter) if is_typographic_quote(letter) => self.typographic_text(equals.is_none()),
            _ => self.word(equals),
        }
    }

    fn list(&mut self) -> Result<(), Broken> {
        let open = self.at;
        self.at += 1;
        self.depth += 1;
        loop {
            self.skip_to_entry(open, is_header_or_key)?;
            if self.peek() == Some(']') {
                self.at += 1;
                self.depth -= 1;
                return Ok(());
            }
            if let Some(sign @ ('}' | ')')) = self.peek() {
                return Err(self.wrong_closer(open, sign));
            }
            self.value_within(None)?;
            self.skip_to_entry(open, is_header_or_key)?;
            match self.peek() {
                Some(',') => self.at += 1,
                Some(']') => {}
                _ => return Err(self.no_comma(open)),
            }
        }
    }

    fn table(&mut self) -> Result<(), Broken> {
        let open = self.at;
        self.at += 1;
        self.depth += 1;
        loop {
            self.skip_to_entry(open, is_header)?;
            if self.peek() == Some('}') {
                self.at += 1;
                self.depth -= 1;
                return Ok(());
            }
            if let Some(sign @ (']' | ')')) = self.peek() {
                return Err(self.wrong_closer(open, sign));
            }
            let key = self.key()?;
            self.skip_spaces();
            let equals = self.assignment(&key)?;
            self.skip_spaces();
            self.value_within(Some(equals))?;
            self.skip_to_entry(open, is_header)?;
            match self.peek() {
                Some(',') => self.at += 1,
                Some('}') => {}
                _ => return Err(self.no_comma(open)),
            }
        }
    }

    /// A value of a list or an inline table; before it may stand what looks like the end of an empty one.
    fn value_within(&mut self, equals: Option<usize>) -> Result<(), Broken> {
        if self.peek() == Some(',') {
            return Err(self
                .broken(self.at..self.at + 1, "nothing stands before this comma")
                .help("leave it out, or write what belongs there"));
        }
        self.value(equals)
    }

    /// Spaces, line ends and comments up to the next entry, unless what was opened is still open at the end of the text,
    /// or at a line that cannot belong to it.
    fn skip_to_entry(&mut self, open: usize, is_beyond: fn(&str) -> bool) -> Result<(), Broken> {
        loop {
            self.skip_spaces();
            match self.peek() {
                None => return Err(self.unclosed(open, self.source.len())),
                Some('\r' | '\n') => {
                    self.at += 1;
                    if is_beyond(self.line()) {
                        return Err(self.unclosed(open, self.at - 1));
                    }
                }
                Some('#') => self.at += self.line().len(),
                _ => return Ok(()),
            }
        }
    }

    /// A list or inline table that nothing closes, in a statement that is taken to end here.
    fn unclosed(&self, open: usize, end: usize) -> Broken {
        let (what, close) = if self.source[open..].starts_with('[') {
            ("list", ']')
        } else {
            ("table", '}')
        };
        let mut fault = self
            .broken(open..open + 1, format!("this {what} is not closed"))
            .help(format!("write `{close}` behind its last entry"));
        fault.until = Some(
            self.source[..end]
                .trim_end()
                .len()
                .max(self.line_at(open).end.min(end)),
        );
        fault
    }

    fn wrong_closer(&self, open: usize, sign: char) -> Broken {
        let opened = &self.source[open..=open];
        let close = if opened == "[" { ']' } else { '}' };
        let message = format!("this `{sign}` closes nothing that is open");
        self.broken(self.at..self.at + 1, message)
            .help(format!("what begins with `{opened}` ends with `{close}`"))
    }

    /// Behind an entry, where a comma or the end must stand.
    fn no_comma(&self, open: usize) -> Broken {
        let line = self.line();
        let line_start = self.line_at(self.at).start;
        let is_first_of_line = self.source[line_start..self.at].trim().is_empty();
        let begin = self.line_at(self.start).start;
        let own_indent = self.start - begin;
        if is_first_of_line && self.at - line_start <= own_indent && is_header_or_key(line) {
            return self.unclosed(open, line_start - 1);
        }
        let is_list = self.source[open..].starts_with('[');
        let is_entry = if is_list {
            line.starts_with(['"', '\'', '{', '['])
                && !self.source[..self.at].ends_with(['"', '\''])
        } else {
            key_path(line).is_some_and(|end| line[end..].trim_start().starts_with('='))
        };
        if is_first_of_line || is_entry {
            let before = self.source[..self.at].trim_end().len();
            return self
                .broken(before - 1..before, "a comma is missing behind this")
                .help("entries have commas between them: `…, …`");
        }
        if let Some(sign @ ('}' | ']' | ')')) = line.chars().next() {
            return self.wrong_closer(open, sign);
        }
        if line.starts_with(';') {
            return self
                .broken(self.at..self.at + 1, "`;` separates nothing")
                .help("entries have commas between them: `…, …`");
        }
        self.behind_value(None)
    }

    /// What stands behind a value and cannot: most often the rest of a text that has quotes in it.
    pub(super) fn behind_value(&self, key: Option<&Range<usize>>) -> Broken {
        let before = self.source[..self.at].trim_end();
        let rest = self.line().trim_end();
        let line = self.line_at(self.at);
        let written = &self.source[line.start.max(self.start)..line.end];
        if before.ends_with('"') && !before.ends_with("\"\"\"") {
            if let Some(fault) = self.unclosed_before_this(before) {
                return fault;
            }
            let span = before.len() - 1..before.len();
            let fault = self.broken(
                span,
                "the text ends at this quote, but more stands behind it",
            );
            let key = key.map_or("", |key| &self.source[key.clone()]);
            return if key == "when" || written.contains("when") && written.contains("==") {
                fault.help("within a text in double quotes, a text stands in single ones: `when = \"… == '…'\"`")
            } else {
                fault.help("write a quote within a text as `\\\"`, or put the whole text in single quotes: `'… \"…\" …'`")
            };
        }
        if before.ends_with('\'') && !before.ends_with("'''") {
            let span = before.len() - 1..before.len();
            return self
                .broken(
                    span,
                    "the text ends at this apostrophe, but more stands behind it",
                )
                .help("put a text with an apostrophe in double quotes: \"…'…\"");
        }
        if let Some(open) = self.swallowing_text(before) {
            return self
                .broken(open..open + 3, "this text has no end")
                .help(format!("close it with `{}`", &self.source[open..open + 3]));
        }
        let end = rest
            .find(CLOSERS)
            .filter(|end| *end > 0)
            .unwrap_or(rest.len());
        self.broken(
            self.at..self.at + end,
            "nothing can stand here behind a value",
        )
        .help("a text stands in quotes as a whole: \"…\"")
    }

    /// A text that was not closed, so that the quote which opens the next one closes it: `["a, "b"]`.
    fn unclosed_before_this(&self, before: &str) -> Option<Broken> {
        let text = (self.last_text.end == before.len()).then(|| self.last_text.clone())?;
        let inner = self.source[text.start + 1..text.end - 1].trim_end();
        let compares = ["==", "!=", "<=", ">="]
            .iter()
            .any(|sign| inner.ends_with(sign));
        let is_open = inner.ends_with(',') || inner.ends_with('=') && !compares;
        let end = inner.rfind(',')?;
        let fault = self.broken(text.start..text.start + 1 + end, "this text has no end");
        is_open.then(|| {
            fault.help(format!(
                "close it before the comma: `\"{}\"`",
                shortened(&inner[..end])
            ))
        })
    }

    /// Where a text of several lines begins that ends here, if it has taken in a header on its way: it was not closed.
    fn swallowing_text(&self, before: &str) -> Option<usize> {
        let quotes = ["\"\"\"", "'''"]
            .into_iter()
            .find(|quotes| before.ends_with(quotes))?;
        let inner = &before[self.start..before.len() - 3];
        let open = inner.rfind(quotes)?;
        inner[open..]
            .lines()
            .any(is_header)
            .then_some(self.start + open)
    }
}

/// A text that is short enough to be repeated.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn is_header_or_key(line: &str) -> bool {
    is_header(line) || key_path(line).is_some_and(|end| line[end..].trim_start().starts_with('='))
}
