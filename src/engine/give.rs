//! What goes out with an action, by name: `give.reason = "{{ why }}"`.

use std::sync::Arc;

use super::changes::SetTo;
use super::expression::Reading;

/// Names, and what each holds.
#[derive(Debug, Default)]
pub struct Give {
    pub(super) named: Vec<(String, SetTo)>,
}

impl Give {
    /// The names, in their order.
    pub(super) fn all(&self) -> &[(String, SetTo)] {
        &self.named
    }

    /// What its texts read.
    pub fn readings(&self) -> Vec<Arc<Reading>> {
        let texts = self.named.iter().filter_map(|(_, given)| match given {
            SetTo::Text(text) => Some(text),
            SetTo::Value(_) | SetTo::Same(..) => None,
        });
        texts
            .flat_map(|text| text.readings.iter().cloned())
            .collect()
    }
}
