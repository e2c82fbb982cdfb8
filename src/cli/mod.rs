//! What is typed at a terminal: one file per subcommand, and the exit codes. The only room that prints.

mod alarm;
mod calls;
mod check;
pub mod diagnostics;
mod dial;
mod diff;
mod doctor;
mod format;
mod graph;
mod health;
mod hours;
mod import;
mod load;
mod man;
mod method;
mod new;
mod number;
mod one_flow;
mod outbox;
mod place;
mod policy;
mod reach;
mod recordings;
mod schema;
mod serve;
pub mod signature;
mod since;
pub mod stage;
mod store;
mod test;
mod verify;
mod when;

use std::path::{Path, PathBuf};
use std::thread;

use clap::{Parser, Subcommand};

use crate::settings::Settings;

/// In bytes. Whatever nests too deeply for it is refused long before.
const STACK: usize = 32 * 1024 * 1024;

/// Exit codes of every subcommand.
pub mod exit {
    /// All is well.
    pub const WELL: u8 = 0;
    /// Faults were found: a failed test, a flow with errors, a wrong signature.
    pub const FAULTS: u8 = 1;
    /// The command was not understood.
    pub const USAGE: u8 = 2;
    /// Something outside is at fault: no file, no server, a port that is taken.
    pub const SURROUNDINGS: u8 = 3;
}

/// Telephone menus as text: served to Twilio, tested like code
#[derive(Debug, Parser)]
#[command(name = "hookswitch", version, arg_required_else_help = true)]
struct Arguments {
    /// The folder of the settings files
    #[arg(long, global = true, value_name = "FOLDER", default_value = "config")]
    config: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Answer Twilio's webhooks with the flows of a folder
    Serve,
    Dial(Box<dial::DialArgs>),
    Calls(calls::CallsArgs),
    Alarm(alarm::AlarmArgs),
    New(new::NewArgs),
    Number(number::NumberArgs),
    Completions(man::CompletionsArgs),
    Man(man::ManArgs),
    Graph(graph::GraphArgs),
    Health(health::HealthArgs),
    Hours(hours::HoursArgs),
    Import(import::ImportArgs),
    Check(check::CheckArgs),
    Diff(diff::DiffArgs),
    Doctor(doctor::DoctorArgs),
    Load(load::LoadArgs),
    Outbox(outbox::OutboxArgs),
    Place(Box<place::PlaceArgs>),
    Policy(policy::PolicyArgs),
    Recordings(recordings::RecordingsArgs),
    Schema(schema::SchemaArgs),
    Store(store::StoreArgs),
    /// Compute the signature of a webhook, or find out why one does not fit
    Signature(signature::SignatureArgs),
    Test(test::TestArgs),
    Verify(verify::VerifyArgs),
    When(when::WhenArgs),
}

/// Does what the command line says; the exit code.
pub fn run() -> u8 {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                exit::USAGE
            } else {
                exit::WELL
            };
        }
    };
    match arguments.command {
        Command::Serve => serve::run(&arguments.config),
        Command::Dial(dial) => dial::run(&arguments.config, &dial),
        Command::Alarm(alarm) => alarm::run(&arguments.config, &alarm),
        Command::Calls(calls) => calls::run(&arguments.config, &calls),
        Command::New(arguments) => new::run(&arguments),
        Command::Number(number) => number::run(&arguments.config, &number),
        Command::Completions(arguments) => man::complete(&arguments),
        Command::Man(arguments) => man::run(&arguments),
        Command::Import(import) => import::run(&arguments.config, &import),
        Command::Graph(graph) => graph::run(&arguments.config, &graph),
        Command::Health(health) => health::run(&arguments.config, &health),
        Command::Hours(hours) => hours::run(&arguments.config, &hours),
        Command::Check(check) => check::run(&arguments.config, &check),
        Command::Diff(diff) => diff::run(&arguments.config, &diff),
        Command::Doctor(doctor) => doctor::run(&arguments.config, &doctor),
        Command::Load(load) => load::run(&arguments.config, &load),
        Command::Outbox(outbox) => outbox::run(&arguments.config, &outbox),
        Command::Place(place) => place::run(&arguments.config, &place),
        Command::Policy(policy) => policy::run(&arguments.config, &policy),
        Command::Recordings(recordings) => recordings::run(&arguments.config, &recordings),
        Command::Schema(arguments) => schema::run(&arguments),
        Command::Store(store) => store::run(&arguments.config, &store),
        Command::Signature(arguments) => signature::run(&arguments),
        Command::Test(test) => test::run(&arguments.config, &test),
        Command::Verify(verify) => verify::run(&arguments.config, &verify),
        Command::When(when) => when::run(&arguments.config, &when),
    }
}

/// Does something on a stack that is large enough for any nesting in a flow; returns its exit code.
fn deep(work: impl FnOnce() -> u8 + Send) -> u8 {
    thread::scope(|scope| {
        let work = thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work);
        match work.map(thread::ScopedJoinHandle::join) {
            Ok(Ok(code)) => code,
            // The panic has printed its message already.
            Ok(Err(_)) => exit::SURROUNDINGS,
            Err(error) => {
                eprintln!("error: no thread can be started: {error}");
                exit::SURROUNDINGS
            }
        }
    })
}

/// The settings; what is wrong with them is printed.
///
/// # Errors
/// The exit code.
fn settings(folder: &Path) -> Result<Settings, u8> {
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Settings::load(folder, environment).map_err(|error| {
        eprint!("{error}");
        exit::USAGE
    })
}
