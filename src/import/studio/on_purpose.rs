//! In what flows of ours are otherwise than Studio on purpose: each has a name, by which it is counted and can be left out.

/// Something that is otherwise on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnPurpose {
    /// A call goes on however often it comes to the same question, as long as the caller answers.
    Rounds,
}

impl OnPurpose {
    /// Every one.
    pub const ALL: [Self; 1] = [Self::Rounds];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Rounds => "rounds",
        }
    }

    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name() == name)
    }

    /// What is otherwise.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Rounds => {
                "Studio ends a call that comes to the same widget more than ten times; here it goes on"
            }
        }
    }
}
