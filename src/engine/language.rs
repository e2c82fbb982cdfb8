//! The languages that a flow speaks.

use std::sync::Arc;

/// A language of a flow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Language {
    /// BCP 47.
    pub tag: Arc<str>,
    /// The carrier's name of the voice, where the flow names one.
    pub voice: Option<Arc<str>>,
}

impl Language {
    /// Whether its voice can make pauses shorter than a second, which is SSML: voices of Polly and Google can, others
    /// and the account's own are not known to.
    pub fn has_ssml(&self) -> bool {
        self.voice
            .as_deref()
            .is_some_and(|voice| voice.starts_with("Polly.") || voice.starts_with("Google."))
    }
}
