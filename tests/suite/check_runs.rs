//! `hookswitch check` from outside: what it prints, how it ends, and what it does with files from strangers.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use super::architecture::root;

const BROKEN: &str = "give_up = \"bye\"\n\n[steps.kind]\nmenu   = \"Press 1.\"\nkeys.1 = \"byee\"\n\n[steps.bye]\nsay  = \"Goodbye.\"\nnext = \"hangup\"\n";
const WARNED: &str = "[steps.bye]\nsay  = \"Goodbye.\"\nnext = \"hangup\"\n\n[steps.lost]\nsay  = \"Nobody hears this.\"\nnext = \"hangup\"\n";
const FOREVER: &str = "[steps.kind]\nmenu    = \"Press 1.\"\nkeys.1  = \"more\"\ngive_up = \"hangup\"\n\n[steps.more]\nmenu    = \"Press 2.\"\nkeys.2  = \"hangup\"\ngive_up = \"more\"\n";

fn project(flows: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().expect("there is a folder for what is temporary");
    std::fs::create_dir(folder.path().join("flows")).expect("a folder can be made");
    for (name, source) in flows {
        std::fs::write(folder.path().join("flows").join(name), source).expect("it can be written");
    }
    folder
}

/// Runs it in a folder, with no more memory than it may take.
fn check(folder: &Path, arguments: &[&str]) -> Output {
    run(folder, "check", arguments)
}

fn run(folder: &Path, command: &str, arguments: &[&str]) -> Output {
    let binary = std::env::var_os("HOOKSWITCH_BIN")
        .unwrap_or_else(|| env!("CARGO_BIN_EXE_hookswitch").into());
    Command::new("prlimit")
        .arg("--data=268435456")
        .arg(binary)
        .arg(command)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .output()
        .expect("it can be run")
}

#[track_caller]
fn ends(output: &Output, code: i32) -> String {
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert_eq!(output.status.code(), Some(code), "{out}\n{err}");
    assert!(!err.contains("panicked"), "{err}");
    out.into_owned()
}

#[test]
fn a_fault_is_told_as_an_object_a_line_and_ends_1() {
    let folder = project(&[("shop.toml", BROKEN.as_bytes())]);
    let out = ends(&check(folder.path(), &["--format", "json"]), 1);
    let told: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    assert_eq!(told.len(), 1, "{out}");
    let keys: Vec<&String> = told[0]
        .as_object()
        .expect("it is an object")
        .keys()
        .collect();
    assert_eq!(
        keys,
        [
            "code", "severity", "file", "line", "column", "message", "help"
        ]
    );
    assert_eq!(
        (&told[0]["code"], &told[0]["severity"]),
        (&"target-unknown".into(), &"error".into())
    );
    assert_eq!(
        (&told[0]["line"], &told[0]["column"], &told[0]["file"]),
        (&5.into(), &10.into(), &"flows/shop.toml".into())
    );
    assert_eq!(told[0]["help"], "did you mean `bye`?");
}

#[test]
fn warnings_alone_end_0_unless_the_settings_deny_them() {
    let folder = project(&[("shop.toml", WARNED.as_bytes())]);
    let out = ends(&check(folder.path(), &[]), 0);
    assert!(
        out.contains("warning[step-unreachable]") && out.contains("1 flow: 0 errors, 1 warning"),
        "{out}"
    );
    std::fs::create_dir(folder.path().join("config")).expect("a folder can be made");
    let config = folder.path().join("config/check.toml");
    let set = |text: &str| std::fs::write(&config, text).expect("it can be written");
    set("[check.levels]\nstep-unreachable = \"deny\"\n");
    ends(&check(folder.path(), &[]), 1);
    set("[check.levels]\nstep-unreachable = \"allow\"\n");
    assert!(!ends(&check(folder.path(), &[]), 0).contains("step-unreachable"));
    set("[check.levels]\nstep-unreachabel = \"allow\"\n");
    ends(&check(folder.path(), &[]), 2);
    set("[check.levels]\ntarget-unknown = \"allow\"\n");
    ends(&check(folder.path(), &[]), 2);
}

#[test]
fn a_path_that_is_not_there_ends_3_and_an_unknown_code_2() {
    let folder = project(&[]);
    ends(&check(folder.path(), &["flows/nowhere.toml"]), 3);
    ends(&check(folder.path(), &["--explain", "target-unknwon"]), 2);
    assert!(
        ends(&check(folder.path(), &["--explain", "target-unknown"]), 0)
            .starts_with("# target-unknown")
    );
    ends(&check(folder.path(), &["--format", "yaml"]), 2);
}

#[test]
fn the_call_that_shows_a_fault_is_told_and_written_as_a_test() {
    let folder = project(&[("shop.toml", FOREVER.as_bytes())]);
    let out = ends(
        &check(folder.path(), &["flows/shop.toml", "--calls", "calls"]),
        1,
    );
    assert!(
        out.contains("a caller who presses 1 and is silent three times gets here"),
        "{out}"
    );
    let text = std::fs::read_to_string(folder.path().join("calls/shop.loop-never-ends.toml"))
        .expect("it is written");
    let call: toml::Table = text.parse().expect("it is TOML");
    assert_eq!(call["flow"].as_str(), Some("shop"));
    let turns = call["turn"].as_array().expect("there are turns");
    assert_eq!(turns.len(), 4, "{text}");
    assert_eq!(turns[0]["press"].as_str(), Some("1"));
    assert!(
        turns[1..]
            .iter()
            .all(|turn| turn["silent"].as_bool() == Some(true)),
        "{text}"
    );
}

#[test]
fn faults_are_annotations_and_sarif_too() {
    let folder = project(&[("shop.toml", BROKEN.as_bytes())]);
    let out = ends(&check(folder.path(), &["--format", "github"]), 1);
    assert!(
        out.starts_with(
            "::error file=flows/shop.toml,line=5,col=10,endColumn=15,title=target-unknown::"
        ),
        "{out}"
    );
    let out = ends(&check(folder.path(), &["--format", "sarif"]), 1);
    let log: Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!(log["version"], "2.1.0");
    let result = &log["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "target-unknown");
    let rule = &log["runs"][0]["tool"]["driver"]["rules"]
        [result["ruleIndex"].as_u64().expect("a number") as usize];
    assert_eq!(rule["id"], "target-unknown");
    let region = &result["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (&region["startLine"], &region["startColumn"]),
        (&5.into(), &10.into())
    );
}

/// Whatever a stranger sends: a clear error, in bounded memory, and no panic.
#[test]
fn files_from_strangers_are_refused_in_words() {
    let end = "[steps.bye]\nsay = \"1\"\nnext = \"hangup\"\n";
    let say =
        |text: &str| format!("[steps.one]\nsay = \"{text}\"\nnext = \"bye\"\n{end}").into_bytes();
    let terms = format!("{{{{ 1{} }}}}", " + 1".repeat(100_000));
    let long_when = format!(
        "[steps.one]\nbranch = [{{ when = \"1{}\", next = \"bye\" }}, {{ next = \"bye\" }}]\n{end}",
        " or 1".repeat(100_000)
    );
    let nots = format!(
        "[steps.one]\nbranch = [{{ when = \"{} 1\", next = \"bye\" }}, {{ next = \"bye\" }}]\n{end}",
        "not ".repeat(250)
    );
    let steps: String = (0..100_000)
        .map(|at| format!("[steps.s{at}]\nhangup = true\n"))
        .collect();
    let few: String = (0..10_001)
        .map(|at| format!("[steps.s{at}]\nhangup = true\n"))
        .collect();
    let most: String = (0..10_000)
        .map(|at| {
            format!(
                "[steps.s{at}]\nsay = \"1\"\nnext = \"s{}\"\n",
                (at + 1) % 10_000
            )
        })
        .collect();
    let brackets = format!("x = {}{}\n{end}", "[".repeat(10_000), "]".repeat(10_000));
    let tables = format!(
        "x = {}1{}\n{end}",
        "{ a = ".repeat(10_000),
        " }".repeat(10_000)
    );
    let dotted = format!("{} = 1\n{end}", vec!["a"; 10_000].join("."));
    let holes = format!("{}a{}", "{{ (".repeat(1000), ") }}".repeat(1000));
    let deep = format!("{{{{ {}1{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
    let prompts: String = (0..20_000)
        .map(|at| format!("p{at} = \"@p{}\"\n", at + 1))
        .collect();
    let chain = format!("[steps.one]\nsay = \"@p0\"\nnext = \"bye\"\n{end}[prompts]\n{prompts}");
    let keys: String = (0..20_000)
        .map(|key| format!("keys.{key} = \"bye\"\n"))
        .collect();
    let keys = format!("[steps.one]\nmenu = \"1\"\n{keys}{end}");
    let names: String = (0..20_000)
        .map(|name| format!("set.v{name} = 1\n"))
        .collect();
    let names = format!("[steps.one]\n{names}next = \"bye\"\n{end}");
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("10 MB", vec![b' '; 10 * 1024 * 1024], "flow-too-large"),
        (
            "10 MB of one line",
            vec![b'a'; 10 * 1024 * 1024],
            "flow-too-large",
        ),
        ("100,000 steps", steps.into_bytes(), "flow-too-large"),
        ("steps", few.into_bytes(), "steps-too-many"),
        (
            "a circle of ten thousand",
            most.into_bytes(),
            "loop-never-waits",
        ),
        ("brackets", brackets.into_bytes(), "toml-syntax"),
        ("tables", tables.into_bytes(), "toml-syntax"),
        ("dots", dotted.into_bytes(), "toml-syntax"),
        ("terms", say(&terms), "text-too-long"),
        (
            "a long condition",
            long_when.into_bytes(),
            "expression-too-large",
        ),
        ("many nots", nots.into_bytes(), ""),
        ("holes", say(&holes), ""),
        ("deep", say(&deep), "text-too-long"),
        (
            "no UTF-8",
            b"title = \"\xff\xfe\"\n".to_vec(),
            "file-not-text",
        ),
        (
            "dense",
            format!("{end}x = [{}]\n", "1,".repeat(260_000)).into_bytes(),
            "key-unknown",
        ),
        (
            "faults",
            "= 1\n\n".repeat(90_000).into_bytes(),
            "faults-too-many",
        ),
        (
            "unknown tables",
            (0..50_000)
                .map(|at| format!("[a{at}]\n"))
                .collect::<String>()
                .into_bytes(),
            "faults-too-many",
        ),
        ("prompts in prompts", chain.into_bytes(), "prompt-too-deep"),
        ("keys", keys.into_bytes(), "keys-too-many"),
        ("names", names.into_bytes(), "names-too-many"),
        (
            "expressions",
            format!("[steps.s]\nsay = [{}]\n", "\"{{1+1}}\",".repeat(40_000)).into_bytes(),
            "expressions-too-many",
        ),
        ("nothing", Vec::new(), "flow-no-steps"),
        ("zeros", vec![0; 1000], "toml-syntax"),
        (
            "faults of syntax",
            "=\n\n".repeat(160_000).into_bytes(),
            "faults-too-many",
        ),
    ];
    for (what, source, code) in cases {
        let folder = project(&[("x.toml", &source)]);
        let output = check(folder.path(), &["--format", "json"]);
        let (out, err) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr),
        );
        assert!(
            matches!(output.status.code(), Some(0 | 1)),
            "{what}: {:?} {err}",
            output.status
        );
        let told = out
            .lines()
            .any(|line| line.contains(&format!("\"code\":\"{code}\"")));
        assert!(
            code.is_empty() || told,
            "{what}: {code} is not told, but {}",
            out.chars().take(600).collect::<String>()
        );
        assert!(!err.contains("panicked"), "{what}: {err}");
    }
}

/// A project of a stranger: its flow, a manifest, a test call and what it links to outside.
fn strange(manifest: &[u8], call: &[u8]) -> TempDir {
    let folder = project(&[(
        "x.toml",
        b"language = \"en-GB\"\n[steps.one]\nsay = \"@hello\"\nnext = \"hangup\"\n",
    )]);
    for (path, text) in [
        ("audio-manifest/en-GB.toml", manifest),
        ("tests/calls/x.one.toml", call),
    ] {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it stands in a folder"))
            .expect("a folder can be made");
        std::fs::write(path, text).expect("it can be written");
    }
    folder
}

#[test]
fn manifests_from_strangers_are_refused_in_words() {
    let many: String = (0..400_000).map(|at| format!("p{at} = \"x\"\n")).collect();
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("10 MB", vec![b' '; 10 * 1024 * 1024], "manifest-too-large"),
        ("prompts", many.into_bytes(), "manifest-too-large"),
        (
            "faults",
            "= 1\n\n".repeat(90_000).into_bytes(),
            "faults-too-many",
        ),
        (
            "tables",
            format!("x = {}1{}\n", "{ a = ".repeat(10_000), " }".repeat(10_000)).into_bytes(),
            "manifest-syntax",
        ),
        (
            "no UTF-8",
            b"a = \"\xff\xfe\"\n".to_vec(),
            "manifest-syntax",
        ),
        (
            "up",
            b"hello = { audio = \"../secret.wav\" }\n".to_vec(),
            "audio-outside",
        ),
        (
            "root",
            b"hello = { audio = \"/etc/passwd\" }\n".to_vec(),
            "audio-outside",
        ),
    ];
    for (what, manifest, code) in cases {
        let folder = strange(&manifest, b"flow = \"x\"\n");
        let out = ends(&check(folder.path(), &["--format", "json"]), 1);
        assert!(
            out.contains(&format!("\"code\":\"{code}\"")),
            "{what}: {}",
            out.chars().take(600).collect::<String>()
        );
    }
}

#[test]
fn test_calls_from_strangers_are_refused_in_words() {
    let turns = "[[turn]]\nhears = \"…\"\n".repeat(20_000);
    let cases: Vec<(&str, Vec<u8>, i32, &str)> = vec![
        ("10 MB", vec![b' '; 10 * 1024 * 1024], 1, "call-too-large"),
        (
            "nesting",
            format!("x = {}{}\n", "[".repeat(10_000), "]".repeat(10_000)).into_bytes(),
            1,
            "toml-syntax",
        ),
        (
            "turns",
            format!("flow = \"x\"\n{turns}").into_bytes(),
            1,
            "faults-too-many",
        ),
        (
            "signs",
            format!("flow = \"x\"\n[end]\nhears = \"{}\"\n", "… ".repeat(50_000)).into_bytes(),
            0,
            "pass",
        ),
        (
            "no UTF-8",
            b"flow = \"\xff\"\n".to_vec(),
            3,
            "cannot be read",
        ),
    ];
    for (what, call, code, words) in cases {
        let folder = strange(b"hello = \"Hello.\"\n", &call);
        let output = run(folder.path(), "test", &[]);
        let told = ends(&output, code) + &String::from_utf8_lossy(&output.stderr);
        assert!(
            told.contains(words),
            "{what}: {}",
            told.chars().take(600).collect::<String>()
        );
    }
}

/// Whoever can change a repository can put a link into it, and what a fault is drawn in would be told.
#[test]
fn no_link_leads_to_a_file_outside() {
    let outside = TempDir::new().expect("there is a folder for what is temporary");
    let secret = outside.path().join("secret.toml");
    std::fs::write(&secret, "password = \"hunter2\"\n").expect("it can be written");
    let folder = strange(b"hello = \"Hello.\"\n", b"flow = \"x\"\n");
    for link in [
        "flows/link.toml",
        "audio-manifest/bg-BG.toml",
        "tests/calls/x.link.toml",
    ] {
        std::os::unix::fs::symlink(&secret, folder.path().join(link)).expect("a link can be made");
    }
    std::os::unix::fs::symlink(outside.path(), folder.path().join("flows/folder"))
        .expect("a link can be made");
    let out = ends(&check(folder.path(), &[]), 1);
    assert_eq!(out.matches("error[file-outside]").count(), 3, "{out}");
    let named = ends(&check(folder.path(), &["flows"]), 1);
    assert!(
        named.matches("error[file-outside]").count() == 3 && !named.contains("password"),
        "{named}"
    );
    let tested = run(folder.path(), "test", &[]);
    let told = ends(&tested, 1) + &String::from_utf8_lossy(&tested.stderr);
    assert!(told.contains("x.link.toml is left out"), "{told}");
    assert!(
        !out.contains("hunter2") && !told.contains("hunter2") && !out.contains("password"),
        "{out}{told}"
    );
}

const SLOW: &str = "give_up = \"bye\"\n\n[steps.kind]\nmenu   = \"For a parcel press 1.\"\nkeys.1 = \"bye\"\n\n[steps.bye]\nsay  = \"Goodbye.\"\nnext = \"hangup\"\n\n[check]\nlongest_call = \"15s\"\n";

#[test]
fn how_long_calls_take_is_told_where_it_is_asked_for() {
    let folder = project(&[("shop.toml", SLOW.as_bytes())]);
    let out = ends(&check(folder.path(), &["--time"]), 1);
    assert!(
        out.contains("error[call-too-long]: the longest call takes 22 s, and 15 s are allowed"),
        "{out}"
    );
    assert!(
        out.contains("a caller who is silent three times gets here"),
        "{out}"
    );
    let row: Vec<&str> = out
        .lines()
        .find(|line| line.contains("with nothing sent"))
        .expect("it is told")
        .split("  ")
        .collect();
    assert_eq!(
        row.iter()
            .filter(|cell| !cell.is_empty())
            .map(|cell| cell.trim())
            .collect::<Vec<_>>()[1..],
        ["0.9 s", "2.9 s", "22 s"]
    );
    assert!(!ends(&check(folder.path(), &[]), 1).contains("with nothing sent"));
    let out = ends(&check(folder.path(), &["--time", "--format", "json"]), 1);
    let told: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("it is JSON"))
        .collect();
    assert_eq!(
        (told.len(), &told[0]["code"], &told[1]["flow"]),
        (2, &"call-too-long".into(), &"shop".into())
    );
    assert_eq!(
        (&told[1]["longest"]["seconds"], &told[1]["longest"]["turns"]),
        (&21.4.into(), &4.into())
    );
    assert_eq!(
        (&told[1]["first_key"]["step"], &told[1]["longest"]["cost"]),
        (&"kind".into(), &Value::Null)
    );
    for format in ["github", "sarif"] {
        ends(&check(folder.path(), &["--time", "--format", format]), 2);
    }
}

#[test]
fn what_a_call_costs_is_told_by_the_prices_of_the_settings() {
    let dear = SLOW.replace("longest_call = \"15s\"", "call_cost = 0.005");
    let folder = project(&[("shop.toml", dear.as_bytes())]);
    let out = ends(&check(folder.path(), &["--time"]), 1);
    assert!(
        out.contains("error[prices-missing]") && out.contains("call_cost = 0.005"),
        "{out}"
    );
    assert!(!out.contains("cost   "), "{out}");
    std::fs::create_dir(folder.path().join("config")).expect("a folder can be made");
    let prices = |minute: &str| {
        let text = format!("[prices]\ncurrency = \"EUR\"\nminute = {minute}\n");
        std::fs::write(folder.path().join("config/prices.toml"), text).expect("it can be written");
    };
    prices("0.0085");
    let out = ends(&check(folder.path(), &["--time"]), 1);
    assert!(
        out.contains(
            "error[call-too-dear]: the longest call costs 0.0085 EUR, and 0.005 EUR are allowed"
        ),
        "{out}"
    );
    assert!(
        out.contains("typical 0.0085 EUR, longest 0.0085 EUR"),
        "{out}"
    );
    prices("0.004");
    ends(&check(folder.path(), &[]), 0);
}

#[test]
fn the_manual_shows_what_is_told_of_a_sample() {
    let out = ends(&check(root(), &["flows/pickup.toml", "--time"]), 0);
    let (_, told) = out.split_once("\n\n").expect("it is told after the faults");
    let page = std::fs::read_to_string(root().join("docs/check.md")).expect("it is there");
    assert!(
        page.contains(&format!("```text\n{told}```\n")),
        "docs/check.md does not show\n{told}"
    );
}

#[test]
fn the_samples_have_no_faults() {
    assert_eq!(
        ends(&check(root(), &[]), 0).trim(),
        "19 flows: 0 errors, 0 warnings"
    );
}

#[test]
fn a_number_that_two_flows_claim_is_a_fault_however_each_writes_it() {
    let flow = |number: &str| format!("numbers = [\"{number}\"]\n[steps.bye]\nhangup = true\n");
    for second in [
        "+442079460123",
        "sip:442079460123@acme.sip.twilio.com",
        "sip:+442079460123@pbx.test:5061",
    ] {
        let first = flow("+442079460123");
        let folder = project(&[
            ("desk.toml", first.as_bytes()),
            ("shop.toml", flow(second).as_bytes()),
        ]);
        let output = check(folder.path(), &["--format", "json"]);
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{second}: {told}");
        assert!(
            told.contains("\"number-twice\"") && told.contains("shop.toml"),
            "{second}: {told}"
        );
    }
}

/// Nobody calls themselves, so that no call reads the name that is not set.
const UNDECIDED: &str = "give_up = \"hangup\"\n\n[steps.first]\nmenu   = \"Press 1 or 2.\"\nkeys.1 = { next = \"bye\", set = { n = 1 } }\nkeys.2 = \"bye\"\n\n[steps.bye]\nsay  = \"{{ n if call.from == call.to else '' }} Goodbye.\"\nnext = \"hangup\"\n";

#[test]
fn what_no_call_was_found_for_is_a_note_and_ends_0() {
    let folder = project(&[("shop.toml", UNDECIDED.as_bytes())]);
    let out = ends(&check(folder.path(), &[]), 0);
    assert!(
        out.contains("note[name-may-be-unset]: ")
            && out.contains("1 flow: 0 errors, 0 warnings, 1 note"),
        "{out}"
    );
    let out = ends(&check(folder.path(), &["--format", "json"]), 0);
    assert!(out.contains("\"severity\":\"note\""), "{out}");
    let out = ends(&check(folder.path(), &["--format", "sarif"]), 0);
    assert!(out.contains("\"level\": \"note\""), "{out}");
    let out = ends(&check(folder.path(), &["--format", "github"]), 0);
    assert!(out.contains("::notice file="), "{out}");
    // No level makes more of it, and one leaves it out.
    for (level, notes) in [("deny", 1), ("warn", 1), ("note", 1), ("allow", 0)] {
        let settings = format!("[check.levels]\nname-may-be-unset = \"{level}\"\n");
        std::fs::create_dir_all(folder.path().join("config")).expect("a folder can be made");
        std::fs::write(folder.path().join("config/local.toml"), settings)
            .expect("it can be written");
        let out = ends(&check(folder.path(), &[]), 0);
        assert_eq!(
            out.matches("note[name-may-be-unset]").count(),
            notes,
            "{out}"
        );
    }
}

#[test]
fn a_level_makes_a_note_of_a_warning() {
    let folder = project(&[("lost.toml", WARNED.as_bytes())]);
    std::fs::create_dir(folder.path().join("config")).expect("a folder can be made");
    let settings = "[check.levels]\nstep-unreachable = \"note\"\n";
    std::fs::write(folder.path().join("config/local.toml"), settings).expect("it can be written");
    let out = ends(&check(folder.path(), &[]), 0);
    assert!(out.contains("note[step-unreachable]"), "{out}");
}

#[test]
fn what_a_manifest_has_and_no_flow_uses_is_reported() {
    let folder = strange(b"hello = \"Hello.\"\nbye = \"Goodbye.\"\n", b"");
    std::fs::remove_dir_all(folder.path().join("tests")).expect("it can be removed");
    std::fs::write(
        folder.path().join("audio-manifest/fr-FR.toml"),
        "hello = \"Bonjour.\"\n",
    )
    .expect("it can be written");
    let out = ends(&check(folder.path(), &[]), 0);
    assert!(
        out.contains("no flow says the prompt `@bye`") && out.contains("no flow speaks `fr-FR`"),
        "{out}"
    );
    assert!(out.contains("0 errors, 2 warnings"), "{out}");
}

#[test]
fn a_recording_that_is_missing_is_reported_where_the_flow_names_it_and_once() {
    let manifest = "tune = [{ audio = \"no.wav\" }, \"Hello.\", { pause = 1 }, { adio = \"x\" }]\n";
    let folder = strange(manifest.as_bytes(), b"");
    std::fs::remove_dir_all(folder.path().join("tests")).expect("it can be removed");
    let flow = "language = \"en-GB\"\n[steps.s]\nsay = [\"@own\", \"@tune\"]\nnext = \"hangup\"\n[prompts]\n\
                own = { text = \"Own.\", audio = \"own.wav\" }\n";
    let files = std::fs::read_dir(folder.path().join("flows")).expect("there are flows");
    for file in files {
        std::fs::remove_file(file.expect("it can be read").path()).expect("it can be removed");
    }
    std::fs::write(folder.path().join("flows/own.toml"), flow).expect("it can be written");
    let out = ends(&check(folder.path(), &[]), 1);
    for told in [
        "flows/own.toml:6:32",
        "audio-manifest/en-GB.toml:1:19",
        "`own.wav`",
        "`no.wav`",
        "`pause` must be a time",
        "did you mean `audio`?",
    ] {
        assert!(out.contains(told), "{told}: {out}");
    }
    assert!(out.contains("4 errors"), "{out}");
}

#[test]
fn a_manifest_that_is_not_toml_is_reported_in_the_words_of_flows() {
    let folder = strange(b"hello: \"Hello.\"\nbye = Goodbye.\n", b"");
    let out = ends(&check(folder.path(), &[]), 1);
    assert!(
        out.contains("error[manifest-syntax]") && !out.contains("expected"),
        "{out}"
    );
    assert_eq!(out.matches("manifest-syntax").count(), 2, "{out}");
}

#[test]
fn a_stage_is_checked_by_its_settings() {
    let flow = "numbers = [\"+442079460123\"]\n[contacts]\ndesk = \"+442079460000\"\n[steps.desk]\ndial = \"desk\"\non.unanswered = \"night\"\nnext = \"hangup\"\n[steps.night]\ndial = \"nihgt\"\non.unanswered = \"sorry\"\nnext = \"hangup\"\n[steps.sorry]\nsay = \"Nobody is there.\"\nnext = \"hangup\"\n";
    let folder = project(&[("line.toml", flow.as_bytes())]);
    let stage = |name: &str, settings: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir(&path).expect("a folder can be made");
        std::fs::write(path.join("hookswitch.toml"), settings).expect("it can be written");
        check(folder.path(), &["--config", name])
    };
    let out = ends(&stage("test", "[contacts]\nnight = \"+442079460001\"\n"), 1);
    assert!(
        out.contains("contact-unknown") && out.contains("did you mean `night`?"),
        "{out}"
    );
    let out = ends(
        &stage("live", "[flows.line.contacts]\nnihgt = \"+442079460001\"\n"),
        0,
    );
    assert!(out.contains("0 errors, 0 warnings"), "{out}");
    let out = ends(
        &stage("loop", "[flows.line.contacts]\nnihgt = \"+442079460123\"\n"),
        0,
    );
    assert!(out.contains("dial-own-number"), "{out}");
}

#[test]
fn a_test_call_says_what_comes_of_a_contact_whatever_its_number() {
    let flow = |number: &str| {
        format!(
            "[contacts]\ndesk = \"{number}\"\n[steps.desk]\ndial = \"desk\"\non.unanswered = \"night\"\nnext = \"hangup\"\n[steps.night]\ndial = \"night\"\nnext = \"bye\"\n[steps.bye]\nsay = \"{{{{ steps.night.outcome }}}}\"\nnext = \"hangup\"\n"
        )
    };
    let folder = project(&[("line.toml", flow("+442079460000").as_bytes())]);
    let call = |world: &str| {
        let text =
            format!("flow = \"line\"\n[end]\nby = \"flow\"\nhears = \"failed\"\n[world]\n{world}");
        std::fs::write(folder.path().join("call.toml"), text).expect("it can be written");
        run(folder.path(), "test", &["call.toml"])
    };
    let world = "dial.contact.desk = { outcome = \"busy\" }\nnight = { outcome = \"failed\" }\n";
    ends(&call(world), 0);
    std::fs::write(folder.path().join("flows/line.toml"), flow("+442079460009")).expect("written");
    ends(&call(world), 0);
    // The step comes first, then the contact, then the number.
    let all = "dial.contact.desk = { outcome = \"busy\" }\ndial.\"+442079460009\" = { outcome = \"answered\" }\ndial.contact.night = { outcome = \"busy\" }\nnight = { outcome = \"failed\" }\n";
    ends(&call(all), 0);
    let out = ends(&call("dial.contact.desk = { outcome = \"busy\" }\n"), 1);
    assert!(
        out.contains("dial.contact.night = { outcome = \"no_answer\""),
        "{out}"
    );
}
