//! Times as they are typed: written out, or how long ago.

use jiff::{Span, SpanRelativeTo, Timestamp};

/// Reads a time, or how long ago it was; a day is 24 hours.
///
/// # Errors
/// When it is neither, in words.
pub fn parse_since(text: &str) -> Result<Timestamp, &'static str> {
    if let Ok(time) = text.parse() {
        return Ok(time);
    }
    let ago = text.parse::<Span>().ok().filter(|span| !span.is_negative());
    let ago = ago.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let time = ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok());
    time.ok_or("write a time such as 2026-11-23T18:00:00Z, or how long ago, such as 90m, 2h or 3d")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::parse_since;

    #[test]
    fn a_time_may_be_written_or_be_so_long_ago() {
        assert_eq!(
            parse_since("2026-11-23T18:00:00Z"),
            Ok("2026-11-23T18:00:00Z".parse().expect("a time"))
        );
        for (text, hours) in [
            ("2h", 2),
            ("90m", 1),
            ("3d", 72),
            ("PT2H", 2),
            ("1d 2h", 26),
        ] {
            let since = parse_since(text).expect(text);
            let ago = Timestamp::now().duration_since(since);
            assert_eq!(ago.as_hours(), hours, "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in ["", "2", "yesterday", "-2h", "1mo", "2026-11-23T18:00:00"] {
            assert!(parse_since(text).is_err(), "{text}");
        }
    }
}
