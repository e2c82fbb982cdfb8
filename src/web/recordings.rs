//! `/recording`: what the carrier reports of a recording after it has ended, be it before the caller's turn, after it or after
//! the end of the call: a late fact, once, which moves nobody and lets submissions go that wait for it.

use std::sync::{Arc, OnceLock, Weak};

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use futures_util::future::BoxFuture;

use super::app::App;
use super::believed::Believed;
use super::recording_requests;
use super::turns::LoadedCall;
use super::turns::protocol::TurnRef;
use super::voice::mark_of;
use crate::engine::recordings::{fill, is_pending};
use crate::engine::{Happened, KeptRecording, RecordingNews, RecordingStatus, Transcript};
use crate::outbox::{self, Completer, give};
use crate::store::{self, Committed, Row, RowId, RowState, Store};
use crate::twilio::Webhook;

/// How often a fact is tried that others overtake.
const TRIES: usize = 8;

/// What a request about a recording names: `/recording/{flow}/~{turn}-{nonce}`, `…/transcript`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct RecordingRef {
    turn: TurnRef,
    is_transcript: bool,
}

impl RecordingRef {
    fn of(path: &str) -> Option<Self> {
        let (path, is_transcript) = match path.strip_suffix("/transcript") {
            Some(path) => (path, true),
            None => (path, false),
        };
        let (_, turn) = path.strip_prefix("/recording/")?.rsplit_once('/')?;
        Some(Self {
            turn: mark_of(turn)?,
            is_transcript,
        })
    }

    /// What is told; nothing for what is no end, such as that it goes on.
    fn news(self, webhook: &Webhook<'_>) -> Option<RecordingNews> {
        if !self.is_transcript {
            let status = RecordingStatus::parse(webhook.recording_status()?)?;
            return Some(RecordingNews::Ended(status, webhook.recording_duration));
        }
        let words = webhook.transcript()?;
        Some(RecordingNews::Transcribed(
            words.map_or(Transcript::Failed, Transcript::of),
        ))
    }

    /// Whether a call's recording can be meant: the carrier may tell of it before the caller's turn does, but only in the
    /// visit whose name it was given.
    fn is_of(self, found: &LoadedCall, sid: &str) -> bool {
        found.call.recording(sid).is_some() || found.call.opened.nonce == self.turn.nonce
    }
}

/// Takes what the carrier reports of a recording. 503 while the store is away: the carrier may come again.
pub async fn answer(request: HttpRequest, believed: Believed, app: Data<App>) -> HttpResponse {
    let webhook = believed.webhook();
    let named = RecordingRef::of(request.path()).zip(webhook.recording());
    let Some((of, sid)) = named else {
        tracing::warn!(call_sid = %webhook.call_sid, path = request.path(), "A request about a recording names none.");
        return HttpResponse::NoContent().finish();
    };
    if is_foreign(&webhook) {
        tracing::warn!(call_sid = %webhook.call_sid, sid, account = webhook.account_sid, "A recording lies in another account than the one that reports it: nothing is noted.");
        app.metrics.recordings("foreign");
        return HttpResponse::NoContent().finish();
    }
    let Some(news) = of.news(&webhook) else {
        return HttpResponse::NoContent().finish();
    };
    match app.note_recording(of, sid, &news, &webhook).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => {
            tracing::warn!(call_sid = %webhook.call_sid, sid, %error, "What the carrier reports of a recording could not be noted.");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

/// Whether a recording's URL names another account than the request does.
fn is_foreign(webhook: &Webhook<'_>) -> bool {
    let of_url = |url: &str| {
        let (_, rest) = url.split_once("/Accounts/")?;
        rest.split('/').next().map(str::to_owned)
    };
    let owner = webhook.recording_url.and_then(of_url);
    owner
        .zip(webhook.account_sid)
        .is_some_and(|(owner, asks)| owner != asks)
}

impl App {
    async fn note_recording(
        &self,
        of: RecordingRef,
        sid: &str,
        news: &RecordingNews,
        webhook: &Webhook<'_>,
    ) -> Result<(), store::Error> {
        let call_sid = &webhook.call_sid;
        for _ in 0..TRIES {
            let found = self.find(call_sid).await?;
            let Some(mut found) = found.filter(|found| of.is_of(found, sid)) else {
                tracing::info!(%call_sid, sid, "The carrier reports a recording of a call that is not known here, or not any more.");
                self.metrics.recordings("unknown");
                return Ok(());
            };
            if !found.call.learn(sid, news) {
                // The one before may have ended between the fact and what follows from it.
                return self.let_go(&found, sid).await;
            }
            let rows = self.follow(&mut found, (sid, news), webhook).await?;
            let told = happened(sid, news);
            let turn = found.from.turn;
            match self
                .append_with_rows(&found, Some((turn, told)), rows.clone())
                .await?
            {
                Some(Committed::Behind(_)) => {}
                Some(Committed::Done) => {
                    tracing::info!(%call_sid, sid, news = name(news), "The carrier reports a recording.");
                    self.metrics.recordings(name(news));
                    let leased = rows
                        .into_iter()
                        .filter(|row| row.state == RowState::Sending);
                    self.outbox.send_now(leased.collect());
                    if matches!(news, RecordingNews::Ended(RecordingStatus::Completed, _)) {
                        self.copy_now(webhook, sid).await?;
                    }
                    return self.let_go(&found, sid).await;
                }
                Some(Committed::Gone) | None => return Ok(()),
            }
        }
        Ok(())
    }

    /// What follows from news: backends are told that got a submission before this was known, and a recording that no turn has
    /// brought is to be erased.
    async fn follow(
        &self,
        found: &mut LoadedCall,
        (sid, news): (&str, &RecordingNews),
        webhook: &Webhook<'_>,
    ) -> Result<Vec<Row>, store::Error> {
        let Some(kept) = found.call.recording(sid).cloned() else {
            return Ok(Vec::new());
        };
        let Some(version) = self.version_of(&found.call).await? else {
            return Ok(Vec::new());
        };
        let is_there = matches!(news, RecordingNews::Ended(RecordingStatus::Completed, _));
        let account = webhook.account_sid.filter(|_| is_there);
        let terms = account.zip(self.recording_terms());
        let rows = terms.map(|(account, terms)| {
            let terms = (terms, webhook.is_beside());
            let now = self.store.now();
            recording_requests::unbrought(&version.flow, &found.call, (account, sid), terms, now)
        });
        let mut rows = rows.unwrap_or_default();
        for holder in kept.holders.iter().filter(|holder| holder.is_released) {
            found.call.deliveries += 1;
            let call = &found.call;
            let update = kept.update(&version.flow, call, holder, self.clock.now());
            rows.push(self.new_row(update, call));
        }
        Ok(rows)
    }

    /// Completes the submissions that have waited for this, as far as nothing else is still to be told.
    async fn let_go(&self, found: &LoadedCall, sid: &str) -> Result<(), store::Error> {
        let recordings = &found.call.recordings;
        let complete = found.call.recording(sid).filter(|kept| kept.is_complete());
        let mut goes = false;
        for holder in complete.into_iter().flat_map(waiting) {
            let id = RowId {
                sid: found.call.sid.clone(),
                key: holder,
            };
            let Some(row) = self.store.row(&id).await?.filter(Row::is_held) else {
                continue;
            };
            let body = text(&row);
            if is_pending(&body, recordings) {
                continue;
            }
            let body = fill(body, recordings.iter());
            let now = self.store.now();
            goes |= self.store.complete_row(&row, body, now).await?;
        }
        if goes {
            self.outbox.wake();
        }
        Ok(())
    }

    /// Completes a row that has waited long enough with what is known. That not all was known is noted with the call first:
    /// what comes later is sent by itself.
    async fn complete_held(&self, row: Row) -> Result<Row, store::Error> {
        let mut body = text(&row);
        for _ in 0..TRIES {
            let found = match self.find(&row.id.sid).await {
                Err(error) if error.is_transient() => return Err(error),
                found => found.ok().flatten(),
            };
            let Some(mut found) = found else { break };
            if found.call.release(row.id.key) {
                let noted = self.append_with_rows(&found, None, Vec::new()).await?;
                if matches!(noted, Some(Committed::Behind(_))) {
                    continue;
                }
                tracing::warn!(id = %row.id, "A submission goes without all that the carrier was to tell of its recording.");
            }
            body = fill(body, found.call.recordings.iter());
            break;
        }
        give(row, body, &self.store).await
    }
}

/// The rows that wait for a recording.
fn waiting(kept: &KeptRecording) -> impl Iterator<Item = u64> {
    let holders = kept.holders.iter();
    holders
        .filter(|holder| !holder.is_released)
        .map(|holder| holder.row)
}

fn text(row: &Row) -> String {
    String::from_utf8_lossy(row.json()).into_owned()
}

fn happened(sid: &str, news: &RecordingNews) -> Happened {
    let sid = sid.to_owned();
    match news {
        RecordingNews::Ended(status, seconds) => Happened::Recording {
            sid,
            status: *status,
            seconds: *seconds,
        },
        RecordingNews::Transcribed(words) => Happened::Transcript {
            sid,
            characters: match words {
                Transcript::Text(text) => u32::try_from(text.chars().count()).ok(),
                Transcript::Failed => None,
            },
        },
    }
}

/// The word of the log and the figures.
fn name(news: &RecordingNews) -> &'static str {
    match news {
        RecordingNews::Ended(status, _) => status.as_str(),
        RecordingNews::Transcribed(Transcript::Text(_)) => "transcribed",
        RecordingNews::Transcribed(Transcript::Failed) => "not_transcribed",
    }
}

/// Completes rows that have waited long enough, for the outbox, which is there before the rest of the node.
#[derive(Default)]
pub struct HeldRows {
    app: OnceLock<Weak<App>>,
}

impl HeldRows {
    /// Says what completes them.
    pub fn complete_with(&self, app: &Data<App>) {
        let _ = self.app.set(Arc::downgrade(&app.clone().into_inner()));
    }
}

impl Completer for HeldRows {
    fn complete(&self, row: Row, store: Store) -> BoxFuture<'static, Result<Row, store::Error>> {
        match self.app.get().and_then(Weak::upgrade) {
            Some(app) => Box::pin(async move { app.complete_held(row).await }),
            None => outbox::Completer::complete(&(), row, store),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RecordingRef;

    #[test]
    fn a_path_names_a_turn_and_whether_it_is_about_the_words() {
        let of = |path| {
            RecordingRef::of(path).map(|of| (of.turn.turn, of.turn.nonce.0, of.is_transcript))
        };
        let nonce = 0x6b1f_00a2_00c0_ffee;
        for (path, is_transcript) in [
            ("/recording/desk/~3-6b1f00a200c0ffee", false),
            ("/recording/billing/pay/%7E3-6b1f00a200c0ffee", false),
            ("/recording/desk/~3-6b1f00a200c0ffee/transcript", true),
        ] {
            assert_eq!(of(path), Some((3, nonce, is_transcript)), "{path}");
        }
        for path in [
            "/recording",
            "/recording/desk",
            "/recording/~3-6b1f00a200c0ffee/other",
        ] {
            assert_eq!(of(path), None, "{path}");
        }
    }
}
