//! Every test that needs more than one room: one binary, a file an idea.

mod backend;
mod caller;
mod chance;
mod early;
mod kill;
mod ledger;
mod outbox;
mod pair;
mod pickup;
mod power_loss;
mod redis_server;
mod redis_restart;
mod rolling_change;
mod server;
mod store;
mod store_local;
mod store_model;
mod store_redis;
mod two_nodes;
