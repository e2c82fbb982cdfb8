//! Reads SIP addresses.

use super::super::template::Template;
use super::Checker;
use crate::written::number::is_sip_address;
use crate::written::{Code, Explain, Item};

/// A SIP address, which may have holes; `what` says what must stand here.
pub fn sip_address(item: Item<'_>, what: &str, check: &mut Checker) -> Option<Template> {
    let text = item.text(check, what)?;
    if !text.contains("{{") && !is_sip_address(text) {
        check
            .fault(
                Code::NumberNotE164,
                item.span(),
                format!("`{text}` is not a SIP address that can be dialled"),
            )
            .help("write it as \"sip:\", a name, \"@\" and a host: \"sip:desk@pbx.example.com\"");
        return None;
    }
    Template::told(text, item.span(), check)
}
