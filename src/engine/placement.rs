//! A call as a placement: how far it is, where it is one.

use super::call::Call;
use super::placing::Placing;
use super::progress::Progress;

impl Call {
    /// How far it is, where it is a placement.
    pub fn placing(&self) -> Option<&Placing> {
        match self.progress.as_deref() {
            Some(Progress::Placing(placing)) => Some(placing),
            _ => None,
        }
    }

    /// How far it is, where it is a placement, to note what became of a try.
    pub fn placing_mut(&mut self) -> Option<&mut Placing> {
        match self.progress.as_deref_mut() {
            Some(Progress::Placing(placing)) => Some(placing),
            _ => None,
        }
    }

    /// Forgets what it has waited for. What a placement was asked with stays, so that a repeat is known.
    pub(super) fn end_wait(&mut self) {
        if self.placing().is_none() {
            self.progress = None;
        }
    }
}
