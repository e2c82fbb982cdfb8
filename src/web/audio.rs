//! `/audio`: recordings, at URLs that carry the content's hash and therefore never change.

use std::ops::Range as Bounds;

use actix_web::http::header::{self, ByteRangeSpec, Header, HeaderName, HeaderValue, Range};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::app::App;
use super::flows::Current;
use crate::audio::content_type;

/// The header with the text of a recording.
const TRANSCRIPT: HeaderName = HeaderName::from_static("hookswitch-transcript");
/// The most characters of that text.
const MAX_TRANSCRIPT: usize = 1000;
/// What a header may not contain.
const UNSAFE: &AsciiSet = &CONTROLS.add(b'%');

/// Plays a recording: one in service, or one that an older version of a flow still plays.
pub async fn answer(request: HttpRequest, app: Data<App>) -> HttpResponse {
    let path = request.match_info().query("tail");
    let current = app.flows.current();
    if let Some(recording) = current.recordings.get(path) {
        let mut response = send(
            &request,
            path,
            recording.content_type,
            recording.bytes.clone(),
        );
        if let Some(transcript) = transcript(&current, path) {
            response.headers_mut().insert(TRANSCRIPT, transcript);
        }
        return response;
    }
    match app.store.recording(path).await {
        Ok(Some(bytes)) => {
            let name = path.rsplit('/').next().unwrap_or(path);
            let kind = content_type(name, &bytes).unwrap_or("application/octet-stream");
            send(&request, path, kind, bytes)
        }
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(error) => {
            tracing::warn!(%error, path, "A recording could not be read from the store.");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

/// The words of a recording in service, for a client that cannot listen: percent-encoded UTF-8. `None` if the manifest
/// has no words for it.
fn transcript(current: &Current, path: &str) -> Option<HeaderValue> {
    let sounds = current
        .by_name
        .values()
        .flat_map(|version| version.bundle().sounds.values());
    let mut sounds = sounds.filter(|sound| *sound.path == *path);
    let text = sounds.find_map(|sound| sound.text.as_deref())?;
    let text: String = text.chars().take(MAX_TRANSCRIPT).collect();
    HeaderValue::from_str(&utf8_percent_encode(&text, UNSAFE).to_string()).ok()
}

fn send(request: &HttpRequest, path: &str, content_type: &str, bytes: Bytes) -> HttpResponse {
    let tag = format!("\"{}\"", path.split('/').next().unwrap_or_default());
    let same = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok());
    let mut response = HttpResponse::Ok();
    response
        .content_type(content_type)
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::ETAG, tag.clone()))
        .insert_header((header::ACCEPT_RANGES, "bytes"));
    if same.is_some_and(|tags| {
        tags == "*"
            || tags
                .split(',')
                .any(|other| other.trim().trim_start_matches("W/") == tag)
    }) {
        return response
            .status(actix_web::http::StatusCode::NOT_MODIFIED)
            .finish();
    }
    let length = bytes.len() as u64;
    match bounds(request, &tag, length) {
        None => response.body(bytes),
        Some(Ok(bounds)) => {
            let shown = format!("bytes {}-{}/{length}", bounds.start, bounds.end - 1);
            response
                .status(actix_web::http::StatusCode::PARTIAL_CONTENT)
                .insert_header((header::CONTENT_RANGE, shown));
            response.body(bytes.slice(bounds.start as usize..bounds.end as usize))
        }
        Some(Err(())) => HttpResponse::RangeNotSatisfiable()
            .insert_header((header::CONTENT_RANGE, format!("bytes */{length}")))
            .finish(),
    }
}

/// The one range that is asked for; several at once are answered with all, as RFC 9110 §14.2 allows.
fn bounds(request: &HttpRequest, tag: &str, length: u64) -> Option<Result<Bounds<u64>, ()>> {
    let condition = request
        .headers()
        .get(header::IF_RANGE)
        .and_then(|tag| tag.to_str().ok());
    if condition.is_some_and(|other| other != tag) {
        return None;
    }
    request.headers().get(header::RANGE)?;
    let Ok(Range::Bytes(specs)) = Range::parse(request) else {
        return None;
    };
    let [spec] = specs.as_slice() else {
        return None;
    };
    if let ByteRangeSpec::FromTo(from, to) = spec
        && to < from
    {
        return None;
    }
    Some(
        spec.to_satisfiable_range(length)
            .map(|(from, to)| from..to + 1)
            .ok_or(()),
    )
}
