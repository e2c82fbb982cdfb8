//! The last turns of callers who were sent away because the store stayed away: kept on this node's own disk, and taken
//! when the store is back, so that what they entered is still delivered.
//!
//! A turn is a file in the folder `spilled` of the data folder, sealed, and synced before the caller hears the apology. It
//! is deleted once the store has the turn; to take it twice is harmless, as it is for every request. Only a node with a
//! store at the other end of a network has such a folder: where the store is on the disk, the disk is what is away.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::fs;
use tokio::io::AsyncWriteExt;

use super::held::Held;
use crate::store::Seal;
use crate::twilio::Form;

/// The folder's name within the data folder.
const FOLDER: &str = "spilled";
/// How a whole file's name ends.
const WHOLE: &str = ".turn";
/// The suffix of a file that no key opens, so that it is reported only once.
const UNREADABLE: &str = ".unreadable";
/// How many turns are kept at most.
const MOST: usize = 4_096;
/// How large a turn may be, in bytes: a form may be as large as 64 kB, but none that a carrier sends is.
const LARGEST: usize = 16 << 10;

/// A turn that could not be taken.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spilled {
    /// The path of its request.
    pub(super) path: String,
    /// The fields of its request, as it came first.
    fields: Vec<(String, String)>,
    /// The hold at whose end it was.
    pub(super) held: Held,
    /// When the caller was sent away, in milliseconds since 1970.
    ended: i64,
}

impl Spilled {
    /// The turn of a request that was held until `ended`.
    pub fn of(path: &str, form: &Form, held: &Held, ended: Timestamp) -> Self {
        let fields = form
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            path: path.to_owned(),
            fields,
            held: held.clone(),
            ended: ended.as_millisecond(),
        }
    }

    /// Its request's form.
    pub(super) fn form(&self) -> Form {
        // It was one before.
        Form::from_pairs(self.fields.iter().map(|(name, value)| (name, value))).unwrap_or_default()
    }

    /// When the caller was sent away.
    pub(super) fn ended(&self) -> Timestamp {
        Timestamp::from_millisecond(self.ended).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    pub(super) fn call_sid(&self) -> &str {
        self.fields
            .iter()
            .find(|(name, _)| name == "CallSid")
            .map_or("", |(_, sid)| sid)
    }
}

/// The folder of turns that could not be taken.
pub struct Spill {
    folder: PathBuf,
    seal: Seal,
    count: AtomicUsize,
}

impl Spill {
    /// Looks what was left in a data folder when the node ended last.
    ///
    /// # Errors
    /// When the folder cannot be made or read.
    pub async fn open(data: &Path, seal: Seal) -> io::Result<Self> {
        let folder = data.join(FOLDER);
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&folder)
            .await?;
        let spill = Self {
            folder,
            seal,
            count: AtomicUsize::new(0),
        };
        let waiting = spill.names().await?.len();
        if waiting > 0 {
            tracing::info!(
                waiting,
                "Turns that were kept while the store was away are taken now."
            );
        }
        spill.count.store(waiting, Ordering::Relaxed);
        Ok(spill)
    }

    /// Writes a turn down; it is durable when this returns.
    ///
    /// # Errors
    /// When there is no room for it.
    pub(super) async fn keep(&self, turn: &Spilled) -> io::Result<()> {
        let plain = postcard::to_stdvec(turn).map_err(io::Error::other)?;
        if self.count.load(Ordering::Relaxed) >= MOST || plain.len() > LARGEST {
            return Err(io::Error::new(
                io::ErrorKind::QuotaExceeded,
                "as much is kept as may be",
            ));
        }
        let name = format!(
            "{:014}-{:016x}{WHOLE}",
            turn.ended,
            getrandom::u64().map_err(io::Error::from)?
        );
        let sealed = self.seal.seal(place(&name).as_bytes(), &plain);
        let beside = self.folder.join(&name).with_extension("beside");
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&beside)
            .await?;
        file.write_all(&sealed).await?;
        file.sync_all().await?;
        fs::rename(&beside, self.folder.join(&name)).await?;
        fs::File::open(&self.folder).await?.sync_all().await?;
        self.count.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }

    /// Whether no turn is kept.
    pub(super) fn is_empty(&self) -> bool {
        self.count.load(Ordering::Relaxed) == 0
    }

    /// The names of what is kept, oldest first.
    pub(super) async fn names(&self) -> io::Result<Vec<String>> {
        let (mut names, mut entries) = (Vec::new(), fs::read_dir(&self.folder).await?);
        while let Some(entry) = entries.next_entry().await? {
            names.extend(
                entry
                    .file_name()
                    .into_string()
                    .ok()
                    .filter(|name| name.ends_with(WHOLE)),
            );
        }
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a turn; nothing where no key opens it.
    pub(super) async fn read(&self, name: &str) -> io::Result<Option<Spilled>> {
        let sealed = fs::read(self.folder.join(name)).await?;
        let plain = self.seal.open(place(name).as_bytes(), &sealed);
        Ok(plain.and_then(|plain| postcard::from_bytes(&plain).ok()))
    }

    pub(super) async fn remove(&self, name: &str) -> io::Result<()> {
        fs::remove_file(self.folder.join(name)).await?;
        self.count.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }

    pub(super) async fn set_aside(&self, name: &str) -> io::Result<()> {
        tracing::error!(
            file = name,
            "A turn that was kept while the store was away cannot be read."
        );
        let file = self.folder.join(name);
        fs::rename(&file, file.with_extension(&UNREADABLE[1..])).await?;
        self.count.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }
}

/// What a file is sealed to: it opens under no other name.
fn place(name: &str) -> String {
    format!("spilled {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(ended: i64) -> Spilled {
        let form = Form::parse(b"CallSid=CA1&Digits=8341").expect("few fields");
        let held = Held {
            since: 7,
            fields: Vec::new(),
            opening: None,
        };
        let ended = Timestamp::from_millisecond(ended).expect("it is in range");
        Spilled::of("/voice/pickup/~2", &form, &held, ended)
    }

    async fn open(folder: &Path, token: &str) -> Spill {
        Spill::open(
            folder,
            Seal::from_tokens(&[token]).expect("a token is enough"),
        )
        .await
        .expect("it can be made")
    }

    #[tokio::test]
    async fn turns_are_found_again_in_their_order_and_show_nothing() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let spill = open(folder.path(), "one").await;
        for ended in [2_000, 1_000] {
            spill.keep(&turn(ended)).await.expect("there is room");
        }
        let spill = open(folder.path(), "one").await;
        let names = spill.names().await.expect("it can be read");
        assert_eq!(spill.count.load(Ordering::Relaxed), 2);
        for (name, ended) in names.iter().zip([1_000, 2_000]) {
            assert_eq!(
                spill.read(name).await.expect("it can be read"),
                Some(turn(ended))
            );
            let bytes =
                std::fs::read(folder.path().join(FOLDER).join(name)).expect("it can be read");
            assert!(!bytes.windows(4).any(|part| part == b"8341"));
            spill.remove(name).await.expect("it is there");
        }
        assert_eq!(spill.names().await.expect("it can be read"), [""; 0]);
    }

    #[tokio::test]
    async fn a_turn_that_no_key_opens_is_set_aside_and_one_that_has_no_room_is_refused() {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        open(folder.path(), "one")
            .await
            .keep(&turn(1_000))
            .await
            .expect("there is room");
        let spill = open(folder.path(), "other").await;
        let names = spill.names().await.expect("it can be read");
        assert_eq!(spill.read(&names[0]).await.expect("it can be read"), None);
        spill.set_aside(&names[0]).await.expect("it is there");
        assert_eq!(spill.names().await.expect("it can be read"), [""; 0]);
        spill.count.store(MOST, Ordering::Relaxed);
        assert!(spill.keep(&turn(1_000)).await.is_err());
    }
}
