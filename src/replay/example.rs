//! The call that shows a fault of a flow, as a test file: it fails while the fault is there, and passes once it is fixed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::draft::{SCHEMA, act_line, fields_line};
use super::world::SERVICES;
use crate::written::CallerAct;
use crate::written::diag::{Diag, Example, ExampleStep, Shows, StepEvent};

/// The widest line of a comment.
const WIDTH: usize = 118;

/// What is written where it rings until the flow's own time is over: longer than any flow lets it.
const AS_LONG_AS_MAY_BE: &str = ", after = \"1h\"";

/// The test file of a fault of a flow: `place` is where the fault stands, `file` where the test file will. `None` where
/// no call can show it: where it takes an error of the carrier, somebody whom only a call knows, two outcomes of reaching
/// out to the same one, or where nobody but the call itself knows what is left over.
pub fn example(flow: &str, diag: &Diag, place: &str, file: &str) -> Option<String> {
    let example = diag.call.as_ref().filter(|example| {
        !matches!(
            example.shows,
            Shows::Cost | Shows::LeftOver { .. } | Shows::Comes(_)
        )
    })?;
    let (turns, world) = (turns(example)?, world(example)?);
    let mut text = SCHEMA.to_owned() + &comment(diag, example, place, file);
    let _ = writeln!(
        text,
        "flow = \"{flow}\"\nopen = true                              # what is not said here may be anything"
    );
    if let Some(at) = &example.at {
        let _ = writeln!(text, "at   = {at}");
    }
    text.push_str(&fields_line(&example.fields));
    text.push_str(&turns);
    text.push_str(&end(example));
    if !world.is_empty() {
        text.push_str("\n[world]\n");
        for line in world.values() {
            text.push_str(line);
        }
    }
    Some(text)
}

fn comment(diag: &Diag, example: &Example, place: &str, file: &str) -> String {
    let shown = match &example.shows {
        Shows::Failure => "a step cannot be done".to_owned(),
        Shows::Unset => "a name is read that is not set".to_owned(),
        Shows::NoEnd => "it goes on after everything was tried".to_owned(),
        Shows::Survivor { backend, answer } => format!("`{backend}` gets `{answer}`"),
        Shows::NotReached(step) => {
            format!("no key leads to `{step}`; the last one here is only an example")
        }
        Shows::Longer(seconds) => format!("it takes more than {seconds} s"),
        Shows::LeftOver { backend, answer } => format!("`{backend}` does not get `{answer}`"),
        Shows::Cost => "what it costs".to_owned(),
        Shows::Comes(step) => format!("it comes to `{step}`"),
    };
    let message = diag.message.replace('\n', " ");
    let said = format!(
        "{place}: {message} ({}). This call shows it: {shown}.",
        diag.code
    );
    let help = diag.help.as_deref().map_or_else(String::new, |help| {
        format!(": {}", help.trim_end_matches('.'))
    });
    let way_out = format!(
        "`hookswitch test {file}` fails while that is so, and passes once it is fixed{help}."
    );
    wrapped(&said) + &wrapped(&way_out)
}

/// A text as lines of a comment.
fn wrapped(text: &str) -> String {
    let mut lines = String::new();
    let mut line = String::from("#");
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > WIDTH && line != "#" {
            lines.push_str(&line);
            lines.push('\n');
            "#".clone_into(&mut line);
        }
        line.push(' ');
        line.push_str(word);
    }
    lines + &line + "\n"
}

fn all(example: &Example) -> impl Iterator<Item = &ExampleStep> {
    example.acts.iter().chain(&example.then)
}

fn turns(example: &Example) -> Option<String> {
    let mut text = String::new();
    for ExampleStep { step, event } in all(example) {
        let act = match event {
            StepEvent::Acts(act) => act,
            StepEvent::Came { .. } | StepEvent::HangUp => continue,
            StepEvent::Refused | StepEvent::HangUpAway => return None,
        };
        let gap = if *act == CallerAct::Silent { " " } else { "" };
        let act = act_line(act);
        let _ = write!(text, "\n[[turn]]\nstep {gap} = \"{step}\"\n{act}\n");
    }
    Some(text)
}

fn end(example: &Example) -> String {
    let hangs_up = all(example).any(|act| act.event == StepEvent::HangUp);
    match &example.shows {
        Shows::Failure | Shows::Unset if hangs_up => {
            let waits = waits_before_hanging_up(example);
            let waits = (waits > 0).then(|| format!("after_waits = {waits}\n"));
            format!("\n[end]\nby = \"caller\"\n{}", waits.unwrap_or_default())
        }
        Shows::Failure | Shows::Unset => String::new(),
        Shows::NoEnd => "\n[end]\nby = \"flow\"\n".to_owned(),
        Shows::Survivor { backend, answer } => {
            format!("\n[submitted.{backend}]\nlacks = [\"{answer}\"]\n")
        }
        Shows::NotReached(step) => format!("\n[end]\nstep = \"{step}\"\n"),
        Shows::Longer(seconds) => format!("\n[end]\nseconds = [0, {seconds}]\n"),
        Shows::LeftOver { .. } | Shows::Cost | Shows::Comes(_) => String::new(),
    }
}

/// How often the call comes back from where it was handed on between the caller's last act and the hang-up.
fn waits_before_hanging_up(example: &Example) -> usize {
    let until = all(example).take_while(|act| act.event != StepEvent::HangUp);
    until.fold(0, |waits, act| match &act.event {
        // Whoever asks a service does not hand the call on.
        StepEvent::Came { key, .. } if key.as_deref().is_some_and(is_service) => waits,
        StepEvent::Came { .. } => waits + 1,
        StepEvent::Acts(_) => 0,
        StepEvent::Refused | StepEvent::HangUp | StepEvent::HangUpAway => waits,
    })
}

fn is_service(key: &str) -> bool {
    key.starts_with(SERVICES)
}

/// The line of everybody whom the call reaches out to.
fn world(example: &Example) -> Option<BTreeMap<&str, String>> {
    let mut world: BTreeMap<&str, String> = BTreeMap::new();
    for act in all(example) {
        let StepEvent::Came { key, outcome, .. } = &act.event else {
            continue;
        };
        let rings = if matches!(example.shows, Shows::Longer(_)) {
            AS_LONG_AS_MAY_BE
        } else {
            ""
        };
        let key = key.as_deref().unwrap_or(&act.step);
        let line = format!("{key} = {{ outcome = \"{outcome}\"{rings} }}\n");
        let before = world.insert(key, line.clone());
        if before.is_some_and(|other| other != line) {
            return None;
        }
    }
    Some(world)
}
