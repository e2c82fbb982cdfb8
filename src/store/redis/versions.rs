//! What fingerprints stand for. All of it shares one slot, so that forgetting and keeping cannot cross.

use std::collections::HashSet;

use bytes::Bytes;
use jiff::Timestamp;
use redis::{FromRedisValue, RedisError, Value, cmd};

use super::Store;
use super::due::milliseconds;
use super::keys::{BUCKETS, RedisKey};
use super::script::{LuaScript, ScriptCall, Text};
use crate::engine::Fingerprint;
use crate::store::{Error, StoredVersion};

static KEEP: LuaScript = LuaScript::new(include_str!("keep_version.lua"));
static FORGET: LuaScript = LuaScript::new(include_str!("forget_version.lua"));

impl Store {
    pub async fn keep_version(&self, version: &StoredVersion, now: Timestamp) -> Result<(), Error> {
        let StoredVersion {
            fingerprint,
            bundle,
            recordings,
        } = version;
        let keys = 2 + recordings.len();
        let call = ScriptCall::new(&KEEP, keys, 2 * keys, 256 * keys)
            .arg(RedisKey::Kept)
            .arg(RedisKey::Plays(*fingerprint));
        let call = recordings
            .iter()
            .fold(call, |call, (hash, _)| call.arg(RedisKey::Recording(hash)));
        let call = call.arg(Text(fingerprint)).arg(milliseconds(now));
        let call = recordings
            .iter()
            .fold(call, |call, (hash, _)| call.arg(hash));
        let missing = Vec::<usize>::from_redis_value(self.link.run(&call).await?)
            .map_err(RedisError::from)?;
        for (hash, bytes) in missing
            .into_iter()
            .filter_map(|index| recordings.get(index))
        {
            self.link
                .send(cmd("SET").arg(RedisKey::Recording(hash)).arg(&**bytes))
                .await?;
        }
        // Last: a version that is there is there with all that it plays.
        self.link
            .send(
                cmd("SET")
                    .arg(RedisKey::Version(*fingerprint))
                    .arg(&**bundle),
            )
            .await?;
        Ok(())
    }

    pub async fn version(&self, fingerprint: Fingerprint) -> Result<Option<StoredVersion>, Error> {
        let bundle = self.fetch(RedisKey::Version(fingerprint)).await?;
        Ok(bundle.map(|bundle| StoredVersion {
            fingerprint,
            bundle,
            recordings: Vec::new(),
        }))
    }

    pub async fn recording(&self, hash: &str) -> Result<Option<Bytes>, Error> {
        self.fetch(RedisKey::Recording(hash)).await
    }

    pub(super) async fn fetch(&self, key: RedisKey<'_>) -> Result<Option<Bytes>, Error> {
        match self.link.send(cmd("GET").arg(key)).await? {
            Value::BulkString(bytes) => Ok(Some(bytes.into())),
            Value::Nil => Ok(None),
            _ => Err(Error::Corrupt {
                what: key.to_string(),
                reason: "not a string".to_owned(),
            }),
        }
    }

    pub async fn forget_versions(
        &self,
        in_service: &[Fingerprint],
        before: Timestamp,
    ) -> Result<usize, Error> {
        let mut range = cmd("ZRANGEBYSCORE");
        let old = self
            .link
            .send(
                range
                    .arg(RedisKey::Kept)
                    .arg("-inf")
                    .arg(format!("({}", milliseconds(before))),
            )
            .await?;
        let old = Vec::<String>::from_redis_value(old).map_err(RedisError::from)?;
        let mut old: HashSet<_> = old
            .iter()
            .filter_map(|text| Fingerprint::parse(text))
            .collect();
        old.retain(|fingerprint| !in_service.contains(fingerprint));
        if old.is_empty() {
            return Ok(0);
        }
        for running in self.running().await? {
            old.remove(&running);
        }
        let mut forgotten = 0;
        for fingerprint in old {
            let call = ScriptCall::new(&FORGET, 3, 6, 256)
                .arg(RedisKey::Kept)
                .arg(RedisKey::Version(fingerprint))
                .arg(RedisKey::Plays(fingerprint))
                .arg(Text(fingerprint))
                .arg(milliseconds(before))
                .arg(RedisKey::Versions);
            forgotten += usize::from(self.link.run(&call).await? == Value::Int(1));
        }
        Ok(forgotten)
    }

    /// The versions with unfinished calls; every bucket must tell its own.
    async fn running(&self) -> Result<HashSet<Fingerprint>, Error> {
        let questions = BUCKETS
            .map(|bucket| cmd("HKEYS").arg(RedisKey::Live(bucket)).take())
            .collect();
        let mut running = HashSet::new();
        for answer in self.link.send_all(questions).await {
            let names = Vec::<String>::from_redis_value(answer?).map_err(RedisError::from)?;
            running.extend(names.iter().filter_map(|name| Fingerprint::parse(name)));
        }
        Ok(running)
    }
}
