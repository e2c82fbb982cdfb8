//! Reads a question, without what it is that answers it.

use std::ops::Range;

use super::super::edge::Target;
use super::super::keys::shared::{
    ATTEMPTS, BARGE_IN, GIVE_UP, GIVE_UP_SILENT, GIVE_UP_WRONG, NO_INPUT, NO_MATCH, REPROMPT,
    TIMEOUT,
};
use super::super::prompt::Prompt;
use super::super::question::Question;
use super::Checker;
use crate::written::{Code, Explain, Item, Table};

impl Question {
    /// Reads the question around an action; the action's value is its prompt.
    pub fn parse(prompt: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let mut question = Self {
            prompt: Prompt::empty(check.languages.len()),
            no_input: prompts(table.get(NO_INPUT.name), check),
            no_match: prompts(table.get(NO_MATCH.name), check),
            give_up_silent: None,
            give_up_wrong: None,
            reprompt: REPROMPT.read(table, check),
            barge_in: BARGE_IN.read(table, check),
            attempts: ATTEMPTS.read(table, check) as u8,
            timeout: TIMEOUT.read(table, check),
        };
        unheard(&question, table, check);
        if let Some(item) = table.get(GIVE_UP.name) {
            give_up(&mut question, item, check);
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

fn give_up(question: &mut Question, item: Item<'_>, check: &mut Checker) {
    if item.value.as_table().is_none() {
        question.give_up_silent = target(item, check);
        question.give_up_wrong.clone_from(&question.give_up_silent);
        return;
    }
    let Some(table) = item.table(
        check,
        "`give_up` must be a step, or a table of `no_input` and `no_match`",
    ) else {
        return;
    };
    question.give_up_silent = table
        .get(GIVE_UP_SILENT.name)
        .and_then(|item| target(item, check));
    question.give_up_wrong = table
        .get(GIVE_UP_WRONG.name)
        .and_then(|item| target(item, check));
    table.finish(check, "`give_up`");
}

fn target(item: Item<'_>, check: &mut Checker) -> Option<(Target, Range<usize>)> {
    Some((check.target(item)?, item.span()))
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
