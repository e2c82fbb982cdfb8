//! Sending an SMS once, though the carrier has no way to tell a repeat from another one.

use std::time::Duration;

use jiff::Timestamp;

use super::TextRequest;
use crate::twilio::rest::{MessageResource, MessageSender, NewMessage, Rest, RestError};

/// How far the carrier's clock may be behind ours.
const SKEW: Duration = Duration::from_mins(2);

/// What sending came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// The carrier has it.
    Now(MessageResource),
    /// It had it already, from an attempt whose answer never came.
    Before(MessageResource),
}

/// Sends an SMS that was asked for at `created`. If an attempt before may have done it, the carrier is asked first whether it
/// has one to the same number that says the same and is no older.
///
/// # Errors
/// When it was refused, or may not be done, or nobody knows.
pub async fn send(
    rest: &Rest,
    text: &TextRequest,
    status_callback: Option<&str>,
    (created, may_be_sent): (Timestamp, bool),
) -> Result<Sent, RestError> {
    if may_be_sent {
        let since = created.checked_sub(SKEW).unwrap_or(created);
        let found = rest
            .find_message(&text.account, &text.to, &text.words, since)
            .await?;
        if let Some(message) = found {
            return Ok(Sent::Before(message));
        }
    }
    let from = if text.is_from_service() {
        MessageSender::Service(&text.from)
    } else {
        MessageSender::Number(&text.from)
    };
    let message = NewMessage {
        to: &text.to,
        from,
        body: &text.words,
        status_callback,
    };
    rest.send_message(&text.account, &message)
        .await
        .map(Sent::Now)
}
