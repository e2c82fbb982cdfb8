//! The flows of `flows/` and the whole flow of the language page, called from beginning to end.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::phone::{Phone, flow};
use crate::engine::Outcome;
use crate::engine::flow::{Bundle, Catalogue, Entry, FlowFile, HoursFile};
use crate::engine::load::load;

fn manifest(language: &str, source: &str) -> Catalogue {
    let table: toml::Table = toml::from_str(source).expect("a manifest is TOML");
    let entry = |value: &toml::Value| {
        let text = value
            .as_str()
            .or_else(|| value.get("text")?.as_str())
            .map(str::to_owned);
        Entry {
            text,
            at: (0, 0),
            ..Entry::default()
        }
    };
    let entries: BTreeMap<_, _> = table
        .iter()
        .map(|(id, value)| (id.clone(), entry(value)))
        .collect();
    Catalogue {
        language: language.into(),
        file: format!("{language}.toml").into(),
        entries: Arc::new(entries),
    }
}

/// A flow of `flows/`, with the prompts of the audio manifest.
pub fn sample(name: &str, source: &str) -> Bundle {
    let catalogues = vec![
        manifest("en-GB", include_str!("../../../audio-manifest/en-GB.toml")),
        manifest("bg-BG", include_str!("../../../audio-manifest/bg-BG.toml")),
    ];
    Bundle {
        name: name.into(),
        file: format!("flows/{name}.toml").into(),
        source: source.into(),
        catalogues,
        hours: vec![
            hours(
                "calling",
                include_str!("../../../config/hours/calling.toml"),
            ),
            hours("clinic", include_str!("../../../config/hours/clinic.toml")),
            hours("office", include_str!("../../../config/hours/office.toml")),
        ],
        flows: shared(),
        ..Bundle::default()
    }
}

fn hours(name: &str, source: &str) -> HoursFile {
    HoursFile {
        name: name.into(),
        file: format!("config/hours/{name}.toml").into(),
        source: source.into(),
    }
}

/// The flows of `flows/shared/`.
fn shared() -> Arc<BTreeMap<String, FlowFile>> {
    let file = FlowFile {
        file: "flows/shared/number.toml".into(),
        source: include_str!("../../../flows/shared/number.toml").into(),
    };
    Arc::new([("shared/number".to_owned(), file)].into())
}

pub fn pickup() -> Bundle {
    sample("pickup", include_str!("../../../flows/pickup.toml"))
}

#[test]
fn the_samples_load_without_a_warning() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows");
    let mut seen = 0;
    for entry in std::fs::read_dir(folder).expect("the samples are there") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            continue;
        }
        let name = path
            .file_stem()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let source = std::fs::read_to_string(&path).expect("it can be read");
        let loaded =
            load(&sample(&name, &source)).unwrap_or_else(|diags| panic!("{name}: {diags:#?}"));
        assert_eq!(loaded.warnings, [], "{name}");
        seen += 1;
    }
    assert!(seen >= 4);
}

#[test]
fn a_parcel_is_picked_up() {
    let mut phone = Phone::call_flow(flow(&pickup()));
    phone
        .hears("Welcome to parcel pick-up.")
        .press("1")
        .hears("For a parcel press 2.");
    phone
        .press("2")
        .hears("press hash")
        .press("31#")
        .hears("Between one and thirty, please. How heavy");
    phone
        .press("5#")
        .hears("When shall we come?")
        .press("1230")
        .hears("A parcel, at 12:30. [pause 1s] If that is right");
    phone
        .press("1")
        .hears_only("Thank you. We will be there. Goodbye. [hangup]")
        .ends(Outcome::Completed);
    assert_eq!(
        phone.sent(),
        serde_json::json!({ "kind": "parcel", "weight": 5, "hour": "12:30" })
    );
}

#[test]
fn a_letter_is_picked_up_in_bulgarian_after_a_change_of_mind() {
    let mut phone = Phone::call_flow(flow(&pickup()));
    phone
        .press("2")
        .hears("За писмо")
        .say("box")
        .hears("Колко тежи?")
        .press("9#")
        .hears("Кога");
    phone
        .press("9")
        .hears("Колко тежи?")
        .press("12#")
        .press("0815")
        .hears("Колет, в 08:15.");
    phone
        .press("2")
        .press("1")
        .hears("Кога")
        .press("1000")
        .hears("Писмо, в 10:00.")
        .press("1");
    assert_eq!(
        phone.sent(),
        serde_json::json!({ "kind": "letter", "hour": "10:00" })
    );
}

#[test]
fn nobody_answers_and_what_was_selected_is_kept() {
    let mut phone = Phone::call_flow(flow(&pickup()));
    phone
        .press("1")
        .press("2")
        .press("7#")
        .wait()
        .wait()
        .wait()
        .hears("We are connecting you. [dial +442079460000]");
    phone
        .dialled("no_answer")
        .hears("nobody is free")
        .ends(Outcome::Completed);
    assert_eq!(
        phone.sent(),
        serde_json::json!({ "kind": "parcel", "weight": 7 })
    );
    let mut phone = Phone::call_flow(flow(&pickup()));
    phone
        .press("1")
        .press("0")
        .dialled("answered")
        .hears_only("[hangup]")
        .hang_up();
    assert_eq!(phone.deliveries, []);
}

#[test]
fn a_pin_stays_secret() {
    let mut phone = Phone::call_flow(flow(&sample(
        "pin",
        include_str!("../../../flows/pin.toml"),
    )));
    phone
        .hears("PIN")
        .press("123#")
        .hears("five to eight")
        .press("12345#")
        .hears("Now your PIN")
        .press("8642");
    assert!(!format!("{:?}", phone.turn.reply).contains("8642"));
    assert_eq!(
        (
            phone.sent()["pin"].as_str(),
            phone.deliveries[0].sensitive.as_slice()
        ),
        (Some("8642"), ["pin".to_owned()].as_slice())
    );
}

#[test]
fn a_language_is_chosen() {
    let source = include_str!("../../../flows/languages.toml");
    let mut phone = Phone::call_flow(flow(&sample("languages", source)));
    phone.press("2");
    assert!(phone.heard().contains("натиснете"), "{}", phone.heard());
    let mut phone = Phone::call_flow(flow(&sample("languages", source)));
    phone.press("1");
    assert!(phone.heard().contains("press"), "{}", phone.heard());
}

#[test]
fn a_person_answers_or_a_message_is_left() {
    let source = include_str!("../../../flows/person.toml");
    let mut phone = Phone::call_flow(flow(&sample("person", source)));
    phone
        .press("1")
        .hears("[dial")
        .dialled("answered")
        .hears_only("[hangup]")
        .ends(Outcome::Completed);
    assert_eq!(phone.deliveries, []);
    let mut phone = Phone::call_flow(flow(&sample("person", source)));
    phone
        .press("1")
        .dialled("no_answer")
        .ends(Outcome::Completed);
    assert_eq!(phone.deliveries.len(), 1);
}
