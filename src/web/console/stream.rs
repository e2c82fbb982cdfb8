//! `GET /console/calls/{id}/events`: a call as it happens, as server-sent events.
//!
//! Each has a number. A page that lost its connection sends the last one that it saw (browsers do that by themselves)
//! and gets what it missed.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use actix_web::http::header;
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};

use super::Console;
use super::page_call::PageCall;
use crate::web::app::App;

/// How long nothing may be sent: a connection that is dead is found out, and a proxy does not take it for one.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Streams a call's events from the beginning, or from the one after the last that was seen.
pub async fn events(request: HttpRequest, console: Data<Console>) -> HttpResponse {
    let Some(line) = console.line(request.match_info().query("id")) else {
        // The one answer after which a browser does not ask again.
        return HttpResponse::NoContent().finish();
    };
    let seen = request
        .headers()
        .get("last-event-id")
        .and_then(|id| id.to_str().ok()?.parse().ok())
        .unwrap_or(0);
    let (missed, over) = line.events(seen);
    if over && missed.is_empty() {
        return HttpResponse::NoContent().finish();
    }
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(("x-accel-buffering", "no"))
        .streaming(tell(line, seen, console.app.clone()))
}

fn tell(
    line: Arc<PageCall>,
    seen: usize,
    app: Data<App>,
) -> impl futures_util::Stream<Item = Result<Bytes, std::convert::Infallible>> {
    let listener = Listener::new(line);
    futures_util::stream::unfold((listener, seen, app), async |(listener, seen, app)| {
        let mut news = listener.line.news();
        loop {
            let (events, over) = listener.line.events(seen);
            if let Some((last, _)) = events.last() {
                let last = *last;
                return Some((Ok(write(&events)), (listener, last, app)));
            }
            if over || app.stopping.load(Ordering::Relaxed) {
                return None;
            }
            if tokio::time::timeout(HEARTBEAT, news.changed())
                .await
                .is_err()
            {
                return Some((Ok(Bytes::from_static(b":\n\n")), (listener, seen, app)));
            }
        }
    })
}

fn write(events: &[(usize, String)]) -> Bytes {
    let mut text = String::from("retry: 1000\n");
    for (id, event) in events {
        // JSON holds no line break.
        text.push_str(&format!("id: {id}\ndata: {event}\n\n"));
    }
    text.into()
}

/// Listens for as long as its connection is there.
struct Listener {
    line: Arc<PageCall>,
}

impl Listener {
    fn new(line: Arc<PageCall>) -> Self {
        line.come();
        Self { line }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.line.leave(Instant::now());
    }
}
