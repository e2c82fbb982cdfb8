//! `redirect`: leaves for other TwiML. If the call comes back, that is a new visit.

use super::super::advance::Fault;
use super::super::expression::Template;
use super::super::flow::check::Checker;
use super::super::flow::written::{Item, Table};
use super::super::step::{Edge, Kind, Moment, Step, Then};
use super::super::turn::Verb;

pub(super) const KIND: Kind = Kind {
    name: "redirect",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    parse,
};

#[derive(Debug)]
struct Redirect {
    url: Template,
}

fn parse(item: Item<'_>, _: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let url = item.text(check, "`redirect` is an absolute URL")?;
    if !is_absolute(url) {
        check.error("url-not-absolute", item.span(), format!("`{url}` is not an absolute URL")).help =
            Some("begin it with `https://` and a host; to go to a step of this flow write `next`".to_owned());
        return None;
    }
    Some(Box::new(Redirect { url: Template::parse(url, item.span(), check)? }))
}

/// Whether scheme and host stand there, so that no variable can decide who gets the call.
fn is_absolute(url: &str) -> bool {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    !host.is_empty() && !host.contains("{{")
}

impl Step for Redirect {
    fn edges(&self) -> Vec<Edge> {
        Vec::new()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        Ok(Then::End(Verb::Redirect(self.url.fill(moment.scope())?)))
    }
}
