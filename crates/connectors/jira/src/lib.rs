//! The jira connector: generated and hand-written tools.

pub mod custom;
#[rustfmt::skip]
pub mod generated;
