//! The carrier's voices and languages, after the schema that its helper libraries are made from.

/// The carrier's own voices.
const PLAIN: &[&str] = &["man", "woman", "alice"];

/// Names of `Polly.…`.
const POLLY: &str = "Aditi Amy Astrid Bianca Brian Camila Carla Carmen Celine Chantal Conchita Cristiano Dora Emma \
    Enrique Ewa Filiz Geraint Giorgio Gwyneth Hans Ines Ivy Jacek Jan Joanna Joey Justin Karl Kendra Kevin Kimberly Lea \
    Liv Lotte Lucia Lupe Mads Maja Marlene Mathieu Matthew Maxim Mia Miguel Mizuki Naja Nicole Penelope Raveena Ricardo \
    Ruben Russell Salli Seoyeon Takumi Tatyana Vicki Vitoria Zeina Zhiyu";

/// Names of `Polly.…-Neural`.
const POLLY_NEURAL: &str = "Adriano Amy Andres Aria Arlet Arthur Ayanda Bianca Brian Burcu Camila Daniel Danielle Elin \
    Emma Gabrielle Gregory Hala Hannah Hiujin Ida Ines Isabelle Ivy Joanna Joey Justin Kajal Kazuha Kendra Kevin Kimberly \
    Laura Lea Liam Lisa Lucia Lupe Matthew Mia Niamh Ola Olivia Pedro Remi Ruth Salli Seoyeon Sergio Sofie Stephen Suvi \
    Takumi Thiago Tomoko Vicki Vitoria Zayd Zhiyu";

/// Names of `Polly.…-Generative`.
const POLLY_GENERATIVE: &str = "Amy Andres Ayanda Bianca Daniel Danielle Joanna Kajal Lea Lucia Lupe Matthew Mía Olivia \
    Pedro Rémi Ruth Sergio Stephen Vicki";

/// Names of `Google.…-Chirp3-HD-…`.
const CHIRP: &str = "Aoede Charon Fenrir Kore Leda Orus Puck Zephyr";

/// Languages of `Google.…`, with the letters of their Standard, Wavenet and Neural2 voices, and whether they have the
/// eight Chirp3-HD ones.
const GOOGLE: &[(&str, &str, &str, &str, bool)] = &[
    ("af-ZA", "A", "", "", false),
    ("am-ET", "AB", "AB", "", false),
    ("ar-XA", "ABCD", "ABCD", "", true),
    ("bg-BG", "AB", "", "", false),
    ("bn-IN", "ABCD", "ABCD", "", true),
    ("ca-ES", "AB", "", "", false),
    ("cmn-CN", "ABCD", "ABCD", "", true),
    ("cmn-TW", "ABC", "ABC", "", false),
    ("cs-CZ", "AB", "AB", "", false),
    ("da-DK", "ACDEFG", "ACDEFG", "DF", false),
    ("de-DE", "ABCDEFGH", "ABCDEFGH", "ABCDFGH", true),
    ("el-GR", "AB", "AB", "", false),
    ("en-AU", "ABCD", "ABCD", "ABCD", true),
    ("en-GB", "ABCDFNO", "ABCDFNO", "ABCDFNO", true),
    ("en-IN", "ABCDEF", "ABCDEF", "ABCD", true),
    ("en-US", "ABCDEFGHIJ", "ABCDEFGHIJ", "ACDEFGHIJ", true),
    ("es-ES", "ABCDEFGH", "BCDEFGH", "ABCDEFGH", true),
    ("es-US", "ABC", "ABC", "ABC", true),
    ("eu-ES", "AB", "", "", false),
    ("fi-FI", "AB", "AB", "", false),
    ("fil-PH", "ABCD", "ABCD", "", false),
    ("fil-ph", "", "", "AD", false),
    ("fr-CA", "ABCD", "ABCD", "ABCD", true),
    ("fr-FR", "ABCDEFG", "ABCDEFG", "ABCDEFG", true),
    ("gl-ES", "AB", "", "", false),
    ("gu-IN", "ABCD", "ABCD", "", true),
    ("he-IL", "ABCD", "ABCD", "", false),
    ("hi-IN", "ABCDEF", "ABCDEF", "ABCD", true),
    ("hu-HU", "AB", "A", "", false),
    ("id-ID", "ABCD", "ABCD", "", true),
    ("is-IS", "AB", "", "", false),
    ("it-IT", "ABCDEF", "ABCDEF", "ACF", true),
    ("ja-JP", "ABCD", "ABCD", "BCD", true),
    ("kn-IN", "ABCD", "ABCD", "", true),
    ("ko-KR", "ABCD", "ABCD", "ABC", true),
    ("lt-LT", "AB", "", "", false),
    ("lv-LV", "AB", "", "", false),
    ("ml-IN", "ABCD", "ABCD", "", true),
    ("mr-IN", "ABC", "ABC", "", true),
    ("ms-MY", "ABCD", "ABCD", "", false),
    ("nb-NO", "ABCDEFG", "ABCDEFG", "", false),
    ("nl-BE", "ABCD", "ABCD", "", false),
    ("nl-NL", "ABCDEFG", "ABCDEFG", "", true),
    ("pa-IN", "ABCD", "ABCD", "", false),
    ("pl-PL", "ABCDEFG", "ABCDEFG", "", true),
    ("pt-BR", "ABCDE", "ABCDE", "ABC", true),
    ("pt-PT", "ABCDEF", "ABCDEF", "", false),
    ("ro-RO", "AB", "AB", "", false),
    ("ru-RU", "ABCDE", "ABCDE", "", true),
    ("sk-SK", "AB", "AB", "", false),
    ("sr-RS", "A", "", "", false),
    ("sv-SE", "ABCDEFG", "ABCDEFG", "", false),
    ("ta-IN", "ABCD", "ABCD", "", true),
    ("te-IN", "ABCD", "", "", true),
    ("th-TH", "A", "", "C", true),
    ("tr-TR", "ABCDE", "ABCDE", "", true),
    ("uk-UA", "A", "A", "", false),
    ("vi-VN", "ABCD", "ABCD", "AD", true),
    ("yue-HK", "ABCD", "", "", false),
];

/// What a Say's `language` may be.
pub(super) const LANGUAGES: &[&str] = &[
    "af-ZA",
    "am-ET",
    "ar-AE",
    "ar-XA",
    "arb",
    "bg-BG",
    "bn-IN",
    "ca-ES",
    "cmn-CN",
    "cmn-TW",
    "cs-CZ",
    "cy-GB",
    "da-DK",
    "de-AT",
    "de-DE",
    "el-GR",
    "en-AU",
    "en-CA",
    "en-GB",
    "en-GB-WLS",
    "en-IE",
    "en-IN",
    "en-NZ",
    "en-US",
    "en-ZA",
    "es-ES",
    "es-MX",
    "es-US",
    "fi-FI",
    "fil-PH",
    "fr-CA",
    "fr-FR",
    "fr-BE",
    "gu-IN",
    "he-IL",
    "hi-IN",
    "hu-HU",
    "id-ID",
    "is-IS",
    "it-IT",
    "ja-JP",
    "kn-IN",
    "ko-KR",
    "lv-LV",
    "ml-IN",
    "mr-IN",
    "ms-MY",
    "nb-NO",
    "nl-BE",
    "nl-NL",
    "pa-IN",
    "pl-PL",
    "pt-BR",
    "pt-PT",
    "ro-RO",
    "ru-RU",
    "sk-SK",
    "sr-RS",
    "sv-SE",
    "ta-IN",
    "te-IN",
    "th-TH",
    "tr-TR",
    "uk-UA",
    "vi-VN",
    "yue-HK",
    "zh-CN",
    "zh-HK",
    "zh-TW",
];

/// Whether the carrier has a voice of this name.
pub(super) fn is_known(name: &str) -> bool {
    if let Some(name) = name.strip_prefix("Polly.") {
        let (name, list) = match name.rsplit_once('-') {
            Some((name, "Neural")) => (name, POLLY_NEURAL),
            Some((name, "Generative")) => (name, POLLY_GENERATIVE),
            _ => (name, POLLY),
        };
        return list.split_ascii_whitespace().any(|known| known == name);
    }
    name.strip_prefix("Google.")
        .map_or_else(|| PLAIN.contains(&name), is_google)
}

fn is_google(name: &str) -> bool {
    let Some((locale, standard, wavenet, neural, chirp)) = GOOGLE.iter().find(|(locale, ..)| {
        name.strip_prefix(locale)
            .is_some_and(|rest| rest.starts_with('-'))
    }) else {
        return false;
    };
    let Some((make, letter)) = name[locale.len() + 1..].rsplit_once('-') else {
        return false;
    };
    let letters = match make {
        "Standard" => standard,
        "Wavenet" => wavenet,
        "Neural2" => neural,
        "Chirp3-HD" => {
            return *chirp && CHIRP.split_ascii_whitespace().any(|known| known == letter);
        }
        _ => return false,
    };
    letter.len() == 1 && letters.contains(letter)
}

/// The names among which a name that is none may have been meant: of the same maker, of Google the same language.
pub(super) fn names(name: &str) -> Vec<String> {
    let small = name.to_lowercase();
    if let Some(rest) = small.strip_prefix("google.") {
        let same = |locale: &str| rest.starts_with(&locale.to_lowercase());
        return GOOGLE
            .iter()
            .filter(|(locale, ..)| same(locale))
            .flat_map(google_names)
            .collect();
    }
    let polly = [
        (POLLY, ""),
        (POLLY_NEURAL, "-Neural"),
        (POLLY_GENERATIVE, "-Generative"),
    ];
    let polly = polly.into_iter().flat_map(|(list, end)| {
        list.split_ascii_whitespace()
            .map(move |known| format!("Polly.{known}{end}"))
    });
    PLAIN.iter().map(ToString::to_string).chain(polly).collect()
}

fn google_names(
    (locale, standard, wavenet, neural, chirp): &(&str, &str, &str, &str, bool),
) -> Vec<String> {
    let lettered = [
        (standard, "Standard"),
        (wavenet, "Wavenet"),
        (neural, "Neural2"),
    ];
    let lettered = lettered.into_iter().flat_map(|(letters, make)| {
        letters
            .chars()
            .map(move |letter| format!("Google.{locale}-{make}-{letter}"))
    });
    let chirp = CHIRP.split_ascii_whitespace().filter(|_| *chirp);
    lettered
        .chain(chirp.map(|name| format!("Google.{locale}-Chirp3-HD-{name}")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{GOOGLE, google_names, is_known, names};

    #[test]
    fn the_carrier_has_897_voices_beside_its_own() {
        let polly = names("Polly.");
        assert!(polly.iter().all(|name| is_known(name)));
        let google: Vec<String> = GOOGLE.iter().flat_map(google_names).collect();
        assert!(google.iter().all(|name| is_known(name)));
        assert_eq!(polly.len() - 3 + google.len(), 897);
    }

    #[test]
    fn what_is_nearly_a_voice_is_none() {
        for odd in [
            "",
            "Man",
            "polly.Amy",
            "Polly.",
            "Polly.Amy-Standard",
            "Polly.Mía",
            "Google.en-GB",
            "Google.en-GB-Standard-E",
        ] {
            assert!(!is_known(odd), "{odd}");
        }
        for odd in [
            "Google.en-GB-Standard-AB",
            "Google.en-GB-Standard-",
            "Google.en-GB-Chirp3-HD-Amy",
            "Google.eu-ES-Chirp3-HD-Puck",
        ] {
            assert!(!is_known(odd), "{odd}");
        }
    }
}
