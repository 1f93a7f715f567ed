//! Gets a valid access token: the stored token, a refreshed token, or a new token from the client credentials
//! flow.
//!
//! When several callers need a token, only one of them requests it. The `flight` lock of the session excludes the
//! other tasks of this process, and the lock of the record excludes other processes. The waiting callers then read
//! the new token.

use std::sync::Arc;

use jackfield_recipe::shell_quoted;

use super::ask::{Answer, Form, Refusal};
use super::binding::Binding;
use super::client::Client;
use super::error::OAuthError;
use super::grant::{Grant, Purpose};
use super::server::Server;
use super::session::Session;
use crate::auth::Missing;
use crate::auth::audience::common;
use crate::auth::reach::api_origins;
use crate::auth::slot::CredentialField;
use crate::call::rows::FlowKind;
use crate::common::secret::Secret;

impl Session {
    /// Returns an access token for a tool that needs `scopes`.
    pub(super) async fn token(self: &Arc<Self>, scopes: &[&str]) -> Result<Secret, Missing> {
        let now = self.clock.seconds();
        let token = match self.cached().filter(|grant| grant.is_fresh(now)) {
            Some(grant) => grant.access,
            None => self.renew_in_task(Need::Valid).await?,
        };
        if let Some(granted) = self.granted_scopes().filter(|granted| !granted.is_empty()) {
            for scope in scopes.iter().filter(|scope| !granted.iter().any(|granted| granted == *scope)) {
                // A token is used even if it seems to lack scopes, because one scope may include another. The
                // service decides.
                tracing::info!(scheme = self.scheme().name, scope, "was not granted");
            }
        }
        Ok(token)
    }

    /// Returns a token that differs from `refused`.
    pub(super) async fn renewed(self: &Arc<Self>, refused: &Secret) -> Result<Secret, Missing> {
        self.renew_in_task(Need::Other(refused.clone())).await
    }

    /// Renews the tokens of a login if they expire soon, although no call needs them yet. Returns whether they were renewed.
    pub(super) async fn renew_ahead(self: &Arc<Self>) -> Result<bool, Missing> {
        let client = self.client().await?;
        let now = self.clock.seconds();
        let Some(grant) = self.grant(client.as_ref())?.filter(|grant| grant.is_due(now)) else {
            return Ok(false);
        };
        let token = self.renew_in_task(Need::Ahead).await?;
        Ok(token != grant.access)
    }

    /// Renews in a separate task. If the caller is cancelled, a refresh token that the server issues only
    /// once is still stored.
    async fn renew_in_task(self: &Arc<Self>, need: Need) -> Result<Secret, Missing> {
        let session = Arc::clone(self);
        let renewing = tokio::spawn(async move { session.renew(&need).await });
        renewing.await.unwrap_or_else(|_| Err(Missing { remedy: self.remedy.try_later() }))
    }

    async fn renew(&self, need: &Need) -> Result<Secret, Missing> {
        let _one = self.flight.lock().await;
        let version = self.version().unwrap_or_default();
        let client = self.client().await?;
        let refused = need.refused();
        let serves = |grant: &Grant| {
            let now = self.clock.seconds();
            let is_due = matches!(need, Need::Ahead) && grant.is_due(now);
            Some(&grant.access) != refused && grant.is_fresh(now) && !is_due
        };
        let held = self.grant(client.as_ref())?;
        if let Some(grant) = held.clone().filter(serves) {
            self.cache(&grant, version);
            return Ok(grant.access);
        }
        let record = self.record("granted");
        let _alone = match self.store.records().exclusive(&record).await {
            Ok(alone) => Some(alone),
            // If nothing is stored, no other process can be renewing the same token.
            Err(remedy) if held.is_none() || self.has_unstored() => {
                tracing::warn!(scheme = self.scheme().name, %remedy, "tokens cannot be stored");
                None
            }
            Err(remedy) => return Err(self.unreadable(remedy).into()),
        };
        let version = self.version().unwrap_or_default();
        let held = self.grant(client.as_ref())?;
        if let Some(grant) = held.clone().filter(serves) {
            self.cache(&grant, version);
            return Ok(grant.access);
        }
        match (held, client) {
            (Some(grant), Some(client)) if grant.refresh.is_some() => {
                self.refreshed(grant, client, refused).await
            }
            (Some(grant), _) if grant.purpose.kind != FlowKind::ClientCredentials => {
                let problem = "the login has ended, and cannot be renewed without the user";
                Err(OAuthError::new(problem, self.remedy.log_in()).into())
            }
            (_, Some(client)) if client.secret.is_some() && self.has_client_credentials_flow() => {
                Ok(self.request_in_own_name(client).await?)
            }
            (_, client) => Err(Missing { remedy: self.what_is_missing(client.as_ref()) }),
        }
    }

    /// Refreshes the grant. If refreshing fails temporarily, the old access token is used until it expires.
    async fn refreshed(
        &self,
        grant: Grant,
        client: Client,
        refused: Option<&Secret>,
    ) -> Result<Secret, Missing> {
        match self.refresh(&grant, client).await {
            Ok(token) => Ok(token),
            Err(Refused::Ended(error)) => {
                self.forget()?;
                Err(error.into())
            }
            Err(Refused::ForNow(error)) => {
                if Some(&grant.access) == refused || grant.has_ended(self.clock.seconds()) {
                    return Err(error.into());
                }
                tracing::warn!(scheme = self.scheme().name, %error, "the token was not renewed yet");
                Ok(grant.access)
            }
        }
    }

    async fn refresh(&self, grant: &Grant, client: Client) -> Result<Secret, Refused> {
        let kind = grant.purpose.kind;
        let server = self.server().await?;
        let token_endpoint = self.address(server.token(kind), "token endpoint")?;
        if token_endpoint.to_string() != grant.endpoint {
            let problem = format!(
                "the login was made at {}, but the authorization server is at {token_endpoint} now",
                grant.endpoint
            );
            return Err(OAuthError::new(problem, self.remedy.log_in()).into());
        }
        let Some(token) = &grant.refresh else {
            return Err(OAuthError::new("the login cannot be renewed", self.remedy.log_in()).into());
        };
        let form = self.form("refresh_token", &grant.purpose).secret("refresh_token", token);
        let at = self.address(server.refresh(kind), "refresh endpoint")?;
        let identity = self.proven(client, &server)?;
        let answer = match self.asker.submit(&at, &identity, form).await {
            Ok(answer) => answer,
            Err(refusal) if refusal.is("invalid_grant") => {
                return Err(Refused::Ended(self.refused(&refusal)));
            }
            Err(refusal) => return Err(self.refused_client(&refusal, &identity.id).await.into()),
        };
        let mut next = self.granted(answer, grant.purpose.clone(), &server, grant.endpoint.clone())?;
        // A refreshed token keeps the binding of the old token, so it is not sent to other origins.
        next.binding.clone_from(&grant.binding);
        next.refresh = next.refresh.or_else(|| grant.refresh.clone());
        if next.scopes.is_empty() {
            next.scopes.clone_from(&grant.scopes);
        }
        Ok(self.store_and_use(next))
    }

    /// Requests a token with the client credentials flow.
    async fn request_in_own_name(&self, client: Client) -> Result<Secret, OAuthError> {
        let kind = FlowKind::ClientCredentials;
        let server = self.server().await?;
        let at = self.address(server.token(kind), "token endpoint")?;
        let purpose = self.purpose(kind, &client.id);
        let purpose = self.address(Ok(purpose), "token endpoint")?;
        let identity = self.proven(client, &server)?;
        let form = self.form("client_credentials", &purpose).maybe("scope", Some(&self.scope()));
        let answer = self.submit(&at, &identity, form).await?;
        let grant = self.granted(answer, purpose, &server, at.to_string())?;
        Ok(self.store_and_use(grant))
    }

    /// Stores the grant, and returns its token even if storing fails.
    fn store_and_use(&self, grant: Grant) -> Secret {
        if let Err(remedy) = self.keep(&grant) {
            tracing::warn!(scheme = self.scheme().name, %remedy, "the token is lost when this connector ends");
        }
        grant.access
    }

    /// Creates a form with the fields of every token request.
    pub(super) fn form(&self, grant_type: &str, purpose: &Purpose) -> Form {
        Form::default()
            .text("grant_type", grant_type)
            .maybe("resource", purpose.resource.as_deref())
            .maybe("audience", purpose.audience.as_deref())
    }

    /// Reads a token response.
    pub(super) fn granted(
        &self,
        answer: Answer,
        purpose: Purpose,
        server: &Server,
        endpoint: String,
    ) -> Result<Grant, OAuthError> {
        let issuer = server.issuer().map(str::to_owned);
        let kind = purpose.kind;
        let grant = Grant::of_answer(answer, self.clock.seconds(), purpose, endpoint.clone(), issuer);
        let mut grant = grant.map_err(|why| self.refused(&Refusal::Failed(format!("{endpoint} {why}"))))?;
        let mut origins = api_origins(self.connector(), self.scheme(), self.store.environment());
        if let Some(given) = self.token_origins()? {
            // The vault stores a client together with origins. If the client comes from the vault, these origins replace the origins of the
            // document.
            origins = if kind == FlowKind::ClientCredentials { given } else { common(&origins, &given) };
        }
        grant.binding = Some(Binding::of(server, kind, origins));
        Ok(grant)
    }

    /// Whether the document declares the client credentials flow.
    pub(super) fn has_client_credentials_flow(&self) -> bool {
        self.scheme().flow(FlowKind::ClientCredentials).is_some()
    }

    /// Returns the sources that the user should check if a token is refused.
    pub(super) fn place(&self) -> Option<String> {
        if self.scheme().has_login() {
            Some(format!(
                "the login (`{} auth login {}`)",
                self.remedy.called,
                shell_quoted(self.scheme().name)
            ))
        } else if self.has_client_credentials_flow() {
            let [id, secret] = [CredentialField::ClientId, CredentialField::ClientSecret]
                .map(|field| self.remedy.variable(field));
            Some(format!("{id} and {secret}"))
        } else {
            None
        }
    }

    fn what_is_missing(&self, client: Option<&Client>) -> String {
        let remedy = &self.remedy;
        if self.scheme().has_login() {
            // A server with metadata may offer dynamic registration.
            let nobody = client.is_none() && self.scheme().metadata.is_none();
            if nobody { remedy.name_client() } else { remedy.log_in() }
        } else if self.has_client_credentials_flow() {
            remedy.set_client()
        } else if self.scheme().flows.is_empty() {
            remedy.set_token()
        } else {
            remedy.name_addresses()
        }
    }
}

/// The token that is needed.
enum Need {
    /// Any token that is valid now.
    Valid,
    /// A token other than the refused token.
    Other(Secret),
    /// A token that does not expire soon.
    Ahead,
}

impl Need {
    const fn refused(&self) -> Option<&Secret> {
        match self {
            Self::Other(refused) => Some(refused),
            Self::Valid | Self::Ahead => None,
        }
    }
}

/// The reason why a token was not refreshed.
enum Refused {
    /// The grant has ended and cannot be refreshed any more.
    Ended(OAuthError),
    /// The failure may be temporary, so the grant is kept.
    ForNow(OAuthError),
}

impl From<OAuthError> for Refused {
    fn from(error: OAuthError) -> Self {
        Self::ForNow(error)
    }
}
