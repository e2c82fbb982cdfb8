//! `--method`: the method of the first request to a voice URL, as it is configured at the carrier.

use clap::ValueEnum;

use crate::phone::Method;

/// How a voice URL is requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum VoiceMethod {
    /// The fields are a form.
    Post,
    /// The fields are in the URL.
    Get,
}

impl From<VoiceMethod> for Method {
    fn from(asked: VoiceMethod) -> Self {
        match asked {
            VoiceMethod::Post => Self::Post,
            VoiceMethod::Get => Self::Get,
        }
    }
}
