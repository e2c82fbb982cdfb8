//! Numbers in words, and the digits that they mean.

use super::language::{NumberWord, SpokenLanguage};
use super::normal::{Normal, POINT};

/// The most digits that are made of words: no entry is longer.
const MOST_DIGITS: usize = 64;

/// A number that was said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number {
    /// Its digits, a nought at the beginning included: "oh seven" is `07`.
    pub digits: String,
    /// Its parts as they were said: "seven thirty" is two.
    pub groups: Vec<String>,
}

/// The digits that words mean, such as "four seven double one"; nothing where they say anything else.
pub fn digits(words: &Normal, tag: &str) -> Option<String> {
    number(words, tag).map(|number| number.digits)
}

/// The number that words mean; nothing where they say anything else.
pub fn number(words: &Normal, tag: &str) -> Option<Number> {
    let language = SpokenLanguage::of(tag);
    if let [only] = words.tokens.as_slice()
        && let Some(value) = language.alone.get(only)
    {
        let digits = value.to_string();
        return Some(Number {
            groups: vec![digits.clone()],
            digits,
        });
    }
    number_of(&whole(&words.tokens)?, language)
}

/// What stands before and behind the point of a number that words mean, such as "two point five"; nothing behind it where
/// none is said.
pub fn decimal(words: &Normal, tag: &str) -> Option<(String, String)> {
    let language = SpokenLanguage::of(tag);
    let is_point = |token: &String| token == POINT || language.point.contains(token);
    let mut parts = words.tokens.splitn(2, is_point);
    let before = parts.next()?;
    let Some(behind) = parts.next() else {
        return Some((number_of(before, language)?.digits, String::new()));
    };
    let before = number_of(before, language)?;
    let behind = number_of(behind, language)?;
    Some((before.digits, behind.digits))
}

/// Tokens in which no number has a point: one that parts thousands is left out.
fn whole(tokens: &[String]) -> Option<Vec<String>> {
    let mut all: Vec<String> = Vec::with_capacity(tokens.len());
    let mut is_behind = false;
    for token in tokens {
        if token == POINT {
            is_behind = true;
        } else if is_behind {
            let last = all.last_mut().filter(|_| token.len() == 3)?;
            last.push_str(token);
            is_behind = false;
        } else {
            all.push(token.clone());
        }
    }
    Some(all)
}

/// The number that tokens mean.
pub(super) fn number_of(tokens: &[String], language: &SpokenLanguage) -> Option<Number> {
    let mut groups = Groups::new(language.units_first);
    for token in tokens {
        if token.bytes().all(|byte| byte.is_ascii_digit()) {
            groups.figures(token);
        } else if let Some(parts) = parts(token, language) {
            for part in parts {
                groups.word(part)?;
            }
        } else if language.lead_ins.contains(token) {
            groups.close();
        } else {
            return None;
        }
        if groups.done.len() > MOST_DIGITS {
            return None;
        }
    }
    groups.finish()
}

/// The parts of a number's word; nothing where it is none.
pub(super) fn parts(token: &str, language: &SpokenLanguage) -> Option<Vec<NumberWord>> {
    if let Some(word) = language.numbers.get(token) {
        return Some(vec![*word]);
    }
    if !language.compound {
        return None;
    }
    let mut rest = token;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let ends = rest
            .char_indices()
            .map(|(at, letter)| at + letter.len_utf8());
        // The longest first: `fünfzehn` is no five and ten.
        let (end, word) = ends.rev().find_map(|end| {
            let word = language.numbers.get(&rest[..end])?;
            Some((end, *word))
        })?;
        parts.push(word);
        rest = &rest[end..];
    }
    Some(parts)
}

/// The parts of what is said, put together as far as they belong together.
struct Groups {
    done: Vec<String>,
    open: Option<Group>,
    /// How often the next digit counts.
    repeat: usize,
    units_first: bool,
}

/// A number under way.
struct Group {
    thousands: u32,
    value: u32,
    /// What may still be added is less than this.
    room: u32,
    /// Whether what comes next is joined to it.
    joins: bool,
}

impl Group {
    fn new(value: u32) -> Self {
        Self {
            thousands: 0,
            value,
            room: room(value),
            joins: false,
        }
    }
}

/// What may be added to a value is less than this: units to tens, and both to hundreds.
fn room(value: u32) -> u32 {
    match value {
        20..=90 if value.is_multiple_of(10) => 10,
        100..=900 => 100,
        _ => 0,
    }
}

impl Groups {
    fn new(units_first: bool) -> Self {
        Self {
            done: Vec::new(),
            open: None,
            repeat: 1,
            units_first,
        }
    }

    fn close(&mut self) {
        if let Some(group) = self.open.take() {
            self.done.push((group.thousands + group.value).to_string());
        }
    }

    /// Digits as such, a group of their own.
    fn figures(&mut self, figures: &str) {
        self.close();
        let times = if figures.len() == 1 { self.repeat } else { 1 };
        self.repeat = 1;
        self.done.push(figures.repeat(times));
    }

    fn word(&mut self, word: NumberWord) -> Option<()> {
        match word {
            NumberWord::Repeat(times) => {
                self.close();
                self.repeat = times;
            }
            NumberWord::Value(value) if self.repeat > 1 => {
                if value > 9 {
                    return None;
                }
                self.figures(&value.to_string());
            }
            NumberWord::Value(value) => self.add(value),
            NumberWord::Times(times) => self.multiply(times),
            NumberWord::And => {
                if let Some(group) = &mut self.open {
                    group.joins = true;
                }
            }
        }
        Some(())
    }

    fn add(&mut self, value: u32) {
        let units_first = self.units_first;
        if let Some(group) = &mut self.open {
            let unit = group.value % 100;
            let is_turned = units_first
                && group.joins
                && (1..=9).contains(&unit)
                && (20..=90).contains(&value)
                && value.is_multiple_of(10);
            if value > 0 && (value < group.room || is_turned) {
                group.value += value;
                group.room = if is_turned {
                    0
                } else {
                    room(value).min(group.room)
                };
                group.joins = false;
                return;
            }
        }
        self.close();
        self.open = Some(Group::new(value));
    }

    fn multiply(&mut self, times: u32) {
        if let Some(group) = &mut self.open {
            if times == 100 && (1..=19).contains(&group.value) {
                group.value *= 100;
                group.room = 100;
                return;
            }
            if times == 1000 && group.thousands == 0 && (1..1000).contains(&group.value) {
                group.thousands = group.value * 1000;
                group.value = 0;
                group.room = 1000;
                return;
            }
            if times < group.room {
                group.value += times;
                group.room = times;
                return;
            }
        }
        self.close();
        self.open = Some(if times == 1000 {
            Group {
                thousands: 1000,
                value: 0,
                room: 1000,
                joins: false,
            }
        } else {
            Group::new(times)
        });
    }

    fn finish(mut self) -> Option<Number> {
        self.close();
        let digits = self.done.concat();
        let fits = !digits.is_empty() && digits.len() <= MOST_DIGITS && self.repeat == 1;
        fits.then_some(Number {
            digits,
            groups: self.done,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn means(tag: &str, all: &[(&str, &str)]) {
        for (words, digits) in all {
            let found = super::digits(&Normal::new(words, tag), tag);
            assert_eq!(found.as_deref().unwrap_or("-"), *digits, "{words}");
        }
    }

    #[test]
    fn english() {
        means(
            "en-GB",
            &[
                ("four seven one one", "4711"),
                ("forty seven eleven", "4711"),
                ("4 7 1 1", "4711"),
                ("47 11.", "4711"),
                ("oh seven double five", "0755"),
                ("triple nine", "999"),
                ("one hundred and five", "105"),
                ("two thousand three hundred and forty-five", "2345"),
                ("nineteen hundred", "1900"),
                ("twenty twenty", "2020"),
                ("thirty", "30"),
                ("it's number two, please", "2"),
                ("to", "2"),
                ("for", "4"),
                ("zero", "0"),
                ("bill", "-"),
                ("not two", "-"),
                ("two bills", "-"),
                ("double", "-"),
                ("double twenty", "-"),
                ("", "-"),
                ("for the", "4"),
                ("1,200", "1200"),
                ("2.5", "-"),
            ],
        );
    }

    #[test]
    fn fractions() {
        let parts = |words: &str, tag: &str| {
            let parts = decimal(&Normal::new(words, tag), tag)?;
            Some(format!("{} {}", parts.0, parts.1))
        };
        assert_eq!(parts("two point five", "en-GB").as_deref(), Some("2 5"));
        assert_eq!(parts("2.5", "en-GB").as_deref(), Some("2 5"));
        assert_eq!(
            parts("zwölf Komma null fünf", "de-DE").as_deref(),
            Some("12 05")
        );
        assert_eq!(parts("dos coma cinco", "es-ES").as_deref(), Some("2 5"));
        assert_eq!(parts("twelve", "en-GB").as_deref(), Some("12 "));
        assert_eq!(parts("point", "en-GB"), None);
    }

    #[test]
    fn german() {
        means(
            "de-DE",
            &[
                ("vier sieben eins eins", "4711"),
                ("siebenundvierzig elf", "4711"),
                ("einundzwanzig", "21"),
                ("drei und zwanzig", "23"),
                ("zweihundertfünfunddreißig", "235"),
                ("zweitausenddreihundertfünfundvierzig", "2345"),
                ("hundert", "100"),
                ("fünfzehn", "15"),
                ("sechzig", "60"),
                ("Nummer zwo bitte", "2"),
                ("null acht fünfzehn", "0815"),
                ("siebzehn Uhr", "17"),
                ("Rechnung", "-"),
                ("nicht zwei", "-"),
            ],
        );
    }

    #[test]
    fn spanish() {
        means(
            "es-ES",
            &[
                ("cuatro siete uno uno", "4711"),
                ("treinta y uno", "31"),
                ("veintitrés", "23"),
                ("doscientos cinco", "205"),
                ("dos mil trescientos cuarenta y cinco", "2345"),
                ("mil", "1000"),
                ("ciento uno", "101"),
                ("número dos por favor", "2"),
                ("factura", "-"),
            ],
        );
    }

    #[test]
    fn bulgarian() {
        means(
            "bg-BG",
            &[
                ("четири седем едно едно", "4711"),
                ("двайсет и едно", "21"),
                ("двеста и пет", "205"),
                ("две хиляди триста четиридесет и пет", "2345"),
                ("хиляда", "1000"),
                ("номер две, моля", "2"),
                ("нула осем", "08"),
                ("сметка", "-"),
            ],
        );
    }

    #[test]
    fn other_languages_and_long_ones() {
        means("fi-FI", &[("1 2 3", "123"), ("yksi", "-")]);
        let long = "seven ".repeat(10_000);
        assert_eq!(digits(&Normal::new(&long, "en-GB"), "en-GB"), None);
    }
}
