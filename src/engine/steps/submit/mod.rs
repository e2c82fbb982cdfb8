//! `submit`: hands what was answered to a backend. It never waits for the backend.

mod keys;

use std::ops::Range;

use super::super::edge::{By, Edge};
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::Checker;
use super::super::step::{Outside, Step};
use super::super::submission::Submission;
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
    way: Way,
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let way = Way::parse(table, check, "this step");
    let (to, partial) = match item.value.as_table() {
        None => (Some(item), false),
        Some(_) => {
            let long = item.table(check, "`submit` must be a backend, or `{ to, partial }`")?;
            let to = long.get(keys::TO.name);
            let partial = keys::PARTIAL.read(&long, check);
            long.finish(check, "`submit`");
            (to, partial)
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
    Some(Box::new(Submit {
        backend: backend.to_owned(),
        at: to.span(),
        partial,
        way: way?,
    }))
}

impl Submit {
    /// The first promised answer that a full submission lacks.
    fn lacks(&self, moment: &Moment<'_>) -> Option<String> {
        let answers = moment.flow.answers.iter().enumerate();
        let mut unset = answers.filter(|(slot, answer)| {
            !answer.optional
                && u16::try_from(*slot).is_ok_and(|slot| moment.call.value(slot).is_none())
        });
        unset.next().map(|(_, answer)| answer.name.clone())
    }
}

impl Step for Submit {
    fn edges(&self) -> Vec<Edge> {
        vec![self.way.edge("next", By::Itself)]
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.forbid_back();
        let has_full = moment.call.submitted.contains(&self.backend);
        if !self.partial {
            if let Some(name) = self.lacks(moment) {
                return Err(Fault::Unset(name));
            }
            if !has_full {
                moment.call.submitted.push(self.backend.clone());
            }
        }
        if !self.partial || !has_full {
            let step = &moment.flow.step(moment.step).name;
            let submission =
                Submission::new(moment.flow, moment.call, &self.backend, step, self.partial);
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
        })
    }
}
