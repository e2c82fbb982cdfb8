//! The languages that the carrier's speech recognition hears, after the list that its helper libraries are made from. They
//! are not those that it speaks: some have other names, and some it speaks and does not hear.

/// What a Gather's `language` may be where it listens for words.
pub const HEARD: &[&str] = &[
    "af-ZA",
    "am-ET",
    "ar-AE",
    "ar-BH",
    "ar-DZ",
    "ar-EG",
    "ar-IL",
    "ar-IQ",
    "ar-JO",
    "ar-KW",
    "ar-LB",
    "ar-MA",
    "ar-OM",
    "ar-PS",
    "ar-QA",
    "ar-SA",
    "ar-TN",
    "az-AZ",
    "bg-BG",
    "bn-BD",
    "bn-IN",
    "ca-ES",
    "cmn-Hans-CN",
    "cmn-Hans-HK",
    "cmn-Hant-TW",
    "cs-CZ",
    "da-DK",
    "de-DE",
    "el-GR",
    "en-AU",
    "en-CA",
    "en-GB",
    "en-GH",
    "en-IE",
    "en-IN",
    "en-KE",
    "en-NG",
    "en-NZ",
    "en-PH",
    "en-TZ",
    "en-US",
    "en-ZA",
    "es-AR",
    "es-BO",
    "es-CL",
    "es-CO",
    "es-CR",
    "es-DO",
    "es-EC",
    "es-ES",
    "es-GT",
    "es-HN",
    "es-MX",
    "es-NI",
    "es-PA",
    "es-PE",
    "es-PR",
    "es-PY",
    "es-SV",
    "es-US",
    "es-UY",
    "es-VE",
    "eu-ES",
    "fa-IR",
    "fi-FI",
    "fil-PH",
    "fr-CA",
    "fr-FR",
    "gl-ES",
    "gu-IN",
    "he-IL",
    "hi-IN",
    "hr-HR",
    "hu-HU",
    "hy-AM",
    "id-ID",
    "is-IS",
    "it-IT",
    "ja-JP",
    "jv-ID",
    "ka-GE",
    "km-KH",
    "kn-IN",
    "ko-KR",
    "lo-LA",
    "lt-LT",
    "lv-LV",
    "ml-IN",
    "mr-IN",
    "ms-MY",
    "nb-NO",
    "ne-NP",
    "nl-NL",
    "pl-PL",
    "pt-BR",
    "pt-PT",
    "ro-RO",
    "ru-RU",
    "si-LK",
    "sk-SK",
    "sl-SI",
    "sr-RS",
    "su-ID",
    "sv-SE",
    "sw-KE",
    "sw-TZ",
    "ta-IN",
    "ta-LK",
    "ta-MY",
    "ta-SG",
    "te-IN",
    "th-TH",
    "tr-TR",
    "uk-UA",
    "ur-IN",
    "ur-PK",
    "vi-VN",
    "yue-Hant-HK",
    "zu-ZA",
];

/// Languages that are heard by another name than they are spoken by, or as the next of their kind.
const OTHERWISE: &[(&str, &str)] = &[
    ("ar-XA", "ar-SA"),
    ("arb", "ar-SA"),
    ("cmn-CN", "cmn-Hans-CN"),
    ("cmn-TW", "cmn-Hant-TW"),
    ("de-AT", "de-DE"),
    ("en-GB-WLS", "en-GB"),
    ("fr-BE", "fr-FR"),
    ("nl-BE", "nl-NL"),
    ("yue-HK", "yue-Hant-HK"),
    ("zh-CN", "cmn-Hans-CN"),
    ("zh-HK", "yue-Hant-HK"),
    ("zh-TW", "cmn-Hant-TW"),
];

/// The name by which the carrier hears a language that a flow speaks; nothing where it does not hear it.
pub fn heard_as(tag: &str) -> Option<&'static str> {
    let mut others = OTHERWISE.iter();
    let otherwise = others.find(|(spoken, _)| *spoken == tag);
    let heard = otherwise.map_or(tag, |(_, heard)| heard);
    let place = HEARD.binary_search(&heard).ok()?;
    Some(HEARD[place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::written::voices::LANGUAGES;

    #[test]
    fn the_list_is_sorted_so_that_it_can_be_searched() {
        assert!(HEARD.is_sorted());
        assert!(OTHERWISE.iter().all(|(_, heard)| HEARD.contains(heard)));
    }

    #[test]
    fn a_language_that_is_spoken_is_heard_by_its_name_or_another_or_not_at_all() {
        assert_eq!(heard_as("en-GB"), Some("en-GB"));
        assert_eq!(heard_as("zh-CN"), Some("cmn-Hans-CN"));
        assert_eq!(heard_as("cy-GB"), None);
        let deaf: Vec<&str> = LANGUAGES
            .iter()
            .copied()
            .filter(|tag| heard_as(tag).is_none())
            .collect();
        assert_eq!(deaf, ["cy-GB", "pa-IN"]);
    }
}
