//! What crosses the crates: one binary, because linking is what costs.

mod specs;

mod preview_equals_generated;
