//! What is wrong with an expression, at its place in the expression's text.

use std::ops::Range;

use crate::written::Code;

/// A fault in an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// What kind of fault it is.
    pub code: Code,
    /// Which bytes of the expression are meant.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What would be right.
    pub help: String,
}

impl Problem {
    pub(super) fn new(
        code: Code,
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            code,
            span,
            message: message.into(),
            help: help.into(),
        }
    }

    pub(super) fn syntax(
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self::new(Code::ExpressionSyntax, span, message, help)
    }
}
