//! Lists: what an entry takes, when a list is full, and what is sent of it.

use serde_json::json;

use super::phone::{Phone, faults};
use crate::engine::{Fault, On, Outcome};

const FLOW: &str = r#"
    give_up = { next = "left", append = "refills", full = "enough" }

    [answers]
    rx      = { digits = 2 }
    note    = { digits = 1, optional = true }
    refills = { list = ["rx", "note"], count = [2, 3] }

    [anywhere]
    9 = { next = "more", set = { rx = "99" }, append = "refills", full = "enough" }
    "*" = "back"

    [steps.rx]
    ask  = "Which?"
    into = "rx"
    next = "note"

    [steps.note]
    menu   = "Note on {{ rx }}?"
    into   = "note"
    keys.1 = { next = "more", append = "refills", full = "enough" }
    keys.2 = { value = "7", next = "more", append = "refills", set = { rx = "22" }, forget = "refills" }
    keys.3 = { next = "more", append = "refills" }

    [steps.more]
    menu   = "That makes {{ refills | length }}."
    keys.1 = "rx"
    keys.2 = "send"
    keys.3 = "half"
    keys.4 = { next = "more", append = "refills", full = { next = "enough", set = { note = "4" } } }
    keys.5 = "which"

    [steps.which]
    branch = [
      { when = "refills is not defined", next = "empty" },
      { when = "(refills | length) >= 2", next = "many" },
      { next = "one" },
    ]

    [steps.empty]
    say  = "None."
    next = "more"

    [steps.one]
    say  = "One."
    next = "more"

    [steps.many]
    say  = "Many."
    next = "more"

    [steps.enough]
    say  = "Enough: {{ refills | length }}."
    next = "more"

    [steps.send]
    submit = "pharmacy"
    next   = "more"

    [steps.half]
    submit = { to = "pharmacy", partial = true }
    next   = "more"

    [steps.left]
    say  = "Left with {{ refills | length }}."
    next = "more"

    [steps.sorry]
    menu   = "Sorry, {{ rx? }}."
    keys.1 = "more"

    [on]
    error = "sorry"
"#;

#[test]
fn an_entry_has_what_is_set_and_the_names_are_free_for_the_next() {
    let mut phone = Phone::call(FLOW);
    phone.press("11").press("3").hears("That makes 1.");
    assert_eq!(phone.value("rx"), None, "it is in the entry");
    phone
        .press("1")
        .press("12")
        .press("1")
        .hears("That makes 2.");
    phone.press("2");
    let sent = json!({ "refills": [{ "rx": "11", "note": "3" }, { "rx": "12", "note": "1" }] });
    assert_eq!(phone.sent(), sent);
    assert_eq!(phone.retraced_otherwise(), None);
}

#[test]
fn a_way_sets_then_appends_then_forgets() {
    let mut phone = Phone::call(FLOW);
    phone.press("11").press("2").hears("That makes 0.");
    phone.press("9").hears("That makes 1.").press("3");
    assert_eq!(phone.sent(), json!({ "refills": [{ "rx": "99" }] }));
}

#[test]
fn the_last_entry_that_there_is_room_for_takes_the_way_of_a_full_list() {
    let mut phone = Phone::call(FLOW);
    phone.press("9").press("9").hears_only("That makes 2.");
    phone.press("9").hears("Enough: 3.");
    let way = phone.turn.ways[0];
    assert!(matches!(way.on, On::Full(_)), "{way:?}");
    assert_eq!(way.name(&phone.flow).as_deref(), Some("anywhere.9.full"));
    assert_eq!(phone.retraced_otherwise(), None);
}

#[test]
fn where_there_is_no_room_nothing_moves() {
    let mut phone = Phone::call(FLOW);
    phone.press("9").press("9").press("9").hears("Enough: 3.");
    phone.press("1").press("11").press("1").hears("Enough: 3.");
    let way = phone.turn.ways[0];
    assert_eq!(way.name(&phone.flow).as_deref(), Some("keys.1.full"));
    assert_eq!(
        phone.value("rx").as_deref(),
        Some("11"),
        "it is where it was"
    );
    phone.press("4").hears("Enough: 3.");
    assert_eq!(
        phone.value("note").as_deref(),
        Some("4"),
        "set on the way of a full list"
    );
    phone.press("1").press("12").press("3").hears("Sorry, 1 2.");
    let fault = Fault::ListFull("refills".to_owned());
    assert_eq!(phone.turn.faults, [(1, fault)]);
}

#[test]
fn an_entry_that_lacks_an_answer_is_an_error() {
    let mut phone = Phone::call(FLOW);
    phone.press("9").press("4").hears("Sorry, .");
    assert_eq!(phone.turn.faults[0].1, Fault::Unset("rx".to_owned()));
    assert_eq!(
        phone.value("refills").as_deref(),
        Some("1"),
        "no entry was made"
    );
}

#[test]
fn a_complete_submission_needs_the_entries_that_are_promised() {
    let mut phone = Phone::call(FLOW);
    phone.press("9").press("2").hears("Sorry, .");
    let short = Fault::ListShort {
        name: "refills".to_owned(),
        has: 1,
        needs: 2,
    };
    assert_eq!(phone.turn.faults[0].1, short);
    phone.press("1").press("3");
    assert_eq!(
        phone.sent(),
        json!({ "refills": [{ "rx": "99" }] }),
        "a partial one does not"
    );
}

#[test]
fn giving_up_appends_too_and_back_restores_the_list_of_that_moment() {
    let mut phone = Phone::call(FLOW);
    phone.press("11").wait().wait().wait().hears("Left with 1.");
    phone.press("*").hears("Note on 1 1?");
    assert_eq!(phone.value("refills"), None);
    phone
        .press("1")
        .hears("That makes 1.")
        .ends(Outcome::InProgress);
}

#[test]
fn the_length_of_a_list_is_known_from_the_beginning() {
    let mut phone = Phone::call(FLOW);
    phone
        .press("11")
        .press("2")
        .press("5")
        .hears("None. That makes 0.");
    phone.press("9").press("5").hears("One.");
    phone.press("9").press("5").hears("Many.");
    assert_eq!(phone.turn.unset, []);
}

#[test]
fn a_secret_stays_one_in_an_entry_and_makes_its_list_one() {
    let source = r#"
        give_up = "hangup"
        [answers]
        pin  = { digits = 2, sensitive = true }
        room = { digits = 1 }
        all  = { list = ["pin", "room"], count = [1, 3] }
        mine = { list = ["own"], count = 1, sensitive = true, optional = true }
        own  = { digits = 1 }
        [steps.pin]
        ask  = "PIN?"
        into = "pin"
        next = "room"
        [steps.room]
        ask    = "Room?"
        into   = "room"
        append = "all"
        next   = "own"
        [steps.own]
        ask    = "Own?"
        into   = "own"
        append = "mine"
        next   = "send"
        [steps.send]
        submit = "desk"
        next   = "said"
        [steps.said]
        say  = "{{ all | length }} rooms."
        next = "hangup"
    "#;
    assert_eq!(faults(source), Vec::<String>::new());
    let mut phone = Phone::call(source);
    phone.press("42").press("7").press("5").hears("1 rooms.");
    let is_secret = |name: &str| {
        let mut answers = phone.flow.answers.iter();
        answers
            .find(|answer| answer.name == name)
            .map(|answer| answer.sensitive)
    };
    let secrets = ["pin", "room", "all", "mine", "own"].map(is_secret);
    assert_eq!(
        secrets,
        [Some(true), Some(false), Some(true), Some(true), Some(true)]
    );
    assert_eq!(
        phone.deliveries[0].sensitive,
        ["pin", "own"],
        "masked by their names"
    );
}

#[test]
fn how_many_entries_a_list_has_is_said_and_within_bounds() {
    let told = |count: &str| {
        let list = format!("list = [\"rx\"]{count}");
        faults(&format!(
            "[answers]\nrx = {{ digits = 7 }}\nall = {{ {list} }}\n[steps.rx]\nask = \"?\"\ninto = \"rx\"\nappend = \"all\"\nfull = \"hangup\"\nnext = \"rx\"\ngive_up = \"hangup\"\n"
        ))
    };
    for count in [", count = 9", ", count = [0, 99]", ", count = \"1..3\""] {
        assert_eq!(told(count), Vec::<String>::new(), "{count}");
    }
    let fault = |at: &str, message: &str| vec![format!("3:{at} bounds-wrong {message}")];
    assert_eq!(
        told(""),
        fault("9", "this list does not say how many entries it has")
    );
    assert_eq!(
        told(", count = 0"),
        fault("32", "a list has 1 to 99 entries at most")
    );
    assert_eq!(
        told(", count = 100"),
        fault("32", "a list has 1 to 99 entries at most")
    );
    assert_eq!(
        told(", count = [3, 1]"),
        fault("32", "these are not bounds of `count`")
    );
}
