//! The reason why a connection to a server failed.

use crate::wire::connection::Connection;
use crate::wire::link_fault::{LinkFault, NoAccount};

/// The reason why a connection to a server failed, and the last output of a child on stderr.
pub(crate) struct Unreachable {
    pub(crate) why: String,
    pub(crate) last_words: String,
    /// The caller without a usable account, if that is the reason.
    pub(super) no_account: Option<NoAccount>,
    /// Whether the server has answered with status 401.
    pub(crate) is_unauthorized: bool,
}

impl Unreachable {
    pub(super) fn of(fault: &LinkFault, connection: Option<&Connection>) -> Self {
        let no_account = match fault {
            LinkFault::NoAccount(missing) => Some(missing.clone()),
            _ => None,
        };
        let last_words = connection.map(Connection::last_words).unwrap_or_default();
        let is_unauthorized = matches!(fault, LinkFault::Refused(401, _));
        Self { why: fault.to_string(), last_words, no_account, is_unauthorized }
    }
}
