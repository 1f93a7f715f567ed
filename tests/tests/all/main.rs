//! What crosses the crates: one binary, because linking is what costs.

mod behaviour;
mod preview_equals_generated;
mod specs;
