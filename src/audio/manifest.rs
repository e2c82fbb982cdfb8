//! One language's manifest, as written: strings and where they stand.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry as Slot;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::engine::Audio;
use crate::engine::own_prompts;
use crate::written::Code;
use crate::written::diag::{Diag, MOST, nearest};
use crate::written::syntax::{self, Dialect};

/// A place in a manifest: bytes from, bytes to.
pub type Span = Range<usize>;

#[derive(Clone, Debug)]
pub struct Manifest {
    /// BCP 47, after the file's name.
    pub language: String,
    /// Where it was read.
    pub file: PathBuf,
    /// The text that all spans count in.
    pub source: String,
    /// The prompts by their id, in the order of the file.
    pub entries: IndexMap<String, ManifestEntry>,
    /// What is wrong with it. The entries that are well are there all the same.
    pub faults: Vec<ManifestFault>,
}

/// What one prompt says.
#[derive(Clone, Debug)]
pub struct ManifestEntry {
    /// The words, a template. Stands in where there is no recording, and is its transcript where there is one.
    pub text: Option<Spanned<String>>,
    pub audio: Option<Sound>,
    /// Where the prompt is named.
    pub span: Span,
}

/// A recording as a manifest names it.
#[derive(Clone, Debug)]
pub struct Sound {
    /// A path relative to the manifest's folder, or an https URL.
    pub written: Spanned<String>,
    /// What it stands for; none if it cannot be played, which is a fault of the manifest.
    pub audio: Option<Audio>,
}

/// Something wrong in a manifest, with a way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestFault {
    /// What kind of fault: a stable name.
    pub code: Code,
    /// Where.
    pub span: Span,
    pub message: String,
    /// What would be right; empty where the message says it.
    pub help: String,
    /// A second place that belongs to it, and what it is.
    pub also: Option<(Span, String)>,
}

/// What the reader of TOML's faults knows of a manifest: it may have tables of any name.
const DIALECT: Dialect<'_> = Dialect {
    sure: &[],
    tables: &[],
    lists: &[],
};

impl ManifestFault {
    pub(super) fn new(
        code: Code,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            help: help.into(),
            also: None,
        }
    }

    /// A place at which a manifest is not TOML.
    fn syntax(diag: Diag) -> Self {
        Self {
            also: diag.also.map(|(place, label)| (place.span, label)),
            ..Self::new(
                Code::ManifestSyntax,
                diag.at.span,
                diag.message,
                diag.help.unwrap_or_default(),
            )
        }
    }
}

impl Manifest {
    /// Reads a manifest. No recording is looked for: that needs a folder ([`super::load_folder`]).
    pub fn parse(language: &str, file: &Path, source: String) -> Self {
        let mut reader = Reader {
            entries: IndexMap::new(),
            faults: Vec::new(),
        };
        let (text, broken) = syntax::faults(&source);
        let (table, _) = DeTable::parse_recoverable(&text);
        let told = syntax::tell(broken, &Arc::from(""), Vec::new(), &DIALECT);
        // One more than are reported, to know that there are more.
        let told = told.into_iter().take(MOST + 1);
        reader.faults.extend(told.map(ManifestFault::syntax));
        let table = table.into_inner().into_iter();
        let own = table.filter(|(key, _)| !is_filler(key, &source));
        reader.table("", &own.collect());
        let Reader { entries, faults } = reader;
        Self {
            language: language.into(),
            file: file.into(),
            source,
            entries,
            faults,
        }
    }
}

struct Reader {
    entries: IndexMap<String, ManifestEntry>,
    faults: Vec<ManifestFault>,
}

impl Reader {
    /// Reads a table whose name, followed by a dot, is `prefix`.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let id = format!("{prefix}{}", key.get_ref());
            match value.get_ref() {
                DeValue::String(text) => {
                    let text = Some(Spanned::new(value.span(), text.to_string()));
                    self.add(
                        id,
                        ManifestEntry {
                            text,
                            audio: None,
                            span: key.span(),
                        },
                    );
                }
                DeValue::Table(table) if is_entry(table) => self.entry(id, key.span(), table),
                DeValue::Table(table) if table.is_empty() => {
                    let message = format!("the prompt `{id}` has neither `text` nor `audio`");
                    self.faults.push(ManifestFault::new(
                        Code::ManifestEntry,
                        key.span(),
                        message,
                        "",
                    ));
                }
                DeValue::Table(table) => self.table(&format!("{id}."), table),
                // The parser's stand-in for what it could not read, and told.
                _ if value.span().is_empty() => {}
                _ => {
                    let message = format!("`{id}` is not a prompt");
                    let help = "a prompt is its text, or a table with `text`, `audio` or both";
                    self.faults.push(ManifestFault::new(
                        Code::ManifestEntry,
                        value.span(),
                        message,
                        help,
                    ));
                }
            }
        }
    }

    /// Reads a table that is a prompt. Tables in it are prompts whose ids begin with its own.
    fn entry(&mut self, id: String, span: Span, table: &DeTable<'_>) {
        let mut entry = ManifestEntry {
            text: None,
            audio: None,
            span,
        };
        let mut inner = Vec::new();
        for (key, value) in table {
            let spanned = |text: &str| Spanned::new(value.span(), text.to_owned());
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("text", DeValue::String(text)) => entry.text = Some(spanned(text)),
                ("audio", DeValue::String(path)) => {
                    entry.audio = Some(Sound {
                        written: spanned(path),
                        audio: None,
                    });
                }
                (_, DeValue::Table(_)) => inner.push((key.clone(), value.clone())),
                _ if value.span().is_empty() => {}
                (name, _) => {
                    let fault = stray(&id, name, key.span());
                    self.faults.push(fault);
                }
            }
        }
        let prefix = format!("{id}.");
        self.add(id, entry);
        self.table(&prefix, &inner.into_iter().collect());
    }

    /// Two spellings may come to one id: `"a.b" = …` and `[a] b = …`.
    fn add(&mut self, id: String, entry: ManifestEntry) {
        if own_prompts::is_reserved(&id) && !own_prompts::is_known(&id) {
            self.faults.push(ManifestFault::new(
                Code::PromptUnknown,
                entry.span.clone(),
                format!("Hookswitch has no prompt `{id}`"),
                own_prompts::help(nearest(&id, own_prompts::IDS)),
            ));
        }
        match self.entries.entry(id) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
            }
            Slot::Occupied(slot) => {
                let message = format!("the prompt `{}` is there twice", slot.key());
                let help =
                    "a dot in a quoted key and a nested table name the same prompt: keep one";
                self.faults.push(ManifestFault::new(
                    Code::ManifestTwice,
                    entry.span,
                    message,
                    help,
                ));
            }
        }
    }
}

/// Whether a key stands in place of a header that could not be read: what is below it belongs to no prompt.
fn is_filler(key: &Spanned<Cow<'_, str>>, source: &str) -> bool {
    let at = key.span().start.saturating_sub(1);
    key.get_ref().strip_prefix('x') == Some(&*at.to_string())
        && source.get(key.span()) != Some(&**key.get_ref())
}

fn is_entry(table: &DeTable<'_>) -> bool {
    ["text", "audio"].iter().any(|name| {
        table
            .get(*name)
            .is_some_and(|value| value.get_ref().is_str())
    })
}

/// A key that a prompt does not have.
fn stray(id: &str, name: &str, span: Span) -> ManifestFault {
    if name == "text" || name == "audio" {
        return ManifestFault::new(
            Code::ManifestEntry,
            span,
            format!("`{name}` of the prompt `{id}` is not a string"),
            "",
        );
    }
    let near = ["text", "audio"]
        .into_iter()
        .find(|right| strsim::damerau_levenshtein(right, name) <= 2);
    let help = match near {
        Some(right) => format!("did you mean `{right}`?"),
        None => format!(
            "a prompt has `text` and `audio`; another prompt is written \"{id}.{name}\" = …"
        ),
    };
    ManifestFault::new(
        Code::ManifestKey,
        span,
        format!("the prompt `{id}` has no `{name}`"),
        help,
    )
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Manifest, ManifestEntry};
    use crate::written::Code;

    fn manifest(source: &str) -> Manifest {
        Manifest::parse("en-GB", Path::new("en-GB.toml"), source.into())
    }

    fn text<'m>(manifest: &'m Manifest, id: &str) -> &'m str {
        manifest.entries[id]
            .text
            .as_ref()
            .expect("has text")
            .get_ref()
    }

    #[test]
    fn an_id_may_be_quoted_dotted_or_nested() {
        let manifest = manifest(
            r#"
            welcome = "Hello."
            "kind.ask" = { text = "Which?", audio = "kind.wav" }
            weight.ask.text = "How heavy?"
            weight.again = "Again."
            [hour.ask]
            text = "When?"
            [hour.ask.late]
            text = "Too late."
            [bye.text]
            text = "Odd, but an id."
            "#,
        );
        assert_eq!(manifest.faults, []);
        let ids: Vec<_> = manifest.entries.keys().map(String::as_str).collect();
        assert_eq!(
            ids,
            [
                "welcome",
                "kind.ask",
                "weight.ask",
                "weight.again",
                "hour.ask",
                "hour.ask.late",
                "bye.text"
            ]
        );
        assert_eq!(text(&manifest, "weight.ask"), "How heavy?");
        let audio = manifest.entries["kind.ask"]
            .audio
            .as_ref()
            .expect("has audio");
        assert_eq!(audio.written.get_ref(), "kind.wav");
    }

    #[test]
    fn names_of_hookswitch_are_kept_for_what_it_says() {
        let source = "hookswitch.apology = \"Sorry.\"\nhookswitch.apologe = \"Sorry.\"\n";
        let faults = manifest(source).faults;
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}");
        };
        assert_eq!(fault.code, Code::PromptUnknown);
        assert_eq!(fault.help, "did you mean `hookswitch.apology`?");
    }

    #[test]
    fn every_value_has_its_place() {
        let manifest = manifest("a = \"one\"\n\"b.c\" = { text = 'two', audio = \"b.wav\" }\n");
        let at = |span: std::ops::Range<usize>| &manifest.source[span];
        let ManifestEntry { text, audio, span } = &manifest.entries["b.c"];
        assert_eq!(at(span.clone()), "\"b.c\"");
        assert_eq!(at(text.as_ref().expect("has text").span()), "'two'");
        assert_eq!(
            at(audio.as_ref().expect("has audio").written.span()),
            "\"b.wav\""
        );
        assert_eq!(
            at(manifest.entries["a"]
                .text
                .as_ref()
                .expect("has text")
                .span()),
            "\"one\""
        );
    }

    #[test]
    fn what_stands_below_a_broken_header_is_no_prompt() {
        let manifest = manifest("[ä]\ntext = \"one\"\n[b]\ntext = \"two\"\n");
        let ids: Vec<_> = manifest.entries.keys().map(String::as_str).collect();
        assert_eq!((ids.as_slice(), manifest.faults.len()), (&["b"][..], 1));
    }

    #[test]
    fn all_faults_are_told_at_once_and_what_is_well_is_read() {
        let manifest = manifest(
            r#"
            good = "Hello."
            "a.b" = "one"
            a.b = "two"
            many = ["x"]
            none = {}
            typo = { text = "x", adio = "y.wav" }
            odd = { text = "x", length = 3 }
            wrong = { text = "x", audio = 1 }
            broken = { text = = "x" }
            "#,
        );
        let codes: Vec<_> = manifest.faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes[0], Code::ManifestSyntax);
        assert!(codes.ends_with(&[
            Code::ManifestTwice,
            Code::ManifestEntry,
            Code::ManifestEntry,
            Code::ManifestKey,
            Code::ManifestKey,
            Code::ManifestEntry
        ]));
        assert_eq!(text(&manifest, "good"), "Hello.");
        assert_eq!(text(&manifest, "a.b"), "one");
        assert!(
            manifest
                .faults
                .iter()
                .any(|fault| fault.help == "did you mean `audio`?")
        );
    }
}
