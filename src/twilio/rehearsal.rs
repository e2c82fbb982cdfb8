//! The mark of a rehearsal: what a simulated carrier of ours says of its calls, and Twilio never says.
//!
//! It is a header, and a signature covers none, so it is made with the auth token and for one call: who can make it can
//! sign webhooks too. Nobody else can have a caller's call taken for a rehearsal, and so kept out of figures and lists.

use hmac::Mac as _;

use super::tokens::{TokenKey, Tokens};

/// The header that carries the mark.
pub const HEADER: &str = "x-hookswitch-rehearsal";

/// The mark where nothing is signed: such requests are served only from the same machine.
const UNSIGNED: &str = "unsigned";

/// Stands before the call's name. No URL begins so, so no mark is a signature and none a mark.
const PURPOSE: &[u8] = b"a rehearsal of hookswitch: ";

/// The mark of a call whose requests are signed with this token, or not at all.
pub fn mark(token: Option<&str>, call_sid: &str) -> String {
    let Some(token) = token else {
        return UNSIGNED.to_owned();
    };
    let mac = TokenKey::new(token)
        .mac(&[PURPOSE, call_sid.as_bytes()])
        .finalize()
        .into_bytes();
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether this is the mark of a call of this account. Where there are no tokens, a request must have been believed
/// without a signature before.
pub fn is_mark(mark: &[u8], call_sid: &str, account: Option<&str>, tokens: &Tokens) -> bool {
    if tokens.is_empty() {
        return mark == UNSIGNED.as_bytes();
    }
    let Some(tag) = bytes(mark) else { return false };
    let mac = |key: &TokenKey| key.mac(&[PURPOSE, call_sid.as_bytes()]);
    tokens
        .of(account)
        .iter()
        .any(|(_, key)| mac(key).verify_slice(&tag).is_ok())
}

/// Reads hexadecimal digits.
fn bytes(hex: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = hex.as_chunks::<2>() else {
        return None;
    };
    let digit = |digit: u8| char::from(digit).to_digit(16);
    pairs
        .iter()
        .map(|[high, low]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{is_mark, mark};
    use crate::twilio::Tokens;
    use crate::twilio::signature::sign;

    const SID: &str = "CA0123456789abcdef0123456789abcdef";

    fn tokens() -> Tokens {
        Tokens::new(Some("main"), Some("old"), [("AC2", "other")])
    }

    #[test]
    fn a_mark_is_known_by_the_token_that_signs_the_call() {
        for (token, account) in [
            ("main", None),
            ("main", Some("AC1")),
            ("old", Some("AC1")),
            ("other", Some("AC2")),
        ] {
            assert!(
                is_mark(mark(Some(token), SID).as_bytes(), SID, account, &tokens()),
                "{token} {account:?}"
            );
        }
        assert!(is_mark(
            mark(None, SID).as_bytes(),
            SID,
            None,
            &Tokens::default()
        ));
    }

    #[test]
    fn nobody_without_the_token_makes_one_and_none_serves_for_another_call() {
        let own = mark(Some("main"), SID);
        let signature = sign("main", SID, &[]);
        let unsigned = mark(None, SID);
        for wrong in [
            "",
            "1",
            "true",
            unsigned.as_str(),
            &own[1..],
            &own[..38],
            signature.as_str(),
            &"0".repeat(40),
        ] {
            assert!(!is_mark(wrong.as_bytes(), SID, None, &tokens()), "{wrong}");
        }
        assert!(!is_mark(own.as_bytes(), "CA1", None, &tokens()));
        assert!(!is_mark(own.as_bytes(), SID, Some("AC2"), &tokens()));
        assert!(!is_mark(
            mark(Some("a stranger's"), SID).as_bytes(),
            SID,
            None,
            &tokens()
        ));
        assert!(!is_mark(own.as_bytes(), SID, None, &Tokens::default()));
    }
}
