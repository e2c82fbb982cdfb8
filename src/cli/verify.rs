//! `hookswitch verify`: what the limits of codes by SMS are worth.

use std::collections::BTreeMap;
use std::path::Path;

use super::{exit, settings};
use crate::verify::simulate::{Attack, Party, Report, Simulation, simulate};
use crate::verify::{LimitMode, SendLimits};

/// Try the limits of codes by SMS
#[derive(Clone, Debug, clap::Args)]
pub struct VerifyArgs {
    #[command(subcommand)]
    act: VerifyAct,
}

/// What is asked.
#[derive(Clone, Debug, clap::Subcommand)]
enum VerifyAct {
    Simulate(SimulateArgs),
}

/// Play attacks against the limits of the settings, and show who gets how many codes
///
/// A fortnight of people who mean no harm, then a day of the attack, in a time of its own: nothing is sent or counted.
/// Attacks: `range` (many callers, a block of numbers abroad), `country` (any numbers of one country), `source` (one caller,
/// many countries), `home` (numbers of the country where people call from), `number` (one number is flooded), `guess` (a code
/// of it is guessed), `none`.
#[derive(Clone, Debug, clap::Args)]
struct SimulateArgs {
    /// One attack; each of them where it is left out
    #[arg(long, value_name = "ATTACK", value_parser = attack)]
    attack: Option<Attack>,
    /// Codes that the attack asks for in an hour
    #[arg(long, value_name = "CODES", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    rate: u32,
    /// People a day who prove their number
    #[arg(long, value_name = "PEOPLE", default_value_t = 200, value_parser = clap::value_parser!(u32).range(0..=20_000))]
    people: u32,
    /// `deny` to keep the limits, `record` to send all the same [default: that of the settings]
    #[arg(long, value_name = "MODE", value_parser = mode)]
    mode: Option<LimitMode>,
    /// What an SMS costs
    #[arg(long, value_name = "PRICE", default_value_t = 0.05)]
    price: f64,
    /// The seed of the random numbers: the same one plays the same
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    seed: u64,
}

fn attack(word: &str) -> Result<Attack, String> {
    let all = Attack::ALL.map(Attack::as_str).join(", ");
    Attack::named(word).ok_or_else(|| format!("there are {all}"))
}

fn mode(word: &str) -> Result<LimitMode, &'static str> {
    LimitMode::named(word).ok_or("write record or deny")
}

/// Plays them; the exit code.
pub fn run(folder: &Path, arguments: &VerifyArgs) -> u8 {
    let VerifyAct::Simulate(arguments) = &arguments.act;
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let limits = SendLimits {
        mode: arguments.mode.unwrap_or(settings.verify.mode),
        ..settings.verify
    };
    let does = match limits.mode {
        LimitMode::Record => "recorded, except for those of a number",
        LimitMode::Deny => "kept",
    };
    let SimulateArgs {
        seed, people, rate, ..
    } = *arguments;
    println!(
        "Seed {seed}: {people} people a day, {rate} codes an hour for the attack; limits are {does}.\n"
    );
    println!(
        "{:<8} {:>7} {:>7} {:>8} {:>9} {:>8} {:>9} {:>9}",
        "attack", "asked", "sent", "guessed", "cost", "people", "sent", "refused"
    );
    let attacks = arguments
        .attack
        .map_or(Attack::ALL.to_vec(), |one| vec![one]);
    let mut notes = Vec::new();
    for attack in attacks {
        let report = simulate(Simulation {
            seed,
            limits,
            attack,
            people,
            rate,
        });
        println!("{}", line(attack, &report, arguments.price));
        notes.extend(note(attack, &report));
    }
    println!("\n{}", notes.join("\n"));
    exit::WELL
}

/// What an attack came to, in a line.
fn line(attack: Attack, report: &Report, price: f64) -> String {
    let Report {
        people, attacker, ..
    } = report;
    format!(
        "{:<8} {:>7} {:>7} {:>8} {:>9.2} {:>8} {:>9} {:>9}",
        attack.as_str(),
        attacker.asked,
        attacker.sent,
        attacker.entered,
        f64::from(attacker.sent) * price,
        people.asked,
        people.sent,
        total(&people.refused)
    )
}

/// Which limits were met.
fn note(attack: Attack, report: &Report) -> Vec<String> {
    let word = attack.as_str();
    let of = |whose: &str, party: &Party| {
        let each = [("refused", &party.refused), ("recorded", &party.recorded)];
        let met = each.into_iter().filter(|(_, limits)| !limits.is_empty());
        let met = met.map(|(what, limits)| format!("{word}, {whose}: {what} by {}", told(limits)));
        met.collect::<Vec<_>>()
    };
    let (guesses, compared) = report.guesses;
    let guessed = format!("{word}: of {guesses} guesses {compared} were compared");
    let guessed = (guesses > 0).then_some(guessed);
    [
        of("the attack", &report.attacker),
        of("people", &report.people),
    ]
    .concat()
    .into_iter()
    .chain(guessed)
    .collect()
}

fn told(limits: &BTreeMap<&'static str, u32>) -> String {
    let each = limits
        .iter()
        .map(|(limit, count)| format!("{limit} {count}"));
    each.collect::<Vec<_>>().join(", ")
}

fn total(limits: &BTreeMap<&'static str, u32>) -> u32 {
    limits.values().sum()
}
