//! `hookswitch import studio`: flows of Twilio Studio.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::parity::{self, Compared, Parity};
use crate::cli::{exit, settings};
use crate::import::studio::export::Export;
use crate::import::studio::on_purpose::OnPurpose;
use crate::import::studio::translate::{Around, Remark, Translated, safe_name, translate};
use crate::web::flows::Folders;

/// Flows of Twilio Studio, as it exports them: JSON
///
/// Each becomes a flow file, and what it needs of the settings (services, queues) a settings file of the same name. Nothing is
/// overwritten, and nothing is written if one of the exports is no flow that takes calls. What could not be carried over, or is
/// otherwise than in Studio, is said for each widget, and stands above its step. `hookswitch check` then shows what is wrong with
/// the flow itself.
#[derive(Clone, Debug, clap::Args)]
pub struct StudioArgs {
    /// The exports
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// The folder of the flows
    #[arg(long, value_name = "FOLDER", default_value = "flows")]
    output: PathBuf,
    /// The folder of the settings
    #[arg(long, value_name = "FOLDER", default_value = "config")]
    settings: PathBuf,
    /// How many ways through each flow are played, in Studio's manner and here, and compared
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    ways: usize,
    /// In what the flows are to be as in Studio, where they are otherwise on purpose: `rounds`
    #[arg(long, value_name = "NAME", value_parser = on_purpose)]
    as_in_studio: Vec<OnPurpose>,
}

fn on_purpose(name: &str) -> Result<OnPurpose, String> {
    let all = OnPurpose::ALL.map(OnPurpose::name).join(", ");
    OnPurpose::named(name).ok_or_else(|| format!("one of {all}"))
}

/// An export that was read.
struct ReadExport<'a> {
    file: &'a Path,
    name: String,
    lines: usize,
    export: Export,
}

/// An export that was translated.
struct Imported<'a> {
    file: &'a Path,
    name: String,
    lines: usize,
    export: Export,
    made: Translated,
}

impl Imported<'_> {
    fn compared(&self) -> Compared<'_> {
        let Self { export, made, .. } = self;
        Compared { export, made }
    }
}

/// Imports; the exit code.
pub fn run(config: &Path, arguments: &StudioArgs) -> u8 {
    let all: Vec<Result<ReadExport<'_>, u8>> =
        arguments.files.iter().map(|file| read(file)).collect();
    let worst = all.iter().filter_map(|one| one.as_ref().err()).max();
    if let Some(code) = worst {
        eprintln!("Nothing was written.");
        return *code;
    }
    let all = all.into_iter().flatten().collect();
    let all = translated(all, &arguments.as_in_studio);
    let files = match files(&all, arguments) {
        Ok(files) => files,
        Err(code) => return code,
    };
    for (path, text) in &files {
        let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
        if let Err(error) = folder.and_then(|()| fs::write(path, text)) {
            eprintln!("error: {}: {error}", path.display());
            return exit::SURROUNDINGS;
        }
    }
    let mut code = exit::WELL;
    for imported in &all {
        tell(imported, arguments);
        code = code.max(compare(imported, &all, config, arguments));
    }
    code
}

/// Plays the ways of the export on the flow that came of it, and says where they differ; the exit code.
fn compare(
    imported: &Imported<'_>,
    all: &[Imported<'_>],
    config: &Path,
    arguments: &StudioArgs,
) -> u8 {
    let settings = match settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let folders = Folders {
        flows: arguments.output.clone(),
        backends: None,
        ..Folders::of(&settings)
    };
    let others = all.iter();
    let others = others.filter_map(|one| Some((one.export.sid.as_deref()?, one.compared())));
    match parity::prove(
        imported.compared(),
        &others.collect(),
        &imported.name,
        &folders,
        arguments.ways,
    ) {
        Ok(parity) => {
            tell_parity(&parity);
            exit::WELL
        }
        Err(why) => {
            println!("  it could not be played: {why}");
            exit::FAULTS
        }
    }
}

fn tell_parity(parity: &Parity) {
    let all = if parity.is_all { "all" } else { "the first" };
    let same = parity.tried - parity.differences.len();
    println!(
        "  {all} {} ways were played in Studio's manner and here: {same} are the same",
        parity.tried
    );
    for purpose in OnPurpose::ALL {
        let named = parity.differences.iter();
        let count = named.filter(|one| one.on_purpose == Some(purpose)).count();
        if count > 0 {
            println!(
                "  {count} differ as `{}`: {}",
                purpose.name(),
                purpose.meaning()
            );
        }
    }
    let unnamed = parity.differences.iter();
    let unnamed: Vec<_> = unnamed.filter(|one| one.on_purpose.is_none()).collect();
    if let Some(first) = unnamed.first() {
        let count = unnamed.len();
        println!(
            "  {count} differ for no reason that is known, first: {}",
            first.given
        );
        println!("    in Studio  {}", first.studio);
        println!("    here       {}", first.here);
    }
}

fn read(file: &Path) -> Result<ReadExport<'_>, u8> {
    let of = file.display();
    let text = fs::read_to_string(file).map_err(|error| {
        eprintln!("error: {of}: {error}");
        exit::SURROUNDINGS
    })?;
    let mut export = Export::read(&text).map_err(|error| {
        eprintln!("error: {of}: {error}");
        exit::FAULTS
    })?;
    let stem = file.file_stem().unwrap_or_default().to_string_lossy();
    // What Studio's API hands out says which flow it is; a file may say it in its name.
    export.sid = export
        .sid
        .take()
        .or_else(|| is_sid(&stem).then(|| stem.to_string()));
    Ok(ReadExport {
        file,
        name: safe_name(&stem),
        lines: text.lines().count(),
        export,
    })
}

/// Whether this is Studio's name of a flow.
fn is_sid(name: &str) -> bool {
    let rest = name.strip_prefix("FW");
    rest.is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|sign| sign.is_ascii_hexdigit()))
}

/// The flows of all exports: those that are gone through know what they are given, and whoever goes through them what they
/// are called here.
fn translated<'a>(all: Vec<ReadExport<'a>>, as_in_studio: &[OnPurpose]) -> Vec<Imported<'a>> {
    let sid = |one: &ReadExport<'_>| Some((one.export.sid.clone()?, one.name.clone()));
    let flows: BTreeMap<String, String> = all.iter().filter_map(sid).collect();
    let mut given: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (sid, names) in all.iter().flat_map(|one| one.export.subflows()) {
        given.entry(sid).or_default().extend(names);
    }
    let one = |one: ReadExport<'a>| {
        let ReadExport {
            file,
            name,
            lines,
            mut export,
        } = one;
        let given = export.sid.as_ref().and_then(|sid| given.get(sid));
        if given.is_some() {
            export.mark_gone_through();
        }
        let around = Around {
            flows: flows.clone(),
            given: given.cloned().unwrap_or_default(),
            as_in_studio: as_in_studio.to_vec(),
        };
        let made = translate(&export, &name, &around);
        Imported {
            file,
            name,
            lines,
            export,
            made,
        }
    };
    all.into_iter().map(one).collect()
}

/// The files that are to be written, none of which is there.
fn files(all: &[Imported<'_>], arguments: &StudioArgs) -> Result<BTreeMap<PathBuf, String>, u8> {
    let mut files = BTreeMap::new();
    for imported in all {
        let flow = arguments.output.join(format!("{}.toml", imported.name));
        if files.contains_key(&flow) {
            eprintln!("error: two of the exports would become {}", flow.display());
            return Err(exit::USAGE);
        }
        files.insert(flow, imported.made.flow.clone());
        let settings = arguments.settings.join(format!("{}.toml", imported.name));
        if !imported.made.settings.is_empty() {
            files.insert(settings, imported.made.settings.clone());
        }
    }
    let there = files.keys().find(|path| path.exists());
    if let Some(there) = there {
        eprintln!("error: {} is there already", there.display());
        eprintln!("help: move it away, or name another folder with --output or --settings");
        return Err(exit::SURROUNDINGS);
    }
    let stubs = all.iter().flat_map(|imported| &imported.made.stubs);
    for (name, text) in stubs {
        let path = arguments.output.join(format!("{name}.toml"));
        // A flow that was imported before, in place of the one that does nothing, stays.
        if !path.exists() {
            files.insert(path, text.clone());
        }
    }
    Ok(files)
}

fn tell(imported: &Imported<'_>, arguments: &StudioArgs) {
    let Imported {
        file,
        name,
        lines,
        made,
        ..
    } = imported;
    let flow = arguments.output.join(format!("{name}.toml"));
    let now = made.flow.lines().count();
    println!(
        "{}: {now} lines of {lines}, from {}",
        flow.display(),
        file.display()
    );
    let (folded, questions) = made.folded;
    if questions > 0 {
        println!("  {folded} of {questions} questions are one step with the split of their keys");
    }
    for Remark { widget, words } in &made.remarks {
        println!("  {widget}: {words}");
    }
}
