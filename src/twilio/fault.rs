//! Why Twilio came to the fallback URL.

/// Where a fault lies that sent a call to its fallback URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FallbackCause {
    /// Twilio could not get our answer: name, connection, TLS, time, status. The answer itself was never judged, so the
    /// same turn may be asked for again.
    Fetch,
    /// Twilio had our answer and could not use it. The same answer would fail again.
    Document,
}

impl FallbackCause {
    /// The name in metrics and logs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fetch => "fetch",
            Self::Document => "document",
        }
    }
}

/// Sorts an `ErrorCode`: 11200 to 11299 are about the fetch (Twilio's error dictionary), everything else about the
/// document.
pub fn fault(code: u32) -> FallbackCause {
    match code {
        11_200..=11_299 => FallbackCause::Fetch,
        _ => FallbackCause::Document,
    }
}

#[cfg(test)]
mod tests {
    use super::{FallbackCause, fault};

    #[test]
    fn only_112xx_is_about_the_fetch() {
        for code in [11_200, 11_205, 11_217, 11_237, 11_299] {
            assert_eq!(fault(code), FallbackCause::Fetch, "{code}");
        }
        for code in [0, 11_199, 11_300, 11_750, 12_100, 12_300, 13_224] {
            assert_eq!(fault(code), FallbackCause::Document, "{code}");
        }
    }
}
