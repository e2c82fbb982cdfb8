//! The head of a WAV file, as far as it says how long the file is.

/// How much of a file is looked at.
const HEAD: usize = 12;

/// The beginning of a file while it is fetched.
#[derive(Debug, Default)]
pub(super) struct WaveHead(Vec<u8>);

impl WaveHead {
    /// Takes the next part of the file; only its beginning is kept.
    pub(super) fn add(&mut self, part: &[u8]) {
        let room = HEAD - self.0.len();
        self.0.extend_from_slice(&part[..room.min(part.len())]);
    }

    /// Whether it is a WAV file at all, and not the page of some gateway.
    pub(super) fn is_wave(&self) -> bool {
        self.0.len() == HEAD && self.0.starts_with(b"RIFF") && self.0.ends_with(b"WAVE")
    }

    /// How many bytes the file must have by its own word. Who writes a file without knowing its end leaves 0 there, or the
    /// most: such a file says nothing.
    pub(super) fn length(&self) -> Option<u64> {
        let bytes = self.0.get(4..8)?.try_into().ok()?;
        let rest = u32::from_le_bytes(bytes);
        (rest != 0 && rest != u32::MAX).then_some(u64::from(rest) + 8)
    }
}

#[cfg(test)]
mod tests {
    use super::WaveHead;

    fn head(parts: &[&[u8]]) -> WaveHead {
        let mut head = WaveHead::default();
        for part in parts {
            head.add(part);
        }
        head
    }

    #[test]
    fn a_head_is_read_however_it_is_cut() {
        let cut = head(&[b"RI", b"", b"FF\x24\x01\0\0WA", b"VEfmt and more"]);
        assert!(cut.is_wave());
        assert_eq!(cut.length(), Some(0x124 + 8));
    }

    #[test]
    fn what_is_no_wav_is_seen() {
        for text in [
            "",
            "RIFF",
            "<html><body>",
            "RIFF0000AVI ",
            "ID3\x04 and so on",
        ] {
            assert!(!head(&[text.as_bytes()]).is_wave(), "{text}");
        }
    }

    #[test]
    fn a_length_that_was_not_known_is_none() {
        assert_eq!(head(&[b"RIFF\0\0\0\0WAVE"]).length(), None);
        assert_eq!(head(&[b"RIFF\xff\xff\xff\xffWAVE"]).length(), None);
    }
}
