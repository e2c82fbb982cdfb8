//! A call whose caller is asked about what was perhaps said.

use super::call::Call;
use super::guess::{Guess, Guessed};
use super::progress::Progress;

impl Call {
    fn guess_mut(&mut self) -> Option<&mut Guess> {
        match self.progress.as_deref_mut() {
            Some(Progress::Guess(guess)) => Some(guess),
            _ => None,
        }
    }

    /// What the caller is asked about at the moment, which ends by it.
    pub fn take_open_guesses(&mut self) -> Vec<Guessed> {
        let guess = self.guess_mut();
        guess
            .map(|guess| std::mem::take(&mut guess.open))
            .unwrap_or_default()
    }

    /// Whether the caller has said that something was not meant.
    pub fn has_denied(&self, guessed: &Guessed) -> bool {
        match self.progress.as_deref() {
            Some(Progress::Guess(guess)) => guess.denied.contains(guessed),
            _ => false,
        }
    }

    /// Notes that something was not meant.
    pub fn deny(&mut self, guessed: Guessed) {
        if let Some(guess) = self.guess_mut() {
            guess.denied.push(guessed);
        }
    }

    /// Notes what the caller is asked about.
    pub fn guess(&mut self, open: Vec<Guessed>) {
        if let Some(guess) = self.guess_mut() {
            guess.open = open;
            return;
        }
        self.wait_for(Progress::Guess(Guess {
            open,
            denied: Vec::new(),
        }));
    }
}
