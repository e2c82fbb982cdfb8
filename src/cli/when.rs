//! `hookswitch when`: what a caller hears first who calls at a moment.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::hours::{at_present, switch};
use super::{exit, one_flow, settings, stage};
use crate::engine::load::Loaded;
use crate::hours::HoursState;
use crate::replay;
use crate::web::flows::Folders;

/// Show what a caller hears first who calls at a moment
///
/// The call is made in this process, as by `hookswitch test`: nothing is sent.
#[derive(Clone, Debug, clap::Args)]
pub struct WhenArgs {
    /// The flow: its name in the folder of the flows, or a file
    flow: String,
    /// The moment: by the clock of the flow, as 2026-12-24T09:30, or with its offset, as 2026-12-24T09:30Z [default: now]
    #[arg(value_name = "MOMENT")]
    at: Option<String>,
}

/// Shows it; the exit code.
pub fn run(folder: &Path, arguments: &WhenArgs) -> u8 {
    super::deep(|| told(folder, arguments).unwrap_or_else(|code| code))
}

fn told(folder: &Path, arguments: &WhenArgs) -> Result<u8, u8> {
    let settings = settings(folder)?;
    let folders = Folders {
        backends: None,
        ..Folders::of(&settings)
    };
    let loaded = one_flow::find(&arguments.flow, &folders)?;
    let zone = clock_of(&loaded);
    let at = match &arguments.at {
        Some(text) => moment(text, &zone)?,
        None => Timestamp::now(),
    };
    let clock = at.to_zoned_datetime(zone);
    println!("{}", clock.strftime("%A %Y-%m-%d %H:%M %Z"));
    let switched = switch::known(&settings, at);
    for (name, hours) in &loaded.flow.hours {
        println!("{name}: {}", at_present(&HoursState::of(hours), at));
        if let Some((_, kept)) = switched.iter().find(|(known, _)| known == name) {
            let words = switch::told(kept, hours);
            eprintln!("note: this is what the file of `{name}` says, but it is switched: {words}");
        }
    }
    for line in heard(&loaded, folders, at)? {
        println!("{line}");
    }
    Ok(exit::WELL)
}

/// The clock that a moment without an offset is read by: the flow's, else that of the first hours that it reads.
fn clock_of(loaded: &Loaded) -> TimeZone {
    let flow = &loaded.flow;
    let hours = flow.hours.first().map(|(_, hours)| &hours.zone);
    let own = (flow.zone != TimeZone::UTC).then_some(&flow.zone);
    own.or(hours).unwrap_or(&flow.zone).clone()
}

fn moment(text: &str, zone: &TimeZone) -> Result<Timestamp, u8> {
    if let Ok(at) = text.parse() {
        return Ok(at);
    }
    let Ok(clock) = text.parse::<DateTime>() else {
        eprintln!("error: `{text}` is no moment");
        eprintln!("help: write 2026-12-24T09:30, or with an offset 2026-12-24T09:30Z");
        return Err(exit::USAGE);
    };
    let at = zone.to_timestamp(clock).map_err(|error| {
        eprintln!("error: `{text}` is no moment: {error}");
        exit::USAGE
    })?;
    if zone.to_ambiguous_timestamp(clock).is_ambiguous() {
        let shows = zone.to_datetime(at).strftime("%H:%M").to_string();
        eprintln!("note: the clock is changed then: {shows} is taken, which is {at}");
    }
    Ok(at)
}

/// What is heard until the first question, or the end, and to whom the call goes.
fn heard(loaded: &Loaded, folders: Folders, at: Timestamp) -> Result<Vec<String>, u8> {
    let refuse = |error: &dyn std::fmt::Display| {
        eprintln!("error: the call cannot be made: {error}");
        exit::SURROUNDINGS
    };
    let text = format!(
        "flow = \"{}\"\nat = {at}\nopen = true\n[end]\nby = \"caller\"\n",
        loaded.flow.name
    );
    let script = replay::read(&Arc::from("a call"), text);
    let script = script.expect("a call without turns can be read");
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| refuse(&error))?;
    let played = runtime.block_on(async {
        let node = stage::node(&loaded.bundle, folders).await?;
        let played = stage::play(&script, &node, &stage::sid(&script)).await;
        played.map_err(|error| error.to_string())
    });
    let (played, _) = played.map_err(|error: String| refuse(&error))?;
    let mut lines = Vec::new();
    if let Some(first) = played.stretches.first() {
        lines.push(format!("the caller hears: {}", first.heard));
        let handed = first.handed_on.iter();
        lines.extend(handed.map(|(whom, _)| format!("and is put through to {whom}")));
    }
    Ok(lines)
}
