//! Reads an `http`.

use super::super::super::awaiting::HELD;
use super::super::super::came::WaitOutcome;
use super::super::super::expression::{Sensitive, Stands};
use super::super::super::give::GivenValue;
use super::super::super::outcome_ways::OutcomeWays;
use super::super::super::prompt::Prompt;
use super::super::super::read::{Checker, Endings};
use super::super::super::service::ServiceMethod;
use super::super::super::step::Step;
use super::super::super::template::Template;
use super::super::super::waits::HoldPiece;
use super::super::take::{TAKE, Take};
use super::body::GivenFields;
use super::outcomes::{self, MISFIT, STATUS};
use super::{Http, KIND, Sends, keys};
use crate::written::{Code, Explain, Item, Table, is_name};

/// For what the holes of a body stand.
const BODY: Stands = Stands::Sent(Sensitive::Allowed);

pub(super) fn parse(
    item: Item<'_>,
    table: &Table<'_>,
    check: &mut Checker,
) -> Option<Box<dyn Step>> {
    let service = service(item, check);
    let asked = asked(table, item, check);
    let sends = sends(table, asked.as_ref().map(|(method, _)| *method), check);
    let query = match table.get(keys::QUERY.name) {
        Some(item) => GivenFields::parse_query(item, check),
        None => Some(GivenFields::default()),
    };
    let takes = Take::parse_all(table, &[STATUS, HELD], check);
    let time_limit = keys::TIME_LIMIT.read(table, check);
    let hold = table.get(keys::HOLD.name).map(|item| {
        let words = Prompt::parse(item, check)?;
        let at = item.span();
        Some(HoldPiece { words, at })
    });
    let own = own_statuses(table);
    let has_takes = takes.as_ref().is_none_or(|takes| !takes.is_empty());
    let never = [(MISFIT.name, TAKE.name)];
    let endings = Endings {
        named: &own,
        never: if has_takes { &[] } else { &never },
        ..Endings::of(outcomes::possible(has_takes))
    };
    let ways = OutcomeWays::parse(endings, table, check);
    let hold = match hold {
        Some(hold) => Some(hold?),
        None => None,
    };
    let ((method, path), takes, ways) = (asked?, takes?, ways?);
    let sends = sends?;
    let secrets = sends
        .has_request()
        .then(|| check.secret_call_fields().collect());
    ways.warn_of_gaps(table, KIND.name, check);
    Some(Box::new(Http {
        service: service?.to_owned(),
        at: item.span(),
        method,
        path,
        query: query?,
        sends,
        secrets: secrets.unwrap_or_default(),
        facts: outcomes::facts(&takes),
        takes,
        time_limit,
        hold,
        ways,
    }))
}

/// The service's name.
fn service<'a>(item: Item<'a>, check: &mut Checker) -> Option<&'a str> {
    let text = item.text(
        check,
        "`http` must be the name of a service, such as \"stock\"",
    )?;
    if !is_name(text) {
        let message = format!("`{text}` cannot name a service");
        check
            .fault(Code::RequestUnclear, item.span(), message)
            .help("write its name in `[services]` of the settings, which has its URL: a small letter, then a-z, 0-9 and `_`");
        return None;
    }
    Some(text)
}

/// What is done there, and the path.
fn asked(
    table: &Table<'_>,
    action: Item<'_>,
    check: &mut Checker,
) -> Option<(ServiceMethod, Template)> {
    let methods = keys::METHODS.iter();
    let written: Vec<_> = methods
        .filter_map(|(method, key)| Some((*method, table.get(key.name)?)))
        .collect();
    let (method, item) = match written.as_slice() {
        [one] => *one,
        [] => {
            check
                .fault(Code::RequestUnclear, action.span(), "this does not say what is asked")
                .help("add `get = \"/…\"`, or `post`, `put` or `delete`, with the path below the service's URL");
            return None;
        }
        [(first, _), (second, item), ..] => {
            let (first, second) = (first.as_str(), second.as_str());
            let message = format!("`{first}` and `{second}`: a step makes one request");
            check
                .fault(Code::RequestUnclear, item.key_span(), message)
                .help("leave one of them out, or make it two steps");
            return None;
        }
    };
    let name = method.as_str();
    let text = item.text(
        check,
        &format!("`{name}` must be a path, such as \"/orders\""),
    )?;
    let is_odd = |letter: char| letter.is_control() || letter == '#' || letter == '\\';
    let bare = text.split("{{").next().unwrap_or_default();
    if !text.starts_with('/') || text.contains(is_odd) || bare.contains(' ') {
        check
            .fault(
                Code::RequestUnclear,
                item.span(),
                format!("`{text}` is no path"),
            )
            .help("begin it with a slash, as it stands behind the service's URL; a space is `%20`");
        return None;
    }
    Some((method, Template::told(text, item.span(), check)?))
}

/// What goes along.
fn sends(table: &Table<'_>, method: Option<ServiceMethod>, check: &mut Checker) -> Option<Sends> {
    let (json, form) = (table.get(keys::JSON.name), table.get(keys::FORM.name));
    let only = json.or(form);
    if let (Some(_), Some(form)) = (json, form) {
        check
            .fault(
                Code::RequestUnclear,
                form.key_span(),
                "`json` and `form`: one body goes along",
            )
            .help("leave one of them out");
        return None;
    }
    if let (Some(item), Some(ServiceMethod::Get)) = (only, method) {
        check
            .fault(
                Code::RequestUnclear,
                item.key_span(),
                "nothing goes along with `get`",
            )
            .help("write `query`, or `post`");
        return None;
    }
    match (json, form) {
        (Some(json), _) => GivenValue::parse(json, BODY, check).map(Sends::Json),
        (None, Some(form)) => GivenFields::parse_form(form, BODY, check).map(Sends::Form),
        (None, None) => Some(Sends::Nothing),
    }
}

/// The statuses that have a way of their own.
fn own_statuses(table: &Table<'_>) -> Vec<&'static WaitOutcome> {
    let on = table.peek("on").and_then(|item| item.as_table());
    let names = on.iter().flat_map(Table::names);
    let mut own: Vec<_> = names.filter_map(outcomes::status).collect();
    own.sort_by_key(|outcome| outcome.name);
    own
}
