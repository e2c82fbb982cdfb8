//! Recorded calls, played on both sides, and compared: what was heard, where it led and what was submitted.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::side::Side;
use crate::cli::{diagnostics, exit, stage, test};
use crate::engine::diag::line_and_column;
use crate::phone::EndedBy;
use crate::replay::{self, AfterCall, Difference, Played, Script};
use crate::web::InProcess;
use crate::web::flows::Flows;

/// What became of the calls.
#[derive(Default)]
pub struct Calls {
    /// How many were played on both sides.
    pub played: usize,
    /// Those that now differ.
    pub changed: Vec<ChangedCall>,
    /// Those that cannot be compared, and why.
    pub left: Vec<(String, String)>,
    /// Files that are no calls, and what is wrong with them.
    pub faulty: Vec<String>,
}

/// A call that now differs.
#[derive(Clone, Debug)]
pub struct ChangedCall {
    pub file: String,
    /// The line of the first turn at which it differs.
    pub line: usize,
    /// That turn, from 1; none where the turns are over.
    pub turn: Option<usize>,
    /// What differs first, in words.
    pub first: String,
    /// What kind of thing that is.
    pub kind: CallDifference,
    /// What was heard or submitted there, and what is now, if that differs.
    pub difference: Option<Difference>,
    /// All that differs in it.
    pub kinds: BTreeSet<CallDifference>,
}

/// How a call differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CallDifference {
    /// It goes another way.
    Way,
    /// It hears other words.
    Words,
    /// It submits other answers.
    Answers,
    End,
}

impl Calls {
    /// How many calls now differ.
    pub fn differ(&self) -> usize {
        self.changed.len()
    }
}

/// What became of a file.
enum Outcome {
    Same,
    Changed(Box<ChangedCall>),
    Left(String),
    Faulty(String),
}

/// Both sides, served to one job.
struct Nodes {
    old: InProcess,
    new: InProcess,
}

/// A call as it was played.
struct Call {
    played: Played,
    left: AfterCall,
}

/// Plays all calls of a folder on both; an exit code where that cannot be done.
pub fn play(
    folder: &Path,
    jobs: Option<NonZero<usize>>,
    old: Side,
    new: Side,
    renamed: BTreeMap<String, BTreeMap<String, String>>,
) -> Result<Calls, u8> {
    let files = test::files::find(&[PathBuf::from(folder)], None)?;
    // The folders of a revision hold recordings: they are kept until the calls are over.
    let (old_flows, new_flows) = (
        Arc::new(Flows::of(old.folders, old.sources)),
        Arc::new(Flows::of(new.folders, new.sources)),
    );
    let start = async || -> Result<Nodes, stage::StageError> {
        let old = InProcess::start(Arc::clone(&old_flows), None).await?;
        Ok(Nodes {
            old,
            new: InProcess::start(Arc::clone(&new_flows), None).await?,
        })
    };
    let one = async |nodes: &Nodes, at: usize| {
        one(&files[at], nodes, (&old_flows, &new_flows), &renamed).await
    };
    let outcomes = stage::each(files.len(), jobs, start, one).map_err(|error| {
        eprintln!("error: {error}");
        exit::SURROUNDINGS
    })?;
    let mut calls = Calls::default();
    for (outcome, file) in outcomes.into_iter().zip(files) {
        calls.played += usize::from(matches!(outcome, Outcome::Same | Outcome::Changed(_)));
        match outcome {
            Outcome::Same => {}
            Outcome::Changed(changed) => calls.changed.push(*changed),
            Outcome::Left(why) => calls.left.push((file, why)),
            Outcome::Faulty(drawn) => calls.faulty.push(drawn),
        }
    }
    Ok(calls)
}

async fn one(
    file: &str,
    nodes: &Nodes,
    (old, new): (&Flows, &Flows),
    renamed: &BTreeMap<String, BTreeMap<String, String>>,
) -> Outcome {
    let source = match test::files::read(Path::new(file)) {
        Ok(source) => source,
        Err(error) => return Outcome::Faulty(format!("error: {file} cannot be read: {error}\n\n")),
    };
    let script = match replay::read(&Arc::from(file), source.clone()) {
        Ok(script) => script,
        Err(diags) => {
            return Outcome::Faulty(diagnostics::draw(
                &diags,
                &[(Arc::from(file), source)].into(),
                false,
            ));
        }
    };
    let missing = match (
        old.by_name(&script.flow).is_some(),
        new.by_name(&script.flow).is_some(),
    ) {
        (true, true) => None,
        (true, false) => Some("is not in the new version"),
        (false, true) => Some("is not in the old version"),
        (false, false) => Some("is on neither side"),
    };
    if let Some(missing) = missing {
        return Outcome::Left(format!("its flow `{}` {missing}", script.flow));
    }
    let sid = stage::sid(&script);
    let both = match (
        stage::play(&script, &nodes.old, &sid).await,
        stage::play(&script, &nodes.new, &sid).await,
    ) {
        (Ok((old, left)), Ok((new, left_now))) => (
            Call { played: old, left },
            Call {
                played: new,
                left: left_now,
            },
        ),
        (Err(error), _) | (_, Err(error)) => return Outcome::Left(error.to_string()),
    };
    let renamed = renamed.get(&script.flow).cloned().unwrap_or_default();
    compare(&script, &both.0, &both.1, &renamed)
        .map_or(Outcome::Same, |changed| Outcome::Changed(Box::new(changed)))
}

/// How the new call differs; nothing if it does not.
fn compare(
    script: &Script,
    old: &Call,
    new: &Call,
    renamed: &BTreeMap<String, String>,
) -> Option<ChangedCall> {
    let (was, is) = (&old.played.stretches, &new.played.stretches);
    let name = |step: &String| renamed.get(step).unwrap_or(step).clone();
    let steps = |stretch: &replay::Stretch| stretch.steps.iter().map(name).collect::<Vec<_>>();
    let way = |at: usize| {
        let (was, is) = (
            was.get(at).map(steps),
            is.get(at).map(|stretch| stretch.steps.clone()),
        );
        (was != is).then(|| (was.unwrap_or_default(), is.unwrap_or_default()))
    };
    let heard = |at: usize| {
        let text = |all: &[replay::Stretch]| {
            all.get(at)
                .map(|stretch| stretch.heard.clone())
                .unwrap_or_default()
        };
        Difference::between(&text(was), &text(is))
    };
    let turns = was.len().max(is.len());
    let ways: Vec<_> = (0..turns).map(way).collect();
    let words: Vec<_> = (0..turns).map(heard).collect();
    let answers = submitted(&old.left, &new.left);
    let ended = (ending(&old.played), ending(&new.played));
    let end = ended.0 != ended.1;
    let at = (0..turns).find(|at| ways[*at].is_some() || words[*at].is_some());
    let (kind, first, difference) = match (at, &answers) {
        (Some(at), _) => {
            let kind = if ways[at].is_some() {
                CallDifference::Way
            } else {
                CallDifference::Words
            };
            (
                kind,
                told(ways[at].as_ref(), words[at].is_some()),
                words[at].clone(),
            )
        }
        (None, Some(difference)) => (
            CallDifference::Answers,
            "it submits other answers".to_owned(),
            Some(difference.clone()),
        ),
        (None, None) if end => (
            CallDifference::End,
            format!("{} instead of {}", ended.1, ended.0),
            None,
        ),
        (None, None) => return None,
    };
    let kinds = [
        (CallDifference::Way, ways.iter().any(Option::is_some)),
        (CallDifference::Words, words.iter().any(Option::is_some)),
        (CallDifference::Answers, answers.is_some()),
        (CallDifference::End, end),
    ];
    let turn = at.filter(|at| *at < script.turns.len());
    let place = turn
        .map(|at| &script.turns[at])
        .or(script.turns.last())
        .map_or(0, |turn| turn.at.start);
    Some(ChangedCall {
        file: script.file.to_string(),
        line: line_and_column(&script.source, place).0,
        turn: turn.map(|turn| turn + 1),
        first,
        kind,
        difference,
        kinds: kinds
            .into_iter()
            .filter(|(_, is)| *is)
            .map(|(kind, _)| kind)
            .collect(),
    })
}

/// What differs first at a turn.
fn told(way: Option<&(Vec<String>, Vec<String>)>, words: bool) -> String {
    let Some((was, is)) = way else {
        return "it hears other words".to_owned();
    };
    let common = was.iter().zip(is).take_while(|(was, is)| was == is).count();
    match (was.get(common), is.get(common)) {
        (Some(was), Some(is)) => format!("it comes to `{is}` instead of `{was}`"),
        (None, Some(is)) => format!("it goes on to `{is}`"),
        (Some(was), None) => format!("it does not come to `{was}` any more"),
        (None, None) if words => "it hears other words".to_owned(),
        (None, None) => "it goes on differently".to_owned(),
    }
}

/// What backends get, without what differs from call to call.
fn submitted(old: &AfterCall, new: &AfterCall) -> Option<Difference> {
    let one = |(backend, body): &(String, Value)| {
        let kind = body["type"].as_str().unwrap_or_default();
        format!("{backend} {kind} {}", body["data"]["answers"])
    };
    let told = |left: &AfterCall| left.sent.iter().map(one).collect::<Vec<_>>().join(", ");
    Difference::between(&told(old), &told(new))
}

fn ending(played: &Played) -> String {
    match &played.ended.by {
        _ if played.is_left_over => "it goes on after the last turn".to_owned(),
        EndedBy::Application => "the flow ends the call".to_owned(),
        EndedBy::Caller => "the caller ends the call".to_owned(),
        EndedBy::Fault(notice) => format!("it ends with error {}", notice.code),
        EndedBy::Unforeseen(verb, to) => {
            format!("it meets <{verb}> to `{to}`, and its file does not say with what outcome")
        }
    }
}
