//! Every test that needs more than one room: one binary, a file an idea.

mod redis_server;
mod store;
mod store_redis;
