//! What Redis says of itself before it is trusted: format, eviction, durability.

use redis::{Cmd, ErrorKind, FromRedisValue, Value, cmd};

use super::keys::{BUCKETS, RedisKey};
use super::link::Link;
use crate::store::{Durability, Error};

/// The version of what this room writes.
const FORMAT: u32 = 3;
/// Those before, which are read: what is written becomes of this one bit by bit.
const READ: [u32; 2] = [1, 2];

/// Writes the format into an empty store, and compares it with that of a used one.
///
/// # Errors
/// `Format` when it is another.
pub(super) async fn check_format(link: &Link) -> Result<(), Error> {
    let format = |version: u32| format!("{version} with {} buckets", BUCKETS.len());
    let known = format(FORMAT);
    link.send(cmd("SETNX").arg(RedisKey::Format).arg(&known))
        .await?;
    let found = link.send(cmd("GET").arg(RedisKey::Format)).await?;
    let found = Option::<String>::from_redis_value(found)
        .map_err(redis::RedisError::from)?
        .unwrap_or_default();
    if READ.map(format).contains(&found) {
        // From now on a node of the release before refuses to start here: it could not read what is written.
        link.send(cmd("SET").arg(RedisKey::Format).arg(&known))
            .await?;
        return Ok(());
    }
    if found == known {
        Ok(())
    } else {
        Err(Error::Format { found, known })
    }
}

/// How Redis is set.
pub(super) struct RedisSettings {
    durability: Durability,
    /// What it deletes when its memory is full; of several servers, the first.
    policies: Vec<String>,
}

impl RedisSettings {
    /// What its word is worth.
    pub fn level(&self) -> Durability {
        if self.evicts("allkeys-").is_some() {
            Durability::RedisEvicting
        } else {
            self.durability
        }
    }

    fn evicts(&self, kind: &str) -> Option<&String> {
        self.policies.iter().find(|policy| policy.starts_with(kind))
    }
}

/// The level of a Redis that may be used.
///
/// # Errors
/// `Unsafe` when any key may be evicted.
pub(super) fn accept(settings: &RedisSettings) -> Result<Durability, Error> {
    if let Some(policy) = settings.evicts("allkeys-") {
        return Err(Error::Unsafe(format!(
            "redis deletes live calls when its memory is full (maxmemory-policy is {policy}): set it to noeviction"
        )));
    }
    if let Some(policy) = settings.evicts("volatile-") {
        tracing::warn!(
            policy,
            "Redis deletes finished calls early when its memory is full; noeviction is safer."
        );
    }
    if settings.durability == Durability::RedisUnknown {
        tracing::warn!("Redis does not tell how it is set.");
    }
    Ok(settings.durability)
}

/// Asks how Redis is set: of several servers, the least durable counts. One that does not say is not known.
///
/// # Errors
/// When it does not answer.
pub(super) async fn judge(link: &Link) -> Result<RedisSettings, Error> {
    let memory = told(link, cmd("INFO").arg("memory")).await?;
    let policies = memory
        .iter()
        .filter_map(|info| line(info, "maxmemory_policy").map(str::to_owned))
        .collect();
    let persistence = told(link, cmd("INFO").arg("persistence")).await?;
    let append_only: Vec<_> = persistence
        .iter()
        .filter_map(|info| line(info, "aof_enabled"))
        .collect();
    let syncs = answers(link, cmd("CONFIG").arg("GET").arg("appendfsync")).await?;
    let syncs: Vec<_> = syncs
        .into_iter()
        .map(|answer| Vec::<String>::from_redis_value(answer).ok())
        .collect();
    let durability = if append_only.contains(&"0") {
        Durability::RedisVolatile
    } else {
        level(&append_only, &syncs)
    };
    Ok(RedisSettings {
        durability,
        policies,
    })
}

fn level(append_only: &[&str], syncs: &[Option<Vec<String>>]) -> Durability {
    let sync = |answer: &Option<Vec<String>>| answer.as_ref().and_then(|pair| pair.get(1).cloned());
    let syncs: Option<Vec<_>> = syncs.iter().map(sync).collect();
    match syncs {
        Some(syncs) if !append_only.is_empty() && !syncs.is_empty() => {
            if syncs.iter().all(|sync| sync == "always") {
                Durability::RedisSafe
            } else {
                Durability::RedisFast
            }
        }
        _ => Durability::RedisUnknown,
    }
}

/// What each server answers; nothing where one refuses, as a managed service may.
async fn answers(link: &Link, question: &Cmd) -> Result<Vec<Value>, Error> {
    match link.ask_each(question.clone()).await {
        Err(error) if matches!(error.kind(), ErrorKind::Server(_) | ErrorKind::Extension) => {
            Ok(Vec::new())
        }
        answers => Ok(answers?),
    }
}

async fn told(link: &Link, question: &Cmd) -> Result<Vec<String>, Error> {
    let answers = answers(link, question).await?;
    Ok(answers
        .into_iter()
        .filter_map(|answer| String::from_redis_value(answer).ok())
        .collect())
}

/// A value from what `INFO` answers.
fn line<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))
        .map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::{RedisSettings, accept, level, line};
    use crate::store::Durability;

    #[test]
    fn a_policy_that_may_delete_live_calls_is_refused() {
        for (policy, refused) in [
            ("noeviction", false),
            ("volatile-lru", false),
            ("allkeys-lru", true),
            ("allkeys-random", true),
        ] {
            let policies = vec!["noeviction".to_owned(), policy.to_owned()];
            let settings = RedisSettings {
                durability: Durability::RedisSafe,
                policies,
            };
            assert_eq!(
                settings.level() == Durability::RedisEvicting,
                refused,
                "{policy}"
            );
            assert_eq!(accept(&settings).is_err(), refused, "{policy}");
        }
    }

    #[test]
    fn a_line_of_info_is_found_by_its_whole_name() {
        let info = "# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(line(info, "maxmemory_policy"), Some("noeviction"));
        assert_eq!(line(info, "maxmemory"), Some("0"));
        assert_eq!(line(info, "max"), None);
    }

    #[test]
    fn the_level_is_that_of_the_weakest_server() {
        let sync = |value: &str| Some(vec!["appendfsync".to_owned(), value.to_owned()]);
        assert_eq!(level(&["1"], &[sync("always")]), Durability::RedisSafe);
        assert_eq!(
            level(&["1", "1"], &[sync("always"), sync("everysec")]),
            Durability::RedisFast
        );
        assert_eq!(level(&["1"], &[]), Durability::RedisUnknown);
        assert_eq!(
            level(&["1", "1"], &[sync("always"), None]),
            Durability::RedisUnknown
        );
        assert_eq!(level(&[], &[sync("always")]), Durability::RedisUnknown);
    }
}
