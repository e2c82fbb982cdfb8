//! What Redis says of itself before it is trusted: format, eviction, durability.

use redis::{FromRedisValue, RedisResult, Value, cmd};

use super::keys::{BUCKETS, Key};
use super::link::Link;
use crate::store::{Error, Level};

/// The version of what this room writes.
const FORMAT: u32 = 2;
/// The one before, which is read: what is written becomes of this one bit by bit.
const READ: u32 = 1;

/// Writes the format into an empty store, and compares it with that of a used one.
///
/// # Errors
/// `Format` when it is another.
pub(super) async fn check_format(link: &Link) -> Result<(), Error> {
    let format = |version: u32| format!("{version} with {} buckets", BUCKETS.len());
    let known = format(FORMAT);
    link.send(cmd("SETNX").arg(Key::Format).arg(&known)).await?;
    let found = link.send(cmd("GET").arg(Key::Format)).await?;
    let found = Option::<String>::from_redis_value(found).map_err(redis::RedisError::from)?.unwrap_or_default();
    if found == format(READ) {
        // From now on a node of the release before refuses to start here: it could not read what is written.
        link.send(cmd("SET").arg(Key::Format).arg(&known)).await?;
        return Ok(());
    }
    if found == known { Ok(()) } else { Err(Error::Format { found, known }) }
}

/// Refuses a Redis that may delete live calls, and tells how durable its writes are: of several servers, the least.
///
/// # Errors
/// `Unsafe` when any key may be evicted.
pub(super) async fn judge(link: &Link) -> Result<Level, Error> {
    for memory in told(link.ask_each(cmd("INFO").arg("memory").take()).await, "INFO memory") {
        judge_eviction(line(&memory, "maxmemory_policy").unwrap_or("unknown"))?;
    }
    let persistence = told(link.ask_each(cmd("INFO").arg("persistence").take()).await, "INFO persistence");
    let append_only: Vec<_> = persistence.iter().filter_map(|info| line(info, "aof_enabled")).collect();
    if append_only.contains(&"0") {
        return Ok(Level::RedisVolatile);
    }
    let question = cmd("CONFIG").arg("GET").arg("appendfsync").take();
    let syncs = link.ask_each(question).await.unwrap_or_default();
    let syncs: Vec<_> = syncs.into_iter().map(|answer| Vec::<String>::from_redis_value(answer).ok()).collect();
    Ok(level(&append_only, &syncs))
}

fn level(append_only: &[&str], syncs: &[Option<Vec<String>>]) -> Level {
    let sync = |answer: &Option<Vec<String>>| answer.as_ref().and_then(|pair| pair.get(1).cloned());
    let syncs: Option<Vec<_>> = syncs.iter().map(sync).collect();
    match syncs {
        Some(syncs) if !append_only.is_empty() && !syncs.is_empty() => {
            if syncs.iter().all(|sync| sync == "always") {
                Level::RedisSafe
            } else {
                Level::RedisFast
            }
        }
        _ => Level::RedisUnknown,
    }
}

fn judge_eviction(policy: &str) -> Result<(), Error> {
    if policy.starts_with("allkeys-") {
        return Err(Error::Unsafe(format!(
            "redis deletes live calls when its memory is full (maxmemory-policy is {policy}): set it to noeviction"
        )));
    }
    if policy.starts_with("volatile-") {
        tracing::warn!(policy, "Redis deletes finished calls early when its memory is full; noeviction is safer.");
    }
    Ok(())
}

/// The texts that came; a managed service may keep silent.
fn told(answers: RedisResult<Vec<Value>>, question: &str) -> Vec<String> {
    match answers {
        Ok(answers) => answers.into_iter().filter_map(|answer| String::from_redis_value(answer).ok()).collect(),
        Err(error) => {
            tracing::warn!(%error, question, "Redis does not tell how it is set.");
            Vec::new()
        }
    }
}

/// A value from what `INFO` answers.
fn line<'a>(info: &'a str, name: &str) -> Option<&'a str> {
    info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::{judge_eviction, level, line};
    use crate::store::Level;

    #[test]
    fn a_policy_that_may_delete_live_calls_is_refused() {
        for (policy, refused) in
            [("noeviction", false), ("volatile-lru", false), ("allkeys-lru", true), ("allkeys-random", true)]
        {
            assert_eq!(judge_eviction(policy).is_err(), refused, "{policy}");
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
        assert_eq!(level(&["1"], &[sync("always")]), Level::RedisSafe);
        assert_eq!(level(&["1", "1"], &[sync("always"), sync("everysec")]), Level::RedisFast);
        assert_eq!(level(&["1"], &[]), Level::RedisUnknown);
        assert_eq!(level(&["1", "1"], &[sync("always"), None]), Level::RedisUnknown);
        assert_eq!(level(&[], &[sync("always")]), Level::RedisUnknown);
    }
}
