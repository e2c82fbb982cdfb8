//! What `hookswitch check --time` tells of calls is what calls take: those that are told are played on the phone, and
//! those that are written down lie between the shortest and the longest.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use hookswitch::engine::diag::{ExampleStep, StepEvent};
use hookswitch::engine::{answers, steps};
use hookswitch::phone::{Account, EndedBy, Method, Presses};
use hookswitch::replay::{Destination, Played, Script, play, read};
use hookswitch::study::walk::time::{Time, time};
use hookswitch::web::flows::{Directory, Flows, Folders, read_folder};
use hookswitch::web::in_process::InProcess;
use hookswitch::written::CallerAct;
use tempfile::TempDir;

use super::architecture::root;

/// Flows that are in service, and what their calls take.
struct Service {
    node: InProcess,
    times: BTreeMap<String, Time>,
}

impl Service {
    async fn of(flows: PathBuf) -> Self {
        let folders = Folders {
            flows,
            audio: root().join("audio-manifest"),
            hours: root().join("config/hours"),
            backends: None,
            prices: None,
            directory: Directory::default(),
        };
        let sources = read_folder(&folders);
        let ear = sources.ear();
        let loaded = sources
            .flows
            .iter()
            .map(|source| source.loaded.as_ref().expect("the flow loads"));
        let times = loaded
            .map(|loaded| (loaded.flow.name.clone(), time(&loaded.flow, &ear)))
            .collect();
        let node = InProcess::start(Arc::new(Flows::open(folders).0), None)
            .await
            .expect("a node starts");
        Self { node, times }
    }

    async fn play(&self, script: &Script, number: usize) -> Played {
        let account = Account {
            sid: format!("AC{:032}", 0),
            token: None,
            signed_for: None,
        };
        let url = format!("{}/voice/{{flow}}", InProcess::BASE);
        let line = Destination {
            url,
            method: Method::Post,
            fallback: None,
            status: None,
            account,
        };
        play(script, &line, &self.node, &format!("CA{number:032}")).await
    }
}

/// A call as a test file; whoever is dialled is so after a time, and does not talk.
fn script(flow: &str, acts: &[ExampleStep], rings: &str) -> Script {
    let (mut text, mut world) = (format!("flow = \"{flow}\"\n"), String::new());
    for act in acts {
        match &act.event {
            StepEvent::Acts(CallerAct::Press(keys)) => {
                write!(text, "[[turn]]\npress = \"{keys}\"\n")
            }
            StepEvent::Acts(CallerAct::Silent) => write!(text, "[[turn]]\nsilent = true\n"),
            StepEvent::Came {
                key,
                outcome,
                is_good,
            } => {
                let key = key.as_deref().unwrap_or(&act.step);
                if *outcome == "recorded" {
                    let seconds = rings.trim_end_matches('s');
                    let ended = format!("seconds = {seconds}, ends = \"#\"");
                    writeln!(world, "{key} = {{ {ended} }}").expect("a String takes everything");
                    continue;
                }
                let is_talk = *is_good && *outcome != "paid" && !key.starts_with("bot.");
                let talks = if is_talk { ", talks = \"0s\"" } else { "" };
                writeln!(
                    world,
                    "{key} = {{ outcome = \"{outcome}\", after = \"{rings}\"{talks} }}"
                )
            }
            other => panic!("{other:?} is no part of a call that is told"),
        }
        .expect("a String takes everything");
    }
    if !world.is_empty() {
        write!(text, "[world]\n{world}").expect("a String takes everything");
    }
    read(&Arc::from(format!("{flow}.toml")), text.clone())
        .unwrap_or_else(|faults| panic!("{text}\n{faults:?}"))
}

/// The examples of every action and type, as flows of a folder. What leaves for another server cannot be played.
fn examples() -> TempDir {
    let folder = TempDir::new().expect("there is a folder for what is temporary");
    let actions = steps::KINDS.iter().map(|kind| (kind.name, kind.example));
    let all = actions.chain(answers::KINDS.iter().map(|kind| (kind.name, kind.example)));
    for (name, example) in all.filter(|(name, _)| *name != "redirect") {
        std::fs::write(folder.path().join(format!("{name}.toml")), example)
            .expect("it can be written");
        for (beside, source) in steps::beside(name) {
            let file = folder.path().join(format!("{beside}.toml"));
            let parent = file.parent().expect("it is in a folder");
            std::fs::create_dir_all(parent).expect("a folder can be made");
            std::fs::write(file, source).expect("it can be written");
        }
    }
    folder
}

#[tokio::test]
async fn the_typical_call_takes_as_long_as_it_is_told() {
    let examples = examples();
    let mut number = 0;
    for folder in [root().join("flows"), examples.path().to_owned()] {
        let service = Service::of(folder).await;
        // Where a clinic's call goes depends on the hour, and the two are not of the same hour. What a service answers, which
        // four more ask, is not part of a call that is told.
        let others = [
            "assistant",
            "balance",
            "clinic",
            "http",
            "order",
            "tracking",
        ];
        let times = service
            .times
            .iter()
            .filter(|(flow, _)| !others.contains(&flow.as_str()));
        for (flow, time) in times {
            number += 1;
            let (typical, _) = &time.typical;
            let played = service
                .play(&script(flow, &typical.acts, "5s"), number)
                .await;
            // Where the way that goes well leads back, the caller is asked again, and hangs up half a second later.
            let asked_again = if played.is_left_over {
                Duration::from_millis(500)
            } else {
                Duration::ZERO
            };
            let told = typical.lasts + asked_again;
            assert_eq!(
                played.ended.after, told,
                "{flow}: {:?} {:?}",
                typical.acts, played.ended
            );
            assert!(
                !played.is_left_over || examples.path().join(format!("{flow}.toml")).exists(),
                "{flow} goes on"
            );
        }
    }
    assert!(number > 15, "{number} calls were played");
}

#[tokio::test]
async fn the_longest_call_takes_as_long_as_it_is_told_where_entries_have_one_length() {
    let service = Service::of(root().join("flows")).await;
    let longest = service.times["languages"]
        .longest()
        .expect("there is one")
        .clone();
    // All of this flow's prompts in the language that calls begin in are no longer than those in others.
    let played = service
        .play(&script("languages", &longest.acts, "5s"), 1)
        .await;
    assert!(
        played.ended.after <= longest.lasts,
        "{:?} {:?}",
        played.ended,
        longest
    );
    let folder = TempDir::new().expect("there is a folder for what is temporary");
    let flow = "give_up = \"desk\"\n[steps.kind]\nmenu = \"For a parcel press 1.\"\nno_input = \"We did not hear you.\"\nkeys.1 = \"hour\"\nkeys.2 = \"desk\"\n[steps.hour]\nask = \"At which hour?\"\ntime = true\ninto = \"hour\"\nnext = \"desk\"\n[steps.desk]\ndial = \"+442079460000\"\ntimeout = \"20s\"\non.unanswered = \"sorry\"\nnext = \"hangup\"\n[steps.sorry]\nsay = [\"We are sorry.\", { pause = \"2s\" }, { digits = \"1w\" }]\nnext = \"hangup\"\n";
    std::fs::write(folder.path().join("desk.toml"), flow).expect("it can be written");
    let service = Service::of(folder.path().to_owned()).await;
    let longest = service.times["desk"]
        .longest()
        .expect("there is one")
        .clone();
    let played = service.play(&script("desk", &longest.acts, "20s"), 2).await;
    // A wrong hour of three keys takes longer than the one key that is pressed here.
    let pressed = longest
        .acts
        .iter()
        .filter(
            |act| matches!(&act.event, StepEvent::Acts(CallerAct::Press(keys)) if keys.len() == 1),
        )
        .count();
    assert!(
        longest.lasts - played.ended.after <= Duration::from_secs(1) * pressed as u32,
        "{:?}",
        (played.ended, longest)
    );
}

fn calls() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(root().join("tests/calls")).expect("it can be read");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("it can be read").path())
        .collect();
    files.sort();
    files
}

fn written(path: &Path) -> Script {
    let text = std::fs::read_to_string(path).expect("it can be read");
    read(&Arc::from(path.display().to_string()), text).expect("it is a call")
}

#[tokio::test]
async fn calls_that_are_written_down_lie_between_the_shortest_and_the_longest() {
    let service = Service::of(root().join("flows")).await;
    for (number, path) in calls().iter().enumerate() {
        let script = written(path);
        // What a call that we place is given may take as long as it likes to say.
        if script.placed.is_some() {
            continue;
        }
        let time = &service.times[&script.flow];
        let played = service.play(&script, number).await;
        let answers = script
            .world
            .dial
            .values()
            .map(|answers| &answers.0[0])
            .filter(|answer| ["answered", "completed"].contains(&&*answer.outcome))
            .filter(|answer| answer.presses != Presses::Keys(String::new()));
        let talked: Duration = answers.map(|answer| answer.talks).sum();
        let took = played.ended.after.saturating_sub(talked);
        let (shortest, longest) = (
            time.shortest().expect("there is one"),
            time.longest().expect("there is one"),
        );
        assert!(
            took <= longest.lasts,
            "{}: {took:?}, {:?}",
            path.display(),
            longest.lasts
        );
        // Who hangs up may be shorter than any call that comes to an end.
        let is_whole = played.ended.by != EndedBy::Caller;
        assert!(
            !is_whole || took >= shortest.lasts,
            "{}: {took:?}, {:?}",
            path.display(),
            shortest.lasts
        );
    }
}

#[test]
fn every_flow_that_loads_is_timed_and_its_shortest_call_is_no_longer_than_its_longest() {
    let folders = Folders {
        flows: root().join("tests/check"),
        audio: root().join("none"),
        hours: root().join("config/hours"),
        backends: None,
        prices: None,
        directory: Directory::default(),
    };
    let sources = read_folder(&folders);
    let ear = sources.ear();
    let loaded: Vec<_> = sources
        .flows
        .iter()
        .filter_map(|source| source.loaded.as_ref().ok())
        .collect();
    assert!(loaded.len() > 15, "{} flows load", loaded.len());
    for loaded in loaded {
        for span in time(&loaded.flow, &ear).spans {
            assert!(
                span.shortest.lasts <= span.longest.lasts,
                "{}: {span:?}",
                loaded.flow.name
            );
        }
    }
}
