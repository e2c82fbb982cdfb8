//! Faults as their reader wants to see them: the line, a caret, and a way out.

use std::collections::BTreeMap;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::engine::diag::{Diag, ExampleStep, Place, Severity, StepEvent};
use crate::telemetry::plain;
use crate::written::CallerAct;

/// Draws faults as compilers do; a place in a file whose text is not there is only named.
pub fn draw(diags: &[Diag], texts: &BTreeMap<Arc<str>, String>, colour: bool) -> String {
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut drawn = String::new();
    for diag in diags {
        let call = diag.call.as_ref().and_then(|call| sentence(&call.acts));
        let group = group(diag, call.as_deref(), texts);
        drawn.push_str(&renderer.render(&[group]));
        drawn.push_str("\n\n");
    }
    drawn
}

fn group<'a>(
    diag: &'a Diag,
    call: Option<&'a str>,
    texts: &'a BTreeMap<Arc<str>, String>,
) -> Group<'a> {
    let level = match diag.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = plain(&diag.message).into_owned();
    let mut group = Group::with_title(level.primary_title(title).id(diag.code.name()));
    let also = diag
        .also
        .as_ref()
        .filter(|(place, _)| place.file == diag.at.file);
    match texts.get(&diag.at.file) {
        Some(text) => {
            let primary = AnnotationKind::Primary.span(within(&diag.at, text));
            let mut snippet = Snippet::source(text.as_str())
                .path(&*diag.at.file)
                .annotation(primary);
            if let Some((place, label)) = also {
                snippet = snippet.annotation(
                    AnnotationKind::Context
                        .span(within(place, text))
                        .label(label.as_str()),
                );
            }
            group = group.element(snippet);
        }
        None => group = group.element(annotate_snippets::Origin::path(&*diag.at.file)),
    }
    if let Some(call) = call {
        group = group.element(Level::NOTE.message(plain(call)));
    }
    if let Some(help) = &diag.help {
        group = group.element(Level::HELP.message(plain(help)));
    }
    group
}

/// A span that lies within the text and on the borders of its characters.
fn within(place: &Place, text: &str) -> std::ops::Range<usize> {
    let start = text.floor_char_boundary(place.span.start);
    let end = text.ceil_char_boundary(place.span.end.max(start));
    start..end
}

/// The call in a sentence: `a caller who presses 1, enters 5# and is silent three times gets here`.
fn sentence(call: &[ExampleStep]) -> Option<String> {
    let mut parts: Vec<(String, usize)> = Vec::new();
    for ExampleStep { step, event } in call {
        let part = match event {
            StepEvent::Acts(act) => of_act(act),
            StepEvent::Came { is_good: true, .. } => format!("is connected at `{step}`"),
            StepEvent::Came { outcome, .. } => format!("is not connected at `{step}` ({outcome})"),
            StepEvent::Refused => format!("is at `{step}` when the carrier cannot go on"),
            StepEvent::HangUp | StepEvent::HangUpAway => format!("hangs up at `{step}`"),
        };
        match parts.last_mut().filter(|(last, _)| *last == part) {
            Some((_, times)) => *times += 1,
            None => parts.push((part, 1)),
        }
    }
    let times = |(part, times): (String, usize)| match times {
        1 => part,
        2 => format!("{part} twice"),
        3 => format!("{part} three times"),
        more => format!("{part} {more} times"),
    };
    let mut parts: Vec<String> = parts.into_iter().map(times).collect();
    let last = parts.pop()?;
    let rest = if parts.is_empty() {
        String::new()
    } else {
        format!("{} and ", parts.join(", "))
    };
    Some(format!("a caller who {rest}{last} gets here"))
}

fn of_act(act: &CallerAct) -> String {
    match act {
        CallerAct::Press(keys) if keys.chars().count() == 1 => format!("presses {keys}"),
        CallerAct::Press(keys) => format!("enters {keys}"),
        CallerAct::Says(said) => format!("says \"{}\"", said.words),
        CallerAct::Silent => "is silent".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::engine::diag::{ExampleStep, StepEvent};

    #[test]
    fn a_call_reads_as_a_sentence() {
        let act = |event| ExampleStep {
            step: "kind".to_owned(),
            event,
        };
        let call = [
            act(StepEvent::press("1")),
            act(StepEvent::press("5#")),
            act(StepEvent::SILENT),
            act(StepEvent::SILENT),
        ];
        assert_eq!(
            sentence(&call).as_deref(),
            Some("a caller who presses 1, enters 5# and is silent twice gets here")
        );
        assert_eq!(sentence(&[]), None);
    }
}
