//! The language, point by point, on flows that are as small as the point.

pub mod phone;
pub mod timing;

mod answers;
mod attempts;
mod barge_in;
mod ends;
mod examples;
mod languages;
mod moving;
mod prompts;
mod properties;
mod retracing;
mod secrets;
mod submissions;
mod values;
