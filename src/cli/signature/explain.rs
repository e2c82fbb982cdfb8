//! The usual mistakes: what would have to be different for a signature to fit.

use super::TOKEN_SETTING;
use super::mistake::Mistake;
use super::respell::{reorder, respell};
use super::signing_input::SigningInput;

const PUBLIC_URL: &str = "HOOKSWITCH__SERVER__PUBLIC_URL";

/// Ports on which servers and proxies usually listen.
const PORTS: [u16; 8] = [80, 443, 3000, 4040, 5000, 8000, 8080, 8443];

/// Fields of an incoming call that Twilio sends empty where it knows nothing, and that logs like to leave out.
const OFTEN_EMPTY: [&str; 16] = [
    "FromCity",
    "FromState",
    "FromZip",
    "FromCountry",
    "ToCity",
    "ToState",
    "ToZip",
    "ToCountry",
    "CallerCity",
    "CallerState",
    "CallerZip",
    "CallerCountry",
    "CalledCity",
    "CalledState",
    "CalledZip",
    "CalledCountry",
];

/// Finds the mistake, or two at once, that explain a signature, in lines for people.
pub(super) fn explain(case: &SigningInput, signature: &str, also_hosts: &[String]) -> Vec<String> {
    let first = single(case, also_hosts);
    let rare: Vec<Mistake> = reorder(case)
        .into_iter()
        .chain(fewer_fields(case))
        .collect();
    for one in first.iter().chain(&rare) {
        if let Some(signed) = one.case.signed_url(signature) {
            return tell(case, &[one], &signed);
        }
    }
    for one in first.iter().filter(|one| one.case != *case) {
        for two in single(&one.case, also_hosts) {
            if let Some(signed) = two.case.signed_url(signature) {
                return tell(case, &[one, &two], &signed);
            }
        }
    }
    advise(case)
}

fn tell(case: &SigningInput, changes: &[&Mistake], signed: &str) -> Vec<String> {
    let hows: Vec<&str> = changes.iter().map(|change| change.how.as_str()).collect();
    let over = if signed == case.url() {
        String::new()
    } else {
        format!(", over `{signed}`")
    };
    let mut lines = vec![format!("it fits {}{over}", hows.join(" and "))];
    for change in changes {
        if !lines.contains(&change.advice) {
            lines.push(change.advice.clone());
        }
    }
    lines
}

/// What is left to look at when nothing explains a signature.
fn advise(case: &SigningInput) -> Vec<String> {
    let mut lines = vec!["no usual mistake explains it; what cannot be guessed:".to_owned()];
    let token = case.token.trim();
    if token.len() != 32 || !token.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let what = if token.starts_with("AC") || token.starts_with("SK") {
            "that is a SID"
        } else {
            "this one is not"
        };
        lines.push(format!(
            "- the token: Twilio's are 32 digits and letters a to f, and {what}"
        ));
    }
    lines.extend([
        "- another token: a subaccount's requests are signed with the subaccount's own token, and after a change of \
         tokens the one that is now the primary signs"
            .to_owned(),
        "- another host: give each one that it may have been with --also-host".to_owned(),
        "- other fields: give every field of the request, the empty ones and the unknown ones included".to_owned(),
    ]);
    lines
}

fn single(case: &SigningInput, also_hosts: &[String]) -> Vec<Mistake> {
    let mut all = address(case, also_hosts);
    all.extend(path(case));
    all.extend(respell(case));
    all.extend(places(case));
    all.extend(values(case));
    all.extend(token(case));
    all
}

fn change(how: impl Into<String>, advice: impl Into<String>, case: SigningInput) -> Mistake {
    Mistake {
        how: how.into(),
        advice: advice.into(),
        case,
    }
}

/// Scheme, host, port and user.
fn address(case: &SigningInput, also_hosts: &[String]) -> Vec<Mistake> {
    let mut all = vec![scheme(case)];
    if case.user.is_some() {
        let advice = format!(
            "Write the user and password into {PUBLIC_URL} too, then the server accepts it."
        );
        all.push(change(
            "with the user and password left in the URL",
            advice,
            SigningInput {
                with_user: true,
                ..case.clone()
            },
        ));
    }
    let hosted = |host: String| SigningInput {
        host,
        ..case.clone()
    };
    let advice = format!("Set {PUBLIC_URL} to the address that Twilio calls.");
    let (how, host) = match case.host.strip_prefix("www.") {
        Some(bare) => ("without `www.`", bare.to_owned()),
        None => ("with `www.` before the host", format!("www.{}", case.host)),
    };
    all.push(change(how, &advice, hosted(host)));
    all.push(change(
        "with the host in lower case",
        &advice,
        hosted(case.host.to_ascii_lowercase()),
    ));
    for host in also_hosts {
        all.push(change(
            format!("with the host `{host}`"),
            &advice,
            hosted(host.clone()),
        ));
    }
    let colon = case
        .host
        .rfind(':')
        .filter(|at| !case.host[*at..].contains(']'));
    let bare = &case.host[..colon.unwrap_or(case.host.len())];
    for port in PORTS {
        all.push(change(
            format!("with the port {port}"),
            &advice,
            hosted(format!("{bare}:{port}")),
        ));
    }
    all
}

fn scheme(case: &SigningInput) -> Mistake {
    let (other, advice) = if case.scheme == "https" {
        (
            "http",
            format!(
                "Twilio asked over http: change the address at Twilio to https, or set {PUBLIC_URL} to the http address."
            ),
        )
    } else {
        (
            "https",
            format!(
                "Twilio asked over https, and a proxy hands the request on as http: set {PUBLIC_URL} to the https address."
            ),
        )
    };
    let how = format!("with {other} in place of {}", case.scheme);
    change(
        how,
        advice,
        SigningInput {
            scheme: other.to_owned(),
            ..case.clone()
        },
    )
}

/// Slashes of the path, and a query that got lost.
fn path(case: &SigningInput) -> Vec<Mistake> {
    let advice = "Write the address at Twilio with the very path that reaches the server, and keep proxies and frameworks \
                  from adding or removing slashes.";
    let (path, query) = (case.path(), case.query());
    let (how, other) = match path.strip_suffix('/') {
        Some(bare) => ("without the slash at the path's end", bare.to_owned()),
        None => ("with a slash at the path's end", format!("{path}/")),
    };
    let mut all = vec![change(how, advice, case.at(&other, query))];
    all.push(change(
        "with `//` made `/`",
        advice,
        case.at(&path.replace("//", "/"), query),
    ));
    if let Some(second) = path.get(1..).and_then(|rest| rest.find('/')) {
        let advice = format!(
            "Twilio asked without it: take it out of {PUBLIC_URL}, or keep the proxy from adding it."
        );
        all.push(change(
            "without the first part of the path",
            advice,
            case.at(&path[second + 1..], query),
        ));
    }
    if query.is_some() {
        let advice = "Twilio was given the address without its query; write it there in full.";
        all.push(change("without the query", advice, case.at(path, None)));
    }
    all
}

/// Fields in the body, in the query, in both or in neither.
fn places(case: &SigningInput) -> Vec<Mistake> {
    let mut all = Vec::new();
    if !case.fields.is_empty() {
        all.extend(fields_elsewhere(case));
    }
    let of_query = case.query_fields();
    if !of_query.is_empty() {
        all.extend(query_elsewhere(case, &of_query));
    }
    all
}

/// The fields left out, or in the query.
fn fields_elsewhere(case: &SigningInput) -> [Mistake; 2] {
    let left_out = SigningInput {
        fields: Vec::new(),
        ..case.clone()
    };
    let encoded = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&case.fields)
        .finish();
    let query = case
        .query()
        .map_or_else(|| encoded.clone(), |own| format!("{own}&{encoded}"));
    let in_query = SigningInput {
        fields: Vec::new(),
        ..case.at(case.path(), Some(&query))
    };
    [
        change(
            "without the fields",
            "It was a GET, and only its URL is signed: leave the fields out.",
            left_out,
        ),
        change(
            "with the fields in the query",
            "It was a GET, whose fields are in the URL: give the whole URL and no fields, or set the method at Twilio to \
             POST.",
            in_query,
        ),
    ]
}

/// The query's parameters left out of the fields, among them, or moved there.
fn query_elsewhere(case: &SigningInput, of_query: &[(String, String)]) -> [Mistake; 3] {
    let with = |fields: Vec<(String, String)>| SigningInput {
        fields,
        ..case.clone()
    };
    let rest = case
        .fields
        .iter()
        .filter(|field| !of_query.contains(field))
        .cloned()
        .collect();
    let both = [case.fields.as_slice(), of_query].concat();
    let moved = SigningInput {
        fields: both.clone(),
        ..case.at(case.path(), None)
    };
    [
        change(
            "without the fields that are in the query already",
            "What is in the query is not a field of the body: frameworks that mix the two must be asked for the body's \
             fields alone.",
            with(rest),
        ),
        change(
            "with the query's parameters signed as fields too",
            "The signer took the query's parameters for fields of the body as well; Twilio does not.",
            with(both),
        ),
        change(
            "with the query's parameters as fields in its place",
            "It was a POST, whose fields are in the body: give them with --param, and the URL without them.",
            moved,
        ),
    ]
}

/// What logs and programs do to fields: to all of them, or to each value.
fn values(case: &SigningInput) -> Vec<Mistake> {
    if case.fields.is_empty() {
        return Vec::new();
    }
    let [full, padded, first, last] = other_fields(case);
    let mut all = vec![full, padded];
    all.extend(other_values(case));
    all.extend([first, last]);
    all
}

/// Empty fields and repeated ones.
fn other_fields(case: &SigningInput) -> [Mistake; 4] {
    let with = |fields: Vec<(String, String)>| SigningInput {
        fields,
        ..case.clone()
    };
    let given = case.fields.iter();
    let full = given.clone().filter(|(_, value)| !value.is_empty());
    let absent = OFTEN_EMPTY
        .iter()
        .filter(|name| case.fields.iter().all(|(given, _)| given != *name));
    let padded = given
        .clone()
        .cloned()
        .chain(absent.map(|name| ((*name).to_owned(), String::new())));
    let repeated = "The signer drops repeated fields; Twilio signs every distinct value.";
    [
        change(
            "without the empty fields",
            "The signer leaves empty fields out; Twilio signs their names.",
            with(full.cloned().collect()),
        ),
        change(
            "with empty fields such as `FromCity` that were not given",
            "Empty fields are signed too: give every field of the request, `--param FromCity=` for an empty one.",
            with(padded.collect()),
        ),
        change(
            "with the first value of each name alone",
            repeated,
            with(first_values(given.clone())),
        ),
        change(
            "with the last value of each name alone",
            repeated,
            with(first_values(given.rev())),
        ),
    ]
}

/// Values that were trimmed or encoded.
fn other_values(case: &SigningInput) -> [Mistake; 4] {
    let each = |edit: &dyn Fn(&str) -> String| {
        let edited = |(name, value): &(String, String)| (name.clone(), edit(value));
        SigningInput {
            fields: case.fields.iter().map(edited).collect(),
            ..case.clone()
        }
    };
    let with_plus = |value: &str| {
        value
            .strip_prefix(' ')
            .map_or_else(|| value.to_owned(), |rest| format!("+{rest}"))
    };
    let encoded = "Give the values decoded, as they are before they are put into a form.";
    [
        change(
            "with the white space around values removed",
            "White space around values is signed: pass values on as they came, without trimming.",
            each(&|value| value.trim().to_owned()),
        ),
        change(
            "with the space before a number made a `+`",
            "A `+` was read as a space: give numbers as `--param From=+1555…`, or write it %2B where it is encoded.",
            each(&with_plus),
        ),
        change(
            "with `%…` in values decoded",
            encoded,
            each(&|value| decode(value, false)),
        ),
        change(
            "with `%…` and `+` in values decoded",
            encoded,
            each(&|value| decode(value, true)),
        ),
    ]
}

/// Decodes a value as a form does; a plus sign at its beginning is that of a number.
fn decode(value: &str, plus: bool) -> String {
    let (sign, rest) = value
        .strip_prefix('+')
        .map_or(("", value), |rest| ("+", rest));
    let hidden = rest.replace('&', "%26").replace('=', "%3D");
    let hidden = if plus {
        hidden
    } else {
        hidden.replace('+', "%2B")
    };
    let text = form_urlencoded::parse(hidden.as_bytes())
        .next()
        .map(|(text, _)| text.into_owned());
    format!("{sign}{}", text.unwrap_or_default())
}

fn first_values<'a>(fields: impl Iterator<Item = &'a (String, String)>) -> Vec<(String, String)> {
    let mut kept: Vec<(String, String)> = Vec::new();
    for field in fields {
        if kept.iter().all(|(name, _)| *name != field.0) {
            kept.push(field.clone());
        }
    }
    kept
}

/// One field too many: some carriers and proxies add fields that are not signed.
fn fewer_fields(case: &SigningInput) -> Vec<Mistake> {
    let without = |(at, (name, _)): (usize, &(String, String))| {
        let mut fields = case.fields.clone();
        fields.remove(at);
        let advice = format!(
            "`{name}` was added or changed after signing: compare the fields with what Twilio sent."
        );
        change(
            format!("without the field `{name}`"),
            advice,
            SigningInput {
                fields,
                ..case.clone()
            },
        )
    };
    case.fields.iter().enumerate().map(without).collect()
}

fn token(case: &SigningInput) -> Vec<Mistake> {
    let bare = case
        .token
        .trim()
        .trim_matches(['"', '\''])
        .trim()
        .to_owned();
    let advice =
        format!("Remove what stands around the token in {TOKEN_SETTING}, or wherever it is kept.");
    let with = |token: String| SigningInput {
        token,
        ..case.clone()
    };
    let mut all = vec![
        change(
            "with the quotes and white space around the token removed",
            &advice,
            with(bare.clone()),
        ),
        change(
            "with the token in lower case",
            "Write the token in lower case.",
            with(bare.to_ascii_lowercase()),
        ),
    ];
    for (how, around) in [
        ("a line break after", ("", "\n")),
        ("quotes around", ("\"", "\"")),
        ("a space after", ("", " ")),
    ] {
        let token = format!("{}{bare}{}", around.0, around.1);
        let advice = "Whoever signed holds the token with more around it than belongs to it: remove that there.";
        all.push(change(format!("with {how} the token"), advice, with(token)));
    }
    all
}
