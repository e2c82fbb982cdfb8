//! `hookswitch import`: what others wrote, as ours.

use std::path::{Path, PathBuf};

use super::calls::export::write;
use super::exit;
use crate::import::webhooks::{self, Imported};
use crate::settings::Settings;
use crate::web::flows::{Flows, Folders};

/// Make test calls out of what other systems wrote
#[derive(Debug, clap::Args)]
pub struct ImportArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// A log of webhooks: a JSON object a line, each the form of a request, or an object with `form` and `path`
    ///
    /// Each call becomes a test file. Numbers are fictional ones in it, and an entry that the flow calls sensitive is
    /// another one that goes the same way. What is heard is what the flow says today.
    Webhooks {
        /// The log
        file: PathBuf,
        /// The flow that all calls are of [default: the one in each path, else the one of the number called]
        #[arg(long, value_name = "FLOW")]
        flow: Option<String>,
        /// The folder that the files are written into
        #[arg(long, value_name = "FOLDER", default_value = "tests/calls")]
        output: PathBuf,
    },
}

/// Imports; the exit code.
pub fn run(config: &Path, arguments: &ImportArgs) -> u8 {
    let What::Webhooks { file, flow, output } = &arguments.what;
    let settings = match super::settings(config) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let text = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) => {
            eprintln!("error: {} cannot be read: {error}", file.display());
            return exit::SURROUNDINGS;
        }
    };
    let (calls, unread) = webhooks::read(&text);
    for unread in &unread {
        eprintln!("warning: {}:{}: {}", file.display(), unread.line, unread.why);
    }
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: {error}");
            return exit::SURROUNDINGS;
        }
    };
    let import = Import { settings: &settings, flows: flows(&settings), named: flow.as_deref(), output };
    let code = runtime.block_on(import.all(calls));
    if unread.is_empty() { code } else { code.max(exit::FAULTS) }
}

fn flows(settings: &Settings) -> Flows {
    let folders = Folders { backends: None, ..Folders::of(settings) };
    Flows::open(folders).0
}

struct Import<'a> {
    settings: &'a Settings,
    flows: Flows,
    named: Option<&'a str>,
    output: &'a Path,
}

impl Import<'_> {
    async fn all(&self, calls: Vec<Imported>) -> u8 {
        let mut code = exit::WELL;
        if let Err(error) = std::fs::create_dir_all(self.output) {
            eprintln!("error: {} cannot be made: {error}", self.output.display());
            return exit::SURROUNDINGS;
        }
        for call in calls {
            code = code.max(self.one(call).await);
        }
        code
    }

    async fn one(&self, mut call: Imported) -> u8 {
        let sid = &call.sid;
        if let Some(flow) = self.named {
            flow.clone_into(&mut call.draft.flow);
        }
        let version = match call.draft.flow.as_str() {
            "" => self.flows.by_number(&call.to),
            flow => self.flows.by_name(flow),
        };
        let Some(version) = version else {
            let which = if call.draft.flow.is_empty() { &call.to } else { &call.draft.flow };
            eprintln!("warning: {sid}: no flow here serves `{which}`: name it by --flow");
            return exit::FAULTS;
        };
        call.draft = call.draft.disguised(&version.flow);
        let written = match write(&call.draft, version.bundle(), self.settings).await {
            Ok(written) => written,
            Err(why) => {
                eprintln!("warning: {sid}: it cannot be played: {why}");
                return exit::FAULTS;
            }
        };
        let name: String = sid.chars().rev().take(8).filter(char::is_ascii_alphanumeric).collect();
        let name: String = name.chars().rev().collect();
        let file = self.output.join(format!("{}.{name}.toml", version.flow.name.replace('/', "-")));
        if let Err(error) = std::fs::write(&file, &written.text) {
            eprintln!("error: {} cannot be written: {error}", file.display());
            return exit::SURROUNDINGS;
        }
        println!("{}", file.display());
        for fault in &written.faults {
            eprintln!("warning: {}: it does not pass: {fault}", file.display());
        }
        if written.faults.is_empty() { exit::WELL } else { exit::FAULTS }
    }
}
