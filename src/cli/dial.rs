//! `hookswitch dial`: the phone in a terminal.

mod end;
mod keyboard;
mod lines;
mod person;
mod progress;
mod screen;
mod scripted;
mod target;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use jiff::Timestamp;
use secrecy::SecretString;

use self::progress::Progress;
use self::target::{DialError, DialTarget};
use super::method::VoiceMethod;
use super::test::files;
use super::{diagnostics, exit};
use crate::phone::{
    Account, CallClock, Callback, Ended, Keys, Method, Plan, Unforeseen, World, place,
};
use crate::replay::read_world;
use crate::telemetry::plain;
use crate::written::PlacedOutcome;
use crate::written::carrier_fields::{ARG, by_key};

/// Call a flow, or any TwiML application, from the terminal
///
/// What is heard appears as it is spoken, keys go in as they are pressed, a line that begins with " is said, Ctrl-C hangs
/// up. With --keys nothing is typed and no time passes: what is heard goes to stdout, one line per verb, the rest to stderr.
///
/// A flow is called at the node that serves the data folder, or else the address of the settings; if none is there, it is called here, from the flows' folder,
/// and nothing is delivered.
///
/// Exit codes: 0 the call went to its end, 1 the flow has faults, a fault ended it or a step could not be done, 2 usage, 3 nothing answers at the URL.
#[derive(Clone, Debug, Args)]
pub struct DialArgs {
    /// Name of a flow, or the voice URL of any application
    #[arg(value_name = "FLOW|URL")]
    target: String,
    /// Keys for the whole call: each word answers one prompt (1230#), - is silence, say:yes speech, hangup hangs up
    #[arg(long, value_name = "KEYS", allow_hyphen_values = true, value_parser = Keys::parse)]
    keys: Option<Keys>,
    /// Who answers a number that is dialled: a TOML file of `dial."+44…" = { outcome = "busy" }`
    #[arg(long, value_name = "FILE")]
    world: Option<PathBuf>,
    /// The caller's number
    #[arg(long, value_name = "NUMBER", default_value = "+442079460001")]
    from: String,
    /// The number called
    #[arg(long, value_name = "NUMBER", default_value = "+442079460123")]
    to: String,
    /// A field that the carrier sends with every request, such as SipHeader_X-Account=12345678; several are possible
    #[arg(long, value_name = "NAME=VALUE", value_parser = field)]
    field: Vec<(String, String)>,
    /// What a flow is given by another one, or with a call that we place, such as why="to call you back"; several are possible
    #[arg(long, value_name = "NAME=VALUE", value_parser = given)]
    arg: Vec<(String, String)>,
    /// How a call comes out that we place: --from is our number then, --to whoever is called
    #[arg(long, value_name = "OUTCOME", value_parser = placed)]
    placed: Option<PlacedOutcome>,
    /// The method of the first request to the URL
    #[arg(long, value_enum, ignore_case = true, default_value_t = VoiceMethod::Post)]
    method: VoiceMethod,
    /// URL that is requested when the voice URL fails
    #[arg(long, value_name = "URL")]
    fallback: Option<String>,
    /// URL that is notified of what becomes of the call
    #[arg(long, value_name = "URL")]
    status: Option<String>,
    /// Auth token that requests are signed with [default for a flow: that of the settings]
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    token: Option<SecretString>,
    /// URL that signatures are made for, if the server is known by another
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
        let line = DialTarget::open(config, arguments)
            .await
            .map_err(|error| tell(&error))?;
        eprintln!("{}", line.told());
        let plan = plan(arguments, &line);
        let outcome = match &arguments.keys {
            Some(keys) => script(&plan, &line, keys.clone(), &world).await,
            None => person(&plan, &line, &world).await?,
        };
        let Some((ended, mut progress)) = outcome else {
            return Ok(exit::WELL);
        };
        let left = line.left(&plan, &ended).await;
        for fault in progress.failed(&left.faults) {
            eprintln!("{}", plain(&fault));
        }
        end::tell(&ended, &left.submitted);
        Ok(end::exit_code(&ended, &progress))
    })
}

fn tell(error: &DialError) -> u8 {
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

fn plan(arguments: &DialArgs, line: &DialTarget) -> Plan {
    let callback = |given: &Option<String>, own: &Option<String>| {
        given.as_ref().or(own.as_ref()).map(|url| Callback {
            url: url.clone(),
            method: Method::Post,
        })
    };
    let plan = Plan {
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
        fields: [arguments.field.as_slice(), &arguments.arg].concat(),
        at: Timestamp::now(),
        words_a_minute: None,
    };
    match arguments.placed {
        Some(outcome) => plan.placed(outcome),
        None => plan,
    }
}

/// How a call comes out that we place.
fn placed(text: &str) -> Result<PlacedOutcome, String> {
    let all = PlacedOutcome::ALL.map(PlacedOutcome::as_str);
    PlacedOutcome::named(text).ok_or_else(|| format!("one of {}", all.join(", ")))
}

/// Something that a flow is given, as the field by which a rehearsal gives it.
fn given(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    Ok((format!("{ARG}{name}"), value.to_owned()))
}

/// A field of requests as it is written: its name and its value.
fn field(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE")?;
    match by_key(name) {
        Some("from" | "to") => Err("the numbers are said by --from and --to".to_owned()),
        Some("") => Err(format!("the phone says `{name}` itself")),
        _ if name.is_empty() => Err("write NAME=VALUE".to_owned()),
        _ => Ok((name.to_owned(), value.to_owned())),
    }
}

/// The name of a call that nobody else has.
fn fresh_sid() -> String {
    let mut bytes = [0; 16];
    // Without randomness the name may not be new: one of our servers would take the call for one that comes back.
    let _ = getrandom::fill(&mut bytes);
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("CA{digits}")
}

/// A call whose keys are known: how it ended, and what is known of it.
async fn script<'w>(
    plan: &Plan,
    line: &DialTarget,
    keys: Keys,
    world: &'w World,
) -> Option<(Ended, Progress<'w>)> {
    let progress = Progress::new(world, line.is_ours());
    let mut caller = scripted::ScriptedCaller::new(keys, progress);
    let ended = place(plan, CallClock::jumping(), line, &mut caller, world).await;
    Some((ended, caller.progress))
}

/// A call by the person at the terminal; nothing if they left without waiting for its end.
async fn person<'w>(
    plan: &Plan,
    line: &DialTarget,
    world: &'w World,
) -> Result<Option<(Ended, Progress<'w>)>, u8> {
    println!("Press 0-9 * #. A \" begins words, Enter says them. Ctrl-C hangs up.");
    let (raw, strokes, abort) = keyboard::open().map_err(|error| {
        eprintln!("error: the terminal's keys cannot be read: {error}");
        exit::SURROUNDINGS
    })?;
    let progress = Progress::new(world, line.is_ours());
    let mut caller = person::Person::new(strokes, screen::Screen::new(), progress);
    let ended = tokio::select! {
        ended = place(plan, CallClock::real(), line, &mut caller, world) => Some(ended),
        _ = abort => None,
    };
    caller.close();
    drop(raw);
    Ok(ended.map(|ended| (ended, caller.progress)))
}
