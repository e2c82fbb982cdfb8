//! `hookswitch alarm`: whether alarms arrive.

use std::path::Path;

use jiff::Timestamp;

use super::reach::carry_out;
use super::{exit, settings};
use crate::settings::Settings;
use crate::web::alarms::{AlarmCause, AlarmChannels, AlarmNotice};

/// Try whether alarms reach somebody
#[derive(Clone, Debug, clap::Args)]
pub struct AlarmArgs {
    #[command(subcommand)]
    act: AlarmAct,
}

#[derive(Clone, Debug, clap::Subcommand)]
enum AlarmAct {
    /// Send an alarm that says that it is a test, and then that it is over, by every channel of the settings
    ///
    /// Exit codes: 0 all channels took it, 2 none is set, 3 one did not take it.
    Test,
}

/// Runs the subcommand and gives its exit code.
pub fn run(folder: &Path, arguments: &AlarmArgs) -> u8 {
    let AlarmAct::Test = arguments.act;
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    carry_out(async { Ok(test(&settings).await) }).unwrap_or_else(|code| code)
}

async fn test(settings: &Settings) -> u8 {
    let channels = match AlarmChannels::of(&settings.alarms, &settings.server.listen.to_string()) {
        Ok(channels) => channels,
        Err(error) => {
            eprintln!("error: {error}");
            return exit::SURROUNDINGS;
        }
    };
    if channels.all.is_empty() {
        eprintln!("error: nobody would be told");
        eprintln!("help: set HOOKSWITCH__ALARMS__WEBHOOK, or SMTP, MAIL_FROM and MAIL_TO there");
        return exit::USAGE;
    }
    let now = Timestamp::now();
    let notice = |ended| AlarmNotice {
        cause: AlarmCause::trial(),
        since: now,
        ended,
    };
    let mut code = exit::WELL;
    for channel in &channels.all {
        let mut sent = channel.send(&notice(None)).await;
        if sent.is_ok() {
            sent = channel.send(&notice(Some(now))).await;
        }
        match sent {
            Ok(()) => println!("{channel}: taken"),
            Err(error) => {
                eprintln!("error: {channel}: {error}");
                code = exit::SURROUNDINGS;
            }
        }
    }
    code
}
