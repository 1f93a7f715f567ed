//! Approval by a person: which calls need it, to which facts it is bound, and how people are asked.

pub(crate) mod approvers;
pub(crate) mod ask_first;
pub(crate) mod ask_mode;
pub(crate) mod binding;
pub(crate) mod book;
pub(crate) mod deferral;
pub(crate) mod ledger;
pub(crate) mod open_questions;
pub(crate) mod outline;
pub(crate) mod question;
pub(crate) mod record;
