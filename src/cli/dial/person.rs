//! The person at the terminal.

use std::io::Write;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until};

use super::keyboard::Stroke;
use super::lines;
use super::progress::Progress;
use super::screen::{Screen, Speaking};
use crate::phone::{CallEvent, Caller, PhoneAct, Playback, Situation, TimedAct};

/// The person at the terminal.
pub struct Person<'w, W> {
    strokes: UnboundedReceiver<Stroke>,
    screen: Screen<W>,
    /// What is known of the call.
    pub progress: Progress<'w>,
    /// What is being spoken, and since when.
    speaking: Option<(Speaking, Instant)>,
    /// Words that are being typed, and how far into the moment they were begun.
    typing: Option<(String, Duration)>,
    /// Whether the line that is being written is what the person enters.
    enters: bool,
    /// Whether the words that were said stand on the screen already.
    is_typed: bool,
}

impl<'w, W: Write> Person<'w, W> {
    pub fn new(
        strokes: UnboundedReceiver<Stroke>,
        screen: Screen<W>,
        progress: Progress<'w>,
    ) -> Self {
        Self {
            strokes,
            screen,
            progress,
            speaking: None,
            typing: None,
            enters: false,
            is_typed: false,
        }
    }

    /// Leaves the terminal at the beginning of a line.
    pub fn close(&mut self) {
        self.screen.fresh_line();
    }

    fn hears(&mut self, speech: &Playback) {
        self.finish();
        if speech.text.trim().is_empty() {
            self.screen.note(&lines::heard(speech));
        } else {
            self.screen.fresh_line();
            self.speaking = Some((Speaking::new(&speech.text, speech.lasts), Instant::now()));
        }
    }

    /// All words that were not spoken yet: the time that they take is over.
    fn finish(&mut self) {
        if let Some((mut speaking, _)) = self.speaking.take() {
            while let Some(word) = speaking.next_word() {
                self.screen.word(word);
            }
            self.screen.fresh_line();
        }
    }

    /// Writes what the person enters on a line of its own.
    fn enter(&mut self, text: &str) {
        if !self.enters {
            self.screen.fresh_line();
            self.screen.add("> ");
            self.enters = true;
        }
        self.screen.add(text);
    }

    /// Words that are still being spoken go on below it.
    fn note(&mut self, text: &str) {
        self.enters = false;
        self.screen.note(text);
    }

    fn entered(&mut self, is_silence: bool) {
        if is_silence {
            self.enter("(silence)");
        }
        self.screen.fresh_line();
        self.enters = false;
    }

    /// What a key of the terminal means, some time into the moment.
    fn stroke(&mut self, stroke: Stroke, after: Duration) -> Option<PhoneAct> {
        if stroke == Stroke::Interrupt {
            return Some(PhoneAct::HangUp);
        }
        let Some((words, _)) = &mut self.typing else {
            return match stroke {
                Stroke::Character('"' | '\'') => {
                    self.typing = Some((String::new(), after));
                    self.enter("\"");
                    None
                }
                Stroke::Character(key) => key_of(key).map(PhoneAct::Press),
                _ => None,
            };
        };
        match stroke {
            Stroke::Character('"') | Stroke::Enter => self.said(),
            Stroke::Character(character) => {
                words.push(character);
                let shown = self.progress.key(character);
                self.screen.add(shown.encode_utf8(&mut [0; 4]));
                None
            }
            Stroke::Back if words.pop().is_some() => {
                self.screen.back();
                None
            }
            _ => {
                self.typing = None;
                self.entered(false);
                None
            }
        }
    }

    /// The words that were typed are said.
    fn said(&mut self) -> Option<PhoneAct> {
        let (words, _) = self.typing.take()?;
        self.screen.add("\"");
        self.entered(false);
        self.is_typed = true;
        Some(PhoneAct::Say(words.trim().into())).filter(|_| !words.trim().is_empty())
    }

    /// The time of the next word, while nothing is typed.
    fn next_word_at(&self) -> Option<Instant> {
        let (speaking, begun) = self.speaking.as_ref().filter(|_| self.typing.is_none())?;
        speaking.next_at().map(|at| *begun + at)
    }

    fn speak(&mut self) {
        if let Some((speaking, _)) = &mut self.speaking
            && let Some(word) = speaking.next_word()
        {
            self.screen.word(word);
        }
    }
}

/// The phone's key for a key of the keyboard.
fn key_of(character: char) -> Option<char> {
    let key = character.to_ascii_uppercase();
    matches!(key, '0'..='9' | '*' | '#' | 'A'..='D').then_some(key)
}

impl<W: Write> Caller for Person<'_, W> {
    fn notice(&mut self, _: Duration, event: &CallEvent) {
        match event {
            CallEvent::Answered(response, _) => {
                for line in self.progress.answered(response) {
                    self.note(&line);
                }
            }
            CallEvent::Hears(speech) => self.hears(speech),
            CallEvent::Waits { .. } => {
                self.finish();
                self.enter("");
            }
            CallEvent::Pressed(key) => {
                let shown = self.progress.key(*key);
                self.enter(shown.encode_utf8(&mut [0; 4]));
            }
            CallEvent::Said(_) if std::mem::take(&mut self.is_typed) => {}
            CallEvent::Said(words) => {
                let shown = format!("\"{}\"", self.progress.entry(words));
                self.enter(&shown);
            }
            CallEvent::Entered { digits, speech } => {
                self.entered(digits.is_empty() && speech.is_empty());
            }
            CallEvent::Lost(lost) => {
                self.is_typed = false;
                let lost = self.progress.entry(lost);
                self.note(&format!("({lost}: nobody listens)"));
            }
            CallEvent::Leaves { verb, to } => {
                self.note(&format!("({} …)", lines::handed(verb, to)));
                if let Some(line) = lines::unforeseen(event, self.progress.world) {
                    self.note(&line);
                }
            }
            CallEvent::Notices(notice) => self.note(&lines::notice(notice)),
            CallEvent::Ends(_) => self.finish(),
            event => {
                if let Some(line) = lines::done(event, self.progress.is_ours) {
                    self.note(&line);
                }
            }
        }
    }

    async fn act(&mut self, moment: &Situation) -> Option<TimedAct> {
        let begun = Instant::now();
        let over = begun + moment.lasts();
        loop {
            let is_typing = self.typing.is_some();
            let word = self.next_word_at();
            tokio::select! {
                biased;
                stroke = self.strokes.recv(), if !self.strokes.is_closed() || !self.strokes.is_empty() => {
                    let at = self.typing.as_ref().map(|(_, at)| *at);
                    let after = at.unwrap_or_else(|| begun.elapsed()).min(moment.longest());
                    if let Some(act) = stroke.and_then(|stroke| self.stroke(stroke, after)) {
                        return Some(TimedAct { after, act });
                    }
                }
                () = sleep_until(word.unwrap_or(over)), if word.is_some_and(|at| at < over) => self.speak(),
                // Whoever types words is speaking: the silence is over, and nobody else speaks.
                () = sleep_until(over), if !is_typing => {
                    if matches!(moment, Situation::Hears { .. }) {
                        self.finish();
                    }
                    return None;
                }
            }
        }
    }

    fn cut_off(&mut self, _: &Playback, _: Duration) {
        if self.speaking.take().is_some() {
            self.screen.word("—");
            if !self.enters {
                self.screen.fresh_line();
            }
        }
    }
}

#[cfg(test)]
mod tests;
