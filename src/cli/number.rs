//! `hookswitch number`: where Twilio sends the calls of the account's numbers.

use std::path::Path;

use serde_json::json;

use super::format::Format;
use super::reach::carry_out;
use super::{exit, settings};
use crate::engine::diag::nearest;
use crate::settings::Settings;
use crate::telemetry;
use crate::twilio::rest::{NumberResource, NumberUrls, Rest, RestError};
use crate::twilio::retry;
use crate::web::flows::{Flows, Folders};
use crate::web::server;
use crate::written::number::canonical;

/// Look where the calls of the account's numbers go, and send them here
///
/// Asks Twilio's REST API as the account of the settings (twilio.account_sid, with twilio.api_key or the auth token). The
/// URLs are those of server.public_url, with Hookswitch's rule for retries behind them.
///
/// Exit codes: 0 all is well, 1 Twilio did not take it, 2 usage or a setting is missing, 3 Twilio does not answer.
#[derive(Clone, Debug, clap::Args)]
pub struct NumberArgs {
    #[command(subcommand)]
    act: NumberAct,
    /// A subaccount, in place of twilio.account_sid
    #[arg(long, global = true, value_name = "SID")]
    account: Option<String>,
    /// How the result is printed: for people, or as one object per line
    #[arg(long, global = true, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum NumberAct {
    /// List the numbers of the account, and where their calls go
    List,
    /// Send the calls of a number here: shows what would change, and with --yes changes it
    Set {
        /// The number: a plus, country code and number
        #[arg(value_name = "NUMBER")]
        number: String,
        /// The flow that answers [default: the one that names the number]
        #[arg(long, value_name = "FLOW")]
        flow: Option<String>,
        /// Change it
        #[arg(long)]
        yes: bool,
    },
}

/// Why it cannot be done.
#[derive(Debug, thiserror::Error)]
enum NumberError {
    #[error("{name} is not set")]
    Setting {
        name: &'static str,
        help: &'static str,
    },
    #[error("the account has no number {number}")]
    Unknown {
        number: String,
        near: Option<String>,
    },
    #[error("no flow in service is named `{name}`")]
    Flow { name: String, near: Option<String> },
    #[error(
        "calls to {0} go to the SIP trunk {1}, which beats every URL: take the number off it first"
    )]
    Trunk(String, String),
    #[error("Twilio: {0}")]
    Rest(#[from] RestError),
    #[error("{0}")]
    Server(#[from] server::Error),
    #[error("Twilio took the request, and says other URLs for {0}: look at it in the console")]
    NotTaken(String),
}

impl NumberError {
    fn help(&self) -> Option<String> {
        match self {
            Self::Setting { help, .. } => Some((*help).to_owned()),
            Self::Unknown { near, .. } => Some(near.as_ref().map_or_else(
                || "`hookswitch number list` shows those that it has".to_owned(),
                |near| format!("did you mean {near}?"),
            )),
            Self::Flow { near, .. } => near.as_ref().map(|near| format!("did you mean `{near}`?")),
            Self::Rest(RestError::Denied(_)) => Some(
                "set twilio.api_key and api_secret of this account, or its auth token".to_owned(),
            ),
            _ => None,
        }
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Setting { .. } | Self::Unknown { .. } | Self::Flow { .. } => exit::USAGE,
            Self::Trunk(..) | Self::NotTaken(_) => exit::FAULTS,
            Self::Rest(_) | Self::Server(_) => exit::SURROUNDINGS,
        }
    }
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &NumberArgs) -> u8 {
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let work = async { Ok(work(&settings, arguments).await) };
    match carry_out(work) {
        Ok(Ok(())) => exit::WELL,
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            if let Some(help) = error.help() {
                eprintln!("help: {help}");
            }
            error.exit_code()
        }
        Err(code) => code,
    }
}

async fn work(settings: &Settings, arguments: &NumberArgs) -> Result<(), NumberError> {
    let account = arguments.account.as_deref();
    let account = account.or(settings.twilio.account_sid.as_deref());
    let account = account.ok_or(NumberError::Setting {
        name: "twilio.account_sid",
        help: "set HOOKSWITCH__TWILIO__ACCOUNT_SID, or give --account",
    })?;
    let rest = server::rest(settings)?.ok_or(NumberError::Setting {
        name: "twilio.auth_token",
        help: "set HOOKSWITCH__TWILIO__AUTH_TOKEN, or twilio.api_key and api_secret",
    })?;
    let base = settings.server.public_url.as_deref();
    match &arguments.act {
        NumberAct::List => {
            let numbers = rest.numbers(account).await?;
            list(&numbers, base, arguments.format);
            Ok(())
        }
        NumberAct::Set { number, flow, yes } => {
            let base = base.ok_or(NumberError::Setting {
                name: "server.public_url",
                help: "set HOOKSWITCH__SERVER__PUBLIC_URL to the URL that Twilio is to call",
            })?;
            let flow = wanted_flow(settings, number, flow.as_deref())?;
            let change = Change::find(&rest, account, number, urls(base, flow)).await?;
            change
                .carry_out(&rest, account, *yes, arguments.format)
                .await
        }
    }
}

/// The URLs of a number whose calls come here: to one flow, or to the one that names the number.
pub fn urls(base: &str, flow: Option<&str>) -> NumberUrls {
    let url = |path: &str| format!("{base}{path}{}", retry::FRAGMENT);
    let voice = flow.map_or_else(|| "/voice".to_owned(), |flow| format!("/voice/{flow}"));
    NumberUrls {
        voice: url(&voice),
        fallback: url("/fallback"),
        status: url("/status"),
    }
}

/// Whether all calls of a number come here, as they should.
pub fn comes_here(number: &NumberResource, base: &str) -> bool {
    let rest = number.voice_url.strip_prefix(base);
    let path = rest.and_then(|rest| rest.strip_suffix(retry::FRAGMENT));
    let right = urls(base, None);
    let is_voice = path.is_some_and(|path| path == "/voice" || path.starts_with("/voice/"));
    let is_direct = number.voice_application_sid.is_empty() && number.trunk_sid.is_empty();
    is_voice
        && is_direct
        && number.voice_method == "POST"
        && number.voice_fallback_url == right.fallback
        && number.status_callback == right.status
}

/// The flow that is asked for, which must be in service. Where none is, the number must be one of a flow, or it is warned.
fn wanted_flow<'f>(
    settings: &Settings,
    number: &str,
    flow: Option<&'f str>,
) -> Result<Option<&'f str>, NumberError> {
    let (flows, _) = Flows::open(Folders::of(settings));
    let Some(name) = flow else {
        if flows.by_number(number).is_none() {
            eprintln!("warning: no flow in service has {number} among its `numbers`");
        }
        return Ok(None);
    };
    if flows.by_name(name).is_some() {
        return Ok(flow);
    }
    let current = flows.current();
    let known = current.by_name.keys().map(String::as_str);
    Err(NumberError::Flow {
        name: name.to_owned(),
        near: nearest(name, known).map(str::to_owned),
    })
}

/// What is to change of a number.
struct Change {
    before: NumberResource,
    urls: NumberUrls,
}

impl Change {
    async fn find(
        rest: &Rest,
        account: &str,
        number: &str,
        urls: NumberUrls,
    ) -> Result<Self, NumberError> {
        let numbers = rest.numbers(account).await?;
        let wanted = canonical(number);
        let is_it = |known: &&NumberResource| canonical(&known.phone_number) == wanted;
        let Some(before) = numbers.iter().find(is_it) else {
            let known = numbers.iter().map(|known| known.phone_number.as_str());
            return Err(NumberError::Unknown {
                number: number.to_owned(),
                near: nearest(number, known).map(str::to_owned),
            });
        };
        if !before.trunk_sid.is_empty() {
            let (number, trunk) = (before.phone_number.clone(), before.trunk_sid.clone());
            return Err(NumberError::Trunk(number, trunk));
        }
        let before = before.clone();
        Ok(Self { before, urls })
    }

    /// What is set, what was and what is to be, by names for people.
    fn lines(&self) -> [(&'static str, &str, &str); 3] {
        let (before, urls) = (&self.before, &self.urls);
        [
            ("a call comes in", &before.voice_url, &urls.voice),
            ("handler fails", &before.voice_fallback_url, &urls.fallback),
            ("status changes", &before.status_callback, &urls.status),
        ]
    }

    fn is_none(&self) -> bool {
        let are_right = self.lines().iter().all(|(_, was, is)| was == is);
        are_right
            && self.before.voice_application_sid.is_empty()
            && self.before.voice_method == "POST"
    }

    async fn carry_out(
        &self,
        rest: &Rest,
        account: &str,
        yes: bool,
        format: Format,
    ) -> Result<(), NumberError> {
        let is_done = yes && !self.is_none();
        if is_done {
            let after = rest
                .set_number(account, &self.before.sid, &self.urls)
                .await?;
            let urls = NumberUrls {
                voice: after.voice_url,
                fallback: after.voice_fallback_url,
                status: after.status_callback,
            };
            if urls != self.urls {
                return Err(NumberError::NotTaken(after.phone_number));
            }
        }
        match format {
            Format::Json => self.tell_programs(is_done),
            Format::Human => self.tell_people(is_done),
        }
        Ok(())
    }

    fn tell_programs(&self, is_done: bool) {
        let urls = |of: [&str; 3]| json!({ "voice": of[0], "fallback": of[1], "status": of[2] });
        let lines = self.lines();
        print(
            &json!({
                "number": self.before.phone_number,
                "sid": self.before.sid,
                "was": urls(lines.map(|(_, was, _)| was)),
                "is": urls(lines.map(|(_, _, is)| is)),
                "application": self.before.voice_application_sid,
                "changed": is_done,
            })
            .to_string(),
        );
    }

    fn tell_people(&self, is_done: bool) {
        let before = &self.before;
        print(&format!(
            "{} ({}, {})",
            before.phone_number, before.friendly_name, before.sid
        ));
        for (name, was, is) in self.lines() {
            if was == is {
                print(&format!("  {name:<16} {is}"));
            } else {
                print(&format!("  {name:<16} was {}", or_nothing(was)));
                print(&format!("  {:<16} is  {is}", ""));
            }
        }
        if !before.voice_application_sid.is_empty() {
            print(&format!(
                "  The application {} got its calls so far; it gets none then.",
                before.voice_application_sid
            ));
        }
        print(match (self.is_none(), is_done) {
            (true, _) => "Nothing is to be changed.",
            (_, true) => "Changed.",
            (_, false) => "Nothing is changed yet: --yes changes it.",
        });
    }
}

fn list(numbers: &[NumberResource], base: Option<&str>, format: Format) {
    if numbers.is_empty() && matches!(format, Format::Human) {
        print("The account has no numbers.");
    }
    for number in numbers {
        let is_here = base.map(|base| comes_here(number, base));
        match format {
            Format::Json => print(
                &json!({
                    "number": number.phone_number,
                    "sid": number.sid,
                    "name": number.friendly_name,
                    "voice": number.voice_url,
                    "fallback": number.voice_fallback_url,
                    "status": number.status_callback,
                    "application": number.voice_application_sid,
                    "trunk": number.trunk_sid,
                    "comes_here": is_here,
                })
                .to_string(),
            ),
            Format::Human => tell(number, is_here),
        }
    }
}

fn tell(number: &NumberResource, is_here: Option<bool>) {
    let verdict = match is_here {
        Some(true) => "comes here",
        Some(false) => "does not come here as it should: `hookswitch number set` shows why",
        None => "server.public_url is not set",
    };
    print(&format!(
        "{:<16} {:<20} {verdict}",
        number.phone_number, number.friendly_name
    ));
    for (name, sid) in [
        ("application", &number.voice_application_sid),
        ("SIP trunk", &number.trunk_sid),
    ] {
        if !sid.is_empty() {
            print(&format!("  {name:<16} {sid}, which beats the URLs"));
        }
    }
    for (name, url) in [
        ("a call comes in", &number.voice_url),
        ("handler fails", &number.voice_fallback_url),
        ("status changes", &number.status_callback),
    ] {
        print(&format!("  {name:<16} {}", or_nothing(url)));
    }
}

fn or_nothing(url: &str) -> &str {
    if url.is_empty() { "nothing" } else { url }
}

/// A reader that has gone away changes nothing about what was done.
fn print(line: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{}", telemetry::plain(line));
}
