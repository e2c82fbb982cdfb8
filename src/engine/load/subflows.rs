//! The flows that a flow goes through, and those that these go through: found before anything is read, since all of them are
//! read as one flow.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::super::bundle::{Bundle, FlowFile};
use super::super::keys::top::STEPS;
use super::super::read::{FlowPart, Here, Impassable};
use super::super::steps;
use crate::written::diag::nearest;
use crate::written::{Code, MAX_SOURCE};

/// How many flows a call can be in beside the one that it came to.
const MAX_DEPTH: usize = 8;
/// The most flows that are gone through, each counted at every step that goes through it.
const MAX_FLOWS: usize = 100;
/// The most bytes of their files together.
const MAX_BYTES: usize = 4 * MAX_SOURCE;

/// The flows that a flow goes through, each behind the one that goes through it.
#[derive(Debug, Default)]
pub(super) struct Subflows<'b> {
    /// They.
    pub all: Vec<Part<'b>>,
    /// Which of them a step goes through, by where that is written, from 1; or why it cannot.
    pub through: HashMap<usize, Result<usize, Impassable>>,
}

/// A flow at the step that goes through it.
#[derive(Debug)]
pub(super) struct Part<'b> {
    /// Its name.
    pub flow: &'b str,
    /// Its file.
    pub file: FlowPart<'b>,
    /// What stands before its names.
    pub prefix: String,
    /// The flow that goes through it, from 1; 0 is the one that is loaded.
    pub outer: usize,
    /// The step of that flow.
    pub step: String,
    /// Where the step names this one.
    at: usize,
    /// What is written in the file, each place counted from where the file begins among the bytes of all.
    pub document: DeTable<'b>,
}

/// What is known of the flows of a folder, so that each is looked at once.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The flows that each goes through.
    calls: RefCell<BTreeMap<String, Vec<String>>>,
    /// Whether each loads.
    loads: RefCell<BTreeMap<String, bool>>,
}

/// A step that goes through a flow.
struct Passage<'d> {
    /// The step.
    step: &'d str,
    /// The flow's name.
    flow: &'d str,
    /// Where that begins.
    at: usize,
}

impl<'b> Subflows<'b> {
    /// Finds them. `loads` says whether a flow loads by itself.
    pub(super) fn of(
        document: &DeTable<'_>,
        bundle: &'b Bundle,
        known: &Known,
        loads: &dyn Fn(&Bundle) -> bool,
    ) -> Self {
        let mut found = Self::default();
        found.look_into(document, (0, 0), bundle, known, loads);
        let mut next = 0;
        while next < found.all.len() {
            let document = std::mem::take(&mut found.all[next].document);
            let depth = found.depth(next + 1);
            found.look_into(&document, (next + 1, depth), bundle, known, loads);
            found.all[next].document = document;
            next += 1;
        }
        found
    }

    /// How many flows a call is in there beside the one that it came to.
    fn depth(&self, mut at: usize) -> usize {
        let mut depth = 0;
        while at > 0 {
            depth += 1;
            at = self.all[at - 1].outer;
        }
        depth
    }

    /// Where the flow that is loaded names the one that leads there; nothing for itself.
    fn outermost(&self, mut at: usize) -> Option<usize> {
        let mut named = None;
        while at > 0 {
            let part = &self.all[at - 1];
            (named, at) = (Some(part.at), part.outer);
        }
        named
    }

    fn look_into(
        &mut self,
        document: &DeTable<'_>,
        (outer, depth): (usize, usize),
        bundle: &'b Bundle,
        known: &Known,
        loads: &dyn Fn(&Bundle) -> bool,
    ) {
        for passage in passages(document) {
            let part = match find(&passage, bundle, known, loads) {
                Ok(_) if depth >= MAX_DEPTH => Err(too_deep(passage.flow)),
                Ok((flow, file)) => self.add(&passage, (flow, file), (outer, bundle)),
                Err(refusal) => Err(refusal),
            };
            if let (Some(outermost), Err(refusal)) = (self.outermost(outer), &part) {
                // Of itself the inner flow is right: what goes through all of them is not.
                self.through.insert(outermost, Err(refusal.clone()));
            }
            self.through.insert(passage.at, part);
        }
    }

    /// Adds a flow; its place, from 1.
    fn add(
        &mut self,
        passage: &Passage<'_>,
        (flow, file): (&'b str, &'b FlowFile),
        (outer, bundle): (usize, &Bundle),
    ) -> Result<usize, Impassable> {
        let last = self.all.last().map(|last| &last.file);
        let begins = last.map_or(bundle.source.len(), |last| last.begins + last.source.len()) + 1;
        if self.all.len() >= MAX_FLOWS || begins + file.source.len() > MAX_BYTES {
            return Err(too_many());
        }
        let before = outer.checked_sub(1).map(|at| self.all[at].prefix.as_str());
        let prefix = format!("{}{}/", before.unwrap_or_default(), passage.step);
        let (document, _) = DeTable::parse_recoverable(&file.source);
        self.all.push(Part {
            flow,
            file: FlowPart {
                begins,
                file: Arc::clone(&file.file),
                source: &file.source,
            },
            prefix,
            outer,
            step: passage.step.to_owned(),
            at: passage.at,
            document: moved(document.into_inner(), begins),
        });
        Ok(self.all.len())
    }

    /// What the reader of the flow must know of them.
    pub(super) fn parts<'c>(&self) -> impl Iterator<Item = (FlowPart<'b>, Here<'c>)> {
        self.all.iter().map(|part| {
            let here = Here {
                flow: part.flow.to_owned(),
                prefix: part.prefix.clone(),
                outer: part.outer,
                ..Here::default()
            };
            (part.file.clone(), here)
        })
    }

    /// Whether a file is one of theirs.
    pub(super) fn has_file(&self, file: &Arc<str>) -> bool {
        self.all.iter().any(|part| part.file.file == *file)
    }

    /// Those that the flow goes through, each once.
    pub(super) fn names(&self) -> HashSet<&str> {
        self.all.iter().map(|part| part.flow).collect()
    }
}

/// The flow of that name, if it can be gone through.
fn find<'b>(
    passage: &Passage<'_>,
    bundle: &'b Bundle,
    known: &Known,
    loads: &dyn Fn(&Bundle) -> bool,
) -> Result<(&'b str, &'b FlowFile), Impassable> {
    let flow = passage.flow;
    let Some((name, file)) = bundle.flows.get_key_value(flow) else {
        return Err(unknown(flow, bundle));
    };
    if let Some(chain) = known.chain(name, &bundle.name, bundle) {
        return Err(circle(&bundle.name, &chain));
    }
    let is_sound = known.loads.borrow().get(name).copied();
    let is_sound = is_sound.unwrap_or_else(|| {
        let alone = Bundle {
            name: name.clone(),
            file: Arc::clone(&file.file),
            source: file.source.to_string(),
            ..bundle.clone()
        };
        loads(&alone)
    });
    known.loads.borrow_mut().insert(name.clone(), is_sound);
    if is_sound {
        Ok((name, file))
    } else {
        Err(faulty(name, file))
    }
}

impl Known {
    /// The flows from one to another, the first and the last included; nothing where none leads there.
    fn chain(&self, from: &str, to: &str, bundle: &Bundle) -> Option<Vec<String>> {
        let mut before: BTreeMap<String, Option<String>> = BTreeMap::new();
        let mut open = vec![(from.to_owned(), None)];
        while let Some((name, by)) = open.pop() {
            if before.contains_key(&name) {
                continue;
            }
            before.insert(name.clone(), by);
            if name == to {
                let mut chain = vec![name];
                while let Some(Some(by)) = chain.last().and_then(|last| before.get(last)) {
                    chain.push(by.clone());
                }
                chain.reverse();
                return Some(chain);
            }
            let calls = self.calls(&name, bundle);
            open.extend(calls.into_iter().map(|next| (next, Some(name.clone()))));
        }
        None
    }

    /// The flows that a flow goes through itself.
    fn calls(&self, name: &str, bundle: &Bundle) -> Vec<String> {
        if let Some(calls) = self.calls.borrow().get(name) {
            return calls.clone();
        }
        let calls = bundle.flows.get(name);
        let calls = calls.map(|file| goes_through(&file.source));
        let calls = calls.unwrap_or_default();
        self.calls
            .borrow_mut()
            .insert(name.to_owned(), calls.clone());
        calls
    }
}

/// The flows that a file goes through, in the order of its steps.
pub fn goes_through(source: &str) -> Vec<String> {
    let (document, _) = DeTable::parse_recoverable(source);
    let all = passages(document.get_ref());
    all.into_iter()
        .map(|passage| passage.flow.to_owned())
        .collect()
}

/// The steps of a file that go through a flow.
fn passages<'d>(document: &'d DeTable<'_>) -> Vec<Passage<'d>> {
    let written = document.get(STEPS.name);
    let written = written.and_then(|steps| steps.get_ref().as_table());
    let passage = |(name, step): (&'d Spanned<_>, &'d Spanned<DeValue<'_>>)| {
        let (flow, at) = steps::goes_through(step.get_ref().as_table()?)?;
        let name: &toml::de::DeString<'_> = name.get_ref();
        Some(Passage {
            step: name.as_ref(),
            flow,
            at,
        })
    };
    written.into_iter().flatten().filter_map(passage).collect()
}

fn unknown(flow: &str, bundle: &Bundle) -> Impassable {
    let known = bundle.flows.keys().map(String::as_str);
    let known = known.filter(|known| *known != bundle.name);
    let help = match nearest(flow, known) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "a flow is named by its path below the folder of the flows: `{flow}` is the file `{flow}.toml` there"
        ),
    };
    Impassable {
        code: Code::SubflowUnknown,
        message: format!("no flow is named `{flow}`"),
        help,
    }
}

fn circle(own: &str, chain: &[String]) -> Impassable {
    let chain: Vec<String> = std::iter::once(own)
        .chain(chain.iter().map(String::as_str))
        .map(|name| format!("`{name}`"))
        .collect();
    let message = if chain.len() == 2 {
        "this flow goes through itself, and would never come to an end".to_owned()
    } else {
        format!(
            "these flows go through each other, and would never come to an end: {}",
            chain.join(", ")
        )
    };
    Impassable {
        code: Code::SubflowCircle,
        message,
        help: "within one flow lead `next` to a step that was there before; what both need can be a flow of its own"
            .to_owned(),
    }
}

fn too_deep(flow: &str) -> Impassable {
    Impassable {
        code: Code::SubflowTooDeep,
        message: format!("`{flow}` would be the ninth flow within another"),
        help: format!("at most {MAX_DEPTH}: go through it from a flow further out"),
    }
}

fn too_many() -> Impassable {
    Impassable {
        code: Code::SubflowTooDeep,
        message: "this flow goes through too many others".to_owned(),
        help: format!(
            "at most {MAX_FLOWS}, with {MAX_BYTES} bytes together; one counts at every step that goes through it: lead \
             several ways to one such step"
        ),
    }
}

fn faulty(name: &str, file: &FlowFile) -> Impassable {
    Impassable {
        code: Code::SubflowFaulty,
        message: format!("the flow `{name}` has faults of its own"),
        help: format!("mend `{}`", file.file),
    }
}

/// The same, with every place so many bytes later.
fn moved<'a>(table: DeTable<'a>, by: usize) -> DeTable<'a> {
    let entry = |(key, value): (Spanned<_>, Spanned<DeValue<'a>>)| {
        let at = later(key.span(), by);
        (Spanned::new(at, key.into_inner()), moved_value(value, by))
    };
    table.into_iter().map(entry).collect()
}

fn moved_value(value: Spanned<DeValue<'_>>, by: usize) -> Spanned<DeValue<'_>> {
    let at = later(value.span(), by);
    let value = match value.into_inner() {
        DeValue::Table(table) => DeValue::Table(moved(table, by)),
        DeValue::Array(list) => {
            let entries = list.into_iter().map(|entry| moved_value(entry, by));
            DeValue::Array(entries.collect())
        }
        other => other,
    };
    Spanned::new(at, value)
}

fn later(span: std::ops::Range<usize>, by: usize) -> std::ops::Range<usize> {
    span.start + by..span.end + by
}
