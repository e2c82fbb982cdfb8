//! What we ask of the carrier beside answering its webhooks, and how each of it is carried out.

pub mod recording;
