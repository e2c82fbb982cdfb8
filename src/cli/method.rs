//! `--method`: how a voice URL is asked first, as the number's owner has told the carrier.

use clap::ValueEnum;

use crate::phone::Method;

/// How a voice URL is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Asked {
    /// The fields are a form.
    Post,
    /// The fields stand in the URL.
    Get,
}

impl From<Asked> for Method {
    fn from(asked: Asked) -> Self {
        match asked {
            Asked::Post => Self::Post,
            Asked::Get => Self::Get,
        }
    }
}
