//! Looking at trails: of calls that are over in a table of their own, of those that are on in their records.

use std::collections::BTreeMap;

use bytes::Bytes;
use redb::{ReadTransaction, ReadableTable};

use super::codec::{decode_begun, decode_call, decode_trail, trail_key, trail_place};
use super::tables::{BEGUN, CALLS, Checked, TRAILS};
use crate::engine::CallSid;
use crate::store::Error;
use crate::store::contract::{TrailPage, TrailPosition};
use crate::store::trail::{ListedTrail, StoredTrail};

/// The trail of a call, from all its visits.
pub(super) fn of(transaction: &ReadTransaction, sid: &CallSid) -> Result<Option<Bytes>, Error> {
    let mut trail = past(transaction, sid)?.unwrap_or_default();
    if let Some(record) = CALLS.read(transaction)?.get(sid.as_str())? {
        trail.join(
            record
                .value()
                .and_then(decode_call)
                .map_err(|reason| reason.of(sid))?
                .trail(),
        );
    }
    Ok((!trail.bytes.is_empty()).then(|| trail.bytes.into()))
}

/// What is kept of visits that are over.
fn past(transaction: &ReadTransaction, sid: &CallSid) -> Result<Option<StoredTrail>, Error> {
    earlier(&BEGUN.read(transaction)?, &TRAILS.read(transaction)?, sid)
}

/// The same, in tables that are open.
pub(super) fn earlier(
    begun: &Checked<&'static str, impl ReadableTable<&'static str, &'static [u8]>>,
    trails: &Checked<&'static [u8], impl ReadableTable<&'static [u8], &'static [u8]>>,
    sid: &CallSid,
) -> Result<Option<StoredTrail>, Error> {
    let Some(began) = begun.get(sid.as_str())? else {
        return Ok(None);
    };
    let began = began
        .value()
        .and_then(decode_begun)
        .map_err(|reason| reason.of(sid))?;
    let Some(trail) = trails.get(&trail_key(began, sid.as_str())[..])? else {
        return Ok(None);
    };
    trail
        .value()
        .and_then(|trail| decode_trail(began, trail))
        .map(Some)
        .map_err(|reason| reason.of(sid))
}

/// A page of the list of all. Of the calls that are over only the page is looked at; those that are on are few.
pub(super) fn list(
    transaction: &ReadTransaction,
    page: &TrailPage,
) -> Result<Vec<ListedTrail>, Error> {
    let mut on = on(transaction)?;
    let mut listed = Vec::new();
    let since = trail_key(page.since.as_millisecond(), "");
    // The page itself cuts what is not behind; here the end is only near enough.
    let end = page.behind.as_ref().map_or(i64::MAX, |place| {
        place.began.as_millisecond().saturating_add(1)
    });
    let trails = TRAILS.read(transaction)?;
    for record in trails.range(&since[..]..&trail_key(end, "")[..])?.rev() {
        let (key, record) = record?;
        let Ok((began, sid)) = trail_place(key.value()) else {
            continue;
        };
        let mut trail = match record.value().and_then(|trail| decode_trail(began, trail)) {
            Ok(trail) => trail,
            Err(reason) => {
                // It must not hide the others.
                tracing::error!(call_sid = %sid, error = %reason.of(&sid), "Stored trail cannot be read.");
                continue;
            }
        };
        let place = TrailPosition {
            began: trail.began(),
            sid,
        };
        if page.behind.as_ref().is_some_and(|behind| place >= *behind) {
            continue;
        }
        trail.join(on.remove(&place.sid).unwrap_or_default());
        listed.push((place, trail.bytes.into()));
        if listed.len() == page.limit {
            break;
        }
    }
    for (sid, trail) in on {
        if past(transaction, &sid)?.is_none() {
            listed.push((
                TrailPosition {
                    began: trail.began(),
                    sid,
                },
                trail.bytes.into(),
            ));
        }
    }
    Ok(page.cut(listed))
}

/// The trails of the calls that are on.
fn on(transaction: &ReadTransaction) -> Result<BTreeMap<CallSid, StoredTrail>, Error> {
    let mut on = BTreeMap::new();
    for record in CALLS.read(transaction)?.entries()? {
        let (key, record) = record?;
        // One that cannot be read was reported at the start, and must not hide the others.
        let (Ok(sid), Ok(record)) = (
            CallSid::parse(key.value()),
            record.value().and_then(decode_call),
        ) else {
            continue;
        };
        let trail = record.trail();
        if !trail.bytes.is_empty() {
            on.insert(sid, trail);
        }
    }
    Ok(on)
}
