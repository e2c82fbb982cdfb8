//! The settings of the carrier: whose webhooks are believed, how its API is asked, and where recordings go.

use std::time::Duration;

use secrecy::SecretString;

use super::{TOKEN, names};
use crate::settings::value;
use crate::written::keys::{Key, Shape};
use crate::written::{Field, TextField};

pub(in crate::settings) const TWILIO: Key = Key::new(
    "twilio",
    Shape::Table(&[
        AUTH_TOKEN.key,
        AUTH_TOKEN_OLD.key,
        ACCOUNT_SID.key,
        API_KEY.key,
        API_SECRET.key,
        API_URL.key,
        SHARED_KEYS,
        ACCOUNTS,
    ]),
    "",
    "twilio.auth_token = \"0123456789abcdef0123456789abcdef\"",
);

pub(in crate::settings) const AUTH_TOKEN: TextField<SecretString> = TextField::new(
    "auth_token",
    TOKEN,
    "The account's primary auth token, by which signatures are checked. Without one, only requests from this machine are \
     served.",
    "auth_token = \"0123456789abcdef0123456789abcdef\"",
)
.secret();

pub(in crate::settings) const AUTH_TOKEN_OLD: TextField<SecretString> = TextField::new(
    "auth_token_old",
    TOKEN,
    "The token before, while it is being changed.",
    "auth_token_old = \"fedcba9876543210fedcba9876543210\"",
)
.secret();

pub(in crate::settings) const ACCOUNT_SID: TextField<String> = TextField::new(
    "account_sid",
    (value::account_sid, "write the account's SID, AC…"),
    "The account; if it is set, webhooks of others are refused.",
    "account_sid = \"AC0123456789abcdef0123456789abcdef\"",
);

pub(in crate::settings) const API_KEY: TextField<String> = TextField::new(
    "api_key",
    (value::word, "write the key's SID, SK…"),
    "An API key of the account, by its SID: what is asked of Twilio itself (fetching and erasing recordings) is asked with \
     it. Without one, the auth token is used.",
    "api_key = \"SK0123456789abcdef0123456789abcdef\"",
);

pub(in crate::settings) const API_SECRET: TextField<SecretString> = TextField::new(
    "api_secret",
    TOKEN,
    "The secret of the API key.",
    "api_secret = \"0123456789abcdef0123456789abcdef\"",
)
.secret();

pub(in crate::settings) const API_URL: TextField<String> = TextField::new(
    "api_url",
    (
        value::public_url,
        "write an absolute https URL, with nothing behind its path",
    ),
    "Where the carrier's REST API is: one that is compatible with Twilio's has its own.",
    "api_url = \"https://api.twilio.com\"",
)
.or("\"https://api.twilio.com\"");

pub(in crate::settings) const SHARED_KEYS: Key = Key::new(
    "keys",
    names("webhooks_key_1", &Shape::Table(&[SHARED_SECRET.key])),
    "Keys that are shared for signatures alone, each by the name that a webhook says.",
    "keys.webhooks_key_1.secret = \"0123456789abcdef0123456789abcdef\"",
);

pub(in crate::settings) const SHARED_SECRET: TextField<SecretString> = TextField::new(
    "secret",
    TOKEN,
    "A key that is shared for signatures (`HMAC_SHA256`).",
    "secret = \"0123456789abcdef0123456789abcdef\"",
)
.secret();

pub(in crate::settings) const ACCOUNTS: Key = Key::new(
    "accounts",
    names(
        "ACfedcba9876543210fedcba9876543210",
        &Shape::Table(&[ACCOUNT_TOKEN.key]),
    ),
    "Subaccounts, each by its SID.",
    "accounts.ACfedcba9876543210fedcba9876543210.auth_token = \"0123456789abcdef0123456789abcdef\"",
);

pub(in crate::settings) const ACCOUNT_TOKEN: TextField<SecretString> = TextField::new(
    "auth_token",
    TOKEN,
    "A subaccount's own token.",
    "auth_token = \"0123456789abcdef0123456789abcdef\"",
)
.secret();

pub(in crate::settings) const RECORDINGS: Key = Key::new(
    "recordings",
    Shape::Table(&[
        RECORDINGS_WAIT.key,
        COPY.key,
        COPY_KEY.key,
        COPY_SECRET.key,
        COPY_REGION.key,
        COPY_ENDPOINT.key,
    ]),
    "",
    "recordings.wait = \"2m\"",
);

pub(in crate::settings) const RECORDINGS_WAIT: Field<Duration> = Field::between(
    "wait",
    ("0s", "1h"),
    "How long a submission waits at most until the carrier has told how a recording in it ended, and what was said where a \
     transcript is asked for. What comes later is sent as `recording.updated`.",
    "wait = \"2m\"",
)
.or("\"2m\"")
.bounds_help(
    "",
    "write at most 1h: the carrier tells within minutes, or never",
);

pub(in crate::settings) const COPY: TextField<String> = TextField::new(
    "copy",
    (value::copies, value::COPIES),
    "Where recordings are copied to once they are complete: `s3://BUCKET/PREFIX`, `gs://BUCKET/PREFIX`, \
     `az://CONTAINER/PREFIX` or `file:FOLDER`. Each is checked and then erased at the carrier. Where it is not set, \
     recordings stay at the carrier as long as the flow says (`keep`).",
    "copy = \"s3://bucket/calls\"",
);

pub(in crate::settings) const COPY_KEY: TextField<String> = TextField::new(
    "key",
    (value::word, "write the key's id, without spaces"),
    "The id of the access key for the bucket; for `az://`, the storage account. Where neither it nor `secret` is set, the \
     role of the machine is used.",
    "key = \"AKIAIOSFODNN7EXAMPLE\"",
);

pub(in crate::settings) const COPY_SECRET: TextField<SecretString> = TextField::new(
    "secret",
    (value::some_secret, "write the secret"),
    "The secret of that key; for `gs://`, the service account's key in JSON.",
    "secret = \"wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY\"",
)
.secret();

pub(in crate::settings) const COPY_REGION: TextField<String> = TextField::new(
    "region",
    (value::word, "write the region, such as eu-west-1"),
    "The region of an S3 bucket.",
    "region = \"eu-west-1\"",
);

pub(in crate::settings) const COPY_ENDPOINT: TextField<String> = TextField::new(
    "endpoint",
    (value::public_url, "write an absolute http or https URL"),
    "Where the storage is, if not at the provider's own address.",
    "endpoint = \"https://storage.example.com\"",
);
