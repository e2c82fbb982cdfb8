//! Every test that needs more than one room: one binary, a file an idea.

mod backend;
mod control;
mod outbox;
mod power_loss;
mod store;
mod store_local;
mod store_model;
mod caller;
mod pickup;
mod server;
