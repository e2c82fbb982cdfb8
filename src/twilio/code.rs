//! The carrier's error codes, as far as they are told apart.

/// What stands for every code that is not told apart.
const OTHER: &str = "other";

macro_rules! known {
    ($($code:literal)+) => {
        /// Codes and their names, in order.
        const KNOWN: &[(u32, &str)] = &[$(($code, stringify!($code)),)+];
    };
}

// Those of Twilio's error dictionary that send a call to its fallback URL. What stands in a request is a number of the
// carrier's, and there is no end of numbers.
known! {
    11100
    11200 11201 11202 11203 11205 11206 11210 11215 11216 11217
    11220 11235 11236 11237 11240 11241 11242 11243 11251
    11750 11770
    12100 12101 12102 12300 12400
    13201 13224 13225 13227 13247
}

/// The name of a code; one for all that are not known.
pub fn code_name(code: u32) -> &'static str {
    KNOWN
        .binary_search_by_key(&code, |(known, _)| *known)
        .map_or(OTHER, |at| KNOWN[at].1)
}

/// Every name that a code can have.
pub fn codes() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().map(|(_, name)| *name).chain([OTHER])
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, code_name, codes};

    #[test]
    fn every_known_code_is_found_by_its_number_and_all_others_are_one() {
        for (code, name) in KNOWN {
            assert_eq!(
                (code_name(*code), *name),
                (*name, code.to_string().as_str())
            );
        }
        for code in [0, 11_199, 12_200, 99_999, u32::MAX] {
            assert_eq!(code_name(code), "other", "{code}");
        }
        assert_eq!(codes().count(), KNOWN.len() + 1);
    }
}
