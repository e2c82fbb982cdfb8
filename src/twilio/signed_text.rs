//! What is signed of a request behind the address that it was sent to.

use std::ops::Range;

use super::Form;
use super::signature::SignedRequest;

/// The path and query as they came, then of a form-encoded body every field, names and values with nothing between.
///
/// It is written once, for all that look at it: the check of the signature, which would otherwise hash many small pieces,
/// and that of where its fields are cut.
#[derive(Debug)]
pub struct SignedText {
    bytes: Vec<u8>,
    names: Vec<Range<usize>>,
}

impl SignedText {
    /// Writes it. `form` is what [`SignedRequest::form`] gave.
    pub fn of(request: &SignedRequest, form: &Form) -> Self {
        let fields = if request.signs_fields() {
            form.signed_order()
        } else {
            Vec::new()
        };
        let length: usize = fields
            .iter()
            .map(|(name, value)| name.len() + value.len())
            .sum();
        let mut bytes = Vec::with_capacity(request.target.len() + length);
        let mut names = Vec::with_capacity(fields.len());
        bytes.extend_from_slice(request.target);
        for (name, value) in fields {
            let start = bytes.len();
            bytes.extend_from_slice(name.as_bytes());
            names.push(start..bytes.len());
            bytes.extend_from_slice(value.as_bytes());
        }
        Self { bytes, names }
    }

    /// All of it.
    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The name of a field that ends at a place.
    pub(super) fn name_that_ends(&self, at: usize) -> Option<&[u8]> {
        let found = self.names.binary_search_by_key(&at, |name| name.end).ok()?;
        Some(&self.bytes[self.names[found].clone()])
    }
}
