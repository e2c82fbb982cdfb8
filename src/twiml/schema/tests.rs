use std::collections::BTreeSet;

use super::kind::Kind;
use super::verbs;
use crate::twiml::read::{Complaint, read};
use crate::twiml::verbs::NESTING;

fn warnings(verbs: &str) -> Vec<Complaint> {
    read(format!("<Response>{verbs}</Response>").as_bytes())
        .expect("well-formed")
        .warnings
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn every_complaint_has_its_code_and_says_what_is_wrong() {
    let long = |length: usize| "long text ".repeat(length / 10 + 1);
    let table: &[(String, u32, &str)] = &[
        (
            "<Sya>a</Sya>".into(),
            12200,
            "`<Sya>` is no element of TwiML: did you mean `<Say>`?",
        ),
        ("<say>a</say>".into(), 12200, "did you mean `<Say>`?"),
        (
            "<AIGather/>".into(),
            12200,
            "`<AIGather>` is no element of TwiML: did you mean `<Gather>`?",
        ),
        (
            "<Message>a</Message>".into(),
            12200,
            "`<Message>` is no element of TwiML",
        ),
        (
            "<Say Voice=\"man\">a</Say>".into(),
            12200,
            "`<Say>` has no attribute `Voice`: did you mean `voice`?",
        ),
        (
            "<Say a=\"b\">a</Say>".into(),
            12200,
            "`<Say>` has no attribute `a`",
        ),
        (
            "Hello<Say>a</Say>".into(),
            12200,
            "`<Response>` may not contain text, such as `Hello`",
        ),
        (
            "<Pause>2</Pause>".into(),
            12200,
            "`<Pause>` may not contain text",
        ),
        ("<Number>+442079460000</Number>".into(), 12200, "`<Number>`"),
        (
            "<Say>a<Say>b</Say></Say>".into(),
            12200,
            "`<Say>` is not allowed in `<Say>`, only break, emphasis",
        ),
        (
            "<Hangup reason=\"busy\"/>".into(),
            12200,
            "`<Hangup>` has no attribute `reason`",
        ),
        (
            "<Say voice=\"Polly.Joana\">a</Say>".into(),
            13511,
            "did you mean `Polly.Joanna`?",
        ),
        (
            "<Say voice=\"polly.amy-neural\">a</Say>".into(),
            13511,
            "did you mean `Polly.Amy-Neural`?",
        ),
        (
            "<Say voice=\"google.en-gb-standard-a\">a</Say>".into(),
            13511,
            "did you mean `Google.en-GB-Standard-A`?",
        ),
        (
            "<Say language=\"en-gb\">a</Say>".into(),
            13512,
            "did you mean `en-GB`?",
        ),
        (
            "<Say loop=\"-1\">a</Say>".into(),
            13510,
            "`loop` of `<Say>` must be a whole number from 0 (it is `-1`)",
        ),
        ("<Say/>".into(), 13520, "a `<Say>` says nothing"),
        (
            "<Say voice=\"man\">a<break/></Say>".into(),
            13520,
            "`<break>` in a `<Say>` by a voice without SSML",
        ),
        (
            format!("<Say voice=\"man\">{}</Say>", long(4000)),
            13521,
            "4010 characters: a Basic voice takes 4000",
        ),
        (
            format!("<Say voice=\"Polly.Amy\">{}</Say>", long(3000)),
            13521,
            "3010 characters: a Polly voice takes 3000",
        ),
        (
            format!(
                "<Say voice=\"Google.en-GB-Standard-A\">{}<break time=\"1s\"/></Say>",
                "long text ".repeat(500)
            ),
            13521,
            "characters: a Google voice",
        ),
        (
            "<Say voice=\"Polly.Amy\"><break time=\"long\"/></Say>".into(),
            12200,
            "must be , or a number with ms or s",
        ),
        (
            "<Say voice=\"Polly.Amy\"><say-as>1</say-as></Say>".into(),
            12200,
            "`<say-as>` needs the attribute `interpret-as`",
        ),
        (
            "<Say voice=\"Polly.Amy\"><amazon:effect name=\"whispered\">a</amazon:effect></Say>"
                .into(),
            12200,
            "`<amazon:effect>`",
        ),
        (
            "<Play loop=\"x\">a.mp3</Play>".into(),
            13410,
            "`loop` of `<Play>`",
        ),
        (
            "<Play digits=\"1,2\"/>".into(),
            13430,
            "may hold 0-9, A-D, #, *, and w or W",
        ),
        ("<Play/>".into(), 12200, "a `<Play>` names no recording"),
        (
            "<Play>two words.mp3</Play>".into(),
            11100,
            "is no URL: there is a space in it",
        ),
        (
            "<Play>ftp://a.example/b.mp3</Play>".into(),
            11100,
            "is not fetched by the carrier",
        ),
        (
            "<Play>https:///b.mp3</Play>".into(),
            11100,
            "it names no host",
        ),
        (
            "<Pause length=\"0\"/>".into(),
            13910,
            "must be a whole number from 1",
        ),
        (
            "<Pause length=\"1.5\"/>".into(),
            13910,
            "must be a whole number from 1",
        ),
        (
            "<Gather method=\"PUT\"/>".into(),
            13312,
            "must be one of POST, GET",
        ),
        (
            "<Gather method=\"post\"/>".into(),
            13312,
            "did you mean `POST`?",
        ),
        (
            "<Gather timeout=\"5s\"/>".into(),
            13313,
            "must be a whole number from 1, or `auto`",
        ),
        (
            "<Gather numDigits=\"0\"/>".into(),
            13314,
            "`numDigits` of `<Gather>`",
        ),
        (
            "<Gather finishOnKey=\"a\"/>".into(),
            13310,
            "may hold only the characters 0123456789*#",
        ),
        (
            "<Gather finishOnKey=\"*#\"/>".into(),
            13311,
            "is one key at most",
        ),
        (
            "<Gather><Pause/><Dial>+442079460000</Dial></Gather>".into(),
            13320,
            "`<Dial>` is not allowed in `<Gather>`, only Say, Play, Pause",
        ),
        (
            "<Gather><Play digits=\"1\"/></Gather>".into(),
            13320,
            "keys cannot be sounded within a `<Gather>`",
        ),
        (
            "<Gather><Say voice=\"bob\">a</Say></Gather>".into(),
            13321,
            "is no voice of the carrier",
        ),
        (
            "<Gather><Say loop=\"x\">a</Say></Gather>".into(),
            13322,
            "`loop` of `<Say>`",
        ),
        (
            "<Gather input=\"dtmf, speech\"/>".into(),
            13326,
            "holds `dtmf,`",
        ),
        (
            "<Gather speechTimeout=\"soon\"/>".into(),
            13327,
            "`speechTimeout`",
        ),
        (
            "<Gather maxSpeechTime=\"0\"/>".into(),
            13328,
            "`maxSpeechTime`",
        ),
        (
            "<Gather partialResultCallbackMethod=\"x\"/>".into(),
            13329,
            "`partialResultCallbackMethod`",
        ),
        (
            format!("<Gather hints=\"{}\"/>", "x".repeat(101)),
            13330,
            "has an entry of more than 100 characters",
        ),
        (
            format!("<Gather hints=\"{}\"/>", "x,".repeat(500)),
            13330,
            "has more than 500 entries",
        ),
        (
            "<Gather bargeIn=\"yes\"/>".into(),
            13332,
            "must be one of true, false",
        ),
        (
            "<Gather profanityFilter=\"True\"/>".into(),
            13333,
            "did you mean `true`?",
        ),
        (
            "<Gather speechTimeout=\"auto\" speechModel=\"phone_call\"/>".into(),
            13335,
            "does not go with a `speechModel`",
        ),
        (
            "<Gather actionOnEmptyResult=\"1\"/>".into(),
            13338,
            "`actionOnEmptyResult`",
        ),
        (
            "<Gather action=\"mailto:a@b.example\"/>".into(),
            11100,
            "is not fetched by the carrier",
        ),
        (
            "<Record method=\"x\"/>".into(),
            13610,
            "`method` of `<Record>`",
        ),
        (
            "<Record timeout=\"x\"/>".into(),
            13611,
            "`timeout` of `<Record>`",
        ),
        (
            "<Record maxLength=\"1\"/>".into(),
            13612,
            "must be a whole number from 2 to 86400",
        ),
        (
            "<Record finishOnKey=\"any\"/>".into(),
            13613,
            "`finishOnKey` of `<Record>`",
        ),
        ("<Record transcribe=\"x\"/>".into(), 13614, "`transcribe`"),
        ("<Record playBeep=\"x\"/>".into(), 13616, "`playBeep`"),
        (
            "<Record recordingStatusCallbackEvent=\"done\"/>".into(),
            13620,
            "holds `done`",
        ),
        ("<Record trim=\"x\"/>".into(), 13622, "`trim` of `<Record>`"),
        (
            "<Dial method=\"x\">+442079460000</Dial>".into(),
            13210,
            "`method` of `<Dial>`",
        ),
        (
            "<Dial timeout=\"3\">+442079460000</Dial>".into(),
            13212,
            "must be a whole number from 5 to 600",
        ),
        (
            "<Dial hangupOnStar=\"x\">+442079460000</Dial>".into(),
            13213,
            "`hangupOnStar`",
        ),
        (
            "<Dial callerId=\"{x}\">+442079460000</Dial>".into(),
            13214,
            "`callerId` of `<Dial>` must be a number",
        ),
        (
            "<Dial><Say>a</Say></Dial>".into(),
            13215,
            "`<Say>` is not allowed in `<Dial>`",
        ),
        (
            "<Dial timeLimit=\"0\">+442079460000</Dial>".into(),
            13216,
            "`timeLimit`",
        ),
        (
            "<Dial record=\"x\">+442079460000</Dial>".into(),
            13217,
            "`record` of `<Dial>`",
        ),
        (
            "<Dial sequential=\"x\">+442079460000</Dial>".into(),
            13218,
            "`sequential`",
        ),
        (
            "<Dial answerOnBridge=\"x\">+442079460000</Dial>".into(),
            13219,
            "`answerOnBridge`",
        ),
        (
            "<Dial ringTone=\"gb\">+442079460000</Dial>".into(),
            13220,
            "`ringTone`",
        ),
        (
            "<Dial>ask Ann</Dial>".into(),
            13223,
            "`ask Ann` is no telephone number: write it as +442079460000",
        ),
        ("<Dial/>".into(), 13223, "`<Dial>` dials nobody"),
        (
            "<Dial><Number/></Dial>".into(),
            13223,
            "`<Number>` dials nobody",
        ),
        (
            "<Dial>+442079460000<Number>+442079460000</Number></Dial>".into(),
            12200,
            "it is one or the other",
        ),
        (
            format!(
                "<Dial>{}</Dial>",
                "<Number>+442079460000</Number>".repeat(11)
            ),
            12200,
            "reaches 10 at most, and here are 11",
        ),
        (
            "<Dial><Number method=\"x\">+442079460000</Number></Dial>".into(),
            13221,
            "`method` of `<Number>`",
        ),
        (
            "<Dial><Number sendDigits=\"x\">+442079460000</Number></Dial>".into(),
            13222,
            "`sendDigits` of `<Number>`",
        ),
        (
            "<Dial><Conference>a</Conference><Number>+442079460000</Number></Dial>".into(),
            13000,
            "cannot be dialled together",
        ),
        (
            "<Dial><Conference muted=\"x\">a</Conference></Dial>".into(),
            13230,
            "`muted`",
        ),
        (
            "<Dial><Conference endConferenceOnExit=\"x\">a</Conference></Dial>".into(),
            13231,
            "`endConferenceOnExit`",
        ),
        (
            "<Dial><Conference startConferenceOnEnter=\"x\">a</Conference></Dial>".into(),
            13232,
            "`startConferenceOnEnter`",
        ),
        (
            "<Dial><Conference waitUrl=\"a b\">a</Conference></Dial>".into(),
            13233,
            "`waitUrl`",
        ),
        (
            "<Dial><Conference waitMethod=\"x\">a</Conference></Dial>".into(),
            13234,
            "`waitMethod`",
        ),
        (
            "<Dial><Conference beep=\"onenter\">a</Conference></Dial>".into(),
            13235,
            "did you mean `onEnter`?",
        ),
        ("<Dial><Conference/></Dial>".into(), 13237, "has no name"),
        (
            "<Dial><Conference trim=\"x\">a</Conference></Dial>".into(),
            13239,
            "`trim` of `<Conference>`",
        ),
        (
            "<Dial><Sip method=\"x\">sip:a@b.example</Sip></Dial>".into(),
            13241,
            "`method` of `<Sip>`",
        ),
        (
            "<Dial><Sip>alice@b.example</Sip></Dial>".into(),
            13243,
            "is no SIP address",
        ),
        (
            format!("<Dial><Sip>sip:{}@b.example</Sip></Dial>", "a".repeat(250)),
            13243,
            "fewer than 255 characters",
        ),
        (
            format!(
                "<Dial><Sip>sip:a@b.example?x-a={}</Sip></Dial>",
                "a".repeat(1024)
            ),
            13253,
            "fewer than 1024 characters",
        ),
        (
            "<Dial recordingStatusCallback=\"a b\">+442079460000</Dial>".into(),
            13256,
            "`recordingStatusCallback`",
        ),
        (
            "<Record transcribeCallback=\"a b\"/>".into(),
            13257,
            "`transcribeCallback`",
        ),
        (
            "<Dial><Queue method=\"x\">a</Queue></Dial>".into(),
            14210,
            "`method` of `<Queue>`",
        ),
        (
            "<Dial><Queue url=\"a b\">a</Queue></Dial>".into(),
            14211,
            "`url` of `<Queue>`",
        ),
        ("<Dial><Queue/></Dial>".into(), 14212, "has no name"),
        (
            "<Enqueue method=\"x\">a</Enqueue>".into(),
            14201,
            "`method` of `<Enqueue>`",
        ),
        (
            "<Enqueue waitUrl=\"a b\">a</Enqueue>".into(),
            14202,
            "`waitUrl`",
        ),
        (
            "<Enqueue action=\"a b\">a</Enqueue>".into(),
            14203,
            "`action` of `<Enqueue>`",
        ),
        ("<Enqueue/>".into(), 14204, "names no queue"),
        (
            format!("<Enqueue>{}</Enqueue>", "a".repeat(65)),
            14205,
            "64 characters at most",
        ),
        (
            "<Enqueue waitUrlMethod=\"x\">a</Enqueue>".into(),
            14206,
            "`waitUrlMethod`",
        ),
        (
            "<Redirect method=\"x\">/a</Redirect>".into(),
            13710,
            "`method` of `<Redirect>`",
        ),
        (
            "<Reject reason=\"away\"/>".into(),
            13810,
            "must be one of rejected, busy",
        ),
        (
            "<Start><Say>a</Say></Start>".into(),
            14300,
            "`<Say>` is not allowed in `<Start>`",
        ),
        (
            "<Start><Stream url=\"https://a.example\"/></Start>".into(),
            12200,
            "must begin with `wss://`",
        ),
        (
            "<Connect><Stream/></Connect>".into(),
            12200,
            "`<Stream>` needs the attribute `url`",
        ),
        (
            "<Hangup/><Say>a</Say>".into(),
            0,
            "`<Say>` is never reached: `<Hangup>` on line 1 leaves the document",
        ),
        ("<Say>a</Say><Reject/>".into(), 0, "put it first"),
        (
            "<Pay maxAttempts=\"4\"/>".into(),
            12200,
            "must be a whole number from 1 to 3",
        ),
        (
            "<Pay chargeAmount=\"a lot\"/>".into(),
            12200,
            "must be an amount from 0 to 1000000",
        ),
    ];
    for (verbs, code, message) in table {
        let found = warnings(verbs);
        let shown: String = verbs.chars().take(120).collect();
        assert_eq!(
            found.iter().map(|warning| warning.code).collect::<Vec<_>>(),
            [*code],
            "{shown}: {found:?}"
        );
        assert!(found[0].message.contains(message), "{shown}: {found:?}");
    }
}

#[test]
fn what_is_right_is_not_complained_of() {
    for verbs in [
        "<Say voice=\"Polly.Mía-Generative\" language=\"es-MX\" loop=\"0\">Hola <prosody rate=\"85%\" pitch=\"-10%\" \
         volume=\"-6dB\">a <s>b</s></prosody><lang xml:lang=\"en-GB\">c</lang></Say>",
        "<Gather input=\"dtmf speech\" finishOnKey=\"\" timeout=\"auto\" speechTimeout=\"auto\" hints=\"a, b\" action=\"\"/>",
        "<Record timeout=\"0\" finishOnKey=\"12*#\"/><Redirect/>",
        "<Dial callerId=\"client:joey\"><Client>joey</Client><Number sendDigits=\"wW1\">(020) 7946-0000</Number></Dial>",
        "<Dial><Sip>sips:a@b.example;transport=tls?x-a=b</Sip><Sip><Uri>sip:c@d.example</Uri><Headers><Header name=\"a\" \
         value=\"b\"/></Headers></Sip></Dial>",
        "<Dial><Queue>a</Queue></Dial><Enqueue waitUrl=\"\">a</Enqueue><Leave/>",
        "<Start><Stream name=\"a\" url=\"wss://a.example\"/></Start><Stop><Stream name=\"a\"/></Stop>",
        "<Connect><ConversationRelay url=\"wss://a.example\"><Language code=\"sv-SE\"/></ConversationRelay></Connect>",
        "<Reject reason=\"busy\"/>",
        "<Refer><Sip>sip:a@b.example</Sip></Refer>",
        "<Play>https://a.example/b.mp3?c=d:e#rc=3</Play><Play>../b.mp3</Play><Play>/a:b</Play><Play digits=\"wW12#*A\"/>",
    ] {
        assert_eq!(warnings(verbs), [], "{verbs}");
    }
}

#[test]
fn warnings_come_in_the_order_of_the_document_with_their_lines() {
    let found =
        warnings("\n<Say loop=\"x\" odd=\"1\">a\n<Sya/></Say>\n\n<Gather>\n<Hangup/></Gather>");
    let found: Vec<_> = found
        .iter()
        .map(|warning| (warning.line, warning.code))
        .collect();
    assert_eq!(found, [(2, 13510), (2, 12200), (3, 12200), (6, 13320)]);
}

#[test]
fn nothing_is_said_of_what_stands_in_an_element_that_nobody_knows() {
    assert_eq!(
        warnings("<AIAssistant><Voice odd=\"1\">a</Voice></AIAssistant>").len(),
        1
    );
}

fn visit(
    kind: &'static Kind,
    seen: &mut BTreeSet<*const Kind>,
    names: &mut BTreeSet<&'static str>,
) {
    if seen.insert(kind) {
        names.insert(kind.name);
        kind.children
            .iter()
            .for_each(|child| visit(child, seen, names));
    }
}

#[test]
fn every_element_that_may_stand_somewhere_is_known_anywhere() {
    let mut names = BTreeSet::new();
    visit(&verbs::RESPONSE, &mut BTreeSet::new(), &mut names);
    let known: BTreeSet<_> = verbs::EVERY.iter().map(|kind| kind.name).collect();
    assert_eq!(names, known);
}

#[test]
fn what_we_write_is_within_the_schema() {
    for (parent, children) in NESTING {
        let kind = verbs::EVERY
            .iter()
            .find(|kind| kind.name == *parent)
            .expect("an element");
        for child in *children {
            assert!(
                kind.children.iter().any(|known| known.name == *child),
                "<{child}> in <{parent}>"
            );
        }
    }
}
