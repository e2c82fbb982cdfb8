//! How an alarm reaches somebody: by mail, or as Alertmanager's webhook in its version 4, which chats and pagers take.

use std::fmt;
use std::time::Duration;

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Mailboxes};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use reqwest::{Client, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::{AlarmCause, AlarmNotice};
use crate::settings::{AlarmMail, Alarms};
use crate::written::masked;

/// How long a channel may take.
const LIMIT: Duration = Duration::from_secs(20);
/// Where the manual has a paragraph for each alarm.
const RUNBOOK: &str = "docs/operating.md#";
/// Alertmanager's word for an alarm that is not over.
const NO_END: &str = "0001-01-01T00:00:00Z";

/// Why an alarm does not go out.
#[derive(Debug, thiserror::Error)]
pub enum AlarmError {
    /// The mail server.
    #[error("the mail server does not take it: {0}")]
    Smtp(#[from] lettre::transport::smtp::Error),
    /// An address.
    #[error("an address cannot be one: {0}")]
    Address(#[from] lettre::address::AddressError),
    /// The mail itself.
    #[error("the mail cannot be written: {0}")]
    Mail(#[from] lettre::error::Error),
    /// The webhook.
    #[error("the webhook does not answer: {0}")]
    Webhook(#[from] reqwest::Error),
    /// Its answer.
    #[error("the webhook answers {0}")]
    Answer(reqwest::StatusCode),
}

/// Everybody who is told.
pub struct AlarmChannels {
    /// The ways to them.
    pub all: Vec<AlarmChannel>,
    /// After how long an alarm that stays on is told again.
    pub repeat: Duration,
}

/// One way to somebody.
pub struct AlarmChannel {
    way: ChannelWay,
    /// Which node tells.
    instance: String,
    /// Where its console is, as people open it.
    page: Option<String>,
}

enum ChannelWay {
    Mail {
        transport: Box<AsyncSmtpTransport<Tokio1Executor>>,
        from: Mailbox,
        to: Mailboxes,
    },
    Webhook {
        client: Client,
        url: String,
        token: Option<SecretString>,
    },
}

impl AlarmChannels {
    /// Those of the settings, for a node of this name; none where nothing is set.
    ///
    /// # Errors
    /// When an address or a URL cannot be used.
    pub fn of(settings: &Alarms, instance: &str) -> Result<Self, AlarmError> {
        let mut ways = Vec::new();
        if let Some(mail) = &settings.mail {
            ways.push(ChannelWay::mail(mail)?);
        }
        if let Some(url) = &settings.webhook {
            ways.push(ChannelWay::Webhook {
                client: Client::builder()
                    .redirect(redirect::Policy::none())
                    .timeout(LIMIT)
                    .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
                    .build()?,
                url: url.expose_secret().to_owned(),
                token: settings.webhook_token.clone(),
            });
        }
        let all = ways.into_iter().map(|way| AlarmChannel {
            way,
            instance: instance.to_owned(),
            page: settings.page.clone(),
        });
        Ok(Self {
            all: all.collect(),
            repeat: settings.repeat,
        })
    }
}

impl ChannelWay {
    fn mail(mail: &AlarmMail) -> Result<Self, AlarmError> {
        let transport =
            AsyncSmtpTransport::<Tokio1Executor>::from_url(mail.server.expose_secret())?;
        Ok(Self::Mail {
            transport: Box::new(transport.timeout(Some(LIMIT)).build()),
            from: mail.from.parse()?,
            to: mail.to.parse()?,
        })
    }
}

impl AlarmChannel {
    /// Tells it.
    ///
    /// # Errors
    /// When it is not taken.
    pub async fn send(&self, notice: &AlarmNotice) -> Result<(), AlarmError> {
        match &self.way {
            ChannelWay::Mail {
                transport,
                from,
                to,
            } => {
                let mut mail = Message::builder()
                    .from(from.clone())
                    .subject(self.subject(notice))
                    .header(ContentType::TEXT_PLAIN);
                for to in to.iter() {
                    mail = mail.to(to.clone());
                }
                transport.send(mail.body(self.text(notice))?).await?;
                Ok(())
            }
            ChannelWay::Webhook { client, url, token } => {
                let mut request = client.post(url).json(&self.payload(notice));
                if let Some(token) = token {
                    request = request.bearer_auth(token.expose_secret());
                }
                let response = request.send().await.map_err(reqwest::Error::without_url)?;
                if response.status().is_success() {
                    Ok(())
                } else {
                    Err(AlarmError::Answer(response.status()))
                }
            }
        }
    }

    /// The place of the operator's page where what the alarm is about is seen; else the console.
    fn link(&self, cause: &AlarmCause) -> Option<String> {
        let page = self.page.as_deref()?.trim_end_matches('/');
        let view = match (
            cause.label("backend"),
            cause.label("flow"),
            cause.label("step"),
        ) {
            (Some(backend), ..) => {
                let state = cause.label("state").unwrap_or_default();
                format!("/operator#deliveries?backend={backend}&state={state}")
            }
            (None, Some(flow), Some(step)) => format!("/operator#calls?flow={flow}&step={step}"),
            (None, Some(flow), None) => format!("/operator#calls?flow={flow}"),
            (None, None, _) => String::new(),
        };
        Some(format!("{page}{view}"))
    }

    fn subject(&self, notice: &AlarmNotice) -> String {
        let over = if notice.ended.is_some() { "over: " } else { "" };
        format!("[hookswitch] {over}{}", notice.cause.summary)
    }

    fn text(&self, notice: &AlarmNotice) -> String {
        let cause = &notice.cause;
        let mut lines = vec![cause.summary.clone(), String::new()];
        lines.push(format!("since  {:.0}", notice.since));
        lines.extend(notice.ended.map(|ended| format!("until  {ended:.0}")));
        lines.push(format!("node   {}", self.instance));
        lines.extend(cause.place.as_ref().map(|place| format!("step   {place}")));
        lines.push(format!("look   {}", cause.look));
        lines.extend(self.link(cause).map(|link| format!("page   {link}")));
        lines.push(format!("read   {}", runbook(notice)));
        lines.join("\n") + "\n"
    }

    /// As Alertmanager posts it (Prometheus, "webhook_config"), one alarm at a time.
    fn payload(&self, notice: &AlarmNotice) -> Value {
        let cause = &notice.cause;
        let status = if notice.ended.is_some() {
            "resolved"
        } else {
            "firing"
        };
        let labels = cause
            .labels
            .iter()
            .map(|(name, value)| (*name, value.as_str()));
        let labels = labels.chain([
            ("alertname", cause.name),
            ("severity", "page"),
            ("instance", self.instance.as_str()),
        ]);
        let labels: Value = labels
            .map(|(name, value)| (name.to_owned(), json!(value)))
            .collect();
        let mut annotations = json!({
            "summary": cause.summary, "description": cause.look, "runbook": runbook(notice),
        });
        if let Some(place) = &cause.place {
            annotations["place"] = json!(place);
        }
        let ended = notice
            .ended
            .map_or_else(|| NO_END.to_owned(), |ended| ended.to_string());
        let print = xxhash_rust::xxh3::xxh3_64(labels.to_string().as_bytes());
        let page = self.page.clone().unwrap_or_default();
        let link = self.link(cause).unwrap_or_default();
        json!({
            "version": "4",
            "groupKey": format!("{{}}:{labels}"),
            "truncatedAlerts": 0,
            "status": status,
            "receiver": "hookswitch",
            "groupLabels": { "alertname": cause.name },
            "commonLabels": labels,
            "commonAnnotations": annotations,
            "externalURL": page,
            "alerts": [{
                "status": status,
                "labels": labels,
                "annotations": annotations,
                "startsAt": notice.since.to_string(),
                "endsAt": ended,
                "generatorURL": link,
                "fingerprint": format!("{print:016x}"),
            }],
        })
    }
}

fn runbook(notice: &AlarmNotice) -> String {
    format!("{RUNBOOK}{}", notice.cause.name.to_lowercase())
}

impl fmt::Display for AlarmChannel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.way {
            ChannelWay::Mail { to, .. } => write!(f, "mail to {to}"),
            ChannelWay::Webhook { url, .. } => write!(f, "webhook {}", masked(url)),
        }
    }
}
