use std::time::Duration;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::{Person, Progress, Screen, Stroke};
use crate::phone::{CallEvent, Caller as _, PhoneAct, Playback, Situation, World};

/// Longer than any test takes: what is waited for comes before.
const LONG: Duration = Duration::from_hours(1);

fn person(world: &World) -> (Person<'_, Vec<u8>>, UnboundedSender<Stroke>) {
    let (strokes, read) = unbounded_channel();
    (
        Person::new(read, Screen::of(Vec::new(), 80), Progress::new(world, true)),
        strokes,
    )
}

fn type_in(strokes: &UnboundedSender<Stroke>, text: &str) {
    for character in text.chars() {
        let stroke = match character {
            '\n' => Stroke::Enter,
            '\u{8}' => Stroke::Back,
            '\u{1B}' => Stroke::Escape,
            other => Stroke::Character(other),
        };
        strokes.send(stroke).expect("it is read");
    }
}

fn written(person: &Person<'_, Vec<u8>>) -> String {
    String::from_utf8_lossy(person.screen.written()).replace("\r\n", "\n")
}

fn says(text: &str, lasts: Duration) -> CallEvent {
    CallEvent::Hears(Playback {
        verb: "Say".into(),
        text: text.into(),
        lasts,
        listens: true,
        ..Playback::default()
    })
}

fn asked(lasts: Duration) -> Situation {
    Situation::Asked {
        lasts,
        keys: String::new(),
        speech: true,
        dtmf: true,
        num_digits: None,
        finish_on_key: None,
    }
}

#[tokio::test]
async fn what_is_spoken_stands_there_whole_once_its_time_is_over() {
    let world = World::default();
    let (mut person, _strokes) = person(&world);
    let lasts = Duration::from_millis(20);
    person.notice(Duration::ZERO, &says("One  two\nthree.", lasts));
    assert_eq!(
        person
            .act(&Situation::Hears {
                lasts,
                listens: true,
                closing: None
            })
            .await,
        None
    );
    assert_eq!(written(&person), "One two three.\n");
}

#[tokio::test]
async fn a_key_cuts_off_what_is_spoken() {
    let world = World::default();
    let (mut person, strokes) = person(&world);
    let event = says("One two three.", LONG);
    person.notice(Duration::ZERO, &event);
    type_in(&strokes, "x5");
    let acted = person
        .act(&Situation::Hears {
            lasts: LONG,
            listens: true,
            closing: None,
        })
        .await
        .expect("a key");
    assert_eq!(acted.act, PhoneAct::Press('5'));
    let CallEvent::Hears(speech) = &event else {
        unreachable!()
    };
    person.cut_off(speech, acted.after);
    person.notice(Duration::ZERO, &CallEvent::Pressed('5'));
    person.notice(
        Duration::ZERO,
        &CallEvent::Entered {
            digits: "5".into(),
            speech: String::new(),
        },
    );
    let written = written(&person);
    assert!(
        written.ends_with("—\n> 5\n") && !written.contains("three"),
        "{written}"
    );
}

#[tokio::test]
async fn a_line_of_words_is_said_and_may_be_taken_back() {
    let world = World::default();
    let (mut person, strokes) = person(&world);
    person.notice(Duration::ZERO, &says("Yes or no?", Duration::ZERO));
    type_in(&strokes, "\"no\u{1B}\"yex\u{8}s 1\n");
    let acted = person.act(&asked(LONG)).await.expect("words");
    assert_eq!(acted.act, PhoneAct::Say("yes 1".into()));
    person.notice(Duration::ZERO, &CallEvent::Said("yes 1".into()));
    assert!(
        written(&person).ends_with("> \"no\n> \"yex\u{8} \u{8}s 1\"\n"),
        "{}",
        written(&person)
    );
}

#[tokio::test]
async fn whoever_types_words_is_waited_for() {
    let world = World::default();
    let (mut person, strokes) = person(&world);
    type_in(&strokes, "\"y");
    let typed = async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        type_in(&strokes, "es\n");
    };
    let moment = asked(Duration::from_millis(1));
    let (acted, ()) = tokio::join!(person.act(&moment), typed);
    assert_eq!(
        acted.map(|acted| acted.act),
        Some(PhoneAct::Say("yes".into()))
    );
}

#[tokio::test]
async fn an_interrupt_hangs_up() {
    let world = World::default();
    let (mut person, strokes) = person(&world);
    strokes.send(Stroke::Interrupt).expect("it is read");
    let acted = person.act(&Situation::Away { lasts: LONG }).await;
    assert_eq!(acted.map(|acted| acted.act), Some(PhoneAct::HangUp));
}

#[tokio::test]
async fn silence_and_what_nobody_listens_to_are_shown() {
    let world = World::default();
    let (mut person, _strokes) = person(&world);
    person.notice(
        Duration::ZERO,
        &CallEvent::Entered {
            digits: String::new(),
            speech: String::new(),
        },
    );
    person.notice(Duration::ZERO, &CallEvent::Lost("7".into()));
    person.notice(
        Duration::ZERO,
        &CallEvent::Leaves {
            verb: "Dial".into(),
            to: "+442079460000".into(),
        },
    );
    assert_eq!(
        written(&person),
        "> (silence)\n(7: nobody listens)\n(dials +442079460000 …)\n+442079460000 does not answer; say otherwise with --world \
         FILE\n"
    );
}
