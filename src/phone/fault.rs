//! What stops a verb, and the carrier's code for what went wrong.

use std::time::Duration;

use super::event::{EndedBy, Notice, Severity};
use super::wire::WireError;

/// Why a document is not carried out to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The caller hung up.
    HungUp,
    /// The call is over.
    Over(CallEnd),
    /// The call cannot go on as written: the fallback URL is asked, or the caller hears the carrier's own words.
    Fault(Box<Notice>),
    /// A caller who waits in a queue was fetched from there.
    Fetched,
}

/// How a call is over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CallEnd {
    pub(super) by: EndedBy,
    /// The carrier's last word, where it is not what follows from whether the call was answered.
    pub(super) status: Option<&'static str>,
}

impl CallEnd {
    pub(super) fn by_application() -> Self {
        Self {
            by: EndedBy::Application,
            status: None,
        }
    }
}

/// The longest call that an account has unless it asks for more (Twilio, 4 hours).
pub(super) const LONGEST: Duration = Duration::from_hours(4);

/// Documents without time passing on the line, after which a call goes in circles for good.
pub(super) const CIRCLES: u32 = 1_000;

/// A notice of what cannot go on.
pub(super) fn error(code: u32, message: impl Into<String>, url: &str, line: u32) -> Notice {
    Notice {
        code,
        severity: Severity::Error,
        message: message.into(),
        url: url.to_owned(),
        line,
    }
}

/// A notice of what goes on all the same.
pub(super) fn warning(code: u32, message: impl Into<String>, url: &str, line: u32) -> Notice {
    Notice {
        code,
        severity: Severity::Warning,
        message: message.into(),
        url: url.to_owned(),
        line,
    }
}

/// The code of a request that got no answer (Twilio, error dictionary).
pub(super) fn code(broken: &WireError) -> u32 {
    match broken {
        WireError::Url(_) => 11_100,
        WireError::Host(_) => 11_210,
        WireError::Refused => 11_202,
        WireError::ConnectTimeout => 11_201,
        WireError::ReadTimeout => 11_205,
        WireError::Tls(_) => 11_220,
        WireError::Protocol(_) => 11_206,
    }
}
