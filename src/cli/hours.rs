//! `hookswitch hours`: opening hours as people read them: the week, and what differs from it in a year.

mod import;
pub mod switch;

use std::io::{self, Write};
use std::path::Path;

use jiff::civil::{Date, date};
use jiff::{Timestamp, ToSpan};

use super::{diagnostics, exit, settings};
use crate::engine::diag::{Severity, nearest};
use crate::hours::{DatedDay, Hours, HoursState, ranges_text, weekday_name};
use crate::store::KeptSwitch;
use crate::web::flows::{HoursFiles, read_hours};

/// How a moment is shown.
const MOMENT: &str = "%A %Y-%m-%d %H:%M";

/// Show opening hours: the week, and what differs from it in a year
///
/// Reads the files of the folder `hours` beside those of the settings. Exits with 1 if one of them has a fault. A switch
/// (`close`, `open`) beats the file until its time is over, and is shown unless a year is asked for; `clear` takes it back,
/// and `switched` lists them.
#[derive(Clone, Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HoursArgs {
    #[command(subcommand)]
    act: Option<HoursAct>,
    /// Whose hours, as flows name them [default: all of them]
    name: Option<String>,
    /// The year whose days are shown [default: this one, and whether it is open now]
    #[arg(long, value_parser = clap::value_parser!(i16).range(1900..=9998))]
    year: Option<i16>,
}

/// What is done with opening hours.
#[derive(Clone, Debug, clap::Subcommand)]
enum HoursAct {
    Close(switch::SwitchArgs),
    Open(switch::SwitchArgs),
    Clear(switch::ClearArgs),
    Switched(switch::SwitchedArgs),
    Import(import::ImportArgs),
}

/// Does what is asked; the exit code.
pub fn run(folder: &Path, arguments: &HoursArgs) -> u8 {
    match &arguments.act {
        None => show(folder, arguments),
        Some(HoursAct::Close(arguments)) => switch::run(folder, arguments, false),
        Some(HoursAct::Open(arguments)) => switch::run(folder, arguments, true),
        Some(HoursAct::Clear(arguments)) => switch::clear(folder, arguments),
        Some(HoursAct::Switched(arguments)) => switch::list(folder, arguments),
        Some(HoursAct::Import(arguments)) => import::run(arguments),
    }
}

fn show(folder: &Path, arguments: &HoursArgs) -> u8 {
    match told(folder, arguments) {
        Ok((text, code)) => match io::stdout().lock().write_all(text.as_bytes()) {
            // A reader that stops early, such as `head`, has what it wants.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                eprintln!("error: {error}");
                exit::SURROUNDINGS
            }
            _ => code,
        },
        Err(code) => code,
    }
}

fn told(folder: &Path, arguments: &HoursArgs) -> Result<(String, u8), u8> {
    let settings = settings(folder)?;
    let read = read_hours(&settings.hours.dir);
    let all = read.hours();
    eprint!("{}", diagnostics::draw(&read.faults, &read.texts, false));
    let is_error = |severity| severity == Severity::Error;
    let is_faulty = read.faults.iter().any(|diag| is_error(diag.severity));
    let shown: Vec<&(String, Hours)> = match &arguments.name {
        None => all.iter().collect(),
        Some(name) => all.iter().filter(|(known, _)| known == name).collect(),
    };
    if shown.is_empty() {
        unknown(&read, arguments.name.as_deref(), &settings.hours.dir);
        return Err(if is_faulty {
            exit::FAULTS
        } else {
            exit::SURROUNDINGS
        });
    }
    let now = Timestamp::now();
    let switched = match arguments.year {
        None => switch::known(&settings, now),
        Some(_) => Vec::new(),
    };
    let shown = shown.into_iter();
    let tables = shown.map(|(name, hours)| {
        let mut switched = switched.iter().filter(|(known, _)| known == name);
        let kept = switched.next().map(|(_, kept)| kept);
        table(name, (hours, kept), arguments.year, now)
    });
    let code = if is_faulty { exit::FAULTS } else { exit::WELL };
    Ok((tables.collect::<Vec<_>>().join("\n"), code))
}

/// Says that there are no hours, or none of a name.
fn unknown(read: &HoursFiles, name: Option<&str>, folder: &Path) {
    let of = folder.display();
    match name {
        Some(name) => eprintln!("error: no hours are named `{name}` in {of}"),
        None => eprintln!("error: no hours are in {of}"),
    }
    let names = || read.files.iter().map(|file| file.name.as_str());
    match nearest(name.unwrap_or_default(), names()) {
        Some(near) if Some(near) != name => eprintln!("help: did you mean `{near}`?"),
        _ if read.files.is_empty() => {
            eprintln!("help: write them down in a file such as `{of}/office.toml`");
        }
        _ => eprintln!("help: there are {}", names().collect::<Vec<_>>().join(", ")),
    }
}

/// The week and the days of a year that differ from it, a line each.
fn table(
    name: &str,
    (hours, switched): (&Hours, Option<&KeptSwitch>),
    year: Option<i16>,
    now: Timestamp,
) -> String {
    let zone = hours.zone.iana_name().unwrap_or("UTC");
    let mut text = format!("{name} ({zone})");
    if year.is_none() {
        let switch = switched.map(|kept| &kept.switch);
        text += &format!(": {}", at_present(&HoursState { hours, switch }, now));
    }
    text.push('\n');
    if let Some(kept) = switched {
        text += &format!("  switched: {}\n", switch::told(kept, hours));
    }
    if let Some((until, _)) = &hours.until {
        text += &format!("  the dates are known until {until}\n");
    }
    text += &week(hours);
    let year = year.unwrap_or_else(|| hours.zone.to_datetime(now).year());
    let days = days(hours, year);
    if !days.is_empty() {
        text += &format!("\n  {year}\n{days}");
    }
    text
}

/// Whether it is open, and when that changes.
pub fn at_present(state: &HoursState<'_>, now: Timestamp) -> String {
    let (is, next, at) = if state.is_open(now) {
        ("open", "closes", state.closes(now))
    } else {
        ("closed", "opens", state.opens(now))
    };
    let at = at.map(|at| state.clock(at).strftime(MOMENT).to_string());
    at.map_or_else(|| is.to_owned(), |at| format!("{is}, {next} {at}"))
}

fn week(hours: &Hours) -> String {
    // 2026-01-05 is a Monday.
    let days: Vec<Date> = date(2026, 1, 5).series(1.day()).take(7).collect();
    let runs = days.chunk_by(|one, other| hours.of_weekday(*one) == hours.of_weekday(*other));
    let line = |run: &[Date]| {
        let first = weekday_name(run[0].weekday());
        let last = weekday_name(run[run.len() - 1].weekday());
        let days = if run.len() == 1 {
            first.to_owned()
        } else {
            format!("{first}-{last}")
        };
        format!("  {days:<16}{}\n", ranges_text(hours.of_weekday(run[0])))
    };
    runs.map(line).collect()
}

/// The days of a year that have hours of their own, and those on which the clock is changed.
fn days(hours: &Hours, year: i16) -> String {
    let first = date(year, 1, 1);
    let days = first.series(1.day()).take_while(|day| day.year() == year);
    let line = |day: Date| {
        let dated = hours.dated.get(&day).map(dated);
        let clock = clock(hours, day);
        let told: Vec<String> = dated.into_iter().chain(clock).collect();
        let weekday = weekday_name(day.weekday());
        (!told.is_empty()).then(|| format!("  {weekday} {day}  {}\n", told.join("; ")))
    };
    days.filter_map(line).collect()
}

fn dated(day: &DatedDay) -> String {
    let note = if day.note.is_empty() {
        String::new()
    } else {
        format!(" ({})", day.note)
    };
    format!("{}{note}", ranges_text(&day.open))
}

/// How the clock on the wall is changed on a day.
fn clock(hours: &Hours, day: Date) -> Option<String> {
    let begins = |day: Date| hours.zone.to_timestamp(day.at(0, 0, 0, 0)).ok();
    let (from, to) = (begins(day)?, begins(day.tomorrow().ok()?)?);
    let (before, after) = (hours.zone.to_offset(from), hours.zone.to_offset(to));
    let turn = hours.zone.following(from).next()?;
    let at = turn.timestamp();
    let shows = |offset: jiff::tz::Offset| offset.to_datetime(at).strftime("%H:%M").to_string();
    (before != after && at <= to)
        .then(|| format!("the clock goes from {} to {}", shows(before), shows(after)))
}
