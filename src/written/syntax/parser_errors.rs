//! What the parser finds wrong that is right line by line: keys and tables that stand there twice.

use std::ops::Range;

use super::Fault;
use super::lines::{is_header, line_of, plain_path};

/// Puts the parser's errors into words, each that has one reason once.
pub(super) fn explained(
    source: &str,
    keys: &[(String, Range<usize>)],
    errors: &[(Range<usize>, String)],
) -> Vec<Fault> {
    let mut faults: Vec<Fault> = Vec::new();
    for (span, message) in errors {
        let known = |fault: &Fault| {
            fault.region.contains(&span.start) || fault.reasons.contains(&span.start)
        };
        if faults.iter().any(known) {
            continue;
        }
        let line = super::line_of(source, span.start);
        let fault = if message.contains("duplicate key") || message.contains("cannot extend") {
            twice(source, keys, span, errors)
        } else {
            Fault::new(
                span.clone(),
                message.lines().next().unwrap_or("this is not TOML"),
            )
            .within(line)
        };
        faults.push(fault);
    }
    faults
}

/// Whether the value of a key is a list.
fn is_list(source: &str, key: &Range<usize>) -> bool {
    line_of(&source[key.end..])
        .trim_start_matches([' ', '\t', '='])
        .starts_with('[')
}

/// The places of errors at keys that stand below a list, by the list's key.
fn below_the_list(
    root: &str,
    keys: &[(String, Range<usize>)],
    errors: &[(Range<usize>, String)],
) -> Vec<usize> {
    let is_below = |at: &usize| {
        keys.iter()
            .any(|(other, key)| key.contains(at) && other.starts_with(root))
    };
    errors
        .iter()
        .map(|(span, _)| span.start)
        .filter(is_below)
        .collect()
}

/// A key that has a value already, or a table below a value.
fn twice(
    source: &str,
    keys: &[(String, Range<usize>)],
    span: &Range<usize>,
    errors: &[(Range<usize>, String)],
) -> Fault {
    let line = super::line_of(source, span.start);
    let text = &source[line.clone()];
    if is_header(text) {
        return table_twice(source, keys, span, errors);
    }
    let written = source
        .get(line.start..span.end)
        .unwrap_or_default()
        .trim_start();
    let own = keys
        .iter()
        .find(|(_, key)| key.start <= span.start && span.end <= key.end);
    // In an inline table the key is alone.
    let Some((path, key)) = own else {
        let key = source.get(span.clone()).unwrap_or_default();
        return Fault::new(span.clone(), format!("`{key}` has a value already"))
            .help("a key has one value: leave one of them out")
            .within(line);
    };
    let rest = plain_path(&source[span.end..key.end]);
    let root = path
        .strip_suffix(rest.as_str())
        .unwrap_or(path)
        .trim_end_matches('.');
    let first = keys
        .iter()
        .find(|(other, place)| other == root && place.start < key.start);
    let below = source[span.end..key.end].trim();
    if below.is_empty() {
        let fault = Fault::new(span.clone(), format!("`{written}` has a value already"));
        return also_first(
            fault.help("a key has one value: leave one of them out"),
            first,
        )
        .within(line);
    }
    if let Some((_, place)) = first
        && is_list(source, place)
    {
        let message = format!("`{written}` is a list here, and a table below");
        let mut fault = Fault::new(place.clone(), message)
            .help(format!(
                "write each of its keys in a line of its own, as below: `{written}{below} = …`"
            ))
            .also(span.start..key.end, "here it is a table")
            .within(super::line_of(source, place.start));
        fault.reasons = below_the_list(root, keys, errors);
        return fault;
    }
    let help = format!(
        "put both into one table: `{written} = {{ next = \"…\", set = … }}` instead of `{written} = …` and `{written}{below} = …`"
    );
    let fault = Fault::new(
        span.clone(),
        format!("`{written}` has a value already, so nothing can be put below it"),
    );
    also_first(fault.help(help), first).within(line)
}

/// A header whose table stands there already, with all that stands below it.
fn table_twice(
    source: &str,
    keys: &[(String, Range<usize>)],
    span: &Range<usize>,
    errors: &[(Range<usize>, String)],
) -> Fault {
    let line = super::line_of(source, span.start);
    let header = source[line.clone()].trim();
    let end = source[line.end..]
        .find("\n[")
        .map_or(source.len(), |next| line.end + next);
    let name = plain_path(header_name(header));
    let value = keys
        .iter()
        .find(|(path, place)| *path == name && place.start < line.start);
    if value.is_some() {
        let message = format!("`{name}` has a value already, so it cannot be a table");
        let fault = Fault::new(span.clone(), message)
            .help("name this table differently, or leave the value out");
        let mut fault = also_first(fault, value).within(line.start..end);
        fault.table = Some(name);
        return fault;
    }
    let mut fault = Fault::new(span.clone(), "this table stands here twice")
        .help("put the keys of both below one header, or name one of them differently");
    let before = source[..line.start]
        .split_inclusive('\n')
        .scan(0, |at, line| {
            *at += line.len();
            Some((*at - line.len(), line))
        });
    let is_same =
        |line: &str| line.trim_start().starts_with('[') && plain_path(header_name(line)) == name;
    if let Some((at, first)) = before.into_iter().find(|(_, line)| is_same(line)) {
        fault = fault.also(at..at + first.trim_end().len(), "it stands here first");
    }
    let again = |(place, _): &(Range<usize>, String)| {
        (source[super::line_of(source, place.start)].trim() == header).then_some(place.start)
    };
    fault.reasons = errors.iter().filter_map(again).collect();
    fault.table = Some(name);
    fault.within(line.start..end)
}

/// What stands in the brackets of a header.
fn header_name(header: &str) -> &str {
    let inner = header.trim().trim_start_matches('[');
    inner.split(']').next().unwrap_or_default()
}

fn also_first(fault: Fault, first: Option<&(String, Range<usize>)>) -> Fault {
    match first {
        Some((_, place)) => fault.also(place.clone(), "it has one here"),
        None => fault,
    }
}
