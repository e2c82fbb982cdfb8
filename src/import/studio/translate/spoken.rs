//! What the caller hears.

use std::collections::BTreeMap;

use super::super::export::Widget;
use super::draft::Step;
use super::toml::Value;
use super::{Translator, address};

impl<'e> Translator<'e> {
    /// What a widget says, as often as it says it.
    pub(super) fn words(&mut self, widget: &'e Widget) -> Vec<Value> {
        let said = widget.text("say");
        let said = self.text(widget, said.trim());
        let played = widget.text("play");
        let digits = widget.text("digits");
        let piece = if !said.trim().is_empty() {
            self.spoken(widget, said)
        } else if !played.trim().is_empty() {
            let url = self.text(widget, played.trim());
            Value::Table(vec![("audio".to_owned(), Value::text(address(&url)))])
        } else if !digits.is_empty() {
            Value::Table(vec![("digits".to_owned(), Value::text(digits))])
        } else {
            return Vec::new();
        };
        let times = widget.number("loop").unwrap_or(1).clamp(1, 10);
        vec![piece; times as usize]
    }

    pub(super) fn spoken(&mut self, widget: &Widget, said: String) -> Value {
        let said = match said.strip_prefix('@') {
            Some(_) => format!("@{said}"),
            None => said,
        };
        let (language, voice) = (whole(&widget.text("language")), voice(widget));
        let is_main = (language.is_empty() || language == self.spoken.0)
            && (voice.is_empty() || voice == self.spoken.1);
        if is_main {
            return Value::Text(said);
        }
        let mut piece = vec![("say".to_owned(), Value::Text(said))];
        if !language.is_empty() && language != self.spoken.0 && !is_tag(&language) {
            self.remark(
                &widget.name,
                format!("`{language}` is no language: it is said in that of the flow"),
            );
        } else if !language.is_empty() && language != self.spoken.0 {
            piece.push(("language".to_owned(), Value::Text(language)));
        }
        if !voice.is_empty() && voice != self.spoken.1 {
            piece.push(("voice".to_owned(), Value::Text(voice)));
        }
        Value::Table(piece)
    }

    pub(super) fn say(&mut self, widget: &'e Widget, step: Step) -> Step {
        let mut pieces = self.words(widget);
        let mut last = widget;
        while let Some(next) = last
            .on("audioComplete")
            .and_then(|next| self.export.widget(next))
        {
            if self.ways_in.get(next.name.as_str()) != Some(&1) {
                break;
            }
            match next.kind.as_str() {
                "say-play" => {
                    pieces.extend(self.words(next));
                    last = next;
                }
                "record-voicemail" => {
                    self.names.share(&next.name, &widget.name);
                    return self.record(pieces, next, step);
                }
                _ => break,
            }
        }
        let next = self.target(last.on("audioComplete"));
        step.with("say", Value::one_or_list(pieces))
            .with("next", next)
    }
}

/// A widget that neither says nor plays anything.
pub(super) fn is_silent(widget: &Widget) -> bool {
    ["say", "play", "digits"]
        .iter()
        .all(|key| widget.text(key).trim().is_empty())
}

fn voice(widget: &Widget) -> String {
    let voice = widget.text("voice");
    // What Studio writes where nobody has chosen.
    if voice == "default" {
        String::new()
    } else {
        voice
    }
}

/// The language and voice in which most is said.
pub(super) fn most_spoken(widgets: &[&Widget]) -> (String, String) {
    let mut count: BTreeMap<(String, String), usize> = BTreeMap::new();
    for widget in widgets
        .iter()
        .filter(|widget| !widget.text("say").trim().is_empty())
    {
        let language = widget.text("language");
        let language = if is_tag(&whole(&language)) {
            whole(&language)
        } else {
            "en-US".to_owned()
        };
        *count.entry((language, voice(widget))).or_default() += 1;
    }
    let most = count.into_iter().max_by_key(|(_, times)| *times);
    most.map_or_else(|| ("en-US".to_owned(), String::new()), |(spoken, _)| spoken)
}

/// Whether a text is written as languages are, such as `en-GB` or `cmn-Hans-CN`.
fn is_tag(language: &str) -> bool {
    let mut parts = language.split('-');
    let first = parts.next().unwrap_or_default();
    let is_part = |part: &str| {
        (2..=4).contains(&part.len()) && part.bytes().all(|sign| sign.is_ascii_alphanumeric())
    };
    (2..=3).contains(&first.len())
        && first.bytes().all(|sign| sign.is_ascii_lowercase())
        && language.contains('-')
        && parts.all(is_part)
}

/// A language with its country: old exports have some without.
fn whole(language: &str) -> String {
    let country = [
        ("en", "US"),
        ("es", "ES"),
        ("fr", "FR"),
        ("de", "DE"),
        ("it", "IT"),
        ("pt", "BR"),
    ];
    match country.iter().find(|(known, _)| *known == language) {
        Some((known, country)) => format!("{known}-{country}"),
        None => language.to_owned(),
    }
}
