//! TOML's own faults, in the words of somebody who writes flows, or calls that test them.
//!
//! A scanner (`scanner`, with `statement`, `key`, `values`, `text` and `word`) recognises what people write in place of
//! TOML: words without quotes, `:` for `=`, lists without an end. The parser's own words (`parser_errors`) are left for keys
//! and tables that stand there twice.

#![expect(
    clippy::result_large_err,
    reason = "a fault ends a statement: it is seldom, and moved once"
)]

mod key;
mod letters;
mod lines;
mod parser_errors;
mod scanner;
mod statement;
mod text;
mod values;
mod word;

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use toml::Spanned;
use toml::de::DeTable;

use super::code::Code;
use super::diag::{Diag, Explain, MOST, Place, nearest};
pub use letters::plain_name;
use scanner::Scanner;

/// Faults that are looked at.
const ENOUGH: usize = 10 * MOST;

/// Bytes that are read at once, whatever is in them.
const PIECE: usize = 64 * 1024;

/// What is not TOML, or not what it looks like.
#[derive(Debug)]
pub struct Fault {
    span: Range<usize>,
    /// The bytes in which nothing else is reported.
    region: Range<usize>,
    message: String,
    help: Option<String>,
    also: Option<(Range<usize>, String)>,
    /// Whether the text is read as it was meant all the same.
    is_mended: bool,
    /// Whether TOML itself lets it pass.
    is_toml: bool,
    /// Where the statement ends that is left out, if not with its line.
    until: Option<usize>,
    /// Whether a header was meant, so that what stands below belongs to no other table.
    is_header: bool,
    /// Places of other errors that have the same reason.
    reasons: Vec<usize>,
    /// The table that stands there again, or beside a value of its name.
    table: Option<String>,
}

impl Fault {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            region: span.clone(),
            span,
            message: message.into(),
            help: None,
            also: None,
            is_mended: false,
            is_toml: false,
            until: None,
            is_header: false,
            reasons: Vec::new(),
            table: None,
        }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    fn also(mut self, place: Range<usize>, label: &str) -> Self {
        self.also = Some((place, label.to_owned()));
        self
    }

    fn mended(mut self) -> Self {
        self.is_mended = true;
        self
    }

    fn within(mut self, region: Range<usize>) -> Self {
        self.region = region;
        self
    }
}

/// What whoever reads a file knows of it.
pub struct Dialect<'a> {
    /// Codes of faults that are reported although some line could not be read: they are wrong whatever stands there.
    pub sure: &'a [Code],
    /// The tables that a file may have.
    pub tables: &'a [&'a str],
    /// The tables that it may have several times, each with two brackets around its name.
    pub lists: &'a [&'a str],
}

/// Parses a text that is TOML and hides nothing behind look-alike letters. Nothing for any other text, and for one so large
/// that it has to be read in pieces.
pub fn sound(source: &str) -> Option<Spanned<DeTable<'_>>> {
    let is_short = source.len() <= PIECE;
    let is_old = || (0..source.len()).any(|at| is_old_end(source.as_bytes(), at));
    if !is_short || !is_plain(source) || is_old() {
        return None;
    }
    DeTable::parse(source).ok()
}

/// Finds TOML's faults, and gives the text in which they are mended or left out: as long as the source, place by place.
pub fn faults(source: &str) -> (Cow<'_, str>, Vec<Fault>) {
    let old_ends = old_line_ends(source);
    let text = if old_ends.is_some() {
        Cow::Owned(readable(&with_line_feeds(source)).into_owned())
    } else {
        readable(source)
    };
    let is_toml = DeTable::parse(&text).is_ok();
    if is_toml && is_plain(&text) {
        return (text, old_ends.into_iter().collect());
    }
    let mut scanner = Scanner::new(&text);
    scanner.read(ENOUGH);
    if is_toml {
        scanner.faults.retain(|fault| fault.is_toml);
    }
    let mut faults: Vec<Fault> = old_ends.into_iter().chain(scanner.faults).collect();
    let keys = scanner.keys;
    let mended = String::from_utf8(scanner.mended).unwrap_or_else(|_| text.to_string());
    let (_, errors) = DeTable::parse_recoverable(&mended);
    let left: Vec<(Range<usize>, String)> = errors
        .iter()
        .take(MOST)
        .map(|error| (error.span().unwrap_or(0..0), error.message().to_owned()))
        .filter(|(span, _)| {
            !faults
                .iter()
                .any(|fault| fault.region.contains(&span.start))
        })
        .collect();
    faults.extend(parser_errors::explained(source, &keys, &left));
    faults.sort_by_key(|fault| fault.span.start);
    (Cow::Owned(mended), faults)
}

/// Whether nothing in a text can be other than it looks, and no number is too large.
fn is_plain(text: &str) -> bool {
    let is_long = |digits: &[u8]| digits.len() > 18;
    text.is_ascii()
        && !text
            .as_bytes()
            .split(|byte| !byte.is_ascii_digit())
            .any(is_long)
}

/// Lines that end in carriage returns alone: to everybody else they are one line.
fn old_line_ends(source: &str) -> Option<Fault> {
    let at = (0..source.len()).find(|at| is_old_end(source.as_bytes(), *at))?;
    let message = "a line ends in a carriage return alone here, as on old Macs";
    let fault = Fault::new(at..at + 1, message).help("save the file with the line ends LF or CRLF");
    Some(fault.mended())
}

fn is_old_end(source: &[u8], at: usize) -> bool {
    source[at] == b'\r' && source.get(at + 1) != Some(&b'\n')
}

fn with_line_feeds(source: &str) -> String {
    let bytes = source.as_bytes();
    let letters = source.char_indices();
    letters
        .map(|(at, letter)| if is_old_end(bytes, at) { '\n' } else { letter })
        .collect()
}

/// The text up to where it has more faults than are looked at, and blanks from there on: the parser keeps each of them
/// with words of its own, and a large file that has nothing else would fill the memory.
fn readable(source: &str) -> Cow<'_, str> {
    let mut piece = PIECE;
    while piece < source.len() {
        let (read, rest) = source.split_at(line_of(source, piece).start);
        if DeTable::parse_recoverable(read).1.len() > ENOUGH {
            return Cow::Owned(format!("{read}{}", " ".repeat(rest.len())));
        }
        piece *= 2;
    }
    Cow::Borrowed(source)
}

/// What a faulty line is read as: nothing, or, of a header, one that no other table has, so that what stands below it
/// falls to no other table.
fn filler(line: &str, at: usize, is_header: bool) -> String {
    let name = format!("[x{at}]");
    let is_header = is_header || line.trim_start().starts_with('[');
    if is_header && name.len() <= line_of(line, 0).len() {
        let blank = " ".repeat(line.len() - name.len());
        name + &blank
    } else {
        " ".repeat(line.len())
    }
}

/// Takes bytes out of a text, and puts blanks in their place before a later byte.
fn squeeze(text: &mut [u8], cut: Range<usize>, to: usize) {
    if cut.end > to || to > text.len() {
        return;
    }
    let width = cut.len();
    text.copy_within(cut.end..to, cut.start);
    text[to - width..to].fill(b' ');
}

/// What is reported of a file that is not TOML: its own faults, and of those found by who read it all the same the ones
/// whose codes are sure, or all of them where everything could be read as it was meant.
pub fn tell(
    faults: Vec<Fault>,
    file: &Arc<str>,
    found: Vec<Diag>,
    dialect: &Dialect<'_>,
) -> Vec<Diag> {
    let is_mended = faults.iter().all(|fault| fault.is_mended);
    let is_free = |diag: &Diag| {
        diag.at.file != *file
            || !faults.iter().any(|fault| {
                fault.region.start <= diag.at.span.start && diag.at.span.start <= fault.region.end
            })
    };
    let is_sure =
        |diag: &Diag| is_mended || dialect.sure.contains(&diag.code) && !diag.at.span.is_empty();
    let mut left: Vec<Diag> = found
        .into_iter()
        .filter(|diag| is_sure(diag) && is_free(diag))
        .collect();
    let mut told: Vec<Diag> = faults
        .into_iter()
        .map(|fault| diag(fault, file, dialect))
        .collect();
    told.append(&mut left);
    told
}

fn diag(fault: Fault, file: &Arc<str>, dialect: &Dialect<'_>) -> Diag {
    let place = |span: Range<usize>| Place {
        file: file.clone(),
        span,
    };
    let mut diag = Diag::new(Code::TomlSyntax, place(fault.span), fault.message);
    diag.help = fault.help;
    if let Some((span, label)) = fault.also {
        diag = diag.also(place(span), label);
    }
    let other = |name: &String| {
        let is_known = dialect.tables.contains(&name.as_str());
        let others = dialect.tables.iter().copied().filter(|_| !is_known);
        nearest(name, others)
    };
    if let Some(name) = fault
        .table
        .as_ref()
        .filter(|name| dialect.lists.contains(&name.as_str()))
    {
        return diag.help(format!(
            "each has a header of its own, with two brackets: `[[{name}]]`"
        ));
    }
    match fault.table.as_ref().and_then(other) {
        Some(table) => diag.help(format!("did you mean `[{table}]`?")),
        None => diag,
    }
}

/// The bytes of the line that a byte is on.
fn line_of(source: &str, at: usize) -> Range<usize> {
    let at = at.min(source.len());
    let start = source.as_bytes()[..at]
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |end| end + 1);
    let end = source.as_bytes()[at..]
        .iter()
        .position(|byte| *byte == b'\n')
        .map_or(source.len(), |end| at + end);
    start..end
}

#[cfg(test)]
mod tests {
    use super::{DeTable, ENOUGH, readable};

    #[test]
    fn a_text_of_nothing_but_faults_is_read_as_far_as_enough_of_them() {
        for line in ["=\n", "a = \n", "]\n", "a b\n", "\"\n"] {
            let source = line.repeat(100_000);
            let text = readable(&source);
            assert_eq!(text.len(), source.len());
            let found = DeTable::parse_recoverable(&text).1.len();
            assert!(found > ENOUGH && found < 100_000, "{line:?}: {found}");
        }
        let sound = "a = [\n  1,\n]\n".to_owned() + &"# a line that says nothing\n".repeat(10_000);
        assert_eq!(readable(&sound), sound);
    }
}
