//! What is wrong with the settings, for the operator.

use std::fmt;

/// Something wrong with one setting. No secret is ever told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The setting, as in a file: `server.listen`.
    pub key: String,
    /// Where it was set: a file and line, or an environment variable. Empty where it was not.
    pub origin: String,
    /// What is wrong.
    pub message: String,
    /// What would be right; empty where the message says it.
    pub help: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            origin,
            message,
            help,
        } = self;
        match (key.as_str(), origin.as_str()) {
            ("", place) | (place, "") => write!(f, "{place}: {message}")?,
            _ => write!(f, "{key} ({origin}): {message}")?,
        }
        if !help.is_empty() {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

/// Everything that is wrong with the settings; never empty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error(pub Vec<Fault>);

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the settings are not right")?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}
