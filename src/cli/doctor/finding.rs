//! What was found, in words.

use std::fmt;

use serde::Serialize;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FindingVerdict {
    Well,
    /// Calls are answered, and somebody should look at it.
    Warning,
    /// Calls are not answered, or are lost.
    Wrong,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub verdict: FindingVerdict,
    /// What was looked at.
    pub about: &'static str,
    /// What was found.
    pub found: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    pub fn well(about: &'static str, found: impl Into<String>) -> Self {
        Self {
            verdict: FindingVerdict::Well,
            about,
            found: found.into(),
            help: None,
        }
    }

    pub fn warning(about: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            verdict: FindingVerdict::Warning,
            help: Some(help.into()),
            ..Self::well(about, found)
        }
    }

    pub fn wrong(about: &'static str, found: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            verdict: FindingVerdict::Wrong,
            ..Self::warning(about, found, help)
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = match self.verdict {
            FindingVerdict::Well => "well",
            FindingVerdict::Warning => "warning",
            FindingVerdict::Wrong => "WRONG",
        };
        write!(f, "{verdict:<8} {:<12} {}", self.about, self.found)?;
        match &self.help {
            Some(help) => write!(f, "\n{:<21} {help}", ""),
            None => Ok(()),
        }
    }
}
