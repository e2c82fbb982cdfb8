//! Every test that needs more than one room: one binary, a file an idea.

#![expect(
    clippy::too_many_lines,
    reason = "a scenario is read from top to bottom"
)]
#![expect(
    clippy::needless_pass_by_value,
    reason = "what is asserted is needed nowhere else"
)]

mod alerts;
mod architecture;
mod attacks;
mod audio_routes;
mod backend;
mod bad_input;
mod browser;
mod byte_order_marks;
mod caller;
mod calls;
mod calls_export;
mod carrier;
mod carrier_requests;
mod chance;
mod check_calls;
mod check_mutations;
mod check_runs;
mod check_time;
mod circles;
mod clocks;
mod cluster;
mod console;
mod control;
mod dial;
mod diff;
mod early;
mod fallback;
mod figures;
mod flow_by_chance;
mod flow_faults;
mod flow_traps;
mod flows;
mod folder;
mod fuzz;
mod graph;
mod graph_traffic;
mod hold;
mod hours;
mod hours_oracle;
mod hours_switch;
mod import_studio;
mod import_webhooks;
mod kept;
mod kill;
mod ledger;
mod legs;
mod load;
mod long_lists;
mod lookups;
mod manual;
mod memory_flat;
mod new;
mod object_storage;
mod outbox;
mod outcomes;
mod pages;
mod pair;
mod phone;
mod phone_corpus;
mod phone_pickup;
mod phone_rude;
mod pickup;
mod policy;
mod power_loss;
mod protocol;
mod proxies;
mod python_app;
mod python_backend;
mod queues;
mod recorded_talks;
mod recording_copies;
mod recordings;
mod recordings_command;
mod recordings_kept;
mod redis_price;
mod redis_restart;
mod redis_server;
mod rehearsals;
mod reload;
mod rolling_change;
mod schema;
mod series;
mod server;
mod services;
mod serving;
mod signature_routes;
mod source;
mod spill;
mod stand_in;
mod status;
mod store;
mod store_backup;
mod store_damage;
mod store_health;
mod store_local;
mod store_model;
mod store_redis;
mod subflows;
mod test_calls;
mod texts;
mod twiml_corpus;
mod two_nodes;
mod verify;
mod verify_forms;
mod visits;
mod wire;
mod words;
