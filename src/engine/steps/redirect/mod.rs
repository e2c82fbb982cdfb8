//! `redirect`: leaves for other TwiML. If the call comes back, that is a new visit.

mod keys;

use super::super::edge::Edge;
use super::super::fault::Fault;
use super::super::moment::{Moment, Then};
use super::super::read::{Checker, is_url};
use super::super::step::{Reads, Step};
use super::super::template::Template;
use super::super::turn::Verb;
use super::kind::Kind;
use crate::written::{Item, Table};

pub(super) const KIND: Kind = Kind {
    name: "redirect",
    doc: include_str!("README.md"),
    example: include_str!("example.toml"),
    calls: include_str!("calls.toml"),
    keys: keys::keys,
    parse,
};

#[derive(Debug)]
struct Redirect {
    url: Template,
}

fn parse(item: Item<'_>, _: &Table<'_>, check: &mut Checker) -> Option<Box<dyn Step>> {
    let url = item.text(check, "`redirect` must be an absolute URL")?;
    let help = "begin it with `https://` and a host; to go on to a step lead `next` there instead";
    if !is_url(url, item, help, check) {
        return None;
    }
    Some(Box::new(Redirect {
        url: Template::told(url, item.span(), check)?,
    }))
}

impl Step for Redirect {
    fn edges(&self) -> Vec<Edge> {
        Vec::new()
    }

    fn enter(&self, moment: &mut Moment<'_>) -> Result<Then, Fault> {
        Ok(Then::End(Verb::Redirect(
            self.url.fill_url(&moment.scope())?,
        )))
    }

    fn reads(&self) -> Reads {
        Reads::texts(self.url.readings.clone())
    }
}
