//! What is heard: segments, pauses, holes, and prompts of the flow and of the manifest.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::phone::{Phone, bundle, faults, flow};
use crate::engine::flow::{Audio as Recorded, Bundle, Catalogue, Entry, Sound};
use crate::engine::load::load;
use crate::engine::manifest_value::ManifestValue;
use crate::engine::{Audio, Verb, Words};
use crate::written::Code;

fn say(prompt: &str) -> String {
    format!("voice = \"Polly.Amy\"\n[steps.s]\nsay = {prompt}\nnext = \"hangup\"\n")
}

fn words(verb: &Verb) -> &[Words] {
    match verb {
        Verb::Say(say) => &say.words,
        other => panic!("no words: {other:?}"),
    }
}

#[test]
fn whole_seconds_of_pause_are_a_verb_and_less_is_a_break_in_the_words_beside_it() {
    let phone = Phone::call(&say(
        r#"["One.", { pause = "2s" }, "Two.", { pause = "500ms" }, "Three.", { pause = "1500ms" }]"#,
    ));
    let [one, Verb::Pause(2), rest, Verb::Hangup] = phone.verbs() else {
        panic!("{:?}", phone.verbs())
    };
    assert_eq!(words(one), [Words::Text("One.".to_owned())]);
    let text = |text: &str| Words::Text(text.to_owned());
    assert_eq!(
        words(rest),
        [
            text("Two."),
            Words::Break(500),
            text("Three."),
            Words::Break(1500)
        ]
    );
    assert!(matches!(
        Phone::call(&say(r#"[{ pause = "1m" }]"#)).verbs(),
        [Verb::Pause(60), Verb::Hangup]
    ));
}

#[test]
fn a_short_pause_in_a_voice_without_ssml_is_warned_about() {
    let source = |voice: &str| say(r#"["One.", { pause = "500ms" }]"#).replace("Polly.Amy", voice);
    assert_eq!(faults(&source("Polly.Amy-Neural")), Vec::<String>::new());
    assert_eq!(
        faults(&source("Google.en-GB-Standard-A")),
        Vec::<String>::new()
    );
    assert!(faults(&source("alice"))[0].contains("pause-rounded"));
}

#[test]
fn texts_of_one_prompt_are_one_sentence_with_a_space_between() {
    let phone = Phone::call(&say(r#"["One,", "two ", "three."]"#));
    assert_eq!(
        words(&phone.verbs()[0]),
        [Words::Text("One, two three.".to_owned())]
    );
}

#[test]
fn a_doubled_at_sign_is_a_literal_one() {
    Phone::call(&say("\"@@home\"")).hears_only("@home [hangup]");
    Phone::call(&say("[\"@@@home\", \"at @home\"]")).hears_only("@@home at @home [hangup]");
}

#[test]
fn text_may_be_read_in_a_way_of_its_own() {
    let source = say(
        r#"["Call", { say = "{{ call.from }}", as = "telephone" }, "now.", { say = "Thank you." }]"#,
    );
    Phone::call(&source).hears_only("Call [+442079460001 as telephone] now. Thank you. [hangup]");
}

#[test]
fn audio_and_keys_are_verbs_of_their_own() {
    let source = say(
        r#"["Listen:", { audio = "https://example.com/{{ call.to }}.mp3" }, { digits = "1w2" }]"#,
    );
    Phone::call(&source)
        .hears_only("Listen: [play https://example.com/%2B442079460123.mp3] [digits 1w2] [hangup]");
}

#[test]
fn a_prompt_of_the_flow_may_be_nested_and_made_of_others() {
    let source = r#"
        [steps.s]
        say  = ["@kind.ask", "@whole"]
        next = "hangup"
        [prompts]
        kind.ask = "Which kind?"
        "kind.help" = "Any kind."
        whole = ["@kind.help", { pause = "1s" }, "@kind.ask"]
    "#;
    Phone::call(source).hears_only("Which kind? Any kind. [pause 1s] Which kind? [hangup]");
}

#[test]
fn faults_in_a_prompt_are_told_once_and_in_every_language_and_in_prompts_that_nobody_uses() {
    let source = r#"language = "en-GB"
[languages]
bg-BG = {}
[steps.s]
say  = ["@a", "@a"]
next = "hangup"
[prompts]
a = { en-GB = "{{ one }}", bg-BG = "{{ two }}" }
b = "{{ three }}"
"#;
    let told: Vec<_> = faults(source)
        .into_iter()
        .filter(|fault| fault.contains("name-unknown"))
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
}

/// A flow beside a manifest of one language.
fn with_manifest(source: &str, entries: &[(&str, Entry)]) -> Bundle {
    let entries: BTreeMap<String, Entry> = entries
        .iter()
        .map(|(id, entry)| ((*id).to_owned(), entry.clone()))
        .collect();
    let catalogue = Catalogue {
        language: "en-US".into(),
        file: "en-US.toml".into(),
        entries: Arc::new(entries),
    };
    Bundle {
        catalogues: vec![catalogue],
        ..bundle(source)
    }
}

fn text(text: &str) -> Entry {
    Entry {
        text: Some(text.to_owned()),
        at: (10, 10 + text.len() + 2),
        ..Entry::default()
    }
}

#[test]
fn the_flow_is_asked_for_a_prompt_before_the_manifest_and_a_recording_is_played() {
    let recording = Entry {
        text: Some("Hello.".to_owned()),
        audio: Some(Recorded::Recording("ab12/hello.wav".into())),
        ..Entry::default()
    };
    let entries = [
        ("hello", recording),
        ("bye", text("Bye, {{ call.from }}.")),
        ("own", text("Theirs.")),
    ];
    let source = "[steps.s]\nsay = [\"@hello\", \"@own\", \"@bye\"]\nnext = \"hangup\"\n[prompts]\nown = \"Ours.\"\n";
    let bundle = with_manifest(source, &entries);
    let phone = Phone::call_flow(flow(&bundle));
    assert_eq!(
        phone.verbs()[0],
        Verb::Play(Audio::Recording("ab12/hello.wav".into()))
    );
    assert_eq!(
        phone.heard(),
        "[play ab12/hello.wav] Ours. Bye, +442079460001. [hangup]"
    );
}

#[test]
fn a_version_keeps_the_prompts_that_it_uses_and_no_other_changes_its_fingerprint() {
    let source = "[steps.s]\nsay = \"@hello\"\nnext = \"hangup\"\n";
    let print = |entries: &[(&str, Entry)]| {
        let loaded = load(&with_manifest(source, entries)).expect("it loads");
        let again = load(&loaded.bundle).expect("what is kept of it loads too");
        assert_eq!(again.flow.fingerprint, loaded.flow.fingerprint);
        loaded.flow.fingerprint
    };
    let one = print(&[("hello", text("Hello."))]);
    assert_eq!(
        one,
        print(&[("hello", text("Hello.")), ("unused", text("Unused."))])
    );
    assert_ne!(one, print(&[("hello", text("Hello!"))]));
}

#[test]
fn a_fault_in_the_manifest_is_told_at_its_place_there() {
    let bundle = with_manifest(
        "[steps.s]\nsay = \"@hello\"\nnext = \"hangup\"\n",
        &[("hello", text("Hello, {{ nobody }}."))],
    );
    let diags = load(&bundle).expect_err("it is faulty");
    assert_eq!(
        (&*diags[0].at.file, diags[0].at.span.clone()),
        ("en-US.toml", 21..27)
    );
}

#[test]
fn a_value_is_spoken_by_its_prompt_where_there_is_one_and_that_in_the_middle_of_a_sentence() {
    let source = r#"
        give_up = "hangup"
        [answers]
        kind = { one_of = { letter = "@letter", parcel = "parcel" } }
        code = { digits = [1, 4], optional = true }
        okay = { yes_no = { yes = "yes", no = ["it", "is not"] }, optional = true }
        [steps.m]
        menu   = "Press."
        into   = "kind"
        keys.1 = { value = "letter", next = "s", set = { code = "0012", okay = true } }
        keys.2 = { value = "parcel", next = "s", set = { okay = false } }
        [steps.s]
        say  = "So, {{ kind }}; {{ code }}; {{ okay }}; {{ kind ~ '' }}."
        next = "hangup"
        [prompts]
        letter = "a letter"
    "#;
    Phone::call(source)
        .press("1")
        .hears_only("So, a letter; 0 0 1 2; yes; letter. [hangup]");
    // The second is a list, whose segments are kept apart.
    Phone::call(source)
        .press("2")
        .hears("So, parcel; ;")
        .hears("it is not");
}

#[test]
fn a_value_is_spoken_by_its_type_whatever_stands_around_its_name() {
    let source = r#"
        give_up = "hangup"
        [answers]
        kind = { one_of = { letter = "a little letter", parcel = "a parcel" }, optional = true }
        code = { digits = 4, optional = true }
        [steps.m]
        menu   = "Press."
        keys.1 = { next = "s", set = { kind = "letter", code = "0012" } }
        keys.2 = "s"
        [steps.s]
        say  = "{{ kind? }}, {{ kind | default('none') }}, {{ code if code is defined else kind? }}, {{ kind if kind is defined else 'nothing' if code is not defined else code }}."
        next = "hangup"
    "#;
    Phone::call(source)
        .press("1")
        .hears("a little letter, a little letter, 0 0 1 2, a little letter.");
    let mut unset = Phone::call(source);
    unset.press("2").hears(", none, , nothing.");
}

#[test]
fn a_way_of_speaking_stands_within_a_sentence() {
    let phone = Phone::call(
        "[steps.s]\nsay = \"You call from {{ call.from | as('telephone') }}, don't you?\"\nnext = \"hangup\"\n",
    );
    let verbs = format!("{:?}", phone.turn.reply);
    assert_eq!(verbs.matches("Say(").count(), 1, "{verbs}");
    assert!(
        verbs.contains("As { how: \"telephone\", text: \"+442079460001\" }"),
        "{verbs}"
    );
}

#[test]
fn a_spoken_form_that_speaks_itself_comes_to_an_end() {
    let source = r#"
        [answers]
        kind = { one_of = { letter = "@letter" } }
        [steps.a]
        set  = { kind = "letter" }
        next = "s"
        [steps.s]
        say  = "{{ kind }}"
        next = "hangup"
        [prompts]
        letter = "a {{ kind }}"
    "#;
    Phone::call(source).hears_only("a a a a letter [hangup]");
}

#[test]
fn text_reaches_the_verbs_unescaped_whatever_a_variable_holds() {
    let source = "[steps.a]\nset = { a = \"<Say>&amp;{{ '{{' }} }\" }\nnext = \"s\"\n[steps.s]\nsay = \"{{ a }}\"\nnext = \"hangup\"\n";
    Phone::call(source).hears_only("<Say>&amp;{{ } [hangup]");
}

const TWO: &str = r#"
    language = "en-US"
    [languages]
    nl-NL = {}
    [steps.choose]
    menu   = "@choose"
    keys.1 = "agree"
    keys.2 = { next = "agree", set = { call.language = "nl-NL" } }
    [steps.agree]
    ask  = "@choose"
    into = "agreed"
    next = "bye"
    [steps.bye]
    say  = ["@agreed", "@hookswitch.hold"]
    next = "choose"
    [answers]
    agreed = "yes_no"
    [prompts]
    choose = { en-US = "1?", nl-NL = "1?" }
    agreed = "{{ agreed }}."
"#;

#[test]
fn what_hookswitch_says_itself_is_in_the_language_of_the_call() {
    let mut phone = Phone::call(TWO);
    phone.press("2").press("1");
    phone.hears("ja. Een ogenblik, alstublieft.");
    phone.wait().wait().wait().hears_only(
        "Het spijt ons, we kunnen op dit moment niet verdergaan. Belt u later nog eens. [hangup]",
    );
}

#[test]
fn words_of_hookswitch_are_replaced_in_the_flow_or_the_manifest_and_make_another_version() {
    let recording = Entry {
        text: Some("Sorry.".to_owned()),
        audio: Some(Recorded::Recording("ab12/sorry.wav".into())),
        ..Entry::default()
    };
    let entries = [
        ("hookswitch.apology", recording),
        ("hookswitch.yes", text("Yep")),
        ("hookswitch.hold", text("Theirs.")),
    ];
    let own = format!("{TWO}\n\"hookswitch.hold\" = {{ en-US = \"Ours.\" }}\n");
    let bundle = with_manifest(&own, &entries);
    let loaded = load(&bundle).expect("it loads");
    assert_ne!(
        loaded.flow.fingerprint,
        load(&with_manifest(&own, &entries[1..]))
            .expect("it loads")
            .flow
            .fingerprint
    );
    let mut phone = Phone::call_flow(flow(&loaded.bundle));
    phone.press("1").press("1").hears("Yep. Ours.");
    phone
        .wait()
        .wait()
        .wait()
        .hears_only("[play ab12/sorry.wav] [hangup]");
    let (english, dutch) = (loaded.flow.own_words(0), loaded.flow.own_words(1));
    assert!(format!("{:?}", english.hold).contains("Ours."));
    assert!(format!("{:?}", dutch.hold).contains("Een ogenblik"));
}

#[test]
fn names_that_begin_with_hookswitch_are_its_own() {
    let source = "[steps.s]\nsay = \"@hookswitch.holt\"\nnext = \"hangup\"\n[prompts]\nhookswitch.greeting = \"Hello.\"\n";
    assert_eq!(
        faults(source),
        [
            "2:7 prompt-unknown Hookswitch has no prompt `hookswitch.holt`",
            "5:12 prompt-unknown Hookswitch has no prompt `hookswitch.greeting`",
        ]
    );
}

/// A manifest of one language, each prompt as TOML.
fn manifest_of(language: &str, prompts: &str) -> Catalogue {
    let document = toml::de::DeTable::parse(prompts).expect("it is TOML");
    let entries = document.get_ref().iter().map(|(id, value)| {
        let entry = Entry {
            words: ManifestValue::of(value),
            at: (id.span().start, id.span().end),
            ..Entry::default()
        };
        (id.get_ref().to_string(), entry)
    });
    Catalogue {
        language: language.into(),
        file: format!("{language}.toml").into(),
        entries: Arc::new(entries.collect()),
    }
}

/// A flow with recordings that there are, beside manifests.
fn recorded(source: &str, catalogues: Vec<Catalogue>) -> Bundle {
    let sound = |name: &str, hash: &str| {
        let path = format!("{hash}/{name}").into();
        (name.to_owned(), Sound { path, text: None })
    };
    Bundle {
        catalogues,
        sounds: [sound("hello.wav", "ab12"), sound("bye.wav", "cd34")].into(),
        ..bundle(source)
    }
}

#[test]
fn words_and_a_recording_are_a_prompt_in_a_flow_as_in_a_manifest() {
    let flow_itself = r#"
        language = "en-GB"
        [languages]
        bg-BG = {}
        [steps.s]
        menu   = ["@hello", "@all", { audio = "bye.wav" }]
        keys.1 = { next = "s", set = { call.language = "bg-BG" } }
        [prompts]
        hello = { en-GB = { text = "Hello.", audio = "hello.wav" }, bg-BG = ["Здравей.", { pause = "1s" }] }
        all   = [{ text = "Words alone." }, "@yes"]
        yes   = { en-GB = { say = "1", as = "digits" }, bg-BG = "@si" }
        si    = { bg-BG = "да" }
    "#;
    let mut phone = Phone::call_flow(flow(&recorded(flow_itself, Vec::new())));
    phone.hears("[play ab12/hello.wav] Words alone. ");
    phone.hears("[play cd34/bye.wav]");
    phone
        .press("1")
        .hears("Здравей. [pause 1s] Words alone. да [play cd34/bye.wav]");

    let step = "[steps.s]\nsay = [\"@all\", \"@si\"]\nnext = \"hangup\"\n";
    let manifest = manifest_of(
        "en-US",
        "all = [{ text = \"Hello.\", audio = \"hello.wav\" }, { pause = \"1s\" }, \"@name\", \"@@ home.\"]\n\
         name = \"You are {{ call.from }}.\"\nsi = { say = \"Si.\", language = \"es-ES\" }\n",
    );
    let phone = Phone::call_flow(flow(&recorded(step, vec![manifest])));
    assert_eq!(
        phone.heard(),
        "[play ab12/hello.wav] [pause 1s] You are +442079460001. @ home. Si. [hangup]"
    );
}

#[test]
fn what_a_manifest_names_is_looked_up_in_its_language_alone() {
    let source = r#"
        language = "en-GB"
        [languages]
        bg-BG = {}
        [steps.s]
        menu   = "@hello"
        keys.1 = { next = "s", set = { call.language = "bg-BG" } }
    "#;
    let english = manifest_of("en-GB", "hello = [\"Hello,\", \"@sir\"]\nsir = \"sir.\"\n");
    let bulgarian = manifest_of("bg-BG", "hello = \"Здравей.\"\n");
    let mut phone = Phone::call_flow(flow(&recorded(source, vec![english, bulgarian])));
    phone.hears("Hello, sir.");
    phone.press("1").hears("Здравей.");
}

#[test]
fn a_prompt_that_is_made_of_itself_is_told_wherever_it_goes_round() {
    let step = "[steps.s]\nsay = \"@a\"\nnext = \"hangup\"\n";
    for (own, manifest) in [
        ("", "a = [\"One\", \"@b\"]\nb = [\"@c\"]\nc = \"@a\"\n"),
        ("", "a = \"@a\"\n"),
        ("[prompts]\nb = [\"Two\", \"@a\"]\n", "a = [\"@b\"]\n"),
        (
            "[prompts]\nb = { en-US = [\"@a\"] }\n",
            "a = [\"@b\", \"@b\"]\n",
        ),
    ] {
        let bundle = recorded(
            &format!("{step}{own}"),
            vec![manifest_of("en-US", manifest)],
        );
        let diags = load(&bundle).expect_err("it goes round");
        let codes: Vec<Code> = diags.iter().map(|diag| diag.code).collect();
        assert_eq!(codes, [Code::PromptCircle], "{own}{manifest}: {diags:?}");
    }
}

#[test]
fn prompts_that_double_each_other_are_refused_before_they_fill_the_memory() {
    let doubled = |at: usize| format!("p{at} = [\"@p{0}\", \"@p{0}\"]\n", at + 1);
    let prompts: String = (0..25).map(doubled).collect();
    let prompts = format!("{prompts}p25 = \"x\"\n");
    let step = "[steps.s]\nsay = \"@p0\"\nnext = \"hangup\"\n";
    let own = format!("{step}[prompts]\n{prompts}");
    for bundle in [
        recorded(&own, Vec::new()),
        recorded(step, vec![manifest_of("en-US", &prompts)]),
    ] {
        let diags = load(&bundle).expect_err("it is too much");
        let codes: Vec<Code> = diags.iter().map(|diag| diag.code).collect();
        assert_eq!(codes, [Code::PromptTooDeep], "{diags:?}");
    }
}

#[test]
fn a_recording_that_is_not_there_is_told_at_its_place_and_each_is_part_of_the_version() {
    let source = "[steps.s]\nsay = [\"@hello\", \"@other\"]\nnext = \"hangup\"\n[prompts]\n\
                  hello = { text = \"Hello.\", audio = \"hello.wav\" }\nother = [{ text = \"O.\", audio = \"no.wav\" }]\n";
    let bundle = recorded(source, Vec::new());
    let diags = load(&bundle).expect_err("there is none");
    let place = |diag: &crate::written::diag::Diag| source[diag.at.span.clone()].to_owned();
    let told: Vec<_> = diags.iter().map(|diag| (diag.code, place(diag))).collect();
    assert_eq!(told, [(Code::AudioMissing, "\"no.wav\"".to_owned())]);

    let source = source.replace("no.wav", "https://cdn.example.com/no.mp3");
    let loaded = load(&recorded(&source, Vec::new())).expect("it loads");
    let kept: Vec<_> = loaded.bundle.sounds.iter().collect();
    let [(name, sound)] = kept.as_slice() else {
        panic!("{kept:?}");
    };
    assert_eq!(
        (name.as_str(), sound.text.as_deref()),
        ("hello.wav", Some("Hello."))
    );
    assert_eq!(
        loaded.bundle.recordings().collect::<Vec<_>>(),
        ["ab12/hello.wav"]
    );
    let stored = serde_json::to_string(&loaded.bundle).expect("it can be written");
    let stored: Bundle = serde_json::from_str(&stored).expect("it can be read");
    let again = load(&stored).expect("what is kept of it loads too");
    assert_eq!(again.flow.fingerprint, loaded.flow.fingerprint);
    let mut other = recorded(&source, Vec::new());
    let sound = Sound {
        path: "ef56/hello.wav".into(),
        text: None,
    };
    other.sounds.insert("hello.wav".to_owned(), sound);
    let other = load(&other).expect("it loads");
    assert_ne!(other.flow.fingerprint, loaded.flow.fingerprint);
}

#[test]
fn what_an_earlier_release_kept_of_a_manifest_is_read_as_it_was_meant() {
    let source = "[steps.s]\nsay = \"@hello\"\nnext = \"hangup\"\n";
    let kept = serde_json::json!({
        "name": "test", "file": "test.toml", "source": source,
        "catalogues": [{ "language": "en-US", "file": "en-US.toml", "entries": {
            "hello": { "text": "@ home, {{ call.from }}.", "audio": null, "at": [0, 5] },
        }}],
    });
    let bundle: Bundle = serde_json::from_value(kept).expect("it can be read");
    let phone = Phone::call_flow(flow(&bundle));
    assert_eq!(phone.heard(), "@ home, +442079460001. [hangup]");
}

#[test]
fn what_is_wrong_in_a_text_of_a_manifest_is_told_at_its_place_there() {
    let step = "[steps.s]\nsay = \"@a\"\nnext = \"hangup\"\n";
    let manifest = "a = [\"Well.\", { say = \"{{ nobody }}\" }, { say = \"x\", language = \"xx-YY\" }, \"@b\"]\n";
    let diags = load(&recorded(step, vec![manifest_of("en-US", manifest)])).expect_err("faulty");
    let told: Vec<_> = diags
        .iter()
        .map(|diag| (diag.code, &*diag.at.file, &manifest[diag.at.span.clone()]))
        .collect();
    assert_eq!(
        told,
        [
            (Code::NameUnknown, "en-US.toml", "nobody"),
            (Code::LanguageNotATag, "en-US.toml", "\"xx-YY\""),
            (Code::PromptUnknown, "en-US.toml", "\"@b\""),
        ]
    );
}
