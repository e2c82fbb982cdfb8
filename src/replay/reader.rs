//! The faults of a test call's file, gathered as it is read.

use std::ops::Range;
use std::sync::Arc;

use crate::written::diag::{Diag, Place, bounded};
use crate::written::syntax::{self, Dialect};
use crate::written::{Code, Faults, Item};

/// A step, an answer or a variable by its name, and where that stands.
pub type Named = (String, Range<usize>);

/// Faults that are wrong in themselves, even in a file that is not TOML throughout.
const SURE: &[Code] = &[
    Code::KeyUnknown,
    Code::OutcomeUnknown,
    Code::PressIllegal,
    Code::ValueNotATime,
    Code::ValueWrongType,
];

/// The faults of a file, as it is read.
pub(super) struct Reader {
    file: Arc<str>,
    diags: Vec<Diag>,
}

impl Reader {
    pub fn new(file: &Arc<str>) -> Self {
        Self {
            file: file.clone(),
            diags: Vec::new(),
        }
    }

    /// Everything that is wrong, in the order of the file.
    pub fn tell(self, syntax: Vec<syntax::Fault>) -> Result<(), Vec<Diag>> {
        let mut diags = self.diags;
        if !syntax.is_empty() {
            let dialect = Dialect {
                sure: SURE,
                tables: &[],
                lists: &["turn"],
            };
            diags = syntax::tell(syntax, &self.file, diags, &dialect);
        }
        diags.sort_by_key(|diag| diag.at.span.start);
        diags.dedup();
        if diags.is_empty() {
            Ok(())
        } else {
            Err(bounded(diags))
        }
    }
}

impl Faults for Reader {
    fn fault(&mut self, code: Code, span: Range<usize>, message: String) -> &mut Diag {
        let at = Place {
            file: self.file.clone(),
            span,
        };
        self.diags.push(Diag::new(code, at, message));
        self.diags.last_mut().expect("one was pushed")
    }
}

pub(super) fn named(item: Item<'_>, reader: &mut Reader, what: &str) -> Option<Named> {
    Some((item.text(reader, what)?.to_owned(), item.span()))
}

/// A name, or a list of names.
pub(super) fn names(item: Item<'_>, reader: &mut Reader, what: &str) -> Vec<Named> {
    let names = item.texts(reader, what).into_iter();
    names.map(|(name, span)| (name.to_owned(), span)).collect()
}
