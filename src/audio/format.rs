//! What kind of audio a file is: its ending and its first bytes must agree, since the carrier refuses a file whose
//! content type does not fit its bytes (error 11200).

/// The common ones among the formats that the carrier plays (Twilio's documentation of Play).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AudioFormat {
    Wav,
    Mp3,
    Aiff,
    Aifc,
    /// GSM 06.10, raw.
    Gsm,
    /// G.711 µ-law, raw.
    Ulaw,
}

/// The endings that [`AudioFormat::by_ending`] knows, for people.
pub(super) const ENDINGS: &str = ".wav, .mp3, .aiff, .aif, .aifc, .gsm, .ulaw";

impl AudioFormat {
    /// The kind that a file's ending (no dot, any case) promises.
    pub(super) fn by_ending(ending: &str) -> Option<Self> {
        match ending.to_ascii_lowercase().as_str() {
            "wav" => Some(Self::Wav),
            "mp3" => Some(Self::Mp3),
            "aiff" | "aif" => Some(Self::Aiff),
            "aifc" => Some(Self::Aifc),
            "gsm" => Some(Self::Gsm),
            "ulaw" | "ul" => Some(Self::Ulaw),
            _ => None,
        }
    }

    /// The kind that the first bytes tell. Raw audio tells nothing.
    fn by_bytes(bytes: &[u8]) -> Option<Self> {
        let container = (bytes.get(..4), bytes.get(8..12));
        match container {
            (Some(b"RIFF"), Some(b"WAVE")) => Some(Self::Wav),
            (Some(b"FORM"), Some(b"AIFF")) => Some(Self::Aiff),
            (Some(b"FORM"), Some(b"AIFC")) => Some(Self::Aifc),
            _ => bytes.starts_with(b"ID3").then_some(Self::Mp3),
        }
    }

    /// Whether a file of this kind may begin like this. An .aiff may hold AIFF-C, as many do.
    fn fits(self, bytes: &[u8]) -> bool {
        let told = Self::by_bytes(bytes);
        match self {
            Self::Wav | Self::Aifc => told == Some(self),
            Self::Aiff => matches!(told, Some(Self::Aiff | Self::Aifc)),
            // A frame without a tag: eleven bits of synchronisation, then not the reserved version, layer III.
            Self::Mp3 => match bytes {
                [0xFF, second, ..] => {
                    second & 0xE0 == 0xE0 && second & 0x18 != 0x08 && second & 0x06 == 0x02
                }
                _ => told == Some(Self::Mp3),
            },
            // Every frame of GSM 06.10 begins with the four bits 0xD.
            Self::Gsm => told.is_none() && bytes.first().is_some_and(|byte| byte & 0xF0 == 0xD0),
            Self::Ulaw => {
                told.is_none() && !bytes.starts_with(b"OggS") && !bytes.starts_with(b"fLaC")
            }
        }
    }

    /// The content type by which the carrier takes it (Twilio's list of Play).
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Self::Wav => "audio/wav",
            Self::Mp3 => "audio/mpeg",
            Self::Aiff => "audio/aiff",
            Self::Aifc => "audio/x-aifc",
            Self::Gsm => "audio/gsm",
            Self::Ulaw => "audio/ulaw",
        }
    }

    /// The kind of a file, or what is wrong with it.
    pub(super) fn of(ending: &str, bytes: &[u8]) -> Result<Self, String> {
        let promised = Self::by_ending(ending).ok_or("is of no kind that the carrier plays")?;
        if !promised.fits(bytes) {
            return Err(match Self::by_bytes(bytes) {
                Some(found) => format!("ends in .{ending} but holds {}", found.content_type()),
                None => format!(
                    "ends in .{ending} but does not begin like {}",
                    promised.content_type()
                ),
            });
        }
        Ok(if promised == Self::Aiff {
            Self::by_bytes(bytes).unwrap_or(promised)
        } else {
            promised
        })
    }
}

#[cfg(test)]
mod tests {
    use super::AudioFormat;

    #[test]
    fn ending_and_bytes_must_agree() {
        let wav = b"RIFF\x24\0\0\0WAVEfmt ";
        assert_eq!(AudioFormat::of("WAV", wav), Ok(AudioFormat::Wav));
        assert_eq!(AudioFormat::of("mp3", b"ID3\x04"), Ok(AudioFormat::Mp3));
        assert_eq!(
            AudioFormat::of("mp3", &[0xFF, 0xFB, 0x90, 0x64]),
            Ok(AudioFormat::Mp3)
        );
        assert_eq!(
            AudioFormat::of("aif", b"FORM\0\0\0\0AIFCFVER"),
            Ok(AudioFormat::Aifc)
        );
        assert_eq!(AudioFormat::of("gsm", &[0xD4, 1, 2]), Ok(AudioFormat::Gsm));
        assert_eq!(
            AudioFormat::of("ulaw", &[0xFF, 0x7F]),
            Ok(AudioFormat::Ulaw)
        );
        assert_eq!(
            AudioFormat::of("mp3", wav),
            Err("ends in .mp3 but holds audio/wav".into())
        );
        assert!(AudioFormat::of("ulaw", wav).is_err());
        assert!(AudioFormat::of("wav", b"OggS").is_err());
        assert!(AudioFormat::of("ogg", b"OggS").is_err());
    }
}
