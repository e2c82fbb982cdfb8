//! What a turn costs: the parts of `benches/run`, which says how they fit together.
//!
//! `bare` is the least server that does a turn's work at the edge, `load` the generator, `disk` the comparison of the
//! store on disk with its database alone, `report` makes tables of what the others measured.

mod bare;
mod call;
mod disk;
mod http;
mod load;
mod process;
mod report;

use std::process::ExitCode;

/// The product's, so that the bare handler has what we have.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A part failed, and why.
type Fault = Box<dyn std::error::Error>;

const USAGE: &str = "usage: turns bare PORT [REDIS_PORT]
       turns load SERVER PORT PID REDIS_PID CONNECTIONS WARMUP SECONDS [RATE]
       turns calls SERVER PORT PID REDIS_PORT CALLS
       turns play SERVER PORT CALLS
       turns disk FOLDER SECONDS
       turns port
       turns report FILE
These are the parts of benches/run: run that.";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["bare", rest @ ..] => bare::run(rest),
        ["load", rest @ ..] => load::run(rest),
        ["calls", rest @ ..] => load::leave_calls_open(rest),
        ["play", rest @ ..] => load::play(rest),
        ["disk", rest @ ..] => disk::run(rest),
        ["port"] => port(),
        ["report", rest @ ..] => report::run(rest),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}

/// Prints a port that is free.
fn port() -> Result<(), Fault> {
    println!(
        "{}",
        std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port()
    );
    Ok(())
}
