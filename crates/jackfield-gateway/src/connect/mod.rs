//! Pages on which a caller's user connects an account at another server (ADR 0074).

mod address;
mod browser;
mod html;
mod issuer;
mod offers;
mod pages;
mod random_text;
mod steps;
mod waiting;

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Instant;

use jackfield_runtime::{ConnectLink, Environment, Principal, WebClient};

use crate::config::{GatewayConfig, HttpUpstream};
use address::Address;
use issuer::IssuerLogin;
use offers::Offers;
use waiting::Waiting;

/// A function that runs once the pages are served.
pub(crate) type Begin = Box<dyn FnOnce() + Send>;

/// The pages, their links and the logins in progress. All are kept in memory only: after a restart, the next call creates a new link.
pub(crate) struct Connect {
    environment: Environment,
    /// The state folder.
    state: std::path::PathBuf,
    issuer: Option<IssuerLogin>,
    /// The URL of the pages, once the gateway serves HTTP.
    address: OnceLock<Address>,
    /// The functions that run once the pages are served, in the async runtime of the server.
    begins: Mutex<Vec<Begin>>,
    /// The servers at which each caller has its own account.
    servers: Mutex<BTreeMap<String, HttpUpstream>>,
    offers: Mutex<Offers>,
    waiting: Mutex<Waiting>,
}

impl Connect {
    pub(crate) fn new(config: &GatewayConfig, environment: Environment, state: std::path::PathBuf) -> Self {
        Self {
            issuer: IssuerLogin::of(config),
            environment,
            state,
            address: OnceLock::new(),
            begins: Mutex::default(),
            servers: Mutex::default(),
            offers: Mutex::default(),
            waiting: Mutex::default(),
        }
    }

    /// Runs `begin` once the pages are served, or immediately if they already are.
    pub(crate) fn when_begun(&self, begin: Begin) {
        match self.address.get() {
            Some(_) => begin(),
            None => self.begins.lock().unwrap_or_else(PoisonError::into_inner).push(begin),
        }
    }

    /// Sets the URL of the pages, and runs the functions that wait for the pages.
    fn set_address(&self, address: Address) {
        if self.address.set(address).is_ok() {
            let begins = std::mem::take(&mut *self.begins.lock().unwrap_or_else(PoisonError::into_inner));
            begins.into_iter().for_each(|begin| begin());
        }
    }

    /// Adds a server at which each caller has its own account, or replaces its settings.
    pub(crate) fn add_server(&self, name: &str, upstream: &HttpUpstream) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.insert(name.to_owned(), upstream.clone());
    }

    fn server(&self, name: &str) -> Option<HttpUpstream> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// Returns a link on which a caller's user can connect an account. `None` if the pages are not served, or if the caller could not
    /// authenticate on them.
    pub(crate) fn link(&self, connector: &str, owner: &Principal) -> Option<ConnectLink> {
        let address = self.address.get()?;
        let upstream = self.server(connector)?;
        match owner {
            Principal::Token(_) => {}
            Principal::Subject { issuer, .. } if self.issuer.as_ref().is_some_and(|it| it.is(issuer)) => {}
            _ => return None,
        }
        let mut offers = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        let id = offers.offer(connector, &upstream, owner, Instant::now())?;
        Some(ConnectLink { url: address.of(&id), id: format!("connect-{connector}") })
    }

    /// Returns the OAuth client with which callers log in at a server, or at the issuer if `connector` is `None`.
    fn client(address: &Address, connector: Option<&str>) -> WebClient {
        WebClient { redirect: address.callback(connector), document: address.client(connector) }
    }
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connect")
    }
}
