//! The request that begins a visit, so that its repeat is known and not guessed.

use jiff::Timestamp;

use crate::engine::Opening;
use crate::store::Seal;
use crate::twilio::Form;

/// The name of the header by which Twilio marks its retries: the same for all retries of a request.
pub const TOKEN: &str = "i-twilio-idempotency-token";

/// Identifies a request for a flow's start.
///
/// Only keyed hashes are made: of what a caller entered nothing can be guessed from them. The token is not signed, and so
/// distinguishes requests, and proves nothing.
pub fn of(flow: &str, token: Option<&[u8]>, form: &Form, now: Timestamp, seal: &Seal) -> Opening {
    let token = token.map(|token| short(seal.name(&[b"token", flow.as_bytes(), token])));
    Opening {
        token,
        form: of_form(flow, form, seal),
        at: u32::try_from(now.as_second()).unwrap_or(u32::MAX),
    }
}

/// The fields in their order, but for those that only a request for the fallback URL has.
fn of_form(flow: &str, form: &Form, seal: &Seal) -> u32 {
    let mut fields: Vec<_> = form
        .iter()
        .filter(|(name, _)| !matches!(*name, "ErrorCode" | "ErrorUrl"))
        .collect();
    fields.sort_unstable();
    let fields = fields
        .iter()
        .flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]);
    short(
        seal.name(
            &[b"form", flow.as_bytes()]
                .into_iter()
                .chain(fields)
                .collect::<Vec<_>>(),
        ),
    )
}

/// 32 bits tell the few requests apart that begin visits of one call.
fn short(name: u64) -> u32 {
    (name >> 32) as u32
}
