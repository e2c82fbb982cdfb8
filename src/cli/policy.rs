//! `hookswitch policy`: what becomes of a number that a flow wants to dial or text.

use std::path::Path;

use super::{exit, settings};
use crate::policy::{Country, NumberPlan, NumberUse, Policy, Reach};
use crate::written::number::canonical;

/// Explain which numbers flows may dial and text
#[derive(Clone, Debug, clap::Args)]
pub struct PolicyArgs {
    #[command(subcommand)]
    act: PolicyAct,
}

/// What is asked.
#[derive(Clone, Debug, clap::Subcommand)]
enum PolicyAct {
    Explain(ExplainArgs),
}

/// Show what would happen to a number, and why
///
/// Nothing is dialled, texted or counted. Exits with 1 if it is no telephone number.
#[derive(Clone, Debug, clap::Args)]
struct ExplainArgs {
    /// The number, with its country code: +442079460000
    number: String,
    /// The number that the caller called, whose country may be reached where the settings say `called`
    #[arg(long, value_name = "NUMBER")]
    called: Option<String>,
}

/// Shows it; the exit code.
pub fn run(folder: &Path, arguments: &PolicyArgs) -> u8 {
    let PolicyAct::Explain(arguments) = &arguments.act;
    let settings = match settings(folder) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let number = canonical(&arguments.number);
    let called = arguments.called.as_deref().map(canonical);
    let Some(plan) = NumberPlan::of(&number) else {
        eprintln!(
            "error: `{}` is no telephone number with its country code\nhelp: write it as in +442079460000",
            arguments.number
        );
        return exit::FAULTS;
    };
    let country = plan.country.as_deref().unwrap_or("no country");
    println!("{number}: {country}, {}", plan.kind.as_str());
    for reach in Reach::ALL {
        for is_written in [true, false] {
            let used = NumberUse {
                reach,
                number: &number,
                is_written,
                called: called.as_deref().unwrap_or_default(),
            };
            println!("{}", line(&settings.policy, &plan, &used));
        }
    }
    exit::WELL
}

/// What becomes of one use of it, in a line.
fn line(policy: &Policy, plan: &NumberPlan, used: &NumberUse<'_>) -> String {
    let (verb, done) = match used.reach {
        Reach::Dial => ("dial", "dialled"),
        Reach::Text => ("text", "texted"),
    };
    let from = if used.is_written {
        "where it stands in a flow, or is a contact"
    } else {
        "where a caller or a service gives it"
    };
    let answer = match policy.judge(used) {
        Ok(()) => format!("{done}{}", caps(policy, used)),
        Err(refusal) if is_reached_at_home(policy, used) => {
            let country = plan.country.as_deref().unwrap_or_default();
            let home = format!("{done} if the number called is of {country} too (`called`)");
            format!(
                "{home}{}; else refused: {}",
                caps(policy, used),
                refusal.words()
            )
        }
        Err(refusal) => format!("refused: {}{}", refusal.words(), allowed(policy, used)),
    };
    format!("{verb}, {from}: {answer}")
}

/// Whether it is reached where nobody said which number is called, and that is of its own country.
fn is_reached_at_home(policy: &Policy, used: &NumberUse<'_>) -> bool {
    let home = NumberUse {
        called: used.number,
        ..*used
    };
    used.called.is_empty() && policy.judge(&home).is_ok()
}

/// How often it is.
fn caps(policy: &Policy, used: &NumberUse<'_>) -> String {
    if used.reach == Reach::Dial && used.is_written {
        return ", not counted".to_owned();
    }
    let caps = &policy.caps;
    let each = [
        (caps.call, "in a call"),
        (caps.caller, "by a caller in a day"),
        (caps.number, "to this number"),
        (caps.prefix, "to numbers that begin so"),
        (caps.day, "in all"),
    ];
    let each = each
        .into_iter()
        .filter_map(|(most, of)| Some(format!("{} {of}", most?)));
    let each: Vec<String> = each.collect();
    if each.is_empty() {
        String::new()
    } else {
        format!(", at most {}", each.join(", "))
    }
}

/// What the settings allow instead.
fn allowed(policy: &Policy, used: &NumberUse<'_>) -> String {
    if used.is_written {
        return String::new();
    }
    let (key, countries) = match used.reach {
        Reach::Dial => ("policy.dial", &policy.dial),
        Reach::Text => ("policy.text", &policy.text),
    };
    let word = |country: &Country| match country {
        Country::Called => Country::CALLED.to_owned(),
        Country::Code(code) => code.clone(),
    };
    let countries: Vec<String> = countries.iter().map(word).collect();
    let kinds: Vec<&str> = policy.kinds.iter().map(|kind| kind.as_str()).collect();
    format!(
        " ({key}: {}; policy.kinds: {})",
        named(&countries.join(", ")),
        named(&kinds.join(", "))
    )
}

fn named(list: &str) -> &str {
    if list.is_empty() { "none" } else { list }
}
