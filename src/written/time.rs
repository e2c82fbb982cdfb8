//! Times as they are written.

use std::time::Duration;

/// A time as written: `"5s"`, `"500ms"`, `"2m"`, `"1h"`.
pub fn parse_time(text: &str) -> Option<Duration> {
    let digits = text.len()
        - text
            .trim_start_matches(|c: char| c.is_ascii_digit() || c == '.')
            .len();
    let scale = match &text[digits..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(text[..digits].parse::<f64>().ok()? * scale).ok()
}

#[cfg(test)]
mod tests {
    use super::parse_time;

    #[test]
    fn a_time_is_a_number_and_its_unit() {
        let millis = |text: &str| parse_time(text).map(|time| time.as_millis());
        let known = [
            ("500ms", 500),
            ("5s", 5_000),
            ("0.5s", 500),
            ("2m", 120_000),
            ("1h", 3_600_000),
        ];
        for (text, expected) in known {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in ["", "5", "s", "five s", "1.2.3s", "5 s", "-5s"] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
