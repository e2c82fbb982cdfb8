//! `hookswitch graph`: a flow as a picture.

mod traffic;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use jiff::Timestamp;

use super::reach::NodeArgs;
use super::since::parse_since;
use super::{exit, one_flow, settings};
use crate::picture::svg::{Drawing, Theme};
use crate::picture::{Counts, Graph, dot, mermaid};
use crate::web::flows::Folders;
use crate::written::unmarked;

/// Draw a flow: its steps, the keys and outcomes that lead on, and where calls end
///
/// Without --format, a file that ends in .svg or .dot gets that, and everything else Mermaid, which GitHub draws.
#[derive(Clone, Debug, clap::Args)]
pub struct GraphArgs {
    /// The flow: its name in the folder of the flows, or a file
    flow: String,
    /// The format
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// The file that is written [default: the terminal]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Draw the steps of the flows that it goes through, too
    #[arg(long)]
    unfold: bool,
    /// The colours of an SVG: those that the reader's screen prefers, or always the same
    #[arg(long, value_enum, default_value_t = Colours::Auto)]
    theme: Colours,
    /// Show what the calls of a test run took, as `hookswitch test --coverage-json` wrote it
    #[arg(long, value_name = "FILE")]
    coverage: Option<PathBuf>,
    /// Show what real calls took, as far as their trails are kept
    ///
    /// Asks the node that serves the data folder; if none does, reads the store itself.
    #[arg(long, conflicts_with = "coverage")]
    traffic: bool,
    /// Only calls that came in since: RFC 3339, or how long ago, such as 2h
    #[arg(long, value_name = "TIME", value_parser = parse_since, requires = "traffic")]
    since: Option<Timestamp>,
    #[command(flatten)]
    place: NodeArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Mermaid,
    Dot,
    Svg,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Colours {
    Auto,
    Light,
    Dark,
}

/// Draws; the exit code.
pub fn run(folder: &Path, arguments: &GraphArgs) -> u8 {
    match draw(folder, arguments).and_then(|picture| write(arguments.output.as_deref(), &picture)) {
        Ok(()) => exit::WELL,
        Err(code) => code,
    }
}

fn draw(folder: &Path, arguments: &GraphArgs) -> Result<String, u8> {
    let settings = settings(folder)?;
    let folders = Folders::of(&settings);
    let loaded = one_flow::find(&arguments.flow, &folders)?;
    let drawn = if arguments.unfold {
        Graph::unfolded
    } else {
        Graph::new
    };
    let mut graph = drawn(&loaded.flow, &loaded.bundle);
    if let Some(file) = &arguments.coverage {
        graph = graph.counted(&counts(file, &loaded.flow.name)?);
    }
    if arguments.traffic {
        graph = graph.counted(&traffic::count(&settings, arguments, &loaded.flow.name)?);
    }
    Ok(match arguments.format() {
        Format::Mermaid => mermaid(&graph),
        Format::Dot => dot(&graph),
        Format::Svg => Drawing::new(&graph).svg(arguments.theme.into()),
    })
}

impl GraphArgs {
    fn format(&self) -> Format {
        let ending = self.output.as_deref().and_then(Path::extension);
        self.format
            .unwrap_or(match ending.and_then(|ending| ending.to_str()) {
                Some("svg") => Format::Svg,
                Some("dot" | "gv") => Format::Dot,
                _ => Format::Mermaid,
            })
    }
}

impl From<Colours> for Theme {
    fn from(colours: Colours) -> Self {
        match colours {
            Colours::Auto => Self::Auto,
            Colours::Light => Self::Light,
            Colours::Dark => Self::Dark,
        }
    }
}

fn counts(file: &Path, flow: &str) -> Result<Counts, u8> {
    let json = fs::read_to_string(file).map_err(|error| {
        eprintln!("error: {} cannot be read: {error}", file.display());
        exit::SURROUNDINGS
    })?;
    Counts::parse(unmarked(&json), flow).map_err(|error| {
        eprintln!("error: {}: {error}", file.display());
        exit::FAULTS
    })
}

fn write(output: Option<&Path>, picture: &str) -> Result<(), u8> {
    let written = match output {
        Some(file) => fs::write(file, picture),
        None => io::stdout().lock().write_all(picture.as_bytes()),
    };
    match written {
        Ok(()) => Ok(()),
        // A reader that stops early, such as `head`, has what it wants.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            let file = output.map_or_else(
                || "the picture".to_owned(),
                |file| file.display().to_string(),
            );
            eprintln!("error: {file} cannot be written: {error}");
            Err(exit::SURROUNDINGS)
        }
    }
}
