//! What is shown of what a caller enters.
//!
//! Shown is only what is known to be no secret: before anything is known of the question that is put, and where it is
//! private, an entry is `•••`, and so is everything later that says the same.

use std::borrow::Cow;

use form_urlencoded::{byte_serialize, parse};

/// What stands for an entry.
pub const HIDDEN: &str = "•••";
/// What stands for one key.
const KEY: &str = "•";

/// The fields of a request that hold what a caller entered.
const ENTRIES: [&str; 5] = [
    "Digits",
    "SpeechResult",
    "UnstableSpeechResult",
    "StableSpeechResult",
    "FinishedOnKey",
];
/// From so many letters on, a value that is the same as an entry hardly is so by chance.
const TELLING: usize = 4;
/// The query of a hold carries entries, sealed: nothing for people.
const SEALED: &str = "held";

/// What is known of the question that is put, and what was entered at private ones.
#[derive(Debug)]
pub struct Mask {
    private: bool,
    entered: Vec<String>,
}

impl Default for Mask {
    fn default() -> Self {
        Self {
            private: true,
            entered: Vec::new(),
        }
    }
}

impl Mask {
    /// A question is put from here on.
    pub fn asks(&mut self, private: bool) {
        self.private = private;
    }

    /// A key as it is shown.
    pub fn key(&self, key: char) -> String {
        if self.private {
            KEY.to_owned()
        } else {
            key.to_string()
        }
    }

    /// An entry as it is shown; from now on it is hidden wherever it comes up, if the question is private.
    pub fn entry(&mut self, entry: &str) -> String {
        if self.private && !entry.is_empty() && !self.entered.iter().any(|known| known == entry) {
            self.entered.push(entry.to_owned());
        }
        self.shown(entry).into_owned()
    }

    /// Something that nobody listened for, as it is shown.
    pub fn lost(&self, what: &str) -> String {
        self.shown(what).into_owned()
    }

    fn shown<'a>(&self, entry: &'a str) -> Cow<'a, str> {
        let hidden =
            !entry.is_empty() && (self.private || self.entered.iter().any(|known| known == entry));
        if hidden { HIDDEN.into() } else { entry.into() }
    }

    /// The fields of a request as they are shown.
    pub fn fields(&self, fields: &[(String, String)]) -> Vec<(String, String)> {
        fields
            .iter()
            .map(|(name, value)| (name.clone(), self.field(name, value).into_owned()))
            .collect()
    }

    fn field<'a>(&self, name: &str, value: &'a str) -> Cow<'a, str> {
        match name {
            SEALED => HIDDEN.into(),
            name if ENTRIES.contains(&name) => self.shown(value),
            // Under whatever name it goes; but a short one is a count or a status as well.
            _ if value.len() >= TELLING && self.entered.iter().any(|known| known == value) => {
                HIDDEN.into()
            }
            _ => value.into(),
        }
    }

    /// A URL as it is shown.
    pub fn url(&self, url: &str) -> String {
        let Some((path, query)) = url.split_once('?') else {
            return url.to_owned();
        };
        let pair = |(name, value): (Cow<'_, str>, Cow<'_, str>)| {
            let shown = self.field(&name, &value).into_owned();
            let value = if shown == HIDDEN {
                shown
            } else {
                byte_serialize(shown.as_bytes()).collect()
            };
            format!(
                "{}={value}",
                byte_serialize(name.as_bytes()).collect::<String>()
            )
        };
        let query: Vec<String> = parse(query.as_bytes()).map(pair).collect();
        format!("{path}?{}", query.join("&"))
    }
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, Mask};

    fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn nothing_is_shown_before_it_is_known_to_be_no_secret() {
        let mut mask = Mask::default();
        assert_eq!(
            (mask.key('1').as_str(), mask.entry("12").as_str()),
            ("•", HIDDEN)
        );
        mask.asks(false);
        assert_eq!(
            (mask.key('1').as_str(), mask.entry("34").as_str()),
            ("1", "34")
        );
        assert_eq!(mask.entry("12"), HIDDEN, "it was a secret a moment ago");
    }

    #[test]
    fn a_private_entry_stays_hidden_in_later_requests_and_urls() {
        let mut mask = Mask::default();
        mask.asks(true);
        mask.entry("8341");
        mask.asks(false);
        let shown = mask.fields(&fields(&[
            ("CallSid", "CA1"),
            ("Digits", "8341"),
            ("Other", "8341"),
            ("Empty", ""),
        ]));
        assert_eq!(
            shown,
            fields(&[
                ("CallSid", "CA1"),
                ("Digits", HIDDEN),
                ("Other", HIDDEN),
                ("Empty", "")
            ])
        );
        assert_eq!(
            mask.url("http://h/voice/pin/~3?Digits=8341&From=%2B44&held=abc"),
            "http://h/voice/pin/~3?Digits=•••&From=%2B44&held=•••"
        );
    }

    #[test]
    fn silence_is_no_secret() {
        assert_eq!(Mask::default().entry(""), "");
    }
}
