//! What a person does about recordings: looks at what is asked of the carrier about each, fetches one, erases one. Every
//! erasure leaves an audit line in the log that says who made it.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Carrier;
use super::recording::{Kept, RecordingName};
use super::request::CarrierRequest;
use crate::outbox::CARRIER;
use crate::store::{self, Row, RowFilter, RowState, Store};
use crate::twilio::rest::{Erased, RecordingMedia, RestError};

/// A recording as a list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingView {
    /// Which one.
    #[serde(flatten)]
    pub name: RecordingName,
    /// How its copy stands, where one is asked for.
    pub copy: Option<RequestView>,
    /// How its erasure at the carrier stands.
    pub erasure: Option<RequestView>,
    /// Until when it may be kept at the carrier.
    pub keep_until: Option<Timestamp>,
    /// Where its copy is, or will be.
    pub address: Option<String>,
}

/// How a request stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// Its row, as the commands of the outbox name it.
    pub id: String,
    /// Where the row stands.
    pub state: String,
    /// When it is due, or was done; empty if it is set aside.
    pub at: Option<Timestamp>,
    /// What went wrong last; empty if nothing did.
    pub last_error: String,
}

/// A recording with what is known of its copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingDetail {
    /// As a list shows it.
    #[serde(flatten)]
    pub recording: RecordingView,
    /// What is noted of its copy, if there is one.
    pub kept: Option<Kept>,
}

/// Why a recording could not be shown, fetched or erased.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// No login is set.
    #[error("no login of the carrier is set")]
    NoCarrier,
    /// The store of calls.
    #[error("{0}")]
    Store(#[from] store::Error),
    /// The carrier.
    #[error("the carrier: {0}")]
    Carrier(#[from] RestError),
    /// The place where copies are kept.
    #[error("the place of copies: {0}")]
    Archive(#[from] object_store::Error),
}

impl RequestView {
    fn of(row: &Row) -> Self {
        let is_set_aside = matches!(row.state, RowState::Dead | RowState::Uncertain);
        Self {
            id: row.id.to_string(),
            state: row.state.as_str().to_owned(),
            at: (!is_set_aside).then_some(row.next),
            last_error: row.last_error.clone(),
        }
    }
}

/// The recordings about which something is asked of the carrier, or was as far as that is kept, by call.
///
/// # Errors
/// When the store cannot be read in time.
pub async fn list(
    store: &Store,
    carrier: Option<&Carrier>,
) -> Result<Vec<RecordingView>, RecordingError> {
    let mut views = BTreeMap::new();
    for state in [None, Some(RowState::Delivered)] {
        let filter = RowFilter {
            backend: Some(CARRIER.to_owned()),
            state,
            ..RowFilter::default()
        };
        let mut behind = None;
        loop {
            let page = store.page(&filter, behind.as_ref()).await?;
            for row in &page.rows {
                add(&mut views, row, carrier);
            }
            behind = page.more;
            if behind.is_none() {
                break;
            }
        }
    }
    Ok(views.into_values().collect())
}

/// Adds what a row says.
fn add(
    views: &mut BTreeMap<(String, String), RecordingView>,
    row: &Row,
    carrier: Option<&Carrier>,
) {
    let Some(request) = CarrierRequest::read(&row.body) else {
        return;
    };
    let Some(name) = request.recording() else {
        return;
    };
    let archive = carrier.and_then(Carrier::archive);
    let key = (name.call.to_string(), name.recording.clone());
    let view = views.entry(key).or_insert_with(|| RecordingView {
        name: name.clone(),
        copy: None,
        erasure: None,
        keep_until: None,
        address: None,
    });
    match &request {
        CarrierRequest::CopyRecording(name) => {
            view.copy = Some(RequestView::of(row));
            view.address = archive.map(|archive| archive.address(name));
        }
        CarrierRequest::EraseRecording(erasure) => {
            view.erasure = Some(RequestView::of(row));
            view.keep_until = Some(erasure.keep_until);
        }
        CarrierRequest::SendText(_)
        | CarrierRequest::PlaceCall(_)
        | CarrierRequest::DoubtPayment(_) => {}
    }
}

/// One of them.
///
/// # Errors
/// As [`list`]; also when the place of copies does not answer.
pub async fn show(
    store: &Store,
    carrier: Option<&Carrier>,
    recording: &str,
) -> Result<Option<RecordingDetail>, RecordingError> {
    let Some(recording) = find(store, carrier, recording).await? else {
        return Ok(None);
    };
    let kept = match carrier.and_then(Carrier::archive) {
        Some(archive) => archive.kept(&recording.name).await?,
        None => None,
    };
    Ok(Some(RecordingDetail { recording, kept }))
}

async fn find(
    store: &Store,
    carrier: Option<&Carrier>,
    recording: &str,
) -> Result<Option<RecordingView>, RecordingError> {
    let all = list(store, carrier).await?;
    Ok(all
        .into_iter()
        .find(|view| view.name.recording == recording))
}

/// The sound of a recording: of its copy if there is one, else as it is at the carrier. `None` where nothing is known of
/// it.
///
/// # Errors
/// As [`show`]; also when it is gone.
pub async fn fetch(
    store: &Store,
    carrier: Option<&Carrier>,
    recording: &str,
) -> Result<Option<BoxStream<'static, Result<Bytes, RecordingError>>>, RecordingError> {
    let carrier = carrier.ok_or(RecordingError::NoCarrier)?;
    let Some(view) = find(store, Some(carrier), recording).await? else {
        return Ok(None);
    };
    if let Some(archive) = carrier.archive()
        && archive.kept(&view.name).await?.is_some()
    {
        let sound = archive.read(&view.name).await?.into_stream();
        return Ok(Some(
            sound.map(|part| part.map_err(RecordingError::from)).boxed(),
        ));
    }
    let RecordingName {
        account, recording, ..
    } = &view.name;
    let media = carrier.rest().recording_media(account, recording).await?;
    Ok(Some(parts(media).boxed()))
}

/// The parts of a sound at the carrier.
fn parts(
    media: RecordingMedia,
) -> impl futures_util::Stream<Item = Result<Bytes, RecordingError>> + Send {
    futures_util::stream::try_unfold(media, |mut media| async {
        let part = media.chunk().await?;
        Ok(part.map(|part| (part, media)))
    })
}

/// Erases a recording at the carrier and its copy, and takes away what was to be asked about it. `None` where nothing is
/// known of it.
///
/// # Errors
/// As [`fetch`]. What was to be asked is still there then, and this can be asked again.
pub async fn erase(
    store: &Store,
    carrier: Option<&Carrier>,
    recording: &str,
    by: &str,
) -> Result<Option<Erased>, RecordingError> {
    let carrier = carrier.ok_or(RecordingError::NoCarrier)?;
    let Some(view) = find(store, Some(carrier), recording).await? else {
        return Ok(None);
    };
    let name = &view.name;
    // Nobody copies it any more when it is gone at the carrier, so that goes first.
    let erased = carrier
        .rest()
        .erase_recording(&name.account, &name.recording)
        .await?;
    if let Some(archive) = carrier.archive() {
        archive.erase(name).await?;
    }
    for request in [&view.copy, &view.erasure].into_iter().flatten() {
        if let Some(id) = store::RowId::parse(&request.id) {
            store.drop_row(&id).await?;
        }
    }
    tracing::info!(audit = "recordings erase", by, sid = %name.call, recording, "Recording erased by hand.");
    Ok(Some(erased))
}
