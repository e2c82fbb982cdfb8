//! The keys of `http`, for editors.

use super::super::take::TAKE;
use super::outcomes::{ERROR, FAILED, GOOD, MISFIT, REFUSED, TIME_LIMIT as TOO_LATE};
use crate::engine::keys::outcomes::way;
use crate::engine::keys::shared::{APPEND, FORGET, FULL, NAMED, NEXT, PROMPT, SET, WAY_OR_TARGET};
use crate::engine::service::ServiceMethod;
use crate::written::Field;
use crate::written::keys::{Key, Names, Shape};

const HTTP: Key = Key::new(
    "http",
    Shape::Form(NAMED),
    "The service that is asked. `[services]` of the settings says where it is and what it knows us by.",
    "http = \"stock\"",
)
.required();

/// A path below the service's URL.
const PATH: Shape = Shape::Form("^/");

const GET: Key = method(
    ServiceMethod::Get,
    "Reads something there.",
    "get = \"/articles/{{ call.party }}\"",
);
const POST: Key = method(
    ServiceMethod::Post,
    "Hands something in there.",
    "post = \"/orders\"",
);
const PUT: Key = method(
    ServiceMethod::Put,
    "Puts something there.",
    "put = \"/orders/{{ order }}\"",
);
const DELETE: Key = method(
    ServiceMethod::Delete,
    "Takes something away there.",
    "delete = \"/orders/{{ order }}\"",
);

/// The keys of which a step has one.
pub(super) const METHODS: [(ServiceMethod, Key); 4] = [
    (ServiceMethod::Get, GET),
    (ServiceMethod::Post, POST),
    (ServiceMethod::Put, PUT),
    (ServiceMethod::Delete, DELETE),
];

const fn method(of: ServiceMethod, doc: &'static str, example: &'static str) -> Key {
    let name = match of {
        ServiceMethod::Get => "get",
        ServiceMethod::Post => "post",
        ServiceMethod::Put => "put",
        ServiceMethod::Delete => "delete",
    };
    Key::new(name, PATH, doc, example)
}

/// The whole first request, alone.
const REQUEST: Shape = Shape::Form("^\\{\\{ *call\\.request *\\}\\}$");

pub(super) const JSON: Key = Key::new(
    "json",
    Shape::Either(&[Shape::Open, REQUEST]),
    "What goes along, as JSON. Texts may have holes; one that is nothing but a hole keeps the type of what it reads. May hold \
     sensitive answers, for a service that is `trusted`.",
    "json = { article = \"{{ article }}\", count = 1 }",
);

pub(super) const FORM: Key = Key::new(
    "form",
    Shape::Either(&[Shape::Open, REQUEST]),
    "What goes along, as the fields of a form; `\"{{ call.request }}\"` for those that the call began with. May hold sensitive answers, for a service that is `trusted`.",
    "form = { article = \"{{ article }}\" }",
);

pub(super) const QUERY: Key = Key::new(
    "query",
    Shape::Open,
    "The fields of the query, behind the path. They hold no sensitive answer.",
    "query = { day = \"{{ day }}\" }",
);

pub(super) const TIME_LIMIT: Field<u32> = Field::seconds(
    "time_limit",
    (1, 60),
    "How long the caller waits for the answer at most.",
    "time_limit = \"3s\"",
)
.or("\"5s\"");

pub(super) const HOLD: Key = Key::new(
    "hold",
    PROMPT,
    "What the caller hears where it lasts, again and again; words of Hookswitch's own where nothing is said.",
    "hold = \"One moment, please.\"",
);

const ON: Key = Key::new(
    "on",
    Shape::Names(Names {
        form: "^[45][0-9][0-9]$",
        sample: "404",
        of: &WAY_OR_TARGET,
        fixed: &[
            way(&GOOD, "2xx = \"ready\""),
            way(&REFUSED, "4xx = \"unknown\""),
            way(&FAILED, "5xx = \"later\""),
            way(&MISFIT, "misfit = \"later\""),
            way(&TOO_LATE, "time_limit = \"later\""),
            way(&ERROR, "error = \"later\""),
        ],
        some: false,
    }),
    "Where the call goes on, by what came of it: a status, or one of these. `next` is for every 2xx, `error` also for all that \
     has no way of its own.",
    "on.404 = \"unknown\"",
);

/// The action, and what qualifies it.
pub(super) fn keys() -> Vec<Key> {
    vec![
        HTTP,
        NEXT,
        SET,
        APPEND,
        FULL,
        FORGET,
        ON,
        GET,
        POST,
        PUT,
        DELETE,
        JSON,
        FORM,
        QUERY,
        TAKE,
        TIME_LIMIT.key,
        HOLD,
    ]
}
