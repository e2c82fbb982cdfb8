//! The language, point by point, on flows that are as small as the point.

pub mod phone;
