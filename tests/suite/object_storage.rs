//! Object storage for tests, on loopback, with as much of S3's API as copies of recordings need.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::http::{Method, header};
use actix_web::web::{Bytes, Data};
use actix_web::{HttpRequest, HttpResponse};
use hookswitch::carrier::recording::{Archive, ArchiveAccess};

use super::stand_in::StandIn;

/// The key that it lets in.
const KEY: &str = "AKIATEST";

/// How long a test's client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Shared {
    objects: Mutex<BTreeMap<String, Bytes>>,
    parts: Mutex<BTreeMap<u32, Bytes>>,
    spoils: AtomicBool,
    hangs: AtomicBool,
}

/// The service; it ends with its handle.
pub struct ObjectStorage {
    shared: Arc<Shared>,
    server: StandIn,
}

impl ObjectStorage {
    /// Begins to listen on a free port of loopback, with nothing in it.
    pub async fn start() -> Self {
        let shared = Arc::new(Shared::default());
        let server = StandIn::start(shared.clone(), answer);
        Self { shared, server }
    }

    /// A place in it.
    pub fn archive(&self) -> Archive {
        let access = ArchiveAccess {
            key: Some(KEY.to_owned()),
            secret: Some("secret".into()),
            region: Some("eu-west-1".to_owned()),
            patience: Some(PATIENCE),
            endpoint: Some(self.server.url().to_owned()),
        };
        Archive::open("s3://bucket/calls", &access).expect("it can be used")
    }

    /// An object, by bucket and path.
    pub fn object(&self, path: &str) -> Option<Bytes> {
        self.shared
            .objects
            .lock()
            .expect("no panic")
            .get(path)
            .cloned()
    }

    /// Answers nothing from now on, or again.
    pub fn hang(&self, hang: bool) {
        self.shared.hangs.store(hang, Ordering::SeqCst);
    }

    /// Changes a byte of every sound that is written from now on, or no longer.
    pub fn spoil(&self, spoil: bool) {
        self.shared.spoils.store(spoil, Ordering::SeqCst);
    }
}

async fn answer(request: HttpRequest, body: Bytes, shared: Data<Arc<Shared>>) -> HttpResponse {
    let authorization = request.headers().get(header::AUTHORIZATION);
    let authorization = authorization
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !authorization.starts_with(&format!("AWS4-HMAC-SHA256 Credential={KEY}/")) {
        return HttpResponse::Forbidden().finish();
    }
    if shared.hangs.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_mins(1)).await;
    }
    let path = request.path().trim_start_matches('/').to_owned();
    let query: BTreeMap<String, String> = form_urlencoded::parse(request.query_string().as_bytes())
        .into_owned()
        .collect();
    let part = query
        .get("partNumber")
        .and_then(|number| number.parse().ok());
    let mut objects = shared.objects.lock().expect("no panic");
    let mut parts = shared.parts.lock().expect("no panic");
    match (request.method(), query.get("uploadId"), part) {
        (&Method::PUT, Some(_), Some(number)) => {
            parts.insert(number, body);
            stored()
        }
        (&Method::POST, None, _) if query.contains_key("uploads") => {
            parts.clear();
            HttpResponse::Ok().content_type("application/xml").body(
                "<InitiateMultipartUploadResult><UploadId>1</UploadId></InitiateMultipartUploadResult>",
            )
        }
        (&Method::POST, Some(_), None) => {
            let whole: Vec<u8> = parts.values().flatten().copied().collect();
            objects.insert(path, whole.into());
            HttpResponse::Ok().content_type("application/xml").body(
                "<CompleteMultipartUploadResult><ETag>\"1\"</ETag></CompleteMultipartUploadResult>",
            )
        }
        (&Method::PUT, ..) => {
            let is_spoilt = shared.spoils.load(Ordering::SeqCst) && path.ends_with(".wav");
            objects.insert(path, if is_spoilt { spoilt(&body) } else { body });
            stored()
        }
        (&Method::GET | &Method::HEAD, ..) => match objects.get(&path) {
            Some(object) => {
                let part = range(&request, object.len());
                let mut response = match &part {
                    Some(part) => {
                        let about =
                            format!("bytes {}-{}/{}", part.start, part.end - 1, object.len());
                        let mut response = HttpResponse::PartialContent();
                        response.insert_header((header::CONTENT_RANGE, about));
                        response
                    }
                    None => HttpResponse::Ok(),
                };
                response
                    .insert_header((header::ETAG, "\"1\""))
                    .insert_header((header::LAST_MODIFIED, "Mon, 23 Nov 2026 12:00:00 GMT"))
                    .body(part.map_or(object.clone(), |part| object.slice(part)))
            }
            None => HttpResponse::NotFound().finish(),
        },
        (&Method::DELETE, ..) => {
            objects.remove(&path);
            HttpResponse::NoContent().finish()
        }
        _ => HttpResponse::NotImplemented().finish(),
    }
}

/// The part of an object that is asked for.
fn range(request: &HttpRequest, bytes: usize) -> Option<Range<usize>> {
    let asked = request.headers().get(header::RANGE)?.to_str().ok()?;
    let (from, to) = asked.strip_prefix("bytes=")?.split_once('-')?;
    let to: usize = to.parse().ok()?;
    Some(from.parse().ok()?..(to + 1).min(bytes))
}

fn stored() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::ETAG, "\"1\""))
        .finish()
}

/// The same with its last byte changed.
fn spoilt(bytes: &Bytes) -> Bytes {
    let mut bytes = bytes.to_vec();
    if let Some(last) = bytes.last_mut() {
        *last ^= 1;
    }
    bytes.into()
}
