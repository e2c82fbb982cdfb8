//! Every test that needs more than one room: one binary, a file an idea.

mod architecture;
mod backend;
mod caller;
mod figures;
mod flows;
mod folder;
mod outbox;
mod pages;
mod pickup;
mod power_loss;
mod protocol;
mod redis_server;
mod server;
mod source;
mod store;
mod store_local;
mod store_model;
mod store_redis;
