//! What the numbering plans tell: how a number is dialled in a country, and how people write it.

use std::str::FromStr as _;

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberFormat};

/// How numbers are dialled in a country.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan(Region);

impl Plan {
    /// That of a country by its two letters; nothing where it has no numbers.
    pub fn of(country: &str) -> Option<Self> {
        let is_code = country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_uppercase());
        let region = Region::from_code(country).ok().filter(|_| is_code)?;
        PHONE_NUMBER_UTIL.get_country_code_for_region(region)?;
        Some(Self(region))
    }

    /// The two letters of the country.
    pub fn country(self) -> String {
        self.0.to_string()
    }

    /// A number in E.164, of the keys that are dialled in the country for it; nothing for what nobody can have.
    pub fn international(self, keys: &str) -> Option<String> {
        let number = PHONE_NUMBER_UTIL.parse(keys, Some(self.0)).ok()?;
        let is_valid = PHONE_NUMBER_UTIL.is_valid_number(&number);
        is_valid.then(|| {
            PHONE_NUMBER_UTIL
                .format(&number, PhoneNumberFormat::E164)
                .into_owned()
        })
    }

    /// The keys that are dialled in the country for a number in E.164.
    pub fn dialled(self, number: &str) -> Option<String> {
        let number = PhoneNumber::from_str(number).ok()?;
        let written = PHONE_NUMBER_UTIL.format_out_of_country_calling_number(&number, self.0);
        Some(written.chars().filter(char::is_ascii_digit).collect())
    }

    /// The groups of digits in which a number in E.164 is written: as in the country where it is one of it.
    pub fn groups(self, number: &str) -> Option<Vec<String>> {
        let number = PhoneNumber::from_str(number).ok()?;
        let code = PHONE_NUMBER_UTIL.get_country_code_for_region(self.0);
        let format = if code == Some(number.country_code) {
            PhoneNumberFormat::National
        } else {
            PhoneNumberFormat::International
        };
        let written = PHONE_NUMBER_UTIL.format(&number, format);
        let groups = written.split(|letter: char| !letter.is_ascii_digit() && letter != '+');
        Some(
            groups
                .filter(|group| !group.is_empty())
                .map(str::to_owned)
                .collect(),
        )
    }

    /// Keys that are dialled for a number which is an example of the plan's.
    pub fn example(self) -> String {
        let number = PHONE_NUMBER_UTIL.get_example_number(self.0).ok();
        let written = number.map(|number| {
            let national = PHONE_NUMBER_UTIL.format(&number, PhoneNumberFormat::National);
            national.chars().filter(char::is_ascii_digit).collect()
        });
        written.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::Plan;

    fn of(country: &str) -> Plan {
        Plan::of(country).expect("a country")
    }

    #[test]
    fn a_number_is_entered_as_it_is_dialled_at_home_and_from_there() {
        for (country, keys, number) in [
            ("GB", "02079460000", "+442079460000"),
            ("GB", "07400123456", "+447400123456"),
            ("GB", "00493012345678", "+493012345678"),
            ("DE", "03012345678", "+493012345678"),
            ("DE", "00442079460000", "+442079460000"),
            ("US", "2015550123", "+12015550123"),
            ("US", "12015550123", "+12015550123"),
            ("US", "011442079460000", "+442079460000"),
            ("BG", "0888123456", "+359888123456"),
            ("ES", "912345678", "+34912345678"),
            ("IT", "0612345678", "+390612345678"),
        ] {
            let found = of(country).international(keys);
            assert_eq!(found.as_deref(), Some(number), "{country} {keys}");
        }
        for (country, keys) in [
            ("GB", "0207946000"),
            ("GB", "999"),
            ("US", "0001234567"),
            ("DE", "0"),
        ] {
            assert_eq!(of(country).international(keys), None, "{country} {keys}");
        }
    }

    #[test]
    fn what_is_dialled_for_a_number_is_that_number() {
        for country in ["GB", "DE", "US", "BG", "ES", "IT", "FR", "JP"] {
            for number in [
                "+442079460000",
                "+493012345678",
                "+12015550123",
                "+359888123456",
            ] {
                let keys = of(country).dialled(number).expect("a number");
                let back = of(country).international(&keys);
                assert_eq!(back.as_deref(), Some(number), "{country} {keys}");
            }
            let example = of(country).example();
            assert!(
                of(country).international(&example).is_some(),
                "{country} {example}"
            );
        }
    }

    #[test]
    fn it_is_written_in_the_groups_of_its_country() {
        let groups =
            |country: &str, number: &str| of(country).groups(number).expect("a number").join(" ");
        assert_eq!(groups("GB", "+442079460000"), "020 7946 0000");
        assert_eq!(groups("DE", "+442079460000"), "+44 20 7946 0000");
        assert_eq!(groups("US", "+12015550123"), "201 555 0123");
    }
}
