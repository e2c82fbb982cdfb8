//! How much of each flow the calls took.

use serde_json::{Value, json};

use super::TestArgs;
use crate::cli::exit;
use crate::web::in_process::{Covered, FlowCoverage};

/// Prints what was taken and what was not, writes the file that was asked for; the exit code.
pub fn tell(flows: &[FlowCoverage], arguments: &TestArgs) -> Result<u8, u8> {
    if let Some(file) = &arguments.coverage_json {
        super::write(file, &format!("{:#}\n", document(flows)))?;
    }
    if !arguments.coverage {
        return Ok(exit::WELL);
    }
    let limit = usize::from(arguments.coverage_limit.unwrap_or(0));
    let mut code = exit::WELL;
    println!();
    for flow in flows {
        let (taken, all) = flow.count();
        println!("{}", line(flow));
        for missing in flow
            .steps
            .iter()
            .chain(&flow.edges)
            .filter(|covered| !covered.taken)
        {
            println!("  {}:{}: {}", flow.file, missing.line, named(missing));
        }
        if taken * 100 < limit * all {
            println!("  less than {limit} %");
            code = exit::FAULTS;
        }
    }
    println!();
    Ok(code)
}

fn line(flow: &FlowCoverage) -> String {
    let count = |all: &[Covered]| {
        (
            all.iter().filter(|covered| covered.taken).count(),
            all.len(),
        )
    };
    let (steps, edges) = (count(&flow.steps), count(&flow.edges));
    format!(
        "{:<12} steps {} of {}, edges {} of {}",
        flow.flow, steps.0, steps.1, edges.0, edges.1
    )
}

/// A step or an edge in the words of the flow.
fn named(covered: &Covered) -> String {
    match (covered.step.as_str(), covered.on.as_str()) {
        (step, "") => format!("no call comes to `{step}`"),
        ("", on) => format!("no call takes `{on}` of the flow, to `{}`", covered.to),
        (step, on) => format!("no call takes `{on}` of `{step}`, to `{}`", covered.to),
    }
}

fn document(flows: &[FlowCoverage]) -> Value {
    let step = |covered: &Covered| json!({ "step": covered.step, "line": covered.line, "taken": covered.taken });
    let edge = |covered: &Covered| {
        let Covered {
            step,
            on,
            to,
            line,
            taken,
        } = covered;
        json!({ "step": step, "on": on, "to": to, "line": line, "taken": taken })
    };
    let flow = |flow: &FlowCoverage| {
        let steps: Vec<Value> = flow.steps.iter().map(step).collect();
        let edges: Vec<Value> = flow.edges.iter().map(edge).collect();
        json!({ "flow": flow.flow, "file": flow.file, "steps": steps, "edges": edges })
    };
    json!({ "flows": flows.iter().map(flow).collect::<Vec<_>>() })
}
