//! What the values of attributes may be.

use std::borrow::Cow;

use crate::twiml::limits;
use crate::written::voices;

/// What a value may be.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueRule {
    Any,
    /// A whole number from the first to the second.
    Count(u32, u32),
    /// The same, or this word.
    CountOr(u32, u32, &'static str),
    /// A number with decimals from zero to this.
    Amount(u32),
    /// One of these words.
    One(&'static [&'static str]),
    /// Some of these words, with spaces between them.
    Some(&'static [&'static str]),
    /// Whole numbers, with spaces between them.
    Counts,
    /// An address: absolute, relative, or empty.
    Url,
    /// The address of a WebSocket.
    Socket,
    /// Who is said to call: a number, a client, a SIP user.
    CallerId,
    /// Keys and pauses that are sounded.
    Tones,
    /// At most so many of these characters.
    Characters(&'static str, usize),
    /// At most so many characters.
    Short(usize),
    /// The words that a recogniser should expect.
    Hints,
    Voice,
    /// A language of Say.
    Language,
    /// How loud, fast or high is spoken: one of these words, or a number with one of these units.
    Spoken(&'static [&'static str], &'static [&'static str]),
}

impl ValueRule {
    pub(super) const BOOL: Self = Self::One(&["true", "false"]);
    pub(super) const METHOD: Self = Self::One(&["POST", "GET"]);
    /// A whole number above zero.
    pub(super) const POSITIVE: Self = Self::Count(1, u32::MAX);
    pub(super) const COUNT: Self = Self::Count(0, u32::MAX);

    /// What is wrong with a value, in words that follow it; nothing if it is one.
    pub(super) fn fault(&self, value: &str) -> Option<Cow<'static, str>> {
        let fits = match *self {
            Self::Any => true,
            Self::Count(least, most) => is_count(value, least, most),
            Self::CountOr(least, most, word) => value == word || is_count(value, least, most),
            Self::Amount(most) => is_amount(value, most),
            Self::One(words) => words.contains(&value),
            Self::Some(words) => value
                .split_ascii_whitespace()
                .all(|word| words.contains(&word)),
            Self::Counts => value
                .split_ascii_whitespace()
                .all(|word| is_count(word, 0, u32::MAX)),
            Self::Url => return url_fault(value, &["http", "https"]),
            Self::Socket => value.starts_with("wss://"),
            Self::CallerId => {
                !value.is_empty()
                    && value
                        .chars()
                        .all(|one| one.is_ascii_alphanumeric() || "+-_.@: ()".contains(one))
            }
            Self::Tones => value
                .chars()
                .all(|key| matches!(key, '0'..='9' | 'A'..='D' | '#' | '*' | 'w' | 'W')),
            Self::Characters(legal, most) => {
                value.chars().all(|one| legal.contains(one)) && value.len() <= most
            }
            Self::Short(most) => value.chars().count() <= most,
            Self::Hints => return hints_fault(value),
            Self::Voice => voices::is_known(value),
            Self::Language => voices::LANGUAGES.contains(&value),
            Self::Spoken(words, units) => words.contains(&value) || is_measure(value, units),
        };
        (!fits).then(|| self.told(value))
    }

    /// What a value must be, and which one may have been meant.
    fn told(&self, value: &str) -> Cow<'static, str> {
        match *self {
            Self::Count(least, u32::MAX) => format!("must be a whole number from {least}").into(),
            Self::Count(least, most) => {
                format!("must be a whole number from {least} to {most}").into()
            }
            Self::CountOr(least, _, word) => {
                format!("must be a whole number from {least}, or `{word}`").into()
            }
            Self::Amount(most) => format!("must be an amount from 0 to {most}, as 12.50").into(),
            Self::One(words) => meant(value, words, "must be").into(),
            Self::Some(words) => {
                let odd = value
                    .split_ascii_whitespace()
                    .find(|word| !words.contains(word))
                    .unwrap_or(value);
                format!(
                    "holds `{odd}`, and {}",
                    meant(odd, words, "may hold, with spaces between them,")
                )
                .into()
            }
            Self::Counts => "must be whole numbers with spaces between them".into(),
            Self::Socket => "must begin with `wss://`".into(),
            Self::CallerId => "must be a number, as +442079460000, a client or a SIP user".into(),
            Self::Tones => "may hold 0-9, A-D, #, *, and w or W for a pause".into(),
            Self::Characters(legal, most) if most < legal.len() => {
                format!("must be one of the characters {legal}, or empty").into()
            }
            Self::Characters(legal, _) => format!("may hold only the characters {legal}").into(),
            Self::Short(most) => format!("has more than {most} characters").into(),
            Self::Voice => nearest(value, voices::names(value).iter().map(String::as_str))
                .map_or_else(
                    || "is no voice of the carrier".to_owned(),
                    |name| format!("is no voice of the carrier: did you mean `{name}`?"),
                )
                .into(),
            Self::Language => nearest(value, voices::LANGUAGES.iter().copied())
                .map_or_else(
                    || "is no language of Say".to_owned(),
                    |name| format!("is no language of Say: did you mean `{name}`?"),
                )
                .into(),
            Self::Spoken(words, units) => format!(
                "must be {}, or a number with {}",
                words.join(", "),
                units.join(" or ")
            )
            .into(),
            Self::Any | Self::Url | Self::Hints => "is not allowed".into(),
        }
    }
}

fn is_count(value: &str, least: u32, most: u32) -> bool {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    digits
        && value
            .parse::<u32>()
            .is_ok_and(|count| (least..=most).contains(&count))
}

fn is_amount(value: &str, most: u32) -> bool {
    let plain = value
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    plain
        && value
            .parse::<f64>()
            .is_ok_and(|amount| amount <= f64::from(most))
}

/// A number, perhaps with a sign and decimals, and a unit.
fn is_measure(value: &str, units: &[&str]) -> bool {
    let number = units.iter().find_map(|unit| value.strip_suffix(unit));
    number.is_some_and(|number| {
        let digits = number.strip_prefix(['+', '-']).unwrap_or(number);
        digits.starts_with(|first: char| first.is_ascii_digit())
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    })
}

/// What is wrong with an address, in words that follow it.
pub(super) fn url_fault(value: &str, schemes: &[&str]) -> Option<Cow<'static, str>> {
    let value = value.trim();
    if value.contains(char::is_whitespace) {
        return Some("is no URL: there is a space in it".into());
    }
    let head = value.split(['/', '?', '#']).next().unwrap_or_default();
    let (scheme, _) = head.split_once(':')?;
    let named = !scheme.is_empty()
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+.-".contains(&byte));
    if !named {
        return None;
    }
    if !schemes
        .iter()
        .any(|known| scheme.eq_ignore_ascii_case(known))
    {
        return Some(
            format!(
                "is not fetched by the carrier: it must begin with `{}://`",
                schemes.join("://` or `")
            )
            .into(),
        );
    }
    let rest = value[scheme.len() + 1..].strip_prefix("//");
    let host = rest
        .and_then(|rest| rest.split(['/', '?', '#']).next())
        .unwrap_or_default();
    host.is_empty()
        .then(|| "is no URL: it names no host".into())
}

fn hints_fault(value: &str) -> Option<Cow<'static, str>> {
    if value.len() <= limits::HINT {
        return None;
    }
    if value.split(',').count() > limits::HINTS {
        return Some(format!("has more than {} entries", limits::HINTS).into());
    }
    let long = value
        .split(',')
        .any(|hint| hint.trim().chars().count() > limits::HINT);
    long.then(|| format!("has an entry of more than {} characters", limits::HINT).into())
}

/// What is allowed, shortly, with the one that may have been meant in front.
fn meant(value: &str, words: &[&'static str], must: &str) -> String {
    if let Some(word) = nearest(value, words.iter().copied()) {
        return format!("{must} one of {}: did you mean `{word}`?", listed(words));
    }
    format!(
        "{must} {}{}",
        if words.len() > 1 { "one of " } else { "" },
        listed(words)
    )
}

/// Words with commas between them; of many only the first.
pub(super) fn listed(words: &[&str]) -> String {
    const SHOWN: usize = 12;
    let shown = words[..words.len().min(SHOWN)].join(", ");
    if words.len() > SHOWN {
        format!("{shown}, …")
    } else {
        shown
    }
}

/// The name that was meant, if one is near enough; in capitals or small letters it is as near as can be.
pub(super) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    // Names are short; what is long was never one, and comparing it would take long.
    if name.len() > 64 {
        return None;
    }
    let small = name.to_lowercase();
    let distance = |known: &str| strsim::damerau_levenshtein(&small, &known.to_lowercase());
    let near = known
        .into_iter()
        .map(|known| (distance(known), known))
        .min_by_key(|(distance, _)| *distance)?;
    (near.0 <= name.chars().count().div_ceil(4).min(3)).then_some(near.1)
}
