//! Liquid as texts and expressions of ours.

use super::names::{FlowNames, Kind, REQUEST};
use super::template::{Out, Piece, only_value, parse, unquoted};
use super::toml::Value;

/// What a template is that is nothing but the request which the call began with, as JSON: the whole, or with what began it around
/// it.
pub fn whole(template: &str) -> Option<Value> {
    let out = only_value(template)?;
    let is_json = matches!(out.filters.as_slice(), [(name, _)] if is_to_json(name));
    let request = || Value::Text(format!("{{{{ {REQUEST} }}}}"));
    match out.operand.as_str() {
        "trigger" if is_json => Some(Value::Table(vec![("call".to_owned(), request())])),
        "trigger.call" if is_json => Some(request()),
        _ => None,
    }
}

fn is_to_json(filter: &str) -> bool {
    ["to_json", "json"].contains(&filter)
}

/// What came of a template, and what could not be carried over.
#[derive(Clone, Debug, Default)]
pub struct Carried {
    /// A text with our placeholders.
    pub text: String,
    /// What was left out, as Studio has it.
    pub left: Vec<String>,
}

/// A template as a text of ours.
pub fn text(template: &str, names: &FlowNames) -> Carried {
    let mut carried = Carried::default();
    for piece in parse(template) {
        match piece {
            // Braces of JSON that is written into a text.
            Piece::Text(text) => carried.text.push_str(&text.replace("}}", "} }")),
            piece => match placeholder(&piece, names) {
                Some(inner) => carried.text.push_str(&format!("{{{{ {inner} }}}}")),
                None => carried.left.push(written(&piece)),
            },
        }
    }
    carried
}

fn placeholder(piece: &Piece, names: &FlowNames) -> Option<String> {
    match piece {
        Piece::Value(out) => {
            let (text, kind) = expression(out, names)?;
            if text == REQUEST {
                return None;
            }
            let is_json = out.filters.iter().any(|(name, _)| is_to_json(name));
            Some(match kind {
                Kind::List if is_json => text,
                // Studio writes the entries one behind the other.
                Kind::List => format!("{} | join('')", unset_as_empty(&text)),
                _ if out.filters.is_empty() => unset_as_empty(&text),
                _ => text,
            })
        }
        Piece::Choice { when, then, other } => {
            let (set, _) = names.path(when)?;
            let branch = |pieces: &[Piece]| match pieces {
                [] => Some("''".to_owned()),
                [Piece::Text(text)] => Some(match text.trim().parse::<i64>() {
                    Ok(number) => number.to_string(),
                    Err(_) => format!("'{}'", text.replace('\'', "\u{2019}")),
                }),
                [Piece::Value(out)] => Some(expression(out, names)?.0),
                _ => None,
            };
            let (then, other) = (branch(then)?, branch(other)?);
            // A counter: one more than what is set, else a first value.
            if let Some(rest) = then.strip_prefix(&format!("{set} | default(0) + 1"))
                && rest.is_empty()
                && other == "1"
            {
                return Some(then);
            }
            Some(format!("{then} if {set} is defined else {other}"))
        }
        Piece::Text(text) => Some(text.clone()),
        Piece::Strange(_) => None,
    }
}

/// The same name, empty where it is not set.
pub fn unset_as_empty(name: &str) -> String {
    let is_name = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._".contains(&byte));
    if is_name && may_be_unset(name) {
        format!("{name}?")
    } else {
        name.to_owned()
    }
}

/// Whether a name need not be set when it is read: all but what every call has.
fn may_be_unset(name: &str) -> bool {
    let always = [
        "call.party",
        "call.from",
        "call.to",
        "call.sid",
        "call.flow",
        "call.direction",
        REQUEST,
        "call.caller_name",
    ];
    !always.contains(&name) && !name.starts_with('\'')
}

/// A value as an expression, and what kind it is.
pub fn expression(out: &Out, names: &FlowNames) -> Option<(String, Kind)> {
    let start = match unquoted(&out.operand) {
        Some(text) => (format!("'{}'", text.replace('\'', "\u{2019}")), Kind::Text),
        None if out.operand.parse::<i64>().is_ok() => (out.operand.clone(), Kind::Integer),
        None => names.path(&out.operand)?,
    };
    let (mut text, mut kind) = start;
    for (name, arguments) in &out.filters {
        let argument = arguments.first().map(String::as_str).unwrap_or_default();
        text = match name.as_str() {
            "plus" | "minus" | "times" => {
                let sign = match name.as_str() {
                    "plus" => "+",
                    "minus" => "-",
                    _ => "*",
                };
                let number: i64 = unquoted(argument).unwrap_or(argument).parse().ok()?;
                if kind != Kind::Integer {
                    return None;
                }
                let before = if may_be_unset(&text) {
                    format!("{text} | default(0)")
                } else {
                    text
                };
                format!("{before} {sign} {number}")
            }
            "downcase" => format!("{} | lower", unset_as_empty(&text)),
            "upcase" => format!("{} | upper", unset_as_empty(&text)),
            "strip" | "lstrip" | "rstrip" => format!("{} | trim", unset_as_empty(&text)),
            "default" => format!("{text} | default({})", literal(argument)?),
            "append" => format!("{text} ~ {}", literal(argument)?),
            "replace" => {
                let with = arguments.get(1).map_or("''", String::as_str);
                format!(
                    "{text} | replace({}, {})",
                    literal(argument)?,
                    literal(with)?
                )
            }
            "size" => {
                kind = Kind::Integer;
                format!("{text} | length")
            }
            "split" if kind == Kind::Text => {
                kind = Kind::List;
                format!("{} | split({})", unset_as_empty(&text), literal(argument)?)
            }
            "first" | "last" if kind == Kind::List => {
                kind = Kind::Text;
                format!("{text} | {name}")
            }
            "join" if kind == Kind::List => {
                kind = Kind::Text;
                format!("{text} | join({})", literal(argument)?)
            }
            name if is_to_json(name) && kind == Kind::List => text,
            _ => return None,
        };
    }
    Some((text, kind))
}

fn literal(argument: &str) -> Option<String> {
    if argument.parse::<i64>().is_ok() {
        return Some(argument.to_owned());
    }
    let text = unquoted(argument)?;
    (!text.contains('\'')).then(|| format!("'{text}'"))
}

/// A piece as Studio has it.
fn written(piece: &Piece) -> String {
    match piece {
        Piece::Text(text) => text.clone(),
        Piece::Value(out) => {
            let filters = out.filters.iter().map(|(name, arguments)| {
                let arguments = arguments.join(", ");
                if arguments.is_empty() {
                    format!(" | {name}")
                } else {
                    format!(" | {name}: {arguments}")
                }
            });
            format!("{{{{ {}{} }}}}", out.operand, filters.collect::<String>())
        }
        Piece::Choice { when, .. } => format!("{{% if {when} %}}…"),
        Piece::Strange(tag) => format!("{{% {tag} %}}"),
    }
}
