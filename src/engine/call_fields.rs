//! What a flow reads of the request that a call begins with beside `call.*`: the fields that its `[call]` names.
//!
//! They are values of the call from its first turn on, in slots of their own, and nothing sets them again.

use super::answer::Answer;
use super::call::Call;
use super::expression::Type;
use super::first_request::FirstRequest;
use super::flow::Flow;
use super::ids::Slot;
use super::value::Value;

/// The longest value that is kept, in characters: what is longer fits no field.
pub const MAX_LENGTH: usize = 256;

/// The type of a field that says none: text.
#[derive(Debug)]
pub struct Plain;

impl Answer for Plain {
    fn describe(&self) -> String {
        "text".to_owned()
    }

    fn type_of(&self) -> Type {
        Type::TEXT
    }

    fn length(&self) -> (u32, u32) {
        (1, MAX_LENGTH as u32)
    }

    fn example(&self) -> String {
        "1".to_owned()
    }

    fn check(&self, text: &str) -> Option<Value> {
        let value = Value::Text(text.to_owned());
        self.accepts(&value).then_some(value)
    }

    fn accepts(&self, value: &Value) -> bool {
        matches!(value, Value::Text(text) if !text.is_empty() && is_short(text))
    }
}

impl Flow {
    /// The fields of a first request, as `sent` has them by the carrier's name: those that fit their types.
    pub fn read_call<'s>(&self, sent: impl Fn(&str) -> Option<&'s str>) -> Vec<(Slot, Value)> {
        let slots = self
            .call_slots()
            .filter_map(|slot| Slot::try_from(slot).ok());
        let all = slots.zip(&self.call_fields);
        all.filter_map(|(slot, field)| Some((slot, read(&*field.of.kind, sent(&field.at)?)?)))
            .collect()
    }

    /// The whole of a first request, where a step sends it on.
    pub fn read_request<'s>(
        &self,
        sent: impl Iterator<Item = (&'s str, &'s str)>,
    ) -> Option<FirstRequest> {
        let field = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        self.sends_request
            .then(|| FirstRequest(sent.map(field).collect()))
    }

    /// The fields of a first request as the carrier names and writes them, each that the flow reads; empty for what is not
    /// there.
    pub fn write_call(&self, fields: &[(Slot, Value)]) -> Vec<(String, String)> {
        let slots = self.call_slots();
        let written = slots.zip(&self.call_fields).map(|(slot, field)| {
            let mut known = fields.iter();
            let value = known.find(|(other, _)| usize::from(*other) == slot);
            let value = value.map(|(_, value)| value.to_string());
            (field.at.clone(), value.unwrap_or_default())
        });
        written.collect()
    }
}

impl Call {
    /// The same call, begun with these fields of its first request.
    pub fn with_fields(mut self, fields: Vec<(Slot, Value)>) -> Self {
        self.values.extend(fields);
        self
    }

    /// The same call, with the whole of its first request.
    pub fn with_request(mut self, request: Option<FirstRequest>) -> Self {
        self.request = request.map(Box::new);
        self
    }

    /// What it has of its first request.
    pub fn fields(&self, flow: &Flow) -> Vec<(Slot, Value)> {
        let slots = flow.call_slots();
        if slots.is_empty() {
            return Vec::new();
        }
        let all = self.values.iter();
        all.filter(|(slot, _)| slots.contains(&usize::from(*slot)))
            .cloned()
            .collect()
    }
}

/// What a text is as a value of a type, in the form in which the type stores it; nothing where it does not fit. Of yes and
/// no the words themselves count too.
fn read(kind: &dyn Answer, text: &str) -> Option<Value> {
    if !is_short(text) {
        return None;
    }
    let whole = || text.trim().parse().ok().map(Value::Integer);
    let flag = || match text.trim().to_lowercase().as_str() {
        "true" | "yes" => Some(Value::Boolean(true)),
        "false" | "no" => Some(Value::Boolean(false)),
        _ => None,
    };
    let read: [&dyn Fn() -> Option<Value>; 3] =
        [&|| Some(Value::Text(text.to_owned())), &whole, &flag];
    let mut values = read.iter().filter_map(|read| read());
    values.find(|value| kind.accepts(value))
}

fn is_short(text: &str) -> bool {
    text.chars().nth(MAX_LENGTH).is_none()
}
