//! What goes out with a request as a form or a query.

use std::sync::Arc;

use super::super::super::expression::{Reading, Stands, Values};
use super::super::super::fault::Fault;
use super::super::super::give::GivenValue;
use super::super::super::read::Checker;
use crate::written::{Code, Explain, Item};

/// Names, and a value each.
#[derive(Debug)]
pub(super) enum GivenFields {
    /// As they are written.
    Named(Vec<(String, GivenValue)>),
    /// Those of the first request.
    Request(GivenValue),
}

impl Default for GivenFields {
    fn default() -> Self {
        Self::Named(Vec::new())
    }
}

impl GivenFields {
    /// Reads a form: a table of names, of which those that nest go as the text of their JSON; or the whole first request.
    pub fn parse_form(item: Item<'_>, stands: Stands, check: &mut Checker) -> Option<Self> {
        if item.value.as_str().is_none() {
            let table = item.table(
                check,
                "it must be a table of names, such as `{ id = \"{{ id }}\" }`",
            )?;
            let all = table.all().into_iter();
            let all = all.map(|(name, item)| {
                Some((name.to_owned(), GivenValue::parse(item, stands, check)?))
            });
            return all.collect::<Option<_>>().map(Self::Named);
        }
        let given = GivenValue::scalar(item, stands, check)?;
        if given.has_request() {
            return Some(Self::Request(given));
        }
        check
            .fault(
                Code::RequestUnclear,
                item.span(),
                "this text is no form",
            )
            .help("write a table of names, such as `{ id = \"{{ id }}\" }`, or `form = \"{{ call.request }}\"`");
        None
    }

    /// Reads a query: a table of names whose values do not nest.
    pub fn parse_query(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let table = item.table(
            check,
            "it must be a table of names, such as `{ id = \"{{ id }}\" }`",
        )?;
        let mut fields = Vec::new();
        for (name, item) in table.all() {
            if item.as_table().is_some() || item.entries().is_some() {
                let message = format!("`{name}` nests, and a query cannot");
                check
                    .fault(Code::RequestUnclear, item.span(), message)
                    .help("send it as `json` or `form`");
                return None;
            }
            let given = GivenValue::scalar(item, Stands::Told, check)?;
            fields.push((name.to_owned(), given));
        }
        Some(Self::Named(fields))
    }

    /// What its texts read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        match self {
            Self::Named(fields) => fields
                .iter()
                .flat_map(|(_, given)| given.readings())
                .collect(),
            Self::Request(given) => given.readings(),
        }
    }

    /// Whether the whole first request is in it.
    pub fn has_request(&self) -> bool {
        match self {
            Self::Named(fields) => fields.iter().any(|(_, given)| given.has_request()),
            Self::Request(_) => true,
        }
    }

    /// The names and their texts.
    pub fn fill(&self, values: &dyn Values) -> Result<Vec<(String, String)>, Fault> {
        match self {
            Self::Named(named) => named
                .iter()
                .map(|(name, given)| Ok((name.clone(), given.text(values)?)))
                .collect(),
            Self::Request(given) => given.fields(values),
        }
    }
}
