//! OAuth logins whose redirect a web server of this program receives, so that the browser may run on another machine.

use std::fmt;

use serde_json::json;

use super::client::Client;
use super::code::CodeRequest;
use super::error::OAuthError;
use super::grant::Grant;
use super::random::constant_time_eq;
use super::registered::Registered;
use super::server::Server;
use super::session::Session;
use super::status::TokenStatus;
use crate::call::rows::ClientAuthentication;
use crate::common::form_fields::FormFields;
use crate::common::secret::Secret;

/// The metadata field in which an authorization server says that it accepts the URL of a client metadata document as client id.
const SUPPORTS_DOCUMENTS: &str = "client_id_metadata_document_supported";

/// The record of the client that was registered for web logins. All accounts share it.
const REGISTERED: &str = "registered-web";

/// The web server that receives the redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WebClient {
    /// The redirect URI.
    pub redirect: String,
    /// The URL of the client metadata document, if there is one. Authorization servers that support such documents accept this URL as
    /// client id.
    pub document: Option<String>,
}

/// A login that waits for its redirect.
pub struct WebLogin(CodeRequest);

impl WebLogin {
    /// Returns the authorization URL, which the browser has to open.
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// Returns the random `state` that the redirect has to contain.
    pub const fn state(&self) -> &Secret {
        &self.0.state
    }
}

impl fmt::Debug for WebLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WebLogin")
    }
}

impl Session {
    /// Begins a login.
    pub(super) async fn begin_web(&self, web: &WebClient) -> Result<WebLogin, OAuthError> {
        if !self.scheme().has_login() {
            return Err(self.no_login());
        }
        self.check_destinations(&[]).await?;
        let server = self.server().await?;
        let client = self.web_client(&server, web).await?;
        self.code_request(&server, client, web.redirect.clone()).map(WebLogin)
    }

    /// Completes a login, and stores its tokens.
    pub(super) async fn finish_web(&self, login: WebLogin, query: &str) -> Result<TokenStatus, OAuthError> {
        let grant = self.grant_of(login, query).await?;
        self.keep_login(&grant).await?;
        Ok(TokenStatus::of(&grant))
    }

    /// Completes a login, and returns the access token without storing it.
    pub(super) async fn identify_web(&self, login: WebLogin, query: &str) -> Result<Secret, OAuthError> {
        Ok(self.grant_of(login, query).await?.access)
    }

    async fn grant_of(&self, login: WebLogin, query: &str) -> Result<Grant, OAuthError> {
        let wrong = || OAuthError::new("this is not the expected login response", self.remedy.log_in());
        let parameters = FormFields::parse(query).ok_or_else(wrong)?;
        if !parameters.get("state").is_some_and(|given| constant_time_eq(&login.0.state, given)) {
            return Err(wrong());
        }
        self.redeem(login.0, &parameters).await
    }

    /// Chooses the client: the configured client, else the client metadata document if the server supports it, else a registered client.
    async fn web_client(&self, server: &Server, web: &WebClient) -> Result<Client, OAuthError> {
        if let Some(client) = self.named_client().await? {
            return Ok(client);
        }
        let takes_documents = server.metadata.as_ref().is_some_and(|it| it.flag(SUPPORTS_DOCUMENTS));
        if let Some(document) = web.document.as_ref().filter(|_| takes_documents) {
            return Ok(client_of_document(document));
        }
        if let Some(registered) = self.registered_for_web()?
            && registered.redirect.as_ref() == Some(&web.redirect)
        {
            return Ok(registered.client);
        }
        let (mut answer, named) = self.registration(server, Some(web.redirect.clone())).await?;
        answer.insert("server".to_owned(), json!(named));
        answer.insert("endpoints".to_owned(), json!(self.scheme().token_side()));
        answer.insert("redirect_uri".to_owned(), json!(web.redirect));
        let registered = Registered::of(answer).ok_or_else(|| self.no_client_id())?;
        let record = Secret::new(serde_json::to_string(&registered.record).unwrap_or_default());
        // Without the record, the tokens of the login could not be renewed.
        let put = self.store.of_client().records().put(&self.record(REGISTERED), &record);
        put.map_err(|remedy| self.unreadable(remedy))?;
        Ok(registered.client)
    }

    fn registered_for_web(&self) -> Result<Option<Registered>, OAuthError> {
        let record = self.store.of_client().records().get(&self.record(REGISTERED));
        Ok(self.in_use(record.map_err(|remedy| self.unreadable(remedy))?))
    }

    /// Returns the client of the stored login, if it was a web login.
    pub(super) fn client_of_web_login(&self) -> Result<Option<Client>, OAuthError> {
        let record = self.read(&self.record("granted"))?;
        let Some(id) = record.as_ref().and_then(Grant::of_record).map(|grant| grant.purpose.client) else {
            return Ok(None);
        };
        if let Some(registered) = self.registered_for_web()?
            && registered.client.id == id
        {
            return Ok(Some(registered.client));
        }
        let is_of_machine = self.registered()?.is_some_and(|registered| registered.client.id == id);
        Ok((!is_of_machine && id.starts_with("https://")).then(|| client_of_document(&id)))
    }

    /// Removes the registered client if its id is `id`. Returns whether it was removed.
    pub(super) fn forget_web_client(&self, id: &str) -> bool {
        let is_it = matches!(self.registered_for_web(), Ok(Some(registered)) if registered.client.id == id);
        is_it && self.store.of_client().records().remove(&self.record(REGISTERED)).unwrap_or(false)
    }
}

/// Creates a public client whose id is the URL of its metadata document.
fn client_of_document(address: &str) -> Client {
    Client { id: address.to_owned(), secret: None, authentication: ClientAuthentication::None }
}
