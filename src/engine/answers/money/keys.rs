//! The keys of `money`, for editors.

use crate::written::keys::{Key, Shape};

/// The type, as a key of an answer or an ask.
pub(super) const KEY: Key = Key::new(
    "money",
    Shape::Form("^[A-Z]{3}$"),
    "An amount of a currency, by its three letters (ISO 4217). The star key is the point: 12*50 is twelve and a half.",
    "money = \"GBP\"",
);

/// The smallest and the largest amount.
pub(super) const AMOUNT: Key = Key::new(
    "amount",
    Shape::Exactly(2, &Shape::Number),
    "The smallest and the largest amount, both included.",
    "amount = [5, 500]",
);
