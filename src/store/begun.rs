//! What a trail keeps of the request that began a visit: what the flow reads of it, and the whole where the flow sends it on.
//! What is secret is sealed to its call and turn.

use serde::{Deserialize, Serialize};

use super::Seal;
use crate::engine::{Begun, CallSid, FirstRequest, Flow, Slot, Value};

/// What a flow reads of the request that began a visit, as it is stored.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Fields {
    open: Vec<(Slot, Value)>,
    /// What is secret; nothing where that is empty.
    sealed: Vec<u8>,
}

impl Fields {
    pub(super) fn of(
        begun: &Begun,
        flow: &Flow,
        sid: &CallSid,
        turn: u32,
        seal: &Seal,
    ) -> postcard::Result<Self> {
        let all = begun.fields.iter().cloned();
        let (secret, open): (Vec<_>, Vec<_>) = all.partition(|(slot, _)| flow.is_sensitive(*slot));
        let sealed = if secret.is_empty() {
            Vec::new()
        } else {
            let plain = postcard::to_stdvec(&secret)?;
            seal.seal(place_of_fields(sid, turn).as_bytes(), &plain)
        };
        Ok(Self { open, sealed })
    }

    /// All of them; nothing where no seal key opens the secret ones.
    pub(super) fn opened(
        self,
        sid: &CallSid,
        turn: u32,
        seal: Option<&Seal>,
    ) -> Option<Vec<(Slot, Value)>> {
        let mut all = self.open;
        if !self.sealed.is_empty() {
            let plain = seal?.open(place_of_fields(sid, turn).as_bytes(), &self.sealed)?;
            all.extend(postcard::from_bytes::<Vec<_>>(&plain).ok()?);
        }
        Some(all)
    }
}

/// What a sealed request that began a visit belongs to.
fn place_of_request(sid: &CallSid, turn: u32) -> String {
    format!("{sid}/{turn}/request")
}

/// The whole of the request that began a visit, sealed: nobody has said what of it is secret.
pub(super) fn sealed_request(
    begun: &Begun,
    sid: &CallSid,
    turn: u32,
    seal: &Seal,
) -> postcard::Result<Option<Vec<u8>>> {
    let Some(request) = &begun.request else {
        return Ok(None);
    };
    let plain = postcard::to_stdvec(request)?;
    let sealed = seal.seal(place_of_request(sid, turn).as_bytes(), &plain);
    Ok(Some(sealed))
}

/// The same, opened. `Some(None)` where there is none; nothing where no seal key opens it.
pub(super) fn opened_request(
    stored: &[u8],
    sid: &CallSid,
    turn: u32,
    seal: Option<&Seal>,
) -> Option<Option<FirstRequest>> {
    if stored.is_empty() {
        return Some(None);
    }
    let sealed: Vec<u8> = postcard::from_bytes(stored).ok()?;
    let plain = seal?.open(place_of_request(sid, turn).as_bytes(), &sealed)?;
    postcard::from_bytes(&plain).ok().map(Some)
}

/// What sealed fields of the request that began a visit belong to.
fn place_of_fields(sid: &CallSid, turn: u32) -> String {
    format!("{sid}/{turn}/call")
}
