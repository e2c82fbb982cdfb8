//! An amount of a currency, as the carrier is told it.

use iso_currency::Currency;

/// The most that can be charged (Twilio, `chargeAmount` of Pay).
const MOST: f64 = 1_000_000.0;
/// How far a number may be from one of so many digits: less than what numbers of this size differ by.
const SAME: f64 = 1e-6;

/// The digits of a currency's smaller unit; nothing where there is no such currency, or it has none.
pub(super) fn digits(code: &str) -> Option<usize> {
    Currency::from_code(code)?.exponent().map(usize::from)
}

/// An amount with so many digits behind the point; nothing where it is none that can be charged. Nothing is rounded: who is
/// charged twelve pounds and half a penny has been reckoned wrongly.
pub(super) fn written(text: &str, digits: usize) -> Option<String> {
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    if text.is_empty() || !text.chars().all(is_number) {
        return None;
    }
    let amount: f64 = text.parse().ok()?;
    let written = format!("{amount:.digits$}");
    let is_whole = (written.parse::<f64>().ok()? - amount).abs() < SAME;
    (is_whole && amount > 0.0 && amount <= MOST).then_some(written)
}

#[cfg(test)]
mod tests {
    use super::{digits, written};

    #[test]
    fn an_amount_has_the_digits_of_its_currency_and_nothing_is_rounded() {
        for (text, code, amount) in [
            ("12", "GBP", Some("12.00")),
            ("12.5", "GBP", Some("12.50")),
            ("0.01", "EUR", Some("0.01")),
            ("19.99", "USD", Some("19.99")),
            ("1000000", "USD", Some("1000000.00")),
            ("1200", "JPY", Some("1200")),
            ("12.505", "GBP", None),
            ("0.5", "JPY", None),
            ("0", "GBP", None),
            ("-1", "GBP", None),
            ("1000000.01", "GBP", None),
            ("", "GBP", None),
            ("1e3", "GBP", None),
            ("NaN", "GBP", None),
            ("1.2.3", "GBP", None),
        ] {
            let digits = digits(code).expect("it is one");
            assert_eq!(written(text, digits).as_deref(), amount, "{text} {code}");
        }
        assert_eq!(digits("ABC"), None);
    }
}
