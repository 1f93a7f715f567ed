//! Executes calls in the same way for every kind of caller.

pub(crate) mod account_missing;
pub(crate) mod admission;
pub(crate) mod answer;
pub(crate) mod api;
pub(crate) mod approval;
mod ask;
mod cache;
pub(crate) mod call_slot;
pub(crate) mod client_log;
pub(crate) mod completion;
mod contents;
pub(crate) mod context;
pub(crate) mod current_service;
pub(crate) mod custom;
mod custom_contents;
pub(crate) mod custom_prompt;
pub(crate) mod custom_resource;
pub(crate) mod custom_set;
pub(crate) mod custom_source;
pub(crate) mod destination;
mod end_record;
pub(crate) mod error;
pub(crate) mod executor;
mod facts;
mod first_sentence;
pub(crate) mod form;
pub(crate) mod header_arguments;
pub(crate) mod job_answer;
pub(crate) mod joined;
#[cfg(feature = "serve")]
pub(crate) mod known_tool;
pub(crate) mod limits;
pub(crate) mod listing;
pub(crate) mod log_feed;
pub(crate) mod merged;
mod observation;
pub(crate) mod outcome;
pub(crate) mod outcome_code;
pub(crate) mod pending;
pub(crate) mod policy;
pub(crate) mod prepared;
mod redacted;
pub(crate) mod remote_error;
pub(crate) mod request;
pub(crate) mod resource_updates;
mod response_size;
pub(crate) mod route;
#[cfg(feature = "serve")]
pub(crate) mod running_tasks;
pub(crate) mod search;
pub(crate) mod service;
pub(crate) mod shape;
#[cfg(test)]
mod shared_client;
pub(crate) mod source;
pub(crate) mod surface;
#[cfg(feature = "serve")]
pub(crate) mod task;
pub(crate) mod unknown;
pub(crate) mod upstream;
