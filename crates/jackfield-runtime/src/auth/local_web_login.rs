//! OAuth logins whose redirect a web server of this program receives, and scheduled renewal of tokens.

use super::local::LocalSource;
use super::oauth::{OAuthError, TokenStatus, WebClient, WebLogin};
use crate::auth::Missing;
use crate::common::secret::Secret;

impl LocalSource {
    /// Begins an OAuth login whose redirect a web server of this program receives.
    ///
    /// # Errors
    /// Returns an error if the authorization server cannot be used. The message says what the user has to do.
    pub async fn begin_web_login(&self, scheme: &str, client: &WebClient) -> Result<WebLogin, OAuthError> {
        self.oauth.begin_web(self.scheme(scheme)?, client).await
    }

    /// Completes a login with the query string of the redirect, and stores the tokens.
    ///
    /// # Errors
    /// Returns an error if the redirect does not belong to the login, if a token was not granted, or if the tokens cannot be stored.
    pub async fn finish_web_login(
        &self,
        scheme: &str,
        login: WebLogin,
        query: &str,
    ) -> Result<TokenStatus, OAuthError> {
        self.oauth.finish_web(self.scheme(scheme)?, login, query).await
    }

    /// Completes a login with the query string of the redirect, and returns the access token without storing it. The token only identifies
    /// the person.
    ///
    /// # Errors
    /// Returns an error if the redirect does not belong to the login, or if a token was not granted.
    pub async fn identify_web_login(
        &self,
        scheme: &str,
        login: WebLogin,
        query: &str,
    ) -> Result<Secret, OAuthError> {
        self.oauth.identify_web(self.scheme(scheme)?, login, query).await
    }

    /// Renews the tokens of a login before they expire, independently of calls. Returns whether the tokens were due and were renewed.
    ///
    /// # Errors
    /// Returns an error if the tokens cannot be renewed. The error says what the user has to do.
    pub async fn renew_ahead(&self, scheme: &str) -> Result<bool, Missing> {
        self.oauth.renew_ahead(self.scheme(scheme)?).await
    }
}
