//! Renews the tokens of the accounts at a server on schedule, and ends the sessions of removed or replaced accounts.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jackfield_runtime::StoreError;
use tokio::sync::watch;
use tokio::time::sleep;

use super::keep_task::KeepTask;
use super::session_key::key_of;
use super::upstream::Upstream;
use crate::account::{Account, StoredLogin, now};
use crate::config::{ConnectorKind, HttpUpstream};

/// The maximum number of seconds between two checks of an account's tokens, because another process may renew them.
const LONGEST: u64 = 600;
/// The retry delay in seconds after a failed renewal, and after the accounts could not be read.
const AGAIN: u64 = 30;

/// An account, and the time of the next check of its tokens, in seconds since 1970.
struct KeptAccount {
    account: Account,
    look_at: u64,
}

/// The accounts by session key. The key of the gateway's account is empty.
type KeptAccounts = BTreeMap<String, KeptAccount>;

impl Upstream {
    /// Starts the task that renews tokens, unless it is running. The task ends when the `Upstream` is dropped.
    pub(super) fn keep_accounts(self: &Arc<Self>) {
        let ConnectorKind::Http(server) = &self.entry.kind else { return };
        if server.token.is_some() || self.keeping.get().is_some() {
            return;
        }
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        self.keeping.get_or_init(|| {
            let changes = self.pins.account_changes(self.name());
            KeepTask::of(&runtime.spawn(keep(Arc::downgrade(self), server.clone(), changes)))
        });
    }
}

async fn keep(upstream: Weak<Upstream>, server: HttpUpstream, mut changes: watch::Receiver<u64>) {
    let (mut kept, mut is_current) = (KeptAccounts::new(), false);
    loop {
        let Some(upstream) = upstream.upgrade() else { return };
        if !is_current {
            changes.mark_unchanged();
            let read = upstream.read_again(&mut kept, &server).await;
            is_current = read.is_ok();
            upstream.is_refused.store(false, Relaxed);
            let has_lists =
                || upstream.pins.get(upstream.name(), "").is_some_and(|it| it.source == upstream.source);
            if upstream.entry.has_own_accounts() && !has_lists() {
                // A caller may have connected the first account.
                upstream.attach_in_background();
            }
            if let Err(error) = read {
                tracing::error!(connector = upstream.name(), %error, "the accounts cannot be read again");
            }
        }
        renew(upstream.name(), &mut kept).await;
        drop(upstream);
        let next = kept.values().map(|it| it.look_at).min().unwrap_or(u64::MAX);
        let most = if is_current { LONGEST } else { AGAIN };
        let wait = next.saturating_sub(now()).clamp(1, most);
        tokio::select! {
            changed = changes.changed() => match changed {
                Ok(()) => is_current = false,
                Err(_) => return,
            },
            () = sleep(Duration::from_secs(wait)) => {}
        }
    }
}

/// Renews the tokens that are about to expire.
async fn renew(connector: &str, kept: &mut KeptAccounts) {
    let now = now();
    for (owner, KeptAccount { account, look_at }) in kept.iter_mut().filter(|(_, it)| it.look_at <= now) {
        match account.renew_ahead().await {
            Ok(true) => tracing::info!(connector, owner, "the tokens of an account were renewed"),
            Ok(false) => {}
            Err(why) => {
                tracing::warn!(connector, owner, %why, "the tokens of an account cannot be renewed");
                *look_at = now + AGAIN;
                continue;
            }
        }
        *look_at = match account.status().await {
            // The time may differ from the renewal above, because a call may have renewed the tokens since.
            Ok(Some(status)) => status.due_at.map_or(now + LONGEST, |due| due.clamp(now + 1, now + LONGEST)),
            Ok(None) => now + LONGEST,
            Err(_) => now + AGAIN,
        };
    }
}

impl Upstream {
    /// Reads the accounts from the store, and ends the sessions of accounts that were removed or replaced.
    ///
    /// # Errors
    /// Returns an error, and keeps the earlier accounts, if the store cannot be read.
    async fn read_again(&self, kept: &mut KeptAccounts, server: &HttpUpstream) -> Result<(), StoreError> {
        let (pins, name) = (self.pins.store(), self.name());
        let mut stored = StoredLogin::all(pins, name)?;
        stored.retain(|(owner, _)| owner.is_none() || self.entry.has_own_accounts());
        let mut before = std::mem::take(kept);
        for (owner, login) in stored {
            let key = key_of(owner.as_ref());
            match before.remove(&key) {
                Some(same) if *same.account.login() == login => {
                    kept.insert(key, same);
                    continue;
                }
                Some(_) => self.end_session(&key).await,
                None => {}
            }
            let account = Account::of_login(login, pins, name, server, self.environment(), owner.as_ref());
            kept.extend(account.map(|account| (key, KeptAccount { account, look_at: 0 })));
        }
        for key in before.keys() {
            self.end_session(key).await;
        }
        Ok(())
    }

    async fn end_session(&self, key: &str) {
        // All callers share the session with the empty key, so it is not ended.
        if key.is_empty() {
            return;
        }
        self.clients.forget(key);
        let ended = self.slots().end(key).await;
        self.slots().forget(key);
        if let Some(session) = ended {
            session.connection.close().await;
        }
    }
}
