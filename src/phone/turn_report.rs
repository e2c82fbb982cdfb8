//! What a server reports of a turn, besides its TwiML.
//!
//! Any server can, by headers of its answers: `Hookswitch-Steps`, the steps that the call came to, the one that it is at
//! last, a space between two; `Hookswitch-Contacts`, the contacts that are dialled, in order, a dash for anybody else,
//! or the queue that the caller waits in, the connector that takes a payment, or the machine that talks; `Hookswitch-Leaving`, the first key by which the caller leaves it;
//! `Hookswitch-Screening`, the keys by which whoever answers takes the call and turns it down, a dash for none; `Hookswitch-Fault`, once for each step that could not be done, its name and why
//! (percent-encoded UTF-8); `Hookswitch-Unforeseen`, a service that was asked of a world that does not know it; `Hookswitch-Unset`, a step and a name that it read and that is not set; and
//! `Hookswitch-Private`, `true` where what is entered next is to be shown to nobody.

use super::wire::Response;

/// What a server reports of a turn; empty where it reports nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TurnReport {
    /// The steps that the call came to, in order.
    pub steps: Vec<String>,
    /// The steps that could not be done, and why.
    pub faults: Vec<(String, String)>,
    /// The steps that read a name which is not set, and the name.
    pub unset: Vec<(String, String)>,
    /// The contacts that are dialled, in order; empty texts for anybody else.
    pub contacts: Vec<String>,
    /// The keys by which whoever answers takes the call, and turns it down.
    pub screening: (Option<char>, Option<char>),
    /// The key by which a caller who waits in a queue leaves it.
    pub leaving: Option<char>,
    /// The service that was asked and that the world does not know.
    pub unforeseen: Option<String>,
    /// Whether what is entered next is to be shown to nobody.
    pub private: bool,
}

impl TurnReport {
    /// The contact that this place among those who are dialled is; empty for anybody else.
    pub fn contact(&self, place: usize) -> &str {
        self.contacts.get(place).map_or("", String::as_str)
    }

    /// Reads it from the headers of an answer.
    pub fn of(response: &Response) -> Self {
        let decode = |why: &str| {
            percent_encoding::percent_decode_str(why)
                .decode_utf8_lossy()
                .into_owned()
        };
        let pairs = |name: &'static str| {
            let values = response
                .headers
                .iter()
                .filter(move |(known, _)| known == name);
            values.map(|(_, value)| value.split_once(' ').unwrap_or((value, "")))
        };
        let contacts = response.header("hookswitch-contacts").unwrap_or_default();
        let keys = response.header("hookswitch-screening").unwrap_or_default();
        let keys = keys.split_ascii_whitespace().map(|key| key.chars().next());
        let mut keys = keys.map(|key| key.filter(|key| *key != '-'));
        let steps = response.header("hookswitch-steps").unwrap_or_default();
        Self {
            steps: steps.split_ascii_whitespace().map(str::to_owned).collect(),
            faults: pairs("hookswitch-fault")
                .map(|(step, why)| (step.to_owned(), decode(why)))
                .collect(),
            unset: pairs("hookswitch-unset")
                .map(|(step, name)| (step.to_owned(), name.to_owned()))
                .collect(),
            contacts: contacts
                .split_ascii_whitespace()
                .map(|name| {
                    if name == "-" {
                        String::new()
                    } else {
                        name.to_owned()
                    }
                })
                .collect(),
            screening: (keys.next().flatten(), keys.next().flatten()),
            leaving: response
                .header("hookswitch-leaving")
                .and_then(|key| key.chars().next()),
            unforeseen: response.header("hookswitch-unforeseen").map(str::to_owned),
            private: response.header("hookswitch-private") == Some("true"),
        }
    }
}
