//! The phone on an application of another making: Python with the carrier's own helper library (`tests/apps/python`).

use super::architecture::root;
use super::python::Python;
use super::server::{Plan, TOKEN};

fn run(arguments: &[&str]) -> (i32, String, String) {
    Plan::default().run(root(), arguments)
}

#[test]
fn a_call_goes_from_start_to_end() {
    let app = Python::start("python/app.py", TOKEN);
    let (code, heard, told) = run(&[
        "dial",
        &app.url("/voice"),
        "--token",
        TOKEN,
        "--keys",
        "- 7 2 4711# 9",
    ]);
    assert_eq!(code, 0, "{heard}{told}");
    let lines = [
        "Welcome to the library.",
        "We did not hear anything.",
        "That is not a choice.",
        "Enter the number of your card",
        "Your card is 4 7 1 1.",
        "Nobody is there.",
        "Thank you for your message of",
    ];
    let mut rest = heard.as_str();
    for line in lines {
        rest = rest
            .split_once(line)
            .unwrap_or_else(|| panic!("`{line}` is missing:\n{heard}{told}"))
            .1;
    }
}

#[test]
fn the_same_call_passes_as_a_test_file() {
    let app = Python::start("python/app.py", TOKEN);
    let folder = tempfile::tempdir().expect("there is room");
    let file = folder.path().join("library.toml");
    let call = "flow = \"library\"\n\n[[turn]]\nhears = \"Welcome to the library. …\"\npress = \"1\"\n\n\
                [end]\nby = \"flow\"\nhears = \"We open at nine.\"\n";
    std::fs::write(&file, call).expect("there is room");
    let file = file.display().to_string();
    let test = |token| run(&["test", "--url", &app.url("/voice"), "--token", token, &file]);
    let (code, told, _) = test(TOKEN);
    assert_eq!(
        (code, told.contains("1 passed, 0 failed")),
        (0, true),
        "{told}"
    );
    // Nothing was heard of the call: that is no word on the application.
    let (code, told, _) = test("another token");
    assert_eq!(code, 3, "{told}");
    assert!(told.contains("403"), "{told}");
}

#[test]
fn a_wrong_signature_is_a_fault_of_the_call() {
    let app = Python::start("python/app.py", TOKEN);
    let (code, _, told) = run(&[
        "dial",
        &app.url("/voice"),
        "--token",
        "another token",
        "--keys",
        "1",
    ]);
    assert_eq!(code, 1);
    assert!(told.contains("11200") && told.contains("403"), "{told}");
}
