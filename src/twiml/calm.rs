//! Ready documents for the shell: what a caller hears when the engine cannot be asked.

use super::document::Links;
use super::write::render;
use crate::engine::{Say, Verb, Words};

/// Nothing to do: the answer to a status callback, and the end of a call.
pub const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Seconds between two tries of a call that is held.
const HOLD: u32 = 2;

/// A few words, two seconds of silence, and the same request again: for a store that is away for a moment.
pub fn hold(say: &str, voice: Option<&str>, language: &str, redirect_url: &str) -> String {
    document(&[
        words(say, voice, language),
        Verb::Pause(HOLD),
        Verb::Redirect(redirect_url.into()),
    ])
}

/// Calm words and the end of the call: for what cannot be helped.
pub fn apology(say: &str, voice: Option<&str>, language: &str) -> String {
    document(&[words(say, voice, language), Verb::Hangup])
}

fn words(say: &str, voice: Option<&str>, language: &str) -> Verb {
    Verb::Say(Say {
        voice: voice.map(Into::into),
        language: language.into(),
        words: vec![Words::Text(say.into())],
    })
}

fn document(verbs: &[Verb]) -> String {
    render(verbs, &Links::default())
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, apology, hold};

    #[test]
    fn a_hold_comes_back_to_the_turn() {
        assert_eq!(
            hold(
                "One moment.",
                Some("Polly.Amy"),
                "en-GB",
                "/voice/pickup/~2?held=a&b"
            ),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
             <Say voice=\"Polly.Amy\" language=\"en-GB\">One moment.</Say><Pause length=\"2\"/>\
             <Redirect method=\"POST\">/voice/pickup/~2?held=a&amp;b</Redirect></Response>"
        );
    }

    #[test]
    fn an_apology_ends_the_call() {
        let document = apology("Sorry.", None, "en-GB");
        assert!(
            document
                .ends_with("<Response><Say language=\"en-GB\">Sorry.</Say><Hangup/></Response>"),
            "{document}"
        );
        assert!(roxmltree::Document::parse(EMPTY).is_ok());
    }
}
