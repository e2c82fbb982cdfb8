//! Every test that needs more than one room: one binary, a file an idea.

mod backend;
mod caller;
mod figures;
mod flows;
mod folder;
mod chance;
mod early;
mod kill;
mod ledger;
mod outbox;
mod pickup;
mod power_loss;
mod protocol;
mod redis_server;
mod server;
mod store;
mod store_local;
mod store_model;
mod store_redis;
mod flow_faults;
