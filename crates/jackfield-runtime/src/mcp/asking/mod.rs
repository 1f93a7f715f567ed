//! Asks the user of a client questions (elicitation), in the way of each protocol revision.
//!
//! Until revision 2025-11-25, the server sends the client a request and waits for the response. Since revision
//! 2026-07-28, the response to a call contains the questions and an encrypted state, and the client repeats the
//! call with the answers and the state.

pub(super) mod peer_asking;
pub(super) mod raw_questions;
pub(super) mod request_binding;
pub(super) mod request_states;
pub(super) mod rounds;
mod spent_states;
#[cfg(feature = "serve")]
pub(super) mod task_asking;
mod wire;
