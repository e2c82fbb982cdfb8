use proptest::prelude::*;
use roxmltree::{Document, Node};

use super::{Links, render};
use crate::engine::{
    Address, Audio, Callee, Conference, Dial, Enqueue, Gather, Meanwhile, QueueAt, Record, Refer,
    Say, Screening, Speech, Start, TalkTrack, Verb, Words,
};
use crate::twiml::read::read;
use crate::twiml::{Family, limits, verbs};

const LINKS: Links<'static> = Links {
    recording: "/recording/pickup/~2",
    action: "/voice/pickup/~2#rc=2&rp=all",
    leg: "/leg/pickup/~2",
    wait: "/wait/pickup/~2",
    fragment: "#rc=2",
    is_leg: false,
    audio: "/audio/",
    audio_fragment: "#rc=3",
    default_voice: None,
};

fn said(voice: Option<&str>, words: Vec<Words>) -> Verb {
    Verb::Say(Say {
        voice: voice.map(Into::into),
        language: "en-GB".into(),
        words,
    })
}

fn text(text: &str) -> Words {
    Words::Text(text.into())
}

fn gather(prompts: Vec<Verb>) -> Gather {
    Gather {
        prompts,
        timeout: 5,
        num_digits: None,
        finish_on_key: None,
        speech: None,
    }
}

/// The document without what is the same in all.
#[track_caller]
fn body(verbs: &[Verb]) -> String {
    let document = render(verbs, &LINKS);
    check(&document);
    assert_eq!(
        read(document.as_bytes()).map(|read| read.warnings),
        Ok(vec![]),
        "{document}"
    );
    let body = document
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>")
        .expect("declaration and root");
    body.strip_suffix("</Response>")
        .expect("the end of the root")
        .into()
}

/// Holds what is true of every document.
#[track_caller]
fn check(document: &str) {
    assert!(
        document.len() <= limits::DOCUMENT,
        "{} bytes",
        document.len()
    );
    let tree = Document::parse(document).expect("well-formed");
    read(document.as_bytes()).expect("the carrier takes it");
    assert_eq!(tree.root_element().tag_name().name(), verbs::RESPONSE);
    for node in tree.descendants().filter(Node::is_element) {
        let legal = verbs::NESTING
            .iter()
            .find(|(name, _)| node.has_tag_name(*name))
            .expect("an element of ours")
            .1;
        for child in node.children().filter(Node::is_element) {
            assert!(
                legal.contains(&child.tag_name().name()),
                "{child:?} in {node:?}"
            );
        }
        if node.has_tag_name(verbs::GATHER) {
            let next = node.next_sibling().expect("a Gather is followed");
            assert!(next.has_tag_name(verbs::REDIRECT));
            assert_eq!(next.text(), node.attribute("action"));
        }
    }
}

/// What every Say holds.
fn spoken(document: &str) -> Vec<String> {
    let tree = Document::parse(document).expect("well-formed");
    let says = tree
        .descendants()
        .filter(|node| node.has_tag_name(verbs::SAY));
    says.map(|say| {
        say.descendants()
            .filter(roxmltree::Node::is_text)
            .filter_map(|node| node.text())
            .collect()
    })
    .collect()
}

/// The elements, in order, without their text.
fn shape(document: &str) -> Vec<String> {
    let tree = Document::parse(document).expect("well-formed");
    tree.descendants()
        .filter(Node::is_element)
        .map(|node| node.tag_name().name().to_owned())
        .collect()
}

#[test]
fn words_and_sounds_are_written_in_order() {
    let verbs = [
        said(None, vec![text("Fish & chips \"now\"")]),
        Verb::Play(Audio::Recording("0f/hello.wav".into())),
        Verb::Play(Audio::Url("https://cdn.example/a.mp3?x=1&y=2".into())),
        Verb::Digits("1w2\"/>x".into()),
        Verb::Pause(3),
        Verb::Hangup,
    ];
    assert_eq!(
        body(&verbs),
        "<Say language=\"en-GB\">Fish &amp; chips \"now\"</Say><Play>/audio/0f/hello.wav#rc=3</Play>\
         <Play>https://cdn.example/a.mp3?x=1&amp;y=2</Play><Play digits=\"1w2\"/><Pause length=\"3\"/><Hangup/>"
    );
}

#[test]
fn a_gather_for_keys_is_followed_by_the_way_of_silence() {
    let mut keys = gather(vec![said(Some("Polly.Amy"), vec![text("Press 1.")])]);
    assert_eq!(
        body(&[Verb::Gather(keys.clone())]),
        "<Gather action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\" input=\"dtmf\" timeout=\"5\" finishOnKey=\"\">\
         <Say voice=\"Polly.Amy\" language=\"en-GB\">Press 1.</Say></Gather>\
         <Redirect method=\"POST\">/voice/pickup/~2#rc=2&amp;rp=all</Redirect>"
    );
    keys.num_digits = Some(4);
    keys.finish_on_key = Some('#');
    keys.prompts = vec![Verb::Digits("1".into()), Verb::Hangup, Verb::Pause(1)];
    assert_eq!(
        body(&[Verb::Gather(keys)]),
        "<Gather action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\" input=\"dtmf\" timeout=\"5\" numDigits=\"4\" \
         finishOnKey=\"#\"><Pause length=\"1\"/></Gather>\
         <Redirect method=\"POST\">/voice/pickup/~2#rc=2&amp;rp=all</Redirect>",
        "nothing stands in a Gather that may not"
    );
}

#[test]
fn a_gather_for_words_says_which_are_expected() {
    let hints = vec!["yes, please".into(), " \u{1}".into(), "no".into()];
    let speech = Some(Speech {
        hints,
        language: "en-GB".into(),
    });
    let words = Gather {
        speech,
        ..gather(vec![])
    };
    assert_eq!(
        body(&[Verb::Gather(words)]),
        "<Gather action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\" input=\"dtmf speech\" timeout=\"5\" \
         finishOnKey=\"\" speechTimeout=\"auto\" language=\"en-GB\" hints=\"yes please,no\"></Gather>\
         <Redirect method=\"POST\">/voice/pickup/~2#rc=2&amp;rp=all</Redirect>"
    );
}

#[test]
fn a_dial_brings_its_outcome_to_the_next_turn() {
    let caller_id = Some("+15005550006".into());
    let dial = Dial {
        timeout: 1,
        time_limit: 3600,
        caller_id,
        ..dial([number("+442079460000")])
    };
    assert_eq!(
        body(&[Verb::Dial(dial)]),
        "<Dial action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\" timeout=\"5\" timeLimit=\"3600\" \
         callerId=\"+15005550006\"><Number statusCallback=\"/leg/pickup/~2/0/status#rc=2\" statusCallbackMethod=\"POST\">\
         +442079460000</Number></Dial>"
    );
}

fn number(number: &str) -> Address {
    let (number, send) = (number.into(), None);
    Address::Number { number, send }
}

/// A dial of these.
fn dial<const N: usize>(addresses: [Address; N]) -> Dial {
    let callee = |(leg, at)| Callee {
        leg,
        at,
        contact: None,
    };
    Dial {
        callees: (0..).zip(addresses).map(callee).collect(),
        timeout: 30,
        time_limit: 60,
        caller_id: None,
        ring_tone: None,
        hangup_on_star: false,
        answer_on_bridge: false,
        screening: None,
        tells_answer: false,
        recorded: None,
    }
}

#[test]
fn a_talk_is_recorded_from_the_answer_and_the_carrier_tells_how_that_ended() {
    let written = |who| {
        let recorded = Some(who);
        body(&[Verb::Dial(Dial {
            recorded,
            ..dial([number("+442079460000")])
        })])
    };
    let told = "recordingStatusCallback=\"/recording/pickup/~2#rc=2\" recordingStatusCallbackMethod=\"POST\" \
                recordingStatusCallbackEvent=\"completed absent\">";
    for (who, record, track) in [
        (TalkTrack::Both, "record-from-answer-dual", "both"),
        (TalkTrack::Caller, "record-from-answer", "inbound"),
        (TalkTrack::Agent, "record-from-answer", "outbound"),
    ] {
        let document = written(who);
        let says =
            format!(" timeLimit=\"60\" record=\"{record}\" recordingTrack=\"{track}\" {told}");
        assert!(document.contains(&says), "{document}");
    }
}

#[test]
fn those_who_ring_together_stand_in_one_dial_and_hear_their_own_document() {
    let send = Some("ww12".into());
    let number = Address::Number {
        number: "+442079460000".into(),
        send,
    };
    let screening = Some(Screening {
        accept: Some('1'),
        decline: None,
    });
    let dial = Dial {
        ring_tone: Some("uk".into()),
        hangup_on_star: true,
        answer_on_bridge: true,
        screening,
        tells_answer: true,
        ..dial([
            number,
            Address::Sip("sip:a@b.example".into()),
            Address::Client("front".into()),
        ])
    };
    let leg = |number: u8| {
        format!(
            "url=\"/leg/pickup/~2/{number}#rc=2\" method=\"POST\" statusCallback=\"/leg/pickup/~2/{number}/status#rc=2\" \
             statusCallbackMethod=\"POST\" statusCallbackEvent=\"answered completed\""
        )
    };
    assert_eq!(
        body(&[Verb::Dial(dial)]),
        format!(
            "<Dial action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\" timeout=\"30\" timeLimit=\"60\" \
             ringTone=\"uk\" hangupOnStar=\"true\" answerOnBridge=\"true\"><Number {} sendDigits=\"ww12\">+442079460000</Number>\
             <Sip {}>sip:a@b.example</Sip><Client {}>front</Client></Dial>",
            leg(0),
            leg(1),
            leg(2)
        )
    );
}

#[test]
fn a_message_is_recorded_and_the_carrier_tells_of_it_at_a_url_of_its_own() {
    let record = Record {
        timeout: 0,
        finish: "#".into(),
        longest: 110,
        transcribes: false,
    };
    let plain = body(&[Verb::Record(record.clone())]);
    let fixed = "<Record action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\" timeout=\"0\" finishOnKey=\"#\" \
                 maxLength=\"110\" recordingStatusCallback=\"/recording/pickup/~2#rc=2\" \
                 recordingStatusCallbackMethod=\"POST\" recordingStatusCallbackEvent=\"completed absent\"";
    let next = "/><Redirect method=\"POST\">/voice/pickup/~2#rc=2&amp;rp=all</Redirect>";
    assert_eq!(plain, format!("{fixed}{next}"));
    let transcribes = true;
    let written = body(&[Verb::Record(Record {
        transcribes,
        ..record
    })]);
    let words = " transcribe=\"true\" transcribeCallback=\"/recording/pickup/~2/transcript#rc=2\"";
    assert_eq!(written, format!("{fixed}{words}{next}"));
}

#[test]
fn a_conference_and_a_queue_have_no_legs() {
    let conference = Conference {
        name: "stand-up".into(),
        start: false,
        end: true,
        muted: false,
        beep: true,
        hold: Some("https://a.example/hold".into()),
        at_most: 10,
    };
    let nouns = |address| {
        let body = body(&[Verb::Dial(dial([address]))]);
        let begins = body.find("\"60\">").expect("a dial has a time limit") + 5;
        body[begins..].to_owned()
    };
    assert_eq!(
        nouns(Address::Conference(conference)),
        "<Conference startConferenceOnEnter=\"false\" endConferenceOnExit=\"true\" muted=\"false\" beep=\"true\" \
         maxParticipants=\"10\" waitUrl=\"https://a.example/hold\">stand-up</Conference></Dial>"
    );
    assert_eq!(
        nouns(Address::Queue("engineers".into())),
        "<Queue>engineers</Queue></Dial>"
    );
}

#[test]
fn a_leg_that_presses_nothing_goes_on_to_what_follows_and_asks_for_no_turn() {
    let links = Links {
        action: "/leg/pickup/~2/0/key",
        is_leg: true,
        ..LINKS
    };
    let gather = gather(vec![said(None, vec![text("Press 1.")])]);
    let document = render(&[Verb::Gather(gather), Verb::Hangup], &links);
    assert!(
        document.ends_with("</Gather><Hangup/></Response>"),
        "{document}"
    );
    assert!(
        document.contains("<Gather action=\"/leg/pickup/~2/0/key\""),
        "{document}"
    );
}

#[test]
fn a_call_leaves_or_is_refused() {
    assert_eq!(
        body(&[Verb::Redirect("https://b.example/?a&b".into())]),
        "<Redirect method=\"POST\">https://b.example/?a&amp;b</Redirect>"
    );
    assert_eq!(
        body(&[Verb::Reject { busy: true }]),
        "<Reject reason=\"busy\"/>"
    );
    assert_eq!(
        body(&[Verb::Reject { busy: false }]),
        "<Reject reason=\"rejected\"/>"
    );
}

#[test]
fn short_pauses_and_ways_of_reading_are_tags_where_the_voice_has_them() {
    let telephone = Words::As {
        how: "telephone".into(),
        text: "+44 20".into(),
    };
    let odd = Words::As {
        how: "backwards".into(),
        text: "now".into(),
    };
    let words = vec![
        Words::Break(300),
        Words::Break(200),
        text("Call "),
        telephone,
        text(" "),
        odd,
        Words::Break(900),
    ];
    assert_eq!(
        body(&[said(Some("Google.en-GB-Neural2-A"), words.clone())]),
        "<Say voice=\"Google.en-GB-Neural2-A\" language=\"en-GB\"><break time=\"500ms\"/>Call \
         <say-as interpret-as=\"telephone\">+44 20</say-as> now<break time=\"900ms\"/></Say>"
    );
    assert_eq!(
        body(&[said(Some("alice"), words)]),
        "<Pause length=\"1\"/><Say voice=\"alice\" language=\"en-GB\">Call +44 20 now</Say><Pause length=\"1\"/>"
    );
}

#[test]
fn the_voice_of_the_service_speaks_where_the_words_name_none() {
    let links = Links {
        default_voice: Some("Polly.Amy"),
        ..LINKS
    };
    let document = render(&[said(None, vec![text("a"), Words::Break(100)])], &links);
    assert!(
        document
            .contains("<Say voice=\"Polly.Amy\" language=\"en-GB\">a<break time=\"100ms\"/></Say>"),
        "{document}"
    );
}

#[test]
fn pauses_between_words_add_up_before_they_are_rounded() {
    let words = vec![
        text("a"),
        Words::Break(600),
        text(" \u{2}"),
        Words::Break(600),
        text("b"),
    ];
    assert_eq!(
        body(&[said(Some("man"), words)]),
        "<Say voice=\"man\" language=\"en-GB\">a </Say><Pause length=\"2\"/><Say voice=\"man\" language=\"en-GB\">b</Say>"
    );
}

#[test]
fn nothing_is_written_of_words_that_are_blank() {
    assert_eq!(
        body(&[
            said(Some("Polly.Amy"), vec![text(" \u{0}\u{1F}\u{FFFF}\n")]),
            Verb::Hangup
        ]),
        "<Hangup/>"
    );
    assert_eq!(
        body(&[said(Some("Polly.Amy"), vec![text(" "), Words::Break(1200)])]),
        "<Pause length=\"2\"/>"
    );
}

#[test]
fn a_text_over_the_voices_limit_becomes_several_says() {
    for voice in [
        None,
        Some("woman"),
        Some("Polly.Amy"),
        Some("Google.en-GB-Wavenet-A"),
    ] {
        let whole = "All of us are here. Nobody & nothing <else> is ".repeat(300);
        let parts = spoken(&render(&[said(voice, vec![text(&whole)])], &LINKS));
        assert!(parts.len() > 2);
        assert_eq!(parts.concat(), whole);
        for part in &parts {
            assert!(part.chars().count() <= Family::of(voice).limit());
            assert!(part.ends_with(' '), "parted where a word ends: {part}");
        }
        assert!(
            parts[0].ends_with(". "),
            "parted where a sentence ends: {}",
            parts[0]
        );
    }
}

#[test]
fn a_document_that_is_too_large_keeps_every_verb_and_its_short_texts() {
    let long = "word & word ".repeat(20_000);
    let speech = Some(Speech {
        hints: vec!["\"'".repeat(50); 600],
        language: "en-GB".into(),
    });
    let prompts = vec![
        said(None, vec![text("Press 1 now.")]),
        said(None, vec![text(&long)]),
    ];
    let asked = Verb::Gather(Gather {
        speech,
        ..gather(prompts)
    });
    let document = render(&[said(Some("Polly.Amy"), vec![text(&long)]), asked], &LINKS);
    check(&document);
    assert!(
        document.len() > limits::DOCUMENT * 9 / 10,
        "no more is cut than needed: {}",
        document.len()
    );
    let parts = spoken(&document);
    assert!(parts.contains(&"Press 1 now.".to_owned()));
    assert!(
        parts
            .iter()
            .flat_map(|part| part.split_whitespace())
            .all(|word| "word & word Press 1 now.".contains(word))
    );
    let tree = Document::parse(&document).expect("well-formed");
    let hints = tree
        .descendants()
        .find_map(|node| node.attribute("hints"))
        .expect("some are left");
    assert!(hints.split(',').all(|hint| hint.len() == limits::HINT));
}

#[test]
fn where_the_verbs_alone_are_too_many_the_caller_still_gets_to_the_next_turn() {
    let mut verbs = vec![Verb::Play(Audio::Recording("hash/name.wav".into())); 5000];
    verbs.push(Verb::Gather(gather(vec![Verb::Pause(1); 5000])));
    assert_eq!(
        shape(&render(&verbs, &LINKS)),
        ["Response", "Gather", "Redirect"]
    );
}

#[test]
fn a_caller_is_put_into_a_queue_and_taken_out_and_transferred() {
    let back = "<Redirect method=\"POST\">/voice/pickup/~2#rc=2&amp;rp=all</Redirect>";
    let begin = "<Enqueue action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\"";
    let named = |meanwhile| body(&[queue("A & B", meanwhile)]);
    assert_eq!(
        named(Meanwhile::Ours),
        format!(
            "{begin} waitUrl=\"/wait/pickup/~2#rc=2\" waitUrlMethod=\"POST\">A &amp; B</Enqueue>{back}"
        )
    );
    assert_eq!(
        named(Meanwhile::Music),
        format!("{begin}>A &amp; B</Enqueue>{back}")
    );
    let theirs = named(Meanwhile::Theirs("https://a.example/?b&c".into()));
    assert!(
        theirs.contains("waitUrl=\"https://a.example/?b&amp;c\""),
        "{theirs}"
    );
    assert_eq!(
        body(&[workflow("{\"a\":1}")]),
        format!(
            "{begin} workflowSid=\"WW0\"><Task priority=\"5\">{{\"a\":1}}</Task></Enqueue>{back}"
        )
    );
    assert_eq!(body(&[Verb::Leave]), "<Leave/>");
    let to = "sip:a@b.example?X-C=1".to_owned();
    assert_eq!(
        body(&[Verb::Refer(Refer { to })]),
        "<Refer action=\"/voice/pickup/~2#rc=2&amp;rp=all\" method=\"POST\"><Sip>sip:a@b.example?X-C=1</Sip></Refer>"
    );
}

fn queue(name: &str, meanwhile: Meanwhile) -> Verb {
    Verb::Enqueue(Enqueue {
        name: "a".into(),
        at: QueueAt::Queue(name.into()),
        meanwhile,
        leaving: None,
    })
}

fn workflow(about: &str) -> Verb {
    Verb::Enqueue(Enqueue {
        name: "a".into(),
        at: QueueAt::Workflow {
            sid: "WW0".into(),
            about: about.into(),
            priority: Some(5),
        },
        meanwhile: Meanwhile::Music,
        leaving: None,
    })
}

fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => any::<String>(),
        2 => prop::sample::select(vec!["]]>", "<![CDATA[", "<Hangup/>", "&amp;", "&#0;", "{{ x }}", "</Say>", "<!--", "\r\n", "\u{85}\u{2028}"])
            .prop_map(str::to_owned),
        1 => (0u32..0x20).prop_filter_map("a character", char::from_u32).prop_map(String::from),
        1 => prop::sample::select(vec!['\u{D7FF}', '\u{E000}', '\u{FFFD}', '\u{FFFE}', '\u{FFFF}', '\u{1FFFE}', '\u{10FFFF}', '😀'])
            .prop_map(String::from),
        1 => (1usize..9000).prop_map(|length| "long & <odd> 文字。 ".chars().cycle().take(length).collect()),
    ];
    // It begins with a letter, so that there is something to be spoken.
    prop::collection::vec(piece, 0..8).prop_map(|pieces| format!("a{}", pieces.concat()))
}

fn voices() -> impl Strategy<Value = Option<&'static str>> {
    prop::sample::select(vec![
        None,
        Some("man"),
        Some("alice"),
        Some("Polly.Amy"),
        Some("Google.en-GB-Wavenet-A"),
    ])
}

/// What is to be spoken of a text, by an account of its own.
fn legal(text: &str) -> String {
    let legal =
        |c: &char| matches!(*c as u32, 9 | 10 | 13 | 0x20..=0xD7FF | 0xE000..=0xFFFD | 0x1_0000..);
    text.chars().filter(legal).collect()
}

fn squeezed(text: &str) -> String {
    text.chars()
        .filter(|character| !character.is_whitespace())
        .collect()
}

/// Every verb, with the same text wherever there may be one.
fn everything(voice: Option<&str>, hostile: &str) -> Vec<Verb> {
    let speech = Some(Speech {
        hints: vec![hostile.into(); 3],
        language: hostile.into(),
    });
    vec![
        said(voice, vec![text(hostile)]),
        Verb::Play(Audio::Url(hostile.into())),
        Verb::Digits(hostile.into()),
        Verb::Dial(Dial {
            caller_id: Some(hostile.into()),
            ring_tone: Some(hostile.into()),
            recorded: Some(TalkTrack::Both),
            ..dial([
                number(hostile),
                Address::Sip(hostile.into()),
                Address::Client(hostile.into()),
            ])
        }),
        queue(hostile, Meanwhile::Theirs(hostile.into())),
        workflow(hostile),
        Verb::Refer(Refer { to: hostile.into() }),
        Verb::Start(Start::Transcription {
            to: hostile.into(),
            language: hostile.into(),
        }),
        Verb::Start(Start::Stream { to: hostile.into() }),
        Verb::Redirect(hostile.into()),
        Verb::Gather(Gather {
            speech,
            ..gather(vec![said(voice, vec![text(hostile)])])
        }),
    ]
}

/// No more than so many characters.
fn first(characters: usize, text: &str) -> String {
    text.chars().take(characters).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_adds_an_element(voice in voices(), hostile in hostile()) {
        let hostile = first(900, &hostile);
        let document = render(&everything(voice, &hostile), &LINKS);
        check(&document);
        prop_assert_eq!(shape(&document), shape(&render(&everything(voice, "a"), &LINKS)));
    }

    #[test]
    fn every_text_is_spoken_whole_and_in_order(voice in voices(), start in hostile(), end in hostile()) {
        let (start, end) = (first(4000, &start), first(4000, &end));
        let way = Words::As { how: "digits".into(), text: start.clone() };
        let words = vec![text(&start), Words::Break(200), way, text(&end)];
        let document = render(&[said(voice, words)], &LINKS);
        check(&document);
        let parts = spoken(&document);
        let whole = [&*start, &start, &end].concat();
        prop_assert!(squeezed(&parts.concat()) == squeezed(&legal(&whole)));
        for part in parts {
            prop_assert!(part.chars().count() <= Family::of(voice).limit());
        }
    }

    #[test]
    fn one_text_within_the_limit_comes_back_to_the_character(voice in voices(), hostile in hostile()) {
        let hostile = first(900, &hostile);
        let parts = spoken(&render(&[said(voice, vec![text(&hostile)])], &LINKS));
        prop_assert!(parts == [legal(&hostile)]);
    }

    #[test]
    fn however_much_is_said_the_document_is_not_too_large(voice in voices(), texts in prop::collection::vec(hostile(), 1..10)) {
        let says = texts.iter().map(|words| said(voice, vec![text(&words.repeat(4))])).collect();
        let document = render(&[Verb::Gather(gather(says))], &LINKS);
        check(&document);
        prop_assert!(spoken(&document).len() >= texts.len());
    }
}
