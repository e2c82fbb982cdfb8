//! A machine that the caller is handed to, as TwiML.

use super::document::Document;
use super::verbs;
use crate::engine::{Connect, Machine, Verb};

impl Document<'_> {
    /// The carrier goes on at the action when the talk has ended, and with the next verb where it cannot tell that.
    pub(super) fn connect(&mut self, connect: &Connect) {
        let greet = connect.greet.as_deref();
        // A relay greets itself, so that it hears who speaks meanwhile; others cannot.
        let greeting = connect.greeting();
        if let (Some(greeting), false) = (greeting, matches!(connect.to, Machine::Relay(_))) {
            super::say::write(self, &greeting);
        }
        let action = [("action", self.links.action), ("method", "POST")];
        self.start(verbs::CONNECT, action);
        match &connect.to {
            Machine::Relay(url) => {
                let fixed = [
                    ("url", url.as_str()),
                    ("language", &connect.language),
                    ("dtmfDetection", "true"),
                ];
                let greet = greet.map(|greet| ("welcomeGreeting", greet));
                self.machine(verbs::RELAY, fixed.into_iter().chain(greet), connect);
            }
            Machine::Stream(url) => self.machine(verbs::STREAM, [("url", url.as_str())], connect),
            Machine::Agent(connector) => {
                let attributes = [
                    ("connectorName", connector.as_str()),
                    ("language", &connect.language),
                ];
                self.machine(verbs::AGENT, attributes, connect);
            }
            Machine::Transcription(_) => {}
        }
        self.end(verbs::CONNECT);
        self.verb(&Verb::Again, super::write::Keep::All);
    }

    fn machine<'t>(
        &mut self,
        noun: &'static str,
        attributes: impl IntoIterator<Item = (&'t str, &'t str)>,
        connect: &Connect,
    ) {
        self.start(noun, attributes);
        for (name, value) in &connect.gives {
            let pair = [("name", name.as_str()), ("value", value)];
            self.empty(verbs::PARAMETER, pair);
        }
        self.end(noun);
    }
}

#[cfg(test)]
mod tests {
    use crate::engine::{Connect, Machine, Verb};
    use crate::twiml::{Links, render};

    #[test]
    fn a_machine_is_told_where_what_and_in_which_language() {
        let connect = |to| Connect {
            name: "assistant".to_owned(),
            to,
            greet: Some("I am a machine. \"Yes\" & no.".to_owned()),
            language: "en-GB".into(),
            gives: vec![("a\"b".to_owned(), "<c>".to_owned())],
        };
        let parameter = "<Parameter name=\"a&quot;b\" value=\"&lt;c&gt;\"/>";
        for (to, begin, noun) in [
            (
                Machine::Relay("wss://a.example/b".to_owned()),
                "<Connect action=\"/voice/a\" method=\"POST\"><ConversationRelay url=\"wss://a.example/b\" language=\"en-GB\" \
                 dtmfDetection=\"true\" welcomeGreeting=\"I am a machine. &quot;Yes&quot; &amp; no.\">",
                "ConversationRelay",
            ),
            (
                Machine::Stream("wss://a.example/b".to_owned()),
                "<Connect action=\"/voice/a\" method=\"POST\"><Stream url=\"wss://a.example/b\">",
                "Stream",
            ),
            (
                Machine::Agent("Desk".to_owned()),
                "<Connect action=\"/voice/a\" method=\"POST\"><VirtualAgent connectorName=\"Desk\" language=\"en-GB\">",
                "VirtualAgent",
            ),
        ] {
            let links = Links {
                action: "/voice/a",
                ..Links::default()
            };
            let document = render(&[Verb::Connect(Box::new(connect(to)))], &links);
            let end = format!(
                "{begin}{parameter}</{noun}></Connect><Redirect method=\"POST\">/voice/a</Redirect></Response>"
            );
            assert!(document.ends_with(&end), "{document}");
        }
    }
}
