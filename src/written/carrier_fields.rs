//! The fields of the carrier's requests by name, as far as they are known: whoever writes a name that the carrier never
//! sends is told so. Other fields are legal, since a SIP client or an app can send what it likes.

use super::diag::nearest;

/// What stands before the name of something that a flow is given, where a rehearsal gives it with a call's start. No carrier
/// sends such a field.
pub const ARG: &str = "HookswitchArg_";

/// What the request for a call's start can carry.
const START: [&str; 41] = [
    "AccountSid",
    "AddOns",
    "AnsweredBy",
    "ApiVersion",
    "ApplicationSid",
    "CallSid",
    "CallStatus",
    "CallToken",
    "Called",
    "CalledCity",
    "CalledCountry",
    "CalledState",
    "CalledZip",
    "Caller",
    "CallerCity",
    "CallerCountry",
    "CallerName",
    "CallerState",
    "CallerZip",
    "Direction",
    "ForwardedFrom",
    "From",
    "FromCity",
    "FromCountry",
    "FromState",
    "FromZip",
    "MachineDetectionDuration",
    "ParentCallSid",
    "SipCallId",
    "SipDomain",
    "SipDomainSid",
    "SipHeader_User-to-User",
    "SipSourceIp",
    "StirPassportToken",
    "StirVerstat",
    "To",
    "ToCity",
    "ToCountry",
    "ToState",
    "ToZip",
    "TrunkSid",
];

/// What only later requests carry: what the caller did, and what came of a verb.
const LATER: [&str; 25] = [
    "CallDuration",
    "CallbackSource",
    "Confidence",
    "DialBridged",
    "DialCallDuration",
    "DialCallSid",
    "DialCallStatus",
    "Digits",
    "Duration",
    "ErrorCode",
    "ErrorUrl",
    "FinishedOnKey",
    "QueueResult",
    "QueueSid",
    "QueueTime",
    "RecordingDuration",
    "RecordingSid",
    "RecordingStatus",
    "RecordingUrl",
    "SequenceNumber",
    "SipResponseCode",
    "SpeechResult",
    "Timestamp",
    "TranscriptionStatus",
    "TranscriptionText",
];

/// What stands before the name of a SIP header.
const SIP_HEADER: &str = "SipHeader_";

/// Why a field can hardly come with the start of a call, in words that say what to write; `None` where it can.
pub fn never_sent(field: &str) -> Option<String> {
    if START.contains(&field) || is_header(field) {
        return None;
    }
    if LATER.contains(&field) {
        return Some(
            "only later requests of a call have it: `[call]` reads what comes with its start"
                .to_owned(),
        );
    }
    let header = sip_header(field).map(|header| format!("{SIP_HEADER}{header}"));
    let near = header.or_else(|| nearest(field, START).map(str::to_owned));
    near.map(|near| format!("did you mean `{near}`?"))
}

/// The key of a test call that says a field: empty for what whoever places the call says itself.
pub fn by_key(field: &str) -> Option<&'static str> {
    Some(match field {
        "From" | "Caller" => "from",
        "To" | "Called" => "to",
        "CallerName" => "caller_name",
        "AccountSid" | "ApiVersion" | "CallSid" | "CallStatus" | "Direction" => "",
        _ => return None,
    })
}

/// Whether requests can have such a field: one of the carrier's, or a SIP header.
pub fn is_known(field: &str) -> bool {
    START.contains(&field) || LATER.contains(&field) || is_header(field)
}

fn is_header(field: &str) -> bool {
    field.len() > SIP_HEADER.len() && field.starts_with(SIP_HEADER)
}

/// Whether a request for a call's start carries it because somebody beside the carrier sends it: a SIP header, or what an
/// app says of its own.
pub fn is_own(field: &str) -> bool {
    !START.contains(&field) && !LATER.contains(&field)
}

/// The SIP header that a field was meant to be.
fn sip_header(field: &str) -> Option<&str> {
    let is_extension = |text: &str| text.len() > 2 && text.to_lowercase().starts_with("x-");
    if is_extension(field) {
        return Some(field);
    }
    let words = [
        "sipheader_",
        "sip_header_",
        "sipheader-",
        "sip-header-",
        "sipheader",
    ];
    let small = field.to_lowercase();
    let prefix = words.iter().find(|words| small.starts_with(**words))?;
    // Of the same length in small letters, since what it begins with is ASCII.
    field
        .get(prefix.len()..)
        .filter(|header| !header.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_never_comes_is_told_with_what_was_meant() {
        for (field, meant) in [
            ("CallerCuntry", "`CallerCountry`"),
            ("caller_country", "`CallerCountry`"),
            ("X-Account", "`SipHeader_X-Account`"),
            ("SIPHeader_X-Account", "`SipHeader_X-Account`"),
            ("SipHeader-X-Account", "`SipHeader_X-Account`"),
            ("Digits", "later requests"),
        ] {
            let help = never_sent(field).unwrap_or_else(|| panic!("{field} is taken"));
            assert!(help.contains(meant), "{field}: {help}");
        }
        for field in [
            "CallerCountry",
            "SipHeader_X-Account",
            "loyalty",
            "Kundennummer",
        ] {
            assert_eq!(never_sent(field), None);
        }
    }

    #[test]
    fn what_others_send_is_told_from_what_the_carrier_does() {
        assert!(is_own("SipHeader_X-Account") && is_own("loyalty"));
        assert!(!is_own("CallerCountry") && !is_own("Digits"));
    }
}
