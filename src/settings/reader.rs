//! The faults of settings, gathered as they are read, each with where it was set.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::fault::Fault;
use super::source::SourceText;
use crate::telemetry::plain;
use crate::written::diag::{Diag, Place};
use crate::written::{Code, Explain, Faults, Table, masked};

/// A key and its value, as they stand in a source.
pub(super) struct Node {
    /// The key with the tables around it: `server.listen`.
    pub(super) path: String,
    /// Which source, by its number.
    pub(super) source: usize,
    /// The bytes of the key in it.
    pub(super) key: Range<usize>,
    /// The bytes of the value in it.
    pub(super) value: Range<usize>,
    /// Whether the value is never shown.
    pub(super) is_secret: bool,
    /// Whether it is a table, whose keys are nodes of their own.
    pub(super) is_table: bool,
    /// The file that the value was read from, where the source only names it.
    pub(super) file: Option<String>,
}

/// The faults, and the places that they speak of. Settings of many sources are read as one table, so the span of a key or a
/// value there is the number of its node: see [`Reader::key_span`] and [`Reader::value_span`].
pub(super) struct Reader<'s> {
    pub(super) sources: &'s [SourceText],
    pub(super) nodes: Vec<Node>,
    /// The nodes that hold after merging, by their paths.
    pub(super) holding: HashMap<String, usize>,
    /// What is wrong.
    diags: Vec<Diag>,
    /// What is noted of the settings as a whole.
    pub(super) faults: Vec<Fault>,
    pub(super) warnings: Vec<Fault>,
}

impl<'s> Reader<'s> {
    pub(super) fn new(
        sources: &'s [SourceText],
        (faults, warnings): (Vec<Fault>, Vec<Fault>),
    ) -> Self {
        Self {
            sources,
            nodes: Vec::new(),
            holding: HashMap::new(),
            diags: Vec::new(),
            faults,
            warnings,
        }
    }

    /// Adds a node; its number.
    pub(super) fn add(&mut self, node: Node) -> usize {
        self.nodes.push(node);
        self.nodes.len() - 1
    }

    /// What stands for a node's key.
    pub(super) fn key_span(node: usize) -> Range<usize> {
        2 * node..2 * node + 1
    }

    /// What stands for a node's value.
    pub(super) fn value_span(node: usize) -> Range<usize> {
        2 * node + 1..2 * node + 2
    }

    /// The path of a table.
    pub(super) fn path(&self, table: &Table<'_>) -> &str {
        &self.nodes[table.span().start / 2].path
    }

    /// Whether nothing wrong has been found so far.
    pub(super) fn is_right(&self) -> bool {
        self.faults.is_empty() && self.diags.is_empty()
    }

    /// A fault or warning of a setting by its path, be it set or not.
    pub(super) fn about(
        &self,
        path: &str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Fault {
        let node = self.holding.get(path).map(|node| &self.nodes[*node]);
        Fault {
            key: path.to_owned(),
            origin: node.map(|node| self.origin(node)).unwrap_or_default(),
            message: message.into(),
            help: help.into(),
            excerpt: String::new(),
        }
    }

    /// Everything that is wrong: what was noted while reading comes after what kept sources from being read.
    pub(super) fn into_faults(mut self) -> Vec<Fault> {
        let mut faults = std::mem::take(&mut self.faults);
        faults.extend(self.diags.iter().map(|diag| self.settle(diag)));
        faults
    }

    fn settle(&self, diag: &Diag) -> Fault {
        let at = diag.at.span.start;
        let node = &self.nodes[at / 2];
        Fault {
            key: node.path.clone(),
            origin: self.origin(node),
            message: plain(&diag.message).into_owned(),
            help: plain(diag.help.as_deref().unwrap_or_default()).into_owned(),
            excerpt: self.excerpt(node, at.is_multiple_of(2)),
        }
    }

    /// A variable, or a file and line; and the file that it names.
    fn origin(&self, node: &Node) -> String {
        let source = &self.sources[node.source];
        let origin = if source.is_variable {
            source.name.clone()
        } else {
            format!("{}:{}", source.name, source.line(node.key.start))
        };
        match &node.file {
            Some(file) => format!("{origin}, {file}"),
            None => origin,
        }
    }

    /// The line of a key or value with a caret below it, and `…` for all other values of the line, which may be secrets.
    fn excerpt(&self, node: &Node, is_key: bool) -> String {
        let source = &self.sources[node.source];
        let span = if is_key { &node.key } else { &node.value };
        let is_shown = if is_key {
            !source.is_variable
        } else {
            !node.is_secret && !node.is_table && node.file.is_none()
        };
        if !is_shown || span.is_empty() {
            return String::new();
        }
        let start = source.text[..span.start].rfind('\n').map_or(0, |at| at + 1);
        let end = source.text[span.start..]
            .find('\n')
            .map_or(source.text.len(), |at| span.start + at);
        let (before, meant, after) = self.pieces(node, start..end, span);
        let number = if source.is_variable {
            String::new()
        } else {
            format!("{} ", source.line(span.start))
        };
        let margin = " ".repeat(number.len());
        let gap = " ".repeat(before.chars().count());
        let carets = "^".repeat(meant.chars().count().max(1));
        format!("{number}| {before}{meant}{after}\n{margin}| {gap}{carets}")
    }

    /// What stands before, at and behind the bytes that are meant, within a line.
    fn pieces(
        &self,
        node: &Node,
        line: Range<usize>,
        span: &Range<usize>,
    ) -> (String, String, String) {
        let text = &self.sources[node.source].text;
        let others = self.nodes.iter().filter(|other| {
            other.source == node.source
                && !other.is_table
                && other.value.start < line.end
                && other.value.end > line.start
                && (other.value.end <= span.start || other.value.start >= span.end)
        });
        let mut hidden: Vec<Range<usize>> = others.map(|other| other.value.clone()).collect();
        hidden.sort_by_key(|range| range.start);
        let (mut before, mut after) = (String::new(), String::new());
        let mut at = line.start;
        for range in hidden.iter().filter(|range| range.end <= span.start) {
            if range.start >= at {
                before.push_str(&text[at..range.start]);
                before.push('…');
            }
            at = at.max(range.end);
        }
        before.push_str(&text[at.min(span.start)..span.start]);
        at = span.end.min(line.end);
        for range in hidden.iter().filter(|range| range.start >= span.end) {
            if range.start >= at {
                after.push_str(&text[at..range.start]);
                after.push('…');
            }
            at = at.max(range.end);
        }
        let meant = masked(&text[span.start..span.end.min(line.end)]);
        (
            plain(before.trim_start()).into_owned(),
            plain(&meant).into_owned(),
            plain(&after).into_owned(),
        )
    }
}

impl Faults for Reader<'_> {
    fn fault(&mut self, code: Code, span: Range<usize>, message: String) -> &mut Diag {
        let file = Arc::from("");
        self.diags
            .push(Diag::new(code, Place { file, span }, message));
        self.diags.last_mut().expect("one was pushed")
    }
}

/// Notes a fault whose way out is known.
pub(super) fn note(
    reader: &mut Reader<'_>,
    (code, span): (Code, Range<usize>),
    message: impl Into<String>,
    help: &str,
) {
    let diag = reader.fault(code, span, message.into());
    if !help.is_empty() {
        diag.help(help);
    }
}
