//! Logins through a web server of this program, and the renewal of tokens on schedule.

use super::local::LocalSource;
use super::oauth::{OAuthError, TokenStatus, WebClient, WebLogin};
use crate::auth::Missing;
use crate::common::secret::Secret;

impl LocalSource {
    /// Begins a login whose redirect a web server of this program receives.
    ///
    /// # Errors
    /// Returns an error if the authorization server cannot be used. The message says what the user has to do.
    pub async fn begin_web_login(&self, scheme: &str, client: &WebClient) -> Result<WebLogin, OAuthError> {
        self.oauth.begin_web(self.scheme(scheme)?, client).await
    }

    /// Ends a login with the query of its redirect, and stores the tokens.
    ///
    /// # Errors
    /// Returns an error if the redirect is not that of the login, if no token was granted, or if it cannot be stored.
    pub async fn finish_web_login(
        &self,
        scheme: &str,
        login: WebLogin,
        query: &str,
    ) -> Result<TokenStatus, OAuthError> {
        self.oauth.finish_web(self.scheme(scheme)?, login, query).await
    }

    /// Ends a login with the query of its redirect, and returns the access token, which is stored nowhere: it only tells who the person is.
    ///
    /// # Errors
    /// Returns an error if the redirect is not that of the login, or if no token was granted.
    pub async fn identify_web_login(
        &self,
        scheme: &str,
        login: WebLogin,
        query: &str,
    ) -> Result<Secret, OAuthError> {
        self.oauth.identify_web(self.scheme(scheme)?, login, query).await
    }

    /// Renews the tokens of a login if they end soon, although no call needs them yet. Returns whether they were renewed.
    ///
    /// # Errors
    /// Returns what the user has to do, if they cannot be renewed.
    pub async fn renew_ahead(&self, scheme: &str) -> Result<bool, Missing> {
        self.oauth.renew_ahead(self.scheme(scheme)?).await
    }
}
