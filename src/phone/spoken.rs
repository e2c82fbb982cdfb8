//! What a voice says for the contents of a `Say`, and how long it takes.

use std::time::Duration;

use crate::twiml::pace;
use crate::twiml::read::{Child, Element};

/// The words of a `Say`, as they are heard, and the breaks between them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Spoken {
    /// The words, one space between two.
    pub(super) text: String,
    pub(super) breaks: Duration,
    /// Words that are spoken beyond those that the text seems to have: letters and digits that are spelt.
    pub(super) spelt: u32,
}

impl Spoken {
    /// What an element says.
    pub(super) fn of(element: &Element) -> Self {
        let mut spoken = Self::default();
        spoken.add(element);
        let text = spoken.text.split_whitespace().collect::<Vec<_>>().join(" ");
        Self { text, ..spoken }
    }

    fn add(&mut self, element: &Element) {
        for child in &element.children {
            match child {
                Child::Text(text) => self.text.push_str(text),
                Child::Element(element) => self.add_ssml(element),
            }
        }
    }

    fn add_ssml(&mut self, element: &Element) {
        match element.name.as_str() {
            "break" => {
                self.text.push(' ');
                self.breaks += pause(element);
            }
            "sub" => self
                .text
                .push_str(element.attribute("alias").unwrap_or_default()),
            "p" | "s" => {
                self.text.push(' ');
                self.add(element);
                self.text.push(' ');
            }
            "say-as" => {
                let kind = element.attribute("interpret-as").unwrap_or_default();
                self.spelt += pace::spelt(kind, &element.text());
                self.add(element);
            }
            _ => self.add(element),
        }
    }

    /// How long it is heard.
    pub(super) fn lasts(&self, words_a_minute: u32) -> Duration {
        pace::time(
            pace::half_words(&self.text) + u64::from(self.spelt) * 2,
            words_a_minute,
        ) + self.breaks
    }
}

/// How long a text is heard.
pub(super) fn lasts(text: &str, words_a_minute: u32) -> Duration {
    pace::time(pace::half_words(text), words_a_minute)
}

/// How long a `<break>` is: as it says, else by its strength (Amazon Polly, "SSML break").
fn pause(element: &Element) -> Duration {
    let by_strength = match element.attribute("strength") {
        Some("none" | "x-weak") => 0,
        Some("weak") => 250,
        Some("strong") => 750,
        Some("x-strong") => 1_200,
        _ => 500,
    };
    let told = element.attribute("time").and_then(|time| {
        let time = time.trim();
        let (number, unit) = time
            .strip_suffix("ms")
            .map_or((time.strip_suffix('s')?, 1_000.0), |number| (number, 1.0));
        number
            .trim()
            .parse::<f64>()
            .ok()
            .filter(|number| (0.0..=3_600.0e3).contains(number))
            .map(|number| number * unit)
    });
    Duration::from_millis(told.map_or(by_strength, |told| told as u64))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Spoken;
    use crate::twiml::read::read;

    fn spoken(markup: &str) -> Spoken {
        let document =
            read(format!("<Response><Say>{markup}</Say></Response>").as_bytes()).unwrap();
        Spoken::of(&document.verbs[0])
    }

    #[test]
    fn what_is_heard_is_what_the_markup_stands_for() {
        let said = spoken(
            "<p>Your\n  code</p><p>is <say-as interpret-as=\"digits\">123</say-as></p><sub alias=\"okay\">OK</sub>",
        );
        assert_eq!(said.text, "Your code is 123 okay");
        assert_eq!(said.lasts(60), Duration::from_secs(7));
    }

    #[test]
    fn breaks_count() {
        let said = spoken(
            "a<break time=\"300ms\"/>b<break time=\"2s\"/>c<break strength=\"strong\"/><break/>",
        );
        assert_eq!(
            (said.text.as_str(), said.breaks),
            ("a b c", Duration::from_millis(3_550))
        );
    }
}
