//! Other ways to write the same path and query.

use super::mistake::Mistake;
use super::signing_input::SigningInput;

const ADVICE: &str = "Something between Twilio and the check parses the URL and writes it again: pass on and log the path \
                      and query byte for byte as they came.";

const SORTED: &str = "Twilio signs a URL as it was written and may send its query sorted by name: write the parameters in \
                      the order of their names where the URL is set (here as in `--url`), or use one parameter only.";

/// The same character, plain or escaped. URL parsers turn one into the other.
const TWINS: [(&str, &str); 6] = [
    ("'", "%27"),
    ("+", "%20"),
    ("~", "%7E"),
    ("@", "%40"),
    (":", "%3A"),
    (",", "%2C"),
];

/// With more parameters than this their orders are too many to try.
const MAX_REORDERED: usize = 5;

/// Every respelling of a case's path and query.
pub(super) fn respell(case: &SigningInput) -> Vec<Mistake> {
    let mut all = Vec::new();
    for (plain, escaped) in TWINS {
        for (from, to) in [(plain, escaped), (escaped, plain)] {
            let target = case.target.replace(from, to);
            push(
                &mut all,
                case,
                format!("with `{to}` in place of `{from}`"),
                target,
            );
        }
    }
    push(
        &mut all,
        case,
        "with `%40` and `%3A` written as `@` and `:`".into(),
        unescape(&case.target, &["%40", "%3A"]),
    );
    push(
        &mut all,
        case,
        "with its escapes in lower case".into(),
        recase(&case.target, u8::to_ascii_lowercase),
    );
    push(
        &mut all,
        case,
        "with its escapes in upper case".into(),
        recase(&case.target, u8::to_ascii_uppercase),
    );
    if let Some(query) = case.query() {
        let encoded = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(case.query_fields())
            .finish();
        let with = |query: &str| format!("{}?{query}", case.path());
        push(
            &mut all,
            case,
            "with the query encoded again".into(),
            with(&encoded),
        );
        push(
            &mut all,
            case,
            "with the query encoded again, spaces as `%20`".into(),
            with(&encoded.replace('+', "%20")),
        );
        push(
            &mut all,
            case,
            "with the query decoded".into(),
            with(&decode(query)),
        );
    }
    all
}

/// The query in other orders: sorted, and where there are few parameters every one. One that came sorted was put in order
/// by Twilio itself, and nothing on the way is to blame.
pub(super) fn reorder(case: &SigningInput) -> Vec<Mistake> {
    let mut all = Vec::new();
    let Some(query) = case.query() else {
        return all;
    };
    let parts: Vec<&str> = query.split('&').collect();
    let mut sorted = parts.clone();
    sorted.sort_unstable();
    push(
        &mut all,
        case,
        "with the query sorted by name".into(),
        format!("{}?{}", case.path(), sorted.join("&")),
    );
    if parts.len() <= MAX_REORDERED {
        let advice = if parts == sorted { SORTED } else { ADVICE };
        for order in orders(&parts) {
            let target = format!("{}?{}", case.path(), order.join("&"));
            push_with(
                &mut all,
                case,
                "with the query in another order".into(),
                target,
                advice,
            );
        }
    }
    all
}

fn push(all: &mut Vec<Mistake>, case: &SigningInput, how: String, target: String) {
    push_with(all, case, how, target, ADVICE);
}

fn push_with(
    all: &mut Vec<Mistake>,
    case: &SigningInput,
    how: String,
    target: String,
    advice: &str,
) {
    all.push(Mistake {
        how,
        advice: advice.into(),
        case: SigningInput {
            target,
            ..case.clone()
        },
    });
}

fn unescape(text: &str, escapes: &[&str]) -> String {
    let twins = TWINS
        .iter()
        .filter(|(_, escaped)| escapes.contains(escaped));
    twins.fold(text.to_owned(), |text, (plain, escaped)| {
        text.replace(escaped, plain)
    })
}

/// Changes the letters of escapes only.
fn recase(text: &str, change: fn(&u8) -> u8) -> String {
    let mut parts = text.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push('%');
        for (at, letter) in part.char_indices() {
            let digit = at < 2 && letter.is_ascii_hexdigit();
            out.push(if digit {
                char::from(change(&(letter as u8)))
            } else {
                letter
            });
        }
    }
    out
}

/// Plain text of a query as a whole, `&` and `=` of values included.
fn decode(query: &str) -> String {
    let hidden = query.replace('&', "%26").replace('=', "%3D");
    form_urlencoded::parse(hidden.as_bytes())
        .next()
        .map(|(text, _)| text.into_owned())
        .unwrap_or_default()
}

fn orders<'a>(parts: &[&'a str]) -> Vec<Vec<&'a str>> {
    if parts.len() < 2 {
        return vec![parts.to_vec()];
    }
    let mut all = Vec::new();
    for first in 0..parts.len() {
        let rest = [&parts[..first], &parts[first + 1..]].concat();
        all.extend(
            orders(&rest)
                .into_iter()
                .map(|order| [&[parts[first]], order.as_slice()].concat()),
        );
    }
    all
}
