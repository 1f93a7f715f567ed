//! The accounts with which a server is called.

use std::sync::Arc;

use jackfield_runtime::{AccountMissing, CallError, Principal};

use super::upstream::Upstream;
use crate::account::{LoginDocument, login_command};
use crate::config::ConnectorKind;
use crate::connect::Connect;
use crate::wire::link_fault::NoAccount;

impl Upstream {
    /// The caller whose account a session has. `None` for the account of the gateway, which is also that of the user who runs it.
    pub(super) fn account_owner<'p>(&self, owner: Option<&'p Principal>) -> Option<&'p Principal> {
        owner.filter(|owner| self.entry.has_own_accounts() && **owner != Principal::Local)
    }

    /// The error of a call whose caller has no account.
    pub(super) fn account_missing(&self, missing: NoAccount) -> CallError {
        let NoAccount { owner, why } = missing;
        let command = login_command(self.name(), Some(&owner));
        let server = self.name().to_owned();
        let link = self.connect.as_ref().and_then(|connect| connect.link(&server, &owner));
        CallError::Account(Box::new(AccountMissing { server, why, command, link }))
    }

    /// The caller with whose account the lists are read, if the gateway has none.
    pub(super) fn attaching_owner(&self) -> Option<Principal> {
        let ConnectorKind::Http(server) = &self.entry.kind else { return None };
        if !self.entry.has_own_accounts() {
            return None;
        }
        let (pins, name) = (self.pins.store(), self.name());
        let of_gateway = LoginDocument::load(pins, name, None).ok()?;
        if of_gateway.is_some_and(|document| document.url == server.url) {
            return None;
        }
        LoginDocument::owners(pins, name).ok()?.into_iter().next().map(|(owner, _)| owner)
    }

    /// Offers the callers pages on which they connect their accounts, if each has its own.
    pub(super) fn with_connect(mut self, connect: Arc<Connect>) -> Self {
        if let ConnectorKind::Http(upstream) = &self.entry.kind
            && self.entry.has_own_accounts()
        {
            connect.add_server(self.name(), upstream);
        }
        self.connect = Some(connect);
        self
    }
}
