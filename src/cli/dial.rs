//! `hookswitch dial`: the phone in a terminal.

mod end;
mod keyboard;
mod line;
mod lines;
mod person;
mod screen;
mod script;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use secrecy::SecretString;

use self::line::{Error, Line};
use super::method::Asked;
use super::test::files;
use super::{diagnostics, exit};
use crate::phone::{Account, Callback, Clock, Ended, Keys, Method, Plan, Unforeseen, World, place};
use crate::replay::read_world;

/// Call a flow, or any TwiML application, from the terminal
///
/// What is heard appears as it is spoken, keys go in as they are pressed, a line that begins with " is said, Ctrl-C hangs
/// up. With --keys nothing is typed and no time passes: what is heard goes to stdout, a line a verb, all else to stderr.
///
/// A flow is called at the node that the settings name; where none listens, it is called here, from the flows' folder,
/// and nothing is delivered.
///
/// Exit codes: 0 the call went to its end, 1 a fault ended it, 2 usage, 3 nobody answers at the URL.
#[derive(Clone, Debug, Args)]
pub struct DialArgs {
    /// Name of a flow, or the voice URL of any application
    #[arg(value_name = "FLOW|URL")]
    target: String,
    /// Keys of the whole call: each word answers one prompt (1230#), - is silence, say:yes speech, hangup hangs up
    #[arg(long, value_name = "KEYS", allow_hyphen_values = true, value_parser = Keys::parse)]
    keys: Option<Keys>,
    /// Who answers a number that is dialled: a TOML file of `dial."+44…" = { outcome = "busy" }`
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// Who calls
    #[arg(long, value_name = "NUMBER", default_value = "+442079460001")]
    from: String,
    /// The number called
    #[arg(long, value_name = "NUMBER", default_value = "+442079460123")]
    to: String,
    /// How the URL is asked first
    #[arg(long, value_enum, ignore_case = true, default_value_t = Asked::Post)]
    method: Asked,
    /// URL that is asked when the voice URL fails
    #[arg(long, value_name = "URL")]
    fallback: Option<String>,
    /// URL that is told what becomes of the call
    #[arg(long, value_name = "URL")]
    status: Option<String>,
    /// Auth token that requests are signed with [default for a flow: that of the settings]
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    token: Option<SecretString>,
    /// URL that signatures are made for, where the server is known by another
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

/// Places the call; the exit code.
pub fn run(config: &Path, arguments: &DialArgs) -> u8 {
    dial(config, arguments).unwrap_or_else(|code| code)
}

fn dial(config: &Path, arguments: &DialArgs) -> Result<u8, u8> {
    let live = arguments.keys.is_none();
    if live && !(std::io::stdin().is_terminal() && std::io::stdout().is_terminal()) {
        eprintln!(
            "error: there is no terminal to press keys at: give them with --keys \"1 5# 1230 1\""
        );
        return Err(exit::USAGE);
    }
    let world = arguments
        .world
        .as_deref()
        .map_or_else(|| Ok(World::default()), world)?;
    let world = World {
        unforeseen: Unforeseen::NobodyThere,
        ..world
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            eprintln!("error: no runtime: {error}");
            exit::SURROUNDINGS
        })?;
    tokio::task::LocalSet::new().block_on(&runtime, async {
        let line = Line::open(config, arguments)
            .await
            .map_err(|error| tell(&error))?;
        eprintln!("{}", line.told());
        let plan = plan(arguments, &line);
        let outcome = match &arguments.keys {
            Some(keys) => script(&plan, &line, keys.clone(), &world).await,
            None => person(&plan, &line, &world).await?,
        };
        let Some((ended, reached)) = outcome else {
            return Ok(exit::WELL);
        };
        end::tell(&ended, &line.submitted(&plan, &ended).await);
        Ok(end::exit_code(&ended, reached))
    })
}

fn tell(error: &Error) -> u8 {
    eprintln!("error: {error}");
    if let Some(help) = error.help() {
        eprintln!("help: {help}");
    }
    error.exit_code()
}

/// What is known of the world.
fn world(path: &Path) -> Result<World, u8> {
    let text = files::read(path).map_err(|error| {
        eprintln!("error: `{}` cannot be read: {error}", path.display());
        exit::SURROUNDINGS
    })?;
    let name: Arc<str> = path.display().to_string().into();
    read_world(&name, &text).map_err(|faults| {
        eprint!(
            "{}",
            diagnostics::draw(
                &faults,
                &[(name, text)].into(),
                std::io::stderr().is_terminal()
            )
        );
        exit::USAGE
    })
}

fn plan(arguments: &DialArgs, line: &Line) -> Plan {
    let callback = |given: &Option<String>, own: &Option<String>| {
        given.as_ref().or(own.as_ref()).map(|url| Callback {
            url: url.clone(),
            method: Method::Post,
        })
    };
    Plan {
        url: line.voice.clone(),
        method: arguments.method.into(),
        fallback: callback(&arguments.fallback, &line.fallback),
        status: callback(&arguments.status, &line.status),
        account: Account {
            sid: line.account.clone(),
            token: arguments.token.clone().or_else(|| line.token.clone()),
            signed_for: arguments
                .public_url
                .clone()
                .or_else(|| line.signed_for.clone()),
        },
        sid: fresh_sid(),
        from: arguments.from.clone(),
        to: arguments.to.clone(),
        direction: "inbound".to_owned(),
        fields: Vec::new(),
        at: Timestamp::now(),
        words_a_minute: None,
    }
}

/// The name of a call that nobody else has.
fn fresh_sid() -> String {
    let mut bytes = [0; 16];
    // Without randomness the name is only not fresh: a server of ours would take the call for one that comes back.
    let _ = getrandom::fill(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("CA{digits}")
}

/// A call whose keys are known; how it ended, and whether anybody ever answered.
async fn script(plan: &Plan, line: &Line, keys: Keys, world: &World) -> Option<(Ended, bool)> {
    let mut caller = script::Script::new(keys, world);
    let ended = place(plan, Clock::jumping(), line, &mut caller, world).await;
    Some((ended, caller.reached))
}

/// A call by whoever sits at the terminal; nothing where they left without waiting for its end.
async fn person(plan: &Plan, line: &Line, world: &World) -> Result<Option<(Ended, bool)>, u8> {
    println!("Press 0-9 * #. A \" begins words, Enter says them. Ctrl-C hangs up.");
    let (raw, strokes, abort) = keyboard::open().map_err(|error| {
        eprintln!("error: the terminal's keys cannot be read: {error}");
        exit::SURROUNDINGS
    })?;
    let mut caller = person::Person::new(strokes, screen::Screen::new(), world);
    let ended = tokio::select! {
        ended = place(plan, Clock::real(), line, &mut caller, world) => Some(ended),
        _ = abort => None,
    };
    caller.close();
    drop(raw);
    Ok(ended.map(|ended| (ended, caller.reached)))
}
