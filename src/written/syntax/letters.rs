//! Letters that are not what they look like.

/// What a letter that cannot be seen is called; nothing for one that can.
pub(super) fn invisible(letter: char) -> Option<&'static str> {
    Some(match letter {
        '\u{a0}' | '\u{202f}' | '\u{2007}' => "a no-break space",
        '\u{2000}'..='\u{2006}' | '\u{2008}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => {
            "a space of a special width"
        }
        '\u{200b}' => "a zero-width space",
        '\u{200c}' | '\u{200d}' | '\u{2060}' => "a zero-width joiner",
        '\u{feff}' => "a byte order mark",
        '\u{ad}' => "a soft hyphen",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark for the direction of writing"
        }
        '\u{2028}' | '\u{2029}' => "a line separator",
        '\0' => "a NUL character",
        '\t' | '\n' | '\r' => return None,
        _ if letter.is_control() => "a control character",
        _ => return None,
    })
}

/// Whether a letter has a width, so that a space can stand for it.
pub(super) fn is_wide(letter: char) -> bool {
    letter.is_whitespace()
}

/// Whether a letter is a quote that a word processor makes.
pub(super) fn is_typographic_quote(letter: char) -> bool {
    matches!(
        letter,
        '\u{201c}'..='\u{201f}' | '\u{2018}'..='\u{201b}' | '«' | '»' | '‹' | '›' | '`' | '´'
    )
}

/// A letter of the keyboard that a foreign one is taken for.
pub(super) fn lookalike(letter: char) -> Option<char> {
    let pairs = "аaеeоoрpсcуyхxіiјjѕsԁdһhοoαaιiνv";
    let mut letters = pairs.chars();
    while let (Some(foreign), Some(plain)) = (letters.next(), letters.next()) {
        if foreign == letter {
            return Some(plain);
        }
    }
    None
}

/// A name in the letters that can stand in it: `größe` as `groesse`, `how many` as `how_many`.
pub fn plain_name(name: &str) -> String {
    let mut plain = String::new();
    for letter in name.trim().chars() {
        match letter {
            'ä' | 'æ' | 'Ä' => plain.push_str("ae"),
            'ö' | 'œ' | 'Ö' | 'ø' => plain.push_str("oe"),
            'ü' | 'Ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' | 'ă' | 'ą' => plain.push('a'),
            'è' | 'é' | 'ê' | 'ë' | 'ę' | 'ě' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' | 'ı' => plain.push('i'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ő' => plain.push('o'),
            'ù' | 'ú' | 'û' | 'ű' | 'ů' => plain.push('u'),
            'ç' | 'č' | 'ć' => plain.push('c'),
            'ñ' | 'ń' | 'ň' => plain.push('n'),
            'š' | 'ś' | 'ş' | 'ș' => plain.push('s'),
            'ž' | 'ź' | 'ż' => plain.push('z'),
            'ý' | 'ÿ' => plain.push('y'),
            'ł' => plain.push('l'),
            'ř' => plain.push('r'),
            'ť' | 'ț' => plain.push('t'),
            'ď' => plain.push('d'),
            'ğ' => plain.push('g'),
            letter if letter.is_ascii_alphanumeric() || letter == '-' => plain.push(letter),
            letter => match lookalike(letter) {
                Some(letter) => plain.push(letter),
                None if invisible(letter).is_some() => {}
                None if !plain.ends_with('_') => plain.push('_'),
                None => {}
            },
        }
    }
    plain
}
