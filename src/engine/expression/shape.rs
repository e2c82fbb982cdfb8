//! From the tree of an expression to its form.

use super::filter::Filter;
use super::names::Name;
use super::narrow::{literal, name_and_literal};
use super::reading::Shape;
use super::tree::{Comparison, Kind, Term};
use crate::engine::ids::Slot;

/// Finds the form of an expression.
pub(super) struct Shaper<'a> {
    pub names: &'a [Name],
    /// The slot of a name that may be unset.
    pub slot: &'a dyn Fn(Name) -> Option<Slot>,
    /// The slot of a name that is a list.
    pub list: &'a dyn Fn(Name) -> Option<Slot>,
}

impl Shaper<'_> {
    fn slot(&self, name: usize) -> Option<Slot> {
        (self.slot)(self.names[name])
    }

    /// The slot of a name whose values a call of an example can bring about: of what comes back to a step only how it
    /// ended.
    fn decided(&self, name: usize) -> Option<Slot> {
        match self.names[name] {
            Name::Fact(_) => None,
            _ => self.slot(name),
        }
    }

    /// The form of a condition.
    pub fn condition(&self, node: &Term) -> Shape {
        let both = |one: &Term, other: &Term| {
            (
                Box::new(self.condition(one)),
                Box::new(self.condition(other)),
            )
        };
        match &node.kind {
            Kind::Boolean(yes) => Shape::Constant(*yes),
            Kind::Name(name) | Kind::Optional(name) => match self.slot(*name) {
                Some(slot) => Shape::Flag(slot),
                None => Shape::Reads(Vec::new()),
            },
            Kind::Defined(name) => match self.slot(*name) {
                Some(slot) => Shape::Defined(slot),
                // Whether it ever opens is for the hours to say.
                None if matches!(self.names[*name], Name::Hours(..)) => Shape::Reads(Vec::new()),
                None => Shape::Constant(true),
            },
            Kind::Not(inner) => Shape::Not(Box::new(self.condition(inner))),
            Kind::And(one, other) => {
                let (one, other) = both(one, other);
                Shape::And(one, other)
            }
            Kind::Or(one, other) => {
                let (one, other) = both(one, other);
                Shape::Or(one, other)
            }
            Kind::If(when, one, other) => {
                let (one, other) = both(one, other);
                Shape::If(Box::new(self.condition(when)), one, other)
            }
            Kind::Compare(comparison, one, other) => self
                .comparison(*comparison, one, other)
                .unwrap_or_else(|| self.reads(node)),
            Kind::In(one, other) => self.listed(one, other).unwrap_or_else(|| self.reads(node)),
            _ => self.value(node),
        }
    }

    /// The form of something that is told.
    pub fn value(&self, node: &Term) -> Shape {
        match &node.kind {
            Kind::Name(name) => match self.slot(*name) {
                Some(slot) => Shape::Name(slot),
                None => Shape::Reads(Vec::new()),
            },
            Kind::If(when, one, other) => Shape::If(
                Box::new(self.condition(when)),
                Box::new(self.value(one)),
                Box::new(self.value(other)),
            ),
            Kind::Filter(Filter::Default, subject, arguments) => {
                let other = self.value(&arguments[0]);
                match &subject.kind {
                    Kind::Name(name) if let Some(slot) = self.slot(*name) => Shape::If(
                        Box::new(Shape::Defined(slot)),
                        Box::new(Shape::Name(slot)),
                        Box::new(other),
                    ),
                    _ => Shape::Reads(vec![self.value(subject), other]),
                }
            }
            Kind::Filter(Filter::As, subject, _) => self.value(subject),
            // An empty list has a length too.
            Kind::Filter(Filter::Length, ..) if self.counted(node).is_some() => {
                Shape::Reads(Vec::new())
            }
            Kind::Not(_)
            | Kind::And(..)
            | Kind::Or(..)
            | Kind::Compare(..)
            | Kind::In(..)
            | Kind::Defined(_) => self.condition(node),
            _ => self.reads(node),
        }
    }

    fn reads(&self, node: &Term) -> Shape {
        let parts = node.parts().into_iter().map(|part| self.value(part));
        Shape::Reads(
            parts
                .filter(|part| *part != Shape::Reads(Vec::new()))
                .collect(),
        )
    }

    /// The list whose length a part is.
    fn counted(&self, node: &Term) -> Option<Slot> {
        match &node.kind {
            Kind::Filter(Filter::Length, subject, _) => match subject.kind {
                Kind::Name(name) | Kind::Optional(name) => (self.list)(self.names[name]),
                _ => None,
            },
            _ => None,
        }
    }

    /// A comparison of the length of a list with a number.
    fn length(&self, comparison: Comparison, one: &Term, other: &Term) -> Option<Shape> {
        let sides = [(one, other, comparison), (other, one, comparison.swapped())];
        sides.into_iter().find_map(|(list, number, comparison)| {
            let Kind::Integer(number) = number.kind else {
                return None;
            };
            Some(Shape::Counts(self.counted(list)?, comparison, number))
        })
    }

    fn comparison(&self, comparison: Comparison, one: &Term, other: &Term) -> Option<Shape> {
        if let Some(shape) = self.length(comparison, one, other) {
            return Some(shape);
        }
        let (name, comparison, value) = name_and_literal(comparison, one, other)?;
        let slot = self.decided(name)?;
        let shape = match comparison {
            Comparison::Equal => Shape::Is(slot, value),
            Comparison::Unequal => Shape::Not(Box::new(Shape::Is(slot, value))),
            order => Shape::Compares(slot, order, value),
        };
        Some(self.guarded(slot, [one, other], shape, comparison == Comparison::Unequal))
    }

    fn listed(&self, one: &Term, other: &Term) -> Option<Shape> {
        let (Kind::Name(name) | Kind::Optional(name)) = one.kind else {
            return None;
        };
        let Kind::List(parts) = &other.kind else {
            return None;
        };
        let slot = self.decided(name)?;
        let values = parts.iter().map(literal).collect::<Option<Vec<_>>>()?;
        let is = values.into_iter().map(|value| Shape::Is(slot, value));
        let any = is.reduce(|one, other| Shape::Or(Box::new(one), Box::new(other)));
        Some(self.guarded(slot, [one, other], any?, false))
    }

    /// `name?` asks for nothing where the name is not set.
    fn guarded(&self, slot: Slot, sides: [&Term; 2], shape: Shape, unset: bool) -> Shape {
        let optional = |node: &&Term| matches!(node.kind, Kind::Optional(_));
        if !sides.iter().any(optional) {
            return shape;
        }
        Shape::If(
            Box::new(Shape::Defined(slot)),
            Box::new(shape),
            Box::new(Shape::Constant(unset)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse;
    use super::*;
    use crate::engine::value::Value;

    /// Names `a`, `b` and `c` may be unset, and `c` is a list; others are set always.
    fn both(source: &str) -> (Shape, Shape) {
        let tree = parse(source).expect("it is an expression");
        let known = |name: &str| ["a", "b", "c"].iter().position(|known| *known == name);
        let slots: Vec<Option<Slot>> = tree
            .names
            .iter()
            .map(|(name, _)| known(name).map(|at| at as Slot))
            .collect();
        let names: Vec<Name> = (0..slots.len()).map(|at| Name::Slot(at as Slot)).collect();
        let slot = |name: Name| match name {
            Name::Slot(at) => slots[usize::from(at)],
            _ => None,
        };
        let shaper = Shaper {
            names: &names,
            slot: &slot,
            list: &|name| slot(name).filter(|slot| *slot == 2),
        };
        (shaper.condition(&tree.root), shaper.value(&tree.root))
    }

    fn condition(source: &str) -> Shape {
        both(source).0
    }

    fn value(source: &str) -> Shape {
        both(source).1
    }

    fn not(shape: Shape) -> Shape {
        Shape::Not(Box::new(shape))
    }

    #[test]
    fn conditions_keep_their_form() {
        let is = |text: &str| Shape::Is(0, Value::Text(text.to_owned()));
        assert_eq!(condition("a"), Shape::Flag(0));
        assert_eq!(condition("a is defined"), Shape::Defined(0));
        assert_eq!(condition("a is not defined"), not(Shape::Defined(0)));
        assert_eq!(condition("call.from is defined"), Shape::Constant(true));
        assert_eq!(condition("a == 'x'"), is("x"));
        assert_eq!(condition("not (a != \"x\")"), not(not(is("x"))));
        assert_eq!(
            condition("5 < a"),
            Shape::Compares(0, Comparison::Greater, Value::Integer(5))
        );
        assert_eq!(
            condition("a in ['x', 'y']"),
            Shape::Or(Box::new(is("x")), Box::new(is("y")))
        );
        assert_eq!(
            condition("a is defined and b == 3 or c"),
            Shape::Or(
                Box::new(Shape::And(
                    Box::new(Shape::Defined(0)),
                    Box::new(Shape::Is(1, Value::Integer(3)))
                )),
                Box::new(Shape::Flag(2))
            )
        );
    }

    #[test]
    fn the_length_of_a_list_is_counted_and_never_unset() {
        assert_eq!(
            condition("(c | length) >= 2"),
            Shape::Counts(2, Comparison::GreaterOrEqual, 2)
        );
        assert_eq!(
            condition("2 > (c | length)"),
            Shape::Counts(2, Comparison::Less, 2)
        );
        assert_eq!(value("c | length"), Shape::Reads(Vec::new()));
        assert_eq!(
            value("a | length"),
            Shape::Reads(vec![Shape::Name(0)]),
            "a text may be unset"
        );
    }

    #[test]
    fn a_choice_reads_what_it_chooses() {
        let choice = |when: Shape, one: Shape, other: Shape| {
            Shape::If(Box::new(when), Box::new(one), Box::new(other))
        };
        assert_eq!(
            value("a if a is defined else 0"),
            choice(Shape::Defined(0), Shape::Name(0), Shape::Reads(Vec::new()))
        );
        assert_eq!(
            value("a | default(b)"),
            choice(Shape::Defined(0), Shape::Name(0), Shape::Name(1))
        );
        assert_eq!(value("a?"), Shape::Reads(Vec::new()));
        assert_eq!(
            condition("a? == 1"),
            choice(
                Shape::Defined(0),
                Shape::Is(0, Value::Integer(1)),
                Shape::Constant(false)
            )
        );
    }

    #[test]
    fn anything_else_is_what_it_reads() {
        let reads =
            |slots: &[Slot]| Shape::Reads(slots.iter().map(|slot| Shape::Name(*slot)).collect());
        assert_eq!(condition("a + b > 3"), Shape::Reads(vec![reads(&[0, 1])]));
        assert_eq!(
            condition("a in ['x', b]"),
            Shape::Reads(vec![Shape::Name(0), reads(&[1])])
        );
        assert_eq!(value("'a' ~ call.from"), Shape::Reads(Vec::new()));
        assert_eq!(value("a[:2]"), reads(&[0]));
    }
}
