//! What callers have recorded: as an answer, and what the carrier reports of it later.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::ids::Slot;

/// The most recordings of a call of which something is kept.
const MOST: usize = 32;
/// The most bytes of a transcript that are kept: two minutes of fast speech have a quarter of them.
const LONGEST_TRANSCRIPT: usize = 8 << 10;
/// How it stands with a recording of which the carrier has not told yet how it ended.
const PENDING: &str = "pending";

/// A recording as an answer holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallerRecording {
    /// Its name at the carrier (`RecordingSid`).
    pub sid: String,
    /// Where it lies.
    pub url: String,
    /// How long it lasts, in seconds, as the carrier said when it ended.
    pub seconds: u32,
}

/// What a call remembers of one of its recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptRecording {
    /// As the answer has it; before the caller's turn nothing is known but its name.
    pub recording: CallerRecording,
    /// The answer that got it. `None` before the caller's turn, and where none does.
    pub answer: Option<Slot>,
    /// Whether a transcript was asked for.
    pub transcribes: bool,
    /// How it ended, once the carrier has told.
    pub status: Option<RecordingStatus>,
    /// How long it lasts, in seconds, as the carrier told with that.
    pub seconds: Option<u32>,
    /// What was said, once the carrier has told.
    pub transcript: Option<Transcript>,
    /// The submissions that have it.
    pub holders: Vec<Holder>,
}

/// How a recording ended (`RecordingStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingStatus {
    /// It is there.
    Completed,
    /// Nothing was heard, or too little to be kept.
    Absent,
    /// The carrier could not keep it.
    Failed,
}

/// What the carrier's transcription came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transcript {
    /// The words.
    Text(String),
    /// There is none.
    Failed,
}

/// A submission that has a recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The backend.
    pub backend: String,
    /// The step that submitted.
    pub step: String,
    /// The submission's number within the call.
    pub number: u32,
    /// The key of its row: the shell's own mark, which means nothing here.
    pub row: u64,
    /// Whether it has gone before all was known.
    pub is_released: bool,
}

/// Something that the carrier reports of a recording after it has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RecordingNews {
    /// How it ended, and how long it lasts in seconds.
    Ended(RecordingStatus, Option<u32>),
    /// What was said.
    Transcribed(Transcript),
}

impl RecordingStatus {
    /// Reads the carrier's word; nothing for one that ends nothing.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "completed" => Some(Self::Completed),
            "absent" => Some(Self::Absent),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }

    /// The word that backends, logs and commands use, which is the carrier's.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Absent => "absent",
            Self::Failed => "failed",
        }
    }
}

impl CallerRecording {
    /// As it stands in a submission until the carrier has told how it ended.
    pub fn pending(&self) -> impl Serialize + '_ {
        Written {
            sid: &self.sid,
            url: &self.url,
            seconds: self.seconds,
            status: PENDING,
            transcript: None,
        }
    }
}

impl KeptRecording {
    /// One of which nothing but its name is known.
    fn new(sid: &str) -> Self {
        let recording = CallerRecording {
            sid: sid.to_owned(),
            url: String::new(),
            seconds: 0,
        };
        Self {
            recording,
            answer: None,
            transcribes: false,
            status: None,
            seconds: None,
            transcript: None,
            holders: Vec::new(),
        }
    }

    /// Whether a turn has brought it, with something in it.
    pub fn is_heard(&self) -> bool {
        !self.recording.url.is_empty()
    }

    /// Whether the carrier has told all that it will.
    pub fn is_complete(&self) -> bool {
        let is_there = self.status == Some(RecordingStatus::Completed);
        let waits_for_words = is_there && self.transcribes && self.transcript.is_none();
        self.status.is_some() && !waits_for_words
    }

    /// As it stands in a submission, by what is known of it.
    pub fn written(&self) -> impl Serialize + '_ {
        let words = match (&self.transcript, self.transcribes) {
            (Some(Transcript::Text(text)), _) => Some(Some(text.as_str())),
            (Some(Transcript::Failed), _) | (None, true) => Some(None),
            (None, false) => None,
        };
        Written {
            sid: &self.recording.sid,
            url: &self.recording.url,
            seconds: self.seconds.unwrap_or(self.recording.seconds),
            status: self.status.map_or(PENDING, RecordingStatus::as_str),
            transcript: words.filter(|_| self.status.is_some()),
        }
    }

    /// Takes what the carrier tells, once; whether it is news.
    fn learn(&mut self, news: &RecordingNews) -> bool {
        match news {
            RecordingNews::Ended(status, seconds) if self.status.is_none() => {
                (self.status, self.seconds) = (Some(*status), *seconds);
                true
            }
            RecordingNews::Transcribed(words) if self.transcript.is_none() => {
                self.transcript = Some(words.clone());
                true
            }
            RecordingNews::Ended(..) | RecordingNews::Transcribed(_) => false,
        }
    }
}

impl Transcript {
    /// The words, as long as they may be.
    pub fn of(text: &str) -> Self {
        Self::Text(text[..text.floor_char_boundary(LONGEST_TRANSCRIPT)].to_owned())
    }
}

/// A recording in a submission.
#[derive(Serialize)]
struct Written<'a> {
    sid: &'a str,
    url: &'a str,
    seconds: u32,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    transcript: Option<Option<&'a str>>,
}

/// The recordings of a call. Few calls have any, and a turn carries calls about: without any it is a pointer to nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recordings(Option<Box<All>>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct All {
    list: Vec<KeptRecording>,
}

impl Deref for Recordings {
    type Target = [KeptRecording];

    fn deref(&self) -> &[KeptRecording] {
        self.0.as_ref().map_or(&[], |all| &all.list)
    }
}

impl From<Vec<KeptRecording>> for Recordings {
    fn from(list: Vec<KeptRecording>) -> Self {
        Self((!list.is_empty()).then(|| Box::new(All { list })))
    }
}

impl Recordings {
    /// What is known of a recording.
    pub(super) fn named(&self, sid: &str) -> Option<&KeptRecording> {
        self.iter().find(|kept| kept.recording.sid == sid)
    }

    /// All of them, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut KeptRecording> {
        self.0.iter_mut().flat_map(|all| &mut all.list)
    }

    /// Notes a recording that a turn has brought, and the answer that gets it.
    pub(super) fn keep(
        &mut self,
        recording: &CallerRecording,
        answer: Option<Slot>,
        transcribes: bool,
    ) {
        if let Some(kept) = self.find(&recording.sid) {
            kept.recording = recording.clone();
            (kept.answer, kept.transcribes) = (answer, transcribes);
        }
    }

    /// Notes what the carrier reports of a recording, which may come before the caller's turn; whether it is news. Of more
    /// recordings than a call can have nothing is kept.
    pub(super) fn learn(&mut self, sid: &str, news: &RecordingNews) -> bool {
        self.find(sid).is_some_and(|kept| kept.learn(news))
    }

    fn find(&mut self, sid: &str) -> Option<&mut KeptRecording> {
        let list = &mut self.0.get_or_insert_default().list;
        let at = list.iter().position(|kept| kept.recording.sid == sid);
        let at = at.or_else(|| {
            (list.len() < MOST).then(|| {
                list.push(KeptRecording::new(sid));
                list.len() - 1
            })
        });
        list.get_mut(at?)
    }
}

/// A body with what is known of these recordings in it, in place of what was when it was made: once for each. All else stays
/// as it is.
pub fn fill<'a>(body: String, recordings: impl Iterator<Item = &'a KeptRecording>) -> String {
    let mut filled = body;
    for kept in recordings.filter(|kept| kept.status.is_some()) {
        // Quotes in a text are escaped in JSON, so that no answer can look like this.
        filled = filled.replace(&json(&kept.recording.pending()), &json(&kept.written()));
    }
    filled
}

fn json(part: &impl Serialize) -> String {
    serde_json::to_string(part).expect("texts and numbers are always JSON")
}

/// Whether a body has something of a recording that the carrier has not told yet.
pub fn is_pending(body: &str, recordings: &[KeptRecording]) -> bool {
    let incomplete = recordings.iter().filter(|kept| !kept.is_complete());
    incomplete
        .into_iter()
        .any(|kept| has(body, &kept.recording.sid))
}

fn has(body: &str, sid: &str) -> bool {
    let named = serde_json::Value::from(sid);
    body.contains(&format!("{{\"sid\":{named},\"url\":"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recording() -> CallerRecording {
        CallerRecording {
            sid: "RE1".to_owned(),
            url: "https://api.twilio.com/RE1".to_owned(),
            seconds: 18,
        }
    }

    fn kept(transcribes: bool) -> Recordings {
        let mut all = Recordings::default();
        all.keep(&recording(), Some(0), transcribes);
        all
    }

    fn body() -> String {
        let pending = serde_json::to_string(&recording().pending()).expect("it is JSON");
        format!("{{\"note\":\"{{\\\"sid\\\":\\\"RE1\\\"\",\"message\":{pending}}}")
    }

    #[test]
    fn a_recording_is_complete_once_the_carrier_has_told_how_it_ended_and_what_was_said() {
        let ended = |status| RecordingNews::Ended(status, Some(14));
        let mut plain = kept(false);
        assert!(!plain[0].is_complete() && plain.learn("RE1", &ended(RecordingStatus::Completed)));
        assert!(plain[0].is_complete() && !plain.learn("RE1", &ended(RecordingStatus::Failed)));
        let mut spoken = kept(true);
        assert!(spoken.learn("RE1", &ended(RecordingStatus::Completed)));
        assert!(!spoken[0].is_complete());
        assert!(spoken.learn("RE1", &RecordingNews::Transcribed(Transcript::Failed)));
        assert!(spoken[0].is_complete());
        let mut absent = kept(true);
        assert!(absent.learn("RE1", &ended(RecordingStatus::Absent)));
        assert!(absent[0].is_complete(), "nothing can be transcribed");
    }

    #[test]
    fn a_body_is_filled_with_what_is_known_and_otherwise_the_same() {
        let mut all = kept(true);
        assert!(is_pending(&body(), &all));
        assert_eq!(fill(body(), all.iter()), body());
        all.learn(
            "RE1",
            &RecordingNews::Ended(RecordingStatus::Completed, Some(14)),
        );
        let known = "\"seconds\":14,\"status\":\"completed\",\"transcript\":null}}";
        assert!(
            fill(body(), all.iter()).ends_with(known),
            "{}",
            fill(body(), all.iter())
        );
        all.learn(
            "RE1",
            &RecordingNews::Transcribed(Transcript::of("call \"me\"")),
        );
        let filled = fill(body(), all.iter());
        assert!(
            filled.ends_with("\"transcript\":\"call \\\"me\\\"\"}}"),
            "{filled}"
        );
        assert!(
            filled
                .starts_with("{\"note\":\"{\\\"sid\\\":\\\"RE1\\\"\",\"message\":{\"sid\":\"RE1\"")
        );
        assert!(!is_pending(&filled, &all) && fill(filled.clone(), all.iter()) == filled);
    }

    #[test]
    fn news_before_the_turn_is_kept_and_a_call_keeps_no_more_than_it_can_have() {
        let mut all = Recordings::default();
        let absent = RecordingNews::Ended(RecordingStatus::Absent, None);
        assert!(all.learn("RE1", &absent) && !all.learn("RE1", &absent));
        all.keep(&recording(), Some(3), false);
        assert_eq!(
            (all[0].answer, all[0].status),
            (Some(3), Some(RecordingStatus::Absent))
        );
        for at in 0..2 * MOST {
            all.learn(&format!("RE{at}"), &absent);
        }
        assert_eq!(all.len(), MOST);
    }
}
