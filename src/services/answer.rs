//! Reads what a service answered, within its limits.

use reqwest::Response;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE};
use serde_json::Value as Json;

use crate::outbox::describe;

/// The longest answer that is read, in bytes.
const LONGEST: usize = 64 * 1024;

/// Reads the body of an answer to its end; `None` where it is longer than what is read.
///
/// # Errors
/// When it breaks off: why, in words without anything of the body.
pub(super) async fn body(mut response: Response) -> Result<Option<Vec<u8>>, String> {
    if response
        .content_length()
        .is_some_and(|length| length > LONGEST as u64)
    {
        return Ok(None);
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(describe)? {
        if body.len() + chunk.len() > LONGEST {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Whether an answer says that it is JSON, as it stands (RFC 8259, RFC 6839 §3.1).
pub(super) fn is_json(response: &Response) -> bool {
    let header = |name| {
        response
            .headers()
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let kind = header(CONTENT_TYPE).unwrap_or_default();
    let kind = kind
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    let is_kind =
        kind == "application/json" || kind.starts_with("application/") && kind.ends_with("+json");
    is_kind
        && header(CONTENT_ENCODING).is_none_or(|encoding| encoding.eq_ignore_ascii_case("identity"))
}

/// The JSON of a body. One that nests deeper than a hundred levels or so is none.
pub(super) fn json(body: &[u8]) -> Option<Json> {
    serde_json::from_slice(body).ok()
}
