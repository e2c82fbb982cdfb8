//! Reads a step that goes through another flow: what it gives, what it takes back, and where each end leads.

use std::collections::HashMap;

use super::super::super::changes::{Changes, Name, SetTo};
use super::super::super::edge::Target;
use super::super::super::flow::AnswerOf;
use super::super::super::ids::{Slot, StepId};
use super::super::super::read::{Arg, Checker, Exit, Impassable};
use super::super::super::reserved::RETURN;
use super::super::super::step::Step;
use super::super::super::way::Way;
use super::keys::{ERROR, FILL, GIVE, NEXT, ON};
use super::{End, Enter};
use crate::written::diag::nearest;
use crate::written::{Code, Explain, Item, Table};

/// The flow that is gone through, as far as the step must know it.
struct Callee {
    flow: String,
    args: Vec<Arg>,
    gives: Vec<Slot>,
    exits: Vec<Exit>,
    /// The steps at its ends, by their names.
    ends: HashMap<String, StepId>,
    start: StepId,
    /// What is unset when the call comes to it, and when it leaves.
    names: Vec<Slot>,
}

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let what = "`flow` must be the name of a flow in quotes, such as \"shared/number\"";
    item.text(check, what)?;
    let at = match check.callee(item.start)? {
        Ok(at) => at,
        Err(refusal) => {
            refused(&refusal, item, check);
            // What else is wrong with the step is found all the same.
            let _ = (table.get(GIVE.name), table.get(FILL.name));
            let _ = ways(table, check);
            // Whether it needs a `next` only the other flow could tell.
            if table.get(NEXT.name).is_some() {
                let _ = Way::parse(table, check, "this step");
            }
            return None;
        }
    };
    let callee = Callee::of(at, check)?;
    let enter = callee.enter(item, table.get(GIVE.name), check);
    let filled = callee.filled(table.get(FILL.name), check);
    let mut ways = ways(table, check);
    if let Some((_, way)) = ways.remove(ERROR.name) {
        check.fails.extend(way.map(|way| (at, way)));
    }
    let mut is_sound = callee.returns(filled, table, item, check);
    for exit in &callee.exits {
        let Some((_, way)) = ways.remove(&exit.name) else {
            exit_missing(&callee.flow, &exit.name, item, check);
            is_sound = false;
            continue;
        };
        match way {
            Some(way) => callee.end(&format!("{RETURN}.{}", exit.name), way, Vec::new(), check),
            None => is_sound = false,
        }
    }
    let mut left: Vec<_> = ways.into_iter().collect();
    left.sort_by_key(|(_, (item, _))| item.key);
    for (name, (item, _)) in left {
        exit_unknown(&callee, &name, item, check);
    }
    is_sound.then_some(())?;
    Some(Box::new(Enter { way: enter? }))
}

/// The ways of the outcomes, by name, each with where it stands.
fn ways<'a>(table: &Table<'a>, check: &mut Checker) -> HashMap<String, (Item<'a>, Option<Way>)> {
    let on = table
        .get(ON.name)
        .and_then(|item| item.table(check, "`on` must be a table of exits and steps"));
    let all = on.map(|on| on.all()).unwrap_or_default().into_iter();
    let way = |(name, item): (&str, Item<'a>)| {
        let way = Way::parse_item(item, check, "this way");
        (name.to_owned(), (item, way))
    };
    all.map(way).collect()
}

impl Callee {
    fn of(at: usize, check: &Checker) -> Option<Self> {
        let there = check.flow_at(at);
        let is_end = |name: &str| name == RETURN || name.contains('.');
        let ends = there.steps.iter().filter(|(name, _)| is_end(name));
        let args = there.args.iter().map(|arg| arg.slot);
        Some(Self {
            flow: there.flow.clone(),
            args: there.args.clone(),
            gives: there.gives.clone(),
            exits: there.exits.clone(),
            ends: ends.map(|(name, id)| (name.clone(), *id)).collect(),
            start: there.start?,
            names: check.names_of(at).into_iter().chain(args).collect(),
        })
    }

    /// The way into it: it knows what it is given, and nothing else.
    fn enter(&self, item: Item<'_>, give: Option<Item<'_>>, check: &mut Checker) -> Option<Way> {
        let mut changes = Changes::default();
        let given =
            give.and_then(|give| give.table(check, "`give` must be a table of names and values"));
        let given = given.map(|given| given.all()).unwrap_or_default();
        for (name, value) in &given {
            match self.args.iter().find(|arg| arg.name == *name) {
                Some(arg) => changes.set_to(arg.slot, *value, check),
                None => self.arg_unknown(name, *value, check),
            }
        }
        let is_given = |arg: &Arg| given.iter().any(|(name, _)| *name == arg.name);
        for arg in self
            .args
            .iter()
            .filter(|arg| !arg.optional && !is_given(arg))
        {
            let message = format!("`{}` must be given `{}`", self.flow, arg.name);
            check
                .fault(Code::ArgMissing, item.span(), message)
                .help(format!("write `give.{} = …`", arg.name));
        }
        let given: Vec<Slot> = self
            .args
            .iter()
            .filter(|arg| is_given(arg))
            .map(|arg| arg.slot)
            .collect();
        let others = self.names.iter().filter(|slot| !given.contains(slot));
        changes.forget.extend(others);
        Some(Way {
            changes,
            next: Target::Step(self.start),
            at: item.span(),
            full: None,
        })
    }

    fn arg_unknown(&self, name: &str, value: Item<'_>, check: &mut Checker) {
        let known = self.args.iter().map(|arg| arg.name.as_str());
        let help = match nearest(name, known.clone()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.args.is_empty() => {
                format!("`{}` has no `[args]`: take `give` out", self.flow)
            }
            None => format!("it takes {}", known.collect::<Vec<_>>().join(", ")),
        };
        let message = format!("`{}` is not given any `{name}`", self.flow);
        check
            .fault(Code::ArgUnknown, value.key_span(), message)
            .help(help);
    }

    /// What the answers of this flow get when the other returns.
    fn filled(&self, into: Option<Item<'_>>, check: &mut Checker) -> Vec<(Name, SetTo)> {
        let what =
            "`into` must be a table of this flow's answers and the other's: { phone = \"phone\" }";
        let into = into.and_then(|into| into.table(check, what));
        let mut filled = Vec::new();
        for (name, item) in into.map(|into| into.all()).unwrap_or_default() {
            let Some(ours) = check.promised_slot(name, item.key_span()) else {
                continue;
            };
            let what = "this must be the name of what the other flow gives back, in quotes";
            let Some(theirs) = item.text(check, what) else {
                continue;
            };
            let given = self.gives.iter().copied().find(|slot| {
                let give = check.answers.get(usize::from(*slot));
                give.is_some_and(|give| give.own_name() == theirs)
            });
            let Some(given) = given else {
                self.give_unknown(theirs, item, check);
                continue;
            };
            check.used.set.entry(ours).or_insert(item.key_span());
            if self.fits((ours, given), item, check) {
                filled.extend(SetTo::same(given, theirs).map(|same| (Name::Slot(ours), same)));
            }
        }
        filled
    }

    fn give_unknown(&self, name: &str, item: Item<'_>, check: &mut Checker) {
        let known = self.gives.iter();
        let known = known.filter_map(|slot| check.answers.get(usize::from(*slot)));
        let known: Vec<&str> = known.map(AnswerOf::own_name).collect();
        let help = match nearest(name, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => {
                format!("`{}` has no `[gives]`: take `into` out", self.flow)
            }
            None => format!("it gives back {}", known.join(", ")),
        };
        let message = format!("`{}` gives back no `{name}`", self.flow);
        check
            .fault(Code::GiveUnknown, item.span(), message)
            .help(help);
    }

    /// Whether an answer of this flow can take what the other gives back, whatever it is.
    fn fits(&self, (ours, theirs): (Slot, Slot), item: Item<'_>, check: &mut Checker) -> bool {
        let given = &check.answers[usize::from(theirs)];
        let (kind, is_optional, is_secret) = (given.kind.clone(), given.optional, given.sensitive);
        let also = check.place(check.answer_places[usize::from(theirs)].clone());
        if !check.here.promised {
            check.declare(ours, kind.clone(), item.key_span());
            check.answers[usize::from(ours)].sensitive |= is_secret;
        }
        let answer = &check.answers[usize::from(ours)];
        let name = answer.own_name().to_owned();
        let (code, message, help) = if is_secret && !answer.sensitive {
            (
                Code::SensitiveLost,
                format!("what comes back is sensitive, and `{name}` is not"),
                format!("promise it so: `{name} = {{ …, sensitive = true }}`"),
            )
        } else if is_optional && !answer.optional {
            (
                Code::GiveMayLack,
                format!(
                    "`{name}` is promised, and `{}` may come back without it",
                    self.flow
                ),
                format!(
                    "promise it as `optional = true`, or make it one that `{}` always gives back",
                    self.flow
                ),
            )
        } else if !takes(answer, &*kind) {
            (
                Code::GiveMisfit,
                format!(
                    "`{name}` is {}, and what comes back is {}",
                    answer.kind.describe(),
                    kind.describe()
                ),
                "give both the same type".to_owned(),
            )
        } else {
            return true;
        };
        check
            .fault(code, item.span(), message)
            .help(help)
            .also(also, "given back here");
        false
    }

    /// Reads where `return` leads; false where it cannot be told.
    fn returns(
        &self,
        filled: Vec<(Name, SetTo)>,
        table: &Table<'_>,
        item: Item<'_>,
        check: &mut Checker,
    ) -> bool {
        if self.ends.contains_key(RETURN) {
            return match Way::parse(table, check, "this step") {
                Some(way) => {
                    self.end(RETURN, way, filled, check);
                    true
                }
                None => false,
            };
        }
        if let Some(next) = table.peek(NEXT.name) {
            let _ = Way::parse(table, check, "this step");
            let message = format!("`{}` never comes to `{RETURN}`", self.flow);
            check
                .fault(Code::ExitUnknown, next.key_span(), message)
                .help("take it out; its ends are its exits, `on.…`, and those of the call");
        } else if self.exits.is_empty() && !filled.is_empty() {
            let message = format!("`{}` never comes to `{RETURN}`", self.flow);
            check
                .fault(Code::ExitUnknown, item.span(), message)
                .help("take `into` out");
        }
        true
    }

    /// Notes what comes at one of its ends.
    fn end(&self, name: &str, mut way: Way, filled: Vec<(Name, SetTo)>, check: &mut Checker) {
        way.changes.set.splice(0..0, filled);
        way.changes.forget.extend(&self.names);
        let gives = if name == RETURN {
            self.gives.clone()
        } else {
            Vec::new()
        };
        if let Some(id) = self.ends.get(name) {
            check.returns.insert(*id, Box::new(End { way, gives }));
        }
    }
}

/// Whether an answer can take every value of a type, as far as that can be told without a call.
fn takes(answer: &AnswerOf, given: &dyn super::super::super::answer::Answer) -> bool {
    let ours = &answer.kind;
    if ours.is_open() || given.is_open() || ours.describe() == given.describe() {
        return true;
    }
    let ((shortest, longest), (least, most)) = (ours.length(), given.length());
    let values = given.values();
    let has_room = shortest <= least && most <= longest;
    let knows = values.iter().all(|value| ours.values().contains(value));
    let example = given.check(&given.example());
    let fits = example.is_none_or(|value| ours.accepts(&value));
    given.type_of().meets(&ours.type_of()) && has_room && fits && (values.is_empty() || knows)
}

fn refused(refusal: &Impassable, item: Item<'_>, check: &mut Checker) {
    check
        .fault(refusal.code, item.span(), refusal.message.clone())
        .help(refusal.help.clone());
}

fn exit_missing(flow: &str, exit: &str, item: Item<'_>, check: &mut Checker) {
    let message = format!("nothing says where the exit `{exit}` of `{flow}` leads");
    check
        .fault(Code::ExitMissing, item.span(), message)
        .help(format!("write `on.{exit} = \"…\"`, the name of a step"));
}

fn exit_unknown(callee: &Callee, name: &str, item: Item<'_>, check: &mut Checker) {
    let known = callee.exits.iter().map(|exit| exit.name.as_str());
    let help = match nearest(name, known.clone()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if callee.exits.is_empty() => {
            "it has no `[exits]`: what follows when it returns is `next`".to_owned()
        }
        None => format!("its exits are {}", known.collect::<Vec<_>>().join(", ")),
    };
    let message = format!("`{}` has no exit `{name}`", callee.flow);
    check
        .fault(Code::ExitUnknown, item.key_span(), message)
        .help(help);
}
