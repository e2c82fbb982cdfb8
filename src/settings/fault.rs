//! What is wrong with the settings, for the operator.

use std::fmt;
use std::path::Path;

/// Something wrong with one setting. No secret is ever shown.
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
    /// The line that sets it, with a caret below what is wrong; empty where it may not be shown.
    pub excerpt: String,
}

impl Fault {
    /// One of a whole file.
    pub(super) fn of_file(file: &Path, message: String, help: &str) -> Self {
        Self {
            key: String::new(),
            origin: file.display().to_string(),
            message,
            help: help.to_owned(),
            excerpt: String::new(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.key.as_str(), self.origin.as_str()) {
            ("", place) | (place, "") => write!(f, "{place}: {}", self.message)?,
            (key, origin) => write!(f, "{key} ({origin}): {}", self.message)?,
        }
        if !self.help.is_empty() {
            write!(f, "; {}", self.help)?;
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
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
            let mut lines = fault.excerpt.lines();
            lines.try_for_each(|line| write!(f, "\n    {line}"))?;
        }
        Ok(())
    }
}
