//! How much of their callers' time a flow's calls take: a table for people, one object per flow for machines.

use std::io::{self, Write};
use std::time::Duration;

use serde_json::{Value, json};

use crate::engine::{Flow, StepId};
use crate::study::walk::time::{Ending, Length, Prices, Time, time, told};
use crate::twiml::Pace;
use crate::web::flows::Sources;

/// How wide the first column is: that of the longest ending.
const FIRST: usize = 20;
/// How wide the names of a call's steps are.
const WIDTH: usize = 76;

/// Tells people of each flow that loads.
pub(super) fn draw(
    out: &mut impl Write,
    sources: &Sources,
    prices: Option<&Prices>,
) -> io::Result<()> {
    each(sources, |flow, time| {
        let title = if flow.title.is_empty() {
            String::new()
        } else {
            format!(" ({})", flow.title)
        };
        writeln!(out, "\n{}{title}", flow.name)?;
        write!(out, "{}", table(time))?;
        lines(flow, time, prices)
            .into_iter()
            .try_for_each(|(what, line)| writeln!(out, "  {what:<FIRST$}{line}"))
    })
}

pub(super) fn objects(
    out: &mut impl Write,
    sources: &Sources,
    prices: Option<&Prices>,
) -> io::Result<()> {
    each(sources, |flow, time| {
        writeln!(out, "{}", object(flow, time, prices))
    })
}

fn each(sources: &Sources, mut tell: impl FnMut(&Flow, &Time) -> io::Result<()>) -> io::Result<()> {
    let ear = sources.ear();
    let flows = sources
        .flows
        .iter()
        .filter_map(|source| source.loaded.as_ref().ok());
    flows
        .map(|loaded| &loaded.flow)
        .try_for_each(|flow| tell(flow, &time(flow, &ear as &dyn Pace)))
}

/// How long calls are, by how they end.
fn table(time: &Time) -> String {
    let row = |what: &str, shortest: &str, typical: &str, longest: &str| {
        format!("  {what:<FIRST$}{shortest:>14}{typical:>14}{longest:>14}\n")
    };
    let lasts = |length: &Length| told(length.lasts);
    let (typical, ending) = &time.typical;
    let mut text = row("a call that ends", "shortest", "typical", "longest");
    for span in &time.spans {
        let typical = if span.ending == *ending {
            lasts(typical)
        } else {
            String::new()
        };
        text.push_str(&row(
            words(span.ending),
            &lasts(&span.shortest),
            &typical,
            &lasts(&span.longest),
        ));
    }
    if let (Some(shortest), Some(longest)) = (time.shortest(), time.longest())
        && time.spans.len() > 1
    {
        text.push_str(&row(
            "any call",
            &lasts(shortest),
            &lasts(typical),
            &lasts(longest),
        ));
    }
    text
}

/// What else there is to tell, and what it is.
fn lines(flow: &Flow, time: &Time, prices: Option<&Prices>) -> Vec<(&'static str, String)> {
    let name = |step: StepId| &flow.step(step).name;
    let mut lines = Vec::new();
    if let Some((step, lasts)) = time.first_key {
        lines.push((
            "first key",
            format!("after {}, at `{}`", told(lasts), name(step)),
        ));
    }
    if let Some((step, keys)) = time.fullest_menu {
        lines.push((
            "fullest menu",
            format!(
                "{keys} key{}, at `{}`",
                if keys == 1 { "" } else { "s" },
                name(step)
            ),
        ));
    }
    if let Some((step, words)) = time.most_words {
        lines.push((
            "most words at once",
            format!("{words}, at `{}`", name(step)),
        ));
    }
    if let Some(longest) = time.longest() {
        let way = names(&longest.steps, |step| name(step));
        lines.push(("longest call", format!("{} turns: {way}", longest.turns)));
        if let Some((step, lasts)) = longest.slowest {
            lines.push((
                "most of it",
                format!("{}, at `{}`", told(lasts), name(step)),
            ));
        }
        if let Some(prices) = prices {
            let told = |length: &Length| prices.told(length.cost(prices));
            lines.push((
                "cost",
                format!(
                    "typical {}, longest {}",
                    told(&time.typical.0),
                    told(longest)
                ),
            ));
        }
    }
    if time.is_rough {
        lines.push((
            "not sure",
            "too many ways to walk one by one: some of these calls may not be possible".to_owned(),
        ));
    }
    lines
}

/// The steps of a call, in lines that are not too long.
fn names<'a>(steps: &[StepId], name: impl Fn(StepId) -> &'a String) -> String {
    let mut lines = vec![String::new()];
    for (place, step) in steps.iter().enumerate() {
        let comma = if place + 1 < steps.len() { "," } else { "" };
        let word = format!("{}{comma}", name(*step));
        let line = lines.last_mut().expect("there is one");
        match line.is_empty() || line.chars().count() + word.chars().count() < WIDTH {
            true if line.is_empty() => line.push_str(&word),
            true => *line = format!("{line} {word}"),
            false => lines.push(word),
        }
    }
    lines.join(&format!("\n{:width$}", "", width = FIRST + 2))
}

/// An ending in words, after "a call that ends".
fn words(ending: Ending) -> &'static str {
    match ending {
        Ending::Submitted => "submitted",
        Ending::Partial => "submitted in part",
        Ending::Person => "with a person",
        Ending::Nothing => "with nothing sent",
        Ending::Apology => "with an apology",
    }
}

fn object(flow: &Flow, time: &Time, prices: Option<&Prices>) -> Value {
    let seconds = |lasts: Duration| (lasts.as_secs_f64() * 1_000.0).round() / 1_000.0;
    let name = |step: StepId| &flow.step(step).name;
    let names = |length: &Length| {
        length
            .steps
            .iter()
            .map(|step| name(*step).clone())
            .collect::<Vec<_>>()
    };
    let of = |length: &Length| {
        json!({
            "seconds": seconds(length.lasts),
            "turns": length.turns,
            "steps": names(length),
            "slowest": length.slowest.map(|(step, lasts)| json!({ "step": name(step), "seconds": seconds(lasts) })),
            "cost": prices.map(|prices| length.cost(prices)),
        })
    };
    let (typical, ending) = &time.typical;
    let endings = time.spans.iter().map(|span| {
        json!({
            "ending": span.ending.as_str(),
            "shortest": of(&span.shortest),
            "typical": (span.ending == *ending).then(|| of(typical)),
            "longest": of(&span.longest),
        })
    });
    json!({
        "flow": flow.name,
        "shortest": time.shortest().map(of),
        "typical": of(typical),
        "longest": time.longest().map(of),
        "endings": endings.collect::<Vec<_>>(),
        "first_key": time.first_key.map(|(step, lasts)| json!({ "step": name(step), "seconds": seconds(lasts) })),
        "menu_options": time.fullest_menu.map(|(step, keys)| json!({ "step": name(step), "count": keys })),
        "prompt_words": time.most_words.map(|(step, words)| json!({ "step": name(step), "count": words })),
        "reply_bytes": time.largest.map(|(step, bytes)| json!({ "step": name(step), "count": bytes })),
        "currency": prices.map(|prices| &prices.currency),
        "is_rough": time.is_rough,
    })
}
