//! Recorded calls, played on both sides, and compared: what was heard, where it led and what was submitted.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use super::handed_on::world_of_steps;
use super::side::Side;
use super::unloaded::Unloaded;
use crate::cli::{diagnostics, exit, stage, test};
use crate::engine::diag::line_and_column;
use crate::phone::EndedBy;
use crate::replay::{self, AfterCall, Difference, Played, Script, Stretch};
use crate::store;
use crate::study::diff::Diff;
use crate::web::InProcess;
use crate::web::flows::Flows;

/// How often a call is played at most until its world knows everybody whom its steps hand it on to.
const MOST_TIMES: usize = 8;

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

/// What is known of the flows.
pub struct Compared<'a> {
    /// What changes in each.
    pub diffs: BTreeMap<String, Diff>,
    /// Those that do not load.
    pub unloaded: &'a [Unloaded],
}

/// Plays all calls of a folder on both; an exit code where that cannot be done.
pub fn play(
    folder: &Path,
    jobs: Option<NonZero<usize>>,
    old: Side,
    new: Side,
    compared: &Compared<'_>,
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
        one(&files[at], nodes, (&old_flows, &new_flows), compared).await
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
    compared: &Compared<'_>,
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
    let unloaded = compared
        .unloaded
        .iter()
        .find(|flow| flow.name == script.flow);
    if let Some(unloaded) = unloaded {
        return Outcome::Left(format!("of its flow `{}` {unloaded}", script.flow));
    }
    if let Some(missing) = missing {
        return Outcome::Left(format!("its flow `{}` {missing}", script.flow));
    }
    let none = Diff::default();
    let diff = compared.diffs.get(&script.flow).unwrap_or(&none);
    match on_both(&script, nodes, diff).await {
        Ok((old, new)) => compare(&script, &old, &new, diff)
            .map_or(Outcome::Same, |changed| Outcome::Changed(Box::new(changed))),
        Err(error) => Outcome::Left(error.to_string()),
    }
}

/// Plays a call on both, on the new one in a world that answers at each step as before.
async fn on_both(
    script: &Script,
    nodes: &Nodes,
    diff: &Diff,
) -> Result<(Call, Call), store::Error> {
    let sid = stage::sid(script);
    let (played, left) = stage::play(script, &nodes.old, &sid).await?;
    let old = Call { played, left };
    let (mut played, mut left) = stage::play(script, &nodes.new, &sid).await?;
    let mut now = script.clone();
    for again in 1..=MOST_TIMES {
        let worlds = ((&script.world, &old.played), (&now.world, &played));
        let Some(world) = world_of_steps(worlds.0, worlds.1, |step| diff.name_now(step)) else {
            break;
        };
        now.world = world;
        // A call that was played has used its name up.
        now.file = Arc::from(format!("{} {again}", script.file));
        (played, left) = stage::play(&now, &nodes.new, &stage::sid(&now)).await?;
    }
    Ok((old, Call { played, left }))
}

/// How the new call differs; nothing if it does not.
fn compare(script: &Script, old: &Call, new: &Call, diff: &Diff) -> Option<ChangedCall> {
    let differences = Differences::between(old, new, diff);
    let (kind, first, difference) = differences.first()?;
    let turn = differences.turn().filter(|at| *at < script.turns.len());
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
        kinds: differences.kinds(),
    })
}

/// All that differs between a call as it was and as it is now.
struct Differences {
    /// The steps of each turn, before and now, if they differ.
    ways: Vec<Option<(Vec<String>, Vec<String>)>>,
    /// What is heard in each turn, if that differs.
    words: Vec<Option<Difference>>,
    answers: Option<Difference>,
    /// How it ended, before and now, if that differs.
    end: Option<(String, String)>,
}

impl Differences {
    fn between(old: &Call, new: &Call, diff: &Diff) -> Self {
        let (was, is) = (&old.played.stretches, &new.played.stretches);
        // A step that only ends the call is noticed by nobody.
        let steps = |stretch: &Stretch, unnoticed: &BTreeSet<String>| {
            let steps = stretch.steps.iter();
            let noticed = steps.filter(|step| !unnoticed.contains(*step));
            noticed.cloned().collect::<Vec<_>>()
        };
        let way = |at: usize| {
            let was = was.get(at).map(|stretch| {
                let steps = steps(stretch, &diff.unnoticed.0).into_iter();
                steps.map(|step| diff.name_now(&step)).collect::<Vec<_>>()
            });
            let is = is.get(at).map(|stretch| steps(stretch, &diff.unnoticed.1));
            (was != is).then(|| (was.unwrap_or_default(), is.unwrap_or_default()))
        };
        let heard = |all: &[Stretch], at: usize| {
            all.get(at)
                .map(|stretch| stretch.heard.clone())
                .unwrap_or_default()
        };
        let turns = was.len().max(is.len());
        let ends = (ending(&old.played), ending(&new.played));
        Self {
            ways: (0..turns).map(way).collect(),
            words: (0..turns)
                .map(|at| Difference::between(&heard(was, at), &heard(is, at)))
                .collect(),
            answers: submitted(&old.left, &new.left),
            end: (ends.0 != ends.1).then_some(ends),
        }
    }

    /// The first turn that differs.
    fn turn(&self) -> Option<usize> {
        (0..self.ways.len()).find(|at| self.ways[*at].is_some() || self.words[*at].is_some())
    }

    /// What differs first: its kind, in words, and as two texts if it has any.
    fn first(&self) -> Option<(CallDifference, String, Option<Difference>)> {
        if let Some(at) = self.turn() {
            let (way, words) = (self.ways[at].as_ref(), self.words[at].clone());
            let kind = if way.is_some() {
                CallDifference::Way
            } else {
                CallDifference::Words
            };
            return Some((kind, told(way, words.is_some()), words));
        }
        if let Some(answers) = self.answers.clone() {
            let first = "it submits other answers".to_owned();
            return Some((CallDifference::Answers, first, Some(answers)));
        }
        let (was, is) = self.end.as_ref()?;
        Some((CallDifference::End, format!("{is} instead of {was}"), None))
    }

    fn kinds(&self) -> BTreeSet<CallDifference> {
        [
            (CallDifference::Way, self.ways.iter().any(Option::is_some)),
            (
                CallDifference::Words,
                self.words.iter().any(Option::is_some),
            ),
            (CallDifference::Answers, self.answers.is_some()),
            (CallDifference::End, self.end.is_some()),
        ]
        .into_iter()
        .filter_map(|(kind, differs)| differs.then_some(kind))
        .collect()
    }
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
