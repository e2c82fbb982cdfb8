//! The language, point by point, on flows that are as small as the point.

pub mod phone;

mod answers;
mod barge_in;
mod call_fields;
mod contacts;
mod ends;
mod examples;
mod facts;
mod guesses;
mod hours;
mod languages;
mod lists;
mod milestones;
mod moving;
mod notes;
mod outbound;
mod pressing;
mod prompts;
pub mod properties;
mod queues;
mod recorded_talks;
mod refusals;
mod secrets;
mod subflows;
mod submissions;
mod taken_lists;
mod values;
