//! Reads what goes out with an action.

use super::super::changes::SetTo;
use super::super::give::Give;
use super::super::template::Template;
use super::super::value::Value;
use super::Checker;
use crate::written::{Code, Explain, Item, is_name};

impl Give {
    /// Reads a table of names: texts, which may have holes, numbers, true and false.
    pub fn parse(item: Item<'_>, check: &mut Checker) -> Option<Self> {
        let table = item.table(
            check,
            "`give` must be a table, such as `give.reason = \"…\"`",
        )?;
        let mut given = Self::default();
        for (name, item) in table.all() {
            if !is_name(name) {
                check
                    .fault(
                        Code::NameReserved,
                        item.key_span(),
                        format!("`{name}` cannot be given"),
                    )
                    .help(super::name_help(name));
                continue;
            }
            let value = value(item, check);
            given
                .named
                .extend(value.map(|value| (name.to_owned(), value)));
        }
        Some(given)
    }
}

fn value(item: Item<'_>, check: &mut Checker) -> Option<SetTo> {
    if let Some(number) = item.as_integer() {
        return Some(SetTo::Value(Value::Integer(number)));
    }
    if let Some(yes) = item.value.as_bool() {
        return Some(SetTo::Value(Value::Boolean(yes)));
    }
    let text = item.text(
        check,
        "what is given must be text, a whole number, true or false",
    )?;
    Template::told(text, item.span(), check).map(SetTo::Text)
}
