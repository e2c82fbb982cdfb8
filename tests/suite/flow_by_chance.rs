//! Small flows by chance, and calls on them: they load, and whether their ways are right is chance.

use std::fmt::Write;

use super::chance::Chance;

/// What the conditions of a flow are about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Only what the walk can tell apart: which call takes which way is certain.
    Certain,
    /// Comparisons of numbers too, which come out as the entry was.
    Any,
}

const HEAD: &str =
    "[answers]\nkind = { one_of = [\"x\", \"y\"] }\nsize = { integer = [1, 9], optional = true }\n";

fn one<'a>(chance: &mut Chance, of: &[&'a str]) -> &'a str {
    of[chance.below(of.len())]
}

/// The steps of a flow and what leads to them.
struct Draft<'a> {
    chance: &'a mut Chance,
    steps: usize,
    kind: Kind,
}

/// A flow: between three and eight steps, and what ends it.
pub fn flow(chance: &mut Chance, kind: Kind) -> String {
    let steps = 3 + chance.below(6);
    let mut draft = Draft {
        chance,
        steps,
        kind,
    };
    let mut text = String::new();
    if draft.chance.below(3) > 0 {
        let _ = writeln!(
            text,
            "give_up = \"{}\"",
            one(draft.chance, &["bye", "bye", "bye", "s1"])
        );
    }
    text.push_str(HEAD);
    for at in 0..steps {
        let _ = write!(text, "\n[steps.s{at}]\n{}", draft.step(at));
    }
    text.push_str("\n[steps.bye]\nsay  = \"Goodbye.\"\nnext = \"hangup\"\n");
    let left = draft.target();
    let _ = write!(
        text,
        "\n[steps.left]\nsubmit = {{ to = \"log\", partial = true }}\nset = {{ note = \"c\" }}\nnext = \"{left}\"\n"
    );
    text.push_str(&draft.rest());
    text
}

/// A call on a flow: what a caller does who knows no more than that there are keys.
pub fn call(chance: &mut Chance, name: &str, source: &str) -> String {
    let mut text = format!("flow = \"{name}\"\nopen = true\n");
    for _ in 0..4 + chance.below(12) {
        let act = match chance.below(8) {
            0 => "silent = true".to_owned(),
            1 => "press = \"8\"".to_owned(),
            2 => format!("press = \"{}\"", one(chance, &["*", "9"])),
            _ => format!("press = \"{}\"", 1 + chance.below(3)),
        };
        let _ = write!(text, "\n[[turn]]\n{act}\n");
    }
    if chance.below(2) == 0 {
        text = text.replacen(
            "open = true\n",
            "open = true\nend = { by = \"caller\" }\n",
            1,
        );
    }
    for at in 0..10 {
        let number = number(at);
        if source.contains(&number) {
            let outcome = one(chance, &["answered", "busy", "no_answer"]);
            let _ = write!(
                text,
                "\n[world.dial.\"{number}\"]\noutcome = \"{outcome}\"\n"
            );
        }
    }
    text
}

fn number(step: usize) -> String {
    format!("+44207946000{step}")
}

impl Draft<'_> {
    fn target(&mut self) -> String {
        match self.chance.below(9) {
            0 | 1 => "hangup".to_owned(),
            2 => "bye".to_owned(),
            _ => format!("s{}", self.chance.below(self.steps)),
        }
    }

    /// A step that stands later, or the end: so that few calls dial for ever.
    fn later(&mut self, at: usize) -> String {
        match at + 1 + self.chance.below(self.steps) {
            step if step < self.steps => format!("s{step}"),
            _ => one(self.chance, &["bye", "hangup"]).to_owned(),
        }
    }

    /// What a key or a step sets and forgets.
    fn changes(&mut self) -> &'static str {
        match self.chance.below(12) {
            0 => ", set = { note = \"a\" }",
            1 => ", set = { note = \"b\" }",
            // What it is set to is not known before the call.
            2 if self.kind == Kind::Any => ", set = { note = \"{{ size ~ '' }}\" }",
            3 => ", forget = [\"size\"]",
            4 => ", forget = [\"note\"]",
            5 => ", forget = [\"kind\"]",
            _ => "",
        }
    }

    fn condition(&mut self) -> &'static str {
        let all = [
            "note == 'a'",
            "note is defined",
            "kind == 'x'",
            "size is defined",
            "kind is defined and kind == 'y'",
            "not (note is defined)",
            "size is defined or note == 'b'",
            "size > 1",
            "size is defined and size > 1",
        ];
        let count = if self.kind == Kind::Certain {
            7
        } else {
            all.len()
        };
        one(self.chance, &all[..count])
    }

    fn words(&mut self) -> &'static str {
        one(
            self.chance,
            &[
                "Hello.",
                "Hello.",
                "Hello.",
                "A {{ kind }}.",
                "Note {{ note }}.",
                "{{ size if size is defined else '-' }}",
                "Size {{ size + 1 if size is defined else 0 }}.",
            ],
        )
    }

    fn step(&mut self, at: usize) -> String {
        let words = self.words();
        match self.chance.below(11) {
            0..=3 => self.menu(words),
            4 | 5 => {
                let (next, give_up, silent) = (self.target(), self.give_up(), self.silent());
                let refuse = self.refuse(&[
                    "size > 4",
                    "size == 2 and kind == 'x'",
                    "size > 1 and note is defined",
                ]);
                let key = match self.chance.below(4) {
                    0 => format!("keys.0 = {}\n", self.way()),
                    _ => String::new(),
                };
                format!(
                    "ask  = \"{words}\"\ninto = \"size\"\nnext = \"{next}\"\n{refuse}{key}{silent}{give_up}"
                )
            }
            6 => {
                let (next, note) = (self.target(), one(self.chance, &["a", "b"]));
                format!("set  = {{ note = \"{note}\" }}\nnext = \"{next}\"\n")
            }
            7 => {
                let (when, one, other) = (self.condition(), self.target(), self.target());
                format!(
                    "branch = [{{ when = \"{when}\", next = \"{one}\" }}, {{ next = \"{other}\" }}]\n"
                )
            }
            8 => {
                let next = self.target();
                let to = one(
                    self.chance,
                    &["\"log\"", "\"log\"", "{ to = \"log\", partial = true }"],
                );
                format!("submit = {to}\nnext = \"{next}\"\n")
            }
            9 => {
                let (next, missed) = (self.later(at), self.later(at));
                format!(
                    "dial = \"{}\"\non.unanswered = \"{missed}\"\nnext = \"{next}\"\n",
                    number(at)
                )
            }
            _ => format!("say  = \"{words}\"\nnext = \"{}\"\n", self.target()),
        }
    }

    fn menu(&mut self, words: &str) -> String {
        let stores = self.chance.below(2) == 0;
        let mut text = format!(
            "menu = \"{words}\"\n{}",
            if stores { "into = \"kind\"\n" } else { "" }
        );
        if stores {
            text += &self.refuse(&[
                "kind == 'y'",
                "kind == 'x' and size is defined",
                "kind != 'x' and note == 'a'",
            ]);
        }
        if self.chance.below(4) == 0 {
            let _ = writeln!(text, "no_input = [\"{}\"]", self.words());
        }
        for key in 1..=2 {
            let value = if stores {
                format!(", value = \"{}\"", ["x", "y"][key - 1])
            } else {
                String::new()
            };
            let (next, changes) = (self.target(), self.changes());
            let _ = writeln!(text, "keys.{key} = {{ next = \"{next}\"{value}{changes} }}");
        }
        if self.chance.below(6) == 0 {
            let _ = writeln!(text, "keys.any = {}", self.way());
        }
        text + &self.silent() + &self.give_up()
    }

    /// What refuses an entry, mostly nothing.
    fn refuse(&mut self, conditions: &[&str]) -> String {
        if self.chance.below(4) > 0 {
            return String::new();
        }
        let words = self.words();
        let when = conditions[self.chance.below(conditions.len())];
        format!("refuse = [{{ when = \"{when}\", say = \"{words}\" }}]\n")
    }

    /// Where a silence leads at once, mostly nothing.
    fn silent(&mut self) -> String {
        match self.chance.below(6) {
            0 => format!("silent = {}\n", self.way()),
            _ => String::new(),
        }
    }

    fn way(&mut self) -> String {
        let (next, changes) = (self.target(), self.changes());
        format!("{{ next = \"{next}\"{changes} }}")
    }

    fn give_up(&mut self) -> String {
        match self.chance.below(3) {
            0 => format!("give_up = {}\n", self.way()),
            _ => String::new(),
        }
    }

    /// What is said of the flow as a whole.
    fn rest(&mut self) -> String {
        let mut text = String::new();
        if self.chance.below(2) == 0 {
            // What all steps share is told at one of them, so that nothing in it may be unset.
            let changes = Some(self.changes()).filter(|changes| !changes.contains("{{"));
            let changes = changes.unwrap_or_default();
            let _ = write!(text, "\n[on]\nhangup = {{ next = \"left\"{changes} }}\n");
        }
        if self.chance.below(2) == 0 {
            text.push_str("\n[anywhere]\n\"*\" = \"repeat\"\n9 = \"back\"\n");
        }
        if self.chance.below(4) == 0 {
            text.push_str("\n[check]\nreachable_from_everywhere = \"bye\"\nwithin_turns = 1\n");
        }
        text
    }
}
