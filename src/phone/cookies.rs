//! Cookies: kept for one call and sent back to whom they came from, as a browser would.

use super::address::{origin, split_fragment};

/// The cookies of a call.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    kept: Vec<Cookie>,
}

#[derive(Debug)]
struct Cookie {
    host: String,
    path: String,
    name: String,
    value: String,
}

/// The most that are kept.
const MOST: usize = 50;

impl Cookies {
    /// Keeps what a `Set-Cookie` header says.
    pub(super) fn keep(&mut self, url: &str, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else { return };
        let (host, mut path, mut gone) = (host(url), "/", false);
        for (key, value) in parts.filter_map(|part| part.split_once('=')) {
            match key.to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => path = value,
                "max-age" => gone = value.parse().is_ok_and(|seconds: i64| seconds <= 0),
                _ => {}
            }
        }
        self.kept.retain(|cookie| cookie.host != host || cookie.path != path || cookie.name != name);
        if !gone && self.kept.len() < MOST {
            let (host, path) = (host.to_owned(), path.to_owned());
            self.kept.push(Cookie { host, path, name: name.to_owned(), value: value.to_owned() });
        }
    }

    /// What is sent back to a URL.
    pub(super) fn header(&self, url: &str) -> Option<String> {
        if self.kept.is_empty() {
            return None;
        }
        let (host, path) = (host(url), path(url));
        let fits = |cookie: &&Cookie| {
            let rest = path.strip_prefix(cookie.path.trim_end_matches('/'));
            cookie.host == host && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let pairs: Vec<String> =
            self.kept.iter().filter(fits).map(|cookie| format!("{}={}", cookie.name, cookie.value)).collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// The host of a URL: ports share cookies.
fn host(url: &str) -> &str {
    let origin = origin(url);
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let ends = host.rfind(']').map_or(0, |at| at + 1);
    host[ends..].find(':').map_or(host, |at| &host[..ends + at])
}

fn path(url: &str) -> &str {
    let path = &split_fragment(url).0[origin(url).len()..];
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() { "/" } else { path }
}

#[cfg(test)]
mod tests {
    use super::Cookies;

    #[test]
    fn cookies_go_back_to_where_they_came_from() {
        let mut cookies = Cookies::default();
        assert_eq!(cookies.header("http://h:1/"), None);
        cookies.keep("http://h:1/a", "sid=1; HttpOnly; Path=/");
        cookies.keep("http://h:1/a", "lang=en; path=/ivr");
        assert_eq!(cookies.header("http://h:2/ivr/x?y").as_deref(), Some("sid=1; lang=en"));
        assert_eq!(cookies.header("http://h/ivrs").as_deref(), Some("sid=1"));
        assert_eq!(cookies.header("http://other/"), None);
        cookies.keep("http://h/", "sid=2");
        assert_eq!(cookies.header("http://h/").as_deref(), Some("sid=2"));
        cookies.keep("http://h/", "sid=; Max-Age=0");
        assert_eq!(cookies.header("http://h/"), None);
    }
}
