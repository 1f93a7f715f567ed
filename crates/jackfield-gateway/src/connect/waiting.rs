//! Logins that wait for the redirect from an authorization server.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jackfield_runtime::{Secret, WebLogin};
use sha2::{Digest as _, Sha256};

use super::offers::Offer;
use crate::account::LoginDocument;

/// The time that a person may take at an authorization server.
const LIFE: Duration = Duration::from_secs(600);
/// The maximum number of waiting logins.
const MOST: usize = 1024;

/// A login that waits for its redirect.
pub(super) struct WaitingLogin {
    pub(super) offer: Offer,
    pub(super) login: WebLogin,
    pub(super) step: Step,
    /// The cookie of the browser that started the login. Another browser cannot complete it.
    pub(super) cookie: Secret,
    /// The agent's token that the user entered. It is checked again after the login, because it may have been revoked in the meantime.
    pub(super) proof: Option<Secret>,
}

/// The purpose of a login.
pub(super) enum Step {
    /// Authenticates the user at the gateway's issuer.
    Identify,
    /// Connects the account at the server.
    Connect(LoginDocument),
}

/// The waiting logins by the digest of their `state` parameter, so that the time of a lookup reveals nothing about a `state`.
#[derive(Default)]
pub(super) struct Waiting(HashMap<[u8; 32], (WaitingLogin, Instant)>);

impl Waiting {
    /// Adds a login. Returns false if there are too many.
    pub(super) fn add(&mut self, login: WaitingLogin, now: Instant) -> bool {
        self.0.retain(|_, (_, ends)| *ends > now);
        let has_room = self.0.len() < MOST;
        if has_room {
            self.0.insert(digest(login.login.state().expose()), (login, now + LIFE));
        }
        has_room
    }

    /// Whether a login with this `state` is waiting.
    pub(super) fn has(&self, state: &str) -> bool {
        self.0.contains_key(&digest(state))
    }

    /// Removes and returns the login with this `state`, unless it has expired. The `state` cannot be used again.
    pub(super) fn take(&mut self, state: &str, now: Instant) -> Option<WaitingLogin> {
        self.0.remove(&digest(state)).filter(|(_, ends)| *ends > now).map(|(login, _)| login)
    }
}

fn digest(state: &str) -> [u8; 32] {
    Sha256::digest(state).into()
}
