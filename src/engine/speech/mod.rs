//! What callers say: the form in which words are compared, numbers in words, and which of several phrases was meant. Pure:
//! words come in as the recogniser wrote them, and nothing of a call is known here.

mod choose;
mod clock;
mod day;
mod language;
mod normal;
mod numbers;
mod spelling;

pub use choose::{Choice, Phrase, choose, confusable};
pub use clock::{SpokenTime, time};
pub use day::day;
pub use language::SpokenLanguage;
pub use normal::Normal;
pub use numbers::{Number, decimal, digits, number};
pub use spelling::spelling;
