//! What happens in a call, as lines for a person.

use std::time::Duration;

use crate::phone::{CallEvent, Notice, Playback, Severity, World};
use crate::twilio::DialStatus;

/// What is heard, on one line.
pub fn heard(speech: &Playback) -> String {
    let text = speech.text.split_whitespace().collect::<Vec<_>>().join(" ");
    match speech.verb.as_str() {
        _ if !text.is_empty() => text,
        "Pause" => format!("({} of silence)", seconds(speech.lasts)),
        _ if is_tones(&speech.source) => format!("(sounds the keys {})", speech.source),
        _ if speech.source.is_empty() => format!("({})", speech.verb),
        _ => format!("(plays {}, {})", speech.source, seconds(speech.lasts)),
    }
}

fn is_tones(source: &str) -> bool {
    !source.is_empty()
        && source
            .chars()
            .all(|key| matches!(key, '0'..='9' | 'A'..='D' | '#' | '*' | 'w' | 'W'))
}

/// What else is heard, or happens instead; nothing for events that make no sound. In a call of a flow of ours,
/// outcomes have the names that flows use.
pub fn done(event: &CallEvent, is_ours: bool) -> Option<String> {
    match event {
        CallEvent::Recorded(lasts) => Some(format!("(records {})", seconds(*lasts))),
        CallEvent::Screened {
            whom,
            heard,
            pressed,
            connected,
        } => Some(screened(whom, heard, pressed, *connected)),
        CallEvent::Returns {
            verb,
            to,
            outcome,
            after,
        } => {
            let outcome = match verb.as_str() {
                "Dial" if is_ours => DialStatus::parse(outcome).outcome(),
                _ => outcome.as_str(),
            };
            let handed = handed(verb, to);
            Some(format!("({handed}: {outcome} after {})", seconds(*after)))
        }
        CallEvent::Beside { verb, noun, .. } => {
            Some(format!("({}s a {noun})", verb.to_lowercase()).to_lowercase())
        }
        CallEvent::Texts { to, body } => Some(format!(
            "(sends a text message to {to}: {})",
            body.split_whitespace().collect::<Vec<_>>().join(" ")
        )),
        _ => None,
    }
}

/// That a call is handed on.
pub fn handed(verb: &str, to: &str) -> String {
    let how = match verb {
        "Dial" => "dials",
        "Conference" => "is in the conference",
        "Enqueue" => "waits in the queue",
        "Connect" => "is connected to",
        "Refer" => "is referred to",
        "Pay" => "pays by",
        other => other,
    };
    format!("{how} {to}").trim_end().to_owned()
}

/// What the carrier's debugger would show.
pub fn notice(notice: &Notice) -> String {
    let severity = if notice.severity == Severity::Error {
        "error"
    } else {
        "warning"
    };
    let code = if notice.code == 0 {
        String::new()
    } else {
        format!(" {}", notice.code)
    };
    let line = if notice.line == 0 {
        String::new()
    } else {
        format!(", line {}", notice.line)
    };
    let place = if notice.url.is_empty() {
        String::new()
    } else {
        format!(" ({}{line})", notice.url)
    };
    format!("{severity}{code}: {}{place}", notice.message)
}

/// What whoever was called heard and did before the two were connected, or not.
fn screened(whom: &str, heard: &str, pressed: &str, connected: bool) -> String {
    let pressed = match pressed {
        "" => "presses nothing".to_owned(),
        keys => format!("presses {keys}"),
    };
    let then = if connected { "connected" } else { "hung up on" };
    format!("({whom} hears \"{heard}\", {pressed}: {then})")
}

/// Says that somebody does not answer or come only because nobody said what they do.
pub fn unforeseen(event: &CallEvent, world: &World) -> Option<String> {
    let CallEvent::Leaves { verb, to } = event else {
        return None;
    };
    match verb.as_str() {
        "Dial" => {
            let unknown: Vec<&str> = to
                .split(", ")
                .filter(|name| world.dialled(name).is_none())
                .collect();
            let does = if unknown.len() > 1 {
                "do not answer"
            } else {
                "does not answer"
            };
            (!unknown.is_empty()).then(|| {
                format!(
                    "{} {does}; say otherwise with --world FILE",
                    unknown.join(", ")
                )
            })
        }
        "Conference" if world.dialled(to).is_none() => Some(format!(
            "nobody else is in the conference {to}; say otherwise with --world FILE"
        )),
        _ => None,
    }
}

/// A time in seconds, with one decimal where it is not whole.
pub fn seconds(time: Duration) -> String {
    let tenths = (time.as_millis() + 50) / 100;
    if tenths.is_multiple_of(10) {
        format!("{} s", tenths / 10)
    } else {
        format!("{}.{} s", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{done, heard, notice, seconds, unforeseen};
    use crate::phone::{CallEvent, DialAnswer, Notice, Playback, Severity, World};

    fn speech(verb: &str, text: &str, source: &str) -> Playback {
        let lasts = Duration::from_millis(2500);
        Playback {
            verb: verb.into(),
            text: text.into(),
            source: source.into(),
            lasts,
            ..Playback::default()
        }
    }

    #[test]
    fn everything_that_is_heard_is_one_line() {
        assert_eq!(
            heard(&speech("Say", " Press 1.\n  Or 2. ", "")),
            "Press 1. Or 2."
        );
        assert_eq!(
            heard(&speech("Play", "Welcome.", "http://a.example/b.wav")),
            "Welcome."
        );
        assert_eq!(
            heard(&speech("Play", "", "http://a.example/b.wav")),
            "(plays http://a.example/b.wav, 2.5 s)"
        );
        assert_eq!(heard(&speech("Play", "", "1w2#")), "(sounds the keys 1w2#)");
        assert_eq!(heard(&speech("Pause", "", "")), "(2.5 s of silence)");
    }

    #[test]
    fn what_is_done_in_place_of_being_heard_is_told_when_it_is_over() {
        let (verb, to, after) = (
            "Dial".to_owned(),
            "+442079460000".to_owned(),
            Duration::from_secs(20),
        );
        let outcome = "no-answer".to_owned();
        let event = CallEvent::Returns {
            verb,
            to,
            outcome,
            after,
        };
        assert_eq!(
            done(&event, false).as_deref(),
            Some("(dials +442079460000: no-answer after 20 s)")
        );
        assert_eq!(
            done(&event, true).as_deref(),
            Some("(dials +442079460000: no_answer after 20 s)")
        );
    }

    #[test]
    fn a_notice_names_its_code_and_its_place() {
        let mut fault = Notice {
            code: 12200,
            severity: Severity::Warning,
            message: "odd".into(),
            url: "http://a.example/".into(),
            line: 3,
        };
        assert_eq!(
            notice(&fault),
            "warning 12200: odd (http://a.example/, line 3)"
        );
        fault = Notice {
            code: 0,
            severity: Severity::Error,
            line: 0,
            ..fault
        };
        assert_eq!(notice(&fault), "error: odd (http://a.example/)");
    }

    #[test]
    fn only_who_is_not_foreseen_is_told_not_to_answer() {
        let answer = DialAnswer {
            outcome: "busy".into(),
            ..DialAnswer::default()
        };
        let world = World {
            dial: [("+442079460000".to_owned(), answer.into())].into(),
            ..World::default()
        };
        let leaves = |to: &str| CallEvent::Leaves {
            verb: "Dial".to_owned(),
            to: to.to_owned(),
        };
        assert_eq!(unforeseen(&leaves("+442079460000"), &world), None);
        let told = unforeseen(&leaves("+442079460000, +442079460009"), &world);
        assert_eq!(
            told.as_deref(),
            Some("+442079460009 does not answer; say otherwise with --world FILE")
        );
    }

    #[test]
    fn seconds_have_a_decimal_where_they_need_one() {
        assert_eq!(seconds(Duration::from_secs(2)), "2 s");
        assert_eq!(seconds(Duration::from_millis(2449)), "2.4 s");
        assert_eq!(seconds(Duration::from_millis(2960)), "3 s");
    }
}
