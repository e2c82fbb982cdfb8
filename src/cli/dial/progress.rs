//! What is known of a call while it goes on.

use crate::outbox::MASK;
use crate::phone::{Response, TurnReport, World};

/// What stands for one key of a private entry.
const KEY: char = '•';

/// What is known of a call while it goes on.
pub struct Progress<'w> {
    /// Who answers when a number is dialled.
    pub world: &'w World,
    /// Whether a flow of ours is called, so that outcomes have the names that flows use.
    pub is_ours: bool,
    /// Whether anybody ever answered.
    pub reached: bool,
    /// Whether a step could not be done.
    pub failed: bool,
    /// Whether what is entered now is to be shown to nobody.
    pub private: bool,
}

impl<'w> Progress<'w> {
    /// A call that begins.
    pub fn new(world: &'w World, is_ours: bool) -> Self {
        Self {
            world,
            is_ours,
            reached: false,
            failed: false,
            private: false,
        }
    }

    /// Takes in an answer of the server; the lines to be shown of it.
    pub fn answered(&mut self, response: &Response) -> Vec<String> {
        self.reached = true;
        let report = TurnReport::of(response);
        self.private = report.private;
        self.failed(&report.faults)
    }

    /// Takes in steps that could not be done, and why; the lines to be shown of them.
    pub fn failed(&mut self, faults: &[(String, String)]) -> Vec<String> {
        self.failed |= !faults.is_empty();
        faults
            .iter()
            .map(|(step, why)| format!("error: the step `{step}` could not be done: {why}"))
            .collect()
    }

    /// A key as it is shown.
    pub fn key(&self, key: char) -> char {
        if self.private { KEY } else { key }
    }

    /// An entry as it is shown.
    pub fn entry<'a>(&self, entry: &'a str) -> &'a str {
        if self.private && !entry.is_empty() {
            MASK
        } else {
            entry
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Progress;
    use crate::phone::{Response, World};

    fn response(headers: &[(&str, &str)]) -> Response {
        let headers = headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Response {
            status: 200,
            headers: headers.collect(),
            body: bytes::Bytes::default(),
        }
    }

    #[test]
    fn an_entry_is_hidden_while_the_server_says_that_it_is_private() {
        let world = World::default();
        let mut progress = Progress::new(&world, true);
        progress.answered(&response(&[("hookswitch-private", "true")]));
        assert_eq!(
            (
                progress.key('4'),
                progress.entry("4711"),
                progress.entry("")
            ),
            ('•', "•••", "")
        );
        progress.answered(&response(&[]));
        assert_eq!((progress.key('4'), progress.entry("4711")), ('4', "4711"));
    }

    #[test]
    fn a_step_that_failed_is_shown_with_its_reason() {
        let world = World::default();
        let mut progress = Progress::new(&world, true);
        let shown = progress.answered(&response(&[("hookswitch-fault", "keep no%20number")]));
        assert_eq!(
            shown,
            ["error: the step `keep` could not be done: no number"]
        );
        assert!(progress.failed && progress.reached);
    }
}
