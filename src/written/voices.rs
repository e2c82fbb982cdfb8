//! The carrier's voices and languages, after the schema that its helper libraries are made from: for flows, for TwiML and
//! for the simulated carrier alike.

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
pub const LANGUAGES: &[&str] = &[
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
pub fn is_known(name: &str) -> bool {
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
pub fn names(name: &str) -> Vec<String> {
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

/// Whether the carrier speaks a language of this tag.
pub fn is_language(tag: &str) -> bool {
    LANGUAGES.contains(&tag) || GOOGLE.iter().any(|(locale, ..)| *locale == tag)
}

/// Names of languages as people write them, and their tags without a country.
const LANGUAGE_NAMES: [(&str, &str); 36] = [
    ("english", "en"),
    ("german", "de"),
    ("deutsch", "de"),
    ("french", "fr"),
    ("français", "fr"),
    ("francais", "fr"),
    ("spanish", "es"),
    ("español", "es"),
    ("espanol", "es"),
    ("italian", "it"),
    ("italiano", "it"),
    ("dutch", "nl"),
    ("nederlands", "nl"),
    ("portuguese", "pt"),
    ("português", "pt"),
    ("polish", "pl"),
    ("polski", "pl"),
    ("russian", "ru"),
    ("bulgarian", "bg"),
    ("danish", "da"),
    ("dansk", "da"),
    ("swedish", "sv"),
    ("svenska", "sv"),
    ("norwegian", "nb"),
    ("norsk", "nb"),
    ("finnish", "fi"),
    ("greek", "el"),
    ("turkish", "tr"),
    ("türkçe", "tr"),
    ("ukrainian", "uk"),
    ("czech", "cs"),
    ("hungarian", "hu"),
    ("romanian", "ro"),
    ("chinese", "cmn"),
    ("japanese", "ja"),
    ("arabic", "ar"),
];

/// The languages that a tag which is none may stand for, the likeliest first: `en_GB`, `en-gb`, `en`, `English`.
pub fn languages_meant(tag: &str) -> Vec<&'static str> {
    let small = tag.trim().to_lowercase().replace(['_', ' '], "-");
    let known = || LANGUAGES.iter().copied();
    if let Some(same) = known().find(|known| known.to_lowercase() == small) {
        return vec![same];
    }
    let named = LANGUAGE_NAMES.iter().find(|(name, _)| *name == small);
    let first = named.map_or_else(
        || small.split('-').next().unwrap_or_default(),
        |(_, tag)| tag,
    );
    let mut meant: Vec<_> = known().filter(|known| primary(known) == first).collect();
    // The country of the language itself, or the one of its name, is the likeliest: `de-DE`, `en-GB`.
    meant.sort_by_key(|known| {
        !known.to_lowercase().ends_with(&format!("-{first}")) && *known != "en-GB"
    });
    meant.truncate(3);
    meant
}

/// The language of a tag, without its country.
pub fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or_default()
}

/// The two letters of the country of a tag, where it names one.
pub fn country(tag: &str) -> Option<&str> {
    let is_country =
        |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_uppercase());
    tag.split(['-', '_']).skip(1).find(is_country)
}

/// The languages that a voice speaks; nothing where that is not known.
pub fn languages_of(voice: &str) -> Option<&'static str> {
    if let Some(name) = voice.strip_prefix("Google.") {
        let locale = GOOGLE.iter().map(|(locale, ..)| *locale);
        return locale.into_iter().find(|locale| {
            name.strip_prefix(locale)
                .is_some_and(|rest| rest.starts_with('-'))
        });
    }
    let name = voice.strip_prefix("Polly.")?;
    let name = name.split('-').next().unwrap_or_default();
    POLLY_LANGUAGES
        .iter()
        .find(|(_, names)| names.split_ascii_whitespace().any(|known| known == name))
        .map(|(tag, _)| *tag)
}

/// The language of each of Polly's voices.
const POLLY_LANGUAGES: &[(&str, &str)] = &[
    ("ar", "Hala Zayd Zeina"),
    ("ca", "Arlet"),
    ("cmn", "Zhiyu"),
    ("cy", "Gwyneth"),
    ("da", "Mads Naja Sofie"),
    ("de", "Daniel Hannah Hans Marlene Vicki"),
    (
        "en",
        "Aditi Amy Aria Arthur Ayanda Brian Danielle Emma Geraint Gregory Ivy Joanna Joey Justin Kajal Kendra Kevin Kimberly Matthew Niamh Nicole Olivia Raveena Russell Ruth Salli Stephen",
    ),
    (
        "es",
        "Andres Conchita Enrique Lucia Lupe Mia Mía Miguel Pedro Penelope Sergio",
    ),
    ("fi", "Suvi"),
    (
        "fr",
        "Celine Chantal Gabrielle Isabelle Lea Liam Mathieu Remi Rémi",
    ),
    ("is", "Dora Karl"),
    ("it", "Adriano Bianca Carla Giorgio"),
    ("ja", "Kazuha Mizuki Takumi Tomoko"),
    ("ko", "Seoyeon"),
    ("nb", "Ida Liv"),
    ("nl", "Laura Lisa Lotte Ruben"),
    ("pl", "Ewa Jacek Jan Maja Ola"),
    ("pt", "Camila Cristiano Ines Ricardo Thiago Vitoria"),
    ("ro", "Carmen"),
    ("ru", "Maxim Tatyana"),
    ("sv", "Astrid Elin"),
    ("tr", "Burcu Filiz"),
    ("yue", "Hiujin"),
];

/// Whether two tags are of one language, whatever the country: the names of some languages differ by maker.
pub fn are_one_language(one: &str, other: &str) -> bool {
    let own = |tag| match primary(tag) {
        "arb" => "ar",
        "zh" => "cmn",
        "no" => "nb",
        other => other,
    };
    own(one) == own(other)
}

/// The voice that is most like one which does not exist.
pub fn voice_meant(voice: &str) -> Option<String> {
    let small = voice.to_lowercase().replace([' ', '_'], "-");
    let known = names(voice);
    let end = format!(".{}", small.trim_start_matches("polly."));
    let exact = known.iter().find(|known| {
        let known = known.to_lowercase();
        known == small
            || !small.is_empty()
                && (known.ends_with(&end) || known.ends_with(&format!("{end}-neural")))
    });
    let near = || super::diag::nearest(voice, known.iter().map(String::as_str)).map(str::to_owned);
    exact.cloned().or_else(near)
}

#[cfg(test)]
mod tests {
    use super::{
        GOOGLE, google_names, is_known, languages_meant, languages_of, names, voice_meant,
    };

    #[test]
    fn every_voice_of_polly_has_a_language() {
        let polly = names("Polly.");
        let odd: Vec<_> = polly
            .iter()
            .filter(|name| name.contains('.') && languages_of(name).is_none())
            .collect();
        assert!(odd.is_empty(), "{odd:?}");
    }

    #[test]
    fn what_is_meant_is_found() {
        assert_eq!(languages_meant("en_gb"), ["en-GB"]);
        assert_eq!(languages_meant("English")[0], "en-GB");
        assert_eq!(languages_meant("de")[0], "de-DE");
        assert!(languages_meant("xx-YY").is_empty());
        assert_eq!(
            voice_meant("Polly.Ami-Neural").as_deref(),
            Some("Polly.Amy-Neural")
        );
        assert_eq!(
            voice_meant("Polly.Amy Neural").as_deref(),
            Some("Polly.Amy-Neural")
        );
        assert_eq!(voice_meant("Vicki").as_deref(), Some("Polly.Vicki"));
        assert_eq!(voice_meant(""), None);
    }

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
