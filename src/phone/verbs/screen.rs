//! A call is screened: whoever is called hears a document of their own, and decides by keys, before the two are connected.

use std::collections::VecDeque;
use std::time::Duration;

use super::gather::Rules;
use super::legs::Leg;
use super::say::{pause, rounds};
use crate::phone::act::Caller;
use crate::phone::call::{Call, Location};
use crate::phone::callback::method_of;
use crate::phone::event::CallEvent;
use crate::phone::fault::{Stop, error, warning};
use crate::phone::form::{Field, field};
use crate::phone::wire::{Method, Purpose, Wire};
use crate::phone::world::Presses;
use crate::twiml::read::{Element, read};

/// Documents that one leg is given at most: no screening has more.
const DOCUMENTS: u32 = 20;

/// How long somebody takes from the end of a question to a key.
const KEY: Duration = Duration::from_millis(500);

/// What a verb of such a document leads to.
enum AfterWords {
    Next,
    /// Another document.
    Fetch(Location, Vec<Field>),
    HangUp,
}

/// What is heard on a leg, and pressed there.
#[derive(Default)]
struct Heard {
    words: Vec<String>,
    pressed: String,
    /// The keys that are still to be pressed.
    keys: VecDeque<char>,
}

impl<W: Wire, C: Caller> Call<'_, W, C> {
    /// Carries out the document of whoever has answered; whether the two are connected then. Meanwhile the caller hears
    /// it ring. A document that cannot be had, or has a fault, ends the leg, as it ends any call.
    pub(super) async fn screen(&mut self, leg: &Leg) -> Result<bool, Stop> {
        let noun = leg.target.element.as_ref();
        let Some((noun, written)) = noun.and_then(|noun| Some((noun, noun.attribute("url")?)))
        else {
            return Ok(true);
        };
        let mut at = match self.resolve(written, noun.line) {
            Ok(url) => Location {
                url,
                method: method_of(noun, "method", Method::Post),
            },
            Err(notice) => {
                self.complain(notice);
                return Ok(false);
            }
        };
        let mut heard = Heard {
            keys: self.presses(leg).chars().collect(),
            ..Heard::default()
        };
        let mut further = Vec::new();
        let mut connected = false;
        for _ in 0..DOCUMENTS {
            let fields = self.leg_fields(leg, "in-progress", further);
            let Some((verbs, url)) = self.screening_document(&at, fields).await else {
                break;
            };
            match self.carry_out_on_leg(&verbs, &url, &mut heard).await? {
                AfterWords::Next => {
                    connected = true;
                    break;
                }
                AfterWords::HangUp => break,
                AfterWords::Fetch(next, fields) => (at, further) = (next, fields),
            }
        }
        self.tell(&CallEvent::Screened {
            whom: leg.target.name.clone(),
            heard: heard.words.join(" "),
            pressed: heard.pressed,
            connected,
        });
        Ok(connected)
    }

    /// The keys that whoever answers presses: those that the world says, else the one that takes the call or turns it down,
    /// where the server has reported which that is.
    fn presses(&self, leg: &Leg) -> String {
        let (accept, decline) = self.report.screening;
        match &leg.answer.presses {
            Presses::Keys(keys) => keys.clone(),
            Presses::Accept => accept.map(String::from).unwrap_or_default(),
            Presses::Decline => decline.map(String::from).unwrap_or_default(),
        }
    }

    /// A document of a leg: its verbs, and where they came from.
    async fn screening_document(
        &mut self,
        at: &Location,
        fields: Vec<Field>,
    ) -> Option<(Vec<Element>, String)> {
        let answer = match self.ask(Purpose::Leg, at, fields).await {
            Ok(answer) => answer,
            Err(notice) => {
                self.complain(notice);
                return None;
            }
        };
        let url = answer.at.url;
        match read(&answer.response.body) {
            Ok(document) => Some((document.verbs, url)),
            Err(wrong) => {
                self.complain(error(wrong.code, wrong.message, &url, wrong.line));
                None
            }
        }
    }

    async fn carry_out_on_leg(
        &mut self,
        verbs: &[Element],
        url: &str,
        heard: &mut Heard,
    ) -> Result<AfterWords, Stop> {
        for verb in verbs {
            let after = match verb.name.as_str() {
                "Say" | "Play" | "Pause" => {
                    self.words_on_leg(verb, heard).await?;
                    AfterWords::Next
                }
                "Gather" => self.gather_on_leg(verb, url, heard).await?,
                "Hangup" => AfterWords::HangUp,
                "Redirect" => self.elsewhere(&verb.text(), verb, "method", url, Vec::new()),
                "Dial" => {
                    let message = "who is dialled cannot dial: <Dial> is refused here";
                    self.complain(error(13_201, message, url, verb.line));
                    AfterWords::HangUp
                }
                name => {
                    let message =
                        format!("<{name}> is not carried out for who is dialled: it is skipped");
                    self.complain(warning(0, message, url, verb.line));
                    AfterWords::Next
                }
            };
            if !matches!(after, AfterWords::Next) {
                return Ok(after);
            }
        }
        Ok(AfterWords::Next)
    }

    /// Something is heard there, and takes its time.
    async fn words_on_leg(&mut self, verb: &Element, heard: &mut Heard) -> Result<(), Stop> {
        let speech = match verb.name.as_str() {
            "Say" => self.spoken(verb, false),
            "Play" => self.played(verb, false).await?,
            _ => pause(verb, false),
        };
        if !speech.text.is_empty() {
            heard.words.push(speech.text.clone());
        }
        let rounds = u32::try_from(rounds(verb)).unwrap_or(u32::MAX);
        self.away(speech.lasts.saturating_mul(rounds), None).await?;
        Ok(())
    }

    /// Keys are asked for there.
    async fn gather_on_leg(
        &mut self,
        verb: &Element,
        url: &str,
        heard: &mut Heard,
    ) -> Result<AfterWords, Stop> {
        for nested in verb.elements() {
            if matches!(nested.name.as_str(), "Say" | "Play" | "Pause") {
                self.words_on_leg(nested, heard).await?;
            }
        }
        let rules = Rules::of(verb);
        let digits = rules.entered(&mut heard.keys);
        heard.pressed.push_str(&digits);
        if digits.is_empty() {
            self.away(rules.timeout(), None).await?;
            return Ok(AfterWords::Next);
        }
        let presses = u32::try_from(digits.chars().count()).unwrap_or(u32::MAX);
        self.away(KEY.saturating_mul(presses), None).await?;
        let fields = vec![field("Digits", digits), field("msg", "Gather End")];
        let action = verb.attribute("action").unwrap_or_default();
        Ok(self.elsewhere(action, verb, "method", url, fields))
    }

    /// The document that follows: the one that is named, else the same.
    fn elsewhere(
        &mut self,
        written: &str,
        verb: &Element,
        method: &str,
        url: &str,
        fields: Vec<Field>,
    ) -> AfterWords {
        let method = method_of(verb, method, Method::Post);
        let resolved = if written.trim().is_empty() {
            Ok(url.to_owned())
        } else {
            self.resolve_from(url, written, verb.line)
        };
        match resolved {
            Ok(url) => AfterWords::Fetch(Location { url, method }, fields),
            Err(notice) => {
                self.complain(notice);
                AfterWords::HangUp
            }
        }
    }
}
