//! What callers say: the form in which words are compared, numbers in words, and which of several phrases was meant. Pure:
//! words come in as the recogniser wrote them, and nothing of a call is known here.

mod choose;
mod language;
mod normal;
mod numbers;

pub use choose::{Choice, Phrase, choose, confusable};
pub use language::SpokenLanguage;
pub use normal::Normal;
pub use numbers::{Number, digits, number};
