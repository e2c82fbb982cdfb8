//! Cookies: kept for one call and sent back to whom they came from, as a browser would (RFC 6265).

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::server_address::{origin, split_fragment};

/// The cookies of a call.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    kept: Vec<Cookie>,
}

#[derive(Debug)]
struct Cookie {
    name: String,
    value: String,
    domain: String,
    /// Whether hosts below the domain get it too.
    below: bool,
    path: String,
    /// When it is over, on the clock of the call.
    until: Option<Duration>,
}

/// When an answer came.
#[derive(Clone, Copy, Debug)]
pub(super) struct ReceivedAt {
    /// On the clock of the call.
    pub(super) at: Duration,
    /// On the server's clock, by which it says how long a cookie lasts.
    pub(super) date: Timestamp,
}

/// The most that are kept.
const MOST: usize = 50;

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

impl Cookies {
    /// Keeps what a `Set-Cookie` header says, or clears it.
    pub(super) fn keep(&mut self, url: &str, header: &str, came: ReceivedAt) {
        let Some(cookie) = Cookie::parse(url, header, came) else {
            return;
        };
        match self
            .kept
            .iter()
            .position(|known| known.is_named_like(&cookie))
        {
            Some(at) => self.kept[at] = cookie,
            None => self.kept.push(cookie),
        }
        self.kept.retain(|cookie| !cookie.is_over(came.at));
        self.kept.truncate(MOST);
    }

    /// What is sent back to a URL: those of longer paths first.
    pub(super) fn header(&self, url: &str, now: Duration) -> Option<String> {
        let (host, path) = (host(url), path(url));
        let mut sent: Vec<&Cookie> = self
            .kept
            .iter()
            .filter(|cookie| !cookie.is_over(now) && cookie.goes_to(&host, path))
            .collect();
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.value))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

impl Cookie {
    /// Reads a `Set-Cookie` header; nothing for one that a browser would not keep either.
    fn parse(url: &str, header: &str, came: ReceivedAt) -> Option<Self> {
        let mut parts = header.split(';').map(str::trim);
        let (name, value) = parts.next()?.split_once('=')?;
        let (name, value) = (name.trim_end().to_owned(), value.trim_start().to_owned());
        let mut cookie = Self {
            name,
            value,
            domain: host(url),
            below: false,
            path: folder(path(url)).to_owned(),
            until: None,
        };
        let (mut age, mut expires) = (None, None);
        for (key, value) in parts.map(|part| part.split_once('=').unwrap_or((part, ""))) {
            let value = value.trim();
            match key.trim_end().to_ascii_lowercase().as_str() {
                "path" if value.starts_with('/') => value.clone_into(&mut cookie.path),
                "path" => folder(path(url)).clone_into(&mut cookie.path),
                "domain" if !value.is_empty() => {
                    cookie.domain = value
                        .strip_prefix('.')
                        .unwrap_or(value)
                        .to_ascii_lowercase();
                    cookie.below = true;
                }
                "max-age" => age = seconds(value).or(age),
                "expires" => expires = moment(value).or(expires),
                _ => {}
            }
        }
        // What is said of the age counts before a date.
        let lasts = age.or_else(|| Some(expires?.duration_since(came.date).as_secs()));
        cookie.until = lasts.map(|lasts| {
            came.at
                .saturating_add(Duration::from_secs(lasts.try_into().unwrap_or(0)))
        });
        let is_own = is_within(&host(url), &cookie.domain);
        (is_own && !cookie.name.is_empty()).then_some(cookie)
    }

    fn is_named_like(&self, other: &Self) -> bool {
        (&self.name, &self.domain, &self.path) == (&other.name, &other.domain, &other.path)
    }

    fn is_over(&self, now: Duration) -> bool {
        self.until.is_some_and(|until| until <= now)
    }

    fn goes_to(&self, host: &str, path: &str) -> bool {
        let rest = path.strip_prefix(self.path.trim_end_matches('/'));
        let is_host = self.domain == host || self.below && is_within(host, &self.domain);
        is_host && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// Seconds of a `Max-Age`: digits, perhaps with a minus before them, however many.
fn seconds(written: &str) -> Option<i64> {
    let digits = written.strip_prefix('-').unwrap_or(written);
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| {
        if written.starts_with('-') {
            0
        } else {
            digits.parse().unwrap_or(i64::MAX)
        }
    })
}

/// A date as servers write it, in whichever order its parts stand (RFC 6265, 5.1.1).
pub(super) fn moment(written: &str) -> Option<Timestamp> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for part in written.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != ':') {
        let number = || part.parse::<i16>().ok();
        if time.is_none() && part.contains(':') {
            time = Some(clock(part)?);
        } else if day.is_none() && part.len() <= 2 && number().is_some() {
            day = number();
        } else if month.is_none() && named_month(part).is_some() {
            month = named_month(part);
        } else if year.is_none() && matches!(part.len(), 2 | 4) && number().is_some() {
            year = number();
        }
    }
    let year = match year? {
        year @ 70..=99 => 1900 + year,
        year @ 0..=69 => 2000 + year,
        year => year,
    };
    let ((hour, minute, second), day) = (time?, i8::try_from(day?).ok()?);
    let date = DateTime::new(year, month?, day, hour, minute, second, 0).ok()?;
    Some(
        date.to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .ok()?
            .timestamp(),
    )
}

fn clock(written: &str) -> Option<(i8, i8, i8)> {
    let mut parts = written.split(':').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn named_month(word: &str) -> Option<i8> {
    let begins = word.get(..3)?.to_ascii_lowercase();
    MONTHS
        .iter()
        .position(|month| *month == begins)
        .and_then(|at| i8::try_from(at + 1).ok())
}

/// Whether a host is a domain or below it.
fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// The host of a URL, in small letters: ports share cookies.
fn host(url: &str) -> String {
    let origin = origin(url);
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let ends = host.rfind(']').map_or(0, |at| at + 1);
    host[ends..]
        .find(':')
        .map_or(host, |at| &host[..ends + at])
        .to_ascii_lowercase()
}

fn path(url: &str) -> &str {
    let path = &split_fragment(url).0[origin(url).len()..];
    let path = path.split('?').next().unwrap_or_default();
    if path.is_empty() { "/" } else { path }
}

/// The folder of a path: where a cookie goes that does not say (RFC 6265, 5.1.4).
fn folder(path: &str) -> &str {
    match path.rfind('/') {
        Some(at) if at > 0 => &path[..at],
        _ => "/",
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Cookies, ReceivedAt, moment};

    const NOON: &str = "2026-11-23T12:00:00Z";

    fn came(at: u64) -> ReceivedAt {
        ReceivedAt {
            at: Duration::from_secs(at),
            date: NOON.parse().expect("a moment"),
        }
    }

    /// Cookies after some `Set-Cookie` headers from one URL.
    fn jar(url: &str, headers: &[&str]) -> Cookies {
        let mut cookies = Cookies::default();
        for header in headers {
            cookies.keep(url, header, came(0));
        }
        cookies
    }

    /// What goes back to the URL that it came from.
    fn back(headers: &[&str]) -> Option<String> {
        jar("http://h/a", headers).header("http://h/a", Duration::ZERO)
    }

    #[test]
    fn cookies_go_back_to_where_they_came_from() {
        let cookies = jar(
            "http://h:1/a",
            &["sid=1; HttpOnly; Path=/", "lang=en; path=/ivr"],
        );
        let header = |url| cookies.header(url, Duration::ZERO);
        assert_eq!(
            header("http://h:2/ivr/x?y").as_deref(),
            Some("lang=en; sid=1")
        );
        assert_eq!(header("http://H/ivrs").as_deref(), Some("sid=1"));
        assert_eq!(header("http://other/"), None);
        assert_eq!(
            back(&["sid=1", "b=1", "sid=2"]).as_deref(),
            Some("sid=2; b=1")
        );
    }

    #[test]
    fn without_a_path_a_cookie_is_of_the_folder_that_it_came_from() {
        let cookies = jar("http://h/ivr/voice", &["a=1", "b=2; Path=nowhere"]);
        assert_eq!(
            cookies
                .header("http://h/ivr/next/x", Duration::ZERO)
                .as_deref(),
            Some("a=1; b=2")
        );
        assert_eq!(cookies.header("http://h/other", Duration::ZERO), None);
    }

    #[test]
    fn a_domain_is_for_the_hosts_below_it_and_nobody_sets_one_of_others() {
        let cookies = jar(
            "http://a.h.test/",
            &["own=1", "all=2; Domain=.h.test", "odd=3; Domain=other.test"],
        );
        assert_eq!(
            cookies
                .header("http://a.h.test/", Duration::ZERO)
                .as_deref(),
            Some("own=1; all=2")
        );
        assert_eq!(
            cookies
                .header("http://b.h.test/", Duration::ZERO)
                .as_deref(),
            Some("all=2")
        );
        assert_eq!(cookies.header("http://bh.test/", Duration::ZERO), None);
    }

    #[test]
    fn a_cookie_is_cleared_however_that_is_said() {
        for cleared in [
            "sid=; Max-Age=0",
            "sid=; max-age=-1",
            "sid=; Max-Age=-99999999999999999999",
            "sid=deleted; expires=Thu, 01-Jan-1970 00:00:01 GMT; path=/",
            "sid=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "sid=; Expires=Thursday, 01-Jan-70 00:00:00 GMT",
            "sid=; Expires=Thu Jan  1 00:00:00 1970",
            "sid=; Expires=Mon, 23 Nov 2026 11:59:59 GMT",
            "sid=; Max-Age=0; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
        ] {
            assert_eq!(back(&["sid=1", cleared]), None, "{cleared}");
        }
    }

    #[test]
    fn a_cookie_with_a_time_goes_back_until_then() {
        for lasting in [
            "sid=1; Max-Age=600",
            "sid=1; Max-Age=600; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "sid=1; Expires=Mon, 23 Nov 2026 12:10:00 GMT",
        ] {
            let cookies = jar("http://h/", &[lasting]);
            assert_eq!(
                cookies
                    .header("http://h/", Duration::from_secs(599))
                    .as_deref(),
                Some("sid=1"),
                "{lasting}"
            );
            assert_eq!(
                cookies.header("http://h/", Duration::from_mins(10)),
                None,
                "{lasting}"
            );
        }
        for always in [
            "sid=1; Max-Age=soon",
            "sid=1; Expires=never",
            "sid=1; Max-Age=99999999999999999999",
        ] {
            let cookies = jar("http://h/", &[always]);
            assert_eq!(
                cookies
                    .header("http://h/", Duration::from_hours(4))
                    .as_deref(),
                Some("sid=1"),
                "{always}"
            );
        }
    }

    #[test]
    fn a_date_is_read_in_each_of_its_forms_and_no_other_text_is_one() {
        let at = Some("1994-11-06T08:49:37Z".parse().expect("a moment"));
        let forms = [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ];
        for form in forms {
            assert_eq!(moment(form), at, "{form}");
        }
        for none in [
            "",
            "Sun, 06 Nov 1994",
            "06 Nov 1994 08:49",
            "31 Feb 2026 00:00:00",
            "éé 06 Nov 08:49:37",
        ] {
            assert_eq!(moment(none), None, "{none}");
        }
    }
}
