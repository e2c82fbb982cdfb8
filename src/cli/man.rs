//! `hookswitch man` and `hookswitch completions`: what a shell and `man` need, made of the commands' own definition.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Arguments, exit};

/// Print the manual page, or write those of all commands into a folder
///
/// `hookswitch man | man -l -` shows it; for `man hookswitch-serve`, write them below a folder of MANPATH:
/// `hookswitch man --output /usr/local/share/man/man1`.
#[derive(Clone, Debug, clap::Args)]
pub struct ManArgs {
    /// The folder
    #[arg(long, value_name = "FOLDER")]
    output: Option<PathBuf>,
}

/// Print what a shell needs to complete commands, options and their values
///
/// For bash: `hookswitch completions bash > /etc/bash_completion.d/hookswitch`. For zsh: into a folder of $fpath, as
/// `_hookswitch`. For fish: `~/.config/fish/completions/hookswitch.fish`.
#[derive(Clone, Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

/// Prints the page or writes all; the exit code.
pub fn run(arguments: &ManArgs) -> u8 {
    let Some(folder) = &arguments.output else {
        let mut page = Vec::new();
        let made = clap_mangen::Man::new(Arguments::command()).render(&mut page);
        made.expect("a text takes what is written");
        return print(&page);
    };
    match write(folder) {
        Ok(()) => exit::WELL,
        Err(error) => {
            eprintln!("error: `{}` cannot be written: {error}", folder.display());
            exit::SURROUNDINGS
        }
    }
}

fn write(folder: &Path) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    clap_mangen::generate_to(Arguments::command(), folder)
}

/// Prints completions; the exit code.
pub fn complete(arguments: &CompletionsArgs) -> u8 {
    let mut script = Vec::new();
    let mut command = Arguments::command();
    clap_complete::generate(arguments.shell, &mut command, "hookswitch", &mut script);
    print(&script)
}

/// A reader that goes away, such as `head`, is no fault.
fn print(bytes: &[u8]) -> u8 {
    match io::stdout().write_all(bytes) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("error: {error}");
            exit::SURROUNDINGS
        }
        _ => exit::WELL,
    }
}
