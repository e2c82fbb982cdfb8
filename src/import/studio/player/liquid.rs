//! Liquid as far as Studio's flows use it: outputs with filters, `if`, `unless`, `case`, `assign`, `for` of fifteen rounds.
//!
//! As in Studio, what is not set is empty, an unknown filter changes nothing, and what cannot be read stands there as it was
//! written. A library of Liquid refuses a name that is not set, which every export has.

use serde_json::{Map, Value as Json};

/// How often a loop goes round at most (Twilio, "Studio: Liquid template language").
const ROUNDS: usize = 15;
/// The longest text that comes of a template, in bytes.
const LONGEST: usize = 64 << 10;
/// The most pieces that are written, so that loops within loops end.
const MOST: usize = 100_000;

/// A piece of a template.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'t> {
    Text(&'t str),
    Output(&'t str),
    Tag(&'t str),
}

/// What a template says, given what is known.
pub fn render(template: &str, known: &Json) -> String {
    if !template.contains('{') {
        return template.to_owned();
    }
    let pieces = pieces(template);
    let mut writer = Writer {
        known,
        own: Map::new(),
        text: String::new(),
        left: MOST,
    };
    let mut at = 0;
    while at < pieces.len() {
        at = writer.write(&pieces, at, true);
    }
    writer.text
}

/// A template that is one output alone, as the value that it has; anything else as its text.
pub fn value(template: &str, known: &Json) -> Json {
    match pieces(template.trim()).as_slice() {
        [Piece::Output(output)] => {
            let writer = Writer {
                known,
                own: Map::new(),
                text: String::new(),
                left: 0,
            };
            writer.eval(output)
        }
        _ => Json::String(render(template, known)),
    }
}

fn pieces(template: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut rest) = (Vec::new(), template);
    while let Some(at) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let is_tag = rest[at..].starts_with("{%");
        let end = if is_tag { "%}" } else { "}}" };
        let Some(length) = rest[at + 2..].find(end) else {
            break;
        };
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let inner = rest[at + 2..at + 2 + length].trim_matches('-').trim();
        pieces.push(if is_tag {
            Piece::Tag(inner)
        } else {
            Piece::Output(inner)
        });
        rest = &rest[at + 4 + length..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

struct Writer<'k> {
    known: &'k Json,
    /// What the template has assigned itself.
    own: Map<String, Json>,
    text: String,
    /// How many pieces may still be written.
    left: usize,
}

impl Writer<'_> {
    /// Writes a piece, with all that belongs to it if it is a block; where the next one is.
    fn write(&mut self, pieces: &[Piece<'_>], at: usize, is_shown: bool) -> usize {
        if self.left == 0 {
            return pieces.len();
        }
        self.left -= 1;
        match pieces[at] {
            Piece::Text(text) => self.add(text, is_shown),
            Piece::Output(output) => {
                if is_shown {
                    let text = text(&self.eval(output));
                    self.add(&text, true);
                }
            }
            Piece::Tag(tag) => {
                let (word, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
                match word {
                    "if" | "unless" => return self.choose(pieces, at, is_shown),
                    "case" => return self.case(pieces, at, is_shown),
                    "for" => return self.repeat(pieces, at, is_shown),
                    "comment" => return self.block(pieces, at + 1, false, &["endcomment"]).0 + 1,
                    "assign" if is_shown => {
                        if let Some((name, of)) = rest.split_once('=') {
                            let value = self.eval(of.trim());
                            self.own.insert(name.trim().to_owned(), value);
                        }
                    }
                    _ => {}
                }
            }
        }
        at + 1
    }

    fn add(&mut self, text: &str, is_shown: bool) {
        if is_shown && self.text.len() + text.len() <= LONGEST {
            self.text.push_str(text);
        }
    }

    /// Writes pieces up to one of these tags, or to the end: where that is, and the whole tag.
    fn block<'t>(
        &mut self,
        pieces: &[Piece<'t>],
        mut at: usize,
        is_shown: bool,
        ends: &[&str],
    ) -> (usize, &'t str) {
        while at < pieces.len() {
            if let Piece::Tag(tag) = pieces[at]
                && ends.contains(&tag.split_whitespace().next().unwrap_or_default())
            {
                return (at, tag);
            }
            at = self.write(pieces, at, is_shown);
        }
        (at, "")
    }

    fn choose(&mut self, pieces: &[Piece<'_>], at: usize, is_shown: bool) -> usize {
        let Piece::Tag(mut tag) = pieces[at] else {
            return at + 1;
        };
        let (mut at, mut is_over) = (at, !is_shown);
        loop {
            let (word, rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
            let holds = match word {
                "else" => true,
                "unless" => !self.holds(rest),
                _ => self.holds(rest),
            };
            let ends = ["elsif", "else", "endif", "endunless"];
            let (end, found) = self.block(pieces, at + 1, holds && !is_over, &ends);
            is_over |= holds;
            if found.is_empty() || found.starts_with("end") {
                return end + 1;
            }
            (at, tag) = (end, found);
        }
    }

    fn case(&mut self, pieces: &[Piece<'_>], at: usize, is_shown: bool) -> usize {
        let Piece::Tag(tag) = pieces[at] else {
            return at + 1;
        };
        let of = self.eval(tag.trim_start_matches("case").trim());
        let ends = ["when", "else", "endcase"];
        let (mut end, mut found) = self.block(pieces, at + 1, false, &ends);
        let mut is_over = !is_shown;
        while !found.is_empty() && found != "endcase" {
            let values = found.strip_prefix("when").unwrap_or_default();
            let mut values = values.split([',']).flat_map(|value| value.split(" or "));
            let holds = found == "else" || values.any(|value| same(&self.eval(value.trim()), &of));
            (end, found) = self.block(pieces, end + 1, holds && !is_over, &ends);
            is_over |= holds;
        }
        end + 1
    }

    fn repeat(&mut self, pieces: &[Piece<'_>], at: usize, is_shown: bool) -> usize {
        let Piece::Tag(tag) = pieces[at] else {
            return at + 1;
        };
        let mut words = tag.split_whitespace().skip(1);
        let (name, list) = (
            words.next().unwrap_or_default(),
            words.nth(1).unwrap_or_default(),
        );
        let entries = match self.eval(list) {
            Json::Array(entries) if is_shown => entries,
            _ => Vec::new(),
        };
        for entry in entries.into_iter().take(ROUNDS) {
            self.own.insert(name.to_owned(), entry);
            self.block(pieces, at + 1, true, &["endfor"]);
        }
        self.block(pieces, at + 1, false, &["endfor"]).0 + 1
    }

    /// A condition: comparisons, joined by `and` and `or`.
    fn holds(&self, condition: &str) -> bool {
        if let Some((one, other)) = condition.split_once(" or ") {
            return self.holds(one) || self.holds(other);
        }
        if let Some((one, other)) = condition.split_once(" and ") {
            return self.holds(one) && self.holds(other);
        }
        for sign in ["==", "!=", "<>", "<=", ">=", "<", ">", " contains "] {
            let Some((one, other)) = condition.split_once(sign) else {
                continue;
            };
            let (one, other) = (self.eval(one.trim()), self.eval(other.trim()));
            return match sign {
                "==" => same(&one, &other),
                "!=" | "<>" => !same(&one, &other),
                " contains " => contains(&one, &other),
                _ => match (number(&one), number(&other)) {
                    (Some(one), Some(other)) => match sign {
                        "<" => one < other,
                        ">" => one > other,
                        "<=" => one <= other,
                        _ => one >= other,
                    },
                    _ => false,
                },
            };
        }
        // What is set is true, but for `false` itself.
        !matches!(self.eval(condition.trim()), Json::Null | Json::Bool(false))
    }

    /// What an output is: a value, and filters behind it.
    fn eval(&self, output: &str) -> Json {
        let mut parts = quoted_split(output, '|').into_iter();
        let value = self.operand(parts.next().unwrap_or_default().trim());
        parts.fold(value, |value, filter| self.filter(value, filter.trim()))
    }

    fn operand(&self, text: &str) -> Json {
        let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'));
        if let Some(inner) = quote.and_then(|quote| {
            text.strip_prefix(quote)
                .and_then(|text| text.strip_suffix(quote))
        }) {
            return Json::String(inner.to_owned());
        }
        match text {
            "" | "nil" | "null" => return Json::Null,
            "blank" | "empty" => return Json::String(String::new()),
            _ => {}
        }
        if let Ok(number) = serde_json::from_str::<Json>(text)
            && (number.is_number() || number.is_boolean())
        {
            return number;
        }
        self.path(text)
    }

    fn path(&self, path: &str) -> Json {
        let path = path.replace('[', ".").replace([']', '\'', '"'], "");
        let mut names = path.split('.').filter(|name| !name.is_empty());
        let Some(first) = names.next() else {
            return Json::Null;
        };
        let Some(start) = self.own.get(first).or_else(|| self.known.get(first)) else {
            return Json::Null;
        };
        let found = names.try_fold(start, |value, name| match value {
            Json::Array(list) => match name {
                "first" => list.first(),
                "last" => list.last(),
                _ => list.get(name.parse::<usize>().ok()?),
            },
            other => other.get(name),
        });
        found.cloned().unwrap_or_default()
    }

    fn filter(&self, value: Json, filter: &str) -> Json {
        let (name, arguments) = filter.split_once(':').unwrap_or((filter, ""));
        let arguments = quoted_split(arguments, ',').into_iter();
        let arguments: Vec<Json> = arguments
            .filter(|argument| !argument.trim().is_empty())
            .map(|argument| self.operand(argument.trim()))
            .collect();
        let first = arguments.first();
        let first_text = || first.map(text).unwrap_or_default();
        let on_text = |change: &dyn Fn(&str) -> String| Json::String(change(&text(&value)));
        match name.trim() {
            "plus" | "minus" | "times" | "divided_by" | "modulo" => {
                count(name.trim(), &value, first.unwrap_or(&Json::Null))
            }
            "downcase" => on_text(&str::to_lowercase),
            "upcase" => on_text(&str::to_uppercase),
            "strip" => on_text(&|text| text.trim().to_owned()),
            "lstrip" => on_text(&|text| text.trim_start().to_owned()),
            "rstrip" => on_text(&|text| text.trim_end().to_owned()),
            "append" => on_text(&|text| format!("{text}{}", first_text())),
            "prepend" => on_text(&|text| format!("{}{text}", first_text())),
            "remove" => on_text(&|text| text.replace(&first_text(), "")),
            "replace" => {
                let with = arguments.get(1).map(text).unwrap_or_default();
                on_text(&|text| text.replace(&first_text(), &with))
            }
            "capitalize" => on_text(&|text| {
                let mut letters = text.chars();
                let first = letters
                    .next()
                    .map(|letter| letter.to_uppercase().to_string());
                first.unwrap_or_default() + letters.as_str()
            }),
            "split" | "join" | "first" | "last" => on_list(name.trim(), value, &first_text()),
            "size" => Json::from(match &value {
                Json::Array(list) => list.len(),
                other => text(other).chars().count(),
            }),
            "default" => match &value {
                Json::Null | Json::Bool(false) => first.cloned().unwrap_or_default(),
                Json::String(text) if text.is_empty() => first.cloned().unwrap_or_default(),
                _ => value,
            },
            "to_json" | "json" => Json::String(value.to_string()),
            _ => value,
        }
    }
}

/// The filters of lists.
fn on_list(filter: &str, value: Json, sign: &str) -> Json {
    match (filter, &value) {
        ("split", _) => {
            let whole = text(&value);
            let parts = whole.split(sign).filter(|part| !part.is_empty());
            Json::Array(parts.map(Json::from).collect())
        }
        ("join", Json::Array(list)) => {
            Json::from(list.iter().map(text).collect::<Vec<_>>().join(sign))
        }
        ("first", Json::Array(list)) => list.first().cloned().unwrap_or_default(),
        ("last", Json::Array(list)) => list.last().cloned().unwrap_or_default(),
        ("join", _) => value,
        _ => Json::Null,
    }
}

/// Arithmetic: a text of digits counts as its number, anything else as nothing.
fn count(how: &str, one: &Json, other: &Json) -> Json {
    let number = |value: &Json| {
        let text = text(value);
        text.trim().parse::<f64>().unwrap_or_default()
    };
    let (one, other) = (number(one), number(other));
    let result = match how {
        "plus" => one + other,
        "minus" => one - other,
        "times" => one * other,
        "divided_by" if other != 0.0 => (one / other).floor(),
        "modulo" if other != 0.0 => one % other,
        _ => return Json::Null,
    };
    #[expect(clippy::cast_possible_truncation, reason = "it has been looked at")]
    if result.fract() == 0.0 && result.abs() < 1e15 {
        Json::from(result as i64)
    } else {
        Json::from(result)
    }
}

/// A text parted at a sign that stands outside of quotes.
fn quoted_split(text: &str, sign: char) -> Vec<&str> {
    let (mut parts, mut from, mut quote) = (Vec::new(), 0, None);
    for (at, letter) in text.char_indices() {
        match quote {
            Some(open) if letter == open => quote = None,
            None if matches!(letter, '\'' | '"') => quote = Some(letter),
            None if letter == sign => {
                parts.push(&text[from..at]);
                from = at + letter.len_utf8();
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn same(one: &Json, other: &Json) -> bool {
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one.total_cmp(&other).is_eq(),
        _ => one == other || (text(one) == text(other) && one.is_string() == other.is_string()),
    }
}

fn contains(one: &Json, other: &Json) -> bool {
    match one {
        Json::Array(list) => list.iter().any(|entry| same(entry, other)),
        _ => text(one).contains(&text(other)),
    }
}

fn number(value: &Json) -> Option<f64> {
    value.as_f64()
}

/// A value as it is written.
pub fn text(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Array(list) => list.iter().map(text).collect(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn templates_say_what_studio_says() {
        let known = json!({
            "flow": { "variables": { "tries": "2", "left": 3 } },
            "widgets": { "menu": { "Digits": "1" }, "look": { "parsed": { "flags": ["a", "b"], "n": 0 } } },
        });
        let table = [
            ("no template", "no template"),
            ("{{widgets.menu.Digits}}!", "1!"),
            ("{{ widgets.other.Digits }}", ""),
            ("{{flow.variables.tries | plus: 1}}", "3"),
            ("{{flow.variables.unset| plus: 1}}", "1"),
            (
                "{% if flow.variables.unset %}yes{% else %}no{% endif %}",
                "no",
            ),
            (
                "{% if flow.variables.left > 2 and flow.variables.tries == '2' %}yes{% endif %}",
                "yes",
            ),
            (
                "{% unless widgets.menu.Digits == '2' %}a{% elsif true %}b{% endunless %}",
                "a",
            ),
            (
                "{% case widgets.menu.Digits %}{% when '1', '2' %}one{% else %}none{% endcase %}",
                "one",
            ),
            ("{% assign x = 'a' %}{{ x | upcase | append: 'b' }}", "Ab"),
            (
                "{% for f in widgets.look.parsed.flags %}{{f}},{% endfor %}",
                "a,b,",
            ),
            ("{{ 'a.b' | replace:'.' ,'' | size }}", "2"),
            ("{{ widgets.look.parsed.n | default: 7 }}", "0"),
            ("{{ unset | default: 'x' }}", "x"),
            ("{{ unclosed", "{{ unclosed"),
            ("{% if unclosed %}a", ""),
            ("{{ 'a|b' | split: '|' | last }}", "b"),
        ];
        for (template, said) in table {
            assert_eq!(render(template, &known), said, "{template}");
        }
        assert_eq!(value("{{widgets.look.parsed.n}}", &known), json!(0));
    }

    #[test]
    fn a_template_without_end_ends() {
        let list: Vec<u32> = (0..20).collect();
        let loops = "{% for a in list %}".repeat(6) + "x" + &"{% endfor %}".repeat(6);
        assert!(render(&loops, &json!({ "list": list })).len() <= LONGEST);
    }
}
