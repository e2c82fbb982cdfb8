//! What should be heard, changed as little as fits what was heard: each part that is still heard stays.

use std::ops::Range;

use super::hears::{Wanted, one_space, pieces, written};

/// A part of what should be heard.
struct Part {
    text: String,
    /// Whether it must stand at the very beginning.
    is_first: bool,
    /// Whether it must stand at the very end.
    is_last: bool,
}

/// The whole of a pattern with wildcards as it fits what was heard; `None` where nothing of it can be kept.
pub(super) fn whole(wanted: &str, heard: &str) -> Option<String> {
    let wanted = one_space(wanted);
    let pieces = pieces(&wanted);
    let last = pieces.len() - 1;
    let parts = pieces.iter().enumerate().map(|(at, piece)| Part {
        text: piece.text.clone(),
        is_first: at == 0,
        is_last: at == last,
    });
    let amended = amend(&parts.collect::<Vec<_>>(), heard)?;
    let mut text = wanted.clone();
    for (piece, now) in pieces.iter().zip(amended).rev() {
        if let Some(now) = now {
            text.replace_range(piece.range(), &written(&now));
        }
    }
    let fits = Wanted::Whole(text.clone()).difference(heard).is_none();
    (last > 0 && fits).then_some(text)
}

/// The parts of a list that are heard no more, with what is heard in their place; `None` where that is not clear.
pub(super) fn parts(
    all: &[(String, Range<usize>)],
    heard: &str,
) -> Option<Vec<(Range<usize>, String)>> {
    let parts = all.iter().map(|(text, _)| Part {
        text: one_space(text),
        is_first: false,
        is_last: false,
    });
    let amended = amend(&parts.collect::<Vec<_>>(), heard)?;
    let now: Vec<_> = all
        .iter()
        .zip(&amended)
        .map(|((text, at), now)| (now.clone().unwrap_or_else(|| text.clone()), at.clone()))
        .collect();
    Wanted::Parts(now.clone())
        .difference(heard)
        .is_none()
        .then(|| {
            let changed = now.into_iter().zip(amended);
            changed
                .filter_map(|((text, at), changed)| changed.map(|_| (at, text)))
                .collect()
        })
}

/// For each part what is heard in its place, or nothing where it is heard itself.
fn amend(parts: &[Part], heard: &str) -> Option<Vec<Option<String>>> {
    let kept = kept(parts, heard);
    let mut amended = Vec::with_capacity(parts.len());
    let mut from = 0;
    for (at, part) in parts.iter().enumerate() {
        if let Some(place) = &kept[at] {
            from = place.end;
            amended.push(None);
            continue;
        }
        let next = kept[at..].iter().flatten().next();
        let until = next.map_or(heard.len(), |place| place.start);
        let now = likest(part, &heard[from..until])?;
        from += now.end;
        amended.push(Some(heard[from - now.len()..from].to_owned()));
    }
    Some(amended)
}

/// Where each part is heard still, in order.
fn kept(parts: &[Part], heard: &str) -> Vec<Option<Range<usize>>> {
    let mut from = 0;
    let place = |part: &Part| {
        let rest = &heard[from..];
        let at = match part {
            Part { is_first: true, .. } => rest.starts_with(&part.text).then_some(0),
            Part { is_last: true, .. } if rest.ends_with(&part.text) => {
                Some(rest.len() - part.text.len())
            }
            Part { is_last: true, .. } => None,
            _ => rest.find(&part.text),
        };
        let start = from + at?;
        from = start + part.text.len();
        Some(start..from)
    };
    parts.iter().map(place).collect()
}

/// As many sentences as a part has, those that have most words in common with it; `None` where none has any.
fn likest(part: &Part, text: &str) -> Option<Range<usize>> {
    let count = sentences(&part.text).len().max(1);
    let all = sentences(text);
    let common = |range: &Range<usize>| {
        let words: Vec<&str> = text[range.clone()].split_whitespace().collect();
        part.text
            .split_whitespace()
            .filter(|word| words.contains(word))
            .count()
    };
    let windows = all.windows(count.min(all.len().max(1)));
    let ranges = windows.map(|window| window[0].start..window[window.len() - 1].end);
    let is_allowed = |range: &Range<usize>| {
        (!part.is_first || range.start == 0) && (!part.is_last || range.end == text.len())
    };
    // The first of the best, as it would be read.
    let best = ranges
        .filter(is_allowed)
        .rev()
        .max_by_key(|range| common(range))?;
    (common(&best) > 0).then_some(best)
}

/// The sentences of a text, without the space between them.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut start = text.len() - text.trim_start().len();
    for (at, _) in text.match_indices(' ') {
        if text[..at].ends_with(['.', '!', '?', '…']) && at > start {
            all.push(start..at);
            start = at + 1;
        }
    }
    let end = text.trim_end().len();
    if end > start {
        all.push(start..end);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::{parts, whole};

    #[test]
    fn a_wildcard_stays_and_only_the_words_beside_it_change() {
        let heard = "Good day. For a letter press 1. For a parcel press 3. Bye.";
        for (wanted, amended) in [
            ("Good night. …", "Good day. …"),
            ("… For a parcel press 2. …", "… For a parcel press 3. …"),
            (
                "Good day. ... press 2. ... Bye.",
                "Good day. ... For a letter press 1. ... Bye.",
            ),
            ("… Goodbye. Bye.", "… For a parcel press 3. Bye."),
        ] {
            assert_eq!(whole(wanted, heard).as_deref(), Some(amended), "{wanted}");
        }
        assert_eq!(whole("Willkommen. …", heard), None, "nothing is like it");
        assert_eq!(whole("Good night.", heard), None, "there is no wildcard");
    }

    #[test]
    fn of_a_list_only_the_parts_change_that_are_not_heard() {
        let heard = "Enter the weight in pounds, then press hash. Thank you.";
        let all = ["Enter the weight in kilograms", "Thank you."];
        let all: Vec<_> = all
            .iter()
            .enumerate()
            .map(|(at, part)| ((*part).to_owned(), at..at + 1))
            .collect();
        let now = "Enter the weight in pounds, then press hash.".to_owned();
        assert_eq!(parts(&all, heard), Some(vec![(0..1, now)]));
        assert_eq!(parts(&all, "Something else."), None);
    }
}
