//! Facts that come between a call's turns, or after its end: written into its state and trail, and moving nobody.

use super::app::App;
use super::turns::LoadedCall;
use crate::engine::{Event, Happened};
use crate::store::{self, Append, Committed, Row, Trace};

impl App {
    /// Writes down a fact with the call as it is now. `Behind` and `Gone` where another was faster: nothing is written.
    /// `None` where nobody knows the call's flow any more.
    ///
    /// # Errors
    /// When the store is away.
    pub async fn append_fact(
        &self,
        found: &LoadedCall,
        turn: u32,
        what: Happened,
    ) -> Result<Option<Committed>, store::Error> {
        self.append_with_rows(found, Some((turn, what)), Vec::new())
            .await
    }

    /// The same, with what must reach a backend because of it; or without a fact that a trail would keep.
    ///
    /// # Errors
    /// As [`Self::append_fact`].
    pub async fn append_with_rows(
        &self,
        found: &LoadedCall,
        fact: Option<(u32, Happened)>,
        rows: Vec<Row>,
    ) -> Result<Option<Committed>, store::Error> {
        let LoadedCall { call, from, .. } = found;
        let Some(version) = self.version_of(call).await? else {
            return Ok(None);
        };
        let event = |(turn, what)| Event {
            at: self.clock.now().as_millisecond(),
            turn,
            what,
        };
        let event = fact.filter(|_| self.store.keeps_trails()).map(event);
        let trail = event.map(|event| Trace::of_event(&call.sid, &event));
        let trail = trail.transpose()?.into_iter().collect();
        let append = Append {
            sid: call.sid.clone(),
            from_revision: from.revision,
            state: store::encode(call, &version.flow, self.store.seal())?,
            rows,
            trail,
        };
        let appended = self.store.append(append).await?;
        if matches!(appended, Committed::Done) {
            // What is remembered of the call is a revision behind.
            self.cache.remove(&call.sid);
        }
        Ok(Some(appended))
    }
}
