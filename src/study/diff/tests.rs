use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::{Change, diff};
use crate::engine::flow::{Bundle, Catalogue, Entry};
use crate::engine::load::{Loaded, load};

const FLOW: &str = r#"
language = "en-GB"
give_up  = "operator"

[languages]
bg-BG = { voice = "Google.bg-BG-Standard-A" }

[answers]
kind   = { one_of = ["letter", "parcel"] }
weight = { integer = [1, 30], optional = true }
hour   = "time"

[steps.kind]
menu   = "@kind"
into   = "kind"
keys.1 = { value = "letter", next = "hour" }
keys.2 = { value = "parcel", next = "weight" }
keys.3-4 = "operator"

[steps.weight]
ask      = "@weight"
into     = "weight"
no_match = ["@again"]
next     = "hour"

[steps.hour]
ask  = "@hour"
into = "hour"
next = "size"

[steps.size]
branch = [{ when = "weight is defined", next = "send" }, { next = "thanks" }]

[steps.send]
submit = "pickups"
next   = "thanks"
set    = { sent = true }

[steps.thanks]
say  = ["@thanks", { pause = "1s" }]
next = "hangup"

[steps.operator]
dial          = "+442079460000"
on.unanswered = "thanks"
next          = "hangup"

[anywhere]
9 = "back"

[prompts]
again  = { en-GB = "Again.", bg-BG = "Отново." }
"hour" = { en-GB = "When?", bg-BG = "Кога?" }
"#;

fn entry(text: &str) -> Entry {
    Entry {
        text: Some(text.to_owned()),
        at: (0, text.len()),
        ..Entry::default()
    }
}

fn loaded_with(source: &str, more: &[(&str, &str)]) -> Loaded {
    let words = |language: &str, all: &[(&str, &str)]| {
        let mut entries: BTreeMap<String, Entry> = all
            .iter()
            .map(|(id, text)| ((*id).to_owned(), entry(text)))
            .collect();
        entries.extend(
            more.iter()
                .filter(|_| language == "en-GB")
                .map(|(id, text)| ((*id).to_owned(), entry(text))),
        );
        Catalogue {
            language: language.to_owned(),
            file: Arc::from(language),
            entries: Arc::new(entries),
        }
    };
    let english = words(
        "en-GB",
        &[
            ("kind", "What is it?"),
            ("weight", "How heavy?"),
            ("thanks", "Thank you."),
        ],
    );
    let bulgarian = words(
        "bg-BG",
        &[
            ("kind", "Какво?"),
            ("weight", "Колко тежи?"),
            ("thanks", "Благодаря."),
        ],
    );
    let bundle = Bundle {
        name: "pickup".to_owned(),
        file: Arc::from("pickup.toml"),
        source: source.to_owned(),
        catalogues: vec![bulgarian, english],
        ..Bundle::default()
    };
    load(&bundle).unwrap_or_else(|diags| panic!("{source}\n{diags:#?}"))
}

fn loaded(source: &str) -> Loaded {
    loaded_with(source, &[])
}

fn sentences(changes: &[Change]) -> Vec<String> {
    changes.iter().map(ToString::to_string).collect()
}

/// What is reported for replacements in the flow.
#[track_caller]
fn told(edits: &[(&str, &str)]) -> Vec<String> {
    let mut source = FLOW.to_owned();
    for (from, to) in edits {
        assert!(source.contains(from), "{from}");
        source = source.replace(from, to);
    }
    sentences(&diff(&loaded(FLOW), &loaded(&source)).changes)
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn each_change_is_told_in_the_terms_of_callers() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "value = \"parcel\", next = \"weight\"",
            "value = \"parcel\", next = \"operator\"",
            &["pressing 2 in `kind` now leads to `operator` instead of `weight`"],
        ),
        (
            "keys.3-4 = \"operator\"",
            "keys.3-4 = \"hangup\"",
            &["pressing 3 or 4 in `kind` now ends the call instead of leading to `operator`"],
        ),
        (
            "keys.3-4 = \"operator\"\n",
            "keys.3 = \"operator\"\n",
            &["pressing 4 in `kind` now is a wrong entry instead of leading to `operator`"],
        ),
        (
            "keys.3-4 = ",
            "keys.3-5 = ",
            &["pressing 5 in `kind` now leads to `operator` instead of being a wrong entry"],
        ),
        (
            "keys.3-4 = ",
            "keys.9 = \"hangup\"\nkeys.3-4 = ",
            &[
                "pressing 9 in `kind` now ends the call instead of going back to the question before",
            ],
        ),
        (
            "value = \"parcel\", next",
            "value = \"letter\", next",
            &["pressing 2 in `kind` now stores \"letter\" instead of \"parcel\""],
        ),
        (
            "keys.3-4 = \"operator\"",
            "keys.3-4 = { next = \"operator\", set = { call.language = \"bg-BG\" } }",
            &["pressing 3 or 4 in `kind` now sets `call.language` to \"bg-BG\""],
        ),
        (
            "keys.3-4 = \"operator\"",
            "keys.3-4 = { next = \"operator\", forget = [\"weight\"] }",
            &["pressing 3 or 4 in `kind` now forgets `weight`"],
        ),
        (
            "set    = { sent = true }",
            "set    = { sent = false }",
            &["`send` now sets `sent` to false instead of true"],
        ),
        (
            "set    = { sent = true }",
            "",
            &["`send` no longer sets `sent` to true"],
        ),
        (
            "integer = [1, 30]",
            "integer = [1, 40]",
            &["`weight` may now be a whole number from 1 to 40 instead of 1 to 30"],
        ),
        (
            "integer = [1, 30], optional = true",
            "integer = [1, 30], optional = true, sensitive = true",
            &["`weight` is now kept from everybody but the backend"],
        ),
        (
            "no_match = [\"@again\"]",
            "no_match = [\"@again\", \"@hour\"]",
            &[
                "`no_match.2` of `weight` now says in en-GB \"When?\"",
                "`no_match.2` of `weight` now says in bg-BG \"Кога?\"",
            ],
        ),
        (
            "no_match = [\"@again\"]\n",
            "",
            &[
                "`no_match` of `weight` no longer says in en-GB \"Again.\"",
                "`no_match` of `weight` no longer says in bg-BG \"Отново.\"",
            ],
        ),
        (
            "en-GB = \"Again.\"",
            "en-GB = \"Once more.\"",
            &["`no_match` of `weight` says other words in en-GB"],
        ),
        (
            "pause = \"1s\"",
            "pause = \"2s\"",
            &[
                "`thanks` says other words in en-GB",
                "`thanks` says other words in bg-BG",
            ],
        ),
        (
            "no_match = [",
            "timeout = \"8s\"\nno_match = [",
            &["`timeout` of `weight` is now \"8s\" instead of \"5s\""],
        ),
        (
            "no_match = [",
            "attempts = 2\nno_match = [",
            &["`attempts` of `weight` is now 2 instead of 3"],
        ),
        (
            "no_match = [",
            "barge_in = false\nno_match = [",
            &["`barge_in` of `weight` is now false instead of true"],
        ),
        (
            "[\"letter\", \"parcel\"]",
            "{ letter = \"@thanks\", parcel = \"1\" }",
            &[
                "the value `letter` of `kind` now says in en-GB \"Thank you.\"",
                "the value `parcel` of `kind` now says in en-GB \"1\"",
                "the value `letter` of `kind` now says in bg-BG \"Благодаря.\"",
                "the value `parcel` of `kind` now says in bg-BG \"1\"",
            ],
        ),
        (
            "submit = \"pickups\"",
            "submit = \"orders\"",
            &["`send` now submits to `orders` instead of `pickups`"],
        ),
        (
            "submit = \"pickups\"",
            "submit = { to = \"pickups\", partial = true }",
            &["`send` now submits what there is, even if answers are missing"],
        ),
        (
            "+442079460000",
            "+442079460001",
            &["`operator` now dials +442079460001 instead of +442079460000"],
        ),
        (
            "on.unanswered = \"thanks\"",
            "on.unanswered = \"hangup\"",
            &[
                "`busy`, `no_answer`, `failed` or `canceled` of `operator` now ends the call instead of leading to `thanks`",
            ],
        ),
        (
            "weight is defined",
            "weight is defined and weight > 20",
            &[
                "`size` now asks whether `weight is defined and weight > 20` instead of `weight is defined`",
            ],
        ),
        (
            "branch = [",
            "branch = [{ when = \"kind == 'letter'\", next = \"operator\" }, ",
            &["where `kind == 'letter'` holds, `size` now leads to `operator`"],
        ),
        (
            "give_up  = \"operator\"",
            "give_up  = \"hangup\"",
            &["a caller out of attempts now ends the call instead of leading to `operator`"],
        ),
        (
            "give_up  = \"operator\"",
            "start = \"hour\"\ngive_up  = \"operator\"",
            &["a call now begins at `hour` instead of `kind`"],
        ),
        (
            "give_up  = \"operator\"",
            "numbers = \"+442079460123\"\ngive_up  = \"operator\"",
            &["calls to +442079460123 now come here"],
        ),
        (
            "9 = \"back\"",
            "9 = \"repeat\"",
            &[
                "pressing 9 at any question now puts the question again instead of going back to the question before",
            ],
        ),
        (
            "9 = \"back\"",
            "9 = \"back\"\n[on]\nhangup = \"send\"",
            &["a caller who hangs up early now leads to `send`"],
        ),
        (
            "Google.bg-BG-Standard-A",
            "Google.bg-BG-Standard-B",
            &["bg-BG is now spoken by Google.bg-BG-Standard-B instead of Google.bg-BG-Standard-A"],
        ),
        (
            "[prompts]",
            "[prompts]\n\"hookswitch.apology\" = { bg-BG = \"Дотук.\" }",
            &["the apology says other words in bg-BG"],
        ),
        (
            "[prompts]",
            "[prompts]\n\"hookswitch.hold\" = \"One moment.\"",
            &[
                "the hold says other words in en-GB",
                "the hold says other words in bg-BG",
            ],
        ),
    ];
    for (from, to, wanted) in cases {
        assert_eq!(told(&[(from, to)]), *wanted, "{from} -> {to}");
    }
}

#[test]
fn nothing_is_told_of_what_no_caller_can_notice() {
    let cases: &[(&str, &str)] = &[
        ("\n[steps.weight]", "\n# A comment.\n\n[steps.weight]"),
        (
            "language = \"en-GB\"\n",
            "title = \"Pick-up\"\nlanguage = \"en-GB\"\n",
        ),
        (
            "into     = \"weight\"\nno_match = [\"@again\"]\n",
            "no_match = [\"@again\"]\ninto     = \"weight\"\n",
        ),
        ("no_match = [\"@again\"]", "no_match = \"@again\""),
        (
            "no_match = [\"@again\"]",
            "no_match = [\"@again\"]\nattempts = 3\ntimeout = \"5000ms\"\nbarge_in = true",
        ),
        (
            "keys.3-4 = \"operator\"",
            "keys.4 = \"operator\"\nkeys.3 = { next = \"operator\" }",
        ),
        ("submit = \"pickups\"", "submit = { to = \"pickups\" }"),
        (
            "submit = \"pickups\"",
            "submit = { to = \"pickups\", note = \"x\" }\nnote = \"y\"",
        ),
        ("9 = \"back\"", "9 = { next = \"back\", note = \"x\" }"),
        (
            "hour   = \"time\"",
            "hour   = { time = true, note = \"x\" }",
        ),
        (
            "language = \"en-GB\"\n",
            "edition = 1\nnote = \"x\"\nmeta.owner = \"me\"\nlanguage = \"en-GB\"\n",
        ),
        ("hour   = \"time\"", "hour   = { time = true }"),
        (
            "on.unanswered = \"thanks\"",
            "on.busy = \"thanks\"\non.unanswered = \"thanks\"",
        ),
        (
            "ask  = \"@hour\"",
            "ask  = \"@hour\"\ngive_up = \"operator\"",
        ),
        (
            "\"hour\" = { en-GB = \"When?\", bg-BG = \"Кога?\" }",
            "hour.en-GB = \"When?\"\nhour.bg-BG = \"Кога?\"",
        ),
        (
            "give_up  = \"operator\"",
            "start = \"kind\"\ngive_up  = \"operator\"",
        ),
        (
            "9 = \"back\"",
            "9 = \"back\"\n[check]\nreachable_from_everywhere = \"operator\"",
        ),
    ];
    for (from, to) in cases {
        assert_eq!(told(&[(from, to)]), [""; 0], "{from} -> {to}");
    }
    assert_eq!(told(&[]), [""; 0]);
}

#[test]
fn steps_in_another_order_of_the_file_are_no_change() {
    let (before, rest) = FLOW.split_once("[steps.weight]").expect("it is there");
    let (weight, after) = rest.split_once("[steps.hour]").expect("it is there");
    let (hour, after) = after.split_once("[steps.size]").expect("it is there");
    let source = format!("{before}[steps.hour]{hour}[steps.weight]{weight}[steps.size]{after}");
    assert_eq!(
        sentences(&diff(&loaded(FLOW), &loaded(&source)).changes),
        [""; 0]
    );
}

#[test]
fn a_step_under_another_name_is_told_as_that_and_the_ways_to_it_are_no_change() {
    let edits = [
        ("[steps.weight]", "[steps.heavy]"),
        ("next = \"weight\"", "next = \"heavy\""),
    ];
    assert_eq!(told(&edits), ["`heavy` is what `weight` was"]);
    let edits = [
        edits[0],
        edits[1],
        ("no_match = [", "attempts = 2\nno_match = ["),
    ];
    assert_eq!(
        told(&edits),
        [
            "`heavy` is what `weight` was",
            "`attempts` of `heavy` is now 2 instead of 3"
        ]
    );
    let both = [
        edits[0],
        edits[1],
        ("[steps.hour]", "[steps.when]"),
        ("next = \"hour\"", "next = \"when\""),
        ("next     = \"hour\"", "next     = \"when\""),
    ];
    assert_eq!(
        told(&both),
        ["`heavy` is what `weight` was", "`when` is what `hour` was"]
    );
}

#[test]
fn a_step_that_is_new_or_gone_and_an_action_that_became_another_are_told() {
    assert_eq!(
        told(&[(
            "[steps.thanks]",
            "[steps.wait]\nsay = \"@again\"\nnext = \"thanks\"\n\n[steps.thanks]"
        )]),
        ["`wait` is new, a `say`: \"Again.\""]
    );
    assert_eq!(
        told(&[
            (
                "submit = \"pickups\"\nnext   = \"thanks\"\nset    = { sent = true }",
                "hangup = true"
            ),
            ("next     = \"hour\"", "next     = \"size\"")
        ]),
        [
            "a legal entry in `weight` now leads to `size` instead of `hour`",
            "`send` is now a `hangup` instead of a `submit`"
        ]
    );
}

#[test]
fn questions_that_change_places_are_told() {
    let edits = [
        (
            "value = \"letter\", next = \"hour\"",
            "value = \"letter\", next = \"size\"",
        ),
        (
            "value = \"parcel\", next = \"weight\"",
            "value = \"parcel\", next = \"hour\"",
        ),
        (
            "into = \"hour\"\nnext = \"size\"",
            "into = \"hour\"\nnext = \"weight\"",
        ),
        ("next     = \"hour\"", "next     = \"size\""),
    ];
    assert!(
        told(&edits).contains(&"`weight` is asked after `hour`".to_owned()),
        "{:#?}",
        told(&edits)
    );
}

#[test]
fn a_prompt_that_several_steps_say_is_told_once_with_its_place_in_the_manifest() {
    let source = FLOW.replace("ask  = \"@hour\"", "ask  = \"@weight\"");
    let (old, new) = (
        loaded(&source),
        loaded_with(&source, &[("weight", "How many kilograms?")]),
    );
    let changes = diff(&old, &new).changes;
    assert_eq!(
        sentences(&changes),
        ["`weight` and `hour` say other words in en-GB"]
    );
    assert_eq!(&*changes[0].at.file, "en-GB");
    assert_eq!(
        changes[0].words(),
        Some(("How heavy?", "How many kilograms?"))
    );
}

#[test]
fn two_directions_tell_equally_much() {
    let source = FLOW
        .replace("keys.3-4 = \"operator\"", "keys.3 = \"operator\"")
        .replace("1s", "2s");
    let (old, new) = (loaded(FLOW), loaded(&source));
    assert_eq!(
        diff(&old, &new).changes.len(),
        diff(&new, &old).changes.len()
    );
}

/// The places of all values of a flow's text, with something else that could stand there.
fn others(source: &str) -> Vec<(Range<usize>, String)> {
    let (document, _) = DeTable::parse_recoverable(source);
    let mut open: Vec<&toml::Spanned<DeValue<'_>>> = document.get_ref().values().collect();
    let mut found = Vec::new();
    while let Some(value) = open.pop() {
        match value.get_ref() {
            DeValue::Table(table) => open.extend(table.values()),
            DeValue::Array(entries) => open.extend(entries.iter()),
            DeValue::Boolean(is) => found.push((value.span(), (!is).to_string())),
            DeValue::Integer(number) => {
                found.push((
                    value.span(),
                    (number.as_str().parse::<i64>().unwrap_or(0) + 1).to_string(),
                ));
            }
            DeValue::String(text) => {
                let others = [
                    format!("{text}x"),
                    format!("{text}1"),
                    "hangup".to_owned(),
                    "9s".to_owned(),
                ];
                found.extend(
                    others
                        .into_iter()
                        .map(|other| (value.span(), format!("{other:?}"))),
                );
            }
            _ => {}
        }
    }
    found.retain(|(at, other)| source[at.clone()] != *other);
    found.sort_by_key(|(at, _)| at.start);
    found
}

/// The flows of the rooms' papers: every key of the language is in one of them.
fn papers() -> impl Iterator<Item = (&'static str, &'static str)> {
    let actions = crate::engine::steps::KINDS
        .iter()
        .map(|kind| (kind.name, kind.example));
    actions.chain(
        crate::engine::answers::KINDS
            .iter()
            .map(|kind| (kind.name, kind.example)),
    )
}

fn try_load(source: &str) -> Option<Loaded> {
    let (name, source) = ("flow".to_owned(), source.to_owned());
    let bundle = Bundle {
        name,
        file: Arc::from("flow.toml"),
        source,
        catalogues: Vec::new(),
        flows: crate::engine::tests::phone::others(),
        ..Bundle::default()
    };
    load(&bundle).ok()
}

/// Fails with what can be made of the papers' flows without a change being told. What is made comes with the line that
/// it is made of.
#[track_caller]
fn none_unseen(made_of: impl Fn(&str) -> Vec<(String, String)>) {
    let (mut tried, mut unseen) = (0, Vec::new());
    for (name, example) in papers() {
        let Some(old) = try_load(example) else {
            continue;
        };
        for (line, source) in made_of(example) {
            let is_for_people = line.trim_start().starts_with("title");
            // A step that only hangs up and the target `hangup` are the same to callers.
            let ends_alike = name == "hangup" && line.ends_with("= \"hangup\"");
            let is_unheard = is_for_people || ends_alike;
            let Some(new) = try_load(&source).filter(|_| !is_unheard) else {
                continue;
            };
            tried += 1;
            if diff(&old, &new).changes.is_empty() {
                unseen.push(format!("{name}: {line}"));
            }
        }
    }
    assert!(tried > 50, "{tried} changes were tried");
    assert!(
        unseen.is_empty(),
        "{} of {tried}:\n{}",
        unseen.len(),
        unseen.join("\n")
    );
}

#[test]
fn no_value_of_a_flow_can_become_another_unseen() {
    none_unseen(|source| {
        let made = |(at, other): (Range<usize>, String)| {
            let line = source[..at.start].rsplit('\n').next().unwrap_or_default();
            (
                format!("{line}{other}"),
                format!("{}{other}{}", &source[..at.start], &source[at.end..]),
            )
        };
        others(source).into_iter().map(made).collect()
    });
}

#[test]
fn no_line_of_a_flow_can_go_or_come_unseen() {
    let is_key = |line: &&str| line.contains('=') && !line.trim_start().starts_with('#');
    none_unseen(|source| {
        let without = |line: &str| {
            (
                line.to_owned(),
                source.replacen(&format!("{line}\n"), "\n", 1),
            )
        };
        source.lines().filter(is_key).map(without).collect()
    });
    // And the other way round.
    for (name, source) in papers() {
        let Some(new) = try_load(source) else {
            continue;
        };
        for line in source
            .lines()
            .filter(is_key)
            .filter(|line| !line.starts_with("title"))
        {
            let Some(old) = try_load(&source.replacen(&format!("{line}\n"), "\n", 1)) else {
                continue;
            };
            assert!(!diff(&old, &new).changes.is_empty(), "{name}: {line}");
        }
    }
}

#[test]
fn a_field_of_the_first_request_that_differs_is_told() {
    let with = |fields: &str| {
        let source = format!("[call]\n{fields}\n[steps.a]\nsay = \"Hello.\"\nnext = \"hangup\"\n");
        let bundle = Bundle {
            source,
            ..Bundle::default()
        };
        load(&bundle).expect("it is sound")
    };
    let told = |old: &str, new: &str| -> Vec<String> {
        let changes = diff(&with(old), &with(new)).changes;
        changes.iter().map(ToString::to_string).collect()
    };
    let city = "city = \"CallerCity\"";
    assert_eq!(told(city, city), [""; 0]);
    assert_eq!(
        told(city, "country = \"CallerCountry\""),
        [
            "`call.country` is new: \"CallerCountry\"",
            "`call.city` is gone, it was \"CallerCity\"",
        ]
    );
    assert_eq!(
        told(
            "account = { at = \"SipHeader_X-Id\", digits = 4 }",
            "account = { at = \"SipHeader_X-Account\", digits = 8, sensitive = true }"
        ),
        [concat!(
            "`call.account` is now { at = \"SipHeader_X-Account\", digits = 8, sensitive = true } ",
            "instead of { at = \"SipHeader_X-Id\", digits = 4 }"
        )]
    );
}
