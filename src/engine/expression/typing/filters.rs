//! The check of filters: what each takes, and what comes of it.

use super::super::filter::Filter;
use super::super::narrow::literal;
use super::super::tree::Term;
use super::super::types::{Family, TextType, Type};
use super::Typing;
use crate::engine::keys::shared::INTERPRET_AS;
use crate::engine::value::Value;
use crate::written::Code;
use crate::written::diag::nearest;

impl Typing<'_> {
    /// What would fit where a filter does not.
    fn fitting(&self, filter: Filter, subject: &Term, of: &Type) -> String {
        let text = self.text(subject);
        match of {
            Type::Entries { .. } => format!("only how long it is can be asked: `{text} | length`"),
            Type::Recording => {
                format!("only whether it is there can be asked: `{text} is defined`")
            }
            _ => format!("it is of {}: `{}`", subject_of(filter), filter.usage()),
        }
    }

    pub(super) fn filter(
        &mut self,
        filter: Filter,
        node: &Term,
        subject: &Term,
        arguments: &[Term],
    ) -> Type {
        let of = self.value(subject);
        let with: Vec<Type> = arguments
            .iter()
            .map(|argument| self.value(argument))
            .collect();
        if filter == Filter::As {
            let message = "a way of speaking can only be asked for last, in a text that is spoken";
            let help = "write `{{ name | as('telephone') }}` in a prompt";
            self.problem(
                Code::ExpressionSyntax,
                node,
                message.to_owned(),
                help.to_owned(),
            );
            return of;
        }
        if filter == Filter::Default && takes(filter, &of) {
            return of.either(&with[0]).unwrap_or(Type::Open);
        }
        if !takes(filter, &of) {
            let message = format!(
                "`{}` does not fit `{}`, which is {}",
                filter.as_str(),
                self.text(subject),
                of.describe()
            );
            let help = self.fitting(filter, subject, &of);
            self.problem(Code::TypesDiffer, subject, message, help);
            return Type::Open;
        }
        for (argument, with) in arguments.iter().zip(&with) {
            let wanted = if matches!(filter, Filter::Round | Filter::Days) {
                Family::Number
            } else {
                Family::Text
            };
            let fits = with.family().is_none_or(|family| family == wanted);
            if !fits || (wanted == Family::Number && *with == Type::Number) {
                let message = format!(
                    "`{}` cannot take `{}`, which is {}",
                    filter.as_str(),
                    self.text(argument),
                    with.describe()
                );
                let help = format!("write `{}`", filter.usage());
                self.problem(Code::TypesDiffer, argument, message, help);
            }
        }
        result(filter, of, !arguments.is_empty())
    }

    /// The argument of `as`.
    pub(super) fn way_of_speaking(&mut self, node: &Term) {
        let how = match literal(node) {
            Some(Value::Text(how)) => how,
            _ => String::new(),
        };
        if INTERPRET_AS.contains(&&*how) {
            return;
        }
        let help = match nearest(&how, INTERPRET_AS) {
            Some(near) => format!("did you mean '{near}'?"),
            None => format!("one of {}", INTERPRET_AS.join(", ")),
        };
        let message = format!("nothing can be read as `{}`", self.text(node));
        self.problem(Code::SayAsUnknown, node, message, help);
    }
}

/// Whether a filter can be put on a type.
fn takes(filter: Filter, of: &Type) -> bool {
    match (filter, of) {
        (filter, Type::Entries { .. }) => filter == Filter::Length,
        (_, Type::Recording) => false,
        (_, Type::Open) | (Filter::Default | Filter::As, _) => true,
        (Filter::Length | Filter::First | Filter::Last, of) => {
            matches!(of, Type::Text(_) | Type::List(_))
        }
        (Filter::Join, of) => matches!(of, Type::List(_)),
        // Of a list, each of its texts.
        (Filter::Upper | Filter::Lower | Filter::Trim, Type::List(each)) => {
            matches!(**each, Type::Text(_) | Type::Open)
        }
        (Filter::Round, of) => of.family() == Some(Family::Number),
        (Filter::Integer, Type::Text(text)) => {
            matches!(
                text,
                TextType::Free | TextType::Digits { .. } | TextType::Words(_)
            )
        }
        (Filter::Integer, of) => of.family() == Some(Family::Number),
        (Filter::Days, of) => of.meets(&Type::Text(TextType::Date)) && matches!(of, Type::Text(_)),
        (Filter::Digits, of) => matches!(of.family(), Some(Family::Text | Family::Number)),
        _ => matches!(of, Type::Text(_)),
    }
}

fn subject_of(filter: Filter) -> &'static str {
    match filter {
        Filter::Length | Filter::First | Filter::Last => "texts and lists",
        Filter::Join => "lists",
        Filter::Round => "numbers",
        Filter::Integer => "digits and numbers",
        Filter::Days => "dates",
        _ => "texts",
    }
}

/// What comes of texts, each of which is mapped.
fn mapped(of: Type, map: fn(&str) -> String) -> Type {
    match of {
        Type::Text(TextType::Words(words)) => Type::words(words.iter().map(|word| map(word))),
        Type::Text(digits @ TextType::Digits { .. }) => Type::Text(digits),
        Type::List(each) => Type::List(Box::new(mapped(*each, map))),
        _ => Type::TEXT,
    }
}

/// What comes of a filter on a type that it takes.
fn result(filter: Filter, of: Type, has_argument: bool) -> Type {
    match filter {
        Filter::Default | Filter::As => of,
        Filter::Length => Type::Integer {
            low: 0,
            high: match of {
                Type::Entries { most } => i64::try_from(most).unwrap_or(i64::MAX),
                _ => 4096,
            },
        },
        Filter::Upper => mapped(of, str::to_uppercase),
        Filter::Lower => mapped(of, str::to_lowercase),
        Filter::Trim => mapped(of, |word| word.trim().to_owned()),
        Filter::Replace | Filter::Digits | Filter::Join => Type::TEXT,
        Filter::Split => Type::List(Box::new(Type::TEXT)),
        Filter::Integer => match of {
            Type::Text(TextType::Digits { high, .. }) if high <= 18 => Type::Integer {
                low: 0,
                high: 10i64.pow(high) - 1,
            },
            whole @ Type::Integer { .. } => whole,
            _ => Type::INTEGER,
        },
        Filter::Round => match of {
            whole @ Type::Integer { .. } => whole,
            _ if has_argument => Type::Number,
            _ => Type::INTEGER,
        },
        Filter::First | Filter::Last => match of {
            Type::List(each) => *each,
            Type::Text(TextType::Digits { .. }) => Type::Text(TextType::Digits { low: 1, high: 1 }),
            _ => Type::TEXT,
        },
        Filter::Days => Type::Text(TextType::Date),
    }
}
