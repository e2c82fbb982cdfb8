//! Every code of a fault in one place, with the page that explains it: what it means, a bad example and a good one.
//!
//! A code is for ever: it stands in settings, in other people's scripts and in their heads.

use super::diag::Severity;

/// A kind of fault.
#[derive(Debug)]
pub struct Code {
    /// Stable, kebab-case, subject first.
    pub name: &'static str,
    /// How bad it is where the settings say nothing.
    pub severity: Severity,
    /// Whether a flow, manifest or file with it cannot be used at all.
    pub keeps_out: bool,
    /// What it means, for the author, as Markdown.
    pub page: &'static str,
}

impl Code {
    /// The first sentence of its page.
    pub fn summary(&self) -> &'static str {
        let text = self
            .page
            .split_once("\n\n")
            .map_or(self.page, |(_, text)| text);
        let line = text.lines().next().unwrap_or_default();
        line.find(". ").map_or(line, |end| &line[..=end])
    }
}

/// All of them, sorted.
pub const CODES: &[Code] = &[
    error("action-not-yet", include_str!("codes/action-not-yet.md")),
    error(
        "answer-not-promised",
        include_str!("codes/answer-not-promised.md"),
    ),
    warning("answer-survives", include_str!("codes/answer-survives.md")),
    error(
        "answer-type-differs",
        include_str!("codes/answer-type-differs.md"),
    ),
    error(
        "answer-type-missing",
        include_str!("codes/answer-type-missing.md"),
    ),
    error(
        "answer-type-not-yet",
        include_str!("codes/answer-type-not-yet.md"),
    ),
    error(
        "answer-type-twice",
        include_str!("codes/answer-type-twice.md"),
    ),
    error(
        "answer-type-unknown",
        include_str!("codes/answer-type-unknown.md"),
    ),
    way_error("answer-unset", include_str!("codes/answer-unset.md")),
    error("anywhere-value", include_str!("codes/anywhere-value.md")),
    error("audio-broken", include_str!("codes/audio-broken.md")),
    error("audio-empty", include_str!("codes/audio-empty.md")),
    error("audio-missing", include_str!("codes/audio-missing.md")),
    error("audio-outside", include_str!("codes/audio-outside.md")),
    error("audio-type", include_str!("codes/audio-type.md")),
    error("audio-url", include_str!("codes/audio-url.md")),
    error("backend-missing", include_str!("codes/backend-missing.md")),
    error("backend-name", include_str!("codes/backend-name.md")),
    error("backend-unknown", include_str!("codes/backend-unknown.md")),
    error("bounds-wrong", include_str!("codes/bounds-wrong.md")),
    error("branch-no-last", include_str!("codes/branch-no-last.md")),
    error("branch-not-last", include_str!("codes/branch-not-last.md")),
    way_error("call-too-dear", include_str!("codes/call-too-dear.md")),
    way_error("call-too-long", include_str!("codes/call-too-long.md")),
    error(
        "expression-syntax",
        include_str!("codes/expression-syntax.md"),
    ),
    error(
        "expression-too-large",
        include_str!("codes/expression-too-large.md"),
    ),
    error(
        "expressions-too-many",
        include_str!("codes/expressions-too-many.md"),
    ),
    warning("faults-too-many", include_str!("codes/faults-too-many.md")),
    error("file-not-text", include_str!("codes/file-not-text.md")),
    error("file-outside", include_str!("codes/file-outside.md")),
    error("file-unreadable", include_str!("codes/file-unreadable.md")),
    error("filter-unknown", include_str!("codes/filter-unknown.md")),
    way_error("first-key-late", include_str!("codes/first-key-late.md")),
    error("flow-name", include_str!("codes/flow-name.md")),
    error("flow-no-steps", include_str!("codes/flow-no-steps.md")),
    warning("flow-not-proved", include_str!("codes/flow-not-proved.md")),
    error("flow-too-large", include_str!("codes/flow-too-large.md")),
    error("flows-folder", include_str!("codes/flows-folder.md")),
    warning("give-up-nowhere", include_str!("codes/give-up-nowhere.md")),
    warning(
        "hangup-ends-early",
        include_str!("codes/hangup-ends-early.md"),
    ),
    error(
        "hangup-needs-caller",
        include_str!("codes/hangup-needs-caller.md"),
    ),
    error("hours-not-yet", include_str!("codes/hours-not-yet.md")),
    error("into-missing", include_str!("codes/into-missing.md")),
    error("key-misplaced", include_str!("codes/key-misplaced.md")),
    error("key-unknown", include_str!("codes/key-unknown.md")),
    error("keys-ambiguous", include_str!("codes/keys-ambiguous.md")),
    error("keys-illegal", include_str!("codes/keys-illegal.md")),
    error("keys-too-many", include_str!("codes/keys-too-many.md")),
    error(
        "language-unknown",
        include_str!("codes/language-unknown.md"),
    ),
    error(
        "languages-too-many",
        include_str!("codes/languages-too-many.md"),
    ),
    way_error("loop-never-ends", include_str!("codes/loop-never-ends.md")),
    way_error(
        "loop-never-waits",
        include_str!("codes/loop-never-waits.md"),
    ),
    error("manifest-broken", include_str!("codes/manifest-broken.md")),
    error("manifest-entry", include_str!("codes/manifest-entry.md")),
    error("manifest-key", include_str!("codes/manifest-key.md")),
    error(
        "manifest-language",
        include_str!("codes/manifest-language.md"),
    ),
    error("manifest-syntax", include_str!("codes/manifest-syntax.md")),
    error(
        "manifest-too-large",
        include_str!("codes/manifest-too-large.md"),
    ),
    error("manifest-twice", include_str!("codes/manifest-twice.md")),
    error(
        "manifest-unreadable",
        include_str!("codes/manifest-unreadable.md"),
    ),
    error("menu-no-keys", include_str!("codes/menu-no-keys.md")),
    way_error("menu-too-full", include_str!("codes/menu-too-full.md")),
    warning(
        "name-may-be-unset",
        include_str!("codes/name-may-be-unset.md"),
    ),
    error("name-reserved", include_str!("codes/name-reserved.md")),
    error("name-unknown", include_str!("codes/name-unknown.md")),
    error("names-too-many", include_str!("codes/names-too-many.md")),
    error("next-missing", include_str!("codes/next-missing.md")),
    error("number-not-e164", include_str!("codes/number-not-e164.md")),
    error("number-twice", include_str!("codes/number-twice.md")),
    error("one-of-empty", include_str!("codes/one-of-empty.md")),
    warning("pause-rounded", include_str!("codes/pause-rounded.md")),
    way_error("prices-missing", include_str!("codes/prices-missing.md")),
    error("prompt-circle", include_str!("codes/prompt-circle.md")),
    error("prompt-missing", include_str!("codes/prompt-missing.md")),
    error("prompt-too-deep", include_str!("codes/prompt-too-deep.md")),
    way_error("prompt-too-long", include_str!("codes/prompt-too-long.md")),
    error("prompt-unknown", include_str!("codes/prompt-unknown.md")),
    error("reject-reason", include_str!("codes/reject-reason.md")),
    way_error("reply-too-large", include_str!("codes/reply-too-large.md")),
    error("say-as-unknown", include_str!("codes/say-as-unknown.md")),
    error("segment-unclear", include_str!("codes/segment-unclear.md")),
    error("sensitive-told", include_str!("codes/sensitive-told.md")),
    error("step-name", include_str!("codes/step-name.md")),
    error("step-no-action", include_str!("codes/step-no-action.md")),
    way_error("step-no-end", include_str!("codes/step-no-end.md")),
    way_error(
        "step-out-of-reach",
        include_str!("codes/step-out-of-reach.md"),
    ),
    error(
        "step-two-actions",
        include_str!("codes/step-two-actions.md"),
    ),
    warning(
        "step-unreachable",
        include_str!("codes/step-unreachable.md"),
    ),
    error("steps-too-many", include_str!("codes/steps-too-many.md")),
    error(
        "target-not-a-step",
        include_str!("codes/target-not-a-step.md"),
    ),
    error("target-unknown", include_str!("codes/target-unknown.md")),
    error("test-unknown", include_str!("codes/test-unknown.md")),
    error("text-hole-open", include_str!("codes/text-hole-open.md")),
    warning(
        "text-one-language",
        include_str!("codes/text-one-language.md"),
    ),
    error("text-too-long", include_str!("codes/text-too-long.md")),
    error("toml-syntax", include_str!("codes/toml-syntax.md")),
    error(
        "url-not-absolute",
        include_str!("codes/url-not-absolute.md"),
    ),
    error("value-misfit", include_str!("codes/value-misfit.md")),
    error(
        "value-not-a-time",
        include_str!("codes/value-not-a-time.md"),
    ),
    error(
        "value-out-of-range",
        include_str!("codes/value-out-of-range.md"),
    ),
    error("value-twice", include_str!("codes/value-twice.md")),
    error(
        "value-without-into",
        include_str!("codes/value-without-into.md"),
    ),
    error(
        "value-wrong-type",
        include_str!("codes/value-wrong-type.md"),
    ),
    warning("way-never-taken", include_str!("codes/way-never-taken.md")),
];

/// What keeps a file out of service.
const fn error(name: &'static str, page: &'static str) -> Code {
    Code {
        name,
        severity: Severity::Error,
        keeps_out: true,
        page,
    }
}

/// What hurts callers on some way through a flow that can be served.
const fn way_error(name: &'static str, page: &'static str) -> Code {
    Code {
        name,
        severity: Severity::Error,
        keeps_out: false,
        page,
    }
}

/// What somebody should look at.
const fn warning(name: &'static str, page: &'static str) -> Code {
    Code {
        name,
        severity: Severity::Warning,
        keeps_out: false,
        page,
    }
}
