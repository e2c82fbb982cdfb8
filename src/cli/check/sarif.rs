//! Faults as SARIF 2.1.0 (docs.oasis-open.org/sarif/sarif/v2.1.0), which code scanners read.

use serde_json::{Value, json};

use super::{PlacedDiag, severity};
use crate::engine::diag::Severity;
use crate::written::Code;

/// The whole log.
pub(super) fn log<'a>(placed: impl Iterator<Item = PlacedDiag<'a>>) -> Value {
    let rules: Vec<Value> = Code::of_flows().map(rule).collect();
    let results: Vec<Value> = placed.map(|placed| result(&placed)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "hookswitch",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    })
}

fn rule(code: Code) -> Value {
    let level = if code.severity() == Severity::Error {
        "error"
    } else {
        "warning"
    };
    json!({
        "id": code.name(),
        "shortDescription": { "text": code.summary() },
        "help": { "text": code.page(), "markdown": code.page() },
        "defaultConfiguration": { "level": level },
    })
}

fn result(placed: &PlacedDiag<'_>) -> Value {
    let PlacedDiag {
        diag,
        line,
        column,
        end_line,
        end_column,
    } = placed;
    let text = match &diag.help {
        Some(help) => format!("{}\n{help}", diag.message),
        None => diag.message.clone(),
    };
    let mut result = json!({
        "ruleId": diag.code.name(),
        "level": severity(diag),
        "message": { "text": text },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&diag.at.file) },
            "region": { "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column },
        } }],
    });
    if let Some(place) = Code::of_flows().position(|code| code == diag.code) {
        result["ruleIndex"] = place.into();
    }
    result
}

/// A path as a URI reference: with forward slashes, and whatever is not allowed in one encoded.
fn uri(path: &str) -> String {
    use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
    const PATH: &AsciiSet = &CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    let path = path.replace('\\', "/");
    // A colon in the first part would be read as a scheme.
    let path = if path
        .split('/')
        .next()
        .is_some_and(|first| first.contains(':'))
    {
        format!("./{path}")
    } else {
        path
    };
    utf8_percent_encode(&path, PATH).to_string()
}
