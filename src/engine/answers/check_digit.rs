//! Check digits: what makes most mistyped numbers wrong.

/// How the last digits of a number follow from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum CheckDigit {
    /// ISO/IEC 7812-1, annex B: cards, many customer numbers.
    Luhn,
    /// GS1: barcodes of goods, ISBN-13.
    Gs1,
    /// Weights from 2 at the last digit but one, modulo 11: NHS numbers, ISBN-10. A number whose check would be 10 is given
    /// to nobody.
    Mod11,
    /// ISO/IEC 7064, MOD 97-10: two check digits.
    Mod97,
}

impl CheckDigit {
    /// The rules, as they are written.
    pub const NAMED: [(&'static str, Self); 4] = [
        ("luhn", Self::Luhn),
        ("gs1", Self::Gs1),
        ("mod11", Self::Mod11),
        ("mod97", Self::Mod97),
    ];

    /// How many digits the check has.
    pub fn length(self) -> usize {
        match self {
            Self::Luhn | Self::Gs1 | Self::Mod11 => 1,
            Self::Mod97 => 2,
        }
    }

    /// Whether a number of digits is right.
    pub fn is_right(self, digits: &str) -> bool {
        let last_first = || digits.bytes().rev().map(|digit| u64::from(digit - b'0'));
        match self {
            Self::Luhn => {
                let doubled = |(at, digit): (usize, u64)| match digit * (1 + at as u64 % 2) {
                    twice @ 10.. => twice - 9,
                    digit => digit,
                };
                last_first().enumerate().map(doubled).sum::<u64>() % 10 == 0
            }
            Self::Gs1 => {
                let weighed = |(at, digit): (usize, u64)| digit * (1 + 2 * (at as u64 % 2));
                last_first().enumerate().map(weighed).sum::<u64>() % 10 == 0
            }
            Self::Mod11 => {
                let weighed = |(at, digit): (usize, u64)| digit * (at as u64 + 1);
                last_first().enumerate().map(weighed).sum::<u64>() % 11 == 0
            }
            Self::Mod97 => {
                let rest = |rest: u64, digit: u8| (rest * 10 + u64::from(digit - b'0')) % 97;
                digits.bytes().fold(0, rest) == 1
            }
        }
    }

    /// A number of so many digits that is right; nothing where there is none.
    pub fn example(self, length: usize) -> Option<String> {
        let most = 10_u64.checked_pow(u32::try_from(length).ok()?.min(4))?;
        let mut numbers = (0..most).map(|end| {
            let start = "1".repeat(length.saturating_sub(4));
            format!("{start}{end:0width$}", width = length.min(4))
        });
        numbers.find(|number| self.is_right(number))
    }
}

#[cfg(test)]
mod tests {
    use super::CheckDigit;

    #[test]
    fn known_numbers_are_right_and_a_digit_less_or_more_is_not() {
        for (rule, number) in [
            (CheckDigit::Luhn, "4111111111111111"),
            (CheckDigit::Luhn, "79927398713"),
            (CheckDigit::Gs1, "9780306406157"),
            (CheckDigit::Gs1, "4006381333931"),
            (CheckDigit::Mod11, "9434765919"),
            (CheckDigit::Mod11, "0306406152"),
            (CheckDigit::Mod97, "3214282912345698765432161182"),
        ] {
            assert!(rule.is_right(number), "{rule:?} {number}");
            for at in 0..number.len() {
                let mut wrong = number.as_bytes().to_vec();
                wrong[at] = b'0' + (wrong[at] - b'0' + 1) % 10;
                let wrong = String::from_utf8(wrong).expect("digits");
                assert!(!rule.is_right(&wrong), "{rule:?} {wrong}");
            }
        }
    }

    #[test]
    fn two_neighbours_in_the_wrong_order_are_mostly_found() {
        assert!(!CheckDigit::Luhn.is_right("79927398731"));
        assert!(!CheckDigit::Mod11.is_right("9434765991"));
        assert!(!CheckDigit::Mod97.is_right("3214282912345698765432161128"));
    }

    #[test]
    fn there_is_an_example_of_each_length() {
        for (_, rule) in CheckDigit::NAMED {
            for length in rule.length() + 1..=64 {
                let example = rule.example(length).expect("one of ten thousand");
                assert_eq!(example.len(), length);
                assert!(rule.is_right(&example));
            }
        }
    }
}
