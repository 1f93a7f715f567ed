//! The tokens of a connector.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::error::OAuthError;
use super::login::{Teller, Way};
use super::revoke::LoggedOut;
use super::session::Session;
use super::status::TokenStatus;
use super::time_limits::TimeLimits;
use super::web_login::{WebClient, WebLogin};
use crate::auth::credential::Missing;
use crate::auth::reach::Destination;
use crate::auth::store::Store;
use crate::call::held_rows::ConnectorRows;
use crate::call::rows::Scheme;
use crate::common::clock::Clock;
use crate::common::secret::Secret;
use crate::transport::client::HttpClient;

/// Gets the tokens of a connector.
pub(crate) struct OAuth {
    /// One session for each scheme.
    sessions: Vec<Arc<Session>>,
}

impl OAuth {
    pub(crate) fn new(
        rows: &ConnectorRows,
        store: &Arc<Store>,
        http: &Arc<HttpClient>,
        clock: &Clock,
        time_limits: TimeLimits,
    ) -> Self {
        let schemes = rows.get().schemes.iter().enumerate();
        let sessions = schemes
            .filter(|(_, scheme)| scheme.kind.is_oauth())
            .map(|(at, _)| Arc::new(Session::new(rows.scheme(at), store, http, clock, time_limits)))
            .collect();
        Self { sessions }
    }

    /// Returns an access token that is valid now.
    pub(crate) async fn token(&self, scheme: &Scheme<'_>, scopes: &[&str]) -> Result<Secret, Missing> {
        self.session(scheme)?.token(scopes).await
    }

    /// Returns a token that differs from `refused`, or `None` if there is no other token.
    pub(crate) async fn renewed(
        &self,
        scheme: &Scheme<'_>,
        refused: &Secret,
    ) -> Result<Option<Secret>, Missing> {
        let token = self.session(scheme)?.renewed(refused).await?;
        Ok(Some(token).filter(|token| token != refused))
    }

    /// Renews the tokens of a login if they expire soon. Returns whether they were renewed.
    pub(crate) async fn renew_ahead(&self, scheme: &Scheme<'_>) -> Result<bool, Missing> {
        self.session(scheme)?.renew_ahead().await
    }

    /// Begins a login whose redirect a web server receives.
    pub(crate) async fn begin_web(
        &self,
        scheme: &Scheme<'_>,
        client: &WebClient,
    ) -> Result<WebLogin, OAuthError> {
        self.session(scheme)?.begin_web(client).await
    }

    /// Completes a login whose redirect a web server has received, and stores the tokens.
    pub(crate) async fn finish_web(
        &self,
        scheme: &Scheme<'_>,
        login: WebLogin,
        query: &str,
    ) -> Result<TokenStatus, OAuthError> {
        self.session(scheme)?.finish_web(login, query).await
    }

    /// Completes a login whose redirect a web server has received. Returns the access token without storing it.
    pub(crate) async fn identify_web(
        &self,
        scheme: &Scheme<'_>,
        login: WebLogin,
        query: &str,
    ) -> Result<Secret, OAuthError> {
        self.session(scheme)?.identify_web(login, query).await
    }

    /// Whether the token in memory comes from a login instead of the client credentials flow.
    pub(crate) fn is_of_login(&self, scheme: &Scheme<'_>) -> bool {
        self.session(scheme).is_ok_and(|session| session.is_of_login())
    }

    /// Returns the scopes that a login requests.
    pub(crate) fn wanted<'a>(&'a self, scheme: &Scheme<'_>) -> BTreeSet<&'a str> {
        self.session(scheme).map(|session| session.wanted()).unwrap_or_default()
    }

    /// Returns the sources that the user should check if the service refuses a token.
    pub(crate) fn place(&self, scheme: &Scheme<'_>) -> Option<String> {
        self.session(scheme).ok()?.place()
    }

    /// Asks a person for consent, and stores the tokens.
    pub(crate) async fn login(
        &self,
        scheme: &Scheme<'_>,
        way: Way,
        teller: &dyn Teller,
    ) -> Result<TokenStatus, OAuthError> {
        self.login_for(scheme, way, Vec::new(), teller).await
    }

    /// Logs in as [`login`](Self::login) does. The tokens may also be sent to `origins`.
    pub(crate) async fn login_for(
        &self,
        scheme: &Scheme<'_>,
        way: Way,
        origins: Vec<String>,
        teller: &dyn Teller,
    ) -> Result<TokenStatus, OAuthError> {
        self.session(scheme)?.login(way, origins, teller).await
    }

    /// Checks that the stored tokens may be sent to `destination`.
    pub(crate) async fn check_destination(
        &self,
        scheme: &Scheme<'_>,
        destination: &Destination,
    ) -> Result<(), Missing> {
        self.session(scheme)?.check_destination(destination).await
    }

    /// Revokes the tokens at the server, and deletes them here.
    pub(crate) async fn logout(&self, scheme: &Scheme<'_>) -> Result<LoggedOut, OAuthError> {
        self.session(scheme)?.logout().await
    }

    /// Returns the status of the stored tokens of a scheme.
    pub(crate) async fn status(&self, scheme: &Scheme<'_>) -> Result<Option<TokenStatus>, OAuthError> {
        self.session(scheme)?.status().await
    }

    fn session(&self, scheme: &Scheme<'_>) -> Result<&Arc<Session>, OAuthError> {
        let mut sessions = self.sessions.iter();
        sessions.find(|session| session.scheme().name == scheme.name).ok_or_else(|| {
            OAuthError::new(
                format!("`{}` is not a scheme of OAuth 2.0 or OpenID Connect", scheme.name),
                "name a scheme of OAuth 2.0 or OpenID Connect",
            )
        })
    }
}
