//! Whether a number may be dialled or texted: pure judgement, so that nothing is called or texted by accident.
//!
//! A number is judged by its country and its kind ([`Policy::judge`]), and its use is counted by call, caller, number, prefix
//! and day ([`Policy::caps`]). Lists say what may be reached, never what may not: no table of numbering plans knows every
//! expensive number. Who counts, and where, is not known here.

mod cap;
mod number;
mod refusal;
mod zones;

pub use cap::{CapKind, Caps, CountedCap, UsedBy};
pub use number::{NumberKind, NumberPlan};
pub use refusal::NumberRefusal;
pub use zones::zones_of;

/// What is done with a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reach {
    /// It is called.
    Dial,
    /// An SMS is sent to it.
    Text,
}

impl Reach {
    /// Each of them.
    pub const ALL: [Self; 2] = [Self::Dial, Self::Text];

    /// The word of figures, logs and settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Dial => "dial",
            Self::Text => "text",
        }
    }
}

/// A country whose numbers may be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Country {
    /// That of the number called.
    Called,
    /// One by its two letters (ISO 3166).
    Code(String),
}

impl Country {
    /// The word for that of the number called.
    pub const CALLED: &str = "called";

    /// Reads `called`, or the two letters of a country that has telephone numbers.
    pub fn parse(text: &str) -> Option<Self> {
        if text == Self::CALLED {
            return Some(Self::Called);
        }
        number::is_country(text).then(|| Self::Code(text.to_owned()))
    }
}

/// What a flow wants of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NumberUse<'a> {
    /// What is done with it.
    pub reach: Reach,
    /// The number, in E.164.
    pub number: &'a str,
    /// Whether it stands in the flow or is a contact, so that somebody chose it beforehand.
    pub is_written: bool,
    /// The number that the caller called.
    pub called: &'a str,
}

impl<'a> NumberUse<'a> {
    /// Of a number that is named beforehand, whoever calls.
    pub fn written(number: &'a str) -> Self {
        Self {
            reach: Reach::Dial,
            number,
            is_written: true,
            called: "",
        }
    }
}

/// What may be dialled and texted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The countries whose numbers may be dialled that a flow has from a caller or a service.
    pub dial: Vec<Country>,
    /// The same of numbers that are texted.
    pub text: Vec<Country>,
    /// The kinds of such numbers.
    pub kinds: Vec<NumberKind>,
    /// How often.
    pub caps: Caps,
    /// Whether every number may be reached that is not premium: where nobody is reached, as in test calls.
    pub is_open: bool,
}

impl Default for Policy {
    /// As in `config/default.toml`, nothing counted.
    fn default() -> Self {
        Self {
            dial: Vec::new(),
            text: vec![Country::Called],
            kinds: vec![NumberKind::Fixed, NumberKind::Mobile],
            caps: Caps::default(),
            is_open: false,
        }
    }
}

impl Policy {
    /// For calls that reach nobody: every number but premium ones.
    pub fn open() -> Self {
        Self {
            is_open: true,
            ..Self::default()
        }
    }

    /// Whether no number at all is reached that is not written out.
    pub fn reaches_none(&self, reach: Reach) -> bool {
        !self.is_open && (self.countries(reach).is_empty() || self.kinds.is_empty())
    }

    fn countries(&self, reach: Reach) -> &[Country] {
        match reach {
            Reach::Dial => &self.dial,
            Reach::Text => &self.text,
        }
    }

    /// Whether a number may be reached at all, whatever was reached before.
    ///
    /// # Errors
    /// Why not.
    pub fn judge(&self, wanted: &NumberUse<'_>) -> Result<(), NumberRefusal> {
        let plan = NumberPlan::of(wanted.number);
        let is_premium = |plan: &NumberPlan| plan.kind == NumberKind::Premium;
        if plan.as_ref().is_some_and(is_premium) {
            return Err(NumberRefusal::Premium);
        }
        // Somebody meant it: the plans need not know it.
        if wanted.is_written {
            return Ok(());
        }
        let plan = plan.ok_or(NumberRefusal::NotANumber)?;
        let here = || NumberPlan::of(wanted.called).and_then(|called| called.country);
        let is_it = |country: &Country| match (country, &plan.country) {
            (_, None) => false,
            (Country::Called, of) => here() == *of,
            (Country::Code(code), Some(of)) => code == of,
        };
        if self.is_open {
            return Ok(());
        }
        if !self.countries(wanted.reach).iter().any(is_it) {
            return Err(NumberRefusal::Country);
        }
        if !plan.kind.is_one_of(&self.kinds) {
            return Err(NumberRefusal::Kind);
        }
        Ok(())
    }

    /// What is counted when it is reached, the narrowest first.
    pub fn caps(&self, wanted: &NumberUse<'_>, reached: &UsedBy<'_>) -> Vec<CountedCap> {
        self.caps.counted(wanted, reached)
    }
}

#[cfg(test)]
mod tests;
