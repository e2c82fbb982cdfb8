//! How long audio lasts: what its header says, as far as its bytes bear that out.

use std::io::Cursor;
use std::time::Duration;

use symphonia::core::formats::{FormatOptions, FormatReader as _};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::default::formats::MpaReader;

/// How long audio lasts that is served as a type; nothing if the bytes are of another or cannot be read.
pub fn length(kind: &str, bytes: &[u8]) -> Option<Duration> {
    let is_wav = bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WAVE");
    let is_aiff = bytes.starts_with(b"FORM") && matches!(bytes.get(8..12), Some(b"AIFF" | b"AIFC"));
    match kind {
        "audio/wav" | "audio/wave" | "audio/x-wav" => is_wav.then(|| wav(bytes)).flatten(),
        "audio/aiff" | "audio/x-aiff" | "audio/x-aifc" => is_aiff.then(|| aiff(bytes)).flatten(),
        _ if is_wav || is_aiff || bytes.starts_with(b"OggS") || bytes.starts_with(b"fLaC") => None,
        "audio/ulaw" => Some(time(bytes.len() as u64, 8_000)),
        // 33 bytes are a frame of 20 ms.
        "audio/gsm" | "audio/x-gsm" => Some(time(bytes.len() as u64, 1_650)),
        _ => mp3(bytes),
    }
}

fn time(amount: u64, a_second: u64) -> Duration {
    let millis = amount
        .saturating_mul(1_000)
        .checked_div(a_second)
        .unwrap_or(0);
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
fn chunks(
    bytes: &[u8],
    size: fn(&[u8], usize) -> Option<u64>,
) -> impl Iterator<Item = (&[u8], usize, u64)> {
    let mut at = 12;
    std::iter::from_fn(move || {
        let name = bytes.get(at..at + 4)?;
        let length = size(bytes, at + 4)?;
        let begins = at + 8;
        at = begins
            .saturating_add(usize::try_from(length).ok()?)
            .saturating_add(usize::from(length % 2 == 1));
        Some((name, begins, length))
    })
}

/// PCM, mu-law and A-law alike: the header tells the bytes a second.
fn wav(bytes: &[u8]) -> Option<Duration> {
    let mut rate = None;
    for (name, begins, length) in chunks(bytes, little) {
        match name {
            b"fmt " => rate = little(bytes, begins + 8).filter(|rate| *rate > 0),
            b"data" => return Some(time(sound(bytes, begins, length), rate?)),
            _ => {}
        }
    }
    None
}

/// The bytes of sound in a WAV. Whoever writes one into a pipe, or is stopped, leaves a size that is too large, or none:
/// then the sound is the rest of the file.
fn sound(bytes: &[u8], begins: usize, told: u64) -> u64 {
    let rest = bytes.len().saturating_sub(begins) as u64;
    let whole = little(bytes, 4).unwrap_or(0).saturating_add(8);
    // A file that was closed properly also has its whole size: something other than sound may follow.
    let is_closed = whole > begins as u64 && whole <= bytes.len() as u64;
    if told == 0 && !is_closed {
        rest
    } else {
        told.min(rest)
    }
}

/// Sample frames by sample rate, which is an 80 bit float: an exponent, then 64 bits; only the first ones matter here.
fn aiff(bytes: &[u8]) -> Option<Duration> {
    let (_, begins, _) = chunks(bytes, big).find(|(name, ..)| *name == b"COMM")?;
    let frames = big(bytes, begins + 2)?;
    let exponent = u32::from(u16::from_be_bytes(
        bytes.get(begins + 8..begins + 10)?.try_into().ok()?,
    ));
    let shift = (16_383 + 31_u32)
        .checked_sub(exponent)
        .filter(|shift| *shift < 32)?;
    Some(time(frames, big(bytes, begins + 10)? >> shift))
}

/// The frames that are there, whatever their bit rates.
fn mp3(bytes: &[u8]) -> Option<Duration> {
    let sound = bytes
        .get(tag(bytes)..)
        .filter(|sound| sound.first() == Some(&0xff) || bytes.starts_with(b"ID3"))?;
    let source = MediaSourceStream::new(
        Box::new(Cursor::new(sound)),
        MediaSourceStreamOptions::default(),
    );
    let mut reader = MpaReader::try_new(source, FormatOptions::default()).ok()?;
    let rate = reader
        .tracks()
        .first()?
        .codec_params
        .as_ref()?
        .audio()?
        .sample_rate?;
    let mut samples = 0_u64;
    while let Ok(Some(packet)) = reader.next_packet() {
        samples = samples.saturating_add(packet.dur.get());
    }
    Some(time(samples, rate.into()))
}

/// The bytes of the tag that an MP3 may begin with.
fn tag(bytes: &[u8]) -> usize {
    let size = bytes.get(6..10).filter(|_| bytes.starts_with(b"ID3"));
    size.map_or(0, |size| {
        10 + size
            .iter()
            .fold(0_usize, |sum, byte| sum << 7 | usize::from(byte & 0x7f))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::length;

    /// A WAV of as many bytes of sound that says it has so many, and of the whole file so many.
    fn wav_that_says(
        format: u16,
        bytes_a_second: u32,
        data: usize,
        says: u32,
        whole: u32,
    ) -> Vec<u8> {
        let mut file = b"RIFF".to_vec();
        file.extend(whole.to_le_bytes());
        file.extend(b"WAVEfmt \x10\0\0\0");
        file.extend(format.to_le_bytes());
        file.extend(1_u16.to_le_bytes());
        file.extend(8_000_u32.to_le_bytes());
        file.extend(bytes_a_second.to_le_bytes());
        file.extend([2, 0, 16, 0]);
        file.extend(b"LIST\x03\0\0\0abc\0data");
        file.extend(says.to_le_bytes());
        file.resize(file.len() + data, 0);
        file
    }

    fn wav(format: u16, bytes_a_second: u32, data: usize) -> Vec<u8> {
        let says = u32::try_from(data).unwrap();
        wav_that_says(format, bytes_a_second, data, says, 48 + says)
    }

    /// Frames of an MP3 of 44,100 samples a second, by the numbers of their bit rates.
    fn frames(rates: impl IntoIterator<Item = u8>) -> Vec<u8> {
        const KILOBITS: [usize; 15] = [
            0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ];
        let mut file = Vec::new();
        for rate in rates {
            let begins = file.len();
            file.extend([0xff, 0xfb, rate << 4, 0]);
            file.resize(begins + 144_000 * KILOBITS[usize::from(rate)] / 44_100, 0);
        }
        file
    }

    fn of(kind: &str, bytes: &[u8]) -> Duration {
        length(kind, bytes).expect("it can be read")
    }

    fn rounded(kind: &str, bytes: &[u8]) -> u128 {
        (of(kind, bytes).as_millis() + 500) / 1_000
    }

    #[test]
    fn a_wav_lasts_as_long_as_its_header_says() {
        assert_eq!(
            of("audio/wav", &wav(1, 16_000, 24_000)),
            Duration::from_millis(1_500)
        );
        assert_eq!(
            of("audio/x-wav", &wav(7, 8_000, 24_000)),
            Duration::from_secs(3)
        );
        assert_eq!(
            of("audio/wave", &wav(6, 8_000, 4_000)),
            Duration::from_millis(500)
        );
    }

    #[test]
    fn a_wav_whose_header_was_never_finished_lasts_as_long_as_the_file_does() {
        for (says, whole) in [
            (u32::MAX, u32::MAX),
            (0x7fff_f000, 0x7fff_f024),
            (0, 0),
            (0, 48),
            (0, u32::MAX),
        ] {
            let file = wav_that_says(1, 16_000, 48_000, says, whole);
            assert_eq!(
                of("audio/wav", &file),
                Duration::from_secs(3),
                "{says:#x} of {whole:#x}"
            );
        }
        let half = &wav(1, 16_000, 48_000)[..24_056];
        assert_eq!(of("audio/wav", half), Duration::from_millis(1_500));
    }

    #[test]
    fn a_wav_without_sound_lasts_no_time_whatever_follows() {
        assert_eq!(of("audio/wav", &wav(1, 16_000, 0)), Duration::ZERO);
        assert_eq!(
            of("audio/wav", &wav_that_says(1, 16_000, 30, 0, 48 + 30)),
            Duration::ZERO
        );
    }

    #[test]
    fn raw_audio_lasts_by_its_size() {
        assert_eq!(of("audio/ulaw", &[0xff; 8_000]), Duration::from_secs(1));
        assert_eq!(of("audio/gsm", &[0xd0; 1_650]), Duration::from_secs(1));
    }

    #[test]
    fn an_aiff_lasts_as_long_as_its_header_says() {
        let mut file = b"FORM\0\0\0\0AIFFCOMM\0\0\0\x12\0\x01".to_vec();
        file.extend(4_000_u32.to_be_bytes());
        file.extend([0, 16, 0x40, 0x0b, 0xfa, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(of("audio/aiff", &file), Duration::from_millis(500));
    }

    /// 383 frames of 1,152 samples are ten seconds.
    #[test]
    fn an_mp3_lasts_as_long_as_its_frames_whatever_their_bit_rates() {
        assert_eq!(rounded("audio/mpeg", &frames([5; 383])), 10);
        let mut changing = frames((0..383).map(|at| [1, 5, 14][at % 3]));
        assert_eq!(rounded("audio/mpeg", &changing), 10);
        changing.splice(0..0, *b"ID3\x04\0\0\0\0\0\x03abc");
        assert_eq!(rounded("audio/mpeg", &changing), 10);
    }

    #[test]
    fn a_first_frame_that_only_tells_of_the_others_is_not_heard() {
        let mut file = frames([9]);
        file[36..40].copy_from_slice(b"Xing");
        file[43] = 1;
        file[44..48].copy_from_slice(&383_u32.to_be_bytes());
        file.extend(frames((0..383).map(|at| [1, 2, 3][at % 3])));
        assert_eq!(rounded("audio/mpeg", &file), 10);
        let half = &file[..file.len() / 2];
        assert_eq!(rounded("audio/mpeg", half), 5);
    }

    #[test]
    fn bytes_of_another_kind_are_none() {
        for (kind, bytes) in [
            ("audio/wav", b"ID3\x04".as_slice()),
            ("audio/wav", b"RIFF\0\0\0\0WAVEdata\x01\0\0\0"),
            ("audio/wav", b"RIFF\0\0\0\0WAVE"),
            ("audio/mpeg", b"RIFF\0\0\0\0WAVEfmt "),
            ("audio/mpeg", b"<html>"),
            ("audio/mpeg", b"ID3\x04\0\0\0\0\0\0"),
            ("audio/mpeg", b"\xff\xfb\x90\0 and no more"),
            ("audio/ulaw", b"OggS"),
            ("audio/aiff", b"FORM\0\0\0\0AIFFCOMM"),
        ] {
            assert_eq!(length(kind, bytes), None, "{kind} {bytes:?}");
        }
    }
}
