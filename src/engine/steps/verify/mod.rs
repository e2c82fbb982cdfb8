//! `verify`: proves that a number is the caller's, by a code that an SMS brings there.

mod keys;

use std::ops::Range;
use std::sync::Arc;

use super::super::answer::Answer;
use super::super::answers::digits_of_length;
use super::super::asking::{Listen, Miss};
use super::super::came::WaitOutcome;
use super::super::edge::{By, Edge};
use super::super::expression::Name;
use super::super::fault::Fault;
use super::super::flow::own_name;
use super::super::input::Input;
use super::super::moment::{Moment, Then};
use super::super::outcome_ways::ERROR;
use super::super::permit::{CodeAct, Permit};
use super::super::progress::Progress;
use super::super::prompt::Prompt;
use super::super::proof::Proof;
use super::super::question::Question;
use super::super::read::Checker;
use super::super::render::write;
use super::super::step::{Outside, Reads, Step};
use super::super::taken::anywhere;
use super::super::text_address::{NamedSender, Recipient};
use super::super::text_message::{CODE_MARK, LONGEST_TEXT, TextMessage};
use super::super::waits::{Asked, Takes, Waits};
use super::super::way::Way;
use super::kind::Kind;
use crate::policy::Reach;
use crate::verify::{CHECKS, CodeAnswer};
use crate::written::{Code, Explain, Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "verify",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

/// That no code is sent.
const REFUSED: WaitOutcome = WaitOutcome::trouble(
    "refused",
    "No code is sent, or none is compared any more: the policy or a limit does not allow it, or it is no number, or nobody could send it.",
)
.plain();

/// That a code can be used no more.
const EXPIRED: WaitOutcome = WaitOutcome::trouble(
    "expired",
    "The code can be used no more: it is ten minutes old, or was tried five times.",
);

/// The names of the ways.
const ON_REFUSED: &str = "on.refused";
const ON_EXPIRED: &str = "on.expired";
const ON_ERROR: &str = "on.error";

/// The most codes that one stay at the step sends.
const MOST_CODES: usize = CHECKS as usize;

#[derive(Debug)]
struct Verify {
    question: Question,
    words: Prompt,
    to: Recipient,
    from: NamedSender,
    digits: u32,
    kind: Arc<dyn Answer>,
    again: Option<String>,
    on: On,
    next: Way,
}

/// Where the call goes on without a code that was right.
#[derive(Debug)]
struct On {
    ways: Vec<(&'static str, Way)>,
    /// Which of the ways takes `refused`, and which `expired`.
    refused: usize,
    expired: usize,
}

impl On {
    fn edges(&self) -> Vec<Edge> {
        let takers = [(self.refused, &REFUSED), (self.expired, &EXPIRED)];
        let edges = |(index, (name, way)): (usize, &(&'static str, Way))| {
            let taken = takers.iter().filter(|(taker, _)| *taker == index);
            let taken = taken.map(|(_, outcome)| *outcome).collect();
            way.edges(name, &By::Outcome(taken))
        };
        self.ways.iter().enumerate().flat_map(edges).collect()
    }
}

fn parse(item: Item<'_>, table: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let question = Question::parse_without_refusals(item, table, check);
    let timeout = keys::WAITS.read(table, check);
    let words = table.get(keys::WORDS.name);
    let words = match words {
        Some(words) => words_with_code(words, check),
        None => {
            let message = "this step does not say what the SMS says".to_owned();
            check
                .fault(Code::VerifyNoCode, table.span(), message)
                .help("add `words = \"{{ verify.code }} is your code for …\"`");
            None
        }
    };
    let to = Recipient::parse(table.get(keys::TO.name), item, check);
    let from = NamedSender::parse(table.get(keys::FROM.name), check);
    let length = keys::DIGITS.read(table, check);
    let again = table.get(keys::AGAIN.name).map(|item| again(item, check));
    let on = on(table, check);
    let next = Way::parse(table, check, "this step");
    Some(Box::new(Verify {
        question: Question {
            timeout,
            ..question?
        },
        words: words?,
        to: to?,
        from: from?,
        digits: length,
        kind: digits_of_length(length),
        again: match again {
            Some(again) => Some(again?),
            None => None,
        },
        on: on?,
        next: next?,
    }))
}

/// Reads what the SMS says; a fault where it lacks the code.
fn words_with_code(item: Item<'_>, check: &mut Checker) -> Option<Prompt> {
    check.in_code = true;
    let words = Prompt::of_text(item, check);
    check.in_code = false;
    let words = words?;
    let languages = u8::try_from(check.languages.len()).unwrap_or(u8::MAX);
    if (0..languages).all(|language| words.speaks(language).any(|name| name == Name::Code)) {
        return Some(words);
    }
    let message = "this SMS does not bring the code in every language";
    check
        .fault(Code::VerifyNoCode, item.span(), message)
        .help("write `{{ verify.code }}` where the code stands");
    None
}

fn again(item: Item<'_>, check: &mut Checker) -> Option<String> {
    let what = "`again` must be a key in quotes, such as \"*\"";
    let key = item.text(check, what)?;
    let is_key = key.len() == 1 && key.bytes().all(|key| key.is_ascii_digit() || key == b'*');
    if !is_key {
        check
            .fault(
                Code::KeysIllegal,
                item.span(),
                format!("`{key}` is not a key that can be pressed here"),
            )
            .help("take star, `\"*\"`, or a digit");
    }
    is_key.then(|| key.to_owned())
}

/// The ways of `on`.
fn on(table: &Table<'_>, check: &mut Checker) -> Option<On> {
    let missing = |at: Range<usize>, check: &mut Checker| {
        let message = "this step does not say where the call goes if no code is sent".to_owned();
        check
            .fault(Code::NextMissing, at, message)
            .help("add `on.refused = \"…\"`, the name of a step");
    };
    let Some(item) = table.get(keys::ON.name) else {
        missing(table.span(), check);
        return None;
    };
    let on = item.table(check, "`on` must be a table of outcomes")?;
    let named = [
        (REFUSED.name, ON_REFUSED),
        (EXPIRED.name, ON_EXPIRED),
        (ERROR, ON_ERROR),
    ];
    let read = |(key, name)| {
        let item = on.get(key)?;
        Some((name, Way::parse_item(item, check, &format!("`{name}`"))))
    };
    let ways: Vec<(&'static str, Option<Way>)> = named.into_iter().filter_map(read).collect();
    let place = |name| ways.iter().position(|(other, _)| *other == name);
    let error = place(ON_ERROR);
    let refused = place(ON_REFUSED).or(error);
    let expired = place(ON_EXPIRED).or(error).or(refused);
    if refused.is_none() {
        missing(item.key_span(), check);
    }
    on.finish(check, "`on`");
    let ways = ways.into_iter().map(|(name, way)| Some((name, way?)));
    Some(On {
        ways: ways.collect::<Option<_>>()?,
        refused: refused?,
        expired: expired?,
    })
}

/// What becomes of an SMS with a code.
#[derive(Clone, Copy)]
enum Sending {
    Sent,
    Refused,
    /// It is not known yet.
    Unknown,
}

impl Verify {
    fn listen(&self) -> Listen {
        Listen {
            num_digits: Some(self.digits),
            finish_on_key: Some('#'),
            hints: None,
        }
    }

    /// Sends a code to a number, if it may be; `proof` is that under way.
    fn send(&self, moment: &mut Moment<'_>, again: Option<&str>) -> Result<Sending, Fault> {
        let to = match again {
            Some(number) => Some((number.to_owned(), false)),
            None => self.to.number(moment)?,
        };
        let Some(((to, is_written), from)) = to.zip(self.from.find(moment)) else {
            return Ok(Sending::Refused);
        };
        if moment.flow.barred.contains(&to) {
            return Ok(Sending::Refused);
        }
        let words = write(&self.words, moment.scope())?;
        if words.chars().count() + self.digits as usize > LONGEST_TEXT || !words.contains(CODE_MARK)
        {
            return Err(Fault::Misfit {
                name: KIND.name.to_owned(),
                value: String::new(),
            });
        }
        match moment.permit(Reach::Text, &to, is_written) {
            Some(Permit::Granted) => {}
            Some(Permit::Refused(_) | Permit::Code(_)) => return Ok(Sending::Refused),
            None => return Ok(Sending::Unknown),
        }
        let act = CodeAct::Send {
            number: to.clone(),
            digits: self.digits,
        };
        match moment.code(act) {
            None => return Ok(Sending::Unknown),
            Some(CodeAnswer::Sent) => {}
            Some(_) => return Ok(Sending::Refused),
        }
        let now = moment.now;
        match moment.call.proof_mut() {
            Some(proof) => proof.sends(now),
            None => moment
                .call
                .wait_for(Progress::Proof(Proof::begin(to.clone(), now))),
        }
        moment.texts.push(TextMessage {
            step: moment.flow.step(moment.step).name.clone(),
            to,
            from,
            words,
            has_code: true,
        });
        Ok(Sending::Sent)
    }

    /// Puts the question where a code was sent, else goes on.
    fn ask(&self, moment: &mut Moment<'_>, sent: Sending) -> Result<Then, Fault> {
        match sent {
            Sending::Sent => moment.put(&self.question, &self.listen()),
            Sending::Refused => self.leave(moment, self.on.refused),
            Sending::Unknown => Ok(Then::TakeAgain),
        }
    }

    /// Another code, by the key for it.
    fn again(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        let proof = moment.call.proof();
        let number = proof.filter(|proof| proof.codes.len() < MOST_CODES);
        let Some(number) = number.map(|proof| proof.number.clone()) else {
            return self.leave(moment, self.on.refused);
        };
        let sent = self.send(moment, Some(&number))?;
        self.ask(moment, sent)
    }

    /// Goes on without a code that was right, by one of the ways: it is worth nothing any more.
    fn leave(&self, moment: &mut Moment<'_>, way: usize) -> Result<Then, Fault> {
        moment.call.progress = None;
        let (on, way) = &self.on.ways[way];
        moment.take(*on, way)
    }

    fn check(&self, moment: &mut Moment<'_>, entered: &str) -> Result<Then, Fault> {
        let is_expired = moment
            .call
            .proof()
            .is_none_or(|proof| proof.is_expired(moment.now));
        let entered = entered.to_owned();
        let answer = if is_expired {
            Some(CodeAnswer::UsedUp)
        } else {
            moment.code(CodeAct::Check { entered })
        };
        match answer {
            None => Ok(Then::TakeAgain),
            Some(CodeAnswer::Right) => {
                moment.call.progress = None;
                moment.take("next", &self.next)
            }
            Some(CodeAnswer::Wrong) => moment.miss(&self.question, Miss::NoMatch, &self.listen()),
            Some(CodeAnswer::UsedUp) => self.leave(moment, self.on.expired),
            Some(CodeAnswer::Locked | CodeAnswer::Limited(_) | CodeAnswer::Sent) => {
                self.leave(moment, self.on.refused)
            }
        }
    }
}

impl Step for Verify {
    fn edges(&self) -> Vec<Edge> {
        // Where nobody is texted, a code is all zeros.
        let entry = By::Entry("0".repeat(self.digits as usize));
        let next = self.next.edges("next", &entry);
        let question = self.question.edges(|_| true);
        next.into_iter()
            .chain(self.on.edges())
            .chain(question)
            .collect()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        // The question is repeated: the code is on its way already.
        if moment.call.proof().is_some() {
            return moment.put(&self.question, &self.listen());
        }
        moment.forbid_back();
        let sent = self.send(moment, None)?;
        self.ask(moment, sent)
    }

    fn resume(&self, moment: &mut Moment<'_>, input: &Input) -> Result<Then, Fault> {
        let keys = match input {
            Input::Keys(keys) => keys,
            Input::Speech(_) | Input::Heard(..) => {
                return moment.miss(&self.question, Miss::NoMatch, &self.listen());
            }
            _ => return moment.miss(&self.question, Miss::NoInput, &self.listen()),
        };
        if self.kind.check(keys).is_some() {
            return self.check(moment, keys);
        }
        if self.again.as_ref() == Some(keys) {
            return self.again(moment);
        }
        let mut everywhere = moment.flow.anywhere_at(moment.step).iter();
        match everywhere.find(|key| key.keys == *keys) {
            Some(key) => moment.take(anywhere(&key.keys), &key.way),
            None => moment.miss(&self.question, Miss::NoMatch, &self.listen()),
        }
    }

    fn refuse(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        moment.miss(&self.question, Miss::NoMatch, &self.listen())
    }

    fn waits(&self) -> Waits<'_> {
        Waits::Keys(Asked {
            question: &self.question,
            into: None,
            is_secret: true,
            takes: Takes::Entry {
                kind: &*self.kind,
                own: &[],
            },
        })
    }

    fn reads(&self) -> Reads {
        let mut readings = self.question.readings();
        readings.extend(self.words.readings());
        readings.extend(self.to.readings());
        Reads::texts(readings)
    }

    fn asks_permit(&self) -> Option<Reach> {
        Some(Reach::Text)
    }

    fn texts(&self) -> Option<&Prompt> {
        Some(&self.words)
    }

    fn sender(&self) -> Option<(&str, Range<usize>)> {
        let (name, at) = self.from.name()?;
        Some((own_name(name), at))
    }

    fn outside(&self) -> Option<Outside<'_>> {
        Some(self.to.outside())
    }
}
