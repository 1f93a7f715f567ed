//! Renews the tokens of the accounts at a server on schedule, and ends the sessions of removed or replaced accounts.

use std::collections::BTreeMap;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jackfield_runtime::Principal;
use tokio::time::sleep;

use super::session_key::key_of;
use super::upstream::Upstream;
use crate::account::{Account, LoginDocument, now};
use crate::config::{ConnectorKind, HttpUpstream};

/// The interval at which the store is checked for changed accounts.
const TICK: Duration = Duration::from_secs(1);
/// The maximum number of seconds between two checks of an account's tokens, because another process may renew them.
const LONGEST: u64 = 600;
/// The retry delay in seconds after a failed renewal.
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
        let Ok(runtime) = tokio::runtime::Handle::try_current() else { return };
        if server.token.is_none() && self.is_kept.set(()).is_ok() {
            runtime.spawn(keep(Arc::downgrade(self), server.clone()));
        }
    }
}

async fn keep(upstream: Weak<Upstream>, server: HttpUpstream) {
    let (mut version, mut kept) = (None, KeptAccounts::new());
    loop {
        sleep(TICK).await;
        let Some(upstream) = upstream.upgrade() else { return };
        let now = upstream.pins.store().version().ok();
        if now.is_none() || now != version {
            version = now;
            kept = upstream.read_again(kept, &server).await;
        }
        renew(upstream.name(), &mut kept).await;
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
    async fn read_again(&self, mut kept: KeptAccounts, server: &HttpUpstream) -> KeptAccounts {
        let (pins, name) = (self.pins.store(), self.name());
        let of_gateway = LoginDocument::load(pins, name, None).ok().flatten();
        let mut stored: Vec<(Option<Principal>, LoginDocument)> = Vec::new();
        stored.extend(of_gateway.map(|document| (None, document)));
        if self.entry.has_own_accounts() {
            // One document holds the accounts of all callers, so it is read once.
            let owners = LoginDocument::owners(pins, name).unwrap_or_default();
            stored.extend(owners.into_iter().map(|(owner, document, _)| (Some(owner), document)));
        }
        let mut now = KeptAccounts::new();
        for (owner, document) in stored {
            let (key, owner) = (key_of(owner.as_ref()), owner.as_ref());
            let account = Account::of_document(document, name, server, self.environment(), owner);
            let Ok(Some(account)) = account else { continue };
            let before = kept.remove(&key);
            if before.is_some_and(|before| before.account.document() != account.document()) {
                self.end_session(&key).await;
            }
            now.insert(key, KeptAccount { account, look_at: 0 });
        }
        for key in kept.keys() {
            self.end_session(key).await;
        }
        now
    }

    async fn end_session(&self, key: &str) {
        // All callers share the session with the empty key, so it is not ended.
        if key.is_empty() {
            return;
        }
        if let Some(session) = self.slots().end(key).await {
            session.connection.close().await;
        }
    }
}
