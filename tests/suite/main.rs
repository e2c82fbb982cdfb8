//! Every test that needs more than one room: one binary, a file an idea.

mod power_loss;
mod redis_server;
mod store;
mod store_local;
mod store_model;
mod store_redis;
