//! How wide text is at most, without asking a font.
//!
//! A picture is read with whatever font its reader has. The widths are those of DejaVu Sans, which with Verdana is the
//! widest font that is common for user interfaces, so that text drawn in any other is narrower than estimated.

/// A weight of text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// As running text is.
    Regular,
    Bold,
}

/// Of the characters from U+0020 to U+007E, in hundredths of the font's size.
const REGULAR: [u8; 95] = [
    32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34, 64, 64, 64, 64, 64, 64, 64, 64,
    64, 64, 34, 34, 84, 84, 84, 54, 100, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75,
    79, 61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50, 50, 62, 64, 55, 64, 62, 36,
    64, 64, 28, 28, 58, 28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
];
const BOLD: [u8; 95] = [
    35, 46, 53, 84, 70, 101, 88, 31, 46, 46, 53, 84, 38, 42, 38, 37, 70, 70, 70, 70, 70, 70, 70,
    70, 70, 70, 40, 40, 84, 84, 84, 59, 100, 78, 77, 74, 84, 69, 69, 83, 84, 38, 38, 78, 64, 100,
    84, 86, 74, 86, 78, 73, 69, 82, 78, 111, 78, 73, 73, 46, 37, 46, 84, 50, 50, 68, 72, 60, 72,
    68, 44, 72, 72, 35, 35, 67, 35, 105, 72, 69, 72, 72, 50, 60, 48, 72, 66, 93, 65, 66, 59, 72,
    37, 72, 84,
];

/// The width of a text, in pixels.
pub fn width(text: &str, size: f64, weight: Weight) -> f64 {
    text.chars()
        .map(|letter| f64::from(of(letter, weight)))
        .sum::<f64>()
        * size
        / 100.0
}

fn of(letter: char, weight: Weight) -> u8 {
    let table = if weight == Weight::Bold {
        &BOLD
    } else {
        &REGULAR
    };
    match u32::from(letter) {
        code @ 0x20..=0x7e => table[(code - 0x20) as usize],
        // Latin with accents is as wide as without; dashes and dots are measured like a wide letter.
        0xa0..=0x24f => 100,
        0x250..=0x10ff => 112,
        // Hangul Jamo onward: scripts whose letters fill a square, and pictures.
        _ => 135,
    }
}

/// The same text, cut so that it is at most so wide; an ellipsis shows that it was cut.
pub fn fit(text: &str, most: f64, size: f64, weight: Weight) -> String {
    if width(text, size, weight) <= most {
        return text.to_owned();
    }
    let room = most - width("…", size, weight);
    let mut so_far = 0.0;
    let kept: String = text
        .chars()
        .take_while(|letter| {
            so_far += f64::from(of(*letter, weight)) * size / 100.0;
            so_far <= room
        })
        .collect();
    // Between two words, where one ends near enough.
    let word = kept.rfind(' ').filter(|at| at * 10 >= kept.len() * 6);
    format!(
        "{}…",
        kept[..word.unwrap_or(kept.len())].trim_end_matches([' ', '.', ',', ':'])
    )
}

/// Broken at spaces into at most so many lines, each at most so wide; the last one is cut.
pub fn wrap(text: &str, most: f64, size: f64, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if out.len() + 1 >= lines {
            out.push(fit(rest, most, size, Weight::Regular));
            return out;
        }
        let mut end = 0;
        for (at, _) in rest.match_indices(' ').chain([(rest.len(), "")]) {
            if width(&rest[..at], size, Weight::Regular) > most {
                break;
            }
            end = at;
        }
        if end == 0 {
            end = rest.find(' ').unwrap_or(rest.len());
            out.push(fit(&rest[..end], most, size, Weight::Regular));
        } else {
            out.push(rest[..end].to_owned());
        }
        rest = rest[end..].trim_start();
    }
    out
}

/// As XML takes it: markup escaped, characters that XML has no place for left out.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => {}
            letter if letter.is_control() => out.push(' '),
            letter => out.push(letter),
        }
    }
    out
}
