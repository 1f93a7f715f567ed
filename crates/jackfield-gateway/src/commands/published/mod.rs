//! Commands about the servers that are published in a registry: find, judge, add and update them.

pub(crate) mod add;
mod answering;
mod answers;
mod connector_name;
mod description;
mod examined;
mod exposure;
pub(crate) mod find;
mod judgement;
pub(crate) mod local_copy;
mod mirror_file;
pub(crate) mod outdated;
mod release;
mod renewed;
mod secrets;
mod settings;
pub(crate) mod show;
mod table;
mod trial;
pub(crate) mod update;
mod way;
