//! Pages on which a caller's user connects an account at another server (ADR 0074).

mod address;
mod browser;
mod html;
mod issuer;
mod offers;
mod pages;
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

/// What begins with the pages.
pub(crate) type Begin = Box<dyn FnOnce() + Send>;

/// The pages, and what was begun on them. All of it is lost with the process, and the next call makes another link.
pub(crate) struct Connect {
    environment: Environment,
    /// The folder of the state.
    state: std::path::PathBuf,
    issuer: Option<IssuerLogin>,
    /// The address of the pages, once the gateway serves HTTP.
    address: OnceLock<Address>,
    /// What begins with the pages, in the runtime of the server.
    begins: Mutex<Vec<Begin>>,
    /// The servers whose callers have accounts of their own.
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

    /// Does something when the pages begin, or now if they have begun.
    pub(crate) fn when_begun(&self, begin: Begin) {
        match self.address.get() {
            Some(_) => begin(),
            None => self.begins.lock().unwrap_or_else(PoisonError::into_inner).push(begin),
        }
    }

    /// Sets the address, and begins what waits for it.
    fn set_address(&self, address: Address) {
        if self.address.set(address).is_ok() {
            let begins = std::mem::take(&mut *self.begins.lock().unwrap_or_else(PoisonError::into_inner));
            begins.into_iter().for_each(|begin| begin());
        }
    }

    /// Adds a server whose callers have accounts of their own, or replaces its address.
    pub(crate) fn add_server(&self, name: &str, upstream: &HttpUpstream) {
        let mut servers = self.servers.lock().unwrap_or_else(PoisonError::into_inner);
        servers.insert(name.to_owned(), upstream.clone());
    }

    fn server(&self, name: &str) -> Option<HttpUpstream> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    /// A link on which a caller's user can connect an account. `None` if there are no pages, or if the caller could not prove there who
    /// it is.
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

    /// The client with which callers log in at a server, or at the issuer if there is no name.
    fn client(address: &Address, connector: Option<&str>) -> WebClient {
        WebClient { redirect: address.callback(connector), document: address.client(connector) }
    }
}

impl std::fmt::Debug for Connect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Connect")
    }
}
