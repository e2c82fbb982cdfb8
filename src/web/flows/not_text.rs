//! Files that are no text.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::diag::{Diag, Place};
use crate::written::{Code, Explain, NotText};

/// A file that is not UTF-8, at the first byte that is none.
pub fn not_text(error: &NotText, file: &Arc<str>, texts: &mut BTreeMap<Arc<str>, String>) -> Diag {
    let mut span = 0..0;
    if let NotText::Byte { at, lossy, .. } = error {
        span = *at..*at + char::REPLACEMENT_CHARACTER.len_utf8();
        texts.insert(file.clone(), lossy.clone());
    }
    Diag::new(
        Code::FileNotText,
        Place {
            file: file.clone(),
            span,
        },
        error.to_string(),
    )
    .help(error.help())
}
