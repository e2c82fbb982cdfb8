//! What is heard, and for how long.

use super::*;

/// A second of mu-law as a WAV.
fn wav() -> Vec<u8> {
    let mut file =
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x07\0\x01\0\x40\x1f\0\0\x40\x1f\0\0\x01\0\x08\0data\x40\x1f\0\0".to_vec();
    file.resize(file.len() + 8_000, 0xff);
    file
}

fn play(verbs: &str, kind: &str, bytes: &[u8]) -> Called {
    let wire = |request: &Request| match request.purpose {
        Purpose::Media => {
            assert!(request.fields.is_empty() && request.method == Method::Get);
            let mut response = answer(if kind.is_empty() { 404 } else { 200 }, kind, bytes);
            response.headers.push((
                "hookswitch-transcript".to_owned(),
                "Gr%C3%BC%C3%9Fe.".to_owned(),
            ));
            Ok(response)
        }
        _ => Ok(twiml(verbs)),
    };
    call_with(&plan(), &World::default(), Keys::default(), wire)
}

#[test]
fn a_recording_is_fetched_once_and_lasts_as_long_as_it_is() {
    let called = play(
        "<Play loop=\"3\">/a.wav</Play><Play>/a.wav</Play>",
        "audio/wav",
        &wav(),
    );
    assert_eq!((called.words(), called.seconds()), (vec!["Grüße."; 4], 4.0));
    assert_eq!(called.paths(), ["/voice", "/a.wav"]);
}

#[test]
fn a_recording_that_cannot_be_played_is_a_fault() {
    for (kind, bytes, code) in [
        ("audio/ogg", b"OggS".as_slice(), 13_420),
        ("text/html", b"<html>", 13_420),
        ("audio/mpeg", b"RIFF\0\0\0\0WAVEfmt ", 11_200),
        ("audio/wav", b"", 11_200),
        ("", b"", 11_200),
    ] {
        let called = play("<Play>/a</Play><Say>No.</Say>", kind, bytes);
        assert_eq!(called.codes(), [code], "{kind}");
        assert_eq!(
            called.notices().next().map(|notice| notice.line),
            Some(1),
            "{kind}"
        );
        assert!(matches!(called.ended.by, EndedBy::Fault(_)), "{kind}");
    }
}

#[test]
fn a_recording_that_the_world_stands_for_is_not_fetched() {
    let audio = [
        ("http://cdn.test/a.mp3", Duration::from_secs(7)),
        ("/b.wav", Duration::from_secs(2)),
        ("http://cdn.test/silence.wav", Duration::ZERO),
    ];
    let audio = audio.map(|(url, lasts)| (url.to_owned(), lasts)).into();
    let verbs = "<Play>http://cdn.test/a.mp3?v=1</Play><Play>http://cdn.test/silence.wav</Play>\
                 <Gather><Play>/b.wav</Play></Gather>";
    let world = World {
        audio,
        ..World::default()
    };
    let called = call_with(
        &plan(),
        &world,
        Keys::parse("-").unwrap(),
        serve(&[("/voice", verbs)]),
    );
    assert_eq!(
        (called.paths(), called.seconds()),
        (vec!["/voice"], 7.0 + 2.0 + 5.0)
    );
    assert_eq!(called.codes(), [0_u32; 0]);
}

#[test]
fn keys_that_are_sounded_take_their_time() {
    assert_eq!(
        call("", &[("/voice", "<Play digits=\"1wW2\"/>")]).seconds(),
        2.0
    );
}

#[test]
fn a_say_is_heard_as_often_as_it_says() {
    let called = call(
        "",
        &[(
            "/voice",
            "<Say loop=\"3\" voice=\"Polly.Amy\" language=\"en-GB\">Hi <break time=\"1s\"/> you</Say>",
        )],
    );
    assert_eq!((called.words(), called.seconds()), (vec!["Hi you"; 3], 9.0));
    let speech = called.heard.iter().find_map(|(_, event)| match event {
        CallEvent::Hears(speech) => Some(speech.clone()),
        _ => None,
    });
    let expected = Playback {
        verb: "Say".to_owned(),
        text: "Hi you".to_owned(),
        voice: "Polly.Amy".to_owned(),
        language: "en-GB".to_owned(),
        lasts: Duration::from_secs(3),
        ..Playback::default()
    };
    assert_eq!(speech, Some(expected));
}

#[test]
fn a_say_is_cut_where_its_voice_stops() {
    let long = "word ".repeat(1_000);
    let called = call(
        "",
        &[("/voice", &format!("<Say voice=\"Polly.Amy\">{long}</Say>"))],
    );
    assert_eq!(called.words()[0].chars().count(), 3_000);
}

#[test]
fn a_say_for_ever_ends_with_its_rounds_and_a_gather_for_ever_with_the_longest_call() {
    assert_eq!(
        call("", &[("/voice", "<Say loop=\"0\">Hi.</Say>")]).seconds(),
        1_000.0
    );
    let silent = Does(|_: &Situation| None);
    let documents = [("/voice", "<Gather><Say>Again.</Say></Gather><Redirect/>")];
    let called = call_with(&plan(), &World::default(), silent, serve(&documents));
    assert_eq!(called.seconds(), 14_400.0);
    assert!(
        matches!(&called.ended.by, EndedBy::Fault(notice) if notice.code == 0 && notice.message.contains("4 hours"))
    );
}

#[test]
fn an_answer_that_is_audio_is_played_and_plain_text_is_read_aloud() {
    let wire = |_: &Request| Ok(answer(200, "audio/x-wav", &wav()));
    let called = call_with(&plan(), &World::default(), Keys::default(), wire);
    assert_eq!(
        (called.seconds(), called.ended.by),
        (1.0, EndedBy::Application)
    );
    let wire = |_: &Request| Ok(answer(200, "text/plain; charset=utf-8", b"Hello you."));
    let called = call_with(&plan(), &World::default(), Keys::default(), wire);
    assert_eq!(
        (called.words(), called.ended.by.clone()),
        (vec!["Hello you."], EndedBy::Application)
    );
    let wire = |_: &Request| {
        Ok(answer(
            200,
            "text/plain",
            b"<Response><Reject reason=\"busy\"/></Response>",
        ))
    };
    let called = call_with(&plan(), &World::default(), Keys::default(), wire);
    assert_eq!(
        (called.ended.status.as_str(), called.ended.by),
        ("busy", EndedBy::Application)
    );
}
