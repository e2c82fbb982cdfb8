//! The terminal's keys, as they are pressed.

use std::thread;

use crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use tokio::sync::{mpsc, oneshot};

/// A key, as far as it means something on the phone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stroke {
    Character(char),
    /// The end of a line.
    Enter,
    /// Deletes the last character.
    Back,
    /// Deletes the whole line.
    Escape,
    Interrupt,
}

/// The terminal gives keys as they are pressed, and shows none, while this lives.
pub struct Raw;

impl Drop for Raw {
    fn drop(&mut self) {
        // There is nothing to be done about a terminal that has gone away.
        let _ = disable_raw_mode();
    }
}

/// Begins to read keys: they come through the first channel, and a second Ctrl-C through the other.
///
/// The thread that reads them ends with the program: nothing wakes it from a key that never comes.
pub fn open() -> std::io::Result<(Raw, mpsc::UnboundedReceiver<Stroke>, oneshot::Receiver<()>)> {
    enable_raw_mode()?;
    let raw = Raw;
    let (strokes, read) = mpsc::unbounded_channel();
    let (abort, aborted) = oneshot::channel();
    thread::Builder::new()
        .name("keys".to_owned())
        .spawn(move || follow(&strokes, abort))?;
    Ok((raw, read, aborted))
}

fn follow(strokes: &mpsc::UnboundedSender<Stroke>, abort: oneshot::Sender<()>) {
    let mut interrupts = 0;
    while let Ok(event) = event::read() {
        let Event::Key(key) = event else { continue };
        let Some(stroke) = stroke(key) else { continue };
        interrupts += usize::from(stroke == Stroke::Interrupt);
        if interrupts > 1 {
            let _ = abort.send(());
            return;
        }
        if strokes.send(stroke).is_err() {
            return;
        }
    }
}

fn stroke(key: KeyEvent) -> Option<Stroke> {
    if key.kind == KeyEventKind::Release {
        return None;
    }
    match key.code {
        KeyCode::Char('c' | 'd') if key.modifiers.contains(KeyModifiers::CONTROL) => {
            Some(Stroke::Interrupt)
        }
        KeyCode::Char(_)
            if key
                .modifiers
                .intersects(KeyModifiers::CONTROL | KeyModifiers::ALT) =>
        {
            None
        }
        KeyCode::Char(character) => Some(Stroke::Character(character)),
        KeyCode::Enter => Some(Stroke::Enter),
        KeyCode::Backspace => Some(Stroke::Back),
        KeyCode::Esc => Some(Stroke::Escape),
        _ => None,
    }
}
