//! The two sides that are measured: the shortest calls and the longest.

/// Which calls are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The shortest.
    Shortest,
    /// The longest.
    Longest,
}

impl Side {
    /// The one of two that is looked for.
    pub fn of<T: Ord>(self, one: T, other: T) -> T {
        match self {
            Self::Shortest => one.min(other),
            Self::Longest => one.max(other),
        }
    }
}
