//! Allowances: all of them share one slot, so that an act and all that it counts is one script.

use redis::{FromRedisValue as _, RedisError, Value, cmd};

use super::Store;
use super::due::milliseconds;
use super::keys::RedisKey;
use super::script::{LuaScript, ScriptCall};
use crate::store::Error;
use crate::store::allowance::{ActName, Allowance, CountName, answer};

static COUNT: LuaScript = LuaScript::new(include_str!("count.lua"));

impl Store {
    pub async fn counted(&self, names: &[CountName]) -> Result<Vec<u32>, Error> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let mut ask = cmd("MGET");
        for name in names {
            ask.arg(RedisKey::Count(name.key()));
        }
        let counts = self.link.send(&ask).await?;
        let counts = Vec::<Option<u32>>::from_redis_value(counts).map_err(RedisError::from)?;
        Ok(counts.into_iter().map(Option::unwrap_or_default).collect())
    }

    pub async fn count(
        &self,
        act: ActName,
        allowances: &[Allowance],
    ) -> Result<Option<usize>, Error> {
        let keys = 1 + allowances.len();
        let call =
            ScriptCall::new(&COUNT, keys, 3 * keys, 64 * keys).arg(RedisKey::Count(act.key()));
        let call = allowances
            .iter()
            .fold(call, |call, one| call.arg(RedisKey::Count(one.key())));
        let call = allowances
            .iter()
            .fold(call.arg(milliseconds(act.until)), |call, one| {
                call.arg(one.most).arg(milliseconds(one.until))
            });
        match self.link.run(&call).await? {
            Value::Int(kept) => Ok(answer(u32::try_from(kept).unwrap_or(u32::MAX))),
            _ => Err(Error::Corrupt {
                what: "a count".to_owned(),
                reason: "it is no number".to_owned(),
            }),
        }
    }
}
