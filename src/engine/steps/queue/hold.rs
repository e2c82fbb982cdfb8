//! What a caller hears who waits, piece by piece.

use super::super::super::expression::{Name, Values as _};
use super::super::super::moment::Moment;
use super::super::super::prompt::Prompt;
use super::super::super::read::{Checker, is_url};
use super::super::super::render::render;
use super::super::super::template::Template;
use super::super::super::turn::{Gather, Verb};
use super::super::super::waiting::{QueueNow, Told, WaitAnswer, WaitAsked, WaitEvent, Waiting};
use super::super::super::waits::HoldPiece;
use super::keys;
use crate::written::{Code, Explain, Item, Table};

/// Seconds that a key may come behind a piece: the carrier's least.
const LATE_KEY: u32 = 1;

/// What is heard.
#[derive(Debug)]
pub(super) enum Hold {
    /// What the carrier plays.
    Music,
    /// Somebody's TwiML.
    Theirs(Template),
    /// Pieces of the flow.
    Ours(Ours),
}

/// Pieces of the flow, again and again.
#[derive(Debug)]
pub(super) struct Ours {
    pub pieces: Vec<HoldPiece>,
    pub telling: Option<Telling>,
}

/// What is said of the caller's place.
#[derive(Debug)]
pub(super) struct Telling {
    /// Seconds from one time to the next, at least.
    pub every: u32,
    pub words: Prompt,
}

impl Hold {
    /// Reads `hold` and `say_every`.
    pub fn parse(table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        check.in_queue = true;
        let hold = Self::parse_in_queue(table, check);
        check.in_queue = false;
        hold
    }

    fn parse_in_queue(table: &Table<'_>, check: &mut Checker) -> Option<Self> {
        let telling = table
            .get(keys::SAY_EVERY.name)
            .map(|item| Telling::parse(item, check));
        let item = table.get(keys::HOLD.name);
        let hold = match item {
            None => Self::Music,
            Some(item) => match theirs(item, check) {
                Some(url) => Self::Theirs(url?),
                None => Self::Ours(Ours {
                    pieces: pieces(item, check)?,
                    telling: None,
                }),
            },
        };
        let Self::Ours(ours) = hold else {
            nothing_between(&hold, table, check);
            return Some(hold);
        };
        Some(Self::Ours(Ours {
            telling: match telling {
                Some(telling) => Some(telling?),
                None => None,
            },
            ..ours
        }))
    }

    /// What its texts read.
    pub fn words(&self) -> impl Iterator<Item = &Prompt> {
        let ours = match self {
            Self::Ours(ours) => Some(ours),
            Self::Music | Self::Theirs(_) => None,
        };
        let pieces = ours.into_iter().flat_map(|ours| &ours.pieces);
        let telling = ours.and_then(|ours| ours.telling.as_ref());
        pieces
            .map(|piece| &piece.words)
            .chain(telling.map(|telling| &telling.words))
    }
}

/// The URL of somebody's TwiML, if that is what is written; `None` within where it cannot be one.
fn theirs(item: Item<'_>, check: &mut Checker) -> Option<Option<Template>> {
    let written = item.value.as_table()?;
    if !written.contains_key(keys::TWIML.name) {
        return None;
    }
    let table = item.table(check, "`hold` must be prompts, or a table with `twiml`")?;
    let url = table.get(keys::TWIML.name).and_then(|item| {
        let text = item.text(check, "`twiml` must be the URL of a document")?;
        is_url(text, item, "begin it with `https://` and a host", check)
            .then(|| Template::told(text, item.span(), check))
            .flatten()
    });
    table.finish(check, "`hold`");
    Some(url)
}

/// The prompts of a list, or a single one.
fn pieces(item: Item<'_>, check: &mut Checker) -> Option<Vec<HoldPiece>> {
    let entries = item.entries().unwrap_or_else(|| vec![item]);
    if entries.is_empty() {
        check
            .fault(
                Code::PromptEmpty,
                item.span(),
                "nothing is heard: the list is empty",
            )
            .help(
                "name a prompt, `hold = [\"@music\"]`, or leave `hold` out for the carrier's music",
            );
        return None;
    }
    let piece = |entry: Item<'_>| {
        let words = Prompt::parse(entry, check)?;
        let at = entry.span();
        Some(HoldPiece { words, at })
    };
    let read: Vec<Option<HoldPiece>> = entries.into_iter().map(piece).collect();
    read.into_iter().collect()
}

/// Reports what is said or looked at between pieces where there are none.
fn nothing_between(hold: &Hold, table: &Table<'_>, check: &mut Checker) {
    let why = match hold {
        Hold::Theirs(_) => "what is heard is somebody else's TwiML",
        _ => "the carrier's music is heard",
    };
    for key in [keys::KEYS, keys::SAY_EVERY, keys::TIME_LIMIT.key] {
        if let Some(item) = table.peek(key.name) {
            check
                .fault(
                    Code::HoldNotOurs,
                    item.key_span(),
                    format!("`{}` can do nothing here: {why}", key.name),
                )
                .help("say what is heard: `hold = [\"@music\"]`, or `hold = [{ pause = \"20s\" }]` for silence");
        }
    }
}

impl Telling {
    fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let table = item.table(
            check,
            "`say_every` must be a table, such as `{ every = \"30s\", say = \"…\" }`",
        )?;
        let every = keys::EVERY.read(&table, check);
        let words = match table.get(keys::SAY.name) {
            Some(words) => Prompt::parse(words, check),
            None => {
                check
                    .fault(Code::PromptEmpty, item.span(), "`say_every` says nothing")
                    .help("add `say = \"You are number {{ queue.position }}.\"`");
                None
            }
        };
        table.finish(check, "`say_every`");
        Some(Self {
            every,
            words: words?,
        })
    }

    /// Whether it is said now: the place is lower than before, and it was not said a moment ago. The same request hears it
    /// again.
    fn is_due(&self, waiting: &Waiting, now: QueueNow) -> Option<Told> {
        let told = Told {
            position: now.position?,
            waited: now.waited,
        };
        let before = waiting.told.map_or(0, |before| before.waited);
        let is_due = now.waited >= before.saturating_add(self.every);
        let is_again = waiting.told == Some(told);
        (is_again || (is_due && waiting.is_news(told.position))).then_some(told)
    }
}

/// Whether the carrier says all of the queue that these words speak.
fn is_known(words: &Prompt, moment: &Moment<'_>) -> bool {
    let scope = moment.scope();
    let mut spoken = words.speaks(moment.call.language);
    spoken.all(|name| !matches!(name, Name::Queue(_)) || scope.read(name).is_some())
}

impl Ours {
    /// What is heard next, while keys are listened for or not.
    pub fn next(&self, moment: &Moment<'_>, asked: &WaitAsked, listens: bool) -> WaitAnswer {
        let count = self.pieces.len().max(1);
        // A key that means nothing skips what is left of its piece.
        let at = (asked
            .piece
            .saturating_add(usize::from(asked.keys.is_some())))
            % count;
        let mut answer = WaitAnswer {
            piece: at,
            next: Some(at + 1).filter(|next| *next < count),
            ..WaitAnswer::default()
        };
        let waiting = moment.call.waiting();
        let telling = self.telling.as_ref().zip(waiting);
        let due = telling
            .and_then(|(telling, waiting)| Some((telling, telling.is_due(waiting, asked.queue)?)));
        let due = due.filter(|(telling, _)| is_known(&telling.words, moment));
        if let Some((telling, told)) = due {
            match render(&telling.words, moment.scope()) {
                Ok(words) => {
                    answer.verbs = words;
                    answer.event = Some(WaitEvent::Told(told));
                }
                Err(fault) => answer.faults.push(fault),
            }
        }
        let piece = self.pieces.get(at);
        if let Some(piece) = piece.filter(|piece| is_known(&piece.words, moment)) {
            match render(&piece.words, moment.scope()) {
                Ok(words) => answer.verbs.extend(words),
                Err(fault) => answer.faults.push(fault),
            }
        }
        if answer.verbs.is_empty() {
            answer.verbs = WaitAnswer::silence().verbs;
        }
        if listens {
            let prompts = std::mem::take(&mut answer.verbs);
            answer.verbs = vec![Verb::Gather(Gather {
                prompts,
                timeout: LATE_KEY,
                num_digits: Some(1),
                finish_on_key: None,
                speech: None,
            })];
        }
        answer
    }
}
