//! The words of a payment, and the carrier's for each.

/// What the carrier asks for, and the time in which it asks the provider.
pub(super) const ASKED: [&str; 5] = [
    "card_number",
    "expiration",
    "security_code",
    "postal_code",
    "processing",
];
/// The carrier's words for those (Twilio, `for` of Prompt).
pub(super) const ASKED_THERE: [&str; 5] = [
    "payment-card-number",
    "expiration-date",
    "security-code",
    "postal-code",
    "payment-processing",
];
/// What may have gone wrong before.
pub(super) const WRONG: [&str; 6] = [
    "timeout",
    "card_number",
    "card_type",
    "date",
    "security_code",
    "internal",
];
/// The carrier's words for those (Twilio, `errorType` of Prompt).
pub(super) const WRONG_THERE: [&str; 6] = [
    "timeout",
    "invalid-card-number",
    "invalid-card-type",
    "invalid-date",
    "invalid-security-code",
    "internal-error",
];
/// Kinds of card, as the carrier has them but for `_` (Twilio, `cardType` of Prompt).
pub(super) const CARDS: [&str; 9] = [
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "discover",
    "optima",
    "jcb",
    "diners_club",
    "enroute",
];
pub(super) const CARDS_THERE: [&str; 9] = [
    "visa",
    "mastercard",
    "amex",
    "maestro",
    "discover",
    "optima",
    "jcb",
    "diners-club",
    "enroute",
];
