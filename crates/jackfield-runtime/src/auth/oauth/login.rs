//! Logs a user in. The user gives consent in a browser on this machine or on another machine.

use super::client::Client;
use super::endpoint::{Endpoint, EndpointUnavailable};
use super::error::OAuthError;
use super::grant::Grant;
use super::server::Server;
use super::session::Session;
use super::status::TokenStatus;
use crate::auth::Destination;
use crate::auth::reach::destinations;
use crate::call::rows::FlowKind;
use crate::common::environment::Environment;

/// The login method.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Way {
    /// A login method that the server offers and this machine supports. On a machine without a display, it is the
    /// device flow.
    #[default]
    Fitting,
    /// A browser on this machine.
    Browser,
    /// A browser on any machine, in which the user enters a code.
    Device,
}

/// Tells the user what to do during a login. An implementation may open a browser. The runtime itself never opens
/// a browser.
pub trait Teller: Send + Sync {
    /// Asks the person to open the URL `address` in a browser on this machine.
    fn open(&self, address: &str);

    /// Asks the person to open the URL `address` in any browser and to enter the code. `complete` is a URL that
    /// already contains the code.
    fn enter(&self, code: &str, address: &str, complete: Option<&str>);
}

impl Session {
    /// Asks a person for consent, and stores the tokens.
    pub(super) async fn login(
        &self,
        way: Way,
        origins: Vec<String>,
        teller: &dyn Teller,
    ) -> Result<TokenStatus, OAuthError> {
        if !self.scheme().has_login() {
            return Err(self.no_login());
        }
        self.check_destinations(&origins).await?;
        let server = self.server().await?;
        let mut grant = if self.on_this_machine(way, &server)? {
            self.by_browser(&server, teller).await
        } else {
            self.by_device(&server, teller).await
        }?;
        grant.binding.iter_mut().for_each(|binding| binding.origins.extend(origins.iter().cloned()));
        self.keep_login(&grant).await?;
        Ok(TokenStatus::of(&grant))
    }

    /// Checks that tokens of the client may be sent to the current origins of the API and to `origins`.
    pub(super) async fn check_destinations(&self, origins: &[String]) -> Result<(), OAuthError> {
        // A server with metadata may support dynamic registration, so a missing client is not an error yet.
        let is_needed = self.scheme().metadata.is_none() && self.client().await?.is_none();
        let named = origins.iter().filter_map(|origin| Destination::parse(origin));
        let now = destinations(self.connector(), self.scheme(), self.store.environment());
        now.into_iter().chain(named).try_for_each(|destination| self.check_client(&destination, is_needed))
    }

    /// Whether the login uses a browser on this machine instead of the device flow.
    fn on_this_machine(&self, way: Way, server: &Server) -> Result<bool, OAuthError> {
        let is_there = |found: &Result<Option<Endpoint>, EndpointUnavailable>| !matches!(found, Ok(None));
        let browser = is_there(&server.authorization());
        let device = is_there(&server.device());
        match (way, browser, device) {
            (_, false, false) => Err(self.no_login()),
            (Way::Browser, false, _) => Err(OAuthError::new(
                format!("`{}` offers no login in a browser on this machine", self.scheme().name),
                "log in with a code on any device",
            )),
            (Way::Device, _, false) => Err(OAuthError::new(
                format!("`{}` offers no login with a code on another device", self.scheme().name),
                "log in with a browser on this machine",
            )),
            (Way::Fitting, true, true) => Ok(!is_headless(self.store.environment())),
            (_, browser, _) => Ok(browser && way != Way::Device),
        }
    }

    pub(super) fn no_login(&self) -> OAuthError {
        let own = self.scheme().flow(FlowKind::ClientCredentials).is_some();
        let (problem, remedy) = if own {
            ("requests tokens for the connector itself, without a login", self.remedy.set_client())
        } else if self.scheme().flows.is_empty() {
            ("does not say where to log in", self.remedy.name_addresses())
        } else {
            (
                "declares only the implicit or the password flow, which are not supported",
                self.remedy.name_addresses(),
            )
        };
        OAuthError::new(format!("`{}` {problem}", self.scheme().name), remedy)
    }

    /// Stores the grant while the lock excludes other tasks and processes.
    pub(super) async fn keep_login(&self, grant: &Grant) -> Result<(), OAuthError> {
        let _one = self.flight.lock().await;
        let record = self.record("granted");
        let alone = self.store.records().exclusive(&record).await;
        let _alone = alone.map_err(|remedy| self.unreadable(remedy))?;
        self.keep(grant)
            .map_err(|remedy| OAuthError::new("the login succeeded, but its tokens cannot be stored", remedy))
    }

    /// Returns the client that the user configured, or else the client that was registered for `port`. If there is
    /// neither, registers a new client.
    pub(super) async fn client_for(&self, server: &Server, port: Option<u16>) -> Result<Client, OAuthError> {
        if let Some(client) = self.named_client().await? {
            return Ok(client);
        }
        match self.registered()? {
            Some(registered) if registered.port == port => Ok(registered.client),
            _ => self.register(server, port).await,
        }
    }
}

/// Whether no browser can be shown, because the machine has no display or is used over SSH.
fn is_headless(environment: &Environment) -> bool {
    let has_display = cfg!(not(target_os = "linux"))
        || environment.get("DISPLAY").is_some()
        || environment.get("WAYLAND_DISPLAY").is_some();
    !has_display || environment.get("SSH_CONNECTION").is_some()
}
