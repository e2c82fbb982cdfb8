//! Sealing: what is sensitive leaves this process only encrypted and bound to its place.
//!
//! A sealed text is 24 bytes of random nonce and what XChaCha20-Poly1305 makes of it; the place that it belongs to
//! (a call's name, a row's name) is authenticated with it, so that it opens nowhere else.

use std::fmt;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Bytes of a key.
const KEY: usize = 32;
/// Bytes of a nonce: long enough to be drawn at random for ever.
const NONCE: usize = 24;
/// Separates these keys from any other that may be derived from an auth token.
const TOKEN_INFO: &[u8] = b"hookswitch seal key from auth token, version 1";
/// Separates the key of names from those that seal.
const NAMES_INFO: &[u8] = b"hookswitch key of names, version 1";

/// The keys that seal: the first one seals, any of them opens. Cheap to clone; never prints a key.
#[derive(Clone)]
pub struct Seal {
    keys: Arc<[XChaCha20Poly1305]>,
    names: [u8; KEY],
}

impl Seal {
    /// Reads `STORE__SEAL_KEY`: base64 of 32 bytes, several of them separated by commas, the newest first.
    ///
    /// # Errors
    /// When there is no key, or one is not base64 of 32 bytes.
    pub fn from_setting(setting: &str) -> Result<Self, InvalidSealKey> {
        let keys = setting
            .split(',')
            .map(str::trim)
            .filter(|text| !text.is_empty());
        Self::new(keys.enumerate().map(|(at, text)| {
            let bytes = STANDARD
                .decode(text)
                .ok()
                .and_then(|bytes| <[u8; KEY]>::try_from(bytes).ok());
            bytes.ok_or(InvalidSealKey::Malformed { number: at + 1 })
        }))
    }

    /// Derives a key from each auth token by HKDF-SHA256 (RFC 5869), the newest first.
    ///
    /// # Errors
    /// When there is no token.
    pub fn from_tokens(tokens: &[&str]) -> Result<Self, InvalidSealKey> {
        Self::new(
            tokens
                .iter()
                .map(|token| Ok(derive(token.as_bytes(), TOKEN_INFO))),
        )
    }

    /// Reads the 32 bytes of a file; a file that is not there is made, with random bytes and mode 0600, whole or not at
    /// all. Of several processes that make it at once, all use the same key.
    ///
    /// # Errors
    /// When it can be neither read nor made, or does not hold 32 bytes.
    pub fn from_file(path: &Path) -> io::Result<Self> {
        let bytes = match fs::read(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_key_file(path)?;
                fs::read(path)?
            }
            read => read?,
        };
        let key = <[u8; KEY]>::try_from(bytes).map_err(|_| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                "a key file holds exactly 32 bytes",
            )
        })?;
        Ok(Self {
            keys: Arc::new([cipher(&key)]),
            names: derive(&key, NAMES_INFO),
        })
    }

    fn new(
        keys: impl Iterator<Item = Result<[u8; KEY], InvalidSealKey>>,
    ) -> Result<Self, InvalidSealKey> {
        let keys = keys.collect::<Result<Vec<_>, _>>()?;
        let first = keys.first().ok_or(InvalidSealKey::Missing)?;
        Ok(Self {
            names: derive(first, NAMES_INFO),
            keys: keys.iter().map(cipher).collect(),
        })
    }

    /// A name for what these parts say: the same for the same parts, and not to be guessed from without the key
    /// (HMAC-SHA256, its first 64 bits).
    pub fn name(&self, parts: &[&[u8]]) -> u64 {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.names).expect("a key of any length will do");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        let bytes = mac.finalize().into_bytes();
        u64::from_be_bytes(*bytes.first_chunk().expect("a hash is longer than 8 bytes"))
    }

    /// Seals a text for a place.
    pub fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE] = random();
        let sealed = self.keys[0].encrypt(&XNonce::from(nonce), Payload { msg: plain, aad });
        let sealed = sealed.expect("no text in memory is as long as the cipher's limit of 256 GiB");
        [&nonce[..], &sealed].concat()
    }

    /// Opens what was sealed for this place, or nothing when no key opens it here.
    pub fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_first_chunk::<NONCE>()?;
        let nonce = XNonce::from(*nonce);
        self.keys
            .iter()
            .find_map(|key| key.decrypt(&nonce, Payload { msg: sealed, aad }).ok())
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({} keys)", self.keys.len())
    }
}

/// A setting that cannot be a [`Seal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSealKey {
    /// There is none.
    #[error("there is no seal key")]
    Missing,
    /// One cannot be read. The key itself is not shown.
    #[error("seal key {number} is not base64 of 32 bytes")]
    Malformed {
        /// Which one, from 1.
        number: usize,
    },
}

fn derive(secret: &[u8], info: &[u8]) -> [u8; KEY] {
    let mut key = [0; KEY];
    let derived = Hkdf::<Sha256>::new(None, secret).expand(info, &mut key);
    derived.expect("32 bytes are fewer than HKDF-SHA256's 8160");
    key
}

fn cipher(key: &[u8; KEY]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}

/// Makes the file beside its place and links it there: whoever comes second finds the first one's file.
fn make_key_file(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let beside = folder.join(format!(".seal-{:016x}", u64::from_ne_bytes(random())));
    let made = write_private(&beside, &random::<KEY>()).and_then(|()| fs::hard_link(&beside, path));
    fs::remove_file(&beside).ok();
    match made {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => fs::File::open(folder)?.sync_all(),
    }
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::{InvalidSealKey, STANDARD, Seal};
    use base64::Engine as _;
    use std::os::unix::fs::PermissionsExt as _;

    fn setting(bytes: &[u8]) -> String {
        bytes
            .iter()
            .map(|byte| STANDARD.encode([*byte; 32]))
            .collect::<Vec<_>>()
            .join(",")
    }

    #[test]
    fn what_is_sealed_opens_at_its_place_only() {
        let seal = Seal::from_tokens(&["12345"]).unwrap();
        let sealed = seal.seal(b"CA1-1", b"4711");
        assert_eq!(seal.open(b"CA1-1", &sealed).as_deref(), Some(&b"4711"[..]));
        assert_eq!(seal.open(b"CA1-2", &sealed), None);
        assert_eq!(
            Seal::from_tokens(&["54321"])
                .unwrap()
                .open(b"CA1-1", &sealed),
            None
        );
    }

    #[test]
    fn what_was_changed_or_cut_does_not_open() {
        let seal = Seal::from_tokens(&["12345"]).unwrap();
        let sealed = seal.seal(b"", b"4711");
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open(b"", &changed), None);
            assert_eq!(seal.open(b"", &sealed[..at]), None);
        }
    }

    #[test]
    fn the_first_key_seals_and_any_opens() {
        let old = Seal::from_setting(&setting(&[1])).unwrap();
        let both = Seal::from_setting(&setting(&[2, 1])).unwrap();
        let new = Seal::from_setting(&setting(&[2])).unwrap();
        assert!(both.open(b"", &old.seal(b"", b"x")).is_some());
        assert!(new.open(b"", &both.seal(b"", b"x")).is_some());
        assert!(old.open(b"", &both.seal(b"", b"x")).is_none());
    }

    #[test]
    fn a_bad_setting_is_told_without_the_key() {
        assert_eq!(
            Seal::from_setting(" , ").unwrap_err(),
            InvalidSealKey::Missing
        );
        let bad = format!("{},c2VjcmV0", setting(&[1]));
        assert_eq!(
            Seal::from_setting(&bad).unwrap_err(),
            InvalidSealKey::Malformed { number: 2 }
        );
        assert_eq!(Seal::from_tokens(&[]).unwrap_err(), InvalidSealKey::Missing);
    }

    #[test]
    fn a_key_file_is_made_once_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        let made: Vec<_> = std::thread::scope(|scope| {
            let makers: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| Seal::from_file(&path).unwrap()))
                .collect();
            makers
                .into_iter()
                .map(|maker| maker.join().unwrap())
                .collect()
        });
        let sealed = made[0].seal(b"", b"x");
        assert!(made.iter().all(|seal| seal.open(b"", &sealed).is_some()));
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_name_tells_parts_apart_and_needs_the_key() {
        let (seal, other) = (
            Seal::from_tokens(&["12345"]).unwrap(),
            Seal::from_tokens(&["54321"]).unwrap(),
        );
        assert_eq!(seal.name(&[b"ab", b"c"]), seal.name(&[b"ab", b"c"]));
        assert_ne!(seal.name(&[b"ab", b"c"]), seal.name(&[b"a", b"bc"]));
        assert_ne!(seal.name(&[b"ab", b"c"]), other.name(&[b"ab", b"c"]));
    }

    #[test]
    fn a_seal_prints_no_key() {
        assert_eq!(
            format!("{:?}", Seal::from_setting(&setting(&[1, 2])).unwrap()),
            "Seal(2 keys)"
        );
    }
}
