//! What a test call costs: calls of five turns in this process, on one core, and the command over a thousand files.

use std::process::{Command, ExitCode};
use std::sync::Arc;
use std::time::{Duration, Instant};

use hookswitch::cli::stage;
use hookswitch::replay::{self, Script};
use hookswitch::web::InProcess;
use hookswitch::web::flows::{Directory, Flows, Folders};

/// The product's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How long calls are played.
const LASTS: Duration = Duration::from_secs(3);
/// How many files the command is given.
const FILES: usize = 1_000;

/// Five turns of the sample flow, and the submission at the end.
const CALL: &str = r#"
flow = "pickup"

[[turn]]
hears = "Welcome to parcel pick-up. …"
press = "1"

[[turn]]
hears = "… For a parcel press 2. …"
press = "2"

[[turn]]
hears = "How heavy is it? …"
press = "5#"

[[turn]]
press = "1230"

[[turn]]
hears = "A parcel, at 12:30. …"
press = "1"

[end]
by    = "flow"
hears = "Thank you. …"

[submitted.pickups]
answers = { kind = "parcel", weight = 5, hour = "12:30" }
"#;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let played = runtime.block_on(play());
    println!("test calls in process: {played:.0} calls of five turns a second, on one core");
    println!(
        "hookswitch test over {FILES} files: {:.2} s",
        run_files().as_secs_f64()
    );
    ExitCode::SUCCESS
}

/// Plays calls one after another; how many a second.
async fn play() -> f64 {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = Folders {
        flows: root.join("flows"),
        audio: root.join("audio-manifest"),
        hours: root.join("config/hours"),
        backends: None,
        prices: None,
        directory: Directory::default(),
    };
    let node = InProcess::start(Arc::new(Flows::open(folders).0), None)
        .await
        .expect("a node can be started");
    let script = replay::read(&Arc::from("call.toml"), CALL.to_owned()).expect("it is a call");
    let (began, mut calls) = (Instant::now(), 0_u32);
    while began.elapsed() < LASTS {
        call(&script, &node, calls).await;
        calls += 1;
    }
    f64::from(calls) / began.elapsed().as_secs_f64()
}

async fn call(script: &Script, node: &InProcess, number: u32) {
    let (played, left) = stage::play(script, node, &format!("CA{number:032x}"))
        .await
        .expect("memory answers");
    let failures = replay::judge(script, &played, Some(&left));
    assert!(failures.is_empty(), "{:?}", failures[0].diag);
}

/// Runs the command over many files, start to finish.
fn run_files() -> Duration {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for number in 0..FILES {
        std::fs::write(folder.path().join(format!("{number}.toml")), CALL)
            .expect("it can be written");
    }
    let began = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_hookswitch"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .arg("test")
        .arg(folder.path())
        .output()
        .expect("the command is there");
    let took = began.elapsed();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    took
}
