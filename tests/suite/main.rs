//! Every test that needs more than one room: one binary, a file an idea.

mod flow_faults;
