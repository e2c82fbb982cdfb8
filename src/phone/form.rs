//! The fields that every request of a call carries (Twilio, "TwiML request parameters").

use super::plan::Plan;

/// A field: name and value.
pub(super) type Field = (String, String);

/// What the carrier knows of each end of a call, beside its number.
const PLACE: [&str; 4] = ["City", "Country", "State", "Zip"];

/// Each end under its two names.
const ENDS: [(&str, &str); 2] = [("From", "Caller"), ("To", "Called")];

/// The fields of every request of one call, made once.
#[derive(Debug)]
pub(super) struct Standard {
    fields: Vec<Field>,
    status_at: usize,
}

impl Standard {
    /// The fields for a plan. What the plan says of its own wins; what it says of one name of an end goes for the other
    /// too.
    pub(super) fn new(plan: &Plan) -> Self {
        let mut fields = vec![
            field("AccountSid", &plan.account.sid),
            field("ApiVersion", "2010-04-01"),
            field("CallSid", &plan.sid),
            field("CallStatus", ""),
            field("Direction", &plan.direction),
        ];
        let status_at = 3;
        for ((name, other), number) in ENDS.into_iter().zip([&plan.from, &plan.to]) {
            fields.push(field(name, number));
            fields.push(field(other, number));
            for part in PLACE {
                let (name, other) = (format!("{name}{part}"), format!("{other}{part}"));
                let made_up = if part == "Country" {
                    country(number)
                } else {
                    ""
                };
                let said = said(plan, &name)
                    .or_else(|| said(plan, &other))
                    .unwrap_or(made_up);
                fields.push(field(&name, said));
                fields.push(field(&other, said));
            }
        }
        for (name, value) in &plan.fields {
            match fields.iter_mut().find(|(known, _)| known == name) {
                Some((_, known)) => known.clone_from(value),
                None => fields.push(field(name, value)),
            }
        }
        Self { fields, status_at }
    }

    /// All of them, with how far the call is, and those of one kind of request.
    pub(super) fn with(&self, status: &str, further: Vec<Field>) -> Vec<Field> {
        let mut fields = Vec::with_capacity(self.fields.len() + further.len());
        fields.extend_from_slice(&self.fields);
        if fields[self.status_at].1.is_empty() {
            fields[self.status_at].1.push_str(status);
        }
        for (name, value) in further {
            match fields.iter().position(|(known, _)| *known == name) {
                Some(at) => fields[at].1 = value,
                None => fields.push((name, value)),
            }
        }
        fields
    }
}

/// Whether the phone makes up a value of a field that a plan says nothing of.
pub fn makes_up(field: &str) -> bool {
    let mut ends = ENDS.iter().flat_map(|(one, other)| [one, other]);
    ends.any(|end| field.strip_prefix(end) == Some("Country"))
}

/// A field from its parts.
pub(super) fn field(name: &str, value: impl Into<String>) -> Field {
    (name.to_owned(), value.into())
}

fn said<'a>(plan: &'a Plan, name: &str) -> Option<&'a str> {
    plan.fields
        .iter()
        .find(|(known, _)| known == name)
        .map(|(_, value)| value.as_str())
}

/// The country of a number, for the few whose code alone decides it; else nothing, as the carrier says where it does not
/// know.
fn country(number: &str) -> &'static str {
    const CODES: [(&str, &str); 14] = [
        ("+1", "US"),
        ("+30", "GR"),
        ("+31", "NL"),
        ("+32", "BE"),
        ("+33", "FR"),
        ("+34", "ES"),
        ("+359", "BG"),
        ("+40", "RO"),
        ("+41", "CH"),
        ("+43", "AT"),
        ("+44", "GB"),
        ("+49", "DE"),
        ("+61", "AU"),
        ("+81", "JP"),
    ];
    CODES
        .iter()
        .find(|(code, _)| number.starts_with(code))
        .map_or("", |(_, country)| country)
}
