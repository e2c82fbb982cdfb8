//! One language's manifest, as written: strings and where they stand.

use std::borrow::Cow;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use indexmap::IndexMap;
use indexmap::map::Entry as Slot;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::engine::manifest_value::ManifestValue;
use crate::engine::own_prompts;
use crate::engine::words::{Piece, is_segment, pieces};
use crate::written::diag::{Diag, MOST, Place, nearest};
use crate::written::syntax::{self, Dialect};
use crate::written::{Code, Faults, Item};

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
    /// The recordings of ours that they play.
    pub recordings: Vec<NamedRecording>,
    /// What is wrong with it. The entries that are well are there all the same.
    pub faults: Vec<ManifestFault>,
}

/// What one prompt says.
#[derive(Clone, Debug)]
pub struct ManifestEntry {
    /// The prompt as it is written; nothing where it is none, which is a fault of the manifest.
    pub words: Option<ManifestValue>,
    /// Where the prompt is named.
    pub span: Span,
}

/// A recording of ours as a manifest names it.
#[derive(Clone, Debug)]
pub struct NamedRecording {
    /// A path from the manifest's folder.
    pub written: String,
    /// Where it stands.
    pub span: Span,
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

    /// What was found while the form of a prompt was read.
    fn of(diag: Diag) -> Self {
        let help = diag.help.unwrap_or_default();
        Self::new(diag.code, diag.at.span, diag.message, help)
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
        let mut reader = Reader::default();
        let (text, broken) = syntax::faults(&source);
        let (table, _) = DeTable::parse_recoverable(&text);
        let told = syntax::tell(broken, &Arc::from(""), Vec::new(), &DIALECT);
        // One more than are reported, to know that there are more.
        let told = told.into_iter().take(MOST + 1);
        reader.faults.extend(told.map(ManifestFault::syntax));
        let table = table.into_inner().into_iter();
        let own = table.filter(|(key, _)| !is_filler(key, &source));
        reader.table("", &own.collect());
        let Reader {
            entries,
            recordings,
            faults,
        } = reader;
        Self {
            language: language.into(),
            file: file.into(),
            source,
            entries,
            recordings,
            faults,
        }
    }
}

#[derive(Default)]
struct Reader {
    entries: IndexMap<String, ManifestEntry>,
    recordings: Vec<NamedRecording>,
    faults: Vec<ManifestFault>,
}

/// What is wrong with the form of one prompt.
#[derive(Default)]
struct Noted(Vec<Diag>);

impl Faults for Noted {
    fn fault(&mut self, code: Code, span: Span, message: String) -> &mut Diag {
        let file = Arc::from("");
        self.0.push(Diag::new(code, Place { file, span }, message));
        self.0.last_mut().expect("one was pushed")
    }

    fn takes_notes(&self) -> bool {
        true
    }
}

impl Reader {
    /// Reads a table whose name, followed by a dot, is `prefix`.
    fn table(&mut self, prefix: &str, table: &DeTable<'_>) {
        for (key, value) in table {
            let id = format!("{prefix}{}", key.get_ref());
            match value.get_ref() {
                DeValue::Table(table) if is_segment(table) => {
                    self.entry(id, key.span(), table, value.span());
                }
                DeValue::Table(table) if !table.is_empty() => {
                    self.table(&format!("{id}."), table);
                }
                // The parser's stand-in for what it could not read, and told.
                _ if value.span().is_empty() => {}
                _ => self.add(id, key.span(), value),
            }
        }
    }

    /// Reads a table that is a prompt. Tables in it are prompts whose ids begin with its own.
    fn entry(&mut self, id: String, at: Span, table: &DeTable<'_>, span: Span) {
        let is_part = |value: &Spanned<DeValue<'_>>| value.get_ref().is_table();
        let all = |parts: bool| {
            let own = table.iter().filter(|(_, value)| {
                is_part(value) == parts && (parts || !value.span().is_empty())
            });
            own.map(|(key, value)| (key.clone(), value.clone()))
                .collect::<DeTable<'_>>()
        };
        let prefix = format!("{id}.");
        self.add(id, at, &Spanned::new(span, DeValue::Table(all(false))));
        self.table(&prefix, &all(true));
    }

    /// Two spellings may come to one id: `"a.b" = …` and `[a] b = …`.
    fn add(&mut self, id: String, span: Span, value: &Spanned<DeValue<'_>>) {
        if own_prompts::is_reserved(&id) && !own_prompts::is_known(&id) {
            self.faults.push(ManifestFault::new(
                Code::PromptUnknown,
                span.clone(),
                format!("Hookswitch has no prompt `{id}`"),
                own_prompts::help(nearest(&id, own_prompts::IDS)),
            ));
        }
        let entry = ManifestEntry {
            words: ManifestValue::of(value),
            span: span.clone(),
        };
        match self.entries.entry(id) {
            Slot::Vacant(slot) => {
                slot.insert(entry);
                self.form(span, value);
            }
            Slot::Occupied(slot) => {
                let message = format!("the prompt `{}` is there twice", slot.key());
                let help =
                    "a dot in a quoted key and a nested table name the same prompt: keep one";
                self.faults
                    .push(ManifestFault::new(Code::ManifestTwice, span, message, help));
            }
        }
    }

    /// Notes what is wrong with the form of a prompt, and which recordings it plays.
    fn form(&mut self, key: Span, value: &Spanned<DeValue<'_>>) {
        let at = value.span();
        let item = Item {
            value: value.get_ref(),
            start: at.start,
            end: at.end,
            key: (key.start, key.end),
        };
        let mut noted = Noted::default();
        for piece in pieces(item, &mut noted).into_iter().flatten() {
            if let Piece::Recording((written, item), _) = piece {
                self.recordings.push(NamedRecording {
                    written: written.to_owned(),
                    span: item.span(),
                });
            }
        }
        self.faults
            .extend(noted.0.into_iter().map(ManifestFault::of));
    }
}

/// Whether a key stands in place of a header that could not be read: what is below it belongs to no prompt.
fn is_filler(key: &Spanned<Cow<'_, str>>, source: &str) -> bool {
    let at = key.span().start.saturating_sub(1);
    key.get_ref().strip_prefix('x') == Some(&*at.to_string())
        && source.get(key.span()) != Some(&**key.get_ref())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Manifest;
    use crate::engine::manifest_value::{Kind, ManifestValue};
    use crate::written::Code;

    fn manifest(source: &str) -> Manifest {
        Manifest::parse("en-GB", Path::new("en-GB.toml"), source.into())
    }

    fn words<'m>(manifest: &'m Manifest, id: &str) -> &'m ManifestValue {
        manifest.entries[id].words.as_ref().expect("it is a prompt")
    }

    /// The words of a prompt that is a text, or a table with one.
    fn text<'m>(manifest: &'m Manifest, id: &str) -> &'m str {
        match &words(manifest, id).what {
            Kind::Text(text) => text,
            Kind::Table(all) => {
                let text = all.iter().find(|(key, ..)| key == "text");
                match text.map(|(.., value)| &value.what) {
                    Some(Kind::Text(text)) => text,
                    other => panic!("{other:?}"),
                }
            }
            Kind::List(_) => panic!("it is a list"),
        }
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
        assert_eq!(manifest.recordings[0].written, "kind.wav");
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
        let manifest = manifest(
            "a = \"one\"\n\"b.c\" = { text = 'two', audio = \"b.wav\" }\nd = [\"x\", { audio = 'd.wav' }]\n",
        );
        assert_eq!(manifest.faults, []);
        let at = |span: std::ops::Range<usize>| &manifest.source[span];
        assert_eq!(at(manifest.entries["b.c"].span.clone()), "\"b.c\"");
        let recordings = manifest.recordings.iter();
        let recordings: Vec<_> = recordings.map(|named| at(named.span.clone())).collect();
        assert_eq!(recordings, ["\"b.wav\"", "'d.wav'"]);
        let whole = words(&manifest, "a").at;
        assert_eq!(at(whole.0..whole.1), "\"one\"");
        let list = words(&manifest, "d");
        let Kind::List(pieces) = &list.what else {
            panic!("{list:?}");
        };
        assert_eq!(at(pieces[0].at.0..pieces[0].at.1), "\"x\"");
        assert_eq!(ManifestValue::of(&list.to_toml()).as_ref(), Some(list));
    }

    #[test]
    fn segments_and_lists_of_them_are_prompts() {
        let manifest = manifest(
            r#"
            wait = { pause = "1s" }
            tune = { audio = "https://cdn.example/tune.mp3" }
            all = ["@wait", "Text.", { say = "1234", as = "digits" }, { digits = "1w2" }, { text = "Words.", audio = "w.wav", note = "by Jo" }]
            [menu.ask]
            say = "{{ number }}"
            as = "telephone"
            [menu.ask.again]
            pause = "500ms"
            "#,
        );
        assert_eq!(manifest.faults, []);
        let ids: Vec<_> = manifest.entries.keys().map(String::as_str).collect();
        assert_eq!(ids, ["wait", "tune", "all", "menu.ask", "menu.ask.again"]);
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
            many = ["x", 1]
            none = {}
            typo = { text = "x", adio = "y.wav" }
            odd = { text = "x", length = 3 }
            wrong = { text = "x", audio = 1 }
            broken = { text = = "x" }
            "#,
        );
        let codes: Vec<_> = manifest.faults.iter().map(|fault| fault.code).collect();
        assert_eq!(codes[0], Code::ManifestSyntax);
        assert!(
            codes.ends_with(&[
                Code::ManifestTwice,
                Code::ValueWrongType,
                Code::SegmentUnclear,
                Code::KeyUnknown,
                Code::KeyUnknown,
                Code::ValueWrongType
            ]),
            "{codes:?}"
        );
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
