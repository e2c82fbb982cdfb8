//! Record's rules, each with a call.

use super::*;

const RECORD: &str =
    "<Record action=\"/message\" timeout=\"4\" maxLength=\"30\"/><Say>Nothing.</Say>";

fn record(keys: &str) -> Called {
    call(keys, &[("/voice", RECORD), ("/message", "<Hangup/>")])
}

#[test]
fn a_message_is_told_to_the_action() {
    let called = record("'say:one two three'");
    let field = |name| called.field("/message", name).unwrap_or_default();
    assert_eq!(
        (
            field("RecordingDuration"),
            field("Digits"),
            field("CallStatus")
        ),
        ("3", "", "in-progress")
    );
    assert!(field("RecordingUrl").starts_with("https://api.twilio.com/2010-04-01/Accounts/AC"));
    assert_eq!(field("RecordingSid").len(), 34);
    assert_eq!(called.seconds(), 7.0);
}

#[test]
fn silence_from_the_start_goes_on_with_the_next_verb() {
    let called = record("-");
    assert_eq!((called.words(), called.seconds()), (vec!["Nothing."], 5.0));
}

#[test]
fn a_key_ends_a_message() {
    let called = record("#");
    assert_eq!(
        (called.field("/message", "Digits"), called.seconds()),
        (Some("#"), 0.0)
    );
}

#[test]
fn hanging_up_ends_a_message_and_is_told_to_the_action() {
    let called = record("hangup");
    assert_eq!(called.field("/message", "Digits"), Some("hangup"));
    assert_eq!(called.field("/message", "CallStatus"), Some("completed"));
    assert_eq!(called.ended.by, EndedBy::Caller);
}

#[test]
fn a_message_is_no_longer_than_it_may_be() {
    let long = ["word"; 40].join(" ");
    let called = record(&format!("'say:{long}'"));
    assert_eq!(
        (
            called.field("/message", "RecordingDuration"),
            called.seconds()
        ),
        (Some("30"), 30.0)
    );
}

#[test]
fn recording_and_transcription_are_told() {
    let verbs = "<Record action=\"/in\" transcribe=\"true\" transcribeCallback=\"/words\" recordingStatusCallback=\"/done\"/>";
    let called = call(
        "say:hello",
        &[
            ("/voice", verbs),
            ("/done", ""),
            ("/words", ""),
            ("/in", ""),
        ],
    );
    assert_eq!(called.paths(), ["/voice", "/in", "/done", "/words"]);
    assert_eq!(called.field("/words", "TranscriptionText"), Some("hello"));
    assert_eq!(called.field("/done", "RecordingStatus"), Some("completed"));
    assert_eq!(called.field("/done", "From"), None);
}

#[test]
fn two_messages_are_answered_by_two_words() {
    let verbs = "<Record/><Record action=\"/message\" finishOnKey=\"#\"/>";
    let called = call(
        "- 12#",
        &[
            ("/voice", verbs),
            ("/message", "<Gather numDigits=\"1\" action=\"/in\"/>"),
        ],
    );
    assert_eq!(called.field("/message", "Digits"), Some("#"));
    assert_eq!(called.ended.by, EndedBy::Caller);
}

#[test]
fn what_is_recorded_beside_the_call_is_told_when_it_is_stopped_or_the_call_ends() {
    let began = "<Start><Recording name=\"recording\" channels=\"dual\" recordingStatusCallback=\"/done\"/></Start>";
    let stop = "<Stop><Recording name=\"recording\"/></Stop>";
    for (stopped, seconds) in [(stop, "1"), ("", "2")] {
        let verbs = format!("{began}<Pause length=\"1\"/>{stopped}<Pause length=\"1\"/>");
        let called = call("-", &[("/voice", &verbs), ("/done", "")]);
        assert_eq!(called.paths(), ["/voice", "/done"], "{stopped}");
        let field = |name| called.field("/done", name).unwrap_or_default();
        assert_eq!(
            (
                field("RecordingDuration"),
                field("RecordingChannels"),
                field("RecordingSource")
            ),
            (seconds, "2", "StartCallRecordingTwiML")
        );
    }
    let called = call("-", &[("/voice", stop)]);
    let mut told = called.notices();
    assert!(told.any(|notice| notice.message.contains("does not run")));
}
