//! What the numbering plans tell of a number: its country and its kind.

use std::str::FromStr as _;

use rlibphonenumber::enums::Region;
use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumber, PhoneNumberType};

use crate::written::number::is_e164;

/// What a number is for, as far as numbering plans tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NumberKind {
    /// A fixed line.
    Fixed,
    /// A mobile.
    Mobile,
    /// One of the two: some countries make no difference.
    FixedOrMobile,
    /// Costs whoever calls it nothing.
    Freephone,
    /// Costs more than the connection.
    Premium,
    /// Costs more than a fixed line.
    SharedCost,
    /// UsedBy over the internet.
    Voip,
    /// Leads to wherever somebody is.
    Personal,
    /// A pager.
    Pager,
    /// One number for all places of a company.
    Company,
    /// Somebody's mailbox.
    Voicemail,
    /// No plan tells, or none gives out such a number.
    Unknown,
}

impl NumberKind {
    /// Those that settings name.
    pub const NAMED: [Self; 8] = [
        Self::Fixed,
        Self::Mobile,
        Self::Freephone,
        Self::SharedCost,
        Self::Voip,
        Self::Personal,
        Self::Pager,
        Self::Company,
    ];

    /// The word of settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fixed => "fixed",
            Self::Mobile => "mobile",
            Self::FixedOrMobile => "fixed or mobile",
            Self::Freephone => "freephone",
            Self::Premium => "premium",
            Self::SharedCost => "shared_cost",
            Self::Voip => "voip",
            Self::Personal => "personal",
            Self::Pager => "pager",
            Self::Company => "company",
            Self::Voicemail => "voicemail",
            Self::Unknown => "unknown",
        }
    }

    /// The kind of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMED.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Whether it is one of these. What is a fixed line or a mobile is either.
    pub fn is_one_of(self, kinds: &[Self]) -> bool {
        match self {
            Self::FixedOrMobile => kinds.contains(&Self::Fixed) || kinds.contains(&Self::Mobile),
            kind => kinds.contains(&kind),
        }
    }

    fn of(kind: PhoneNumberType) -> Self {
        match kind {
            PhoneNumberType::FixedLine => Self::Fixed,
            PhoneNumberType::Mobile => Self::Mobile,
            PhoneNumberType::FixedLineOrMobile => Self::FixedOrMobile,
            PhoneNumberType::TollFree => Self::Freephone,
            PhoneNumberType::PremiumRate => Self::Premium,
            PhoneNumberType::SharedCost => Self::SharedCost,
            PhoneNumberType::VoIP => Self::Voip,
            PhoneNumberType::PersonalNumber => Self::Personal,
            PhoneNumberType::Pager => Self::Pager,
            PhoneNumberType::UAN => Self::Company,
            PhoneNumberType::VoiceMail => Self::Voicemail,
            PhoneNumberType::Unknown => Self::Unknown,
        }
    }
}

/// What the numbering plans tell of a number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NumberPlan {
    /// The two letters of its country; none has a number of a satellite or of a service of the world.
    pub country: Option<String>,
    /// What it is for.
    pub kind: NumberKind,
}

impl NumberPlan {
    /// Of a number in E.164; nothing for what is none.
    pub fn of(number: &str) -> Option<Self> {
        if !is_e164(number) {
            return None;
        }
        let number = PhoneNumber::from_str(number).ok()?;
        let country = number.get_region_code();
        let country = country.filter(|region| *region != Region::World);
        Some(Self {
            country: country.map(|region| region.to_string()),
            kind: NumberKind::of(number.get_type()),
        })
    }
}

/// Whether these are the two letters of a country that has telephone numbers.
pub(super) fn is_country(code: &str) -> bool {
    let is_code = code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase());
    let region = Region::from_code(code).ok().filter(|_| is_code);
    region.is_some_and(|region| {
        PHONE_NUMBER_UTIL
            .get_country_code_for_region(region)
            .is_some()
    })
}
