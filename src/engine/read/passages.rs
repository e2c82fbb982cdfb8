//! Reading several files as one flow: which is being read, and whose names are whose.

use std::collections::HashMap;
use std::ops::Range;

use super::super::ids::Slot;
use super::Checker;
use super::here::{FlowPart, Here, Impassable};

impl<'a> Checker<'a> {
    /// Tells the files of the flows that are gone through, and which step goes through which.
    pub fn goes_through(
        &mut self,
        inner: impl Iterator<Item = (FlowPart<'a>, Here<'a>)>,
        through: HashMap<usize, Result<usize, Impassable>>,
    ) {
        for (part, here) in inner {
            self.files.push(part);
            self.flows.push(here);
        }
        self.through = through;
    }

    /// Reads something of one of the flows, by its place among them.
    pub fn within<T>(&mut self, flow: usize, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = self.at;
        self.go_to(flow);
        let read = read(self);
        self.go_to(outer);
        read
    }

    fn go_to(&mut self, flow: usize) {
        if flow == self.at {
            return;
        }
        let next = std::mem::take(&mut self.flows[flow]);
        let before = std::mem::replace(&mut self.here, next);
        self.flows[self.at] = before;
        self.at = flow;
    }

    /// Whether it is a flow that another goes through which is being read.
    pub fn is_inner(&self) -> bool {
        self.at > 0
    }

    /// The flow that is being read, by its place among those that are gone through.
    pub fn subflow(&self) -> Option<u16> {
        u16::try_from(self.at.checked_sub(1)?).ok()
    }

    /// What names mean in another of the flows.
    pub fn flow_at(&self, flow: usize) -> &Here<'a> {
        if flow == self.at {
            &self.here
        } else {
            &self.flows[flow]
        }
    }

    /// The flow that a step goes through, by where its name is written.
    pub fn callee(&self, at: usize) -> Option<Result<usize, Impassable>> {
        self.through.get(&at).cloned()
    }

    /// A name as it stands among those of all flows.
    pub fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.here.prefix)
    }

    /// A name of the flow that is being read, without what leads into it; nothing for one of another flow.
    pub fn own<'n>(&self, name: &'n str) -> Option<&'n str> {
        let own = name.strip_prefix(&*self.here.prefix)?;
        (!own.contains('/')).then_some(own)
    }

    /// Its answers, by their place among those of all flows, with their own names; not what it is given.
    pub fn own_answers(&self) -> impl Iterator<Item = (usize, &str)> {
        let all = self.answers.iter().enumerate();
        let own = all.filter_map(|(at, answer)| Some((at, self.own(&answer.name)?)));
        own.filter(|(_, name)| !name.contains('.'))
    }

    /// The answers that it promises to whoever it submits to: all of its own that are not given back.
    pub fn submitted(&self) -> Vec<Slot> {
        let own = self.own_answers();
        let slots = own.filter_map(|(at, _)| Slot::try_from(at).ok());
        slots
            .filter(|slot| !self.here.gives.contains(slot))
            .collect()
    }

    /// Every name of a flow that is gone through, but what it is given.
    pub fn names_of(&self, flow: usize) -> Vec<Slot> {
        let prefix = self.flow_at(flow).prefix.as_str();
        let answers = self.answers.iter().map(|answer| &answer.name);
        let all = answers.chain(&self.variables).enumerate();
        let own = all.filter(|(_, name)| {
            let own = name.strip_prefix(prefix);
            own.is_some_and(|own| !own.contains(['/', '.']))
        });
        own.filter_map(|(at, _)| Slot::try_from(at).ok()).collect()
    }

    /// The file that bytes stand in, and the bytes in it.
    pub(super) fn part_of(&self, span: Range<usize>) -> (&FlowPart<'a>, Range<usize>) {
        let mut before = self.files.iter().rev();
        let part = before.find(|part| part.begins <= span.start);
        let part = part.unwrap_or(&self.files[0]);
        (part, span.start - part.begins..span.end - part.begins)
    }

    /// What is written at some bytes of the flows.
    pub fn written(&self, span: Range<usize>) -> Option<&'a str> {
        let (part, span) = self.part_of(span);
        part.source.get(span)
    }

    /// What is written between the beginning of a line and some bytes of it.
    pub fn line_until(&self, end: Range<usize>) -> &'a str {
        let (part, span) = self.part_of(end);
        let before = part.source.get(..span.end).unwrap_or_default();
        let upto = part.source.get(..span.start).unwrap_or_default();
        let line = upto.rfind('\n').map_or(0, |at| at + 1);
        before.get(line..).unwrap_or_default()
    }
}
