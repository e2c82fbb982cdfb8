//! One call's requests: measured, and sometimes sent twice or once more too late.

use std::cell::{Cell, RefCell};
use std::time::{Duration, Instant};

use bytes::Bytes;
use fastrand::Rng;
use hyper::header::CONTENT_TYPE;

use super::pool::request as hyper_request;
use super::{Disturbances, Run};
use crate::phone::{Method, Purpose, Request, Response, Wire, WireError};

/// The content type of a webhook.
const FORM: &str = "application/x-www-form-urlencoded; charset=UTF-8";

/// One call's way to the server.
pub struct MeasuredWire<'a> {
    run: &'a Run,
    /// When the next request was due, where that was before it is made.
    due: Cell<Option<Instant>>,
    /// A request of an earlier turn.
    earlier: RefCell<Option<Request>>,
    rng: RefCell<Rng>,
}

impl<'a> MeasuredWire<'a> {
    /// A way whose first request was due at a time.
    pub fn new(run: &'a Run, due: Instant, rng: Rng) -> Self {
        Self {
            run,
            due: Cell::new(Some(due)),
            earlier: RefCell::new(None),
            rng: RefCell::new(rng),
        }
    }

    fn happens(&self, share: f64) -> bool {
        share > 0.0 && self.rng.borrow_mut().f64() < share
    }

    async fn exchange(&self, asked: &Request) -> Result<Response, WireError> {
        let (host, target) = parts(&asked.url)?;
        let mut headers = asked.headers.clone();
        let (method, body) = match asked.method {
            Method::Get => (hyper::Method::GET, Bytes::new()),
            Method::Post => {
                headers.push((CONTENT_TYPE.as_str().to_owned(), FORM.to_owned()));
                (hyper::Method::POST, form(&asked.fields))
            }
        };
        let make = || hyper_request(method.clone(), host, target, &headers, body.clone());
        let patience = Duration::from_millis(asked.patience.1.into());
        match tokio::time::timeout(patience, self.run.pool.send(host, make)).await {
            Ok(answer) => answer,
            Err(_) => Err(WireError::ReadTimeout),
        }
    }

    /// A request of an earlier turn comes once more: its answer is TwiML, whatever it says.
    async fn come_late(&self) {
        let earlier = self.earlier.borrow_mut().take();
        let Some(earlier) = earlier else { return };
        let answer = self.exchange(&earlier).await;
        let mut tally = self.run.tally.borrow_mut();
        tally.late += 1;
        match answer {
            Ok(answer) if answer.status == 200 => {}
            Ok(answer) => tally.fault(format!(
                "a late request was answered with status {}",
                answer.status
            )),
            Err(error) => tally.fault(format!("a late request: {error}")),
        }
    }

    /// The same request again must get the same answer.
    async fn come_twice(&self, asked: &Request, first: &Response) {
        let second = self.exchange(asked).await;
        let mut tally = self.run.tally.borrow_mut();
        tally.duplicates += 1;
        match second {
            Ok(second) if (second.status, &second.body) == (first.status, &first.body) => {}
            Ok(_) => tally.differ += 1,
            Err(error) => tally.fault(format!("a request sent twice: {error}")),
        }
    }
}

impl Wire for MeasuredWire<'_> {
    async fn send(&self, request: &Request) -> Result<Response, WireError> {
        if request.purpose != Purpose::Voice {
            return self.exchange(request).await;
        }
        let Disturbances {
            duplicates, late, ..
        } = self.run.load.trouble;
        if self.happens(late) {
            self.come_late().await;
        }
        let due = self.due.take().unwrap_or_else(Instant::now);
        let answer = self.exchange(request).await;
        match &answer {
            Ok(_) => self.run.tally.borrow_mut().answered(due.elapsed()),
            Err(error) => self.run.tally.borrow_mut().fault(error.to_string()),
        }
        if let Ok(first) = &answer
            && self.happens(duplicates)
        {
            self.come_twice(request, first).await;
        }
        if late > 0.0 {
            *self.earlier.borrow_mut() = Some(request.clone());
        }
        answer
    }
}

/// `host:port` and the path with its query, of a URL over plain HTTP.
fn parts(url: &str) -> Result<(&str, &str), WireError> {
    let refuse = || WireError::Url(format!("{url}: a load goes to `http://host:port/…`"));
    let rest = url.strip_prefix("http://").ok_or_else(refuse)?;
    let at = rest.find(['/', '?']).unwrap_or(rest.len());
    let (host, target) = rest.split_at(at);
    match (host.contains(':'), target.is_empty()) {
        (false, _) => Err(refuse()),
        (true, true) => Ok((host, "/")),
        (true, false) => Ok((host, target)),
    }
}

fn form(fields: &[(String, String)]) -> Bytes {
    let mut form = form_urlencoded::Serializer::new(String::with_capacity(1024));
    form.extend_pairs(fields);
    form.finish().into()
}

#[cfg(test)]
mod tests {
    use super::parts;

    #[test]
    fn a_url_is_cut_into_host_and_target() {
        assert_eq!(
            parts("http://127.0.0.1:80/a?b=c"),
            Ok(("127.0.0.1:80", "/a?b=c"))
        );
        assert_eq!(parts("http://[::1]:8080"), Ok(("[::1]:8080", "/")));
        assert!(parts("https://127.0.0.1:80/").is_err());
        assert!(parts("http://localhost/").is_err());
    }
}
