//! Lines of measurements in, Markdown out: medians over the rounds, ratios within each round.

use serde_json::Value;

use super::{Fault, USAGE};

/// The servers, what they are, and the bare handler that each is held against.
const SERVERS: [(&str, &str, &str); 5] = [
    ("bare", "bare handler", "bare"),
    ("memory", "`memory:`", "bare"),
    ("bare-redis", "bare handler, one script", "bare-redis"),
    ("redis", "`redis://`", "bare-redis"),
    ("local", "`local:`", "bare"),
];

/// `report`: prints the tables of a file of measurements.
pub fn run(words: &[&str]) -> Result<(), Fault> {
    let [file] = words else {
        return Err(USAGE.into());
    };
    let text = std::fs::read_to_string(file)?;
    let lines = text
        .lines()
        .map(serde_json::from_str)
        .collect::<Result<Vec<Value>, _>>()?;
    turns(&lines);
    memory(&lines);
    disk(&lines);
    instructions(&lines);
    Ok(())
}

/// The lines of a server that have a figure, in the order of the rounds.
fn of<'a>(lines: &'a [Value], server: &str, key: &str) -> Vec<&'a Value> {
    lines
        .iter()
        .filter(|line| line["server"] == server && line.get(key).is_some())
        .collect()
}

fn figures(lines: &[&Value], key: &str) -> Vec<f64> {
    lines.iter().filter_map(|line| line[key].as_f64()).collect()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    let middle = figures.len() / 2;
    match figures.len() {
        0 => f64::NAN,
        length if length % 2 == 1 => figures[middle],
        _ => f64::midpoint(figures[middle - 1], figures[middle]),
    }
}

/// How far the rounds lie apart, in parts of their median.
fn spread(figures: &[f64]) -> f64 {
    let (low, high) = figures
        .iter()
        .fold((f64::MAX, f64::MIN), |(low, high), one| {
            (low.min(*one), high.max(*one))
        });
    (high - low) / median(figures.to_vec())
}

/// The median of what one is to the other in each round, so that a slow minute is on both sides.
fn ratio(over: &[f64], under: &[f64]) -> f64 {
    median(
        over.iter()
            .zip(under)
            .map(|(over, under)| over / under)
            .collect(),
    )
}

fn turns(lines: &[Value]) {
    let windows: Vec<&Value> = lines
        .iter()
        .filter(|line| line.get("cpu_us").is_some())
        .collect();
    if windows.is_empty() {
        return;
    }
    let closed = |server| {
        of(lines, server, "cpu_us")
            .into_iter()
            .filter(|line| line["rate"] == 0.0)
            .collect::<Vec<_>>()
    };
    println!(
        "| server | CPU µs a turn | ÷ its bare handler | rounds apart | turns/s | p50, p99, p99.9 ms | resident MiB | Redis CPU µs | server, generator busy |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    for (server, name, base) in SERVERS {
        let busy = closed(server);
        if busy.is_empty() {
            continue;
        }
        let constant: Vec<&Value> = of(lines, server, "cpu_us")
            .into_iter()
            .filter(|line| line["rate"] != 0.0)
            .collect();
        let (cpu, mid) = (figures(&busy, "cpu_us"), |key| median(figures(&busy, key)));
        let late = |key| median(figures(&constant, key)) / 1000.0;
        println!(
            "| {name} | {:.1} | {:.2} | {:.0}% | {:.0} | {:.2}, {:.2}, {:.2} | {:.0} | {:.1} | {:.0}%, {:.0}% |",
            median(cpu.clone()),
            ratio(&cpu, &figures(&closed(base), "cpu_us")),
            100.0 * spread(&cpu),
            mid("turns_s"),
            late("p50_us"),
            late("p99_us"),
            late("p999_us"),
            mid("resident") / f64::from(1 << 20),
            mid("redis_us"),
            100.0 * mid("busy"),
            100.0 * mid("load"),
        );
    }
    let all = |key| windows.iter().filter_map(move |line| line[key].as_f64());
    println!(
        "\nLatencies at {:.0} turns/s, without coordinated omission. Wrong answers: {:.0}. Other processes took at most \
         {:.0}% of a processor in any window, in half of them at most {:.0}%.",
        all("rate").fold(0.0, f64::max),
        all("wrong").sum::<f64>(),
        100.0 * all("others").fold(0.0, f64::max),
        100.0 * median(all("others").collect()).max(0.0),
    );
}

fn memory(lines: &[Value]) {
    let measured: Vec<_> = SERVERS
        .iter()
        .map(|(server, name, _)| (name, of(lines, server, "node")))
        .collect();
    if measured.iter().all(|(_, lines)| lines.is_empty()) {
        return;
    }
    println!(
        "\n| a call under way, with its reply | node, bytes | Redis, bytes |\n| --- | ---: | ---: |"
    );
    for (name, lines) in measured.iter().filter(|(_, lines)| !lines.is_empty()) {
        println!(
            "| {name} | {:.0} | {:.0} |",
            median(figures(lines, "node")),
            median(figures(lines, "redis"))
        );
    }
}

fn disk(lines: &[Value]) {
    let measured = of(lines, "disk", "alone");
    if measured.is_empty() {
        return;
    }
    let (store, alone) = (figures(&measured, "store"), figures(&measured, "alone"));
    println!(
        "\n| commits to disk | a second | a sync | rounds apart |\n| --- | ---: | ---: | ---: |"
    );
    let group = median(figures(&measured, "group"));
    println!(
        "| redb alone | {:.0} | {group:.0} | {:.0}% |",
        median(alone.clone()),
        100.0 * spread(&alone)
    );
    println!(
        "| `local:` | {:.0} | {group:.0} | {:.0}% |",
        median(store.clone()),
        100.0 * spread(&store)
    );
    println!(
        "\n`local:` does {:.2} of the commits that redb does alone.",
        ratio(&store, &alone)
    );
}

fn instructions(lines: &[Value]) {
    let count = |server: &str| median(figures(&of(lines, server, "instructions"), "instructions"));
    if count("bare").is_nan() {
        return;
    }
    println!("\n| server | instructions a turn | ÷ its bare handler |\n| --- | ---: | ---: |");
    for (server, name, base) in SERVERS
        .iter()
        .filter(|(server, ..)| !count(server).is_nan())
    {
        println!(
            "| {name} | {:.0} | {:.2} |",
            count(server),
            count(server) / count(base)
        );
    }
}
