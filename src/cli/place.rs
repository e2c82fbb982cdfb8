//! `hookswitch place`: has calls placed, one or as many as a file has rows.

mod rows;

use std::path::{Path, PathBuf};

use clap::Args;
use jiff::{SignedDuration, Timestamp};
use reqwest::Method;
use serde_json::{Value, json};

use self::rows::{Row, read_rows};
use super::reach::{NodeArgs, ReachError, Reached, Remote, carry_out};
use super::{exit, settings};
use crate::web::control::placements::{KeyedOrder, ManyOrders, OrderResult};
use crate::web::placing::{PlacementRequest, PlacementView};

/// How many calls are handed to the node at once.
const AT_ONCE: usize = 200;

/// Place a call, or one for each row of a file
///
/// The node that runs places them: when it may, by the flow's hours at whoever is called, the pace, the policy and the list of
/// numbers that are not called. A call has a key, and a row one made of the campaign and its `id`: what is asked for twice is
/// done once, so that the command may be given again whatever became of it.
///
/// A file of rows is CSV with a header: `to`, `id`, perhaps `from` and `not_before`, and a column for each of the flow's
/// `[args]`. A row that cannot be called is named with its line, and then nobody is called.
///
/// Exit codes: 0 it is done, 1 something cannot be called, 2 usage, 3 no node answers.
#[derive(Clone, Debug, Args)]
pub struct PlaceArgs {
    /// The flow, by its name
    flow: String,
    /// Whom to call: a plus, country code and number
    #[arg(
        long,
        value_name = "NUMBER",
        required_unless_present = "rows",
        conflicts_with = "rows"
    )]
    to: Option<String>,
    /// What the flow is given, such as slot="tomorrow"; several are possible
    #[arg(long, value_name = "NAME=VALUE", value_parser = given)]
    set: Vec<(String, String)>,
    /// The number that calls [default: outbound.from of the settings]
    #[arg(long, value_name = "NUMBER")]
    from: Option<String>,
    /// The key under which the call is placed once [default: a new one]
    #[arg(long, conflicts_with = "rows")]
    key: Option<String>,
    /// When it may begin
    #[arg(long, value_name = "TIME")]
    not_before: Option<Timestamp>,
    /// When it is too late
    #[arg(long, value_name = "TIME")]
    not_after: Option<Timestamp>,
    /// A CSV file with a row for each call
    #[arg(long, value_name = "FILE")]
    rows: Option<PathBuf>,
    /// The campaign's name, which the keys of its rows are made of [default: the name of the file]
    #[arg(long, value_name = "NAME", requires = "rows")]
    campaign: Option<String>,
    /// How many of its calls may begin, such as 2/s, 30/m or 500/h
    #[arg(long, value_name = "PACE", requires = "rows", value_parser = pace)]
    pace: Option<f64>,
    /// Only look whether they can be placed
    #[arg(long)]
    check: bool,
    /// Only show how they stand
    #[arg(long, conflicts_with = "check")]
    status: bool,
    #[command(flatten)]
    place: NodeArgs,
}

/// Something that the flow is given.
fn given(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Calls a second.
fn pace(text: &str) -> Result<f64, String> {
    let wrong = || "write a number and /s, /m or /h, such as 30/m".to_owned();
    let (number, each) = text.split_once('/').ok_or_else(wrong)?;
    let number: f64 = number.parse().map_err(|_| wrong())?;
    let seconds = match each {
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(wrong()),
    };
    let pace = number / seconds;
    if (0.001..=1_000.0).contains(&pace) {
        Ok(pace)
    } else {
        Err("write a pace from 4/h to 1000/s".to_owned())
    }
}

/// Places calls; the exit code.
pub fn run(folder: &Path, arguments: &PlaceArgs) -> u8 {
    place(folder, arguments).unwrap_or_else(|code| code)
}

fn place(folder: &Path, arguments: &PlaceArgs) -> Result<u8, u8> {
    let orders = match &arguments.rows {
        Some(file) => of_rows(file, arguments)?,
        None => vec![Row {
            line: 0,
            order: alone(arguments),
        }],
    };
    let settings = settings(folder)?;
    let work = async {
        match arguments.place.reach(&settings).await? {
            Reached::Node(node) => Ok(Some(with_node(&node, arguments, &orders).await?)),
            Reached::Store(store) => {
                store.close().await?;
                Ok(None)
            }
        }
    };
    match carry_out(work)? {
        Some(code) => Ok(code),
        None => {
            eprintln!("error: no node runs here, and only a node places calls");
            eprintln!("help: start one with `hookswitch serve`, or name one by --server");
            Err(exit::SURROUNDINGS)
        }
    }
}

/// The one call of a command without a file.
fn alone(arguments: &PlaceArgs) -> KeyedOrder {
    let args = arguments.set.iter();
    let args = args.map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    let new = || format!("cli-{:016x}{:016x}", fastrand::u64(..), fastrand::u64(..));
    KeyedOrder {
        key: arguments.key.clone().unwrap_or_else(new),
        call: PlacementRequest {
            flow: arguments.flow.clone(),
            to: arguments.to.clone().unwrap_or_default(),
            args: args.collect(),
            from: arguments.from.clone(),
            not_before: arguments.not_before,
            not_after: arguments.not_after,
            campaign: None,
            pace: None,
        },
    }
}

/// The calls of a file, each when its turn comes by the pace.
fn of_rows(file: &Path, arguments: &PlaceArgs) -> Result<Vec<Row>, u8> {
    let stem = file
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let campaign = arguments.campaign.clone().or(stem).unwrap_or_default();
    let common = PlacementRequest {
        campaign: Some(campaign),
        pace: arguments.pace,
        ..alone(arguments).call
    };
    let mut rows = read_rows(file, &common).map_err(|faults| {
        for fault in faults {
            eprintln!("error: {fault}");
        }
        eprintln!("Nobody is called.");
        exit::FAULTS
    })?;
    if let (Some(pace), Some(first)) = (arguments.pace, arguments.not_before) {
        for (nth, row) in rows.iter_mut().enumerate() {
            let wait = SignedDuration::from_secs_f64(nth as f64 / pace);
            let begins = first.checked_add(wait).unwrap_or(first);
            row.order.call.not_before.get_or_insert(begins);
        }
    }
    Ok(rows)
}

/// Looks at all of them first; only where each can be placed, they are.
async fn with_node(node: &Remote, arguments: &PlaceArgs, rows: &[Row]) -> Result<u8, ReachError> {
    if arguments.status {
        return status(node, rows).await;
    }
    let looked = send(node, rows, true).await?;
    let faults: Vec<String> = looked
        .iter()
        .zip(rows)
        .filter_map(|(result, row)| Some(row.fault(result.error.as_ref()?)))
        .collect();
    if !faults.is_empty() {
        for fault in &faults {
            eprintln!("error: {fault}");
        }
        eprintln!("Nobody is called.");
        return Ok(exit::FAULTS);
    }
    if arguments.check {
        println!("{} can be placed", calls(rows.len()));
        return Ok(exit::WELL);
    }
    let placed = send(node, rows, false).await?;
    let mut code = exit::WELL;
    for (result, row) in placed.iter().zip(rows) {
        match (&result.call, &result.error) {
            (Some(view), _) if rows.len() == 1 => println!("{}", told(view)),
            (_, Some(error)) => {
                eprintln!("error: {}", row.fault(error));
                code = exit::FAULTS;
            }
            _ => {}
        }
    }
    if rows.len() > 1 {
        tally(&placed);
    }
    Ok(code)
}

async fn send(
    node: &Remote,
    rows: &[Row],
    only_check: bool,
) -> Result<Vec<OrderResult>, ReachError> {
    let mut results = Vec::with_capacity(rows.len());
    for some in rows.chunks(AT_ONCE) {
        let orders = ManyOrders {
            only_check,
            calls: some.iter().map(|row| row.order.clone()).collect(),
        };
        let (_, answer) = node
            .ask(Method::POST, "calls/many", &[], Some(&json!(orders)))
            .await?;
        let calls = answer.get("calls").cloned().unwrap_or_default();
        results.extend(node.read::<Vec<OrderResult>>(calls)?);
    }
    Ok(results)
}

async fn status(node: &Remote, rows: &[Row]) -> Result<u8, ReachError> {
    let mut results = Vec::with_capacity(rows.len());
    for some in rows.chunks(AT_ONCE) {
        let keys: Vec<&str> = some.iter().map(|row| row.order.key.as_str()).collect();
        let (_, answer) = node
            .ask(
                Method::POST,
                "calls/look",
                &[],
                Some(&json!({ "keys": keys })),
            )
            .await?;
        let calls = answer.get("calls").cloned().unwrap_or_default();
        results.extend(node.read::<Vec<OrderResult>>(calls)?);
    }
    if let [
        OrderResult {
            call: Some(view), ..
        },
    ] = results.as_slice()
    {
        println!("{}", told(view));
    } else {
        tally(&results);
    }
    Ok(exit::WELL)
}

/// How a call stands, in a line.
fn told(view: &PlacementView) -> String {
    let tries = view.tries.iter().map(|one| {
        let what = one.outcome.as_deref().or(one.call.as_deref());
        what.map_or_else(|| format!("due {}", one.at), str::to_owned)
    });
    let tries: Vec<String> = tries.collect();
    let (id, to, state) = (&view.id, &view.to, &view.state);
    format!("{id} {to} {state}: {}", tries.join(", "))
}

/// How many calls stand how.
fn tally(results: &[OrderResult]) {
    let mut counts = std::collections::BTreeMap::<String, usize>::new();
    for result in results {
        let state = match &result.call {
            None if result.before => "done before".to_owned(),
            None => "unknown".to_owned(),
            Some(view) => {
                let last = view.tries.iter().rev().find_map(|one| one.outcome.clone());
                match last {
                    Some(outcome) => format!("{} ({outcome})", view.state),
                    None => view.state.clone(),
                }
            }
        };
        *counts.entry(state).or_default() += 1;
    }
    println!("{}", calls(results.len()));
    for (state, count) in counts {
        println!("  {count:>6}  {}", state.replace('_', " "));
    }
}

fn calls(count: usize) -> String {
    match count {
        1 => "1 call".to_owned(),
        count => format!("{count} calls"),
    }
}

#[cfg(test)]
mod tests {
    use super::pace;

    #[test]
    fn a_pace_is_a_number_of_calls_in_a_time() {
        let near = |text: &str, wanted: f64| (pace(text).expect("a pace") - wanted).abs() < 1e-9;
        assert!(near("2/s", 2.0) && near("30/m", 0.5) && near("3600/h", 1.0));
        for wrong in [
            "", "1", "1/d", "x/s", "0/s", "-1/s", "NaN/s", "1/h", "5000/s",
        ] {
            assert!(pace(wrong).is_err(), "{wrong}");
        }
    }
}
