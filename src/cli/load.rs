//! `hookswitch load`: many callers at once.

mod show;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::{Args, ValueEnum};
use secrecy::SecretString;

use super::method::Asked;
use super::test::files;
use super::{diagnostics, exit};
use crate::phone::Account;
use crate::replay::load::{Load, Tally, Trouble, run as place_calls};
use crate::replay::{Line, Script, read};
use crate::settings::Settings;
use crate::written::parse_time;

/// Place many calls at a constant rate, and tell what became of them
///
/// Calls begin on a schedule that waits for nobody, and a request's latency counts from when it was due. No caller waits
/// for words to be spoken: what a real hour brings is told by --rate. Exit codes: 0 all went well, 1 errors or wrong
/// replies, 2 usage, 3 the surroundings.
#[derive(Debug, Args)]
pub struct LoadArgs {
    /// A flow of the server that the settings tell of, or the voice URL of any server, as http://127.0.0.1:8080/voice/pickup
    #[arg(value_name = "FLOW|URL", required_unless_present = "calls")]
    target: Option<String>,
    /// The ways that callers go: files of calls, or folders of such. Without, they press keys that the prompts speak of
    #[arg(long, value_name = "PATH", num_args = 1..)]
    calls: Vec<PathBuf>,
    /// Calls that begin a second
    #[arg(long, value_name = "CALLS", default_value_t = 10.0, value_parser = rate)]
    rate: f64,
    /// How long calls begin
    #[arg(long = "for", value_name = "TIME", default_value = "10s", value_parser = duration)]
    lasts: Duration,
    /// The most calls at a time
    #[arg(long, value_name = "N", default_value = "1000")]
    callers: std::num::NonZero<usize>,
    /// The share of callers who hang up, are silent, press wrong keys and type ahead, from 0 to 1
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    impatient: f64,
    /// The share of requests that come a second time at once: the answers must be the same
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    duplicates: f64,
    /// The share of requests before which one of an earlier turn comes once more
    #[arg(long, value_name = "SHARE", default_value_t = 0.0, value_parser = share)]
    late: f64,
    /// What chance begins with [default: another one each time]
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// How results are told
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Who calls, where no file says so
    #[arg(long, value_name = "NUMBER", default_value = "+442079460001")]
    from: String,
    /// The number called, where no file says so
    #[arg(long, value_name = "NUMBER", default_value = "+442079460123")]
    to: String,
    /// How the voice URL is asked first
    #[arg(long, value_enum, ignore_case = true, default_value_t = Asked::Post)]
    method: Asked,
    /// The auth token that requests are signed with [default: that of the settings]
    #[arg(long, value_name = "TOKEN")]
    token: Option<SecretString>,
    /// The URL that signatures are made for [default: that of the settings]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The URL that is told of each call's end; of a flow it is the server's own
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
        trouble: Trouble {
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

/// Finds out that somebody listens, so that nobody reads it out of a thousand faults.
fn reach(url: &str) -> Result<(), u8> {
    let refuse = |why: String| {
        eprintln!("{why}");
        exit::SURROUNDINGS
    };
    let Ok(parsed) = reqwest::Url::parse(&url.replace("{flow}", "flow")) else {
        eprintln!("{url} is no URL");
        return Err(exit::USAGE);
    };
    let addresses = parsed
        .socket_addrs(|| None)
        .map_err(|error| refuse(format!("{url} is not known: {error}")))?;
    let connected = std::net::TcpStream::connect(&addresses[..]);
    connected
        .map(drop)
        .map_err(|error| refuse(format!("nobody answers at {url}: {error}")))
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
fn target(config: &Path, arguments: &LoadArgs) -> Result<(Line, String), u8> {
    let named = arguments.target.as_deref().unwrap_or("{flow}");
    if named.starts_with("http://") {
        let account = account(None, arguments.token.clone(), arguments.public_url.clone());
        let (url, method) = (named.to_owned(), arguments.method.into());
        let line = Line {
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

/// The server that the settings tell of.
fn own(settings: &Settings, arguments: &LoadArgs) -> Line {
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
    Line {
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
    let most = Duration::from_secs(24 * 3600);
    let lasts = parse_time(text).filter(|lasts| !lasts.is_zero() && *lasts <= most);
    lasts.ok_or("write a number and ms, s, m or h, such as 30s; at most 24h")
}
