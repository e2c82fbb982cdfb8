//! Words of Hookswitch's own: the prompts `@hookswitch.<name>`, shipped for many languages. A flow's `[prompts]` and the
//! audio manifest may have others in their place.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::turn::{Say, Verb, Words};
use crate::written::voices::primary;

/// Said when a call cannot go on, before it ends.
pub const APOLOGY: &str = "hookswitch.apology";
/// Said while the caller waits for a store.
pub const HOLD: &str = "hookswitch.hold";
/// How `yes_no` speaks a yes.
pub const YES: &str = "hookswitch.yes";
/// How `yes_no` speaks a no.
pub const NO: &str = "hookswitch.no";

/// The days of a moment, from Monday.
pub const WEEKDAYS: [&str; 7] = [
    "hookswitch.monday",
    "hookswitch.tuesday",
    "hookswitch.wednesday",
    "hookswitch.thursday",
    "hookswitch.friday",
    "hookswitch.saturday",
    "hookswitch.sunday",
];
/// A moment's day, where it is the one on which it is spoken.
pub const TODAY: &str = "hookswitch.today";
/// A moment's day, where it is the next.
pub const TOMORROW: &str = "hookswitch.tomorrow";
/// Between the day and the hour of a moment.
pub const AT: &str = "hookswitch.at";

/// Before what a caller may have said, in the question whether that was meant.
pub const WAS_THAT: &str = "hookswitch.was_that";
/// Before the key that says so.
pub const PRESS: &str = "hookswitch.press";
/// Behind that key.
pub const OR_SAY_YES: &str = "hookswitch.or_say_yes";

/// All of them.
pub const IDS: [&str; 17] = [
    APOLOGY,
    HOLD,
    YES,
    NO,
    WEEKDAYS[0],
    WEEKDAYS[1],
    WEEKDAYS[2],
    WEEKDAYS[3],
    WEEKDAYS[4],
    WEEKDAYS[5],
    WEEKDAYS[6],
    TODAY,
    TOMORROW,
    AT,
    WAS_THAT,
    PRESS,
    OR_SAY_YES,
];

/// What all their ids begin with, and no other prompt's.
const PREFIX: &str = "hookswitch.";

/// The language of callers whose own is unknown.
const UNKNOWN: &str = "en-US";

/// Words by id without the prefix, by language. Loading a flow reads them, so that no call waits for it.
static SHIPPED: LazyLock<BTreeMap<String, BTreeMap<String, String>>> = LazyLock::new(|| {
    toml::from_str(include_str!("own_prompts.toml")).expect("what is compiled in is sound")
});

/// What is said in place of a flow that is not known, or in one of its languages.
#[derive(Debug, Default)]
pub struct OwnWords {
    /// That the call cannot go on.
    pub apology: Vec<Verb>,
    /// That the caller should wait.
    pub hold: Vec<Verb>,
}

impl OwnWords {
    /// In English, for callers whose flow, and hence language, is unknown.
    pub fn of_no_flow() -> Self {
        let say = |id| {
            vec![Verb::Say(Say {
                voice: None,
                language: UNKNOWN.into(),
                words: vec![Words::Text(
                    shipped(UNKNOWN, id).unwrap_or_default().to_owned(),
                )],
            })]
        };
        Self {
            apology: say(APOLOGY),
            hold: say(HOLD),
        }
    }
}

/// The words that are shipped for a prompt in a language, if any are.
pub fn shipped(language: &str, id: &str) -> Option<&'static str> {
    let words = SHIPPED
        .get(language)
        .or_else(|| SHIPPED.get(primary(language)))?;
    words.get(id.strip_prefix(PREFIX)?).map(String::as_str)
}

/// Whether an id may only be that of a prompt of ours.
pub fn is_reserved(id: &str) -> bool {
    id.starts_with(PREFIX) || id == "hookswitch"
}

/// Whether a prompt of this id is ours.
pub fn is_known(id: &str) -> bool {
    IDS.contains(&id)
}

/// What to do about a reserved id that is none of ours, given the one that is like it.
pub fn help(near: Option<&str>) -> String {
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!(
            "names that begin with `{PREFIX}` are kept for what Hookswitch says itself: {}",
            IDS.map(|id| format!("`{id}`")).join(", ")
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shipped_language_has_every_prompt_and_no_other() {
        for (language, words) in SHIPPED.iter() {
            let mut names: Vec<String> =
                words.keys().map(|name| format!("{PREFIX}{name}")).collect();
            let mut known = IDS.map(str::to_owned).to_vec();
            names.sort();
            known.sort();
            assert_eq!(names, known, "{language}");
            assert!(
                words
                    .values()
                    .all(|text| !text.trim().is_empty() && !text.contains("{{"))
            );
        }
    }

    #[test]
    fn a_whole_tag_beats_its_first_part() {
        assert_eq!(shipped("de-AT", YES), Some("ja"));
        assert_eq!(shipped("zh-CN", YES), Some("是"));
        assert_eq!(shipped("zh-HK", YES), None);
        assert_eq!(shipped("en-GB", "hookswitch.other"), None);
    }
}
