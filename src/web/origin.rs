//! Where an unsigned request comes from: this machine itself, or somebody that a proxy, a tunnel or a browser lets through.

use actix_web::HttpRequest;
use actix_web::http::Version;
use actix_web::http::header::{self, HeaderMap, HeaderName};

/// Headers, or beginnings of headers, that whoever hands a request on writes into it.
const FORWARDED: [&str; 18] = [
    "forwarded",
    "via",
    "x-forwarded",
    "x-real-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-",
    "x-proxy",
    "x-envoy-",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "x-azure-",
    "true-client-ip",
    "client-ip",
    "cf-",
    "cdn-loop",
    "fastly-",
    "fly-",
];

/// Whether a request was made on this machine, to this machine. What a proxy adds is looked for, and HTTP/1.0, which nginx
/// speaks to what stands behind it unless told otherwise; a proxy that adds nothing and speaks HTTP/1.1 cannot be told
/// from a program on this machine.
pub fn is_local(request: &HttpRequest) -> bool {
    let is_peer = request
        .peer_addr()
        .is_some_and(|peer| peer.ip().to_canonical().is_loopback());
    is_peer && request.version() > Version::HTTP_10 && is_from_here(request.headers())
}

/// A name that leads here from outside (a rebound one) is not loopback, a proxy or tunnel says so in its headers, and a
/// page of another site in a browser on this machine has another origin, or says that it is another site.
pub fn is_from_here(headers: &HeaderMap) -> bool {
    let Some(host) = host(headers).filter(|host| is_loopback(host)) else {
        return false;
    };
    let text = |name: HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().unwrap_or_default())
    };
    let own = |origin: &str| {
        origin
            .strip_prefix("http://")
            .is_some_and(|origin| origin.eq_ignore_ascii_case(host))
    };
    let same = |site: &str| site == "same-origin" || site == "none";
    !is_forwarded(headers)
        && text(header::ORIGIN).is_none_or(own)
        && text(HeaderName::from_static("sec-fetch-site")).is_none_or(same)
}

/// Whether a proxy or tunnel has handed the request on.
pub fn is_forwarded(headers: &HeaderMap) -> bool {
    headers.keys().any(|name| {
        FORWARDED
            .iter()
            .any(|known| name.as_str().starts_with(known))
    })
}

/// The name and perhaps the port that the request was sent to.
pub fn host(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok())
}

/// Whether a `Host` names this machine itself.
pub fn is_loopback(host: &str) -> bool {
    let name = match host.rfind(']') {
        Some(end) => &host[..=end],
        None => host.split(':').next().unwrap_or_default(),
    };
    name.eq_ignore_ascii_case("localhost")
        || name == "[::1]"
        || name
            .parse::<std::net::Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use actix_web::http::Version;
    use actix_web::test::TestRequest;

    use super::{is_local, is_loopback};

    #[test]
    fn only_this_machine_is_loopback() {
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1",
            "127.9.9.9:80",
            "[::1]:8080",
        ] {
            assert!(is_loopback(host), "{host}");
        }
        for host in [
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "10.0.0.1",
            "ivr.example",
            "[::2]",
            "",
        ] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    fn asked(peer: &str, headers: &[(&'static str, &str)]) -> TestRequest {
        let request = TestRequest::post().peer_addr(peer.parse().expect("an address"));
        headers
            .iter()
            .fold(request, |request, header| request.append_header(*header))
    }

    #[test]
    fn a_program_on_this_machine_is_local() {
        let host = ("host", "127.0.0.1:8080");
        for headers in [
            vec![host],
            vec![
                host,
                ("origin", "http://127.0.0.1:8080"),
                ("sec-fetch-site", "same-origin"),
            ],
        ] {
            for peer in ["127.0.0.1:40000", "[::1]:40000", "[::ffff:127.0.0.1]:40000"] {
                assert!(
                    is_local(&asked(peer, &headers).to_http_request()),
                    "{peer} {headers:?}"
                );
            }
        }
    }

    #[test]
    fn what_a_proxy_a_tunnel_or_a_foreign_page_sends_is_not_local() {
        let host = ("host", "127.0.0.1:8080");
        let here = "127.0.0.1:40000";
        assert!(!is_local(
            &asked("192.0.2.1:40000", &[host]).to_http_request()
        ));
        assert!(
            !is_local(&TestRequest::post().append_header(host).to_http_request()),
            "nobody knows from where"
        );
        assert!(
            !is_local(
                &asked(here, &[host])
                    .version(Version::HTTP_10)
                    .to_http_request()
            ),
            "as nginx speaks"
        );
        assert!(!is_local(
            &asked(here, &[("host", "ivr.example.test")]).to_http_request()
        ));
        for added in [
            ("forwarded", "for=192.0.2.1"),
            ("x-forwarded-for", "192.0.2.1"),
            ("x-forwarded-proto", "https"),
            ("x-real-ip", "192.0.2.1"),
            ("via", "1.1 caddy"),
            ("cf-connecting-ip", "192.0.2.1"),
            ("true-client-ip", "192.0.2.1"),
            ("x-original-host", "ivr.example.test"),
            ("x-envoy-external-address", "192.0.2.1"),
            ("origin", "https://evil.example"),
            ("origin", "http://127.0.0.1:3000"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            assert!(
                !is_local(&asked(here, &[host, added]).to_http_request()),
                "{added:?}"
            );
        }
    }
}
