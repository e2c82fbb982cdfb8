//! The check that no comparison gives a sensitive answer away.

use super::super::tree::{Kind, Term};
use super::Typing;
use crate::written::Code;

impl Typing<'_> {
    /// Reports a sensitive answer that is compared with one that is not: where both are the same, whoever sees the other
    /// has seen it.
    pub(super) fn given_away(&mut self, node: &Term) {
        let parts = node.parts();
        let &[one, other] = parts.as_slice() else {
            return;
        };
        for (one, other) in [(one, other), (other, one)] {
            let (Some(secret), Some(plain)) = (self.answer(one, true), self.answer(other, false))
            else {
                continue;
            };
            let (secret, name) = (self.text(secret), self.text(plain));
            let message = format!(
                "`{name}` is compared with `{secret}`, which is sensitive, and is kept in the clear itself"
            );
            let help = format!(
                "what may be the same is as secret: add `sensitive = true` where `{name}` is promised"
            );
            self.problem(Code::SensitiveCompared, plain, message, help);
            return;
        }
    }

    /// The first name of a part that is an answer, and sensitive or not.
    fn answer<'t>(&self, node: &'t Term, sensitive: bool) -> Option<&'t Term> {
        match &node.kind {
            Kind::Name(name) | Kind::Optional(name) => {
                let is_it = self.types.is_sensitive(self.names[*name]) == Some(sensitive);
                is_it.then_some(node)
            }
            _ => {
                let mut parts = node.parts().into_iter();
                parts.find_map(|part| self.answer(part, sensitive))
            }
        }
    }
}
