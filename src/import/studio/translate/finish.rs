//! The files that come of a translation.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::draft::{FlowDraft, Step};
use super::toml::Value;
use super::{DEAF, Translated, Translator};

impl Translator<'_> {
    /// What the translation has found out, as files.
    pub(super) fn finish(mut self, name: &str) -> Translated {
        self.top(name);
        self.notes();
        let settings = self.settings();
        Translated {
            flow: self.draft.file(),
            steps: self.names.into_steps(),
            settings,
            stubs: self
                .stubs
                .iter()
                .map(|(name, args)| (name.clone(), stub(args, &self.spoken.0)))
                .collect(),
            remarks: self.remarks,
            folded: self.folded,
        }
    }

    /// The keys at the top, and the short tables.
    fn top(&mut self, name: &str) {
        let title = Value::text(if self.export.description.trim().is_empty() {
            name.to_owned()
        } else {
            self.export.description.trim().chars().take(60).collect()
        });
        let (language, voice) = self.spoken.clone();
        let mut top = vec![
            ("title".to_owned(), title),
            ("language".to_owned(), Value::Text(language)),
        ];
        if !voice.is_empty() {
            top.push(("voice".to_owned(), Value::Text(voice)));
        }
        self.draft.top = top;
        let fields = self.names.fields.iter();
        let fields = fields
            .map(|(field, name)| (name.clone(), Value::text(field.as_str())))
            .collect();
        let args = self.names.args.iter();
        let args = args.map(|name| (name.clone(), given_text())).collect();
        let contacts = self.contacts.iter();
        let contacts = contacts
            .map(|(name, number)| (name.clone(), Value::text(number.as_str())))
            .collect();
        self.draft.tables = vec![
            ("args".to_owned(), args),
            ("call".to_owned(), fields),
            ("answers".to_owned(), std::mem::take(&mut self.answers)),
            ("contacts".to_owned(), contacts),
        ];
    }

    /// What has to be looked at, above the steps that it is about.
    fn notes(&mut self) {
        let mut notes: HashMap<&str, Vec<String>> = HashMap::new();
        for remark in self.remarks.iter().filter(|remark| remark.words != DEAF) {
            notes
                .entry(remark.widget.as_str())
                .or_default()
                .push(remark.words.clone());
        }
        for step in &mut self.draft.steps {
            let widget = self
                .export
                .widgets
                .iter()
                .find(|widget| self.names.step(&widget.name) == Some(&step.name));
            let of = widget.and_then(|widget| notes.get(widget.name.as_str()));
            step.notes.extend(of.into_iter().flatten().cloned());
        }
    }

    fn settings(&self) -> String {
        let mut text = String::new();
        let mut table = |name: &str, all: &BTreeMap<String, String>, key: &str| {
            for (name_of, value) in all {
                if key.is_empty() {
                    text.push_str(&format!(
                        "[{name}]\n{name_of} = {}\n\n",
                        Value::text(value.as_str())
                    ));
                } else {
                    text.push_str(&format!(
                        "[{name}.{name_of}]\n{key} = {}\n\n",
                        Value::text(value.as_str())
                    ));
                }
            }
        };
        table("services", &self.services, "url");
        let queues: Vec<String> = self
            .queues
            .iter()
            .map(|(name, sid)| format!("{name} = {}\n", Value::text(sid.as_str())))
            .collect();
        if !queues.is_empty() {
            text.push_str("[queues]\n");
            text.push_str(&queues.concat());
        }
        text
    }
}

/// A text that whoever goes through the flow may give.
fn given_text() -> Value {
    Value::Table(vec![
        ("text".to_owned(), Value::Is(true)),
        ("optional".to_owned(), Value::Is(true)),
    ])
}

/// A flow that does nothing but take what it is given.
fn stub(args: &BTreeSet<String>, language: &str) -> String {
    let over = Value::Table(vec![("next".to_owned(), Value::text("return"))]);
    let args = args.iter().map(|name| (name.clone(), given_text()));
    let draft = FlowDraft {
        notes: vec!["Stands for a flow of Studio: import that one in its place.".to_owned()],
        top: vec![("language".to_owned(), Value::text(language))],
        tables: vec![("args".to_owned(), args.collect())],
        steps: vec![Step::named("begin").with("branch", Value::List(vec![over]))],
    };
    draft.file()
}
