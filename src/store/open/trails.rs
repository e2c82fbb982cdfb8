//! What the store keeps of calls for whoever asks later what they did.

use std::time::Duration;

use jiff::Timestamp;

use super::{EXPIRE_BATCH, Engine, Store, within};
use crate::engine::{CallSid, Trail};
use crate::store::contract::CallFilter;
use crate::store::summary::Summary;
use crate::store::trail;
use crate::store::{Error, Seal};

/// How many trails are looked at at once: few enough to be had within the deadline.
const PAGE: usize = 1_000;

impl Store {
    /// Whether commits are to bring what trails keep of them.
    pub fn keeps_trails(&self) -> bool {
        !self.keep_trail().is_zero()
    }

    /// How long the trail of a call is kept after its last turn.
    pub fn keep_trail(&self) -> Duration {
        self.inner.options.keep_trail
    }

    /// The trail of a call; an input that no seal key opens is missing in it.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn trail(&self, sid: &CallSid) -> Result<Option<Trail>, Error> {
        let trail = ask!(self, engine => engine.trail(sid))?;
        trail
            .map(|trail| trail::decode(sid, &trail, Some(self.seal())))
            .transpose()
    }

    /// The calls that a filter admits, newest first, as far as trails are kept.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn calls(&self, filter: &CallFilter) -> Result<Vec<Summary>, Error> {
        let mut calls = Vec::new();
        self.each(filter, None, |_, summary| calls.push(summary))
            .await?;
        Ok(calls)
    }

    /// Shows the trail of each call that a filter admits, newest first, and keeps none of them in memory.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn each_trail(
        &self,
        filter: &CallFilter,
        mut see: impl FnMut(Trail),
    ) -> Result<(), Error> {
        self.each(filter, Some(self.seal()), |trail, _| see(trail))
            .await
    }

    async fn each(
        &self,
        filter: &CallFilter,
        seal: Option<&Seal>,
        mut see: impl FnMut(Trail, Summary),
    ) -> Result<(), Error> {
        let mut page = filter.first_page(PAGE);
        let mut left = if filter.limit == 0 {
            usize::MAX
        } else {
            filter.limit
        };
        loop {
            let listed = ask!(self, engine => engine.trails(&page))?;
            let is_last = listed.len() < page.limit;
            for (place, bytes) in listed {
                // One that cannot be read must not hide the others.
                let trail = trail::decode(&place.sid, &bytes, seal)
                    .inspect_err(|error| tracing::error!(%error));
                let summary = trail
                    .ok()
                    .and_then(|trail| Some((Summary::of(&trail)?, trail)));
                if let Some((summary, trail)) =
                    summary.filter(|(summary, trail)| filter.admits(trail, summary))
                {
                    see(trail, summary);
                    left -= 1;
                    if left == 0 {
                        return Ok(());
                    }
                }
                page.behind = Some(place);
            }
            if is_last {
                return Ok(());
            }
        }
    }

    /// Deletes the trails whose last turn is longer ago than [`Options::keep_trail`], and returns how many. An engine
    /// that lets them expire by itself has nothing to do.
    ///
    /// # Errors
    /// As [`Store::load`].
    pub async fn expire_trails(&self, now: Timestamp) -> Result<usize, Error> {
        let before = now.checked_sub(self.keep_trail()).unwrap_or(Timestamp::MIN);
        let mut expired = 0;
        loop {
            let batch = ask!(self, engine => engine.expire_trails(before, EXPIRE_BATCH))?;
            expired += batch;
            if batch < EXPIRE_BATCH {
                return Ok(expired);
            }
        }
    }
}
