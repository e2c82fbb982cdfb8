//! The settings of codes by SMS.

use secrecy::SecretString;

use super::super::{Sender, value};
use crate::verify::LimitMode;
use crate::written::keys::{Key, Shape};
use crate::written::{Field, TextField};

/// The most that a limit can be: a carrier sends fewer in a day.
const MOST: u32 = 1_000_000;

pub(in crate::settings) const VERIFY: Key = Key::new(
    "verify",
    Shape::Table(&[
        MODE.key,
        NUMBER_TEN_MINUTES.key,
        NUMBER_DAY.key,
        PREFIX_HOUR.key,
        PREFIX_DAY.key,
        SOURCE_HOUR.key,
        SOURCE_DAY.key,
        SOURCE_COUNTRIES.key,
        COUNTRY_HOUR.key,
        COUNTRY_DAY.key,
        SHARE.key,
        FORM_TOKEN.key,
        FORM_FROM.key,
        FORM_WORDS.key,
        FORM_ORIGIN.key,
    ]),
    "How many one-time codes may be sent by SMS that nobody enters (`hookswitch verify simulate` plays attacks against it). \
     What is entered counts against nobody. `[policy]` holds too.",
    "verify.mode = \"deny\"",
);

pub(in crate::settings) const MODE: TextField<LimitMode> = TextField::new(
    "mode",
    (LimitMode::named, "write record or deny"),
    "What becomes of a code that is over a limit: `record` logs and counts it and sends it all the same, except for the two \
     limits of a number; `deny` does not send it. Record until your own traffic is known, then deny.",
    "mode = \"deny\"",
)
.or("\"record\"");

pub(in crate::settings) const NUMBER_TEN_MINUTES: Field<u32> = limit(
    "number_ten_minutes",
    "To one number in ten minutes. Always kept.",
    "number_ten_minutes = 5",
)
.or("5");

pub(in crate::settings) const NUMBER_DAY: Field<u32> = limit(
    "number_day",
    "To one number in a day, and how often codes of it may be tried in a day. Always kept.",
    "number_day = 10",
)
.or("10");

pub(in crate::settings) const PREFIX_HOUR: Field<u32> = limit(
    "prefix_hour",
    "To all numbers together that differ in their last four digits only, in an hour.",
    "prefix_hour = 5",
)
.or("5");

pub(in crate::settings) const PREFIX_DAY: Field<u32> =
    limit("prefix_day", "The same in a day.", "prefix_day = 10").or("10");

pub(in crate::settings) const SOURCE_HOUR: Field<u32> = limit(
    "source_hour",
    "For one caller on one line, or one customer of a web form, in an hour.",
    "source_hour = 5",
)
.or("5");

pub(in crate::settings) const SOURCE_DAY: Field<u32> =
    limit("source_day", "The same in a day.", "source_day = 10").or("10");

pub(in crate::settings) const SOURCE_COUNTRIES: Field<u32> = limit(
    "source_countries",
    "To so many countries for one of them in a day; countries where a code was entered do not count.",
    "source_countries = 3",
)
.or("3");

pub(in crate::settings) const COUNTRY_HOUR: Field<u32> = limit(
    "country_hour",
    "To one country in an hour; a sixth of what it may have in a day, where that is more.",
    "country_hour = 3",
)
.or("3");

pub(in crate::settings) const COUNTRY_DAY: Field<u32> = limit(
    "country_day",
    "To one country in a day.",
    "country_day = 20",
)
.or("20");

pub(in crate::settings) const SHARE: Field<u32> = Field::whole(
    "share",
    (0, 100),
    "Of a hundred codes that are entered so many more may be sent and not entered: to a country, for one caller or customer, \
     to numbers that begin alike.",
    "share = 20",
)
.or("20")
.bounds_help(
    "write 0 for limits that do not grow",
    "write at most 100: that is one for each that is entered",
);

pub(in crate::settings) const FORM_TOKEN: TextField<SecretString> = TextField::new(
    "token",
    (value::token, "write the token, without spaces"),
    "Whoever has it may have codes sent for a web form (`POST /verify/start` and `/verify/check`, `Authorization: Bearer …`). At \
     least 16 characters (`openssl rand -hex 16`).",
    "token = \"4f9d2c6b8a7e1d3c\"",
)
.secret();

pub(in crate::settings) const FORM_FROM: TextField<Sender> = TextField::new(
    "from",
    (
        value::sender,
        "write a plus, country code and number, no spaces: \"+442079460123\"; or a messaging service: \"MG…\"",
    ),
    "Who the codes of a web form come from: a number of the account, or a messaging service (`MG…`).",
    "from = \"+442079460123\"",
);

pub(in crate::settings) const FORM_WORDS: TextField<String> = TextField::new(
    "words",
    (
        value::words_with_code,
        "write `{{ verify.code }}` where the code stands",
    ),
    "What the SMS of a web form says, `{{ verify.code }}` for the code.",
    "words = \"{{ verify.code }} is your code for Example. Tell nobody.\"",
)
.or("\"{{ verify.code }} is your code. Tell nobody.\"");

pub(in crate::settings) const FORM_ORIGIN: TextField<String> = TextField::new(
    "origin",
    (
        value::host,
        "write the site's name alone, such as example.com",
    ),
    "The site that the code of a web form belongs to: the last line of the SMS says so, and browsers offer the code there \
     alone.",
    "origin = \"example.com\"",
);

const fn limit(name: &'static str, doc: &'static str, example: &'static str) -> Field<u32> {
    Field::whole(name, (0, MOST), doc, example).bounds_help(
        "write 0 to send none",
        "write at most 1000000: a limit that is never met is none",
    )
}
