//! Reads a question, without what it is that answers it.

use std::sync::Arc;

use super::super::expression::Expression;
use super::super::keys::shared::{
    ATTEMPTS, BARGE_IN, FORGET, GIVE_UP, GIVE_UP_SILENT, GIVE_UP_WRONG, NEXT, NO_INPUT, NO_MATCH,
    REFUSE, REFUSED, REPROMPT, SET, SILENT, TIMEOUT, WHEN,
};
use super::super::prompt::Prompt;
use super::super::question::{EntryRefusal, Question};
use super::super::way::Way;
use super::Checker;
use crate::written::{Code, Explain, Item, Table};

impl Question {
    /// Reads the question around an action; the action's value is its prompt.
    pub fn parse(prompt: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let refuse = refusals(table.get(REFUSE.name), check);
        let question = Self::parse_without_refusals(prompt, table, check)?;
        Some(Self { refuse, ..question })
    }

    /// The same of one whose entries nothing but the action itself can refuse.
    pub fn parse_without_refusals(
        prompt: Item<'_>,
        table: &Table<'_>,
        check: &mut Checker,
    ) -> Option<Self> {
        let mut question = Self {
            prompt: Prompt::empty(check.languages.len()),
            no_input: prompts(table.get(NO_INPUT.name), check),
            no_match: prompts(table.get(NO_MATCH.name), check),
            refuse: Vec::new(),
            silent: None,
            give_up_silent: None,
            give_up_wrong: None,
            reprompt: REPROMPT.read(table, check),
            barge_in: BARGE_IN.read(table, check),
            attempts: ATTEMPTS.read(table, check) as u8,
            timeout: TIMEOUT.read(table, check),
            hears: false,
            sure: None,
        };
        unheard(&question, table, check);
        if let Some(item) = table.get(SILENT.name) {
            question.silent = Way::parse_item(item, check, "`silent`");
        }
        if let Some(item) = table.get(GIVE_UP.name) {
            give_up(&mut question, item, check);
        }
        if question.silent.is_some()
            && let Some(item) = table.peek(NO_INPUT.name)
        {
            never_counted(NO_INPUT.name, item, "a silence takes `silent`", check);
        }
        question.prompt = Prompt::parse(prompt, check)?;
        Some(question)
    }
}

/// Warns about words to somebody who missed that nobody hears.
fn unheard(question: &Question, table: &Table<'_>, check: &mut Checker) {
    let most = usize::from(question.attempts).saturating_sub(1);
    for key in [NO_INPUT.name, NO_MATCH.name] {
        let entries = table
            .peek(key)
            .and_then(|item| item.entries())
            .unwrap_or_default();
        if let Some(surplus) = entries.get(most) {
            let message = format!(
                "nobody hears this: attempt {} is the last",
                question.attempts
            );
            check
                .fault(Code::MissUnheard, surplus.span(), message)
                .help(format!(
                    "leave it out, or write `attempts = {}`",
                    entries.len() + 1
                ));
        }
    }
    let written = table.peek(REPROMPT.key.name);
    let reprompt = written.filter(|_| !question.reprompt && most > 0);
    let has_words = !question.no_input.is_empty() || !question.no_match.is_empty();
    if let Some(item) = reprompt.filter(|_| !has_words) {
        let message = "without `no_input` and `no_match` the question is put again all the same";
        check
            .fault(Code::RepromptIgnored, item.key_span(), message)
            .help("add the words that are said in its place, or leave `reprompt` out");
    }
}

/// Reports what is for a miss that does not count.
pub fn never_counted(name: &str, item: Item<'_>, why: &str, check: &mut Checker) {
    let message = format!("`{name}` is for nobody: {why}, and counts no attempt");
    check
        .fault(Code::MissNeverCounted, item.key_span(), message)
        .help("take one of the two out");
}

/// Reads `give_up`: one way, or one for silence and one for wrong entries.
fn give_up(question: &mut Question, item: Item<'_>, check: &mut Checker) {
    let is_split = |table: &Table<'_>| {
        let way = [NEXT.name, SET.name, FORGET.name];
        way.iter().all(|key| table.peek(key).is_none())
    };
    let Some(table) = item.as_table().filter(is_split) else {
        question.give_up_silent = Way::parse_item(item, check, "`give_up`").map(Arc::new);
        question.give_up_wrong.clone_from(&question.give_up_silent);
        return;
    };
    // A key that is nearly `next` is one.
    let _ = table.get(NEXT.name);
    let part = |name: &str, check: &mut Checker| {
        let way = Way::parse_item(table.get(name)?, check, &format!("`give_up.{name}`"));
        way.map(Arc::new)
    };
    if question.silent.is_some()
        && let Some(item) = table.peek(GIVE_UP_SILENT.name)
    {
        never_counted("give_up.silent", item, "a silence takes `silent`", check);
    }
    question.give_up_silent = part(GIVE_UP_SILENT.name, check);
    question.give_up_wrong = part(GIVE_UP_WRONG.name, check);
    table.finish(check, "`give_up`");
}

/// Reads what refuses an entry.
fn refusals(item: Option<Item<'_>>, check: &mut Checker) -> Vec<EntryRefusal> {
    let what = "`refuse` must be a list of `{ when, say }`";
    let entries = item.and_then(|item| item.list(check, what));
    let mut refusals: Vec<EntryRefusal> = Vec::new();
    for entry in entries.unwrap_or_default() {
        let follows = !refusals.is_empty();
        refusals.extend(refusal(entry, follows, check));
    }
    refusals
}

fn refusal(entry: Item<'_>, follows: bool, check: &mut Checker) -> Option<EntryRefusal> {
    let what = "what refuses an entry must be a table: `{ when = \"…\", say = \"…\" }`";
    let table = entry.table(check, what)?;
    let mut needed = |name: &str, what: &str| {
        let item = table.get(name);
        if item.is_none() {
            let message = format!("what refuses an entry needs `{name}`");
            check
                .fault(Code::RefuseIncomplete, entry.span(), message)
                .help(format!("add `{name} = \"…\"`, {what}"));
        }
        item
    };
    let when = needed(WHEN.name, "the condition");
    let say = needed(REFUSED.name, "what the caller hears then");
    let at = when.map(|item| item.span());
    let when = when.and_then(|item| condition(item, follows, check));
    let say = say.and_then(|item| Prompt::parse(item, check));
    table.finish(check, "what refuses an entry");
    Some(EntryRefusal {
        when: when?,
        say: say?,
        at: at?,
    })
}

/// Reads a condition. `follows`: it is only asked where the one before it does not hold.
pub fn condition(item: Item<'_>, follows: bool, check: &mut Checker) -> Option<Expression> {
    let source = item.text(check, "`when` must be a condition, such as \"weight > 20\"")?;
    Expression::condition(source, item.span(), follows, check)
}

/// Reads a list of prompts; a prompt alone is a list of one.
fn prompts(item: Option<Item<'_>>, check: &mut Checker) -> Vec<Prompt> {
    let Some(item) = item else { return Vec::new() };
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    entries
        .into_iter()
        .filter_map(|entry| Prompt::parse(entry, check))
        .collect()
}
