//! The stripe connector: generated tools, and hand-written ones beside them.

pub mod custom;
#[rustfmt::skip]
pub mod generated;
