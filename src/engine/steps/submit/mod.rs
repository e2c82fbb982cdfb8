//! `submit`: hands what was answered to a backend. It never waits for the backend.

mod keys;

use std::collections::BTreeSet;
use std::ops::Range;

use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::ids::Slot;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::{Outside, Step};
use super::super::submission::Submission;
use super::super::value::Value;
use super::super::way::Way;
use super::kind::Kind;
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "submit",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Submit {
    backend: String,
    at: Range<usize>,
    partial: bool,
    /// The answers that it sends, in the order of the flow.
    answers: Vec<Slot>,
    way: Way,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let way = Way::parse(table, check, "this step");
    let (to, answers, partial) = match item.as_table() {
        None => (Some(item), all(check), false),
        Some(long) => {
            let to = long.get(keys::TO.name);
            let chosen = long.get(keys::ANSWERS.name);
            let answers = match chosen {
                Some(names) => chosen_answers(names, check),
                None => all(check),
            };
            let partial = keys::PARTIAL.read(&long, check);
            long.finish(check, "`submit`");
            (to, answers, partial)
        }
    };
    let Some(to) = to else {
        check
            .fault(
                Code::BackendMissing,
                item.span(),
                "`submit` names no backend",
            )
            .help("write `submit = { to = \"…\", partial = true }`");
        return None;
    };
    Some(Box::new(Submit {
        backend: backend(to, check)?,
        at: to.span(),
        partial,
        answers,
        way: way?,
    }))
}

/// Every answer of the flow. What is sent in the entries of a list is not sent by itself.
fn all(check: &Checker) -> Vec<Slot> {
    let all = check.submitted().into_iter();
    all.filter(|slot| check.list_of(*slot).is_none()).collect()
}

/// The answers of a list of names.
fn chosen_answers(item: Item<'_>, check: &mut Checker) -> Vec<Slot> {
    let names = item.texts(check, "`answers` must be a list of names of answers");
    let mut slots = BTreeSet::new();
    for (name, span) in names {
        let Some(slot) = check.promised_slot(name, span.clone()) else {
            continue;
        };
        if let Some(list) = check.list_of(slot).map(str::to_owned) {
            let message = format!("`{name}` is sent in the entries of `{list}` only");
            check
                .fault(Code::ListMisused, span, message)
                .help(format!("send the list: `answers = [\"{list}\"]`"));
        }
        slots.insert(slot);
    }
    slots.into_iter().collect()
}

/// The backend's name.
fn backend(to: Item<'_>, check: &mut Checker) -> Option<String> {
    let backend = to.text(check, "`submit` must be the name of a backend")?;
    let legal = backend.starts_with(|c: char| c.is_ascii_lowercase())
        && backend
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if !legal {
        check
            .fault(
                Code::BackendName,
                to.span(),
                format!("`{backend}` cannot name a backend"),
            )
            .help("small letters, digits and `_`, a letter first");
        return None;
    }
    Some(backend.to_owned())
}

impl Submit {
    /// What a complete submission lacks first: an answer, or entries of a list.
    fn lacks(&self, moment: &Moment<'_>) -> Option<Fault> {
        self.answers.iter().find_map(|slot| {
            let answer = moment.flow.answer(*slot)?;
            let (name, value) = (answer.name.clone(), moment.call.value(*slot));
            if value.is_none() && answer.optional {
                return None;
            }
            let Some((needs, _)) = answer.count() else {
                return value.is_none().then_some(Fault::Unset(name));
            };
            let has = value.map_or(0, Value::entries);
            (has < needs).then(|| Fault::ListShort {
                name,
                has: u16::try_from(has).unwrap_or(u16::MAX),
                needs: u16::try_from(needs).unwrap_or(u16::MAX),
            })
        })
    }

    /// What is set of the answers that it sends.
    fn set(&self, moment: &Moment<'_>) -> Vec<(Slot, Value)> {
        let value = |slot: &Slot| Some((*slot, moment.call.value(*slot)?.clone()));
        self.answers.iter().filter_map(value).collect()
    }
}

impl Step for Submit {
    fn edges(&self) -> Vec<Edge> {
        self.way.edges("next", &By::Itself)
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        if !self.partial
            && let Some(fault) = self.lacks(moment)
        {
            return Err(fault);
        }
        let answers = self.set(moment);
        // Where the author has put the step, it is meant. `[on] hangup` is every caller's, whatever was submitted before.
        let is_old =
            self.partial && moment.has_left() && moment.call.has_submitted(&self.backend, &answers);
        if !is_old {
            moment.call.note_submitted(&self.backend, &answers);
            let submission = Submission {
                backend: self.backend.clone(),
                step: moment.flow.step(moment.step).name.clone(),
                partial: self.partial,
                answers,
            };
            // A flow that goes in a circle within one turn says the same again: the backend hears it once.
            if !moment.submissions.contains(&submission) {
                moment.submissions.push(submission);
            }
        }
        moment.take("next", &self.way)
    }

    fn needs_caller(&self) -> bool {
        false
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(Outside::Submits {
            backend: &self.backend,
            at: self.at.clone(),
            full: !self.partial,
            answers: &self.answers,
        })
    }
}
