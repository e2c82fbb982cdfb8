//! Telephone numbers: one parser for all the ways in which carriers and people write one.

use std::borrow::Cow;

/// The fewest digits that are taken for a number with its country code where no plus says so; fewer are an extension or a
/// short code.
const FEWEST: usize = 7;
/// The most digits of a number (E.164).
const MOST: usize = 15;

/// A number in E.164, for editors: what [`is_e164`] holds to be one.
pub const E164: &str = r"^\+[1-9][0-9]{1,14}$";

/// What can be called in a flow, for editors: a number in E.164, or a SIP address.
pub const CALLED: &str = r"^(\+[1-9][0-9]{1,14}|sips?:[^\s@;?<>]+@[^\s@;?<>]+)$";

/// A number as logs show it: enough to recognise one that is known, and no more.
pub fn masked_number(number: &str) -> String {
    let letters: Vec<char> = number.chars().collect();
    let (first, last) = match letters.len() {
        12.. => (5, 4),
        8..12 => (3, 2),
        _ => (0, 0),
    };
    let part = |letters: &[char]| letters.iter().collect::<String>();
    let end = letters.len() - last;
    format!("{}•••{}", part(&letters[..first]), part(&letters[end..]))
}

/// Whether a text is a number in E.164: a plus and 2 to 15 digits, the first of them not 0.
pub fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (2..=MOST).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|digit| digit.is_ascii_digit())
}

/// Whether a text is the address of somebody at a SIP domain, without parameters.
pub fn is_sip_address(text: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && !part.contains(|letter: char| letter.is_whitespace() || "@;?<>\"".contains(letter))
    };
    let address = without_scheme(text, &["sip:", "sips:"]);
    address
        .and_then(|address| address.split_once('@'))
        .is_some_and(|(user, host)| is_part(user) && is_part(host))
}

/// A number without the spaces, brackets, dots, slashes and dashes that people put into it. What has other characters is
/// only trimmed.
pub fn plain(written: &str) -> Cow<'_, str> {
    let written = written.trim();
    let is_number = written
        .chars()
        .all(|letter| letter.is_ascii_digit() || letter == '+' || is_separator(letter));
    if is_number && written.contains(is_separator) {
        Cow::Owned(
            written
                .chars()
                .filter(|letter| !is_separator(*letter))
                .collect(),
        )
    } else {
        Cow::Borrowed(written)
    }
}

/// The form in which two spellings of one number, or of one SIP address, are the same text.
///
/// A SIP address whose user is a number is that number, at whichever host. A plus that is missing, or that a form has turned
/// into a blank, is put back. All else stays as it is.
pub fn canonical(written: &str) -> String {
    let bare = between_brackets(written.trim());
    if let Some(number) = without_scheme(bare, &["tel:"]) {
        return international(before(number, &[';', '?']));
    }
    let Some(address) = without_scheme(bare, &["sip:", "sips:"]) else {
        return international(bare);
    };
    let (user, host) = address.rsplit_once('@').unwrap_or(("", address));
    let decoded = before(user, &[';', ':'])
        .replace("%2B", "+")
        .replace("%2b", "+");
    let number = international(&decoded);
    if is_e164(&number) {
        return number;
    }
    let host = before(host, &[';', '?', ':']).to_ascii_lowercase();
    if user.is_empty() {
        format!("sip:{host}")
    } else {
        format!("sip:{decoded}@{host}")
    }
}

/// A number with its plus; any other text as it is.
fn international(written: &str) -> String {
    // The nought of national calls, as people write it: +44 (0)20 7946 0000.
    let number = plain(written).into_owned();
    let number = match written
        .trim()
        .starts_with('+')
        .then(|| written.replacen("(0)", "", 1))
    {
        Some(without) if is_e164(&plain(&without)) => plain(&without).into_owned(),
        _ => number,
    };
    let digits = number.strip_prefix("00").unwrap_or(&number);
    let is_whole = (FEWEST..=MOST).contains(&digits.len()) && is_e164(&format!("+{digits}"));
    if is_whole {
        format!("+{digits}")
    } else {
        number
    }
}

/// Whether people put a character between the digits of a number.
pub fn is_separator(letter: char) -> bool {
    letter.is_whitespace()
        || matches!(
            letter,
            '(' | ')' | '-' | '.' | '/' | '\u{2010}'..='\u{2015}'
        )
}

/// What stands between the brackets of `"A name" <sip:…>`.
fn between_brackets(written: &str) -> &str {
    let inner = written
        .split_once('<')
        .and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or(written, |(inner, _)| inner.trim())
}

/// What follows one of these schemes, in small or capital letters.
fn without_scheme<'a>(text: &'a str, schemes: &[&str]) -> Option<&'a str> {
    schemes.iter().find_map(|scheme| {
        let begins = text.get(..scheme.len())?;
        begins
            .eq_ignore_ascii_case(scheme)
            .then(|| &text[scheme.len()..])
    })
}

fn before<'a>(text: &'a str, ends: &[char]) -> &'a str {
    text.split(ends).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{canonical, is_e164, is_sip_address, masked_number, plain};

    const NUMBER: &str = "+442079460123";

    #[test]
    fn however_a_number_is_spelt_it_is_the_same() {
        for spelt in [
            NUMBER,
            "442079460123",
            " 442079460123",
            "00442079460123",
            "+44 20 7946 0123",
            "+44 (0)20 7946-0123",
            "+44\u{a0}20.7946.0123",
            "tel:+44-20-7946-0123;ext=4",
            "sip:+442079460123@acme.sip.twilio.com",
            "SIP:442079460123@acme.sip.twilio.com:5061;transport=tls",
            "sips:%2B442079460123;npdi@10.0.0.1?X-A=b",
            "\"A caller\" <sip:+442079460123@acme.test>",
        ] {
            assert_eq!(canonical(spelt), NUMBER, "{spelt}");
        }
    }

    #[test]
    fn what_is_no_number_with_its_country_stays_what_it_is() {
        for text in [
            "020 7946 0123",
            "112",
            "client:joey",
            "anonymous",
            "Room 1",
            "",
            "+",
            "12345678901234567890",
        ] {
            assert_eq!(canonical(text), plain(text), "{text}");
        }
        assert_eq!(canonical("020 7946 0123"), "02079460123");
    }

    #[test]
    fn a_sip_address_is_the_same_at_any_port() {
        assert_eq!(canonical("sip:desk@Acme.test"), "sip:desk@acme.test");
        assert_eq!(
            canonical("sips:desk@acme.test:5061;transport=tls"),
            "sip:desk@acme.test"
        );
        assert_eq!(canonical("sip:100@pbx.test"), "sip:100@pbx.test");
        assert_eq!(canonical("sip:acme.test"), "sip:acme.test");
    }

    #[test]
    fn a_masked_number_shows_less_than_it_needs_to_be_dialled() {
        assert_eq!(masked_number("+14155552671"), "+1415•••2671");
        assert_eq!(masked_number("+44999"), "•••");
        assert_eq!(masked_number("+4412345"), "+44•••45");
        assert_eq!(masked_number(""), "•••");
        assert_eq!(masked_number("+ÄÖÜäöüßÄÖÜäö"), "+ÄÖÜä•••ÖÜäö");
    }

    #[test]
    fn numbers_and_addresses_are_told_from_other_text() {
        assert!(is_e164(NUMBER) && is_e164("+12"));
        for text in [
            "",
            "+",
            "+1",
            "442079460123",
            "+042079460123",
            "+44 20",
            "+1234567890123456",
        ] {
            assert!(!is_e164(text), "{text}");
        }
        assert!(is_sip_address("sip:desk@acme.test") && is_sip_address("SIPS:100@10.0.0.1:5061"));
        for text in [
            "desk@acme.test",
            "sip:acme.test",
            "sip:@acme.test",
            "sip:a b@c",
            "sip:a@b;x=y",
            "sip:a@",
        ] {
            assert!(!is_sip_address(text), "{text}");
        }
    }
}
