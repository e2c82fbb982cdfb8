//! Where prompts are looked up: the flow's own, then the audio manifest of each language.

use std::ops::Range;
use std::sync::Arc;

use super::super::bundle::{Audio, Entry};
use super::super::keys::top::{PROMPTS, TOP_VALUES};
use super::super::own_prompts;
use super::super::prompt::{Prompt, Segment};
use super::super::template::Template;
use super::Checker;
use super::mistyped::is_key_of_steps;
use super::words::is_segment;
use crate::written::diag::nearest;
use crate::written::voices::primary;
use crate::written::{Code, Explain, Item, Table};

/// How deep prompts may be nested.
const MAX_DEPTH: usize = 32;

impl<'a> Checker<'a> {
    /// Reads the flow's own prompts. A table of anything but languages nests: `kind.ask = …` is the prompt `kind.ask`.
    pub(in crate::engine) fn own_prompts(&mut self, top: &Table<'a>) {
        let Some(prompts) = top
            .get(PROMPTS.name)
            .and_then(|item| item.table(self, "`prompts` must be a table"))
        else {
            return;
        };
        let mut open: Vec<(String, Item<'a>)> = prompts
            .all()
            .into_iter()
            .map(|(id, item)| (id.to_owned(), item))
            .collect();
        while let Some((id, item)) = open.pop() {
            let table = item.value.as_table().filter(|table| !is_segment(table));
            let inner = table
                .map(|table| Table::new(table, item.span()).all())
                .unwrap_or_default();
            if table.is_some() && !inner.iter().any(|(name, _)| self.means_language(name)) {
                open.extend(
                    inner
                        .into_iter()
                        .map(|(name, item)| (format!("{id}.{name}"), item)),
                );
                continue;
            }
            for (tag, words) in inner {
                self.language(tag, words.key_span());
            }
            if own_prompts::is_reserved(&id) && !own_prompts::is_known(&id) {
                self.unknown_own_prompt(&id, item.key_span());
            }
            self.here.prompts.insert(id, item);
        }
    }

    fn unknown_own_prompt(&mut self, id: &str, span: Range<usize>) {
        let help = own_prompts::help(self.near(id, own_prompts::IDS));
        self.fault(
            Code::PromptUnknown,
            span,
            format!("Hookswitch has no prompt `{id}`"),
        )
        .help(help);
    }

    /// Reads those of the flow's own prompts that no step has used, so that their faults are found too.
    pub(in crate::engine) fn unused_prompts(&mut self) {
        let mut unused: Vec<_> = self
            .here
            .prompts
            .iter()
            .filter(|(id, _)| !self.here.ready.keys().any(|(ready, ..)| ready == *id))
            .collect();
        unused.sort_by_key(|(_, item)| item.start);
        let unused: Vec<_> = unused
            .into_iter()
            .map(|(id, item)| (id.clone(), *item))
            .collect();
        let unsaid: Vec<_> = unused
            .iter()
            .map(|(id, item)| (id.clone(), item.key_span()))
            .collect();
        for (id, item) in unused {
            if TOP_VALUES.contains(&id.as_str()) {
                self.misplaced(&id, item.key_span(), "`[prompts]`");
                continue;
            }
            if is_key_of_steps(id.split('.').next().unwrap_or_default()) {
                self.misplaced_in_step(&id, item.key_span(), "`[prompts]`");
                continue;
            }
            self.prompt(&id, item.key_span());
        }
        self.here.unsaid = unsaid;
    }

    /// Whether a key of a prompt's table is one of the flow's languages, or was meant to be.
    fn means_language(&self, key: &str) -> bool {
        let primary = |tag: &str| {
            tag.split(['-', '_'])
                .next()
                .unwrap_or_default()
                .to_lowercase()
        };
        self.languages
            .iter()
            .any(|language| primary(&language.tag) == primary(key))
            || self
                .here
                .tags
                .iter()
                .any(|tag| primary(tag) == primary(key))
            || nearest(key, self.languages.iter().map(|language| &*language.tag))
                .is_some_and(|near| near.len() > 3)
    }

    /// A prompt, by its id: the flow's own, else the audio manifest's, in every language; where it stands in the words of
    /// one language, in this one.
    pub fn prompt(&mut self, id: &str, span: Range<usize>) -> Option<Prompt> {
        let key = (id.to_owned(), self.only, (self.in_queue, self.in_code));
        let everywhere = (id.to_owned(), None, (self.in_queue, self.in_code));
        let ready = self
            .here
            .ready
            .get(&key)
            .or_else(|| self.here.ready.get(&everywhere));
        if let Some(ready) = ready {
            return ready.clone();
        }
        if !self.has_prompt(id) {
            self.unknown_prompt(id, span);
            return None;
        }
        if self.resolving.iter().any(|other| other == id) {
            let chain = self
                .resolving
                .iter()
                .map(|id| format!("`@{id}`"))
                .collect::<Vec<_>>()
                .join(", ");
            self.fault(
                Code::PromptCircle,
                span,
                format!("the prompt `@{id}` is made of itself"),
            )
            .help(format!("by way of {chain}"));
            return None;
        }
        if self.resolving.len() >= MAX_DEPTH {
            self.fault(
                Code::PromptTooDeep,
                span,
                format!("the prompt `@{id}` stands in too many others"),
            )
            .help(format!(
                "at most {MAX_DEPTH} prompts in each other: write its words where they are said"
            ));
            return None;
        }
        self.resolving.push(id.to_owned());
        let prompt = self.make_prompt(id, span);
        self.resolving.pop();
        self.here.ready.insert(key, prompt.clone());
        prompt
    }

    /// The flow's own prompts that are named after a step, as `years.ask` is after `years`, in the order of the file.
    pub(super) fn prompts_of_step(&self, step: &str) -> Vec<String> {
        let named = self.here.prompts.iter().filter(|(id, _)| {
            let part = id.strip_prefix(step);
            part.is_some_and(|part| part.starts_with('.'))
        });
        let mut named: Vec<_> = named.collect();
        named.sort_by_key(|(_, item)| item.start);
        named.into_iter().map(|(id, _)| id.clone()).collect()
    }

    /// Whether a prompt of this id stands anywhere.
    pub fn has_prompt(&self, id: &str) -> bool {
        self.here.prompts.contains_key(id)
            || own_prompts::is_known(id)
            || self
                .languages
                .iter()
                .any(|language| self.entry(&language.tag, id).is_some())
    }

    /// Puts a prompt together, in every language even if one of them is faulty.
    fn make_prompt(&mut self, id: &str, span: Range<usize>) -> Option<Prompt> {
        let own = self.here.prompts.get(id).copied();
        let mut prompt = Prompt::empty(self.languages.len());
        let (mut missing, mut sound) = (Vec::new(), true);
        let places = match self.only {
            Some(only) => only..only + 1,
            None => 0..self.languages.len(),
        };
        for place in places {
            let tag = Arc::clone(&self.languages[place].tag);
            if let Some((words, everywhere)) = own.and_then(|item| own_words(item, &tag)) {
                let words =
                    self.in_words_of(place, everywhere, |check| Prompt::parse(words, check));
                sound &= words.map(|words| prompt.extend_in(place, &words)).is_some();
            } else if let Some((file, entry)) = self.entry(&tag, id) {
                self.used.prompts.insert((tag.to_string(), id.to_owned()));
                let outer = std::mem::replace(&mut self.file, file);
                let words = self.in_words_of(place, false, |check| check.of_manifest(entry));
                self.file = outer;
                sound &= words.map(|words| prompt.extend_in(place, &words)).is_some();
            } else if let Some(words) = own_prompts::shipped(&tag, id) {
                prompt.push_in(place, Segment::Text(Template::literal(words)));
            } else if own_prompts::is_known(id) {
                let ids = self.without_own_words.entry(place).or_default();
                ids.push(id.to_owned());
                sound = false;
            } else if !own.is_some_and(|item| has_misspelt_words(item, &tag)) {
                missing.push(tag);
            }
        }
        if let Some(first) = missing.first().filter(|_| !self.is_unsure_of_languages) {
            let at = own.map_or(span, |item| item.key_span());
            let message = format!("the prompt `@{id}` has no words in {}", missing.join(", "));
            self.fault(Code::PromptMissing, at, message).help(format!(
                "add it to `{first}.toml` of the audio manifest, or to `[prompts]` of the flow"
            ));
        }
        (sound && (missing.is_empty() || self.is_unsure_of_languages)).then_some(prompt)
    }

    fn unknown_prompt(&mut self, id: &str, span: Range<usize>) {
        if id.is_empty() {
            self.fault(Code::PromptUnknown, span, "`@` names no prompt")
                .help("write the prompt's name behind it, `\"@welcome\"`; a text that begins with `@` is written `@@`");
            return;
        }
        if own_prompts::is_reserved(id) {
            self.unknown_own_prompt(id, span);
            return;
        }
        if let Some(other) = self
            .bundle
            .catalogues
            .iter()
            .find(|other| other.entries.contains_key(id))
        {
            let help = format!(
                "it has words in `{}.toml` only, and the flow speaks {}: name the file after the language",
                other.language,
                self.languages
                    .iter()
                    .map(|language| format!("`{}`", language.tag))
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            self.fault(
                Code::PromptUnknown,
                span,
                format!("no prompt named `@{id}`"),
            )
            .help(help);
            return;
        }
        let manifest = self
            .bundle
            .catalogues
            .iter()
            .flat_map(|catalogue| catalogue.entries.keys());
        let known = self.here.prompts.keys().chain(manifest).map(String::as_str);
        let help = match self.near(id, known) {
            Some(near) => format!("did you mean `@{near}`?"),
            None => format!(
                "add `\"{id}\"` to `[prompts]` or to the audio manifest; text that begins with `@` is written `@@`"
            ),
        };
        self.fault(
            Code::PromptUnknown,
            span,
            format!("no prompt named `@{id}`"),
        )
        .help(help);
    }

    /// Where a prompt stands first, and the file.
    pub(in crate::engine) fn place_of_prompt(&self, id: &str) -> (Arc<str>, Range<usize>) {
        if let Some(item) = self.here.prompts.get(id) {
            return (self.file.clone(), item.key_span());
        }
        let mut tags = self.languages.iter().map(|language| &language.tag);
        let entry = tags.find_map(|tag| self.entry(tag, id));
        entry.map_or_else(
            || (self.file.clone(), 0..0),
            |(file, entry)| (file, entry.at.0..entry.at.1),
        )
    }

    /// Whether the flow itself has a prompt of this name.
    pub(in crate::engine) fn has_own_prompt(&self, id: &str) -> bool {
        self.here.prompts.contains_key(id)
    }

    fn entry(&self, language: &str, id: &str) -> Option<(Arc<str>, &'a Entry)> {
        let catalogue = self
            .bundle
            .catalogues
            .iter()
            .find(|catalogue| catalogue.language == language)?;
        catalogue
            .entries
            .get(id)
            .map(|entry| (catalogue.file.clone(), entry))
    }

    /// Reads words that are of one language, or that stand for every one.
    fn in_words_of<T>(
        &mut self,
        place: usize,
        everywhere: bool,
        read: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let only = if everywhere { self.only } else { Some(place) };
        let only = std::mem::replace(&mut self.only, only);
        let outer = std::mem::replace(&mut self.in_all_languages, everywhere);
        let read = read(self);
        (self.only, self.in_all_languages) = (only, outer);
        read
    }

    /// Reads a prompt of a manifest.
    fn of_manifest(&mut self, entry: &Entry) -> Option<Prompt> {
        if let Some(words) = &entry.words {
            let value = words.to_toml();
            let item = Item {
                value: value.get_ref(),
                start: words.at.0,
                end: words.at.1,
                key: entry.at,
            };
            return Prompt::parse_of_manifest(item, self);
        }
        let mut prompt = Prompt::empty(self.languages.len());
        prompt.push(self.kept_segment(entry)?);
        Some(prompt)
    }

    /// A prompt of a manifest as the releases before kept it.
    fn kept_segment(&mut self, entry: &Entry) -> Option<Segment> {
        match (&entry.audio, &entry.text) {
            (Some(Audio::Recording(path)), _) => Some(Segment::Recording(path.clone())),
            (Some(Audio::Url(url)), _) => Some(Segment::Url(Template::literal(url))),
            (None, text) => {
                let text = text.as_deref().unwrap_or_default();
                let template = Template::spoken(text, entry.at.0..entry.at.1, self)?;
                self.says(&template);
                Some(Segment::Text(template))
            }
        }
    }
}

/// The words of one of the flow's own prompts in a language, and whether they are the same in every language.
fn own_words<'a>(item: Item<'a>, language: &str) -> Option<(Item<'a>, bool)> {
    match item.value.as_table() {
        Some(table) if !is_segment(table) => Table::new(table, item.span())
            .peek(language)
            .map(|words| (words, false)),
        _ => Some((item, true)),
    }
}

/// Whether a prompt has words under a tag that is none of the flow's, but was meant for this language: such a tag is
/// reported where it stands.
fn has_misspelt_words(item: Item<'_>, tag: &str) -> bool {
    let table = item.value.as_table().filter(|table| !is_segment(table));
    table.is_some_and(|table| {
        let mut tags = table.keys().map(|key| key.get_ref().as_ref());
        tags.any(|other| primary(&other.to_lowercase()) == primary(tag))
    })
}
