//! Flows by chance over the whole language, and calls on them: they load, and whether their ways are right is chance.

use std::fmt::Write;

use super::chance::Chance;

const ANSWERS: &str = "
[call]
city  = \"CallerCity\"
vip   = { at = \"SipHeader_X-Vip\", yes_no = true }
level = { at = \"SipHeader_X-Level\", integer = [1, 5] }
[answers]
kind   = { one_of = [\"x\", \"y\"] }
size   = { integer = [1, 9], optional = true }
code   = { digits = [2, 4], optional = true }
agreed = { yes_no = true, optional = true }
hour   = { time = true, optional = true }
tag    = { digits = 2 }
mark   = { yes_no = true, optional = true }
tags   = { list = [\"tag\", \"mark\"], count = [1, 3], optional = true }
";

/// Conditions that fit the types of their names, whether these are set or not.
const CONDITIONS: [&str; 31] = [
    "note == 'a'",
    "note != 'b'",
    "note is defined",
    "note in ['a', 'b']",
    "flag",
    "not flag",
    "flag is defined and flag",
    "kind == 'x'",
    "kind is defined",
    "kind is not defined",
    "kind in ['x']",
    "size is defined",
    "size > 1",
    "size // 2 == 3",
    "size is defined and size > 4",
    "size is not defined or size <= 2",
    "count < 3",
    "count + 1 > 2",
    "code is defined and code starts_with '1'",
    "code[:1] == '2'",
    "agreed",
    "(tags | length) < 2",
    "tags is defined",
    "tag is defined and (tags | length) != 3",
    "hour is defined and hour < '12:00'",
    "call.city is defined",
    "call.city == 'Bath'",
    "call.vip",
    "call.level is defined and call.level > 2",
    "call.level is not defined or call.city is not defined",
    "call.level < 4 and kind == 'x'",
];

/// What is said, with names in it that may not be set.
const WORDS: [&str; 18] = [
    "Hello.",
    "Hello.",
    "Hello.",
    "Hello.",
    "A {{ kind }}.",
    "Note {{ note }}.",
    "Note {{ note? }}.",
    "{{ size if size is defined else '-' }}",
    "Size {{ size + 1 if size is defined else 0 }}.",
    "Size {{ size | default(0) }}.",
    "{{ code[:2] }} {{ count }}",
    "{{ 'Agreed' if agreed else 'Refused' }}",
    "At {{ hour }}.",
    "{{ tags | length }} tags.",
    "{{ kind if flag else note }}",
    "From {{ call.city }}.",
    "Level {{ call.level if call.level is defined else '-' }}.",
    "{{ call.city if call.vip else note? }}",
];

/// What a key or a step changes.
const CHANGES: [&str; 19] = [
    ", set = { size = \"{{ size + 1 }}\" }",
    ", set = { note = \"a\" }",
    ", set = { note = \"b\" }",
    ", set = { flag = true }",
    ", set = { flag = false, note = \"a\" }",
    ", set = { count = 0 }",
    ", set = { count = \"{{ count + 1 }}\" }",
    ", set = { note = \"{{ kind }}\" }",
    ", set = { count = \"{{ size if size is defined else 1 }}\" }",
    ", forget = [\"size\"]",
    ", forget = [\"note\", \"code\"]",
    ", forget = [\"kind\"]",
    ", forget = [\"agreed\", \"flag\"]",
    ", set = { count = 2 }, forget = [\"hour\"]",
    ", append = \"tags\", full = \"bye\"",
    ", append = \"tags\", full = { next = \"s0\", set = { flag = true }, forget = \"tag\" }",
    ", append = \"tags\"",
    ", set = { tag = \"77\" }, append = \"tags\", full = \"s1\"",
    ", forget = [\"tags\", \"tag\"]",
];

/// What is submitted.
const SUBMITTED: [&str; 6] = [
    "\"log\"",
    "\"log\"",
    "{ to = \"log\", partial = true }",
    "{ to = \"log\", answers = [\"kind\"] }",
    "{ to = \"log\", answers = [\"tags\"] }",
    "{ to = \"log\", answers = [\"kind\", \"size\"], partial = true }",
];

/// How a dial may end.
const OUTCOMES: [&str; 5] = ["answered", "busy", "no_answer", "failed", "canceled"];

fn one<'a>(chance: &mut Chance, of: &[&'a str]) -> &'a str {
    of[chance.below(of.len())]
}

/// The steps of a flow and what leads to them.
struct Draft<'a> {
    chance: &'a mut Chance,
    steps: usize,
    /// Steps that dial, so far.
    dials: Vec<usize>,
}

/// A flow: between three and eight steps, and what ends it.
pub fn flow(chance: &mut Chance) -> String {
    let steps = 3 + chance.below(6);
    let mut draft = Draft {
        chance,
        steps,
        dials: Vec::new(),
    };
    let mut text = String::new();
    if draft.one_in(3) {
        text.push_str("edition = 1\n");
    }
    if !draft.one_in(3) {
        let give_up = one(draft.chance, &["bye", "bye", "bye", "s1"]);
        let _ = writeln!(text, "give_up = \"{give_up}\"");
    }
    text.push_str(ANSWERS);
    // Variables that most steps may read.
    text.push_str("\n[steps.first]\nset  = { count = 0, flag = false }\nnext = \"s0\"\n");
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
    let sent = [
        one(
            chance,
            &["", "", "CallerCity = \"Bath\", ", "CallerCity = \"York\", "],
        ),
        one(
            chance,
            &[
                "",
                "",
                "SipHeader_X-Vip = \"yes\", ",
                "SipHeader_X-Vip = \"no\", ",
            ],
        ),
        one(
            chance,
            &[
                "",
                "SipHeader_X-Level = \"2\", ",
                "SipHeader_X-Level = \"4\", ",
                "SipHeader_X-Level = \"9\", ",
            ],
        ),
    ];
    let sent = sent.concat();
    let _ = writeln!(text, "fields = {{ {} }}", sent.trim_end_matches(", "));
    for _ in 0..4 + chance.below(12) {
        let act = match chance.below(10) {
            0 => "silent = true".to_owned(),
            1 => "press = \"8\"".to_owned(),
            2 => format!("press = \"{}\"", one(chance, &["*", "9", "0"])),
            3 => format!(
                "press = \"{}\"",
                one(chance, &["1130", "2359", "12", "203"])
            ),
            _ => format!("press = \"{}\"", 1 + chance.below(3)),
        };
        let _ = write!(text, "\n[[turn]]\n{act}\n");
    }
    if chance.below(2) == 0 {
        let end = "open = true\nend = { by = \"caller\" }\n";
        text = text.replacen("open = true\n", end, 1);
    }
    for at in 0..10 {
        let number = number(at);
        if source.contains(&number) {
            let outcome = one(chance, &OUTCOMES);
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
    fn one_in(&mut self, many: usize) -> bool {
        self.chance.below(many) == 0
    }

    fn target(&mut self) -> String {
        match self.chance.below(9) {
            0 | 1 => "hangup".to_owned(),
            2 => "bye".to_owned(),
            _ => format!("s{}", self.chance.below(self.steps)),
        }
    }

    /// A step that stands later, or the end: so that some flows come to one.
    fn later(&mut self, at: usize) -> String {
        match at + 1 + self.chance.below(self.steps) {
            step if step < self.steps => format!("s{step}"),
            _ => one(self.chance, &["bye", "hangup"]).to_owned(),
        }
    }

    fn changes(&mut self) -> &'static str {
        if self.one_in(2) {
            one(self.chance, &CHANGES)
        } else {
            ""
        }
    }

    fn way(&mut self) -> String {
        let (next, changes) = (self.target(), self.changes());
        format!("{{ next = \"{next}\"{changes} }}")
    }

    fn words(&mut self) -> &'static str {
        one(self.chance, &WORDS)
    }

    /// A condition, or two of them; of what a dial came to where one stands before.
    fn condition(&mut self) -> String {
        let first = self.plain_condition();
        match self.chance.below(6) {
            0 => format!("({first}) and ({})", self.plain_condition()),
            1 => format!("({first}) or ({})", self.plain_condition()),
            2 => format!("not ({first})"),
            _ => first,
        }
    }

    fn plain_condition(&mut self) -> String {
        if !self.dials.is_empty() && self.one_in(5) {
            let dial = self.dials[self.chance.below(self.dials.len())];
            let outcome = one(self.chance, &OUTCOMES);
            return format!("steps.s{dial}.outcome == '{outcome}'");
        }
        one(self.chance, &CONDITIONS).to_owned()
    }

    fn step(&mut self, at: usize) -> String {
        match self.chance.below(12) {
            0..=3 => self.menu(),
            4..=6 => self.ask(),
            7 => {
                let next = self.target();
                let set = one(
                    self.chance,
                    &["note = \"a\"", "note = \"b\"", "flag = true", "count = 1"],
                );
                format!("set  = {{ {set} }}\nnext = \"{next}\"\n")
            }
            8 => {
                let (when, one, other) = (self.condition(), self.way(), self.target());
                let way = one.trim_start_matches('{');
                format!("branch = [{{ when = \"{when}\",{way}, {{ next = \"{other}\" }}]\n")
            }
            9 => {
                let (to, next) = (one(self.chance, &SUBMITTED), self.target());
                format!("submit = {to}\nnext = \"{next}\"\n")
            }
            10 => self.dial(at),
            _ => {
                let words = self.words();
                format!("say  = \"{words}\"\nnext = {}\n", self.way())
            }
        }
    }

    fn dial(&mut self, at: usize) -> String {
        self.dials.push(at);
        let (next, missed) = (self.later(at), self.later(at));
        let busy = match self.chance.below(3) {
            0 => format!("on.busy = \"{}\"\n", self.target()),
            _ => String::new(),
        };
        format!(
            "dial = \"{}\"\n{busy}on.unanswered = \"{missed}\"\nnext = \"{next}\"\n",
            number(at)
        )
    }

    fn ask(&mut self) -> String {
        let (words, next) = (self.words(), self.way());
        let into = one(
            self.chance,
            &[
                "size", "size", "code", "agreed", "hour", "tag", "tag", "mark",
            ],
        );
        let mut text = format!("ask  = \"{words}\"\ninto = \"{into}\"\nnext = {next}\n");
        if into == "size" {
            text += &self.refuse(&[
                "size > 4",
                "size == 2 and kind == 'x'",
                "size > 1 and note is defined",
            ]);
        }
        if self.one_in(4) {
            let _ = writeln!(text, "keys.0 = {}", self.way());
        }
        text + &self.silent() + &self.give_up()
    }

    fn menu(&mut self) -> String {
        let (words, stores) = (self.words(), self.one_in(2));
        let into = if stores { "into = \"kind\"\n" } else { "" };
        let mut text = format!("menu = \"{words}\"\n{into}");
        if stores {
            text += &self.refuse(&[
                "kind == 'y'",
                "kind == 'x' and size is defined",
                "kind != 'x' and note == 'a'",
            ]);
        }
        if self.one_in(4) {
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
        if self.one_in(6) {
            let _ = writeln!(text, "keys.any = {}", self.way());
        }
        text + &self.silent() + &self.give_up()
    }

    /// What refuses an entry, mostly nothing.
    fn refuse(&mut self, conditions: &[&str]) -> String {
        if !self.one_in(4) {
            return String::new();
        }
        let (words, when) = (self.words(), one(self.chance, conditions));
        format!("refuse = [{{ when = \"{when}\", say = \"{words}\" }}]\n")
    }

    /// Where a silence leads at once, mostly nothing.
    fn silent(&mut self) -> String {
        if self.one_in(6) {
            format!("silent = {}\n", self.way())
        } else {
            String::new()
        }
    }

    fn give_up(&mut self) -> String {
        match self.chance.below(6) {
            0 | 1 => format!("give_up = {}\n", self.way()),
            2 => {
                let (silent, wrong) = (self.target(), self.way());
                format!("give_up = {{ silent = \"{silent}\", wrong = {wrong} }}\n")
            }
            _ => String::new(),
        }
    }

    /// What is said of the flow as a whole.
    fn rest(&mut self) -> String {
        let mut text = String::new();
        let (hangs_up, fails) = (self.one_in(2), self.one_in(3));
        if hangs_up || fails {
            text.push_str("\n[on]\n");
        }
        if hangs_up {
            // What all steps share is told at one of them, so that nothing in it may be unset; and where a list is full, the
            // caller has left.
            let changes = Some(self.changes());
            let changes =
                changes.filter(|changes| !changes.contains("{{") && !changes.contains("append"));
            let changes = changes.unwrap_or_default();
            let _ = writeln!(text, "hangup = {{ next = \"left\"{changes} }}");
        }
        if fails {
            let error = self.later(0);
            let error = if error == "hangup" { "bye" } else { &error };
            let _ = writeln!(text, "error = \"{error}\"");
        }
        if self.one_in(2) {
            text.push_str("\n[anywhere]\n\"*\" = \"repeat\"\n9 = \"back\"\n");
        }
        if self.one_in(4) {
            let _ = write!(
                text,
                "\n[milestones]\nreached = \"s{}\"\n",
                self.chance.below(self.steps)
            );
        }
        if self.one_in(4) {
            text.push_str("\n[check]\nreachable_from_everywhere = \"bye\"\nwithin_turns = 1\n");
        }
        text
    }
}
