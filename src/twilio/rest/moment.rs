//! Times as Twilio writes them.

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use serde::{Deserialize, Deserializer};

/// Twilio writes times after RFC 2822, and `null` where there is none.
pub(super) fn moment<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Timestamp>, D::Error> {
    let text = Option::<String>::deserialize(input)?;
    let parsed = text.and_then(|text| rfc2822::parse(&text).ok());
    Ok(parsed.map(|moment| moment.timestamp()))
}
