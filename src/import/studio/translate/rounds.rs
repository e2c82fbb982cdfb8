//! Ends a call that comes to the same question more than ten times without another one between, as Studio does.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::{FlowDraft, Step};
use super::safe;
use super::toml::Value;

/// How often Studio executes a widget in such a round.
const MOST: i64 = 10;

/// Counts the rounds of each question that a call can come back to by steps that ask nothing. `over` is where a call goes
/// whose rounds are over.
pub(super) fn limit(draft: &mut FlowDraft, over: &str) {
    let ways: BTreeMap<String, BTreeSet<String>> = draft
        .steps
        .iter()
        .map(|step| (step.name.clone(), targets(step)))
        .collect();
    let is_question = |step: &Step| {
        step.keys
            .iter()
            .any(|(key, _)| ["menu", "ask"].contains(&key.as_str()))
    };
    let questions = draft.steps.iter().filter(|step| is_question(step));
    let questions: BTreeSet<String> = questions.map(|step| step.name.clone()).collect();
    let mut taken: BTreeSet<String> = ways.keys().cloned().collect();
    for question in &questions {
        let round = round(question, &ways, &questions);
        if !round.is_empty() {
            count(draft, question, &round, over, &mut taken);
        }
    }
}

/// The steps from which a call comes back to a question before it is asked another; none where it does not.
fn round(
    question: &str,
    ways: &BTreeMap<String, BTreeSet<String>>,
    questions: &BTreeSet<String>,
) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![question]);
    while let Some(step) = open.pop() {
        if !seen.insert(step.to_owned()) {
            continue;
        }
        let next = ways.get(step).into_iter().flatten();
        open.extend(
            next.filter(|next| !questions.contains(*next))
                .map(String::as_str),
        );
    }
    let leads_back = |step: &String| ways.get(step).is_some_and(|next| next.contains(question));
    if seen.iter().any(leads_back) {
        seen
    } else {
        BTreeSet::new()
    }
}

/// Lets the ways within a round lead through a counter, and those from outside through where it begins.
fn count(
    draft: &mut FlowDraft,
    question: &str,
    round: &BTreeSet<String>,
    over: &str,
    taken: &mut BTreeSet<String>,
) {
    let mut name = |end: &str| {
        let name = safe(&format!("{question}_{end}"), taken);
        taken.insert(name.clone());
        name
    };
    let (first, again, which) = (name("first"), name("again"), name("which_round"));
    let rounds = name("rounds");
    let mut is_entered = false;
    for step in &mut draft.steps {
        let is_inner = round.contains(&step.name);
        each_target(step, &mut |target| {
            if target == question {
                is_entered |= !is_inner;
                target.clone_from(if is_inner { &again } else { &first });
            }
        });
    }
    let sets = |value: Value| Value::Table(vec![(rounds.clone(), value)]);
    let next = |target: &str| ("next".to_owned(), Value::text(target));
    let is_over = Value::text(format!("{rounds} > {MOST}"));
    let choice = vec![
        Value::Table(vec![("when".to_owned(), is_over), next(over)]),
        Value::Table(vec![next(question)]),
    ];
    let one_more = format!("{{{{ {rounds} | default(1) + 1 }}}}");
    let mut counted = vec![
        Step::named(again)
            .with("set", sets(Value::Text(one_more)))
            .with("next", Value::text(which.as_str())),
        Step::named(which).with("branch", Value::List(choice)),
    ];
    if is_entered {
        let begins = Step::named(first).with("set", sets(Value::Number(1)));
        counted.push(begins.with("next", Value::text(question)));
    }
    let at = draft.steps.iter().position(|step| step.name == question);
    let at = at.map_or(draft.steps.len(), |at| at + 1);
    draft.steps.splice(at..at, counted);
}

fn targets(step: &Step) -> BTreeSet<String> {
    let (mut step, mut found) = (step.clone(), BTreeSet::new());
    each_target(&mut step, &mut |target| _ = found.insert(target.clone()));
    found
}

/// Does something with each name of a step that a step leads to.
fn each_target(step: &mut Step, with: &mut dyn FnMut(&mut String)) {
    for (key, value) in &mut step.keys {
        let is_way = ["next", "silent", "give_up", "branch", "full"].contains(&key.as_str());
        if is_way || key.starts_with("keys.") || key.starts_with("on.") {
            each_name(value, with);
        }
    }
}

fn each_name(value: &mut Value, with: &mut dyn FnMut(&mut String)) {
    match value {
        Value::Text(name) => with(name),
        Value::List(all) => all.iter_mut().for_each(|way| each_name(way, with)),
        Value::Table(keys) => {
            let ways = ["next", "silent", "wrong", "full"];
            let ways = keys
                .iter_mut()
                .filter(|(key, _)| ways.contains(&key.as_str()));
            ways.for_each(|(_, way)| each_name(way, with));
        }
        Value::Number(_) | Value::Is(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draft(steps: &[(&str, &str, &str)]) -> FlowDraft {
        let steps = steps.iter().map(|(name, action, next)| {
            Step::named(*name)
                .with(*action, Value::text("x"))
                .with("next", Value::text(*next))
        });
        FlowDraft {
            steps: steps.collect(),
            ..FlowDraft::default()
        }
    }

    #[test]
    fn a_round_of_one_question_is_counted_and_begins_again_from_outside() {
        let mut made = draft(&[
            ("hello", "say", "rate"),
            ("rate", "ask", "look"),
            ("look", "http", "rate"),
        ]);
        limit(&mut made, "hangup");
        let file = made.file();
        for part in [
            "[steps.hello]\nsay  = \"x\"\nnext = \"rate_first\"\n",
            "[steps.look]\nhttp = \"x\"\nnext = \"rate_again\"\n",
            "set  = { rate_rounds = \"{{ rate_rounds | default(1) + 1 }}\" }\nnext = \"rate_which_round\"\n",
            "branch = [{ when = \"rate_rounds > 10\", next = \"hangup\" }, { next = \"rate\" }]\n",
            "set  = { rate_rounds = 1 }\nnext = \"rate\"\n",
        ] {
            assert!(file.contains(part), "{part}\n{file}");
        }
    }

    #[test]
    fn another_question_between_ends_a_round() {
        let steps = [("a", "ask", "b"), ("b", "menu", "c"), ("c", "say", "a")];
        let mut made = draft(&steps);
        limit(&mut made, "hangup");
        assert_eq!(made.file(), draft(&steps).file());
    }
}
