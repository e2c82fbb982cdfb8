//! Files as editors on Windows save them: a byte order mark before UTF-8 and CR LF are read over, UTF-16 is called by its
//! name.

use std::path::Path;

use super::server::Plan;

const FLOW: &str = "title = \"Win\"\ngive_up = \"bye\"\n\n[steps.start]\nmenu = \"@choose\"\nkeys.1 = \"bye\"\n\n\
                    [steps.bye]\nsay = \"\"\"Good\nbye.\"\"\"\nnext = \"hangup\"\n";
const MANIFEST: &str = "choose = \"Press one.\"\n";
const CALL: &str = "flow = \"win\"\n\n[[turn]]\nhears = \"Press one.\"\npress = \"1\"\n\n[end]\nhears = \"Good bye.\"\n";
const SETTINGS: &str = "[calls]\nhangup_grace = \"3s\"\n";
const FILES: [(&str, &str); 4] = [
    ("flows/win.toml", FLOW),
    ("audio-manifest/en-US.toml", MANIFEST),
    ("tests/calls/win.one.toml", CALL),
    ("config/local.toml", SETTINGS),
];

/// A project whose files are saved in a way.
fn project(save: impl Fn(&str, &str) -> Vec<u8>) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("there is room");
    for (file, text) in FILES {
        let path = folder.path().join(file);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("there is room");
        std::fs::write(path, save(file, text)).expect("there is room");
    }
    folder
}

/// The exit code, and all that was said.
fn run(folder: &Path, words: &[&str]) -> (i32, String) {
    let plan = Plan::default()
        .flows(&folder.join("flows"))
        .audio(&folder.join("audio-manifest"));
    let (code, out, err) = plan.run(folder, words);
    (code, out + &err)
}

fn marked(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}")
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect()
}

#[test]
fn marks_and_line_ends_are_read_over() {
    let ends = |text: &str| text.replace('\n', "\r\n");
    for (what, folder) in [
        ("marks", project(|_, text| marked(text))),
        ("line ends", project(|_, text| ends(text).into_bytes())),
        ("both", project(|_, text| marked(&ends(text)))),
    ] {
        for words in [["check"].as_slice(), &["test"], &["test", "--bless"]] {
            let (code, told) = run(folder.path(), words);
            assert_eq!(code, 0, "{what}: {told}");
        }
    }
}

#[test]
fn a_mark_stays_where_a_call_is_blessed() {
    let folder = project(|_, text| marked(text));
    let call = folder.path().join("tests/calls/win.one.toml");
    let other = CALL.replace("Press one.", "Press two.");
    std::fs::write(&call, marked(&other)).expect("there is room");
    assert_eq!(run(folder.path(), &["test", "--bless"]).0, 0);
    assert_eq!(std::fs::read(&call).expect("it is there"), marked(CALL));
}

#[test]
fn utf16_is_called_by_its_name() {
    for (file, _) in FILES {
        let folder = project(|other, text| {
            if file == other {
                utf16(text)
            } else {
                text.as_bytes().to_vec()
            }
        });
        let command = if file.starts_with("tests") {
            "test"
        } else {
            "check"
        };
        let (code, told) = run(folder.path(), &[command]);
        assert!(
            code != 0 && told.contains("this file is UTF-16"),
            "{file}: {code} {told}"
        );
        assert!(
            told.contains(file.rsplit('/').next().expect("it has a name")),
            "{told}"
        );
    }
}
