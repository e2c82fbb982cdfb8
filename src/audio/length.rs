//! How long audio lasts, from its header and size.

use std::time::Duration;

/// How long audio lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Length {
    /// How long.
    pub lasts: Duration,
    /// Whether that is guessed from the size.
    pub is_estimate: bool,
}

/// Bits a second of an MP3 whose header tells nothing.
const MP3_RATE: u64 = 64_000;

impl Length {
    /// Reads audio that is served as a type; nothing if the bytes are of another.
    pub fn of(kind: &str, bytes: &[u8]) -> Option<Self> {
        let is_wav = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
        let is_aiff = bytes.starts_with(b"FORM") && matches!(bytes.get(8..12), Some(b"AIFF" | b"AIFC"));
        let exact = |lasts| Self { lasts, is_estimate: false };
        match kind {
            "audio/wav" | "audio/wave" | "audio/x-wav" => is_wav.then(|| wav(bytes)).flatten().map(exact),
            "audio/aiff" | "audio/x-aiff" | "audio/x-aifc" => is_aiff.then(|| aiff(bytes)).flatten().map(exact),
            _ if is_wav || is_aiff || bytes.starts_with(b"OggS") || bytes.starts_with(b"fLaC") => None,
            "audio/ulaw" => Some(exact(time(bytes.len() as u64, 8_000))),
            // 33 bytes are a frame of 20 ms.
            "audio/gsm" | "audio/x-gsm" => Some(exact(time(bytes.len() as u64, 1_650))),
            _ => mp3(bytes),
        }
    }
}

fn time(amount: u64, a_second: u64) -> Duration {
    let millis = amount.saturating_mul(1_000).checked_div(a_second).unwrap_or(0);
    Duration::from_millis(millis)
}

fn little(bytes: &[u8], at: usize) -> Option<u64> {
    let four = bytes.get(at..at + 4)?;
    Some(u64::from(u32::from_le_bytes(four.try_into().ok()?)))
}

fn big(bytes: &[u8], at: usize) -> Option<u64> {
    let four = bytes.get(at..at + 4)?;
    Some(u64::from(u32::from_be_bytes(four.try_into().ok()?)))
}

/// The pieces of a RIFF or FORM file: name, where its content begins, how long it says it is.
fn chunks(bytes: &[u8], size: fn(&[u8], usize) -> Option<u64>) -> impl Iterator<Item = (&[u8], usize, u64)> {
    let mut at = 12;
    std::iter::from_fn(move || {
        let name = bytes.get(at..at + 4)?;
        let length = size(bytes, at + 4)?;
        let begins = at + 8;
        at = begins.saturating_add(usize::try_from(length).ok()?).saturating_add(usize::from(length % 2 == 1));
        Some((name, begins, length))
    })
}

/// PCM, mu-law and A-law alike: the header tells the bytes a second.
fn wav(bytes: &[u8]) -> Option<Duration> {
    let mut rate = None;
    for (name, begins, length) in chunks(bytes, little) {
        match name {
            b"fmt " => rate = little(bytes, begins + 8).filter(|rate| *rate > 0),
            // A file that is still written, or streamed, says more than it has.
            b"data" => return Some(time(length.min((bytes.len() - begins.min(bytes.len())) as u64), rate?)),
            _ => {}
        }
    }
    None
}

/// Sample frames by sample rate, which is an 80 bit float: an exponent, then 64 bits of which the first ones count here.
fn aiff(bytes: &[u8]) -> Option<Duration> {
    let (_, begins, _) = chunks(bytes, big).find(|(name, ..)| *name == b"COMM")?;
    let frames = big(bytes, begins + 2)?;
    let exponent = u32::from(u16::from_be_bytes(bytes.get(begins + 8..begins + 10)?.try_into().ok()?));
    let shift = (16_383 + 31_u32).checked_sub(exponent).filter(|shift| *shift < 32)?;
    Some(time(frames, big(bytes, begins + 10)? >> shift))
}

/// The size by the bit rate of the first frame: right where the rate is constant.
fn mp3(bytes: &[u8]) -> Option<Length> {
    const RATES: [[u64; 16]; 2] = [
        [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 0],
        [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160, 0],
    ];
    let has_tag = bytes.starts_with(b"ID3");
    let tag = bytes
        .get(6..10)
        .filter(|_| has_tag)
        .map_or(0, |size| 10 + size.iter().fold(0_usize, |sum, byte| sum << 7 | usize::from(byte & 0x7f)));
    let frame = bytes.get(tag..tag + 4).filter(|frame| frame[0] == 0xff && frame[1] & 0xe0 == 0xe0);
    if frame.is_none() && !has_tag {
        return None;
    }
    let rate = frame.map_or(0, |frame| {
        let is_first = frame[1] & 0x18 == 0x18;
        RATES[usize::from(!is_first)][usize::from(frame[2] >> 4)] * 1_000
    });
    let rate = if rate == 0 { MP3_RATE } else { rate };
    Some(Length { lasts: time((bytes.len() - tag.min(bytes.len())) as u64 * 8, rate), is_estimate: true })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Length;

    fn wav(format: u16, bytes_a_second: u32, data: usize) -> Vec<u8> {
        let mut file = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0".to_vec();
        file.extend(format.to_le_bytes());
        file.extend(1_u16.to_le_bytes());
        file.extend(8_000_u32.to_le_bytes());
        file.extend(bytes_a_second.to_le_bytes());
        file.extend([2, 0, 16, 0]);
        file.extend(b"LIST\x03\0\0\0abc\0data");
        file.extend(u32::try_from(data).unwrap().to_le_bytes());
        file.resize(file.len() + data, 0);
        file
    }

    fn exact(kind: &str, bytes: &[u8]) -> Duration {
        let length = Length::of(kind, bytes).unwrap();
        assert!(!length.is_estimate);
        length.lasts
    }

    #[test]
    fn a_wav_lasts_as_long_as_its_header_says() {
        assert_eq!(exact("audio/wav", &wav(1, 16_000, 24_000)), Duration::from_millis(1_500));
        assert_eq!(exact("audio/x-wav", &wav(7, 8_000, 24_000)), Duration::from_secs(3));
        assert_eq!(exact("audio/wave", &wav(6, 8_000, 4_000)), Duration::from_millis(500));
    }

    #[test]
    fn raw_audio_lasts_by_its_size() {
        assert_eq!(exact("audio/ulaw", &[0xff; 8_000]), Duration::from_secs(1));
        assert_eq!(exact("audio/gsm", &[0xd0; 1_650]), Duration::from_secs(1));
    }

    #[test]
    fn an_aiff_lasts_as_long_as_its_header_says() {
        let mut file = b"FORM\0\0\0\0AIFFCOMM\0\0\0\x12\0\x01".to_vec();
        file.extend(4_000_u32.to_be_bytes());
        file.extend([0, 16, 0x40, 0x0b, 0xfa, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(exact("audio/aiff", &file), Duration::from_millis(500));
    }

    #[test]
    fn an_mp3_is_estimated() {
        let mut file = vec![0xff, 0xfb, 0x50, 0];
        file.resize(8_000, 0);
        assert_eq!(Length::of("audio/mpeg", &file), Some(Length { lasts: Duration::from_secs(1), is_estimate: true }));
    }

    #[test]
    fn bytes_of_another_kind_are_none() {
        for (kind, bytes) in [
            ("audio/wav", b"ID3\x04".as_slice()),
            ("audio/wav", b"RIFF\0\0\0\0WAVEdata\x01\0\0\0"),
            ("audio/wav", b"RIFF\0\0\0\0WAVE"),
            ("audio/mpeg", b"RIFF\0\0\0\0WAVEfmt "),
            ("audio/mpeg", b"<html>"),
            ("audio/ulaw", b"OggS"),
            ("audio/aiff", b"FORM\0\0\0\0AIFFCOMM"),
        ] {
            assert_eq!(Length::of(kind, bytes), None, "{kind} {bytes:?}");
        }
    }
}
