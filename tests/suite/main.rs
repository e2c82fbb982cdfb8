//! Every test that needs more than one room: one binary, a file an idea.

mod backend;
mod caller;
mod chance;
mod control;
mod early;
mod figures;
mod flow_faults;
mod flows;
mod folder;
mod kill;
mod ledger;
mod outbox;
mod pair;
mod pickup;
mod power_loss;
mod protocol;
mod redis_restart;
mod redis_server;
mod rolling_change;
mod server;
mod store;
mod store_local;
mod store_model;
mod store_redis;
mod two_nodes;
