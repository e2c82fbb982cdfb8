//! What a person can do to the outbox: list, retry, drop, pause. Every change leaves an audit line in the log that says
//! who made it (`by`: the command line, the console).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::masking::{MASK, masked_body};
use crate::engine::CallSid;
use crate::store::{
    Attempt, BackendAnswer, Error, Row, RowFilter, RowId, RowPage, RowPlace, RowState, Store,
};

/// A row as a list shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RowView {
    /// Its name, which is the `webhook-id`.
    pub id: String,
    /// The backend.
    pub backend: String,
    /// Where it stands: `waiting`, `sending`, `uncertain`, `dead` or `delivered`.
    pub state: String,
    /// Its type, such as `submission.complete`, if its body has one.
    pub r#type: Option<String>,
    /// Attempts started.
    pub attempts: u32,
    /// When the call committed it.
    pub created: Timestamp,
    /// When it is due; while it is being sent, when its lease ends; empty if it is set aside or delivered.
    pub next: Option<Timestamp>,
    /// When the backend accepted it.
    pub delivered: Option<Timestamp>,
    /// Whether the backend may have it already.
    pub ambiguous: bool,
    /// The error of the last attempt; empty if there was none.
    pub last_error: String,
    /// Whether it comes from a rehearsal.
    pub rehearsal: bool,
}

/// A row with what was done about it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryView {
    /// As a list shows it.
    #[serde(flatten)]
    pub row: RowView,
    /// The last attempts, oldest first.
    pub log: Vec<AttemptView>,
    /// What the backend answered last, if it ever did.
    pub answer: Option<AnswerView>,
}

/// The same with what would be sent, or was.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowDetail {
    /// What was done about it.
    #[serde(flatten)]
    pub delivery: DeliveryView,
    /// What would be sent, every sensitive answer replaced by `•••`.
    pub body: Value,
}

/// An attempt at a delivery.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptView {
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub seconds: f64,
    /// Its outcome, in words.
    pub came_to: String,
}

/// A backend's answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnswerView {
    /// The HTTP status.
    pub status: u16,
    /// The first bytes of its body, as text; `•••` if the delivery holds sensitive answers.
    pub body: String,
}

/// The result of a command on one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Acted {
    /// Done.
    Done,
    /// There is no such row, or no longer.
    NoSuchRow,
    /// A node is sending it right now: nothing was done.
    BeingSent,
    /// The backend already has it, and `again` was not given: nothing was done.
    Delivered,
}

impl RowView {
    fn of(row: Row) -> Self {
        let is_due = matches!(row.state, RowState::Waiting | RowState::Sending);
        let is_delivered = row.state == RowState::Delivered;
        Self {
            rehearsal: row.id.is_rehearsal(),
            id: row.id.to_string(),
            r#type: read_type(row.json()),
            backend: row.backend,
            state: row.state.as_str().to_owned(),
            attempts: row.attempts,
            created: row.created,
            next: is_due.then_some(row.next),
            delivered: is_delivered.then_some(row.next),
            ambiguous: row.ambiguous,
            last_error: row.last_error,
        }
    }
}

impl DeliveryView {
    fn of(row: Row) -> Self {
        let shown = |answer: &BackendAnswer| {
            if row.sensitive.is_empty() {
                String::from_utf8_lossy(&answer.body).into_owned()
            } else {
                MASK.to_owned()
            }
        };
        let answer = row.history.answer.as_ref();
        let answer = answer.map(|answer| AnswerView {
            status: answer.status,
            body: shown(answer),
        });
        let attempt = |attempt: &Attempt| AttemptView {
            at: attempt.at,
            seconds: attempt.took.as_secs_f64(),
            came_to: attempt.came_to.clone(),
        };
        let log = row.history.attempts.iter().map(attempt).collect();
        Self {
            row: RowView::of(row),
            log,
            answer,
        }
    }
}

impl RowDetail {
    fn of(row: Row) -> Self {
        let body = masked_body(&row);
        Self {
            delivery: DeliveryView::of(row),
            body,
        }
    }
}

/// The next rows that a filter admits, oldest first, at most about a thousand, and where the list goes on.
///
/// # Errors
/// When the store cannot be read in time.
pub async fn list(
    store: &Store,
    filter: &RowFilter,
    behind: Option<&RowPlace>,
) -> Result<(Vec<RowView>, Option<RowPlace>), Error> {
    let RowPage { rows, more } = store.page(filter, behind).await?;
    Ok((rows.into_iter().map(RowView::of).collect(), more))
}

/// The deliveries of a call, in the order in which it committed them, and what was done about each. Where one of them
/// holds a sensitive answer, what backends said to any of them is masked: they know what call it is about.
///
/// # Errors
/// As [`list`].
pub async fn of_call(store: &Store, sid: &CallSid) -> Result<Vec<DeliveryView>, Error> {
    let rows = store.rows_of(sid).await?;
    let is_sensitive = rows.iter().any(|row| !row.sensitive.is_empty());
    let mut deliveries: Vec<_> = rows.into_iter().map(DeliveryView::of).collect();
    let answers = deliveries.iter_mut().filter_map(|one| one.answer.as_mut());
    for answer in answers.filter(|_| is_sensitive) {
        answer.body = MASK.to_owned();
    }
    Ok(deliveries)
}

/// One row and what would be sent.
///
/// # Errors
/// As [`list`].
pub async fn show(store: &Store, id: &RowId) -> Result<Option<RowDetail>, Error> {
    Ok(store.row(id).await?.map(RowDetail::of))
}

/// Restarts a row under the same id: due now, with all its attempts. If the backend may have it and has forgotten its
/// id, it gets a single attempt, for which the person takes responsibility, and is set aside again if that fails. A
/// delivered row is sent once more only if `again` is set.
///
/// # Errors
/// As [`list`].
pub async fn retry(
    store: &Store,
    id: &RowId,
    again: bool,
    now: Timestamp,
    by: &str,
) -> Result<Acted, Error> {
    let Some(row) = store.row(id).await? else {
        return Ok(Acted::NoSuchRow);
    };
    if row.state == RowState::Sending && now < row.next {
        return Ok(Acted::BeingSent);
    }
    if row.state == RowState::Delivered && !again {
        return Ok(Acted::Delivered);
    }
    let done = store.retry_row(id, now).await?;
    if done {
        tracing::info!(audit = "outbox retry", by, %id, backend = row.backend, was = row.state.as_str(), "Delivery retried by hand.");
    }
    Ok(acted(done))
}

/// Restarts, as [`retry`] does, every row that is set aside and was created at `since` or later. Returns how many.
///
/// # Errors
/// As [`list`]; some rows may have been restarted by then.
pub async fn retry_since(
    store: &Store,
    backend: Option<&str>,
    since: Timestamp,
    now: Timestamp,
    by: &str,
) -> Result<usize, Error> {
    let mut retried = 0;
    for state in [RowState::Uncertain, RowState::Dead] {
        let filter = RowFilter {
            backend: backend.map(str::to_owned),
            state: Some(state),
            since: Some(since),
            ..RowFilter::default()
        };
        let mut behind = None;
        loop {
            let page = store.page(&filter, behind.as_ref()).await?;
            for row in &page.rows {
                retried += usize::from(retry(store, &row.id, false, now, by).await? == Acted::Done);
            }
            behind = page.more;
            if behind.is_none() {
                break;
            }
        }
    }
    Ok(retried)
}

/// Deletes a row, whatever its state. If it was still owed, it is never delivered.
///
/// # Errors
/// As [`list`].
pub async fn drop(store: &Store, id: &RowId, by: &str) -> Result<Acted, Error> {
    let done = store.drop_row(id).await?;
    if done {
        tracing::info!(audit = "outbox drop", by, %id, "Delivery dropped by hand.");
    }
    Ok(acted(done))
}

/// Pauses or resumes a backend for every node, also across restarts. Each node sees it at its next sweep.
///
/// # Errors
/// As [`list`].
pub async fn pause(store: &Store, backend: &str, pause: bool, by: &str) -> Result<(), Error> {
    store.pause(backend, pause).await?;
    let (act, words) = if pause {
        ("outbox pause", "Backend paused.")
    } else {
        ("outbox resume", "Backend resumed.")
    };
    tracing::info!(audit = act, by, backend, "{words}");
    Ok(())
}

fn acted(done: bool) -> Acted {
    if done { Acted::Done } else { Acted::NoSuchRow }
}

fn read_type(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    Some(body.get("type")?.as_str()?.to_owned())
}
