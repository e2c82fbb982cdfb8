//! SSML: what may stand within Say.

use super::kind::{Attribute, Kind, TextRule, any, plain};
use super::value::ValueRule;
use crate::engine::INTERPRET_AS;

/// What Say itself may contain.
pub(super) static IN_SAY: [&Kind; 10] = [
    &BREAK, &EMPHASIS, &LANG, &P, &PHONEME, &PROSODY, &S, &SAY_AS, &SUB, &W,
];
/// What a stretch of text may contain.
static IN_TEXT: [&Kind; 8] = [
    &BREAK, &EMPHASIS, &LANG, &PHONEME, &PROSODY, &SAY_AS, &SUB, &W,
];
/// What a paragraph may contain.
static IN_PARAGRAPH: [&Kind; 9] = [
    &BREAK, &EMPHASIS, &LANG, &PHONEME, &PROSODY, &S, &SAY_AS, &SUB, &W,
];

const fn spoken(
    name: &'static str,
    attributes: &'static [Attribute],
    children: &'static [&'static Kind],
) -> Kind {
    Kind::new(name)
        .attributes(attributes)
        .children(children)
        .text(TextRule::Mixed)
}

pub(super) static BREAK: Kind = Kind::new("break").attributes(&[
    plain(
        "strength",
        ValueRule::One(&["none", "x-weak", "weak", "medium", "strong", "x-strong"]),
    ),
    plain("time", ValueRule::Spoken(&[], &["ms", "s"])),
]);

pub(super) static EMPHASIS: Kind = spoken(
    "emphasis",
    &[plain(
        "level",
        ValueRule::One(&["strong", "moderate", "reduced"]),
    )],
    &IN_TEXT,
);

pub(super) static LANG: Kind = spoken(
    "lang",
    &[plain(
        "xml:lang",
        ValueRule::One(&[
            "arb",
            "ar-AE",
            "ca-ES",
            "cmn-CN",
            "cy-GB",
            "da-DK",
            "de-DE",
            "de-AT",
            "en-AU",
            "en-GB",
            "en-GB-WLS",
            "en-IN",
            "en-NZ",
            "en-US",
            "en-ZA",
            "es-ES",
            "es-MX",
            "es-US",
            "fi-FI",
            "fr-CA",
            "fr-FR",
            "he-IL",
            "hi-IN",
            "is-IS",
            "it-IT",
            "ja-JP",
            "ko-KR",
            "nb-NO",
            "nl-NL",
            "pl-PL",
            "pt-BR",
            "pt-PT",
            "ro-RO",
            "ru-RU",
            "sv-SE",
            "tr-TR",
            "yue-CN",
        ]),
    )],
    &IN_SAY,
);

pub(super) static P: Kind = spoken("p", &[], &IN_PARAGRAPH);

pub(super) static S: Kind = spoken("s", &[], &IN_TEXT);

pub(super) static PHONEME: Kind = spoken(
    "phoneme",
    &[
        plain(
            "alphabet",
            ValueRule::One(&[
                "ipa",
                "x-sampa",
                "x-amazon-jyutping",
                "x-amazon-pinyin",
                "x-amazon-pron-kana",
                "x-amazon-yomigana",
            ]),
        ),
        any("ph").needed(),
    ],
    &[],
);

pub(super) static PROSODY: Kind = spoken(
    "prosody",
    &[
        plain(
            "volume",
            ValueRule::Spoken(
                &[
                    "default", "silent", "x-soft", "soft", "medium", "loud", "x-loud",
                ],
                &["dB"],
            ),
        ),
        plain(
            "rate",
            ValueRule::Spoken(
                &["default", "x-slow", "slow", "medium", "fast", "x-fast"],
                &["%"],
            ),
        ),
        plain(
            "pitch",
            ValueRule::Spoken(
                &["default", "x-low", "low", "medium", "high", "x-high"],
                &["%", "st"],
            ),
        ),
    ],
    &IN_SAY,
);

pub(super) static SAY_AS: Kind = spoken(
    "say-as",
    &[
        plain("interpret-as", ValueRule::One(&INTERPRET_AS)).needed(),
        plain(
            "format",
            ValueRule::One(&[
                "mdy", "dmy", "ymd", "md", "dm", "ym", "my", "d", "m", "y", "yyyymmdd",
            ]),
        ),
    ],
    &[],
);

pub(super) static SUB: Kind = spoken("sub", &[any("alias").needed()], &[]);

pub(super) static W: Kind = spoken(
    "w",
    &[any("role")],
    &[&BREAK, &EMPHASIS, &PHONEME, &PROSODY, &SAY_AS, &SUB],
);
