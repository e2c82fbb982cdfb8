//! Reads tables of keys, and finds those that could not be told apart.

use std::ops::Range;

use super::super::key::{Key, KeyWords, MAX_KEYS, run};
use super::super::keys::shared::{SAYS, VALUE};
use super::super::keys::top::TOP_VALUES;
use super::super::speech::{Normal, confusable, digits};
use super::super::value::Value;
use super::super::way::Way;
use super::Checker;
use crate::written::{Code, Explain, Item, Table};

/// What a table of keys may hold.
#[derive(Clone, Copy)]
pub struct KeyRules {
    /// What keys are made of.
    pub legal: &'static str,
    /// A name that stands for no key of its own, and is read by whoever knows it.
    pub other: Option<&'static str>,
    /// Whether only a whole entry counts as a key, so that keys may begin alike; such a key is a way, and nothing else.
    pub is_entry: bool,
}

impl Key {
    /// Reads a table of keys: of a menu or an ask, or `[anywhere]`.
    pub fn parse_all(table: &Table<'_>, check: &mut Checker, rules: KeyRules) -> Vec<Self> {
        let legal = rules.legal;
        let mut all: Vec<(Self, Range<usize>)> = Vec::new();
        let mut written = table.all();
        written.retain(|(name, _)| rules.other != Some(*name));
        if written.len() > MAX_KEYS {
            let message = format!("here are {} keys", written.len());
            check
                .fault(Code::KeysTooMany, table.span(), message)
                .help(format!("at most {MAX_KEYS}"));
            return Vec::new();
        }
        for (name, item) in written {
            for keys in run(name) {
                if keys.is_empty() || !keys.chars().all(|key| legal.contains(key)) {
                    illegal(name, item.key_span(), check, legal);
                    break;
                }
                let Some(key) = Self::parse(name, keys, item, check, rules) else {
                    break;
                };
                all.push((key, item.key_span()));
            }
        }
        ambiguous(&all, check, rules.is_entry);
        same_words(&all, check);
        like_words(&all, check);
        all.into_iter().map(|(key, _)| key).collect()
    }

    fn parse(
        name: &str,
        keys: String,
        item: Item<'_>,
        check: &mut Checker,
        rules: KeyRules,
    ) -> Option<Self> {
        let whose = format!("key `{name}`");
        if item.value.as_str().is_some() || rules.is_entry {
            return Some(Self {
                keys,
                value: None,
                says: Vec::new(),
                way: Way::parse_item(item, check, &whose)?,
            });
        }
        let table = item.table(
            check,
            &format!("{whose} must be a step, or a table with `next`"),
        )?;
        let value = table.get(VALUE.name).and_then(|item| value(item, check));
        let says = table
            .get(SAYS.name)
            .map(|item| words(item, check))
            .unwrap_or_default();
        let way = Way::parse(&table, check, &whose);
        table.finish(check, &whose);
        Some(Self {
            keys,
            value,
            says,
            way: way?,
        })
    }
}

fn illegal(name: &str, span: Range<usize>, check: &mut Checker, legal: &str) {
    if TOP_VALUES.contains(&name) {
        return check.misplaced(name, span, "a table of keys");
    }
    let help = match name {
        "#" => "`#` ends an entry, so it cannot mean something else everywhere: make it a key of a menu".to_owned(),
        _ if let Some(key) = key_named(name) => format!("write the key itself: `{key}`"),
        _ if let Some(run) = run_meant(name) => format!("a run of keys is written `{run}`"),
        _ => format!("keys are made of {legal}; a run of them is written `1-3` or `10-19`, the lower one first"),
    };
    check
        .fault(
            Code::KeysIllegal,
            span,
            match name {
                "" => "here must be a key, but nothing is".to_owned(),
                _ => format!("`{name}` cannot be pressed here"),
            },
        )
        .help(help);
}

/// The key that a word names.
fn key_named(name: &str) -> Option<&'static str> {
    let small = name.to_lowercase();
    let known = [
        ("0", ["zero", "null", "nought"]),
        ("1", ["one", "eins", "first"]),
        ("2", ["two", "zwei", "second"]),
        ("3", ["three", "drei", "third"]),
        ("4", ["four", "vier", "fourth"]),
        ("5", ["five", "fünf", "fifth"]),
        ("6", ["six", "sechs", "sixth"]),
        ("7", ["seven", "sieben", "seventh"]),
        ("8", ["eight", "acht", "eighth"]),
        ("9", ["nine", "neun", "ninth"]),
        ("\"*\"", ["star", "asterisk", "stern"]),
        ("\"#\"", ["hash", "pound", "raute"]),
    ];
    let found = known.iter().find(|(_, words)| words.contains(&&*small));
    found.map(|(key, _)| *key)
}

/// The run that is meant by `3..5`, `3 to 5` or `5-3`.
fn run_meant(name: &str) -> Option<String> {
    let ends: Vec<&str> = name
        .split(|letter: char| !letter.is_ascii_digit())
        .filter(|part| !part.is_empty())
        .collect();
    let [one, other] = ends.as_slice() else {
        return None;
    };
    let (low, high) = if one <= other {
        (one, other)
    } else {
        (other, one)
    };
    (one.len() == other.len() && one != other).then(|| format!("{low}-{high}"))
}

fn value(item: Item<'_>, check: &mut Checker) -> Option<Value> {
    if let Some(text) = item.value.as_str() {
        return Some(Value::Text(text.to_owned()));
    }
    let value = item
        .as_integer()
        .map(Value::Integer)
        .or_else(|| item.value.as_bool().map(Value::Boolean));
    if value.is_none() {
        item.wrong(check, "`value` must be text, a whole number, true or false");
    }
    value
}

/// Words that stand for a key: in every language, or by language.
fn words(item: Item<'_>, check: &mut Checker) -> Vec<KeyWords> {
    if !item.value.is_table() {
        let all = 0..check.languages.len();
        return words_in(&all.collect::<Vec<_>>(), item, check);
    }
    let Some(table) = item.table(check, SAYS_WHAT) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (tag, item) in table.all() {
        let place = check.language(tag, item.key_span());
        all.extend(words_in(place.as_slice(), item, check));
    }
    all
}

/// The most characters of a hint (Twilio, documentation of Gather).
const LONGEST_HINT: usize = 100;

const SAYS_WHAT: &str = "`says` must be a list of words, or one for each language";

/// The words of a list, in the form that they have in each of some languages.
fn words_in(languages: &[usize], item: Item<'_>, check: &mut Checker) -> Vec<KeyWords> {
    let written = item.texts(check, SAYS_WHAT);
    let places = languages
        .iter()
        .filter_map(|place| Some((u8::try_from(*place).ok()?, *place)));
    let all = places.flat_map(|(language, place)| {
        let tag = &check.languages[place].tag;
        let words = written.iter().map(move |(word, _)| KeyWords {
            language,
            written: (*word).to_owned(),
            words: Normal::new(word, tag),
        });
        words.collect::<Vec<_>>()
    });
    let all: Vec<KeyWords> = all.collect();
    for (words, (_, entry)) in all.iter().zip(&written) {
        unheard(words, entry.clone(), check);
    }
    all
}

/// Words that stand for two keys in one language: only the first is ever taken.
fn same_words(all: &[(Key, Range<usize>)], check: &mut Checker) {
    let alike = |one: &KeyWords, other: &KeyWords| {
        one.language == other.language && one.words.is_same(&other.words)
    };
    let mut known: Vec<(&KeyWords, &str, &Range<usize>)> = Vec::new();
    let mut reported: Vec<&Range<usize>> = Vec::new();
    for (key, place) in all {
        for words in &key.says {
            let first = known.iter().find(|(other, ..)| alike(other, words));
            let Some((_, other, at)) = first.filter(|_| !reported.contains(&place)) else {
                known.push((words, &key.keys, place));
                continue;
            };
            reported.push(place);
            let also = check.place((*at).clone());
            let message = format!(
                "who says \"{}\" is taken to mean key `{other}`, and never key `{}`",
                words.words, key.keys
            );
            check
                .fault(Code::SaysTwice, place.clone(), message)
                .help("give each key words of its own")
                .also(also, format!("key `{other}` is here"));
        }
    }
}

/// Words of two keys that a recogniser may take for each other, in one language; or that are the number of another key.
fn like_words(all: &[(Key, Range<usize>)], check: &mut Checker) {
    let mut reported: Vec<&Range<usize>> = Vec::new();
    for (at, (key, place)) in all.iter().enumerate() {
        for words in &key.says {
            if reported.contains(&place) {
                break;
            }
            let Some((other, also, why)) = like(all, at, words, check) else {
                continue;
            };
            reported.push(place);
            let message = format!("\"{}\" of key `{}` {why}", words.words, key.keys);
            let also = check.place(also);
            check
                .fault(Code::SaysAlike, place.clone(), message)
                .help("take words that sound like nothing else here")
                .also(also, format!("key `{other}` is here"));
        }
    }
}

/// Another key for which words of one may be taken, where it is, and why.
fn like(
    all: &[(Key, Range<usize>)],
    at: usize,
    words: &KeyWords,
    check: &Checker,
) -> Option<(String, Range<usize>, String)> {
    let tag = &check.languages[usize::from(words.language)].tag;
    let number = digits(&words.words, tag);
    let others = all.iter().enumerate().filter(|(place, _)| *place != at);
    for (place, (other, span)) in others {
        let found = |why| Some((other.keys.clone(), span.clone(), why));
        if number.as_ref() == Some(&other.keys) {
            return found(format!("is the number of key `{}`", other.keys));
        }
        // Each pair once, and what is the same is another fault.
        let mut own = other.words_in(words.language).filter(|_| place < at);
        let like = own
            .find(|own| !own.words.is_same(&words.words) && confusable(&own.words, &words.words));
        if let Some(like) = like {
            let like = &like.words;
            return found(format!(
                "is hardly told from \"{like}\" of key `{}`",
                other.keys
            ));
        }
    }
    None
}

/// Words that nobody can say, or that are longer than what the carrier is told to expect.
fn unheard(words: &KeyWords, at: Range<usize>, check: &mut Checker) {
    if words.words.is_empty() {
        let message = format!("\"{}\" is nothing that can be said", words.written);
        check
            .fault(Code::SaysUnheard, at, message)
            .help("write a word, or leave it out");
    } else if words.written.chars().count() > LONGEST_HINT {
        let message =
            format!("the carrier is told only the first {LONGEST_HINT} characters of this");
        check
            .fault(Code::SaysUnheard, at, message)
            .help("take the few words that callers say");
    }
}

/// Keys that begin alike could only be told apart by waiting, and the same key twice not at all.
fn ambiguous(all: &[(Key, Range<usize>)], check: &mut Checker, is_entry: bool) {
    let alike = |short: &str, long: &str| long.starts_with(short) && (!is_entry || long == short);
    let mut sorted: Vec<_> = all
        .iter()
        .map(|(key, span)| (key.keys.as_str(), span))
        .collect();
    sorted.sort_by_key(|(keys, span)| (*keys, span.start));
    let mut beginning = None;
    for (long, second) in sorted {
        let Some((short, first)) =
            beginning.filter(|(short, _): &(&str, &Range<usize>)| alike(short, long))
        else {
            beginning = Some((long, second));
            continue;
        };
        let message = if short == long {
            format!("key `{short}` stands here twice")
        } else {
            format!("key `{short}` is the beginning of key `{long}`")
        };
        let help = if short == long {
            "give each way a key of its own"
        } else {
            "give each way a key of its own, all of one length: nobody knows whether more is to come"
        };
        let (earlier, later) = if first.start < second.start {
            (first, second)
        } else {
            (second, first)
        };
        let also = check.place(earlier.clone());
        let earlier_key = if earlier == first { short } else { long };
        check
            .fault(Code::KeysAmbiguous, later.clone(), message)
            .help(help)
            .also(also, format!("key `{earlier_key}` is here"));
    }
}

/// A key that begins one of `[anywhere]`, or begins with it, could not be told from it either.
pub fn ambiguous_anywhere(table: &Table<'_>, check: &mut Checker) {
    for (name, item) in table.all() {
        for keys in run(name).into_iter().filter(|keys| !keys.is_empty()) {
            let begins = |(other, _): &&(String, Range<usize>)| {
                *other != keys && (other.starts_with(&keys) || keys.starts_with(other.as_str()))
            };
            let Some((other, span)) = check.here.anywhere.iter().find(begins).cloned() else {
                continue;
            };
            let also = check.place(span);
            let message = format!(
                "key `{keys}` cannot be told from key `{other}` of `[anywhere]` without waiting"
            );
            check
                .fault(Code::KeysAmbiguous, item.key_span(), message)
                .help("take keys that do not begin alike")
                .also(also, format!("key `{other}` is here"));
        }
    }
}
