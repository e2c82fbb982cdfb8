//! Lengths of time as they are written.

use std::time::Duration;

use super::keys::Shape;

/// What [`parse_time`] reads, for people.
pub const TIMES: &str = "write a number and `ms`, `s`, `m`, `h` or `d`: \"500ms\", \"5s\", \"2m\"";

/// What [`parse_time`] reads, for editors.
pub const TIME: Shape = Shape::Form(r"^[0-9]+(\.[0-9]+)?(ms|s|m|h|d)$");

/// A length of time as written: `"5s"`, `"500ms"`, `"2m"`, `"1.5h"`, `"7d"`.
pub fn parse_time(text: &str) -> Option<Duration> {
    let unit = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
    let (number, unit) = text.split_at(unit);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    // Rust would also read `5.` and `.5`.
    if number.starts_with('.') || number.ends_with('.') {
        return None;
    }
    Duration::try_from_secs_f64(number.parse::<f64>().ok()? * seconds).ok()
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
            ("1.5h", 5_400_000),
            ("7d", 604_800_000),
        ];
        for (text, expected) in known {
            assert_eq!(millis(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "5",
            "s",
            "five s",
            "1.2.3s",
            "5 s",
            "-5s",
            "5.s",
            ".5s",
            ".s",
            "1w",
            "99999999999999999999d",
        ] {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
