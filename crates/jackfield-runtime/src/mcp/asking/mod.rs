//! Questions to the user of a client, for each revision of the protocol.
//!
//! Until revision 2025-11-25, the server sends the client a request and waits. Since 2026-07-28, a call ends
//! with its questions, and the client repeats the call with the answers and an encrypted state.

pub(super) mod peer_asking;
pub(super) mod raw_questions;
pub(super) mod request_binding;
pub(super) mod request_states;
pub(super) mod rounds;
mod spent_states;
#[cfg(feature = "serve")]
pub(super) mod task_asking;
mod wire;
