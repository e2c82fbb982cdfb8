//! TwiML that others wrote: what the reader makes of it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use hookswitch::twiml::read::read;

/// The folder of documents of others, which stands beside the checkout; nothing where it is absent.
fn folder() -> Option<PathBuf> {
    let root = super::architecture::root();
    let named = std::env::var_os("HOOKSWITCH_CORPUS").map(PathBuf::from);
    let beside = ["../shared/corpus", "../../shared/corpus"]
        .into_iter()
        .map(|path| root.join(path));
    named
        .into_iter()
        .chain(beside)
        .map(|corpus| corpus.join("twiml"))
        .find(|folder| folder.is_dir())
}

/// What is complained of: the file, the codes in order, and why that is so.
const COMPLAINTS: [(&str, &[u32], &str); 18] = [
    (
        "function-templates-dial-funlet-call-me-test",
        &[12200, 13212, 12200, 13223],
        "backslashes between verbs, and `${…}` for values",
    ),
    (
        "function-templates-dial-funlet-call-me-test-2",
        &[12200, 13212, 12200, 13223],
        "the same",
    ),
    (
        "function-templates-dial-funlet-forward-test",
        &[12200, 13214, 13212, 13223],
        "the same",
    ),
    (
        "function-templates-gather-funlet-simple-menu-test-3",
        &[12200, 13314, 12200, 13512, 13321],
        "the same",
    ),
    (
        "function-templates-gather-funlet-whisper-test",
        &[12200, 12200, 13512, 13321],
        "the same",
    ),
    (
        "function-templates-gather-redirect-funlet-simple-menu-test",
        &[12200, 13314, 12200, 13512, 13321],
        "the same",
    ),
    (
        "function-templates-say-dial-handle-user-input-test",
        &[13223],
        "`${…}` for a number",
    ),
    (
        "mailroom-gather-redirect-service-test",
        &[12200; 5],
        "another carrier's attributes and verbs",
    ),
    (
        "mailroom-playaudio-hangup-service-test",
        &[12200],
        "another carrier's verb",
    ),
    (
        "mailroom-speaksentence-record-redirect-service-test",
        &[12200; 4],
        "another carrier's attributes and verbs",
    ),
    (
        "somleng-connect-connect-verb-spec-3",
        &[12200; 2],
        "`foobar` for a parameter's name",
    ),
    (
        "somleng-gather-gather-spec-2",
        &[13512; 2],
        "`de` and `en`: languages without a country",
    ),
    (
        "somleng-redirect-play-redirect-spec",
        &[0],
        "a Play behind a Redirect",
    ),
    ("tigerfarm-say-polly", &[12200], "slashes between verbs"),
    (
        "twilio-docs-connect-connect-room-timeout",
        &[12200; 2],
        "attributes that Connect and Room have no longer",
    ),
    (
        "twilio-docs-say-ssml-2",
        &[12200],
        "`role` on `<say-as>`, which is of `<w>`",
    ),
    (
        "twimulator-dial-dial-number-test",
        &[13212],
        "two seconds of ringing: five are the least",
    ),
    (
        "twimulator-say-parser-test-2",
        &[12200],
        "an attribute that is made up",
    ),
];

#[test]
fn documents_of_others_are_read_and_complained_of_only_where_they_are_wrong() {
    let Some(folder) = folder() else {
        println!("skipped: there is no corpus beside the checkout");
        return;
    };
    let mut found: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("it can be read") {
        let path = entry.expect("it can be read").path();
        if path.extension().is_none_or(|extension| extension != "xml") {
            continue;
        }
        count += 1;
        let name = path
            .file_stem()
            .expect("it has a name")
            .to_string_lossy()
            .into_owned();
        let complaints = match read(&std::fs::read(&path).expect("it can be read")) {
            Ok(document) => document.warnings,
            Err(complaint) => vec![complaint],
        };
        let complaints: Vec<_> = complaints
            .into_iter()
            .map(|complaint| (complaint.code, complaint.message))
            .collect();
        if !complaints.is_empty() {
            found.insert(name, complaints);
        }
    }
    assert!(count > 50, "{count} documents");
    let expected: BTreeMap<String, Vec<u32>> = COMPLAINTS
        .iter()
        .map(|(name, codes, _)| ((*name).to_owned(), codes.to_vec()))
        .collect();
    let codes = |list: &Vec<(u32, String)>| list.iter().map(|(code, _)| *code).collect::<Vec<_>>();
    let got: BTreeMap<String, Vec<u32>> = found
        .iter()
        .map(|(name, list)| (name.clone(), codes(list)))
        .collect();
    assert_eq!(got, expected, "{found:#?}");
}
