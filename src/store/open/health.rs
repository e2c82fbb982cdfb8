//! Whether the store takes what is written. Only writes tell: a store that is full or read-only goes on answering
//! questions.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::{Engine, Store};
use crate::engine::CallSid;
use crate::store::Error;
use crate::store::contract::HealthPart;

/// What the last writes came to.
#[derive(Default)]
pub(super) struct Health {
    /// A bit for each part that did not take its last write.
    parts: [AtomicU64; 4],
    /// Whether the store did not take what was written to try it.
    untried: AtomicBool,
    away: AtomicBool,
}

impl Health {
    /// Whether some part of the store did not take its last write.
    pub fn is_away(&self) -> bool {
        self.away.load(Ordering::Relaxed)
    }

    /// Notes what became of a write to a part; whether the store is away from now on, if that is news.
    pub fn note(&self, part: HealthPart, taken: bool) -> Option<bool> {
        if taken && !self.is_away() {
            return None;
        }
        let (word, bit) = (&self.parts[usize::from(part >> 6)], 1 << (part & 63));
        if taken {
            word.fetch_and(!bit, Ordering::Relaxed)
        } else {
            word.fetch_or(bit, Ordering::Relaxed)
        };
        self.news()
    }

    /// Notes what became of a write to every part, as [`Health::note`] does.
    pub fn note_all(&self, taken: bool) -> Option<bool> {
        self.untried.store(!taken, Ordering::Relaxed);
        if taken {
            self.parts
                .iter()
                .for_each(|word| word.store(0, Ordering::Relaxed));
        }
        self.news()
    }

    fn news(&self) -> Option<bool> {
        let is_away = |word: &AtomicU64| word.load(Ordering::Relaxed) != 0;
        let away = self.untried.load(Ordering::Relaxed) || self.parts.iter().any(is_away);
        (self.away.swap(away, Ordering::Relaxed) != away).then_some(away)
    }
}

impl Store {
    /// The part of the store that keeps a call.
    pub(super) fn part(&self, sid: &CallSid) -> HealthPart {
        match &self.inner.engine {
            Engine::Redis(engine) => engine.part(sid),
            Engine::Memory(_) | Engine::Local(_) => 0,
        }
    }

    /// Whether some part of the store did not take what it was to write last. It learns this from what is written and [`Store::try_out`];
    /// what can be read tells nothing.
    pub fn is_away(&self) -> bool {
        self.inner.health.is_away()
    }

    /// Notes what became of a write to a part.
    pub(super) fn note<T>(&self, part: HealthPart, written: Result<T, Error>) -> Result<T, Error> {
        self.tell(
            self.inner.health.note(part, is_taken(&written)),
            written.as_ref().err(),
        );
        written
    }

    /// Notes a write that was refused. One that was taken proves nothing of the calls in other parts: what is tried out
    /// next does.
    pub(super) fn note_refusal<T>(&self, written: Result<T, Error>) -> Result<T, Error> {
        if !is_taken(&written) {
            self.tell(self.inner.health.note_all(false), written.as_ref().err());
        }
        written
    }

    fn tell(&self, news: Option<bool>, error: Option<&Error>) {
        match (news, error) {
            (Some(true), Some(error)) => {
                tracing::error!(store = self.describe(), %error, "The store is away: callers are held.");
            }
            (Some(false), _) => tracing::info!(store = self.describe(), "The store is back."),
            _ => {}
        }
    }

    /// Writes something, to see whether that can be done: to a store at the other end of a network, and to any that is
    /// away.
    pub async fn try_out(&self) {
        if self.is_away() || self.is_remote() {
            let tried = self.ping().await;
            self.tell(
                self.inner.health.note_all(is_taken(&tried)),
                tried.as_ref().err(),
            );
        }
    }

    /// Reads the store's configuration again and reports what has changed: its durability may be less than at the start.
    pub async fn review(&self) {
        if let Engine::Redis(engine) = &self.inner.engine {
            let reviewed = tokio::time::timeout(self.inner.options.deadline, engine.review()).await;
            if let Ok(Err(error)) = reviewed {
                tracing::debug!(%error, "Redis does not tell how it is set now.");
            }
        }
    }
}

/// Whether a store took what it was to write. One that cannot read its own record took it: it is not away.
fn is_taken<T>(written: &Result<T, Error>) -> bool {
    !written.as_ref().is_err_and(Error::is_transient)
}

#[cfg(test)]
mod tests {
    use super::Health;

    #[test]
    fn a_store_is_away_until_every_part_has_taken_a_write_again() {
        let health = Health::default();
        assert_eq!((health.note(3, true), health.is_away()), (None, false));
        assert_eq!(health.note(3, false), Some(true));
        assert_eq!(health.note(200, false), None);
        // Another part says nothing of these two.
        assert_eq!((health.note(4, true), health.is_away()), (None, true));
        assert_eq!(health.note(3, true), None);
        assert_eq!(
            (health.note(200, true), health.is_away()),
            (Some(false), false)
        );
    }

    #[test]
    fn a_write_that_tries_the_whole_store_tells_of_every_part() {
        let health = Health::default();
        assert_eq!(health.note_all(false), Some(true));
        assert_eq!((health.note(9, true), health.is_away()), (None, true));
        assert_eq!(health.note(9, false), None);
        assert_eq!(
            (health.note_all(true), health.is_away()),
            (Some(false), false)
        );
    }
}
