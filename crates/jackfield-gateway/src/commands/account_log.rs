//! Records changes of accounts by commands in the audit.

use std::cell::OnceCell;

use jackfield_recipe::origin_of;
use jackfield_runtime::{
    AccountAction, AccountChange, Audit as _, AuditJournal, Channel, Principal, open_audit,
};

use super::block_on::block_on;
use crate::failure::Failure;
use crate::gateway::{ENDPOINT, OpenGateway};

/// The audit that gateway.toml names, for a command that changes accounts.
pub(super) struct AccountLog<'g> {
    gateway: &'g OpenGateway,
    journal: OnceCell<Option<AuditJournal>>,
}

impl<'g> AccountLog<'g> {
    pub(super) const fn of(gateway: &'g OpenGateway) -> Self {
        Self { gateway, journal: OnceCell::new() }
    }

    /// Opens the audit. It is called before an account is changed, so that no account is changed without a record.
    ///
    /// # Errors
    /// Returns an error if the audit cannot be written.
    pub(super) fn open(&self) -> Result<Option<&AuditJournal>, Failure> {
        if self.journal.get().is_none() {
            let audit = self.gateway.config().audit.as_deref().unwrap_or("off");
            let opened = open_audit(&ENDPOINT, self.gateway.environment(), audit);
            let opened = opened.map_err(|error| {
                Failure(format!("the account stays as it is, because the audit cannot be opened: {error}"))
            })?;
            let _ = self.journal.set(opened);
        }
        Ok(self.journal.get().and_then(Option::as_ref))
    }

    /// Records a change of an account. `url` is the URL of the server. It is `None` if the account consists of variables of a program.
    ///
    /// # Errors
    /// Returns an error if the record cannot be written.
    pub(super) fn record(
        &self,
        action: AccountAction,
        owner: Option<&Principal>,
        connector: &str,
        url: Option<&str>,
    ) -> Result<(), Failure> {
        let Some(journal) = self.open()? else { return Ok(()) };
        let change = AccountChange {
            action,
            owner: owner.cloned().unwrap_or(Principal::Local),
            connector: connector.to_owned(),
            origin: url.and_then(origin_of),
            channel: Channel::CommandLine,
            address: None,
        };
        let recorded = block_on(journal.record_account(change))?;
        recorded.map_err(|error| {
            Failure(format!("the account is {}, but the audit cannot be written: {error}", action.as_str()))
        })
    }
}
