//! What is asked of others: the public URL, through the proxy, and Twilio.

use std::error::Error as _;
use std::time::Duration;

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::{Client, Response, StatusCode, header, redirect};
use secrecy::{ExposeSecret as _, SecretString};

use super::finding::Finding;
use crate::cli::number::comes_here;
use crate::settings::Settings;
use crate::twilio::rest::{Logins, PATIENCE, Rest, RestError};
use crate::twilio::signature::{self, sign};
use crate::web::control::NodeView;

/// How long anybody may take to answer.
const LIMIT: Duration = Duration::from_secs(10);
/// How far this clock may be off that of others, in seconds: an answer takes its time, and its date has no fractions.
const CLOCK: i64 = 5;
/// The mistake in a request that names no call, in a node's own words: they come only behind the signature.
const NO_CALL: &str = "CallSid is missing";
/// A node's words for a signature that does not fit.
const NO_FIT: &str = "The signature does not fit.";

/// Everything that is asked of others.
pub async fn look(settings: &Settings, node: Option<&NodeView>) -> Vec<Finding> {
    let client = Client::builder()
        .no_proxy()
        .redirect(redirect::Policy::none())
        .timeout(LIMIT)
        .user_agent(concat!("hookswitch/", env!("CARGO_PKG_VERSION")))
        .build();
    let client = match client {
        Ok(client) => client,
        Err(error) => {
            let help = "is the system's store of certificates there (ca-certificates)?";
            return vec![Finding::wrong("network", chain(&error), help)];
        }
    };
    let mut findings = public(settings, node, &client).await;
    if settings.twilio.account_sid.is_some() {
        findings.extend(clock(settings, &client).await);
        findings.extend(account(settings).await);
    }
    findings
}

async fn public(settings: &Settings, node: Option<&NodeView>, client: &Client) -> Vec<Finding> {
    let about = "public URL";
    let Some(base) = &settings.server.public_url else {
        return vec![Finding::warning(
            about,
            "it is not set, so Twilio's signatures cannot be checked",
            "set HOOKSWITCH__SERVER__PUBLIC_URL to the URL that Twilio calls",
        )];
    };
    if let Some(node) = node
        && node.public_url.as_ref() != Some(base)
    {
        let other = node.public_url.as_deref().unwrap_or("none");
        return vec![Finding::wrong(
            about,
            format!("it is {base} here, and {other} where the node runs"),
            "restart the node with the same settings",
        )];
    }
    let Some(token) = &settings.twilio.auth_token else {
        return Vec::new();
    };
    let signed = signed(settings, base, token, client).await;
    let is_reached = signed.verdict == super::FindingVerdict::Well;
    let mut findings = vec![signed];
    if is_reached {
        findings.push(headers(base, client).await);
    }
    findings
}

/// Asks as Twilio does, without naming a call: so nothing happens, and only a signature that fits is told that.
async fn signed(settings: &Settings, base: &str, token: &SecretString, client: &Client) -> Finding {
    let url = format!("{base}/status");
    let account = settings.twilio.account_sid.clone();
    let fields: Vec<(String, String)> = account
        .map(|account| ("AccountSid".to_owned(), account))
        .into_iter()
        .chain([("CallStatus".to_owned(), "completed".to_owned())])
        .collect();
    let signature = sign(token.expose_secret(), &url, &fields);
    let request = client.post(&url).form(&fields);
    match request.header(signature::HEADER, signature).send().await {
        Ok(response) => answered(&url, response).await,
        Err(error) => unanswered(&url, &error),
    }
}

async fn answered(url: &str, response: Response) -> Finding {
    let about = "public URL";
    let status = response.status();
    let to = response.headers().get(header::LOCATION).cloned();
    let words = response.text().await.unwrap_or_default();
    if status == StatusCode::BAD_REQUEST && words.contains(NO_CALL) {
        return Finding::well(about, format!("{url}: a signed request fits"));
    }
    if words.contains(NO_FIT) {
        return Finding::wrong(
            about,
            format!("{url} leads to the node, where the signature does not fit"),
            "path and query must reach the node byte for byte, and public URL and token be the node's own; restart it \
             after a change of settings",
        );
    }
    if let Some(to) = to {
        return Finding::wrong(
            about,
            format!(
                "{url} redirects to {}",
                String::from_utf8_lossy(to.as_bytes())
            ),
            "set the public URL to where it leads: what is signed is the URL that Twilio asks for",
        );
    }
    if status.is_server_error() {
        return Finding::wrong(
            about,
            format!("{url} answers {status}: the proxy does not reach the node"),
            "does a node run, and does the proxy hand on to where it listens (server.listen)?",
        );
    }
    let words = words.lines().next().unwrap_or_default();
    Finding::wrong(
        about,
        format!(
            "{url} answers {status}: {}",
            words.chars().take(80).collect::<String>()
        ),
        "the proxy must hand on /voice, /leg, /wait, /recording, /text, /placed, /status, /fallback and /audio, as \
         deploy/Caddyfile and deploy/nginx.conf do",
    )
}

fn unanswered(url: &str, error: &reqwest::Error) -> Finding {
    let words = chain(error);
    let help = if words.contains("certificate") {
        "Twilio refuses that certificate too: get one that everybody trusts, with its intermediates"
    } else if words.contains("dns") || words.contains("resolve") || words.contains("lookup") {
        "the name leads nowhere: is its DNS record there?"
    } else {
        "does the proxy run, and is its port open to the world? (From some networks one's own public address cannot be \
         reached: then ask from elsewhere.)"
    };
    Finding::wrong("public URL", format!("{url}: {words}"), help)
}

/// Whether the proxy says that it hands on. Without that, its requests look like those of this machine itself, which is
/// told more than strangers are.
async fn headers(base: &str, client: &Client) -> Finding {
    let about = "proxy";
    let metrics = client.get(format!("{base}/metrics")).send().await;
    let is_open = metrics.is_ok_and(|response| response.status().is_success());
    let ready = client.get(format!("{base}/readyz")).send().await;
    let ready = match ready {
        Ok(response) => response.text().await.unwrap_or_default(),
        Err(_) => String::new(),
    };
    if is_open || ready.contains("\"flows\"") {
        return Finding::wrong(
            about,
            "figures and details are shown to everybody: its requests look like this machine's own",
            "let it write X-Forwarded-For, and hand on only the paths that Twilio needs (deploy/Caddyfile, deploy/nginx.conf)",
        );
    }
    Finding::well(about, "strangers see neither figures nor details")
}

/// This clock against Twilio's.
async fn clock(settings: &Settings, client: &Client) -> Option<Finding> {
    let response = client.get(&settings.twilio.api_url).send().await.ok()?;
    let date = response.headers().get(header::DATE)?.to_str().ok()?;
    let date = DateTimeParser::new().parse_timestamp(date).ok()?;
    let ahead = Timestamp::now().as_second() - date.as_second();
    Some(if ahead.abs() > CLOCK {
        Finding::warning(
            "time",
            format!("this clock is {ahead} s ahead of Twilio's"),
            "run a time service (chrony, systemd-timesyncd): opening hours and calls that are placed go by it",
        )
    } else {
        Finding::well("time", "this clock agrees with Twilio's")
    })
}

/// Whether Twilio takes the token, and where it sends the calls of the account's numbers.
async fn account(settings: &Settings) -> Vec<Finding> {
    let about = "account";
    let (Some(account), Some(token)) = (&settings.twilio.account_sid, &settings.twilio.auth_token)
    else {
        return Vec::new();
    };
    let logins = Logins::new(Some(token), Some(account), []);
    let numbers = match Rest::new(&settings.twilio.api_url, logins, PATIENCE) {
        Ok(rest) => rest.numbers(account).await,
        Err(error) => Err(error),
    };
    let numbers = match numbers {
        Ok(numbers) => numbers,
        Err(error @ RestError::Denied(_)) => {
            return vec![Finding::wrong(
                about,
                format!("Twilio does not take the auth token for {account}: {error}"),
                "signatures are made with the account's primary auth token: copy it again from Twilio's console",
            )];
        }
        Err(error) => {
            let help = "is api.twilio.com reachable from here?";
            return vec![Finding::warning(about, format!("Twilio: {error}"), help)];
        }
    };
    let mut findings = vec![Finding::well(about, "Twilio takes the auth token")];
    let Some(base) = &settings.server.public_url else {
        return findings;
    };
    let here = numbers.iter().filter(|number| comes_here(number, base));
    let half = numbers
        .iter()
        .filter(|number| number.voice_url.starts_with(base.as_str()) && !comes_here(number, base));
    findings.extend(half.map(|number| {
        let number = &number.phone_number;
        Finding::warning(
            "numbers",
            format!("{number} calls here, but without all of the URLs and their rule for retries"),
            format!("`hookswitch number set {number}` shows what differs, --yes mends it"),
        )
    }));
    findings.push(match here.count() {
        0 => Finding::warning(
            "numbers",
            "no number of the account calls here as it should",
            "`hookswitch number list` shows them, `number set NUMBER --yes` sends its calls here",
        ),
        1 => Finding::well("numbers", "1 calls here"),
        count => Finding::well("numbers", format!("{count} call here")),
    });
    findings
}

fn chain(error: &reqwest::Error) -> String {
    let mut words = Vec::new();
    let mut cause = error.source();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    if words.is_empty() {
        return error.to_string();
    }
    words.join(": ")
}
