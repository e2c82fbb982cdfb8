//! The keys that a prompt tells the caller to press, in the words of some languages.

use super::super::answer::Answer;
use super::super::prompt::{Prompt, Segment};
use super::super::question::Question;
use super::super::template::Piece;
use super::Checker;
use crate::written::voices::primary;
use crate::written::{Code, Explain, Item};

/// How a language tells keys.
struct Words {
    /// The language, without a country.
    language: &'static str,
    /// Words that tell the caller to press what follows.
    press: &'static [&'static str],
    /// Words that may stand between these and the key.
    filler: &'static [&'static str],
    /// Words behind a key that say what it is for.
    aim: &'static [&'static str],
    /// Words that join keys: what follows is told as well.
    join: &'static [&'static str],
    /// Words that make two keys a run.
    to: &'static [&'static str],
    /// Words that tell the caller to wait.
    wait: &'static [&'static str],
    /// Keys that have names.
    keys: &'static [(&'static str, char)],
}

const LANGUAGES: &[Words] = &[
    Words {
        language: "en",
        press: &["press", "pressing", "dial", "hit", "key", "touch"],
        filler: &[
            "the", "key", "number", "digit", "please", "a", "star", "button",
        ],
        aim: &["for", "to"],
        join: &["or", "and"],
        to: &["to", "through", "until"],
        wait: &["wait", "pause"],
        keys: &[
            ("zero", '0'),
            ("one", '1'),
            ("two", '2'),
            ("three", '3'),
            ("four", '4'),
            ("five", '5'),
            ("six", '6'),
            ("seven", '7'),
            ("eight", '8'),
            ("nine", '9'),
            ("star", '*'),
            ("asterisk", '*'),
            ("hash", '#'),
            ("pound", '#'),
            ("octothorpe", '#'),
        ],
    },
    Words {
        language: "de",
        press: &[
            "drücken", "drücke", "drück", "wählen", "wähle", "taste", "tippen",
        ],
        filler: &[
            "sie", "die", "bitte", "taste", "ziffer", "zahl", "nummer", "dann", "einfach", "auf",
        ],
        aim: &["für"],
        join: &["oder", "und"],
        to: &["bis"],
        wait: &["warten", "warte"],
        keys: &[
            ("null", '0'),
            ("eins", '1'),
            ("zwei", '2'),
            ("drei", '3'),
            ("vier", '4'),
            ("fünf", '5'),
            ("sechs", '6'),
            ("sieben", '7'),
            ("acht", '8'),
            ("neun", '9'),
            ("stern", '*'),
            ("sterntaste", '*'),
            ("raute", '#'),
            ("rautetaste", '#'),
            ("rautezeichen", '#'),
            ("doppelkreuz", '#'),
        ],
    },
    Words {
        language: "fr",
        press: &["appuyez", "tapez", "touche", "composez"],
        filler: &["sur", "la", "le", "touche", "chiffre"],
        aim: &["pour"],
        join: &["ou", "et"],
        to: &["à"],
        wait: &["attendez", "patientez"],
        keys: &[
            ("zéro", '0'),
            ("un", '1'),
            ("deux", '2'),
            ("trois", '3'),
            ("quatre", '4'),
            ("cinq", '5'),
            ("six", '6'),
            ("sept", '7'),
            ("huit", '8'),
            ("neuf", '9'),
            ("étoile", '*'),
            ("dièse", '#'),
        ],
    },
    Words {
        language: "bg",
        press: &["натиснете", "изберете"],
        filler: &["клавиш", "цифрата", "бутон"],
        aim: &["за"],
        join: &["или", "и"],
        to: &["до"],
        wait: &["изчакайте", "почакайте"],
        keys: &[
            ("нула", '0'),
            ("едно", '1'),
            ("две", '2'),
            ("три", '3'),
            ("четири", '4'),
            ("пет", '5'),
            ("шест", '6'),
            ("седем", '7'),
            ("осем", '8'),
            ("девет", '9'),
            ("звезда", '*'),
            ("диез", '#'),
        ],
    },
];

/// The keys in a text.
#[derive(Debug, Default, PartialEq)]
pub struct ToldKeys {
    /// Keys that the caller is told to press.
    pub pressed: Vec<char>,
    /// Keys that are named anyhow.
    pub named: Vec<char>,
    /// Whether the caller is told to wait.
    pub waits: bool,
}

/// The keys that a text tells, in a language; nothing where its words are not known.
pub fn told_keys(text: &str, language: &str) -> Option<ToldKeys> {
    let words = LANGUAGES
        .iter()
        .find(|words| words.language == primary(language))?;
    let small = text.to_lowercase();
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '*' || letter == '#';
    let tokens: Vec<&str> = small
        .split(|letter: char| !is_part(letter))
        .filter(|token| !token.is_empty())
        .collect();
    let mut told = ToldKeys {
        waits: tokens.iter().any(|token| words.wait.contains(token)),
        ..ToldKeys::default()
    };
    let mut is_pressed = false;
    let mut last: Option<char> = None;
    let mut is_run = false;
    for (at, token) in tokens.iter().enumerate() {
        if let Some(key) = key_of(token, words) {
            if let Some(low) = last.filter(|_| is_run) {
                told.named.extend(low..=key);
            }
            let is_aimed = tokens
                .get(at + 1)
                .is_some_and(|next| words.aim.contains(next))
                && token.len() == 1;
            if is_pressed || is_aimed && last.is_some() {
                told.pressed.push(key);
            }
            told.named.push(key);
            (last, is_run) = (Some(key), false);
            is_pressed &= tokens
                .get(at + 1)
                .is_some_and(|next| words.join.contains(next) || words.to.contains(next));
        } else if words.press.contains(token) {
            is_pressed = true;
        } else if words.to.contains(token) {
            is_run = last.is_some();
        } else if !words.filler.contains(token) && !words.join.contains(token) {
            is_pressed = false;
        }
    }
    Some(told)
}

fn key_of(token: &str, words: &Words) -> Option<char> {
    let mut letters = token.chars();
    match (letters.next(), letters.next()) {
        (Some(key), None) if key.is_ascii_digit() || key == '*' || key == '#' => Some(key),
        _ => words
            .keys
            .iter()
            .find(|(word, _)| *word == token)
            .map(|(_, key)| *key),
    }
}

/// Compares the keys that a menu's words tell, in all languages together, with the keys that it has: each as it is
/// written, and what it stands for.
pub fn compare(
    prompt: &Prompt,
    at: Item<'_>,
    keys: &[(Vec<String>, Item<'_>)],
    check: &mut Checker,
) {
    let mut all = ToldKeys::default();
    let mut lacking: Vec<(char, &str)> = Vec::new();
    let languages = check.languages.clone();
    for (place, language) in languages.iter().enumerate() {
        let text = plain_text(prompt, place);
        let Some(told) = text.and_then(|text| told_keys(&text, &language.tag)) else {
            // Whatever is said there may tell every key.
            return;
        };
        for key in &told.pressed {
            if !has_key(*key, keys, check) && lacking.iter().all(|(other, _)| other != key) {
                lacking.push((*key, &language.tag));
            }
        }
        all.pressed.extend(told.pressed);
        all.named.extend(told.named);
    }
    let is_digit = |key: &String| key.len() == 1 && key.as_bytes()[0].is_ascii_digit();
    let is_untold = |(names, _): &&(Vec<String>, Item<'_>)| matches!(names.as_slice(), [key] if is_digit(key) && !key.chars().any(|key| all.named.contains(&key)));
    let mut untold = keys.iter().filter(is_untold);
    if lacking.is_empty() && !all.pressed.is_empty() {
        for (names, item) in untold {
            let message = format!(
                "the words tell other keys of this menu, but not key `{}`",
                names[0]
            );
            check
                .fault(Code::KeyUntold, item.key_span(), message)
                .help("say in the prompt what it is for, or take the key out");
        }
        return;
    }
    for (key, language) in lacking {
        let message = format!("the words in {language} tell key `{key}`, and this menu has none");
        let help = untold.next().map_or_else(
            || format!("add `keys.{} = \"…\"`, or change the words", quoted(key)),
            |(names, _)| {
                format!(
                    "no words tell its key `{}`: did you mean that one?",
                    names[0]
                )
            },
        );
        check
            .fault(Code::KeyToldMissing, at.span(), message)
            .help(help);
    }
}

/// Compares the keys that whoever is called may press with the words that they hear, in the flow's first language.
pub fn compare_whispered(
    prompt: &Prompt,
    at: Item<'_>,
    keys: impl Iterator<Item = char>,
    check: &mut Checker,
) {
    let language = check.languages.first().map(|language| language.tag.clone());
    let told = plain_text(prompt, 0).zip(language);
    let Some(told) = told.and_then(|(text, language)| told_keys(&text, &language)) else {
        return;
    };
    for key in keys.filter(|key| !told.named.contains(key)) {
        check
            .fault(
                Code::KeyUntold,
                at.span(),
                format!("the words do not tell key `{key}`"),
            )
            .help("say to whoever answers what it is for, or leave it out");
    }
}

fn has_key(key: char, keys: &[(Vec<String>, Item<'_>)], check: &Checker) -> bool {
    let own = keys.iter().flat_map(|(keys, _)| keys).map(String::as_str);
    let everywhere = check.here.anywhere.iter().map(|(keys, _)| keys.as_str());
    own.chain(everywhere).any(|keys| keys.starts_with(key))
}

/// How many keys more the longest entry must have than the shortest before its end is missed: whoever enters one digit
/// of two knows that it is all.
const FAR_APART: u32 = 2;

/// Words that say nothing of the number sign, where nothing but that or a pause ends an entry.
pub fn end_untold(
    question: &Question,
    at: Item<'_>,
    (shortest, longest): (u32, u32),
    check: &mut Checker,
) {
    if longest.saturating_sub(shortest) < FAR_APART {
        return;
    }
    let languages = check.languages.iter().enumerate();
    let mut untold = languages.filter_map(|(place, language)| {
        let told = told_keys(&plain_text(&question.prompt, place)?, &language.tag)?;
        (!told.waits && !told.named.contains(&'#')).then(|| language.tag.clone())
    });
    let Some(language) = untold.next() else {
        return;
    };
    let message = format!(
        "an entry here has {shortest} to {longest} keys, and the words in {language} do not tell how it ends: by the hash key, or when nothing is pressed for {} s",
        question.timeout
    );
    check
        .fault(Code::HashUntold, at.span(), message)
        .help("say \"…, then press hash\" in the prompt");
}

/// Words that do not tell the keys which stand for the values of a type.
pub fn values_untold(prompt: &Prompt, at: Item<'_>, kind: &dyn Answer, check: &mut Checker) {
    let values = kind.values();
    let first = check.languages.first().map_or("", |language| &language.tag);
    let meant = |key: char| {
        let value = kind.check(&key.to_string())?;
        values
            .contains(&value.to_string())
            .then(|| (key, kind.speak(&value, first)))
    };
    let keys: Vec<(char, String)> = ('0'..='9').filter_map(meant).collect();
    // Longer entries are mostly the values themselves.
    if keys.is_empty() || keys.len() != values.len() {
        return;
    }
    let mut named: Vec<char> = Vec::new();
    for (place, language) in check.languages.iter().enumerate() {
        let text = plain_text(prompt, place);
        let Some(told) = text.and_then(|text| told_keys(&text, &language.tag)) else {
            // Whatever is said there may tell every key.
            return;
        };
        named.extend(told.named);
    }
    // Whoever says how many or which number says the key.
    let is_itself = |key: char, value: &str| value == key.to_string();
    let untold = keys
        .iter()
        .filter(|(key, value)| !named.contains(key) && !is_itself(*key, value));
    let untold: Vec<String> = untold
        .map(|(key, value)| format!("`{key}` for {value}"))
        .collect();
    if untold.is_empty() {
        return;
    }
    let message = format!(
        "the words do not tell the caller to press {}",
        untold.join(", ")
    );
    check
        .fault(Code::KeyUntold, at.span(), message)
        .help("say in the prompt which key stands for what");
}

/// A key of `[anywhere]` that a question tells, although it is a legal entry there.
pub fn shadowed(
    prompt: &Prompt,
    at: Item<'_>,
    is_legal: impl Fn(&str) -> bool,
    check: &mut Checker,
) {
    let mut found = None;
    for (place, language) in check.languages.iter().enumerate() {
        let told = plain_text(prompt, place).and_then(|text| told_keys(&text, &language.tag));
        let Some(told) = told else { continue };
        let mut everywhere = check.here.anywhere.iter();
        found = found.or(everywhere.find(|(keys, _)| {
            let mut letters = keys.chars();
            let only = letters.next().filter(|_| letters.next().is_none());
            is_legal(keys) && only.is_some_and(|key| told.pressed.contains(&key))
        }));
    }
    let Some((keys, span)) = found.cloned() else {
        return;
    };
    let also = check.place(span);
    check
        .fault(Code::AnywhereShadowed, at.span(), format!("key `{keys}` of `[anywhere]` is told here, and is a legal entry"))
        .help("a legal entry is taken as one: tell another key, or take a type that does not allow it")
        .also(also, format!("key `{keys}` is here"));
}

/// What is said in a language, if all of it is text.
fn plain_text(prompt: &Prompt, language: usize) -> Option<String> {
    let mut text = String::new();
    for segment in prompt.segments(u8::try_from(language).ok()?) {
        match &**segment {
            Segment::Text(template) => {
                for piece in &template.pieces {
                    match piece {
                        Piece::Text(words) => text.push_str(words),
                        Piece::Hole(_) => text.push_str(" … "),
                    }
                }
            }
            Segment::Pause(_) => text.push_str(". "),
            _ => return None,
        }
        text.push(' ');
    }
    Some(text)
}

fn quoted(key: char) -> String {
    if key.is_ascii_digit() {
        key.to_string()
    } else {
        format!("\"{key}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::told_keys;

    #[test]
    fn keys_are_found_in_the_words_of_a_language() {
        for (text, language, pressed) in [
            ("For sales press 1. For support, press 2.", "en-GB", "12"),
            ("Press 1 or 2, or say the name.", "en-GB", "12"),
            ("Press one for a bike, 2 for a boat.", "en-US", "12"),
            ("Press the star key.", "en-GB", "*"),
            (
                "Für ein Rad drücken Sie die 1. Für ein Boot wählen Sie bitte die Zwei.",
                "de-DE",
                "12",
            ),
            ("Drücken Sie 1 für ja, 2 für nein.", "de-AT", "12"),
            ("Pour le français, appuyez sur la touche 2.", "fr-FR", "2"),
            ("Apple 1, plum 2.", "en-GB", ""),
            ("Your 3 parcels press on.", "en-GB", ""),
        ] {
            let told = told_keys(text, language).expect("the language is known");
            assert_eq!(told.pressed.iter().collect::<String>(), pressed, "{text}");
        }
        let run = told_keys("Press 1 to 4.", "en-GB").expect("the language is known");
        assert!("1234".chars().all(|key| run.named.contains(&key)));
        assert_eq!(told_keys("Paina 1.", "fi-FI"), None);
    }
}
