//! Listing deliveries a page at a time: the next names of every bucket's index, as far as all of them are known, then
//! the rows.

use jiff::Timestamp;
use redis::{Cmd, cmd};

use super::Store;
use super::due::{milliseconds, scored};
use super::keys::{BUCKETS, RedisKey};
use super::row_fields::decode;
use super::rows::fetch;
use crate::store::contract::RowPlace;
use crate::store::{Error, Row, RowFilter, RowId, RowState};

/// How many names an index is asked for at first: a page is gathered from hundreds of them.
const NAMES: usize = 16;

/// A name in an index, and the millisecond that it stands at.
type Named = (i64, RowId);

impl Store {
    pub async fn list_rows(
        &self,
        filter: &RowFilter,
        behind: &RowPlace,
        limit: usize,
    ) -> Result<(Vec<Row>, Option<RowPlace>), Error> {
        let (names, known) = self.next_names(filter, behind).await?;
        let (names, last) = cut(names, known, limit);
        let answers = self
            .link
            .send_all(names.iter().map(|(_, id)| fetch(id)).collect())
            .await;
        let mut rows = Vec::with_capacity(names.len());
        for ((_, id), answer) in names.into_iter().zip(answers) {
            let row = decode(&id, answer?)?;
            rows.extend(row.filter(|row| filter.admits(row) && row.place() > *behind));
        }
        rows.sort_by_cached_key(Row::place);
        Ok((rows, last.map(end_of)))
    }

    /// The names behind a place, and the last millisecond of which all of them are known; none where there are no more.
    async fn next_names(
        &self,
        filter: &RowFilter,
        behind: &RowPlace,
    ) -> Result<(Vec<Named>, Option<i64>), Error> {
        let backends = match &filter.backend {
            Some(backend) => vec![backend.clone()],
            None => self.backends().await?,
        };
        let lists = lists(&backends, filter);
        let from = milliseconds(behind.next_time());
        let mut count = NAMES;
        loop {
            let (mut names, mut known) = (Vec::new(), None::<i64>);
            for (backend, state) in &lists {
                let question = |bucket| next(RedisKey::State(bucket, *state, backend), from, count);
                for answer in self.link.send_all(BUCKETS.map(question).collect()).await {
                    let found = scored(answer?)?;
                    // Others of its last millisecond may stand behind it.
                    if let Some((_, last)) = found.last().filter(|_| found.len() == count) {
                        let whole = *last as i64 - 1;
                        known = Some(known.map_or(whole, |known| known.min(whole)));
                    }
                    let read = |(name, at): &(String, f64)| Some((*at as i64, RowId::parse(name)?));
                    names.extend(found.iter().filter_map(read));
                }
            }
            let Some(whole) = known else {
                return Ok((names, None));
            };
            names.retain(|(at, _)| *at <= whole);
            if !names.is_empty() {
                return Ok((names, known));
            }
            // As many as were asked for are of one millisecond.
            count *= 8;
        }
    }
}

/// The indices of a bucket that hold what a filter admits: backend and state.
fn lists<'a>(backends: &'a [String], filter: &RowFilter) -> Vec<(&'a str, RowState)> {
    let states = filter
        .state
        .map_or(RowState::OWED.to_vec(), |only| vec![only]);
    let of_backend = |backend: &'a String| {
        let named = states.iter().map(|state| (backend.as_str(), *state));
        named.collect::<Vec<_>>()
    };
    backends.iter().flat_map(of_backend).collect()
}

/// The first names, those of a millisecond together, and the last millisecond of them if there are more.
fn cut(mut names: Vec<Named>, known: Option<i64>, limit: usize) -> (Vec<Named>, Option<i64>) {
    names.sort();
    let Some((last, _)) = names.get(limit.saturating_sub(1)) else {
        return (names, known);
    };
    let last = *last;
    let page = names.partition_point(|(at, _)| *at <= last);
    if page == names.len() {
        return (names, known);
    }
    names.truncate(page);
    (names, Some(last))
}

fn end_of(millisecond: i64) -> RowPlace {
    let begin = Timestamp::from_millisecond(millisecond + 1).unwrap_or(Timestamp::MAX);
    RowPlace::before(begin)
}

fn next(index: RedisKey<'_>, from: i64, count: usize) -> Cmd {
    let mut question = cmd("ZRANGEBYSCORE");
    question.arg(index).arg(from).arg("+inf").arg("WITHSCORES");
    question.arg("LIMIT").arg(0).arg(count).take()
}
