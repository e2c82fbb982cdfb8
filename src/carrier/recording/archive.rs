//! Where copies of recordings are kept: a bucket, or a folder.
//!
//! A copy is two objects: the sound, and beside it a note of its length and hash, written once the sound has been read
//! back and found right. So a copy without a note is none, whatever became of whoever made it.

use std::fmt;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path as FilePath, absolute};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::buffered::BufWriter;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::local::LocalFileSystem;
use object_store::path::{Path, PathPart};
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt as _, RetryConfig};
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::engine::CallSid;

/// How much of a sound is in memory before it is sent on, in bytes: the smallest part that S3 takes, and more.
const PART: usize = 8 * 1024 * 1024;

/// How often the place is asked again at once where it fails; the outbox has a schedule for the rest.
const RETRIES: usize = 2;

/// How long one request to the place may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Which recording.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingName {
    /// The account that it belongs to.
    pub account: String,
    /// The call that it was made in.
    pub call: CallSid,
    /// Its own name.
    pub recording: String,
}

/// How to come into the place. What is not set is found as the provider's own programs find it where they run (the
/// machine's role, the pod's identity).
#[derive(Clone, Debug, Default)]
pub struct ArchiveAccess {
    /// The id of the access key; for Azure, the storage account.
    pub key: Option<String>,
    /// The secret of it; for Google, the service account's key in JSON.
    pub secret: Option<SecretString>,
    /// The region of an S3 bucket.
    pub region: Option<String>,
    /// Where the service is, if not at the provider's own address.
    pub endpoint: Option<String>,
    /// How long one request may take, if not as long as usual.
    pub patience: Option<Duration>,
}

impl ArchiveAccess {
    fn patience(&self) -> Duration {
        self.patience.unwrap_or(PATIENCE)
    }
}

/// The place where copies are kept. Clones share its connections.
#[derive(Clone)]
pub struct Archive {
    place: Arc<dyn ObjectStore>,
    prefix: Path,
    /// What the address of everything in it begins with, without a slash at its end.
    address: String,
}

/// What is noted of a copy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Its length in bytes.
    pub bytes: u64,
    /// The SHA-256 of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// How many seconds it lasts, as the carrier says.
    pub seconds: Option<u64>,
}

/// A place that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// Its URL is of no kind that is known.
    #[error("write s3://BUCKET/PREFIX, gs://BUCKET/PREFIX, az://CONTAINER/PREFIX or file:FOLDER")]
    Kind,
    /// The folder cannot be made.
    #[error("the folder cannot be made: {0}")]
    Folder(#[source] std::io::Error),
    /// The settings do not fit the place.
    #[error("{0}")]
    Access(#[source] object_store::Error),
}

impl Archive {
    /// Prepares a place: `s3://`, `gs://` or `az://`, a bucket and perhaps a path, or `file:` and a folder, which is made.
    /// Nothing is asked of a bucket yet.
    ///
    /// # Errors
    /// When the URL is of no such kind, the folder cannot be made, or the access does not fit.
    pub fn open(url: &str, access: &ArchiveAccess) -> Result<Self, ArchiveError> {
        if let Some(folder) = url.strip_prefix("file:") {
            return Self::folder(FilePath::new(folder.strip_prefix("//").unwrap_or(folder)));
        }
        let parsed = Url::parse(url).map_err(|_| ArchiveError::Kind)?;
        let place: Arc<dyn ObjectStore> = match parsed.scheme() {
            "s3" => Arc::new(s3(url, access).map_err(ArchiveError::Access)?),
            "gs" => Arc::new(google(url, access).map_err(ArchiveError::Access)?),
            "az" => Arc::new(azure(url, access).map_err(ArchiveError::Access)?),
            _ => return Err(ArchiveError::Kind),
        };
        let prefix = Path::from_url_path(parsed.path()).map_err(|_| ArchiveError::Kind)?;
        Ok(Self {
            place,
            prefix,
            address: url.trim_end_matches('/').to_owned(),
        })
    }

    fn folder(folder: &FilePath) -> Result<Self, ArchiveError> {
        // What callers said is for nobody else on this machine.
        let mut made = std::fs::DirBuilder::new();
        let made = made.recursive(true).mode(0o700).create(folder);
        made.map_err(ArchiveError::Folder)?;
        let whole = absolute(folder).map_err(ArchiveError::Folder)?;
        let place = LocalFileSystem::new_with_prefix(&whole).map_err(ArchiveError::Access)?;
        let address = Url::from_directory_path(&whole).map_err(|()| ArchiveError::Kind)?;
        Ok(Self {
            place: Arc::new(place.with_fsync(true)),
            prefix: Path::default(),
            address: address.as_str().trim_end_matches('/').to_owned(),
        })
    }

    /// Where the copy of a recording is, or will be.
    pub fn address(&self, name: &RecordingName) -> String {
        format!("{}/{}", self.address, below(name, "wav"))
    }

    fn path(&self, name: &RecordingName, kind: &str) -> Path {
        self.prefix
            .parts()
            .chain(below(name, kind).parts())
            .collect()
    }

    /// What is noted of the copy of a recording, if there is one and its sound is as long as noted.
    ///
    /// # Errors
    /// When the place does not answer.
    pub async fn kept(&self, name: &RecordingName) -> Result<Option<Kept>, object_store::Error> {
        let note = match self.place.get(&self.path(name, "json")).await {
            Ok(note) => note.bytes().await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let Ok(kept) = serde_json::from_slice::<Kept>(&note) else {
            return Ok(None);
        };
        match self.place.head(&self.path(name, "wav")).await {
            Ok(sound) if sound.size == kept.bytes => Ok(Some(kept)),
            Ok(_) | Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins to write the sound of a recording; it is there once the writer is shut down.
    pub(super) fn writer(&self, name: &RecordingName) -> BufWriter {
        BufWriter::with_capacity(self.place.clone(), self.path(name, "wav"), PART)
    }

    /// The length and hash of the sound as it is in the place now.
    pub(super) async fn read_back(
        &self,
        name: &RecordingName,
    ) -> Result<(u64, String), object_store::Error> {
        let path = self.path(name, "wav");
        let size = self.place.head(&path).await?.size;
        let mut sum = Sum::default();
        // In parts, so that the time of a request bounds each of them and not the whole.
        let mut begin = 0;
        while begin < size {
            let end = size.min(begin + PART as u64);
            sum.add(&self.place.get_range(&path, begin..end).await?);
            begin = end;
        }
        Ok(sum.end())
    }

    /// Notes that the copy is right.
    pub(super) async fn note(
        &self,
        name: &RecordingName,
        kept: &Kept,
    ) -> Result<(), object_store::Error> {
        let note = serde_json::to_vec(kept).expect("numbers and text are JSON");
        let path = self.path(name, "json");
        self.place
            .put(&path, Bytes::from(note).into())
            .await
            .map(drop)
    }

    /// The sound of a copy from its beginning to its end, as it is read.
    ///
    /// # Errors
    /// When there is none, or the place does not answer.
    pub async fn read(
        &self,
        name: &RecordingName,
    ) -> Result<object_store::GetResult, object_store::Error> {
        self.place.get(&self.path(name, "wav")).await
    }

    /// Deletes the copy of a recording: first the note, so that half a copy is none.
    ///
    /// # Errors
    /// When the place does not do it.
    pub async fn erase(&self, name: &RecordingName) -> Result<(), object_store::Error> {
        for kind in ["json", "wav"] {
            match self.place.delete(&self.path(name, kind)).await {
                Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

/// Where the copy of a recording is, below the place. Whatever the names hold, each is one part.
fn below(name: &RecordingName, kind: &str) -> Path {
    let file = format!("{}.{kind}", name.recording);
    [name.account.as_str(), name.call.as_str(), &file]
        .into_iter()
        .map(PathPart::from)
        .collect()
}

/// The length and hash of what goes by.
#[derive(Default)]
pub(super) struct Sum {
    bytes: u64,
    hash: Sha256,
}

impl Sum {
    pub(super) fn add(&mut self, part: &[u8]) {
        self.bytes += part.len() as u64;
        self.hash.update(part);
    }

    /// The length, and the hash in hexadecimal digits.
    pub(super) fn end(self) -> (u64, String) {
        let hash = self.hash.finalize();
        (
            self.bytes,
            hash.iter().map(|byte| format!("{byte:02x}")).collect(),
        )
    }
}

fn retries(access: &ArchiveAccess) -> RetryConfig {
    RetryConfig {
        max_retries: RETRIES,
        retry_timeout: access.patience(),
        ..RetryConfig::default()
    }
}

/// Plain http only where the operator says so, by an endpoint.
fn client(access: &ArchiveAccess) -> ClientOptions {
    let is_plain = |endpoint: &String| endpoint.starts_with("http://");
    ClientOptions::new()
        .with_timeout(access.patience())
        .with_allow_http(access.endpoint.as_ref().is_some_and(is_plain))
}

fn s3(
    url: &str,
    access: &ArchiveAccess,
) -> Result<object_store::aws::AmazonS3, object_store::Error> {
    let mut builder = AmazonS3Builder::new()
        .with_url(url)
        .with_retry(retries(access))
        // Not every provider with that API deletes several at once, and two are not many.
        .with_disable_bulk_delete(true);
    builder = builder.with_client_options(client(access));
    if let Some(key) = &access.key {
        builder = builder.with_access_key_id(key);
    }
    if let Some(secret) = &access.secret {
        builder = builder.with_secret_access_key(secret.expose_secret());
    }
    if let Some(region) = &access.region {
        builder = builder.with_region(region);
    }
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    builder.build()
}

fn google(
    url: &str,
    access: &ArchiveAccess,
) -> Result<object_store::gcp::GoogleCloudStorage, object_store::Error> {
    let mut builder = GoogleCloudStorageBuilder::new()
        .with_url(url)
        .with_retry(retries(access));
    builder = builder.with_client_options(client(access));
    if let Some(secret) = &access.secret {
        builder = builder.with_service_account_key(secret.expose_secret());
    }
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_base_url(endpoint);
    }
    builder.build()
}

fn azure(
    url: &str,
    access: &ArchiveAccess,
) -> Result<object_store::azure::MicrosoftAzure, object_store::Error> {
    let mut builder = MicrosoftAzureBuilder::new()
        .with_url(url)
        .with_retry(retries(access));
    builder = builder.with_client_options(client(access));
    if let Some(key) = &access.key {
        builder = builder.with_account(key);
    }
    if let Some(secret) = &access.secret {
        builder = builder.with_access_key(secret.expose_secret());
    }
    if let Some(endpoint) = &access.endpoint {
        builder = builder.with_endpoint(endpoint.clone());
    }
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::{Archive, ArchiveAccess, ArchiveError, RecordingName};
    use crate::engine::CallSid;

    fn name(call: &str) -> RecordingName {
        RecordingName {
            account: "AC1".to_owned(),
            call: CallSid::parse(call).expect("a call's name"),
            recording: "RE1".to_owned(),
        }
    }

    fn bucket(url: &str) -> Archive {
        let access = ArchiveAccess {
            key: Some("key".to_owned()),
            secret: Some("c2VjcmV0".into()),
            ..ArchiveAccess::default()
        };
        Archive::open(url, &access).expect("it can be used")
    }

    #[test]
    fn a_copy_is_found_by_account_call_and_sid() {
        for url in [
            "s3://bucket/calls/eu",
            "s3://bucket/calls/eu/",
            "az://bucket/calls/eu",
        ] {
            let archive = bucket(url);
            let kept = url.trim_end_matches('/');
            assert_eq!(
                archive.address(&name("CA1")),
                format!("{kept}/AC1/CA1/RE1.wav")
            );
            assert_eq!(
                archive.path(&name("CA1"), "json").as_ref(),
                "calls/eu/AC1/CA1/RE1.json"
            );
        }
        assert_eq!(
            bucket("s3://bucket").path(&name("CA1"), "wav").as_ref(),
            "AC1/CA1/RE1.wav"
        );
    }

    #[test]
    fn no_calls_name_leads_out_of_the_place() {
        let archive = bucket("s3://bucket/calls");
        let path = archive.path(&name(".."), "wav");
        assert_eq!(path.as_ref(), "calls/AC1/%2E%2E/RE1.wav");
    }

    #[test]
    fn a_place_of_another_kind_is_refused() {
        for url in [
            "",
            "bucket",
            "https://host/bucket",
            "ftp://host/",
            "memory:///x",
        ] {
            let refused = Archive::open(url, &ArchiveAccess::default());
            assert!(matches!(refused, Err(ArchiveError::Kind)), "{url}");
        }
    }
}
