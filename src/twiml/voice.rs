//! What a voice's name says: how much it says at once, and whether it knows SSML.

use super::escape::weight;
use super::limits;

/// Who makes a voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Family {
    /// `man` and `woman`: the carrier's own, without SSML.
    Basic,
    /// `Polly.…`: Amazon's.
    Polly,
    /// `Google.…`: Google's.
    Google,
    /// `alice`, the account's default where none is named, and names that we do not know: taken to be without SSML,
    /// since a tag that a voice does not know makes the whole Say fail.
    Unknown,
}

impl Family {
    /// The family of a voice by its name.
    pub fn of(voice: Option<&str>) -> Self {
        match voice {
            Some("man" | "woman") => Self::Basic,
            Some(name) if name.starts_with("Polly.") => Self::Polly,
            Some(name) if name.starts_with("Google.") => Self::Google,
            _ => Self::Unknown,
        }
    }

    /// Whether its Say may contain `<break>` and `<say-as>`.
    pub fn has_ssml(self) -> bool {
        matches!(self, Self::Polly | Self::Google)
    }

    /// Whose limits these are, in words.
    pub(super) fn told(self) -> &'static str {
        match self {
            Self::Basic => "a Basic voice",
            Self::Polly => "a Polly voice",
            Self::Google => "a Google voice, tags counted,",
            Self::Unknown => "the strictest voice",
        }
    }

    /// What one Say holds, in the units of [`Family::cost`].
    pub(super) fn limit(self) -> usize {
        match self {
            Self::Basic => limits::SAY_BASIC,
            Self::Polly => limits::SAY_POLLY,
            Self::Google => limits::SAY_GOOGLE,
            Self::Unknown => limits::SAY_UNKNOWN,
        }
    }

    /// What a character counts. No source says what a character is, so UTF-16 units: never fewer than the carrier
    /// counts. Google's are counted with the markup, so as escaped.
    pub(super) fn cost(self, character: char) -> usize {
        match self {
            Self::Google => character.len_utf16() + weight(character) - character.len_utf8(),
            _ => character.len_utf16(),
        }
    }

    /// What a text counts.
    pub(super) fn cost_of(self, text: &str) -> usize {
        match self {
            Self::Google => text.chars().map(|character| self.cost(character)).sum(),
            _ if text.is_ascii() => text.len(),
            _ => text.encode_utf16().count(),
        }
    }

    /// What a tag of so many characters counts.
    pub(super) fn tag_cost(self, characters: usize) -> usize {
        if self == Self::Google { characters } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::Family;

    #[test]
    fn only_voices_that_are_known_to_have_ssml_get_it() {
        for plain in [
            None,
            Some("man"),
            Some("woman"),
            Some("alice"),
            Some("polly.Amy"),
            Some(""),
        ] {
            assert!(!Family::of(plain).has_ssml(), "{plain:?}");
        }
        for rich in [
            "Polly.Amy-Neural",
            "Polly.Mía-Generative",
            "Google.bg-BG-Standard-A",
        ] {
            assert!(Family::of(Some(rich)).has_ssml(), "{rich}");
        }
    }
}
