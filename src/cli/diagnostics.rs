//! Faults as their reader wants to see them: the line, a caret, and a way out.

use std::collections::BTreeMap;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::check::sentence;
use crate::engine::diag::{Diag, Place, Severity};
use crate::telemetry::plain;

/// Draws faults the way compilers do; a place in a file whose text is not at hand is named only.
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
