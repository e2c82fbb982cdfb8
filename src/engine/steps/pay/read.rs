//! Reads a `pay`.

use super::super::super::outcome_ways::OutcomeWays;
use super::super::super::read::{Checker, Endings, Given, Receiver};
use super::super::super::step::Step;
use super::super::super::template::Template;
use super::super::super::value::Value;
use super::outcomes::OUTCOMES;
use super::prompts::{self, PaySaid};
use super::{KIND, LANGUAGES, Pay, amount, keys, outcomes};
use crate::written::{Code, Explain, Item, Table, is_name};

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let currency = currency(item, table, check);
    let amount = amount(item, currency.as_ref().map(|(_, digits)| *digits), check);
    let connector = connector(item, table, check);
    let about = table.get(keys::ABOUT.name).map(|item| {
        let text = item.text(check, "`about` must be text")?;
        Template::told(text, item.span(), check)
    });
    let attempts = keys::ATTEMPTS.read(table, check);
    let timeout = keys::TIMEOUT.read(table, check);
    let cards = prompts::cards(table, check);
    let security_code = keys::SECURITY_CODE.read(table, check);
    let postal_code = keys::POSTAL_CODE.read(table, check);
    let said = PaySaid::parse_all(table, check);
    let ways = OutcomeWays::parse(Endings::of(&OUTCOMES), table, check);
    let about = match about {
        Some(about) => Some(about?),
        None => None,
    };
    let (ways, (currency, digits)) = (ways?, currency?);
    ways.warn_of_gaps(table, KIND.name, check);
    let pay = Pay {
        amount: amount?,
        currency,
        digits,
        about,
        connector: connector?,
        attempts,
        timeout,
        cards: cards?,
        security_code,
        postal_code,
        said: said?,
        facts: outcomes::facts(),
        ways,
    };
    foreign_words(&pay, item, check);
    Some(Box::new(pay))
}

/// The currency, and the digits of its smaller unit.
fn currency(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<(String, usize)> {
    let written = table.get(keys::CURRENCY.name);
    let code = written.and_then(|item| item.value.as_str());
    let digits = code.and_then(amount::digits);
    if digits.is_none() {
        let message = match code {
            Some(code) => format!("`{code}` is no currency"),
            None => "this payment has no currency".to_owned(),
        };
        check
            .fault(
                Code::CurrencyUnknown,
                written.unwrap_or(item).span(),
                message,
            )
            .help("write its three letters: `currency = \"GBP\"`");
    }
    Some((code?.to_owned(), digits?))
}

/// The amount: a number, or a text that comes to one.
fn amount(item: Item<'_>, digits: Option<usize>, check: &mut Checker) -> Option<Template> {
    let number = item.value.as_float().map(|float| float.as_str().to_owned());
    let number = number.or_else(|| item.as_integer().map(|whole| whole.to_string()));
    let text = match number {
        Some(number) => number.replace('_', ""),
        None => item
            .text(check, "`pay` must be an amount, such as \"{{ total }}\"")?
            .to_owned(),
    };
    let template = Template::told(&text, item.span(), check)?;
    let is_wrong =
        |text: &str| digits.is_some_and(|digits| amount::written(text, digits).is_none());
    match (template.as_literal(), template.as_hole()) {
        (Some(text), _) if is_wrong(text) => {
            check
                .fault(
                    Code::PayUnclear,
                    item.span(),
                    format!("`{text}` is no amount that can be charged"),
                )
                .help("write a number above 0, with no more digits than the currency has: `pay = 12.50`");
            None
        }
        (None, None) => {
            check
                .fault(
                    Code::PayUnclear,
                    item.span(),
                    "an amount is a number, or one placeholder alone",
                )
                .help("work it out in the placeholder: `pay = \"{{ price * 2 }}\"`");
            None
        }
        (_, hole) => {
            let given = hole.map_or(Given::Value(Value::Number(0.0)), |hole| {
                Given::Worked(hole.clone())
            });
            check.sets(Receiver::Amount, given, item.span());
            Some(template)
        }
    }
}

/// Who takes the payment.
fn connector(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<String> {
    let Some(item) = table.get(keys::CONNECTOR.name) else {
        check
            .fault(Code::PayUnclear, item.span(), "nothing says who takes this payment")
            .help("add `connector = \"…\"`; `[connectors]` of the settings says what it is at the carrier");
        return None;
    };
    let name = item.text(check, "`connector` must be a name, such as \"stripe\"")?;
    if !is_name(name) {
        check
            .fault(
                Code::PayUnclear,
                item.span(),
                format!("`{name}` cannot name a connector"),
            )
            .help("a name is made of a-z, 0-9 and `_`; `[connectors]` of the settings says what it is at the carrier");
        return None;
    }
    Some(name.to_owned())
}

/// Warns of what is heard in the carrier's own words where those are not in a language of the flow.
fn foreign_words(pay: &Pay, item: Item<'_>, check: &mut Checker) {
    let mut foreign = check.languages.iter().map(|language| language.tag.clone());
    let Some(tag) = foreign.find(|tag| !LANGUAGES.contains(&&**tag)) else {
        return;
    };
    let lacking: Vec<&str> = pay
        .asked()
        .filter(|(_, there)| !pay.said.iter().any(|said| said.is_plain(there)))
        .map(|(ours, _)| ours)
        .collect();
    if lacking.is_empty() {
        return;
    }
    let message = format!(
        "a caller who speaks `{tag}` hears the carrier's English here: {}",
        lacking.join(", ")
    );
    check
        .fault(Code::PayForeignWords, item.key_span(), message)
        .help("add a prompt for each: `prompts = [{ for = \"card_number\", say = \"…\" }]`");
}
