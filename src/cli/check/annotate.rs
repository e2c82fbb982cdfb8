//! Faults as annotations of a pull request: GitHub's workflow commands
//! (docs.github.com, "Workflow commands for GitHub Actions").

use super::{PlacedDiag, severity};
use crate::engine::diag::Severity;

/// `::error file=…,line=…,col=…,title=…::…`
pub(super) fn command(placed: &PlacedDiag<'_>) -> String {
    let PlacedDiag {
        diag,
        line,
        column,
        end_line,
        end_column,
    } = placed;
    let help = diag
        .help
        .as_ref()
        .map_or(String::new(), |help| format!("\nhelp: {help}"));
    let message = data(&format!("{}{help}", diag.message));
    // A column only means something within one line.
    let end = if line == end_line && column < end_column {
        format!(",endColumn={}", end_column - 1)
    } else {
        String::new()
    };
    format!(
        "::{} file={},line={line},col={column}{end},title={}::{message}",
        // GitHub's own word for a note.
        if diag.severity == Severity::Note {
            "notice"
        } else {
            severity(diag)
        },
        property(&diag.at.file),
        property(diag.code.name())
    )
}

/// What stands behind the second `::`.
fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// What stands behind a `=`.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::diag::{Diag, Place};
    use crate::written::{Code, Explain};

    #[test]
    fn nothing_that_an_author_writes_ends_a_command_or_begins_another() {
        let at = Place {
            file: "a,b:c.toml".into(),
            span: 0..1,
        };
        let diag = Diag::new(Code::KeyUnknown, at, "100% of\n::error::x").help("y");
        let placed = PlacedDiag {
            diag: &diag,
            line: 2,
            column: 3,
            end_line: 2,
            end_column: 4,
        };
        assert_eq!(
            command(&placed),
            "::error file=a%2Cb%3Ac.toml,line=2,col=3,endColumn=3,title=key-unknown::100%25 of%0A::error::x%0Ahelp: y"
        );
    }
}
