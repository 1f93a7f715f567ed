//! Judges an entry before anything of it is fetched or started.

pub(crate) mod address;
pub(crate) mod answer;
pub(crate) mod arguments;
pub(crate) mod entry;
pub(crate) mod finding;
pub(crate) mod identifier;
pub(crate) mod look_alike;
pub(crate) mod texts;
pub(crate) mod values;
pub(crate) mod variables;
