//! URLs that callers' calls are led to, or that are played to them.

use std::borrow::Cow;

use crate::written::{Code, Explain, Faults, Item};

/// Reports a URL that the carrier could not fetch; whether it can.
pub fn is_url(url: &str, item: Item<'_>, help: &str, check: &mut (impl Faults + ?Sized)) -> bool {
    if !is_absolute(url) {
        let message = format!("`{url}` is not an absolute URL");
        check
            .fault(Code::UrlNotAbsolute, item.span(), message)
            .help(help);
        return false;
    }
    let spaced = without_holes(url);
    if spaced.contains(|letter: char| letter.is_whitespace() || letter.is_control()) {
        let message = format!("`{url}` has a space in it, and a URL has none");
        check
            .fault(Code::UrlWithSpace, item.span(), message)
            .help("write a space as `%20`");
        return false;
    }
    true
}

/// Whether a URL has a scheme that is fetched and a host. What follows may have holes.
fn is_absolute(url: &str) -> bool {
    let rest = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))
        .unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains("{{") && !host.contains(char::is_whitespace)
}

/// A text without what stands in its holes.
fn without_holes(text: &str) -> Cow<'_, str> {
    let Some((before, rest)) = text.split_once("{{") else {
        return Cow::Borrowed(text);
    };
    let behind = rest.split_once("}}").map_or("", |(_, behind)| behind);
    Cow::Owned(format!("{before}{}", without_holes(behind)))
}
