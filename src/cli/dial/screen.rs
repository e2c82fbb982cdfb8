//! What a caller sees: words as they are spoken, keys as they are pressed.

use std::io::Write;
use std::time::Duration;

use crossterm::style::Stylize as _;

use crate::telemetry::plain;

/// On a narrower terminal nothing is wrapped: nobody reads there.
const NARROW: usize = 20;

/// A terminal in raw mode, or what stands for one.
pub struct Screen<W> {
    out: W,
    width: usize,
    colour: bool,
    /// The characters on the line that is being written.
    column: usize,
}

impl Screen<std::io::Stdout> {
    pub fn new() -> Self {
        let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
        let colour = std::env::var_os("NO_COLOR").is_none_or(|set| set.is_empty());
        Self {
            out: std::io::stdout(),
            width,
            colour,
            column: 0,
        }
    }
}

impl<W: Write> Screen<W> {
    /// A terminal of this width that is written to somewhere.
    #[cfg(test)]
    pub fn of(out: W, width: usize) -> Self {
        Self {
            out,
            width,
            colour: false,
            column: 0,
        }
    }

    #[cfg(test)]
    pub fn written(&self) -> &W {
        &self.out
    }

    /// Writes and shows it. A terminal that has gone away changes nothing about the call.
    fn put(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes());
        let _ = self.out.flush();
    }

    /// Ends the line that is being written, if one is.
    pub fn fresh_line(&mut self) {
        if self.column > 0 {
            self.put("\r\n");
            self.column = 0;
        }
    }

    /// Writes a word after those before it, on the next line if there is no room.
    pub fn word(&mut self, word: &str) {
        let word = plain(word);
        let length = word.chars().count();
        if self.column > 0 && self.width >= NARROW && self.column + 1 + length > self.width {
            self.fresh_line();
        }
        let space = if self.column > 0 { " " } else { "" };
        self.column += space.len() + length;
        self.put(&format!("{space}{word}"));
    }

    /// Writes at the end of the line.
    pub fn add(&mut self, text: &str) {
        self.column += text.chars().count();
        let text = if self.colour {
            text.bold().to_string()
        } else {
            text.to_owned()
        };
        self.put(&text);
    }

    /// Deletes the last character.
    pub fn back(&mut self) {
        if self.column > 0 {
            self.column -= 1;
            self.put("\u{8} \u{8}");
        }
    }

    /// Writes a line about something that is not heard.
    pub fn note(&mut self, text: &str) {
        self.fresh_line();
        let mut lines = Vec::new();
        let mut line = String::new();
        for word in plain(text).split_whitespace() {
            let full = line.chars().count() + 1 + word.chars().count() > self.width;
            if !line.is_empty() && self.width >= NARROW && full {
                lines.push(std::mem::take(&mut line));
            }
            line.push_str(if line.is_empty() { "" } else { " " });
            line.push_str(word);
        }
        lines.push(line);
        for line in lines {
            let line = if self.colour {
                line.dim().to_string()
            } else {
                line
            };
            self.put(&format!("{line}\r\n"));
        }
    }
}

/// Words that are being spoken.
pub struct Speaking {
    words: Vec<String>,
    lasts: Duration,
    spoken: usize,
}

impl Speaking {
    pub fn new(text: &str, lasts: Duration) -> Self {
        Self {
            words: text.split_whitespace().map(str::to_owned).collect(),
            lasts,
            spoken: 0,
        }
    }

    /// When the next word is spoken, from the beginning; nothing once all were.
    pub fn next_at(&self) -> Option<Duration> {
        let count = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        let next = u32::try_from(self.spoken).unwrap_or(u32::MAX);
        (next < count).then(|| self.lasts.mul_f64(f64::from(next) / f64::from(count)))
    }

    pub fn next_word(&mut self) -> Option<&str> {
        let word = self.words.get(self.spoken)?;
        self.spoken += 1;
        Some(word)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Screen, Speaking};

    #[test]
    fn words_are_spoken_evenly_over_the_time_that_they_take() {
        let mut speaking = Speaking::new("one two  three\nfour", Duration::from_secs(8));
        let mut heard = Vec::new();
        while let Some(at) = speaking.next_at() {
            heard.push((
                at.as_secs(),
                speaking.next_word().expect("there is one").to_owned(),
            ));
        }
        assert_eq!(
            heard,
            [
                (0, "one".to_owned()),
                (2, "two".to_owned()),
                (4, "three".to_owned()),
                (6, "four".to_owned())
            ]
        );
        assert_eq!(speaking.next_word(), None);
    }

    #[test]
    fn a_word_that_does_not_fit_begins_the_next_line() {
        let mut screen = Screen::of(Vec::new(), 20);
        "a word and another word that follows"
            .split(' ')
            .for_each(|word| screen.word(word));
        screen.note("(one two three four five)");
        screen.add("> ");
        screen.add("12");
        screen.back();
        screen.fresh_line();
        screen.fresh_line();
        let written = String::from_utf8_lossy(screen.written());
        let expected = "a word and another\r\nword that follows\r\n(one two three four\r\nfive)\r\n> 12\u{8} \u{8}\r\n";
        assert_eq!(written, expected);
    }
}
