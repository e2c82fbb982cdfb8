//! Contacts: telephone numbers by name, for all flows and for single ones.

use super::*;

const NUMBER: &str = "+442079460000";

#[test]
fn contacts_are_numbers_by_name_for_all_flows_and_for_single_ones() {
    let file = format!(
        "[contacts]\ndesk = '{NUMBER}'\n[flows]\ndir = 'here'\n[flows.'billing/pay'.contacts]\ndesk = '+12'\n"
    );
    let environment = [
        ("HOOKSWITCH__CONTACTS__NIGHT", NUMBER),
        ("HOOKSWITCH__FLOWS__PICKUP__CONTACTS__DESK", "+13"),
    ];
    let settings = load(&[("a.toml", &file)], &environment).expect("right");
    let named = |contacts: &std::collections::BTreeMap<String, String>| {
        let named = contacts
            .iter()
            .map(|(name, number)| format!("{name} {number}"));
        named.collect::<Vec<_>>()
    };
    assert_eq!(
        named(&settings.contacts),
        [format!("desk {NUMBER}"), format!("night {NUMBER}")]
    );
    assert_eq!(named(&settings.flow_contacts["billing/pay"]), ["desk +12"]);
    assert_eq!(named(&settings.flow_contacts["pickup"]), ["desk +13"]);
    assert_eq!(settings.flows.dir, Path::new("here"));
}

#[test]
fn lines_are_numbers_that_are_called_or_addresses() {
    let file = format!("[lines]\nenglish = '{NUMBER}'\nfrench = 'sip:fr@example.com'\n");
    let settings = load(&[("a.toml", &file)], &[]).expect("right");
    assert_eq!(settings.lines["english"], NUMBER);
    assert_eq!(settings.lines["french"], "sip:fr@example.com");
    let told = faults(
        &[("a.toml", "[lines]\nEnglish = '+12'\nfrench = '12'\n")],
        &[],
    );
    assert_eq!(told.len(), 2, "{}", told.join("\n"));
    assert!(
        told.iter()
            .any(|line| line.contains("is not a line's name"))
    );
    assert!(told.iter().any(|line| line.contains("`12` is not right")));
}

#[test]
fn what_is_no_contact_is_reported_where_it_stands() {
    let file = "[contacts]\ndesk = '020 7946 0000'\nDesk = '+442079460000'\nnight = 442079460000\n\
                [flows.Pickup.contacts]\ndesk = '+1'\n[flows.pickup]\ncontact.desk = '+12'\n[flows]\nreturns = 'x'\n";
    let told = faults(&[("a.toml", file)], &[]);
    let expected = [
        (
            "flows.Pickup (",
            "a.toml:5): is not a flow's name; write the name of its file below the folder of flows, without `.toml`",
        ),
        (
            "flows.Pickup.contacts.desk (",
            "a.toml:6): `+1` is not right; write a plus, country code and number, no spaces: \"+442079460000\"",
        ),
        (
            "flows.pickup.contact (",
            "a.toml:8): `[flows.pickup]` has no key `contact`; did you mean `contacts`?",
        ),
        (
            "flows.returns (",
            "a.toml:10): `returns` must be a flow, with a table of settings, but is text",
        ),
        (
            "contacts.desk (",
            "a.toml:2): `020 7946 0000` is not right; write a plus, country code and number, no spaces: \"+442079460000\"",
        ),
        (
            "contacts.Desk (",
            "a.toml:3): is not a contact's name; write a small letter, then a-z, 0-9 and _",
        ),
        (
            "contacts.night (",
            "a.toml:4): `contacts` must be text, but is a number; write a plus, country code and number, no spaces: \"+442079460000\"",
        ),
    ];
    for (start, end) in expected {
        assert!(
            told.iter()
                .any(|line| line.starts_with(start) && line.ends_with(end)),
            "{start}…{end} in\n{}",
            told.join("\n")
        );
    }
    assert_eq!(told.len(), expected.len(), "{}", told.join("\n"));
}
