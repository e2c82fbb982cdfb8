//! Values, and what people write in their place.

use std::ops::Range;

use super::Fault;
use super::letters::{invisible, is_typographic_quote, is_wide, lookalike};
use super::lines::{begins_statement, is_header, key_path, line_of};
use super::scanner::{Broken, Scanner, unseen_fault};

/// What closes a value that stands in a list or an inline table.
const CLOSERS: [char; 3] = [',', ']', '}'];

/// How deep lists and tables may stand in each other.
const MAX_DEPTH: usize = 64;

/// Letters that a backslash makes something of.
const ESCAPES: &str = "btnfre\"\\";

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

    fn text(&mut self) -> Result<(), Broken> {
        let open = self.at;
        let quote = self.peek().unwrap_or('"');
        let triple = quote.to_string().repeat(3);
        let is_long = self.rest().starts_with(&triple);
        self.at += if is_long { 3 } else { 1 };
        loop {
            let rest = self.rest();
            if is_long && rest.starts_with(&triple) {
                // Up to two quotes may stand before the three that close it.
                let quotes = rest.len() - rest.trim_start_matches(quote).len();
                self.at += quotes.min(5);
                return Ok(());
            }
            match rest.chars().next() {
                Some(letter) if letter == quote && !is_long => {
                    self.at += 1;
                    self.last_text = open..self.at;
                    self.check_name(open + 1..self.at - 1);
                    return Ok(());
                }
                Some('\\') if quote == '"' => self.escape(is_long),
                None => return Err(self.no_end(open, &triple, is_long)),
                Some('\n') if !is_long => return Err(self.no_end(open, &triple, is_long)),
                Some(letter) => {
                    if letter == '\0'
                        || letter.is_control() && !matches!(letter, '\t' | '\r' | '\n')
                    {
                        self.control(letter);
                    }
                    self.at += letter.len_utf8();
                }
            }
        }
    }

    /// A character that no text holds: most often it has come there by a copy.
    fn control(&mut self, letter: char) {
        let span = self.at..self.at + letter.len_utf8();
        self.mended[span.clone()].fill(b' ');
        let name = invisible(letter).unwrap_or("a control character");
        let mut fault = unseen_fault(letter, name, span);
        fault.help = Some("delete it".to_owned());
        self.note(fault);
    }

    fn no_end(&self, open: usize, triple: &str, is_long: bool) -> Broken {
        let quote = &triple[..1];
        if is_long {
            let mut fault = self
                .broken(open..open + 3, "this text has no end")
                .help(format!("close it with `{triple}`"));
            // The text takes in everything: its first line is left out, and what comes behind is read.
            fault.until = Some(self.line_at(open).end);
            return fault;
        }
        let line = self.line_at(open);
        let written = self.source[open..line.end].trim_end();
        let last = written
            .trim_end_matches([',', '}', ']', ' '])
            .chars()
            .next_back();
        let odd = last.filter(|last| is_typographic_quote(*last) && written.len() > 1);
        let next = self.source.get(line.end + 1..).map_or("", line_of);
        let help = if let Some(odd) = odd {
            format!("it begins with `{quote}` and ends with `{odd}`: write `{quote}` there as well")
        } else if begins_statement(next) {
            format!("close it with `{quote}`")
        } else {
            format!(
                "close it with `{quote}` in its line; a text of several lines begins and ends with `{triple}`"
            )
        };
        self.broken(open..open + written.len(), "this text has no end")
            .help(help)
    }

    fn escape(&mut self, is_long: bool) {
        let rest = &self.rest()[1..];
        let letter = rest.chars().next();
        let digits = match letter {
            Some('x') => 2,
            Some('u') => 4,
            Some('U') => 8,
            Some(letter) if ESCAPES.contains(letter) => 0,
            // At the end of a line it takes the line end out of the text.
            Some(_) if is_long && self.line()[1..].trim_start().is_empty() => 0,
            _ => usize::MAX,
        };
        let is_digit = |byte: &u8| byte.is_ascii_hexdigit();
        let has_digits = || {
            let digits_there = rest.bytes().skip(1).take(digits);
            digits_there.filter(is_digit).count() == digits
        };
        if digits == 0 || digits <= 8 && has_digits() {
            self.at += 2;
            return;
        }
        let written: String = ['\\']
            .into_iter()
            .chain(letter.filter(|letter| !letter.is_control()))
            .collect();
        let span = self.at..self.at + written.len();
        let message = format!("`{written}` means nothing within double quotes");
        let help = "write a backslash as `\\\\`, or put the text in single quotes: '…'";
        self.mended[self.at] = b'/';
        self.note(Fault::new(span, message).help(help).mended());
        self.at += 1;
    }

    /// A text that would be a name, but for a letter that cannot be seen or is not what it looks like.
    fn check_name(&mut self, inner: Range<usize>) {
        let text = &self.source[inner.clone()];
        if text.is_ascii() || text.len() > 80 {
            return;
        }
        let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.@+:/".contains(letter);
        let odd = |letter: &char| invisible(*letter).is_some() || lookalike(*letter).is_some();
        let has_plain = text.chars().any(is_plain);
        if !has_plain || !text.chars().all(|letter| is_plain(letter) || odd(&letter)) {
            return;
        }
        let Some((at, letter)) = text.char_indices().find(|(_, letter)| odd(letter)) else {
            return;
        };
        let span = inner.start + at..inner.start + at + letter.len_utf8();
        let mut fault = match invisible(letter) {
            // A name may have a space by mistake, but so may a text of two words.
            Some(_) if is_wide(letter) => return,
            Some(name) => unseen_fault(letter, name, span.clone()),
            None => {
                let plain = lookalike(letter).unwrap_or(letter);
                let message = format!(
                    "the `{letter}` in `{text}` only looks like the letter `{plain}` (it is U+{:04X})",
                    u32::from(letter)
                );
                Fault::new(span.clone(), message)
                    .help("type it again")
                    .mended()
            }
        };
        fault.is_toml = true;
        if invisible(letter).is_some() {
            super::squeeze(&mut self.mended, span, inner.end + 1);
        }
        self.note(fault);
    }

    /// A text in the quotes of a word processor.
    fn typographic_text(&mut self, is_within: bool) -> Result<(), Broken> {
        let line = self.line();
        let open = self.at;
        let mut letters = line.char_indices().skip(1);
        let close = letters.find(|(at, letter)| {
            let after = line[at + letter.len_utf8()..].trim_start();
            (is_typographic_quote(*letter) || *letter == '"')
                && (after.is_empty() || after.starts_with(CLOSERS) || after.starts_with('#'))
        });
        let end = close.map_or(line.trim_end().len(), |(at, letter)| at + letter.len_utf8());
        let inner =
            line[..end].trim_matches(|letter| is_typographic_quote(letter) || letter == '"');
        let fault =
            Fault::new(open..open + end, "these quotes are typographic ones").help(format!(
                "write `\"{}\"`, with the quotes of a keyboard",
                shortened(inner)
            ));
        if close.is_none() && is_within || inner.contains(['"', '\\']) || inner.len() + 2 > end {
            return Err(fault);
        }
        let plain = format!("{:<width$}", format!("\"{inner}\""), width = 0);
        self.mended[open..open + end].fill(b' ');
        self.mended[open..open + plain.len()].copy_from_slice(plain.as_bytes());
        self.note(fault.mended());
        self.at += end;
        Ok(())
    }

    /// A word without quotes: a number, `true`, a date, or what was meant to be one or a text.
    fn word(&mut self, equals: Option<usize>) -> Result<(), Broken> {
        let line = self.line();
        let is_within = !self.is_statement(equals);
        let end = line
            .find(|letter: char| letter == '#' || is_within && CLOSERS.contains(&letter))
            .unwrap_or(line.len());
        let written = line[..end].trim_end_matches(|letter: char| letter.is_whitespace());
        let comment = written
            .find(" //")
            .map_or(written, |at| written[..at].trim_end());
        let word = if is_within {
            comment
        } else {
            comment.trim_end_matches([',', ';', ' '])
        };
        let start = self.at;
        if word.is_empty() {
            return Err(self.no_value(equals.unwrap_or(start)));
        }
        self.at += word.len();
        if is_value(word) {
            self.check_size(start..self.at, word);
            return Ok(());
        }
        if word.starts_with(['=', '>']) {
            return Err(self
                .broken(
                    start..start + 1,
                    format!("`{}` does not belong here", &word[..1]),
                )
                .help("a value stands behind a single `=`"));
        }
        let fault = Fault::new(start..self.at, word_message(word)).help(word_help(word));
        match equals.filter(|_| !word.contains(['"', '\\'])) {
            Some(equals) if self.quote(equals, start..self.at) => {
                self.note(fault.mended());
                Ok(())
            }
            _ => Err(fault),
        }
    }

    fn no_value(&self, equals: usize) -> Broken {
        let fault = self.broken(equals..equals + 1, "a value is missing behind `=`");
        let next = self
            .source
            .get(self.line_at(equals).end + 1..)
            .map_or("", line_of);
        if next.trim_start().starts_with("- ") {
            return fault.help("a list stands in brackets: `… = [\"…\", \"…\"]`");
        }
        fault.help("write one: `… = \"…\"`")
    }

    /// Whether the value behind this `=` is that of a statement, and not one in an inline table.
    fn is_statement(&self, equals: Option<usize>) -> bool {
        equals.is_some_and(|equals| {
            let before = &self.source[self.start..equals];
            key_path(before).is_some_and(|end| before[end..].trim().is_empty())
        })
    }

    /// Puts quotes around a word in the mended text, in the places of the spaces around the `=`; false without them.
    fn quote(&mut self, equals: usize, word: Range<usize>) -> bool {
        let is_small = matches!(
            self.source[word.clone()].to_lowercase().as_str(),
            "true" | "false"
        );
        if is_small {
            let small = self.source[word.clone()].to_lowercase();
            self.mended[word].copy_from_slice(small.as_bytes());
            return true;
        }
        let spaces = |range: Range<usize>| self.mended[range].iter().all(|byte| *byte == b' ');
        if equals == 0
            || equals + 1 >= word.start
            || !spaces(equals - 1..equals)
            || !spaces(equals + 1..word.start)
        {
            return false;
        }
        self.mended[equals - 1..word.start].fill(b' ');
        self.mended[equals - 1] = b'=';
        let text = self.source[word.clone()].as_bytes();
        self.mended[word.start - 2] = b'"';
        self.mended[word.start - 1..word.end - 1].copy_from_slice(text);
        self.mended[word.end - 1] = b'"';
        true
    }

    /// A whole number that no key can hold.
    fn check_size(&mut self, span: Range<usize>, word: &str) {
        let digits = word.trim_start_matches(['+', '-']).replace('_', "");
        if digits.bytes().all(|byte| byte.is_ascii_digit())
            && word.replace('_', "").parse::<i64>().is_err()
        {
            let mut fault = Fault::new(span, "this number is too large")
                .help("a telephone number or a code stands in quotes; any other number has at most 18 digits")
                .mended();
            fault.is_toml = true;
            self.note(fault);
        }
    }
}

fn word_message(word: &str) -> String {
    match word {
        "True" | "TRUE" | "False" | "FALSE" => {
            format!("`{word}` is written `{}`", word.to_lowercase())
        }
        _ if is_number_like(word) => {
            format!("`{}` is neither a number nor a text", shortened(word))
        }
        _ => "text must stand in quotes".to_owned(),
    }
}

fn is_number_like(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit() || letter == '+')
}

fn word_help(word: &str) -> String {
    let digits = word.replace([' ', '-', '/', '(', ')'], "");
    let is_telephone = digits.len() > 6
        && digits.starts_with(['+', '0'])
        && digits[1..].bytes().all(|byte| byte.is_ascii_digit());
    let text = if is_telephone {
        digits
    } else {
        word.replace(['"', '\\'], "")
    };
    let quoted = format!("\"{}\"", shortened(&text));
    match word.to_lowercase().as_str() {
        "true" | "false" => "in small letters, without quotes".to_owned(),
        "yes" | "on" | "no" | "off" => format!("write `{quoted}`; a switch is `true` or `false`"),
        "null" | "none" | "nil" => {
            format!("write `{quoted}`; or leave the key out if it has no value")
        }
        _ if is_number_like(word) => format!("a text stands in quotes: `{quoted}`"),
        _ => format!("write `{quoted}`"),
    }
}

/// A text that is short enough to be repeated.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn is_value(word: &str) -> bool {
    let is_number_like = word
        .chars()
        .all(|letter| letter.is_ascii_alphanumeric() || "+-_.: ".contains(letter));
    is_number_like && toml::de::DeTable::parse(&format!("x = {word}")).is_ok()
}

fn is_header_or_key(line: &str) -> bool {
    is_header(line) || key_path(line).is_some_and(|end| line[end..].trim_start().starts_with('='))
}
