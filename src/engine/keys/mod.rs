//! The keys of a flow that several of its readers share, and those of the file as a whole: each is declared once, with its
//! shape, its default, one sentence for the author and an example. A key of one action or type is in its own folder.

pub mod demands;
pub mod outbound;
pub mod outcomes;
pub mod shared;
pub mod top;
