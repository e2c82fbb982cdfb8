//! Keys that several readers share: where a way leads and what changes on it, what a question has, what a prompt is.

use std::time::Duration;

use crate::written::Field;
pub use crate::written::TIME;
use crate::written::keys::{Key, Names, Shape};
pub use crate::written::number::E164 as NUMBER;

/// The name of a step, or a built-in target.
pub const TARGET: Shape = Shape::Defined("target");
/// What a caller hears.
pub const PROMPT: Shape = Shape::Defined("prompt");
/// A prompt, or one for each time.
pub const PROMPTS: Shape = Shape::Either(&[PROMPT, Shape::List(&PROMPT)]);
/// The name of an answer or a variable.
pub const NAME: Shape = Shape::Form(NAMED);
/// How answers and variables are named.
pub const NAMED: &str = "^[a-z][a-z0-9_]*$";
/// An absolute URL.
pub const URL: Shape = Shape::Form("^https?://[^/]");

/// The ways in which text can be read: SSML's `interpret-as`, as far as the carrier's voices know it. One that a voice
/// does not know makes it say nothing at all.
pub const INTERPRET_AS: [&str; 13] = [
    "characters",
    "spell-out",
    "cardinal",
    "number",
    "ordinal",
    "digits",
    "fraction",
    "unit",
    "date",
    "time",
    "address",
    "expletive",
    "telephone",
];

/// What a `set` may give a name: text (a template), a number, true or false.
const SETTABLE: Shape = Shape::Either(&[Shape::Text, Shape::Number, Shape::Boolean]);

/// The language of a call, as `set` changes it.
pub const LANGUAGE: Key = Key::new(
    "language",
    Shape::Text,
    "The language that the call goes on in: one that the flow speaks.",
    "language = \"bg-BG\"",
);

/// What `set` can change of a call.
pub const CALL: Key = Key::new(
    "call",
    Shape::Table(&[LANGUAGE]),
    "The one fact of a call that a flow can set is its language.",
    "call.language = \"bg-BG\"",
);

/// Answers and variables that get a value.
pub const SET: Key = Key::new(
    "set",
    Shape::Names(Names {
        form: NAMED,
        sample: "tries",
        of: &SETTABLE,
        fixed: &[CALL],
        some: false,
    }),
    "Gives answers and variables a value on the way. Text may have holes; numbers and true or false stand without quotes.",
    "set = { tries = 1, note = \"a {{ kind }}\" }",
);

/// Answers and variables that are unset.
pub const FORGET: Key = Key::new(
    "forget",
    Shape::Either(&[NAME, Shape::List(&NAME)]),
    "Unsets answers and variables on the way, after `set`. What is not set is not sent.",
    "forget = [\"weight\", \"hour\"]",
);

/// The list that gets a new entry.
pub const APPEND: Key = Key::new(
    "append",
    NAME,
    "Moves what is set of a list's names into a new entry of it on the way, after `set` and before `forget`.",
    "append = \"refills\"",
);

/// Where a way leads whose list can take no more.
pub const FULL: Key = Key::new(
    "full",
    Shape::Defined("full"),
    "Where the way leads instead once the list of `append` can take no more: with the last entry, or without it.",
    "full = \"enough\"",
);

/// The way of a full list: a step, or a table of `next` and what changes.
pub const FULL_WAY: Shape = Shape::Either(&[TARGET, Shape::Table(&[TO.required(), SET, FORGET])]);

/// Where a way leads.
const TO: Key = Key::new(
    "next",
    TARGET,
    "The step that comes then, or `hangup`, `repeat` or `back`.",
    "next = \"send\"",
);

/// Where it goes on: a way.
pub const NEXT: Key = Key::new(
    "next",
    WAY_OR_TARGET,
    "The step that comes then. `hangup` ends the call, `repeat` puts the last question again, `back` returns to the one \
     before.",
    "next = \"send\"",
);

/// What stands in a step or a key to say where it goes on: `next`, and what changes on the way.
pub const WAY: &[Key] = &[NEXT.required(), SET, APPEND, FULL, FORGET];

/// A way: a step, or a table of `next` and what changes.
pub const WAY_OR_TARGET: Shape = Shape::Either(&[TARGET, Shape::Table(WAY_TABLE)]);

/// A way, written as a table.
pub const WAY_TABLE: &[Key] = &[TO.required(), SET, APPEND, FULL, FORGET];

/// What a key of a menu stores.
pub const VALUE: Key = Key::new(
    "value",
    Shape::Either(&[Shape::Text, Shape::Integer, Shape::Boolean]),
    "What is stored in the menu's `into`. Without it the key itself, where the answer's type takes it.",
    "value = \"letter\"",
);

/// Words that stand for a key.
pub const SAYS: Key = Key::new(
    "says",
    Shape::Either(&[
        Shape::Text,
        Shape::List(&Shape::Text),
        Shape::Names(Names {
            form: "^[a-z]{2,3}(-[A-Za-z0-9]+)*$",
            sample: "en-US",
            of: &WORDS,
            fixed: &[],
            some: false,
        }),
    ]),
    "Words that stand for this key, in every language or by language: speech is then listened for as well.",
    "says = [\"parcel\", \"box\"]",
);

/// Whether words are listened for.
pub const SPEECH: Field<bool> = Field::flag(
    "speech",
    "Listens for words beside keys: the number of a key, and at an `ask` numbers, days, times, yes and no. Where a key has `says` \
     that is so anyway.",
    "speech = true",
);

/// How sure a recogniser must be.
pub const SURE: Key = Key::new(
    "sure",
    Shape::Exactly(2, &Shape::Amount(0.0, 1.0)),
    "How sure the recogniser must be: below the first number words are wrong, from the second on they count, and between the two \
     the caller is asked (\"Was that bill? Press 1 or say yes.\").",
    "sure = [0.4, 0.7]",
);

/// What goes out with an action.
pub const GIVE: Key = Key::new(
    "give",
    Shape::Names(Names {
        form: NAMED,
        sample: "reason",
        of: &SETTABLE,
        fixed: &[],
        some: false,
    }),
    "What goes out with it, by name. Text may have holes; numbers and true or false stand without quotes.",
    "give.reason = \"{{ why }}\"",
);

/// Some words.
const WORDS: Shape = Shape::Either(&[Shape::Text, Shape::List(&Shape::Text)]);

/// The answer that a question stores.
pub const INTO: Key = Key::new(
    "into",
    NAME,
    "The answer that is stored. In a flow with `[answers]` it must be promised there.",
    "into = \"weight\"",
);

/// Whether only the backend gets the answer.
pub const SENSITIVE: Field<bool> = Field::flag(
    "sensitive",
    "Keeps the answer from everybody but the backend: it is stored sealed, and never logged or spoken.",
    "sensitive = true",
)
.or("false");

/// How long what is recorded is kept.
pub const KEEP: Field<Duration> = Field::between(
    "keep",
    ("1h", "3650d"),
    "How long the carrier keeps the recording. Nobody may keep what callers have said for ever, so it must be said.",
    "keep = \"30d\"",
)
.bounds_help(
    "write at least 1h: what waits for it needs its time",
    "write at most 3650d",
);

/// Whether a key may cut the prompt short.
pub const BARGE_IN: Field<bool> = Field::flag(
    "barge_in",
    "With `false` no key counts before the prompt is over.",
    "barge_in = false",
)
.or("true");

/// How often a question is put.
pub const ATTEMPTS: Field<u32> = Field::whole(
    "attempts",
    (1, 10),
    "How often the question is put. Silence and wrong entries count together.",
    "attempts = 2",
)
.or("3");

/// How long a question waits.
pub const TIMEOUT: Field<u32> = Field::seconds(
    "timeout",
    (1, 600),
    "The silence until the caller counts as silent.",
    "timeout = \"8s\"",
)
.or("\"5s\"");

/// Whether the question itself is put again.
pub const REPROMPT: Field<bool> = Field::flag(
    "reprompt",
    "With `false` only `no_input` or `no_match` is said, and not the question itself again.",
    "reprompt = false",
)
.or("true");

/// What is said after a silence.
pub const NO_INPUT: Key = Key::new(
    "no_input",
    PROMPTS,
    "Said after a silence, before the question is put again: one prompt, or a list with one for each time.",
    "no_input = \"We did not hear you.\"",
);

/// What is said after a wrong entry.
pub const NO_MATCH: Key = Key::new(
    "no_match",
    PROMPTS,
    "Said after a wrong entry, before the question is put again: one prompt, or a list with one for each time.",
    "no_match = [\"Between one and thirty, please.\", \"Press hash after the number.\"]",
);

/// What must hold.
pub const WHEN: Key = Key::new(
    "when",
    Shape::Text,
    "A condition over answers, variables, `call`, `now` and `steps.<name>`, with `==`, `<`, `and`, `or`, `not`, `in`.",
    "when = \"weight > 30 and kind == 'parcel'\"",
);

/// What is said of an entry that is refused.
pub const REFUSED: Key = Key::new(
    "say",
    PROMPT,
    "Said before the question is put again, in place of `no_match`. The answer's name is the new entry here too.",
    "say = \"{{ weight }} kilograms are too much for a letter.\"",
);

/// What refuses an entry.
pub const REFUSE: Key = Key::new(
    "refuse",
    Shape::Some(&Shape::Table(&[WHEN.required(), REFUSED.required()])),
    "Refuses entries that the type allows: the first whose condition holds, in which the answer's name is the new entry. It \
     counts as a wrong entry, and the answer keeps its value.",
    "refuse = [{ when = \"weight > 20\", say = \"At most twenty, please.\" }]",
);

/// Where a caller goes who is out of attempts.
pub const GIVE_UP: Key = Key::new(
    "give_up",
    Shape::Either(&[
        TARGET,
        Shape::Table(WAY_TABLE),
        Shape::Table(&[GIVE_UP_SILENT, GIVE_UP_WRONG]),
    ]),
    "Where a caller goes who is out of attempts. Without it that is the flow's `give_up`, else `[on] error`.",
    "give_up = \"desk\"",
);

/// Where a silent caller goes at once.
pub const SILENT: Key = Key::new(
    "silent",
    WAY_OR_TARGET,
    "Where a caller goes at the first silence, which counts no attempt: \"press 5, or stay on the line\".",
    "silent = \"desk\"",
);

/// What `menu` and `ask` have beside what answers them.
pub const QUESTION: &[Key] = &[
    ATTEMPTS.key,
    TIMEOUT.key,
    NO_INPUT,
    NO_MATCH,
    REFUSE,
    REPROMPT.key,
    SILENT,
    GIVE_UP,
    BARGE_IN.key,
];

/// Where a caller goes who is silent to the end.
pub const GIVE_UP_SILENT: Key = Key::new(
    "silent",
    WAY_OR_TARGET,
    "Where a caller goes whose last miss was a silence.",
    "silent = \"hangup\"",
);

/// Where a caller goes who enters something wrong to the end.
pub const GIVE_UP_WRONG: Key = Key::new(
    "wrong",
    WAY_OR_TARGET,
    "Where a caller goes whose last miss was a wrong entry.",
    "wrong = \"desk\"",
);

/// Silence.
pub const PAUSE: &[Key] = &[Key::new(
    "pause",
    TIME,
    "Silence, \"1ms\" to \"600s\". Less than a second needs a voice of Polly or Google, else it is rounded up.",
    "pause = \"500ms\"",
)
.required()];

/// A recording.
const RECORDING: Key = Key::new(
    "audio",
    Shape::Form("^(https?://[^/]|[^:{]+$)"),
    "The recording: a file in the folder of the audio manifest (.wav, .mp3, .aiff, .aifc, .gsm or .ulaw), or somebody's at \
     an absolute URL.",
    "audio = \"jingle.mp3\"",
);

/// A recording alone.
pub const AUDIO: &[Key] = &[RECORDING.required()];

/// Words, and perhaps the recording of them.
pub const RECORDED: &[Key] = &[
    Key::new(
        "text",
        Shape::Text,
        "The words, spoken where there is no recording, and its transcript where there is one. They may have holes: \
         `{{ weight }}`.",
        "text = \"How heavy is it?\"",
    )
    .required(),
    RECORDING,
];

/// Keys, sounded.
pub const DIGITS: &[Key] = &[Key::new(
    "digits",
    Shape::Form("^[0-9ABCD#*wW]+$"),
    "Keys, sounded. `w` waits half a second, `W` a second.",
    "digits = \"1w2\"",
)
.required()];

/// The language of a piece that is not spoken in that of the call.
pub const PIECE_LANGUAGE: Key = Key::new(
    "language",
    Shape::Text,
    "The language of this text, whatever the call's is; `[languages]` need not have it.",
    "language = \"es-ES\"",
);

/// The voice of such a piece.
pub const PIECE_VOICE: Key = Key::new(
    "voice",
    Shape::Text,
    "The voice that says it: one that speaks its language.",
    "voice = \"Polly.Lucia-Neural\"",
);

/// Text that is read in a way or in a language of its own.
pub const SAY_AS: &[Key] = &[
    Key::new(
        "say",
        Shape::Text,
        "Text, read in the way that `as` says, or in another language.",
        "say = \"{{ call.from }}\"",
    )
    .required(),
    Key::new(
        "as",
        Shape::Word(&INTERPRET_AS),
        "How the text is read, for voices of Polly and Google.",
        "as = \"telephone\"",
    ),
    PIECE_LANGUAGE,
    PIECE_VOICE,
];
