//! Ready documents for the shell: what a caller hears when the engine cannot be asked.

use super::document::Links;
use super::write::render;
use crate::engine::Verb;

/// Nothing to do: the answer to a status callback, and the end of a call.
pub const EMPTY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Seconds between two tries of a call that is held.
const HOLD: u32 = 2;

/// A few words, two seconds of silence, and the same request again: for a store that is away for a moment.
pub fn hold(words: &[Verb], redirect_url: &str, links: &Links<'_>) -> String {
    let then = [Verb::Pause(HOLD), Verb::Redirect(redirect_url.into())];
    render(&[words, &then].concat(), links)
}

/// Calm words and the end of the call: for what cannot be helped.
pub fn apology(words: &[Verb], links: &Links<'_>) -> String {
    render(&[words, &[Verb::Hangup]].concat(), links)
}

#[cfg(test)]
mod tests {
    use super::{EMPTY, Links, apology, hold};
    use crate::engine::{Say, Verb, Words};

    fn say(text: &str, voice: Option<&str>) -> [Verb; 1] {
        [Verb::Say(Say {
            voice: voice.map(Into::into),
            language: "en-GB".into(),
            words: vec![Words::Text(text.into())],
        })]
    }

    #[test]
    fn a_hold_comes_back_to_the_turn() {
        assert_eq!(
            hold(
                &say("One moment.", Some("Polly.Amy")),
                "/voice/pickup/~2?held=a&b",
                &Links::default()
            ),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\
             <Say voice=\"Polly.Amy\" language=\"en-GB\">One moment.</Say><Pause length=\"2\"/>\
             <Redirect method=\"POST\">/voice/pickup/~2?held=a&amp;b</Redirect></Response>"
        );
    }

    #[test]
    fn an_apology_ends_the_call() {
        let document = apology(&say("Sorry.", None), &Links::default());
        assert!(
            document
                .ends_with("<Response><Say language=\"en-GB\">Sorry.</Say><Hangup/></Response>"),
            "{document}"
        );
        assert!(roxmltree::Document::parse(EMPTY).is_ok());
    }
}
