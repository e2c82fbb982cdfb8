//! What only all settings together can tell.

use std::net::SocketAddr;

use super::reader::Reader;
use super::{Settings, value};

/// Adds what is wrong, and what works but should be known.
pub(super) fn whole(settings: &Settings, reader: &mut Reader<'_>) {
    doors(settings, reader);
    logins(settings, reader);
    services(settings, reader);
    let public = settings
        .server
        .public_url
        .as_deref()
        .is_some_and(value::is_open);
    if public {
        warn(
            reader,
            "server.public_url",
            "is plain http: what callers enter can be read on its way",
            "use https",
        );
    }
    for (name, backend) in &settings.backends {
        let key = format!("backends.{name}.url");
        if value::is_open(&backend.url) {
            warn(
                reader,
                &key,
                "is plain http: what callers entered can be read on its way",
                "use https",
            );
        }
        if !backend.is_log() && backend.secret.is_none() {
            let help = format!("set backends.{name}.secret");
            warn(reader, &key, "gets deliveries that are not signed", &help);
        }
    }
}

/// Nothing is open to other machines without a secret before it.
fn doors(settings: &Settings, reader: &mut Reader<'_>) {
    let is_open = |address: SocketAddr| !address.ip().is_loopback();
    let Settings {
        server,
        admin,
        twilio,
        ..
    } = settings;
    let is_unsigned =
        twilio.auth_token.is_none() && twilio.accounts.is_empty() && twilio.keys.is_empty();
    if server.public_url.is_some() && is_unsigned {
        let message = "leads callers here, and no auth token is set to tell the carrier by";
        let help =
            "set twilio.auth_token (HOOKSWITCH__TWILIO__AUTH_TOKEN), or leave the public URL out";
        let fault = reader.about("server.public_url", message, help);
        reader.faults.push(fault);
    }
    if is_open(server.listen) && is_unsigned {
        let message = format!(
            "{} is open to other machines, and no auth token is set to tell the carrier by",
            server.listen
        );
        let help = "set twilio.auth_token (HOOKSWITCH__TWILIO__AUTH_TOKEN), or listen on 127.0.0.1";
        let fault = reader.about("server.listen", message, help);
        reader.faults.push(fault);
    }
    if let Some(listen) = admin
        .listen
        .filter(|listen| is_open(*listen) && admin.token.is_none())
    {
        let message = format!("{listen} is open to other machines, and no token is set");
        let help = "set admin.token (HOOKSWITCH__ADMIN__TOKEN), or listen on 127.0.0.1";
        let fault = reader.about("admin.listen", message, help);
        reader.faults.push(fault);
    }
}

/// Whoever asks the carrier has a login for it, and a whole one.
fn logins(settings: &Settings, reader: &mut Reader<'_>) {
    let twilio = &settings.twilio;
    let halves = [
        (
            "twilio.api_key",
            "twilio.api_secret",
            twilio.api_key.is_some(),
            twilio.api_secret.is_some(),
        ),
        (
            "twilio.api_secret",
            "twilio.api_key",
            twilio.api_secret.is_some(),
            twilio.api_key.is_some(),
        ),
    ];
    for (one, other, is_set, has_other) in halves {
        if is_set && !has_other {
            let message = format!("is half a login: {other} is not set");
            let fault = reader.about(one, message, "set both, or neither");
            reader.faults.push(fault);
        }
    }
    if settings.recordings.copy.is_some() && !twilio.has_login() {
        let message = "is where recordings go, and no login is set to fetch them with";
        let help = "set twilio.auth_token, or twilio.api_key and twilio.api_secret";
        let fault = reader.about("recordings.copy", message, help);
        reader.faults.push(fault);
    }
    if !settings.senders.is_empty() && twilio.account_sid.is_none() {
        let message = "send nothing: no account is set";
        let help = "set twilio.account_sid, whose numbers and services they are";
        let fault = reader.about("senders", message, help);
        reader.warnings.push(fault);
    }
    if value::is_open(&twilio.api_url) {
        let message = "is plain http: our login can be read on its way";
        warn(reader, "twilio.api_url", message, "use https");
    }
}

/// Services that cannot be asked as they are set.
fn services(settings: &Settings, reader: &mut Reader<'_>) {
    for (name, service) in &settings.services {
        let key = format!("services.{name}");
        if service.url.starts_with("http:") && !service.private {
            let message = "is plain http: what is asked and answered can be read on its way";
            let help = format!("use https, or set {key}.private for a service in your own network");
            let fault = reader.about(&format!("{key}.url"), message, help);
            reader.faults.push(fault);
        }
        if service.sign.is_some() && settings.twilio.auth_token.is_none() {
            let message = "signs with the carrier's token, and none is set";
            let help = "set twilio.auth_token (HOOKSWITCH__TWILIO__AUTH_TOKEN)";
            let fault = reader.about(&format!("{key}.sign"), message, help);
            reader.faults.push(fault);
        }
        if service.trusted && value::is_open(&service.url) {
            let message = "gets sensitive answers by plain http: they can be read on their way";
            warn(reader, &format!("{key}.url"), message, "use https");
        }
    }
}

fn warn(reader: &mut Reader<'_>, key: &str, message: &str, help: &str) {
    let warning = reader.about(key, message, help);
    reader.warnings.push(warning);
}
