//! The page and what it is made of: a few files, part of the binary.
//!
//! `include_str!` and not a crate that embeds folders: there are a few files, known by name, and none is read at run time.

use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderMap};
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use sha2::{Digest as _, Sha256};

use super::PageAccess;

const INDEX: &str = include_str!("assets/index.html");
const OPERATOR: &str = include_str!("assets/operator.html");
const LOGIN: &str = include_str!("assets/login.html");

/// A file of the page.
struct Asset {
    name: &'static str,
    content_type: &'static str,
    text: &'static str,
    /// A hash of it, so that a browser that has it need not fetch it again.
    tag: String,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let asset = |name, content_type, text: &'static str| Asset {
        name,
        content_type,
        text,
        tag: tag(text),
    };
    vec![
        asset(
            "console.css",
            "text/css; charset=utf-8",
            include_str!("assets/console.css"),
        ),
        asset(
            "console.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/console.js"),
        ),
        asset(
            "sound.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/sound.js"),
        ),
        asset(
            "microphone.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/microphone.js"),
        ),
        asset(
            "panels.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/panels.js"),
        ),
        asset(
            "graph.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/graph.js"),
        ),
        asset(
            "operator.css",
            "text/css; charset=utf-8",
            include_str!("assets/operator.css"),
        ),
        asset(
            "operator.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/operator.js"),
        ),
        asset(
            "dom.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/dom.js"),
        ),
        asset(
            "deliveries.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/deliveries.js"),
        ),
        asset(
            "call_list.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/call_list.js"),
        ),
        asset(
            "one_call.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/one_call.js"),
        ),
        asset(
            "traffic.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/traffic.js"),
        ),
        asset(
            "hours.js",
            "text/javascript; charset=utf-8",
            include_str!("assets/hours.js"),
        ),
        asset("icon.svg", "image/svg+xml", include_str!("assets/icon.svg")),
    ]
});

fn tag(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let hex: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

/// The page with the telephone, or the form to log in.
pub async fn index(request: HttpRequest, door: Data<PageAccess>) -> HttpResponse {
    page(INDEX, &request, &door)
}

/// The operator's page, or the form to log in.
pub async fn operator(request: HttpRequest, door: Data<PageAccess>) -> HttpResponse {
    page(OPERATOR, &request, &door)
}

fn page(text: &str, request: &HttpRequest, door: &PageAccess) -> HttpResponse {
    let html = |text: &str| {
        HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body(text.to_owned())
    };
    if !door.knows(request.headers(), request.peer_addr().map(|peer| peer.ip())) {
        return html(LOGIN);
    }
    // The way out stands on the page only where there was a way in.
    let out = if door.asks() { "" } else { "hidden" };
    let operate = if door.operates() { "" } else { "hidden" };
    html(
        &text
            .replace("{{logout}}", out)
            .replace("{{operate}}", operate),
    )
}

/// A file of the page. Browsers ask each time whether it is the one that they have.
pub async fn asset(request: HttpRequest) -> HttpResponse {
    let name = request.match_info().query("file");
    let Some(asset) = ASSETS.iter().find(|asset| asset.name == name) else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::ETAG, asset.tag.clone()))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    if is_known(request.headers(), &asset.tag) {
        return response
            .status(actix_web::http::StatusCode::NOT_MODIFIED)
            .finish();
    }
    response.content_type(asset.content_type).body(asset.text)
}

fn is_known(headers: &HeaderMap, tag: &str) -> bool {
    let tags = headers
        .get(header::IF_NONE_MATCH)
        .and_then(|tags| tags.to_str().ok());
    tags.is_some_and(|tags| {
        tags.split(',')
            .any(|other| other.trim().trim_start_matches("W/") == tag)
    })
}

#[cfg(test)]
mod tests {
    use super::{ASSETS, INDEX, LOGIN, OPERATOR};

    #[test]
    fn nothing_in_the_page_stands_inline_or_elsewhere() {
        for text in ASSETS
            .iter()
            .map(|asset| asset.text)
            .chain([INDEX, OPERATOR, LOGIN])
        {
            for url in text
                .split("http")
                .skip(1)
                .filter(|rest| rest.starts_with("://") || rest.starts_with("s://"))
            {
                assert!(
                    url.starts_with("://www.w3.org/2000/svg"),
                    "{}",
                    url.lines().next().unwrap_or_default()
                );
            }
        }
        for html in [INDEX, OPERATOR, LOGIN] {
            assert!(
                !html.contains("<style")
                    && !html.contains(" style=")
                    && !html.contains(" onclick=")
            );
            assert!(
                html.matches("<script").count()
                    == html
                        .matches("<script type=\"module\" src=\"/console/")
                        .count()
            );
        }
    }

    #[test]
    fn every_file_that_the_page_names_is_there() {
        for text in ASSETS
            .iter()
            .map(|asset| asset.text)
            .chain([INDEX, OPERATOR, LOGIN])
        {
            for part in text.split("\"/console/").skip(1) {
                let name = part.split('"').next().unwrap_or_default();
                let is_file =
                    name.ends_with(".js") || name.ends_with(".css") || name.ends_with(".svg");
                assert!(
                    !is_file || ASSETS.iter().any(|asset| asset.name == name),
                    "{name}"
                );
            }
        }
    }
}
