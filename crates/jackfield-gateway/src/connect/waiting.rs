//! Logins that wait for the redirect of an authorization server.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jackfield_runtime::{Secret, WebLogin};
use sha2::{Digest as _, Sha256};

use super::offers::Offer;
use crate::account::LoginDocument;

/// How long a person may take at an authorization server.
const LIFE: Duration = Duration::from_secs(600);
/// The most logins at once.
const MOST: usize = 1024;

/// A login that waits for its redirect.
pub(super) struct WaitingLogin {
    pub(super) offer: Offer,
    pub(super) login: WebLogin,
    pub(super) step: Step,
    /// The cookie of the browser that has proved who it is. Another browser cannot continue.
    pub(super) cookie: Secret,
    /// The token with which the browser has proved it, which may be revoked meanwhile.
    pub(super) proof: Option<Secret>,
}

/// The purpose of a login.
pub(super) enum Step {
    /// Finds out who the person is, at the issuer of the gateway.
    Identify,
    /// Connects the account.
    Connect(LoginDocument),
}

/// The logins by the digests of their states, so that the time of a search tells nothing about a state.
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

    /// Whether a login waits for that state.
    pub(super) fn has(&self, state: &str) -> bool {
        self.0.contains_key(&digest(state))
    }

    /// Ends the waiting of a login, whose state nobody can use again.
    pub(super) fn take(&mut self, state: &str, now: Instant) -> Option<WaitingLogin> {
        self.0.remove(&digest(state)).filter(|(_, ends)| *ends > now).map(|(login, _)| login)
    }
}

fn digest(state: &str) -> [u8; 32] {
    Sha256::digest(state).into()
}
