//! The hubspot connector: its generated and hand-written tools.

pub mod custom;
#[rustfmt::skip]
pub mod generated;
