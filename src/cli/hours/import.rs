//! `hookswitch hours import`: opening hours that other programs have.

use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use crate::cli::exit;
use crate::import::hours::{HoursDraft, NotRead, Years, ical, osm};
use crate::written::unmarked;

/// The largest calendar that is read, in bytes.
const MAX_CALENDAR: u64 = 8 * 1024 * 1024;

/// Print opening hours that another program has as a file of ours, or as lines of one
///
/// What has no place in such a file is refused or left out, and told on stderr.
#[derive(Clone, Debug, clap::Args)]
pub struct ImportArgs {
    #[command(subcommand)]
    form: ImportForm,
    /// The last year of days that name none; from this one on [default: next year]
    #[arg(long, global = true, value_name = "YEAR", value_parser = clap::value_parser!(i16).range(1900..=9998))]
    until: Option<i16>,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum ImportForm {
    /// A file of hours, out of the `opening_hours` of OpenStreetMap
    Osm {
        /// The text: 'Mo-Fr 08:00-12:30,13:30-17:30; Sa 09:00-12:00'
        text: String,
        /// The zone of the place, such as Europe/London
        #[arg(long)]
        zone: String,
    },
    /// Lines for `days`, out of a calendar of holidays (iCalendar, .ics)
    Ical {
        /// The file; `-` is stdin
        file: PathBuf,
    },
}

/// Prints what was read; the exit code.
pub fn run(arguments: &ImportArgs) -> u8 {
    let this = Timestamp::now()
        .to_zoned_datetime(jiff::tz::TimeZone::UTC)
        .year();
    let years: Years = this..=arguments.until.unwrap_or(this + 1).max(this);
    let read = match &arguments.form {
        ImportForm::Osm { text, zone } => osm(text, zone, &years).and_then(checked),
        ImportForm::Ical { file } => match calendar(file) {
            Ok(text) => ical(unmarked(&text), &years),
            Err(error) => {
                eprintln!("error: {} cannot be read: {error}", file.display());
                return exit::SURROUNDINGS;
            }
        },
    };
    match read {
        Ok(HoursDraft { text, left_out }) => {
            for what in left_out {
                eprintln!("warning: left out: {what}");
            }
            match io::stdout().lock().write_all(text.as_bytes()) {
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    eprintln!("error: {error}");
                    exit::SURROUNDINGS
                }
                _ => exit::WELL,
            }
        }
        Err(NotRead { message, help }) => {
            eprintln!("error: {message}\nhelp: {help}");
            exit::FAULTS
        }
    }
}

/// What was read, if it is a sound file of hours: ranges may overlap, and there may be no such zone.
fn checked(draft: HoursDraft) -> Result<HoursDraft, NotRead> {
    match crate::hours::read(&"hours.toml".into(), &draft.text) {
        Ok(_) => Ok(draft),
        Err(diags) => {
            let first = diags.into_iter().next();
            let (message, help) = first.map_or_else(Default::default, |diag| {
                (diag.message, diag.help.unwrap_or_default())
            });
            Err(NotRead { message, help })
        }
    }
}

fn calendar(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin()
            .lock()
            .take(MAX_CALENDAR)
            .read_to_string(&mut text)?;
    } else {
        fs::File::open(file)?
            .take(MAX_CALENDAR)
            .read_to_string(&mut text)?;
    }
    Ok(text)
}
