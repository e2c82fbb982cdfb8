//! A webhook's fields by name and type.

use jiff::Timestamp;
use jiff::fmt::rfc2822;

use super::Form;
use crate::engine::{AnsweredBy, CallSid, InvalidCallSid};
use crate::written::PlacedOutcome;

/// Of the keys that came no more characters than these count, which is far more than any prompt asks for.
pub const MAX_DIGITS: usize = 256;

/// What a webhook says, borrowed from its fields. Fields that are not known here are no fault; of a field that repeats
/// the first value counts; one that came empty counts as absent, [`Webhook::digits`] apart.
#[derive(Clone, Debug)]
pub struct Webhook<'a> {
    /// All its fields, as they came.
    pub form: &'a Form,
    /// The call.
    pub call_sid: CallSid,
    /// The account that the call belongs to: the subaccount's, if any.
    pub account_sid: Option<&'a str>,
    /// Who calls: E.164, a SIP or client address, or a word such as `anonymous` where the number is withheld.
    pub from: Option<&'a str>,
    /// Who is called.
    pub to: Option<&'a str>,
    /// `inbound`, `outbound-api`, `outbound-dial`.
    pub direction: Option<&'a str>,
    /// The caller's name, where it is looked up.
    pub caller_name: Option<&'a str>,
    /// The number that forwarded the call.
    pub forwarded_from: Option<&'a str>,
    /// How far the call is.
    pub call_status: Option<CallStatus>,
    /// Keys. Empty: asked, and nothing came. Characters that no keypad has stay, so that they are a wrong key. What
    /// ends a recording by hanging up (`hangup`) is no keys.
    pub digits: Option<&'a str>,
    /// Words that were understood.
    pub speech_result: Option<&'a str>,
    /// How sure that is, 0 to 1. Twilio says not to rely on it.
    pub confidence: Option<f32>,
    /// What became of a dialled leg.
    pub dial_call_status: Option<DialStatus>,
    /// Its name.
    pub dial_call_sid: Option<&'a str>,
    /// How long it lasted, in seconds.
    pub dial_call_duration: Option<u32>,
    /// Whether the two were connected.
    pub dial_bridged: Option<bool>,
    /// How a SIP address that was dialled answered.
    pub dial_sip_response_code: Option<u32>,
    /// Where a recording lies.
    pub recording_url: Option<&'a str>,
    /// Its name.
    pub recording_sid: Option<&'a str>,
    /// Its length in seconds.
    pub recording_duration: Option<u32>,
    /// Why the fallback URL is asked.
    pub error_code: Option<u32>,
    /// The URL that failed.
    pub error_url: Option<&'a str>,
    /// When what a status callback tells happened.
    pub timestamp: Option<Timestamp>,
    /// How long the call lasted, in seconds.
    pub call_duration: Option<u32>,
    /// How a call by SIP ended.
    pub sip_response_code: Option<u32>,
    /// The place of a status callback among the others of its call, from 0: they may arrive in any order.
    pub sequence_number: Option<u32>,
}

/// How far a call is (`CallStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CallStatus {
    /// Waits to go out.
    Queued,
    /// Goes out.
    Initiated,
    /// Rings.
    Ringing,
    /// Is on.
    InProgress,
    /// Was on, and is over.
    Completed,
    /// Met a busy line.
    Busy,
    /// Could not be placed.
    Failed,
    /// Was not answered.
    NoAnswer,
    /// Was called off before it was answered.
    Canceled,
    /// A word that is not known here. It ends nothing.
    Unknown,
}

impl CallStatus {
    /// Reads the carrier's word.
    pub fn parse(word: &str) -> Self {
        match word {
            "queued" => Self::Queued,
            "initiated" => Self::Initiated,
            "ringing" => Self::Ringing,
            "in-progress" => Self::InProgress,
            "completed" => Self::Completed,
            "busy" => Self::Busy,
            "failed" => Self::Failed,
            "no-answer" => Self::NoAnswer,
            "canceled" => Self::Canceled,
            _ => Self::Unknown,
        }
    }

    /// The carrier's word.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Initiated => "initiated",
            Self::Ringing => "ringing",
            Self::InProgress => "in-progress",
            Self::Completed => "completed",
            Self::Busy => "busy",
            Self::Failed => "failed",
            Self::NoAnswer => "no-answer",
            Self::Canceled => "canceled",
            Self::Unknown => "unknown",
        }
    }

    /// How a call that we placed came out whose last word this is; nothing while it is not over.
    pub fn placed_outcome(self) -> Option<PlacedOutcome> {
        match self {
            Self::Completed => Some(PlacedOutcome::Answered),
            Self::Busy => Some(PlacedOutcome::Busy),
            Self::NoAnswer => Some(PlacedOutcome::NoAnswer),
            Self::Failed | Self::Canceled => Some(PlacedOutcome::Failed),
            _ => None,
        }
    }

    /// Whether the call is over.
    pub fn is_terminal(self) -> bool {
        matches!(
            self,
            Self::Completed | Self::Busy | Self::Failed | Self::NoAnswer | Self::Canceled
        )
    }
}

/// What became of a dialled leg (`DialCallStatus`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DialStatus {
    /// Answered and connected, now over.
    Completed,
    /// Answered; said of conferences.
    Answered,
    /// Busy.
    Busy,
    /// Nobody answered in time.
    NoAnswer,
    /// Could not be reached at all.
    Failed,
    /// Called off before it was answered.
    Canceled,
    /// A word that is not known here.
    Unknown,
}

impl DialStatus {
    /// How a leg can end, each with the carrier's word for it.
    pub const ENDS: [(Self, &'static str); 5] = [
        (Self::Completed, "completed"),
        (Self::Busy, "busy"),
        (Self::NoAnswer, "no-answer"),
        (Self::Failed, "failed"),
        (Self::Canceled, "canceled"),
    ];

    /// Reads the carrier's word.
    pub fn parse(word: &str) -> Self {
        if word == "answered" {
            return Self::Answered;
        }
        let end = Self::ENDS.iter().find(|(_, known)| *known == word);
        end.map_or(Self::Unknown, |(status, _)| *status)
    }

    /// The outcome that flows know it by.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Completed | Self::Answered => "answered",
            Self::Busy => "busy",
            Self::NoAnswer => "no_answer",
            Self::Canceled => "canceled",
            Self::Failed | Self::Unknown => "failed",
        }
    }
}

/// A form that is no webhook of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWebhook {
    /// It names no call.
    #[error("the request names no CallSid")]
    NoCallSid,
    /// It names one that cannot be.
    #[error("CallSid is {0}")]
    CallSid(#[from] InvalidCallSid),
}

impl<'a> Webhook<'a> {
    /// Reads the fields.
    ///
    /// # Errors
    /// When they name no call. Nothing else is a fault: what cannot be read counts as absent.
    pub fn parse(form: &'a Form) -> Result<Self, InvalidWebhook> {
        let sid = form
            .get("CallSid")
            .filter(|sid| !sid.is_empty())
            .ok_or(InvalidWebhook::NoCallSid)?;
        let mut webhook = Self::of(CallSid::parse(sid)?, form);
        for (name, value) in form.iter() {
            if name == "Digits" {
                webhook.digits.get_or_insert(value);
            } else if !value.is_empty() {
                webhook.take(name, value);
            }
        }
        webhook.digits = webhook.digits.filter(|digits| *digits != "hangup").map(cap);
        Ok(webhook)
    }

    /// Whether we placed the call.
    pub fn is_placed(&self) -> bool {
        let direction = self.direction.unwrap_or_default();
        direction.starts_with("outbound")
    }

    /// Whether a machine answered a call that we placed. Whoever is not known is a person (Twilio, "Answering Machine
    /// Detection": `unknown`).
    pub fn is_machine(&self) -> bool {
        let by = self.answered_by().filter(|_| self.is_placed());
        matches!(by, Some(AnsweredBy::Machine | AnsweredBy::Fax))
    }

    /// Who answered a call that we placed, where the carrier says so in a word that is known.
    pub fn answered_by(&self) -> Option<AnsweredBy> {
        match self.form.get("AnsweredBy")? {
            "human" => Some(AnsweredBy::Human),
            "fax" => Some(AnsweredBy::Fax),
            "unknown" => Some(AnsweredBy::Unknown),
            // `machine_start`, `machine_end_beep`, `machine_end_silence`, `machine_end_other`.
            word if word.starts_with("machine_") => Some(AnsweredBy::Machine),
            _ => None,
        }
    }

    /// A webhook that says nothing but which call it is about.
    fn of(call_sid: CallSid, form: &'a Form) -> Self {
        Self {
            form,
            call_sid,
            account_sid: None,
            from: None,
            to: None,
            direction: None,
            caller_name: None,
            forwarded_from: None,
            call_status: None,
            digits: None,
            speech_result: None,
            confidence: None,
            dial_call_status: None,
            dial_call_sid: None,
            dial_call_duration: None,
            dial_bridged: None,
            dial_sip_response_code: None,
            recording_url: None,
            recording_sid: None,
            recording_duration: None,
            error_code: None,
            error_url: None,
            timestamp: None,
            call_duration: None,
            sip_response_code: None,
            sequence_number: None,
        }
    }

    /// Takes one field; the first of a name stays.
    fn take(&mut self, name: &str, value: &'a str) {
        let text = match name {
            "AccountSid" => &mut self.account_sid,
            "From" => &mut self.from,
            "To" => &mut self.to,
            "Direction" => &mut self.direction,
            "CallerName" => &mut self.caller_name,
            "ForwardedFrom" => &mut self.forwarded_from,
            "SpeechResult" => &mut self.speech_result,
            "DialCallSid" => &mut self.dial_call_sid,
            "RecordingUrl" => &mut self.recording_url,
            "RecordingSid" => &mut self.recording_sid,
            "ErrorUrl" => &mut self.error_url,
            _ => return self.take_typed(name, value),
        };
        text.get_or_insert(value);
    }

    fn take_typed(&mut self, name: &str, value: &str) {
        let number = match name {
            "CallStatus" => return keep(&mut self.call_status, Some(CallStatus::parse(value))),
            "DialCallStatus" => {
                return keep(&mut self.dial_call_status, Some(DialStatus::parse(value)));
            }
            "Confidence" => {
                return keep(
                    &mut self.confidence,
                    value.parse().ok().filter(|sure| (0.0..=1.0).contains(sure)),
                );
            }
            "DialBridged" => return keep(&mut self.dial_bridged, value.parse().ok()),
            "DialCallDuration" => &mut self.dial_call_duration,
            "DialSipResponseCode" => &mut self.dial_sip_response_code,
            "RecordingDuration" => &mut self.recording_duration,
            "ErrorCode" => &mut self.error_code,
            "CallDuration" => &mut self.call_duration,
            "SipResponseCode" => &mut self.sip_response_code,
            "Timestamp" => {
                return keep(
                    &mut self.timestamp,
                    rfc2822::parse(value).ok().map(|at| at.timestamp()),
                );
            }
            "SequenceNumber" => &mut self.sequence_number,
            _ => return,
        };
        keep(number, value.parse().ok());
    }
}

/// Keeps what came first.
fn keep<T>(slot: &mut Option<T>, value: Option<T>) {
    if slot.is_none() {
        *slot = value;
    }
}

/// The first [`MAX_DIGITS`] characters.
fn cap(digits: &str) -> &str {
    digits
        .char_indices()
        .nth(MAX_DIGITS)
        .map_or(digits, |(end, _)| &digits[..end])
}

#[cfg(test)]
mod tests {
    use super::{CallStatus, DialStatus, Form, InvalidWebhook, MAX_DIGITS, Webhook};

    fn form(body: &str) -> Form {
        Form::parse(body.as_bytes()).unwrap()
    }

    fn digits(body: &str) -> Option<String> {
        let form = form(&format!("CallSid=CA1&{body}"));
        Webhook::parse(&form).unwrap().digits.map(str::to_owned)
    }

    #[test]
    fn the_fields_of_a_call_are_read_by_name() {
        let form = form(
            "CallSid=CA1&AccountSid=AC1&From=anonymous&To=%2B15550100&CallStatus=in-progress&Direction=inbound\
             &CallerName=O%27Neil&ForwardedFrom=&Novelty=1&DialCallStatus=no-answer&DialCallDuration=7&ErrorCode=11200\
             &SequenceNumber=3&CallDuration=41&SipResponseCode=487&Timestamp=Sun%2C%2029%20Nov%202026%2001%3A53%3A41%20%2B0000\
             &Confidence=0.91&SpeechResult=two+please",
        );
        let webhook = Webhook::parse(&form).unwrap();
        assert_eq!(webhook.call_sid.as_str(), "CA1");
        assert_eq!(
            (webhook.from, webhook.to),
            (Some("anonymous"), Some("+15550100"))
        );
        assert_eq!(
            (webhook.caller_name, webhook.forwarded_from),
            (Some("O'Neil"), None)
        );
        assert_eq!(webhook.call_status, Some(CallStatus::InProgress));
        assert_eq!(
            (webhook.dial_call_status, webhook.dial_call_duration),
            (Some(DialStatus::NoAnswer), Some(7))
        );
        assert_eq!(
            (webhook.error_code, webhook.sequence_number),
            (Some(11_200), Some(3))
        );
        assert_eq!(
            (webhook.call_duration, webhook.sip_response_code),
            (Some(41), Some(487))
        );
        assert_eq!(
            webhook.timestamp,
            Some("2026-11-29T01:53:41Z".parse().unwrap())
        );
        assert_eq!(
            (webhook.speech_result, webhook.confidence),
            (Some("two please"), Some(0.91))
        );
    }

    #[test]
    fn a_form_without_a_legal_call_is_refused() {
        for body in ["", "CallSid=", "From=x"] {
            assert!(
                matches!(Webhook::parse(&form(body)), Err(InvalidWebhook::NoCallSid)),
                "{body}"
            );
        }
        for body in [
            "CallSid=a%20b".to_owned(),
            format!("CallSid={}", "a".repeat(65)),
        ] {
            assert!(
                matches!(
                    Webhook::parse(&form(&body)),
                    Err(InvalidWebhook::CallSid(_))
                ),
                "{body}"
            );
        }
    }

    #[test]
    fn silence_wrong_keys_and_a_hang_up_are_told_apart() {
        assert_eq!(digits("From=x"), None);
        assert_eq!(digits("Digits="), Some(String::new()));
        assert_eq!(digits("Digits=12%23*A"), Some("12#*A".to_owned()));
        assert_eq!(digits("Digits=1%202x"), Some("1 2x".to_owned()));
        assert_eq!(digits("Digits=hangup"), None);
        assert_eq!(digits("Digits=1&Digits=2"), Some("1".to_owned()));
    }

    #[test]
    fn keys_without_end_are_cut() {
        assert_eq!(
            digits(&format!("Digits={}", "1".repeat(5000))),
            Some("1".repeat(MAX_DIGITS))
        );
        assert_eq!(
            digits(&format!("Digits={}", "é".repeat(300))),
            Some("é".repeat(MAX_DIGITS))
        );
    }

    #[test]
    fn only_the_five_last_words_end_a_call() {
        for word in ["completed", "busy", "failed", "no-answer", "canceled"] {
            assert!(CallStatus::parse(word).is_terminal(), "{word}");
        }
        for word in [
            "queued",
            "initiated",
            "ringing",
            "in-progress",
            "cancelled",
            "Completed",
            "answered",
            "",
        ] {
            assert!(!CallStatus::parse(word).is_terminal(), "{word}");
        }
    }

    #[test]
    fn what_cannot_be_read_as_a_number_counts_as_absent() {
        let form =
            form("CallSid=CA1&ErrorCode=x&SequenceNumber=-1&Confidence=NaN&DialCallDuration=");
        let webhook = Webhook::parse(&form).unwrap();
        assert_eq!(
            (
                webhook.error_code,
                webhook.sequence_number,
                webhook.dial_call_duration
            ),
            (None, None, None)
        );
        assert_eq!(webhook.confidence, None);
    }
}
