//! Every test that needs more than one room: one binary, a file an idea.

mod backend;
mod bad_input;
mod caller;
mod fallback;
mod figures;
mod flows;
mod folder;
mod outbox;
mod pickup;
mod power_loss;
mod protocol;
mod redis_server;
mod server;
mod signature_routes;
mod status;
mod store;
mod store_local;
mod store_model;
mod store_redis;
mod wire;
