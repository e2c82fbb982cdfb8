//! `hookswitch signature`: signs a request as Twilio would, and says why a signature does not fit.

mod explain;
mod mistake;
mod respell;
mod signing_input;

use std::io::Write;
use std::path::{Path, PathBuf};

use self::signing_input::SigningInput;
use super::exit;
use crate::twilio::signature::{Refusal, SignedRequest, Verified, body_sha256, sign, verify};
use crate::twilio::{InvalidPublicUrl, MAX_FIELDS, PublicUrl, SignedText, Spelling, Tokens};

const TOKEN_SETTING: &str = "HOOKSWITCH__TWILIO__AUTH_TOKEN";

/// Sign a request as Twilio would, or find out why a signature does not fit
///
/// Prints the signature on the first line. With --expect, the lines after it say whether the server accepts that
/// signature and, if not, which usual mistake explains it.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct SignatureArgs {
    /// Auth token of the account that the request names
    ///
    /// Without it, the environment's HOOKSWITCH__TWILIO__AUTH_TOKEN is taken (or the file that
    /// HOOKSWITCH__TWILIO__AUTH_TOKEN_FILE names), so that the token need not be on the command line.
    #[arg(long, value_name = "TOKEN", allow_hyphen_values = true)]
    pub token: Option<String>,

    /// URL that Twilio requested, with its query, exactly as it was written
    #[arg(long, value_name = "URL")]
    pub url: String,

    /// One field of the form, not encoded; repeat it for each field
    ///
    /// Leave all of them out for a GET, whose fields are in the URL.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = parse_param, allow_hyphen_values = true)]
    pub params: Vec<(String, String)>,

    /// File with the raw body, for a request whose body is JSON and whose URL has a bodySHA256
    #[arg(long, value_name = "FILE", conflicts_with = "params")]
    pub body: Option<PathBuf>,

    /// Signature that came in the X-Twilio-Signature header
    #[arg(long, value_name = "SIGNATURE", allow_hyphen_values = true)]
    pub expect: Option<String>,

    /// Another host that the request may have been signed for, such as that of a tunnel; may repeat
    #[arg(long = "also-host", value_name = "HOST")]
    pub also_hosts: Vec<String>,
}

fn parse_param(text: &str) -> Result<(String, String), &'static str> {
    let (name, value) = text.split_once('=').ok_or("write it as NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// What kept the command from its work.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("no token: give --token, or set {TOKEN_SETTING}")]
    NoToken,
    #[error("--url `{url}`: {source}")]
    Url {
        url: String,
        source: InvalidPublicUrl,
    },
    #[error("`{}` cannot be read: {source}", path.display())]
    File {
        path: PathBuf,
        source: std::io::Error,
    },
}

impl Error {
    fn exit_code(&self) -> u8 {
        match self {
            Self::NoToken | Self::Url { .. } => exit::USAGE,
            Self::File { .. } => exit::SURROUNDINGS,
        }
    }
}

/// What is printed: the signature on the first line, then what there is to say.
#[derive(Debug)]
struct Report {
    lines: Vec<String>,
    code: u8,
}

/// Runs the subcommand and gives its exit code.
pub fn run(args: &SignatureArgs) -> u8 {
    match report(args, |name| std::env::var(name).ok()) {
        Ok(report) => {
            // A reader that has gone away, such as `head -1`, changes nothing about the outcome.
            let _ = writeln!(std::io::stdout(), "{}", report.lines.join("\n"));
            report.code
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "error: {error}");
            error.exit_code()
        }
    }
}

fn report(
    args: &SignatureArgs,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Report, Error> {
    let token = find_token(args, environment)?;
    let body = args.body.as_deref().map(read).transpose()?;
    let (case, notes) =
        SigningInput::new(token, &args.url, &args.params).map_err(|source| Error::Url {
            url: args.url.clone(),
            source,
        })?;
    let mut lines = vec![sign(&case.token, &case.url(), &case.fields)];
    lines.extend(notes);
    let faults = match &args.expect {
        Some(expect) => judge(
            &case,
            body.as_deref(),
            expect.trim(),
            &args.also_hosts,
            &mut lines,
        )?,
        None => body.is_some_and(|body| explain_body(&case, &body, &mut lines)),
    };
    Ok(Report {
        lines,
        code: if faults { exit::FAULTS } else { exit::WELL },
    })
}

fn find_token(
    args: &SignatureArgs,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<String, Error> {
    let set = |text: &String| !text.trim().is_empty();
    if let Some(token) = args
        .token
        .clone()
        .or_else(|| environment(TOKEN_SETTING).filter(set))
    {
        return Some(token).filter(set).ok_or(Error::NoToken);
    }
    let path = environment(&format!("{TOKEN_SETTING}_FILE"))
        .filter(set)
        .ok_or(Error::NoToken)?;
    let text = String::from_utf8_lossy(&read(Path::new(&path))?)
        .trim()
        .to_owned();
    Some(text).filter(set).ok_or(Error::NoToken)
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|source| Error::File {
        path: path.to_owned(),
        source,
    })
}

/// Says whether the server accepts a signature, and if not, why. Gives whether there is a fault.
fn judge(
    case: &SigningInput,
    body: Option<&[u8]>,
    expect: &str,
    also_hosts: &[String],
    lines: &mut Vec<String>,
) -> Result<bool, Error> {
    let refusal = match check(case, body, expect)? {
        Ok(verified) => {
            lines.push(accepted(case, verified));
            return Ok(false);
        }
        Err(refusal) => refusal,
    };
    lines.push("does not fit: the server refuses it".to_owned());
    match refusal {
        _ if case.fields.len() > MAX_FIELDS => {
            lines.push(format!("the server takes {MAX_FIELDS} fields at most"));
        }
        Refusal::Malformed => lines.push(malformed(expect)),
        Refusal::BodyUnsigned | Refusal::BodyDiffers => {
            explain_body(case, body.unwrap_or_default(), lines);
        }
        _ => lines.extend(explain::explain(case, expect, also_hosts)),
    }
    Ok(true)
}

/// Asks exactly what the server asks, with the public address that the URL tells.
fn check(
    case: &SigningInput,
    body: Option<&[u8]>,
    expect: &str,
) -> Result<Result<Verified, Refusal>, Error> {
    let address = case.address();
    let url = PublicUrl::parse(&address).map_err(|source| Error::Url {
        url: address,
        source,
    })?;
    let (content_type, body): (&[u8], _) = match body {
        Some(body) => (b"application/json", body.to_vec()),
        None => (b"application/x-www-form-urlencoded", encode(&case.fields)),
    };
    let request = SignedRequest {
        post: true,
        target: case.target.as_bytes(),
        content_type: Some(content_type),
        body: &body,
        signature: Some(expect.as_bytes()),
        settings: None,
    };
    // A form that the server does not take is refused whatever its signature.
    let Ok(form) = request.form() else {
        return Ok(Err(Refusal::Mismatch));
    };
    Ok(verify(
        &request,
        &form,
        &SignedText::of(&request, &form),
        &Tokens::new(Some(&case.token), None, []),
        &url,
    ))
}

fn encode(fields: &[(String, String)]) -> Vec<u8> {
    form_urlencoded::Serializer::new(String::new())
        .extend_pairs(fields)
        .finish()
        .into_bytes()
}

fn accepted(case: &SigningInput, verified: Verified) -> String {
    match verified.spelling {
        Spelling::PortAdded => format!(
            "fits, with the default port added to `{}`: the server accepts it",
            case.url()
        ),
        Spelling::PortRemoved => format!(
            "fits, with the port removed from `{}`: the server accepts it",
            case.url()
        ),
        Spelling::AsGiven | Spelling::WithUser => "fits: the server accepts it".to_owned(),
    }
}

fn malformed(expect: &str) -> String {
    let length = expect.chars().count();
    format!(
        "a signature is 28 characters of A-Z a-z 0-9 + /, the last one `=`; this one has {length}: copy the whole header, \
         and set it in quotes"
    )
}

/// Says what is wrong with a body that is not a form. Gives whether there is a fault.
fn explain_body(case: &SigningInput, body: &[u8], lines: &mut Vec<String>) -> bool {
    let real = body_sha256(body);
    let query = case.query().unwrap_or_default();
    let Some(told) = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("bodySHA256="))
    else {
        lines.push(format!(
            "the URL has no bodySHA256, so nothing vouches for the body: the server refuses it. Twilio puts \
             `bodySHA256={real}` into the URL of this one"
        ));
        return true;
    };
    if told == real {
        return false;
    }
    lines.push(format!(
        "the body's SHA-256 is {real}, and the URL says {told}: the server refuses it"
    ));
    lines.push(body_mistake(body, told).to_owned());
    true
}

/// Which usual mistake makes a body differ from its hash.
fn body_mistake(body: &[u8], told: &str) -> &'static str {
    let ends = |end: &[u8]| body_sha256(&[body.trim_ascii_end(), end].concat()) == told;
    if told.eq_ignore_ascii_case(&body_sha256(body)) {
        "it is the same hash in upper case: Twilio writes it in lower case, so something changes the URL on its way"
    } else if ends(b"") {
        "it fits without the white space at the body's end: save the body without the last line break"
    } else if ends(b"\n") || ends(b"\r\n") {
        "it fits with a line break at the body's end: save the body exactly as it came"
    } else if resaved(body).is_some_and(|text| body_sha256(&text) == told) {
        "it fits without the spaces between its parts: the JSON was parsed and written again; save the raw bytes"
    } else {
        "save the raw bytes of the body as they came, not what a program made of them"
    }
}

/// JSON as most programs write it: without spaces.
fn resaved(body: &[u8]) -> Option<Vec<u8>> {
    serde_json::to_vec(&serde_json::from_slice::<serde_json::Value>(body).ok()?).ok()
}

#[cfg(test)]
mod tests;
