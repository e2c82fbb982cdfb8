//! The settings of alarms.

use std::time::Duration;

use secrecy::SecretString;

use crate::settings::value;
use crate::written::keys::{Key, Shape};
use crate::written::{Field, TextField};

pub(in crate::settings) const ALARMS: Key = Key::new(
    "alarms",
    Shape::Table(&[
        ALARM_WEBHOOK.key,
        ALARM_WEBHOOK_TOKEN.key,
        ALARM_SMTP.key,
        ALARM_FROM.key,
        ALARM_TO.key,
        ALARM_REPEAT.key,
        ALARM_PAGE.key,
    ]),
    "Who is told when callers or deliveries are harmed until somebody acts (`hookswitch alarm test` tries it).",
    "alarms.mail_to = \"night@example.com\"",
);

pub(in crate::settings) const ALARM_WEBHOOK: TextField<SecretString> = TextField::new(
    "webhook",
    (value::web, "write an absolute http or https URL"),
    "Where alarms are posted, as Alertmanager posts them (version 4).",
    "webhook = \"https://chat.example.com/hooks/4f9d2c6b\"",
)
.secret();

pub(in crate::settings) const ALARM_WEBHOOK_TOKEN: TextField<SecretString> = TextField::new(
    "webhook_token",
    (value::token, "write the token, without spaces"),
    "What is sent with it (`Authorization: Bearer …`).",
    "webhook_token = \"9c1d7f2e6b8a4053\"",
)
.secret();

pub(in crate::settings) const ALARM_SMTP: TextField<SecretString> = TextField::new(
    "smtp",
    (
        value::smtp,
        "write smtps://user:password@host, or smtp://host?tls=required",
    ),
    "The mail server: `smtps://USER:PASSWORD@HOST`, `smtp://HOST?tls=required` for STARTTLS, `smtp://HOST` without TLS.",
    "smtp = \"smtps://hookswitch:secret@mail.example.com\"",
)
.secret();

pub(in crate::settings) const ALARM_FROM: TextField<String> = TextField::new(
    "mail_from",
    (
        value::mail,
        "write one address, such as hookswitch@example.com",
    ),
    "Who mails come from.",
    "mail_from = \"hookswitch@example.com\"",
);

pub(in crate::settings) const ALARM_TO: TextField<String> = TextField::new(
    "mail_to",
    (
        value::mails,
        "write addresses with commas between, such as night@example.com",
    ),
    "Who gets mails: one address, or several with commas between.",
    "mail_to = \"night@example.com\"",
);

pub(in crate::settings) const ALARM_REPEAT: Field<Duration> = Field::between(
    "repeat",
    ("1m", "3650d"),
    "After how long an alarm that stays on is told again.",
    "repeat = \"4h\"",
)
.or("\"4h\"")
.bounds_help(
    "write at least 1m: nobody reads more",
    "write at most 3650d",
);

pub(in crate::settings) const ALARM_PAGE: TextField<String> = TextField::new(
    "page",
    (
        value::service_url,
        "write an absolute http or https URL, with nothing behind its path",
    ),
    "Where you open the console: alarms lead there.",
    "page = \"https://ops.example.com\"",
);
