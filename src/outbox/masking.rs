//! Masks the body of a delivery for people to see.

use serde_json::Value;

use crate::store::Row;

/// Shown instead of a sensitive answer.
pub const MASK: &str = "•••";

/// The JSON of a delivery, every sensitive answer replaced by [`MASK`].
///
/// A body that is not JSON is shown as text, or not at all if it should hold a sensitive answer.
pub fn masked_body(row: &Row) -> Value {
    let Ok(mut body) = serde_json::from_slice::<Value>(row.json()) else {
        let text = String::from_utf8_lossy(row.json()).into_owned();
        return if row.sensitive.is_empty() {
            text.into()
        } else {
            MASK.into()
        };
    };
    if row.is_fleeting() {
        body["words"] = MASK.into();
    }
    if let Some(answers) = body_answers(&mut body) {
        mask_answers(answers, &row.sensitive);
    }
    body
}

fn body_answers(body: &mut Value) -> Option<&mut Value> {
    body.get_mut("data")?.get_mut("answers")
}

/// Masks at any depth, so that answers within a group or of a subflow are masked as well.
fn mask_answers(value: &mut Value, sensitive: &[String]) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                if sensitive.contains(name) {
                    *member = MASK.into();
                } else {
                    mask_answers(member, sensitive);
                }
            }
        }
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| mask_answers(item, sensitive)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use serde_json::json;

    use super::{MASK, masked_body};
    use crate::outbox::tests::row;

    #[test]
    fn only_the_sensitive_answers_are_hidden() {
        let mut row = row("crm");
        row.body = json!({ "data": { "call": { "pin": 1 }, "answers": { "pin": "4711", "all": [{ "pin": 5 }], "size": "2" } } })
            .to_string()
            .into();
        row.sensitive = vec!["pin".into()];
        let shown = json!({ "data": { "call": { "pin": 1 }, "answers": { "pin": MASK, "all": [{ "pin": MASK }], "size": "2" } } });
        assert_eq!(masked_body(&row), shown);
    }

    #[test]
    fn a_body_that_is_no_json_is_hidden_if_it_should_hold_a_sensitive_answer() {
        let mut row = row("crm");
        row.body = Bytes::from_static(b"4711");
        row.sensitive = vec!["pin".into()];
        row.body = Bytes::from_static(b"\xff4711");
        assert_eq!(masked_body(&row), json!(MASK));
        row.sensitive.clear();
        row.body = Bytes::from_static(b"hello");
        assert_eq!(masked_body(&row), json!("hello"));
    }
}
