//! SMS: the rows by which a turn's texts are sent, and `/text`, where the carrier reports what becomes of each: a late fact of
//! the call, which moves nobody.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;

use super::app::App;
use super::believed::Signed;
use super::codes::MadeCode;
use super::verify_form::is_proof;
use crate::carrier::CarrierRequest;
use crate::carrier::text::TextRequest;
use crate::engine::{CODE_MARK, Call, Happened, Sender, TextMessage, Trail};
use crate::outbox::CARRIER;
use crate::store::{self, Committed, FLEETING, Row, RowId, RowState, Seal, Settlement};

/// How often a fact is tried that others overtake.
const TRIES: usize = 8;

/// The rows of a turn's texts, as those of deliveries are: leased to this node where the carrier's lane is not paused.
pub fn rows(
    texts: Vec<TextMessage>,
    call: &Call,
    codes: &[MadeCode],
    (now, lease): (Timestamp, Option<std::time::Duration>),
    (account, seal): (&str, &Seal),
) -> Vec<Row> {
    let texts = texts.into_iter().enumerate();
    let mut codes = codes.iter();
    let row = |(nth, text): (usize, TextMessage)| {
        let code = text.has_code.then(|| codes.next()).flatten();
        let name = seal.name(&[
            b"text",
            &call.opened.nonce.0.to_be_bytes(),
            &call.turn.to_be_bytes(),
            &(nth as u64).to_be_bytes(),
            text.to.as_bytes(),
            text.words.as_bytes(),
            &code.map_or(0, |code| code.digest).to_be_bytes(),
        ]);
        let request = CarrierRequest::SendText(TextRequest {
            account: account.to_owned(),
            call: call.sid.clone(),
            text: format!("{name:016x}"),
            step: text.step,
            to: text.to,
            from: match text.from {
                Sender::Number(number) => number,
                Sender::Service(sid) => sid,
            },
            words: match code {
                Some(code) => text.words.replace(CODE_MARK, &code.code),
                None => text.words,
            },
        });
        let row = request.row(now, now);
        let id = if call.opened.rehearsal {
            row.id.clone().of_rehearsal()
        } else {
            row.id.clone()
        };
        let sensitive = code.map(|_| FLEETING.to_owned());
        Row {
            id,
            sensitive: sensitive.into_iter().collect(),
            state: if lease.is_some() {
                RowState::Sending
            } else {
                RowState::Waiting
            },
            attempts: u32::from(lease.is_some()),
            next: lease.map_or(now, |lease| now + lease),
            ..row
        }
    };
    texts.map(row).collect()
}

/// What the carrier says of an SMS: `MessageStatus` and its like.
struct TextNews {
    /// The row by which it was sent.
    row: RowId,
    /// Its name at the carrier.
    sid: String,
    status: String,
    /// The carrier's number for what went wrong.
    code: Option<u32>,
}

impl TextNews {
    /// What a request tells; nothing where it names no SMS of ours.
    fn of(path: &str, field: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let row = RowId::parse(path.strip_prefix("/text/")?)?;
        let word = |name: &str| {
            let value = field(name)?;
            let is_word = !value.is_empty()
                && value.len() <= 40
                && value
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
            is_word.then_some(value)
        };
        Some(Self {
            row,
            sid: word("MessageSid").or_else(|| word("SmsSid"))?,
            status: word("MessageStatus").or_else(|| word("SmsStatus"))?,
            code: field("ErrorCode").and_then(|code| code.parse().ok()),
        })
    }

    fn happened(&self) -> Happened {
        Happened::Text {
            sid: self.sid.clone(),
            status: self.status.clone(),
            code: self.code,
        }
    }
}

/// Takes what the carrier reports of an SMS. 503 while the store is away: the carrier may come again.
pub async fn answer(request: HttpRequest, signed: Signed, app: Data<App>) -> HttpResponse {
    let form = signed.form();
    let field = |name: &str| form.get(name).map(str::to_owned);
    let Some(news) = TextNews::of(request.path(), field) else {
        tracing::warn!(path = request.path(), "A request about an SMS names none.");
        return HttpResponse::NoContent().finish();
    };
    match app.note_text(&news).await {
        Ok(()) => HttpResponse::NoContent().finish(),
        Err(error) => {
            tracing::warn!(call_sid = %news.row.sid, sid = news.sid, %error, "What the carrier reports of an SMS could not be noted.");
            HttpResponse::ServiceUnavailable().finish()
        }
    }
}

impl App {
    async fn note_text(&self, news: &TextNews) -> Result<(), store::Error> {
        // That the carrier reports it says that it has it, whatever became of our own request.
        let row = self.store.row(&news.row).await?;
        let owed = row.filter(|row| row.backend == CARRIER && row.state != RowState::Delivered);
        if let Some(row) = owed.as_ref().filter(|row| row.is_fleeting()) {
            self.store.drop_row(&row.id).await?;
        } else if let Some(row) = owed {
            self.store.settle(&row.id, Settlement::Delivered).await?;
        }
        let call_sid = &news.row.sid;
        if is_proof(call_sid) {
            self.tell_text(news);
            return Ok(());
        }
        for _ in 0..TRIES {
            let Some(found) = self.find(call_sid).await? else {
                tracing::info!(%call_sid, sid = news.sid, status = news.status, "The carrier reports an SMS of a call that is not known here, or not any more.");
                self.metrics.texts("unknown");
                return Ok(());
            };
            let trail = Box::pin(self.store.trail(call_sid)).await?;
            if trail.is_some_and(|trail| is_told(&trail, news)) {
                return Ok(());
            }
            let turn = found.from.turn;
            match self.append_fact(&found, turn, news.happened()).await? {
                Some(Committed::Behind(_)) => {}
                Some(Committed::Done) => {
                    self.tell_text(news);
                    return Ok(());
                }
                Some(Committed::Gone) | None => return Ok(()),
            }
        }
        Ok(())
    }

    fn tell_text(&self, news: &TextNews) {
        let TextNews {
            row,
            sid,
            status,
            code,
        } = news;
        match status.as_str() {
            "failed" | "undelivered" => {
                tracing::warn!(call_sid = %row.sid, sid, status, code, "An SMS did not arrive.");
            }
            _ => tracing::info!(call_sid = %row.sid, sid, status, "The carrier reports an SMS."),
        }
        self.metrics.texts(status);
    }
}

/// Whether a trail has just this.
fn is_told(trail: &Trail, news: &TextNews) -> bool {
    let told = news.happened();
    trail.events.iter().any(|event| event.what == told)
}

#[cfg(test)]
mod tests {
    use super::TextNews;

    fn news(path: &str, fields: &[(&str, &str)]) -> Option<(String, String, Option<u32>)> {
        let field = |name: &str| {
            let found = fields.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        TextNews::of(path, field).map(|news| (news.row.to_string(), news.status, news.code))
    }

    #[test]
    fn what_is_told_of_an_sms_is_read_or_nothing() {
        let row = "CA1-8000a1b2c3d4e5f6";
        let path = format!("/text/{row}");
        let sent = [("MessageSid", "SM1"), ("MessageStatus", "sent")];
        assert_eq!(
            news(&path, &sent),
            Some((row.to_owned(), "sent".to_owned(), None))
        );
        let failed = [
            ("SmsSid", "SM1"),
            ("SmsStatus", "undelivered"),
            ("ErrorCode", "30005"),
        ];
        assert_eq!(
            news(&path, &failed),
            Some((row.to_owned(), "undelivered".to_owned(), Some(30_005)))
        );
        for (path, fields) in [
            ("/text/CA1", &sent[..]),
            ("/text/", &sent),
            (&path, &sent[..1]),
            (&path, &sent[1..]),
            (&path, &[("MessageSid", "SM 1"), ("MessageStatus", "sent")]),
            (&path, &[("MessageSid", "SM1"), ("MessageStatus", "<b>")]),
        ] {
            assert_eq!(news(path, fields), None, "{path} {fields:?}");
        }
    }
}
