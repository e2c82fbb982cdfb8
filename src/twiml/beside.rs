//! What runs beside a call, as TwiML.

use super::document::{Document, NONE};
use super::verbs;
use super::write::told_of_recording;
use crate::engine::{Beside, Start};

impl Document<'_> {
    /// What begins is named by its kind: a Stop knows it by that.
    pub(super) fn begin(&mut self, start: &Start) {
        let name = ("name", start.what().as_str());
        let noun = noun_of(start.what());
        self.start(verbs::START, NONE);
        match start {
            Start::Recording { dual } => {
                let status = self.recording_status();
                let channels = ("channels", if *dual { "dual" } else { "mono" });
                let told = told_of_recording(&status);
                self.empty(noun, [name, channels].into_iter().chain(told));
            }
            Start::Transcription { to, language } => self.empty(
                noun,
                [
                    name,
                    ("statusCallbackUrl", to),
                    ("languageCode", language),
                    ("track", "both_tracks"),
                ],
            ),
            Start::Stream { to } => {
                self.empty(noun, [name, ("url", to), ("track", "both_tracks")]);
            }
        }
        self.end(verbs::START);
    }

    /// Ends it, by its name.
    pub(super) fn stop(&mut self, what: Beside) {
        self.start(verbs::STOP, NONE);
        self.empty(noun_of(what), [("name", what.as_str())]);
        self.end(verbs::STOP);
    }
}

/// The element of what runs beside a call.
fn noun_of(what: Beside) -> &'static str {
    match what {
        Beside::Recording => verbs::RECORDING,
        Beside::Transcription => verbs::TRANSCRIPTION,
        Beside::Stream => verbs::STREAM,
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::{Beside, Start, Verb};
    use crate::twiml::{Links, render};

    fn body(verb: Verb) -> String {
        let links = Links {
            recording: "/recording/pickup/~2",
            fragment: "#rc=2",
            ..Links::default()
        };
        let document = render(&[verb], &links);
        let (_, rest) = document.split_once("<Response>").expect("it has one");
        rest.trim_end_matches("</Response>").to_owned()
    }

    #[test]
    fn what_runs_beside_a_call_has_a_name_by_which_it_is_stopped() {
        for (start, noun) in [
            (
                Start::Recording { dual: true },
                "<Recording name=\"recording\" channels=\"dual\" recordingStatusCallback=\"/recording/pickup/~2#rc=2\" \
                 recordingStatusCallbackMethod=\"POST\" recordingStatusCallbackEvent=\"completed absent\"/>",
            ),
            (
                Start::Transcription {
                    to: "https://a.example/b".to_owned(),
                    language: "en-GB".into(),
                },
                "<Transcription name=\"transcription\" statusCallbackUrl=\"https://a.example/b\" languageCode=\"en-GB\" track=\"both_tracks\"/>",
            ),
            (
                Start::Stream {
                    to: "wss://a.example/b".to_owned(),
                },
                "<Stream name=\"stream\" url=\"wss://a.example/b\" track=\"both_tracks\"/>",
            ),
        ] {
            assert_eq!(body(Verb::Start(start)), format!("<Start>{noun}</Start>"));
        }
        assert_eq!(
            body(Verb::Stop(Beside::Stream)),
            "<Stop><Stream name=\"stream\"/></Stop>"
        );
    }
}
