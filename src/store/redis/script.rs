//! Scripts: each is sent by its hash, and in full to a server that does not know it yet.

use std::fmt::Display;
use std::sync::OnceLock;

use redis::{Arg, Cmd, RedisWrite, ToRedisArgs};

/// A script and its hash.
pub(super) struct LuaScript {
    text: &'static str,
    hash: OnceLock<String>,
}

impl LuaScript {
    /// A script of this program.
    pub const fn new(text: &'static str) -> Self {
        Self {
            text,
            hash: OnceLock::new(),
        }
    }

    fn hash(&self) -> &str {
        self.hash
            .get_or_init(|| redis::Script::new(self.text).get_hash().to_owned())
    }
}

/// A script with its keys and arguments.
pub(super) struct ScriptCall {
    script: &'static LuaScript,
    command: Cmd,
}

impl ScriptCall {
    /// Begins a call with so many keys; room is made for `parts` keys and arguments of together `bytes` bytes.
    pub fn new(script: &'static LuaScript, keys: usize, parts: usize, bytes: usize) -> Self {
        let mut command = Cmd::with_capacity(3 + parts, 64 + bytes);
        command.arg("EVALSHA").arg(script.hash()).arg(keys);
        Self { script, command }
    }

    /// Adds a key or an argument.
    pub fn arg(mut self, part: impl ToRedisArgs) -> Self {
        self.command.arg(part);
        self
    }

    /// Adds one to a call that is being built in a loop.
    pub fn push(&mut self, part: impl ToRedisArgs) {
        self.command.arg(part);
    }

    /// The call by the script's hash.
    pub fn command(&self) -> &Cmd {
        &self.command
    }

    /// The call with the script's text, which the server then keeps.
    pub fn in_full(&self) -> Cmd {
        let mut command = Cmd::new();
        command.arg("EVAL").arg(self.script.text);
        for part in self.command.args_iter().skip(2) {
            if let Arg::Simple(part) = part {
                command.arg(part);
            }
        }
        command
    }
}

/// An argument written as it is shown, straight into the command.
pub(super) struct Text<T>(pub T);

impl<T: Display> ToRedisArgs for Text<T> {
    fn write_redis_args<W: ?Sized + RedisWrite>(&self, out: &mut W) {
        out.write_arg_fmt(&self.0);
    }
}
