//! Compares two connectors, and classifies each difference by what it means for users.
//!
//! The comparison is a pure function of two decided models: [`compare`] takes two [`Side`]s and returns a [`Report`].
//! It compares what models and services receive: tools, arguments, requests, credentials, origins and rules. It does
//! not compare the text of documents. [`compare_locks`] compares two locks, for a connector whose earlier document is not available.
//! [`compare_lists`] compares the lists of an MCP server that was not made from a document.

mod argument_changes;
mod arguments;
mod bodies;
mod change;
mod class;
mod compare;
mod connector;
mod contents;
mod destinations;
mod excerpt;
mod followed;
mod json;
mod kind;
mod listed;
mod lists;
mod locks;
mod markdown;
mod merges;
mod operation;
mod patience;
mod phrase;
mod rates;
mod replies;
mod reply_rules;
mod report;
mod schema;
mod schemas;
mod schemes;
mod security;
mod servers;
mod settings;
mod surface;
mod texts;
mod tools;
mod wire;

pub use change::Change;
pub use class::{Class, UnknownClass};
pub use compare::{Side, compare};
pub use kind::Kind;
pub use listed::{ListRules, ServerLists, compare_lists};
pub use locks::compare_locks;
pub use phrase::{Part, Phrase};
pub use report::{Counted, Report};
