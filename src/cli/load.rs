//! `hookswitch load`: many callers at once.

mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use secrecy::SecretString;

use super::method::VoiceMethod;
use super::test::files;
use super::{diagnostics, exit};
use crate::phone::Account;
use crate::replay::load::{Disturbances, Load, Tally, run as place_calls};
use crate::replay::{Destination, Script, read};
use crate::settings::Settings;
use crate::written::parse_time;

/// Place many calls at a constant rate, and report what became of them
///
/// Calls begin on a fixed schedule, and a request's latency is counted from when it was due. No caller waits for words to
/// be spoken: the load depends on --rate alone. Exit codes: 0 all went well, 1 errors or wrong
/// replies, 2 usage, 3 no server, or no such file.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// A flow of the server in the settings, or the voice URL of any server, such as http://127.0.0.1:8080/voice/pickup
    #[arg(value_name = "FLOW|URL", required_unless_present = "calls")]
    target: Option<String>,
    /// Test calls that callers follow: files, or folders of them. Without it, they press keys that the prompts mention
    #[arg(long, value_name = "PATH", num_args = 1..)]
    calls: Vec<PathBuf>,
    /// Calls that begin per second
    #[arg(long, value_name = "CALLS", default_value_t = 10.0, value_parser = rate)]
    rate: f64,
    /// For how long calls begin
    #[arg(long = "for", value_name = "TIME", default_value = "10s", value_parser = duration)]
    lasts: Duration,
    /// The most calls at a time
    #[arg(long, value_name = "N", default_value = "1000")]
    callers: std::num::NonZero<usize>,
    /// The share of callers who hang up, are silent, press wrong keys and type ahead, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    impatient: f64,
    /// The share of requests that are sent twice: the answers must be the same
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    duplicates: f64,
    /// The share of requests before which one of an earlier turn is sent again
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    late: f64,
    /// The seed of the random numbers [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How results are reported
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// The caller's number, unless a file says otherwise
    #[arg(long, value_name = "NUMBER", default_value = "+442079460001")]
    from: String,
    /// The number called, unless a file says otherwise
    #[arg(long, value_name = "NUMBER", default_value = "+442079460123")]
    to: String,
    /// The method of the first request to the voice URL
    #[arg(long, value_enum, ignore_case = true, default_value_t = VoiceMethod::Post)]
    method: VoiceMethod,
    /// The auth token that requests are signed with [default: that of the settings]
    #[arg(long, value_name = "TOKEN")]
    token: Option<SecretString>,
    /// The URL that signatures are made for [default: that of the settings]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The URL that is notified of each call's end [default for a flow: that of the server]
    #[arg(long, value_name = "URL")]
    status: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table
    Human,
    /// One JSON object
    Json,
}

/// Loads a server; the exit code.
pub fn run(config: &Path, arguments: &LoadArgs) -> u8 {
    load(config, arguments).unwrap_or_else(|code| code)
}

fn load(config: &Path, arguments: &LoadArgs) -> Result<u8, u8> {
    let scripts = scripts(&arguments.calls)?;
    let (line, flow) = target(config, arguments)?;
    reach(&line.url)?;
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..));
    let load = Load {
        line,
        scripts,
        flow,
        from_to: (arguments.from.clone(), arguments.to.clone()),
        rate: arguments.rate,
        lasts: arguments.lasts,
        callers: arguments.callers.get(),
        trouble: Disturbances {
            impatient: arguments.impatient,
            duplicates: arguments.duplicates,
            late: arguments.late,
        },
        seed,
    };
    let tally = place(load)?;
    match arguments.format {
        Format::Human => print!("{}", show::table(&tally, seed)),
        Format::Json => println!("{}", show::json(&tally, seed)),
    }
    Ok(if tally.is_clean() {
        exit::WELL
    } else {
        exit::FAULTS
    })
}

/// Checks that a server is listening, so that its absence is one message and not a thousand faults.
fn reach(url: &str) -> Result<(), u8> {
    let refuse = |why: String| {
        eprintln!("{why}");
        exit::SURROUNDINGS
    };
    let Ok(parsed) = reqwest::Url::parse(&url.replace("{flow}", "flow")) else {
        eprintln!("{url} is not a URL");
        return Err(exit::USAGE);
    };
    let addresses = parsed
        .socket_addrs(|| None)
        .map_err(|error| refuse(format!("{url} is not known: {error}")))?;
    let connected = std::net::TcpStream::connect(&addresses[..]);
    connected
        .map(drop)
        .map_err(|error| refuse(format!("nothing answers at {url}: {error}")))
}

/// One thread is enough for a load, and leaves the other cores to the server.
fn place(load: Load) -> Result<Tally, u8> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| {
            eprintln!("the load cannot be started: {error}");
            exit::SURROUNDINGS
        })?;
    let bar = show::bar(load.number_of_calls());
    let told = bar.clone();
    let calls = tokio::task::LocalSet::new();
    let tally = calls.block_on(
        &runtime,
        place_calls(load, move |tally| show::update(&told, tally)),
    );
    bar.finish_and_clear();
    Ok(tally)
}

fn scripts(paths: &[PathBuf]) -> Result<Vec<Script>, u8> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let mut scripts = Vec::new();
    for file in files::find(paths, None)? {
        let source = files::read(Path::new(&file)).map_err(|error| {
            eprintln!("{file} cannot be read: {error}");
            exit::SURROUNDINGS
        })?;
        let name: Arc<str> = Arc::from(file.as_str());
        let script = read(&name, source.clone()).map_err(|faults| {
            eprint!(
                "{}",
                diagnostics::draw(&faults, &[(name.clone(), source)].into(), false)
            );
            exit::FAULTS
        })?;
        scripts.push(script);
    }
    Ok(scripts)
}

/// Where calls are placed, and the flow's name.
fn target(config: &Path, arguments: &LoadArgs) -> Result<(Destination, String), u8> {
    let named = arguments.target.as_deref().unwrap_or("{flow}");
    if named.starts_with("http://") {
        let account = account(None, arguments.token.clone(), arguments.public_url.clone());
        let (url, method) = (named.to_owned(), arguments.method.into());
        let line = Destination {
            url,
            method,
            fallback: None,
            status: arguments.status.clone(),
            account,
        };
        return Ok((line, String::new()));
    }
    if named.starts_with("https://") {
        eprintln!(
            "{named}: a load goes over plain http, to the server itself: TLS would be measured with it"
        );
        return Err(exit::USAGE);
    }
    let settings = super::settings(config)?;
    Ok((own(&settings, arguments), named.to_owned()))
}

/// The server in the settings.
fn own(settings: &Settings, arguments: &LoadArgs) -> Destination {
    let base = format!("http://{}", settings.server.listen);
    let token = arguments
        .token
        .clone()
        .or_else(|| settings.twilio.auth_token.clone());
    let public_url = arguments
        .public_url
        .clone()
        .or_else(|| settings.server.public_url.clone());
    let status = arguments
        .status
        .clone()
        .unwrap_or_else(|| format!("{base}/status"));
    Destination {
        url: format!("{base}/voice/{{flow}}"),
        method: arguments.method.into(),
        fallback: Some(format!("{base}/fallback")),
        status: Some(status),
        account: account(settings.twilio.account_sid.clone(), token, public_url),
    }
}

fn account(
    sid: Option<String>,
    token: Option<SecretString>,
    signed_for: Option<String>,
) -> Account {
    Account {
        sid: sid.unwrap_or_else(|| format!("AC{:032}", 0)),
        token,
        signed_for,
    }
}

fn rate(text: &str) -> Result<f64, &'static str> {
    let rate = text
        .parse()
        .ok()
        .filter(|rate: &f64| rate.is_finite() && (0.001..=100_000.0).contains(rate));
    rate.ok_or("write calls a second, from 0.001 to 100000")
}

fn share(text: &str) -> Result<f64, &'static str> {
    let share = text
        .parse()
        .ok()
        .filter(|share: &f64| (0.0..=1.0).contains(share));
    share.ok_or("write a share from 0 to 1, such as 0.1 for one in ten")
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let most = Duration::from_hours(24);
    let lasts = parse_time(text).filter(|lasts| !lasts.is_zero() && *lasts <= most);
    lasts.ok_or("write a number and ms, s, m or h, such as 30s; at most 24h")
}
