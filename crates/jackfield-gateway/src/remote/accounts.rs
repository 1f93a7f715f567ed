//! The accounts that are used for a server.

use std::sync::Arc;

use jackfield_runtime::{AccountMissing, CallError, Principal};

use super::upstream::Upstream;
use crate::account::{StoredLogin, login_command};
use crate::config::ConnectorKind;
use crate::connect::Connect;
use crate::wire::link_fault::NoAccount;

impl Upstream {
    /// Returns the caller whose account a session uses. `None` means the gateway's account, which the local user uses too.
    pub(super) fn account_owner<'p>(&self, owner: Option<&'p Principal>) -> Option<&'p Principal> {
        owner.filter(|owner| self.entry.has_own_accounts() && **owner != Principal::Local)
    }

    /// Creates the error of a call whose caller does not have a usable account.
    pub(super) fn account_missing(&self, missing: NoAccount) -> CallError {
        let NoAccount { owner, why } = missing;
        let command = login_command(self.name(), Some(&owner));
        let server = self.name().to_owned();
        let link = self.connect.as_ref().and_then(|connect| connect.link(&server, &owner));
        CallError::Account(Box::new(AccountMissing { server, why, command, link }))
    }

    /// Whether a session lacks the account of its caller, at a server where each caller has a separate account.
    pub(super) fn needs_account(&self, owner: Option<&Principal>) -> bool {
        self.entry.has_own_accounts() && self.account_owner(owner).is_none()
    }

    /// Returns the first caller with an account for this URL, if the gateway itself does not have one. The lists are then read with that
    /// account.
    pub(super) fn attaching_owner(&self) -> Option<Principal> {
        let ConnectorKind::Http(server) = &self.entry.kind else { return None };
        if !self.entry.has_own_accounts() {
            return None;
        }
        let accounts = StoredLogin::all(self.pins.store(), self.name()).ok()?;
        // The account of the gateway comes first.
        accounts.into_iter().find(|(_, login)| login.document.url == server.url)?.0
    }

    /// Adds the server to the pages on which callers connect their accounts, if each caller has a separate account.
    pub(super) fn with_connect(mut self, connect: Arc<Connect>) -> Self {
        // Values of `secrets` are stored by a command, not by a login.
        if let ConnectorKind::Http(upstream) = &self.entry.kind
            && self.entry.has_own_accounts()
            && upstream.secrets.is_empty()
        {
            connect.add_server(self.name(), upstream);
        }
        self.connect = Some(connect);
        self
    }
}
