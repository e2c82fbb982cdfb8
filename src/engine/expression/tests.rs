//! The language from end to end: what it says, what it refuses, and that neither any text nor any call breaks it.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::eval::Eval;
use super::names::{Clock, Fact, Name, Sensitive, Stands, Values};
use super::narrow::Narrowed;
use super::parse::parse;
use super::tree::Tree;
use super::typing::{Types, check};
use super::{Computed, Problem, TextType, Type};
use crate::engine::fault::Fault;
use crate::engine::ids::Slot;
use crate::engine::value::Value;

/// Names of each type; each may be unset but those of the call.
const NAMES: [&str; 10] = [
    "n", "code", "kind", "frag", "hour", "day", "note", "price", "any", "flags",
];

#[derive(Debug)]
struct World(BTreeMap<Slot, Value>);

impl Values for World {
    fn read(&self, name: Name) -> Option<Computed<'_>> {
        match name {
            Name::Slot(slot) => self.0.get(&slot).map(Computed::from),
            Name::Call(_) => Some(Computed::text("+442079460001")),
            _ => Some(Computed::text("2026-11-23")),
        }
    }

    fn need(&self, name: Name) -> Option<Computed<'_>> {
        self.read(name)
    }

    fn ask(&self, _: Name, with: &[Computed<'_>]) -> Result<Option<Computed<'_>>, Fault> {
        let is_first = with.first() == Some(&Computed::text("2026-11-23"));
        Ok(Some(Computed::Boolean(is_first)))
    }
}

impl Types for World {
    fn type_of(&self, name: Name) -> Type {
        match name {
            Name::Slot(0) => Type::Integer { low: 1, high: 30 },
            Name::Slot(1) => Type::Text(TextType::Digits { low: 4, high: 4 }),
            Name::Slot(2) => Type::words(["letter", "parcel"]),
            Name::Slot(3) => Type::BOOLEAN,
            Name::Slot(4) => Type::Text(TextType::Time),
            Name::Slot(5) => Type::Text(TextType::Date),
            Name::Slot(6) => Type::TEXT,
            Name::Slot(7) => Type::Number,
            Name::Slot(9) => Type::List(Box::new(Type::words(["parcel", "late"]))),
            Name::Call(_) => Type::Text(TextType::Caller),
            Name::Now(_) => Type::Text(TextType::Date),
            _ => Type::Open,
        }
    }

    fn is_always_set(&self, name: Name) -> bool {
        !matches!(name, Name::Slot(_))
    }

    fn is_variable(&self, _: Name) -> bool {
        false
    }

    fn is_sensitive(&self, _: Name) -> Option<bool> {
        Some(false)
    }
}

fn set() -> World {
    let values = [
        Value::Integer(5),
        Value::Text("0042".into()),
        Value::Text("parcel".into()),
        Value::Boolean(true),
        Value::Text("12:30".into()),
        Value::Text("2026-12-24".into()),
        Value::Text(" Ähre,b ".into()),
        Value::Number(2.5),
        Value::Text("x".into()),
        Value::List(vec![
            Value::Text("parcel".into()),
            Value::Text("late".into()),
        ]),
    ];
    World((0..).zip(values).collect())
}

fn names(tree: &Tree) -> Vec<Name> {
    let slot = |name: &str| NAMES.iter().position(|known| *known == name);
    let names = tree.names.iter().map(|(name, _)| match slot(name) {
        Some(slot) => Name::Slot(slot as Slot),
        None if name == "now.date" => Name::Now(Clock::Date),
        None => Name::Call(Fact::From),
    });
    names.collect()
}

/// What an expression comes to; `-` where it comes to nothing.
fn says_in(world: &World, source: &str) -> Result<String, String> {
    let tree = parse(source).map_err(|problem| problem.message)?;
    let names = names(&tree);
    let eval = Eval {
        names: &names,
        values: world,
    };
    let value = eval.value(&tree.root).map_err(|fault| fault.to_string())?;
    Ok(value.map_or("-".to_owned(), |value| value.to_string()))
}

fn says(source: &str) -> String {
    says_in(&set(), source).unwrap_or_else(|fault| panic!("{source}: {fault}"))
}

fn problems(source: &str, stands: Stands) -> Vec<Problem> {
    let tree = match parse(source) {
        Ok(tree) => tree,
        Err(problem) => return vec![problem],
    };
    let names = names(&tree);
    check(&tree, source, &names, &set(), stands, Narrowed::default()).problems
}

#[test]
fn values_operators_and_their_order() {
    for (source, says_so) in [
        ("1 + 2 * 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 // 2 ~ 7 % 2", "31"),
        ("-7 // 2", "-4"),
        ("10 - 2 - 3", "5"),
        ("n + 1 > 5 and not frag == false", "true"),
        ("not n == 4", "true"),
        ("true or false and false", "true"),
        ("'a' ~ 1 + 2", "a3"),
        ("1.5 + 1", "2.5"),
        ("'it\\'s' ~ \"\\\"\"", "it's\""),
        ("'x' if n == 4 else 'y' if n == 5 else 'z'", "y"),
        ("code[:2] ~ '-' ~ code[-2:] ~ code[9:]", "00-42"),
        ("note[1:3]", "Äh"),
        ("call.from[1:3]", "44"),
    ] {
        assert_eq!(says(source), says_so, "{source}");
    }
}

#[test]
fn comparisons_mind_kinds_and_what_is_unset() {
    for source in [
        "kind == 'parcel' and kind != 'Parcel'",
        "hour > '09:00' and day < '2027-01-01'",
        "kind in ['letter', 'parcel'] and kind not in ['letter']",
        "'arc' in kind and kind starts_with 'par' and kind ends_with 'cel'",
        "n in [1, 5] and 5.0 == n",
        "frag and true",
        "'late' in flags and 'a' not in flags and kind in flags and flags is defined",
    ] {
        assert_eq!(says(source), "true", "{source}");
    }
    let nothing = World(BTreeMap::new());
    let says = |source: &str| says_in(&nothing, source).expect("it can be worked out");
    for source in [
        "n > 1",
        "n < 1",
        "n == 1",
        "kind in ['a']",
        "'a' in kind",
        "kind starts_with ''",
        "'a' in flags",
        "frag and true",
        "n is defined",
    ] {
        assert_eq!(says(source), "false", "{source}");
    }
    assert_eq!(says("n != 1"), "true");
    assert_eq!(says("n + 1"), "-");
    assert_eq!(says("kind | upper"), "-");
    assert_eq!(says("kind ~ '!' ~ n?"), "!");
    assert_eq!(says("kind | default('none')"), "none");
}

#[test]
fn filters() {
    for (source, says_so) in [
        ("note | trim | upper", "ÄHRE,B"),
        ("note | length", "8"),
        ("note | trim | split(',') | last", "b"),
        ("note | split(',') | length", "2"),
        ("'a-b' | split('-') | join(' and ')", "a and b"),
        ("flags | join(' and ')", "parcel and late"),
        ("(flags | length) ~ (flags | first)", "2parcel"),
        ("flags | upper | last", "LATE"),
        ("code | digits", "0 0 4 2"),
        ("code | integer + 1", "43"),
        ("code | replace('0', '')", "42"),
        ("kind | first ~ (kind | last)", "pl"),
        ("price | round", "3"),
        ("1.256 | round(2)", "1.26"),
        ("now.date | days(40)", "2027-01-02"),
        ("day | days(-1)", "2026-12-23"),
        ("'ÄB' | lower", "äb"),
    ] {
        assert_eq!(says(source), says_so, "{source}");
    }
}

#[test]
fn what_cannot_be_worked_out_is_a_fault_and_no_panic() {
    for (source, why) in [
        ("1 // (n - 5)", "divided by zero"),
        ("1 % (n - 5)", "divided by zero"),
        ("9223372036854775807 + n", "too large"),
        ("-9223372036854775807 - n", "too large"),
        ("9223372036854775807 * n", "too large"),
        ("note | integer", "no number"),
        ("now.date | days(9000000)", "out of range"),
        ("now.date | days(9223372036854775807)", "out of range"),
        ("any + 1", "no number"),
    ] {
        let fault = says_in(&set(), source).expect_err(source);
        assert!(fault.contains(why), "{source}: {fault}");
    }
    let doubled = "note".to_owned() + &" | replace('b', 'bb') | replace('b', 'bb')".repeat(12);
    let fault = says_in(&set(), &doubled).expect_err("it grows");
    assert!(fault.contains("too long"), "{fault}");
}

#[test]
fn a_large_expression_is_refused() {
    let deep = "(".repeat(40) + "1" + &")".repeat(40);
    let long = "1".to_owned() + &" + 1".repeat(300);
    let tall = "1".to_owned() + &"+1".repeat(200);
    let denied = "not ".repeat(60) + "frag";
    for source in [deep, long, tall, denied] {
        let problem = parse(&source).expect_err("it is too large");
        assert_eq!(problem.code.name(), "expression-too-large", "{source}");
    }
}

#[test]
fn mistakes_are_called_by_their_name_at_their_place() {
    for (source, at, help) in [
        ("n > 1 AND frag", "AND", "write `and`"),
        ("n > 1 && frag", "&&", "`and`"),
        ("!frag", "!", "`not`"),
        ("kind == “parcel”", "“", "`'`"),
        ("n = 5", "=", "`==`"),
        ("{{ n }} > 5", "{{", "`count > 6`"),
        ("1 < n < 5", "1 < n <", "`1 < n and n < 5`"),
        ("kind | uper", "uper", "`upper`"),
        ("kind | int", "int", "`integer`"),
        ("kind == none", "none", "is not defined"),
        ("'a' if frag", "'a' if frag", "else ''"),
        ("n 5", "5", "`==`"),
        ("(n", "(", "`)`"),
        ("hour > 9:30", "9:30", "quotes"),
        ("kind is empty", "empty", "`kind == ''`"),
    ] {
        let problem = parse(source).expect_err(source);
        assert_eq!(&source[problem.span.clone()], at, "{source}: {problem:?}");
        assert!(problem.help.contains(help), "{source}: {problem:?}");
    }
}

#[test]
fn conditions_before_narrow_those_behind() {
    let silent = [
        "n > 5 and n < 10",
        "n < 5 or n > 10",
        "kind == 'letter' or kind == 'parcel'",
        "frag or not frag and n > 3",
        "kind is defined and kind == 'letter'",
        "(kind | default('none')) == 'none'",
        "kind | upper == 'PARCEL'",
        "code[:2] == '12' and code starts_with '12'",
        "call.from != '' and call.from != 'anonymous'",
        "any == 5 or any == 'x' or any",
        "code | integer > 5000",
        "'a' in note and note != ''",
    ];
    for source in silent {
        assert_eq!(problems(source, Stands::Condition), [], "{source}");
    }
    for source in [
        "n > 5 and n < 3",
        "n > 5 and n == 2",
        "kind == 'letter' and kind == 'parcel'",
    ] {
        let found = problems(source, Stands::Condition);
        assert!(
            matches!(found.as_slice(), [only] if only.code.name() == "condition-constant"),
            "{source}: {found:?}"
        );
    }
}

#[test]
fn a_list_is_asked_for_its_entries_and_told_in_no_way_of_its_own() {
    for (source, stands) in [
        (
            "'late' in flags or 'parcel' not in flags",
            Stands::Condition,
        ),
        ("kind in flags", Stands::Condition),
        ("'LATE' in (flags | upper)", Stands::Condition),
        (
            "(flags | length) > 2 and flags is defined",
            Stands::Condition,
        ),
        ("flags", Stands::Sent(Sensitive::Allowed)),
        ("flags[:1]", Stands::Sent(Sensitive::Refused)),
        ("flags | first", Stands::Spoken),
    ] {
        assert_eq!(problems(source, stands), [], "{source}");
    }
    for (source, at, help) in [
        ("5 in flags", "5", "its entries are"),
        ("'lat' in flags", "'lat'", "its entries are"),
        ("'late' in (flags | upper)", "'late'", "its entries are"),
        ("flags == 'late'", "flags == 'late'", "`'late' in flags`"),
        ("flags != []", "flags != []", "`(flags | length) == 0`"),
        ("flags == ['a']", "flags == ['a']", "`… in flags`"),
        ("flags", "flags", "`(flags | length) > 0`"),
        ("flags + 1 > 2", "flags", "numbers"),
        ("flags < flags", "flags < flags", "`… in flags`"),
    ] {
        let found = problems(source, Stands::Condition);
        let [problem, ..] = found.as_slice() else {
            panic!("{source} is refused");
        };
        assert_eq!(&source[problem.span.clone()], at, "{source}: {problem:?}");
        assert!(problem.help.contains(help), "{source}: {problem:?}");
    }
    for stands in [Stands::Spoken, Stands::Told, Stands::Given] {
        let found = problems("flags", stands);
        assert!(
            matches!(found.as_slice(), [only] if only.help.contains("`flags | join(', ')`")),
            "{found:?}"
        );
    }
}

#[test]
fn a_way_of_speaking_is_asked_for_last_and_in_a_spoken_text_only() {
    assert_eq!(problems("code | as('telephone')", Stands::Spoken), []);
    assert_eq!(
        problems("code | as('date') if frag else ''", Stands::Spoken),
        []
    );
    for (source, stands) in [
        ("code | as('telephone')", Stands::Told),
        ("code | as('telephone') ~ ''", Stands::Spoken),
        ("code | as('phone')", Stands::Spoken),
    ] {
        assert_eq!(problems(source, stands).len(), 1, "{source}");
    }
}

/// Texts that are nearly expressions.
#[expect(clippy::too_many_lines, reason = "one list of words")]
fn nearly() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "n",
        "code",
        "kind?",
        "frag",
        "hour",
        "day",
        "note",
        "price",
        "any",
        "call.from",
        "1",
        "2.5",
        "'a'",
        "\"b",
        "'",
        "(",
        ")",
        "[",
        "]",
        ":",
        ",",
        "|",
        "?",
        "==",
        "!=",
        "<",
        ">=",
        "+",
        "-",
        "*",
        "//",
        "%",
        "~",
        "and",
        "or",
        "not",
        "in",
        "is",
        "defined",
        "if",
        "else",
        "true",
        "upper",
        "default",
        "days",
        "as",
        "split",
        "starts_with",
        "=",
        "{{",
        "ü",
        "“",
        "\\",
    ]);
    let space = prop::sample::select(vec![" ", "", "  "]);
    prop::collection::vec((words, space), 0..24).prop_map(|parts| {
        parts
            .into_iter()
            .flat_map(|(word, space)| [word, space])
            .collect()
    })
}

/// Expressions that can be read.
#[expect(clippy::too_many_lines, reason = "one list of forms")]
fn expressions() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "n",
        "code",
        "kind",
        "frag",
        "hour",
        "day",
        "note",
        "price",
        "any",
        "kind?",
        "call.from",
        "now.date",
        "0",
        "1",
        "7",
        "2.5",
        "'a'",
        "'12'",
        "'12:30'",
        "''",
        "true",
        "['a', 'b']",
        "[1, 2]",
        "9223372036854775807",
    ]);
    leaf.prop_map(str::to_owned)
        .prop_recursive(4, 32, 3, |inner| {
            let two = prop::sample::select(vec![
                "==",
                "!=",
                "<",
                "<=",
                ">",
                ">=",
                "and",
                "or",
                "in",
                "starts_with",
                "ends_with",
                "+",
                "-",
                "*",
                "//",
                "%",
                "~",
            ]);
            let filter = prop::sample::select(vec![
                "length",
                "upper",
                "lower",
                "trim",
                "replace('a', 'bb')",
                "split(' ')",
                "integer",
                "round",
                "round(1)",
                "first",
                "last",
                "digits",
                "days(1)",
                "days(n)",
                "join(', ')",
                "default('x')",
                "default(1)",
            ]);
            prop_oneof![
                (inner.clone(), two, inner.clone())
                    .prop_map(|(one, sign, other)| format!("({one}) {sign} ({other})")),
                (inner.clone(), filter).prop_map(|(of, filter)| format!("({of}) | {filter}")),
                (inner.clone(), -3i64..4, -3i64..4)
                    .prop_map(|(of, from, to)| format!("({of})[{from}:{to}]")),
                (inner.clone(), inner.clone(), inner.clone())
                    .prop_map(|(one, when, other)| format!("({one}) if ({when}) else ({other})")),
                inner.clone().prop_map(|of| format!("not ({of})")),
                inner.prop_map(|of| format!("-({of})")),
            ]
        })
}

/// Values of the names, each perhaps unset.
fn worlds() -> impl Strategy<Value = World> {
    let texts = |all: &'static [&'static str]| {
        prop::sample::select(all).prop_map(|text| Value::Text(text.to_owned()))
    };
    let slots = (
        prop::option::of((1i64..=30).prop_map(Value::Integer)),
        prop::option::of(texts(&["0000", "4711", "9999"])),
        prop::option::of(texts(&["letter", "parcel"])),
        prop::option::of(any::<bool>().prop_map(Value::Boolean)),
        prop::option::of(texts(&["00:00", "12:30", "23:59"])),
        prop::option::of(texts(&["2026-11-23", "2028-02-29"])),
        prop::option::of(texts(&["", "a b", "ü", "12"])),
        prop::option::of((-100.0..100.0).prop_map(Value::Number)),
    );
    slots.prop_map(|(a, b, c, d, e, f, g, h)| {
        let values = (0..).zip([a, b, c, d, e, f, g, h]);
        World(
            values
                .filter_map(|(slot, value)| Some((slot, value?)))
                .collect(),
        )
    })
}

proptest! {
    #[test]
    fn no_text_breaks_the_parser(source in prop_oneof![any::<String>(), nearly()]) {
        match parse(&source) {
            Ok(tree) => prop_assert!(source.get(tree.root.span.clone()).is_some()),
            Err(problem) => {
                prop_assert!(source.get(problem.span.clone()).is_some(), "{:?}", problem);
                prop_assert!(!problem.message.is_empty() && !problem.help.is_empty());
            }
        }
    }

    #[test]
    fn what_was_checked_meets_no_value_of_another_kind(source in expressions(), world in worlds()) {
        prop_assume!(!source.contains("any"));
        let found = problems(&source, Stands::Told);
        let is_refused = found.iter().any(|problem| problem.code.keeps_out());
        let outcome = says_in(&world, &source);
        let unlike = |fault: &String| fault.contains("is no number") || fault.contains("takes a whole") || fault.contains("is of a date");
        if let Err(fault) = &outcome && !is_refused {
            // Digits in a free text are known in a call only, and so is what two kinds of values come to.
            let undecided = source.contains("integer") || source.contains(" if ") || source.contains("default")
                || source.contains("note") || source.contains('[') || source.contains("days");
            prop_assert!(undecided || !unlike(fault), "{source}: {fault}");
        }
    }

    #[test]
    fn a_condition_that_never_changes_does_not_change(source in expressions(), world in worlds()) {
        let found = problems(&source, Stands::Condition);
        let whole = found.iter().find(|problem| problem.code.name() == "condition-constant" && problem.span == (0..source.len()));
        if let Some(problem) = whole && found.len() == 1 && problem.message.ends_with("never holds") {
            prop_assert_ne!(says_in(&world, &source), Ok("true".to_owned()), "{}", source);
        }
    }
}
