//! Which calls are looked for.

/// Which calls are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The shortest.
    Shortest,
    /// The longest.
    Longest,
}

impl Side {
    /// Of two, the one that is looked for.
    pub fn of<T: Ord>(self, one: T, other: T) -> T {
        match self {
            Self::Shortest => one.min(other),
            Self::Longest => one.max(other),
        }
    }
}
