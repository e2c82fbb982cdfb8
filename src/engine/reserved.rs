//! Words that name no step, answer or variable: each means something already, or is kept free for what comes.

/// Where a way leads to go back to the flow that goes through this one; `return.refused` by an exit.
pub const RETURN: &str = "return";

/// Targets that every flow has.
pub const BUILT_IN: [&str; 3] = ["hangup", "repeat", "back"];

const TARGET: &str = "is built in: every step can lead to it without your writing it";
const WORD: &str = "is a word of conditions";
const VALUE: &str = "is a value of its own in an expression";

/// The words, and what each means.
const RESERVED: [(&str, &str); 36] = [
    ("hangup", TARGET),
    ("repeat", TARGET),
    ("back", TARGET),
    ("end", "is kept free: a call ends by `hangup`"),
    ("exit", "is kept free: a call ends by `hangup`"),
    ("retry", "is kept free: `repeat` puts a question again"),
    ("here", "is kept free for the step itself"),
    ("self", "is kept free for the step itself"),
    (
        "return",
        "leads back to the flow that goes through this one",
    ),
    ("flow", "is the action that goes through another flow"),
    (
        "args",
        "is what a flow is given by the one that goes through it",
    ),
    (
        "gives",
        "is what a flow gives back to the one that goes through it",
    ),
    (
        "steps",
        "begins what comes back to a step: `steps.desk.outcome`",
    ),
    ("call", "begins the facts of the call: `call.from`"),
    ("now", "begins the parts of the moment: `now.time`"),
    ("hours", "begins opening hours: `hours.office.open`"),
    ("queue", "begins the facts of a queue: `queue.position`"),
    (
        "verify",
        "begins the facts of a proof by SMS: `verify.code`",
    ),
    ("item", "is an entry of a list"),
    (
        "secret",
        "is kept free: secrets stand in the settings, not in flows",
    ),
    ("env", "is kept free: no flow reads the environment"),
    (
        "hookswitch",
        "begins the prompts of Hookswitch itself: `@hookswitch.apology`",
    ),
    ("not", WORD),
    ("and", WORD),
    ("or", WORD),
    ("in", WORD),
    ("is", WORD),
    ("if", WORD),
    ("else", WORD),
    ("defined", WORD),
    ("starts_with", WORD),
    ("ends_with", WORD),
    ("loop", "is kept free: expressions have no loops"),
    ("true", VALUE),
    ("false", VALUE),
    ("none", VALUE),
];

/// What a word means that can name no step, answer or variable, behind the word; `None` for any other.
pub fn meaning(word: &str) -> Option<&'static str> {
    let found = RESERVED.iter().find(|(known, _)| *known == word);
    found.map(|(_, meaning)| *meaning)
}
