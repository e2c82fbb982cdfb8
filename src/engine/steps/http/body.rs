//! What goes out with a request as a form or a query.

use std::sync::Arc;

use super::super::super::expression::{Reading, Stands, Values};
use super::super::super::fault::Fault;
use super::super::super::give::GivenValue;
use super::super::super::read::Checker;
use crate::written::{Code, Explain, Item};

/// Names, and a value each.
#[derive(Debug, Default)]
pub(super) struct GivenFields(pub Vec<(String, GivenValue)>);

impl GivenFields {
    /// Reads a table of names whose values do not nest, and what stands for its texts.
    pub fn parse(item: Item<'_>, stands: Stands, check: &mut Checker) -> Option<Self> {
        let table = item.table(
            check,
            "it must be a table of names, such as `{ id = \"{{ id }}\" }`",
        )?;
        let mut fields = Vec::new();
        for (name, item) in table.all() {
            if item.as_table().is_some() || item.entries().is_some() {
                let message = format!("`{name}` nests, and only JSON can");
                check
                    .fault(Code::RequestUnclear, item.span(), message)
                    .help("send it as `json`");
                return None;
            }
            let given = GivenValue::scalar(item, stands, check)?;
            fields.push((name.to_owned(), given));
        }
        Some(Self(fields))
    }

    /// What its texts read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        self.0
            .iter()
            .flat_map(|(_, given)| given.readings())
            .collect()
    }

    /// The names and their texts.
    pub fn fill(&self, values: &dyn Values) -> Result<Vec<(String, String)>, Fault> {
        let mut fields = Vec::with_capacity(self.0.len());
        for (name, given) in &self.0 {
            fields.push((name.clone(), given.text(values)?));
        }
        Ok(fields)
    }
}
