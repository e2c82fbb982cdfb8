//! `hookswitch hours close`, `open`, `clear` and `switched`: opening hours that somebody switches, whatever their file says.

use std::fmt::Display;
use std::path::Path;

use jiff::civil::{DateTime, Time};
use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::json;

use crate::cli::reach::{NodeArgs, ReachError, Reached, carry_out};
use crate::cli::{exit, settings};
use crate::hours::{Hours, HoursSwitch};
use crate::settings::Settings;
use crate::store::KeptSwitch;
use crate::telemetry;
use crate::web::control::hours::{self, HoursView};
use crate::web::flows::read_hours;

/// Who acted, for the audit lines of this process.
const BY: &str = "command line";
/// What is logged where no node runs and this process opens the store itself: faults, and who did what.
const LOGGED: &str = "warn,hookswitch::web::control::hours=info";

/// Close, or open, until a time, whatever the file says: on every node within seconds, with no deployment
#[derive(Clone, Debug, clap::Args)]
pub struct SwitchArgs {
    /// Whose hours, as flows name them
    name: String,
    /// Until when, by the clock of the hours: 14:00 (today, or tomorrow where that is over), 2026-12-24T14:00, or with an
    /// offset
    #[arg(long, value_name = "TIME")]
    until: String,
    /// Why, in words that flows may say: `hours.NAME.note`
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
    #[command(flatten)]
    place: NodeArgs,
}

/// Take a switch back: the file holds again
#[derive(Clone, Debug, clap::Args)]
pub struct ClearArgs {
    /// Whose hours, as flows name them
    name: String,
    #[command(flatten)]
    place: NodeArgs,
}

/// List the hours that somebody has switched, with who and why
#[derive(Clone, Debug, clap::Args)]
pub struct SwitchedArgs {
    #[command(flatten)]
    place: NodeArgs,
}

/// Switches; the exit code.
pub fn run(folder: &Path, arguments: &SwitchArgs, open: bool) -> u8 {
    let act = || -> Result<u8, u8> {
        let settings = settings(folder)?;
        let hours = named(&settings, &arguments.name)?;
        let until = until(&arguments.until, &hours, Timestamp::now())?;
        let switch = HoursSwitch {
            open,
            until,
            note: arguments.note.clone(),
        };
        carry_out(switch_hours(
            &settings,
            &arguments.place,
            &arguments.name,
            Some(switch),
        ))?;
        let how = if open { "open" } else { "closed" };
        let clock = hours.zone.to_datetime(until).strftime("%A %Y-%m-%d %H:%M");
        println!("{}: {how} until {clock}", arguments.name);
        Ok(exit::WELL)
    };
    act().unwrap_or_else(|code| code)
}

/// Takes a switch back; the exit code.
pub fn clear(folder: &Path, arguments: &ClearArgs) -> u8 {
    let act = || -> Result<u8, u8> {
        let settings = settings(folder)?;
        carry_out(switch_hours(
            &settings,
            &arguments.place,
            &arguments.name,
            None,
        ))?;
        println!("{}: as its file says", arguments.name);
        Ok(exit::WELL)
    };
    act().unwrap_or_else(|code| code)
}

/// Lists what is switched; the exit code.
pub fn list(folder: &Path, arguments: &SwitchedArgs) -> u8 {
    let act = || -> Result<u8, u8> {
        let settings = settings(folder)?;
        let switched = carry_out(switched(&settings, &arguments.place))?;
        for (name, kept) in switched {
            println!("{name}: {}", words(&kept, &kept.switch.until));
        }
        Ok(exit::WELL)
    };
    act().unwrap_or_else(|code| code)
}

/// What is switched at this moment, as far as somebody can be asked: a node, else the store.
pub fn known(settings: &Settings, now: Timestamp) -> Vec<(String, KeptSwitch)> {
    let asked = async {
        let place = NodeArgs::default();
        Ok::<_, ReachError>(switched(settings, &place).await)
    };
    let mut switched = match carry_out(asked) {
        Ok(Ok(switched)) => switched,
        // Nobody has switched anything where there has been no node.
        Ok(Err(ReachError::NoStore { .. } | ReachError::Memory(_))) | Err(_) => Vec::new(),
        Ok(Err(error)) => {
            eprintln!("warning: whether they are switched is not known: {error}");
            Vec::new()
        }
    };
    switched.retain(|(_, kept)| now < kept.switch.until);
    switched
}

/// A switch in words, with its end by the clock of the hours.
pub fn told(kept: &KeptSwitch, hours: &Hours) -> String {
    let until = hours.zone.to_datetime(kept.switch.until);
    words(kept, &until.strftime("%A %Y-%m-%d %H:%M"))
}

fn words(kept: &KeptSwitch, until: &dyn Display) -> String {
    let KeptSwitch { switch, by, at } = kept;
    let how = if switch.open { "open" } else { "closed" };
    let note = if switch.note.is_empty() {
        String::new()
    } else {
        format!(", \"{}\"", switch.note)
    };
    format!("{how} until {until}{note} (by the {by}, {at})")
}

/// The hours of a name, whose zone `--until` is read in.
fn named(settings: &Settings, name: &str) -> Result<Hours, u8> {
    let read = read_hours(&settings.hours.dir);
    let found = read.hours().into_iter().find(|(known, _)| known == name);
    found.map(|(_, hours)| hours).ok_or_else(|| {
        super::unknown(&read, Some(name), &settings.hours.dir);
        exit::SURROUNDINGS
    })
}

/// The moment that a text means: the next time that the clock shows it, where it is an hour alone.
fn until(text: &str, hours: &Hours, now: Timestamp) -> Result<Timestamp, u8> {
    let at = moment(text, hours, now).ok_or_else(|| {
        eprintln!("error: `{text}` is no time");
        eprintln!("help: write 14:00, 2026-12-24T14:00, or with an offset 2026-12-24T14:00Z");
        exit::USAGE
    })?;
    if at <= now {
        eprintln!("error: `{text}` is over");
        eprintln!(
            "help: a switch holds until a time to come; `hookswitch hours clear` takes one back"
        );
        return Err(exit::USAGE);
    }
    Ok(at)
}

fn moment(text: &str, hours: &Hours, now: Timestamp) -> Option<Timestamp> {
    if let Ok(at) = text.parse() {
        return Some(at);
    }
    let zone = &hours.zone;
    if text.contains('T') {
        return zone.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    }
    let time: Time = text.parse().ok().filter(|_| text.len() == 5)?;
    let today = zone.to_datetime(now).date();
    let days = [today, today.checked_add(1.day()).ok()?];
    let mut times = days
        .into_iter()
        .filter_map(|day| zone.to_timestamp(day.to_datetime(time)).ok());
    times.find(|at| *at > now)
}

async fn switch_hours(
    settings: &Settings,
    place: &NodeArgs,
    name: &str,
    switch: Option<HoursSwitch>,
) -> Result<(), ReachError> {
    match place.reach(settings).await? {
        Reached::Node(node) => {
            let path = format!("api/hours/{name}/switch");
            let (method, body) = match &switch {
                Some(switch) => (Method::POST, Some(json!(switch))),
                None => (Method::DELETE, None),
            };
            node.ask(method, &path, &[], body.as_ref()).await?;
        }
        Reached::Store(store) => {
            if let Err(error) = telemetry::init(settings.log.format, LOGGED) {
                eprintln!("warning: {error}");
            }
            eprintln!("No node runs here: this works on the store itself.");
            let done = hours::set(&store, name, switch, BY).await;
            store.close().await?;
            done?;
        }
    }
    Ok(())
}

async fn switched(
    settings: &Settings,
    place: &NodeArgs,
) -> Result<Vec<(String, KeptSwitch)>, ReachError> {
    match place.reach(settings).await? {
        Reached::Node(node) => {
            let (_, mut answer) = node.ask(Method::GET, "api/hours", &[], None).await?;
            let views: Vec<HoursView> = node.read(answer["hours"].take())?;
            let kept = |view: HoursView| Some((view.name, view.switched?));
            Ok(views.into_iter().filter_map(kept).collect())
        }
        Reached::Store(store) => {
            let now = store.now();
            let switched = store.switched_hours().await;
            store.close().await?;
            let mut switched = switched?;
            switched.retain(|(_, kept)| now < kept.switch.until);
            Ok(switched)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_alone_is_the_next_one() {
        let source = "zone = \"Europe/London\"\nmon-fri = \"08:00-17:30\"\n";
        let hours = crate::hours::read(&"office.toml".into(), source).expect("sound");
        let now: Timestamp = "2026-07-06T11:00:00Z".parse().expect("a moment");
        let read = |text| moment(text, &hours, now).map(|at| at.to_string());
        // Noon in London, in summer.
        assert_eq!(read("14:00").as_deref(), Some("2026-07-06T13:00:00Z"));
        assert_eq!(read("12:00").as_deref(), Some("2026-07-07T11:00:00Z"));
        assert_eq!(
            read("2026-12-24T14:00").as_deref(),
            Some("2026-12-24T14:00:00Z")
        );
        assert_eq!(
            read("2026-12-24T14:00+02:00").as_deref(),
            Some("2026-12-24T12:00:00Z")
        );
        for text in ["", "14", "2026-12-24", "tomorrow", "25:00"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
