//! The OAuth state of one scheme: its authorization server, its client and its tokens.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OnceCell;

use super::ask::{Answer, Asker, Form, Refusal};
use super::client::Client;
use super::endpoint::{Endpoint, EndpointUnavailable};
use super::error::OAuthError;
use super::grant::{Grant, Purpose};
use super::identity::Identity;
use super::metadata::Metadata;
use super::registered::Registered;
use super::remedy::Remedy;
use super::scopes;
use super::server::Server;
use super::status::TokenStatus;
use super::time_limits::TimeLimits;
use crate::auth::audience::listed;
use crate::auth::records::{RecordsError, RecordsVersion};
use crate::auth::slot::{CredentialField, CredentialSlot, record_name};
use crate::auth::store::Store;
use crate::auth::{Destination, Missing};
use crate::call::held_rows::SchemeHandle;
use crate::call::rows::{Connector, FlowKind, Scheme};
use crate::common::clock::Clock;
use crate::common::secret::Secret;
use crate::transport::client::HttpClient;

/// One scheme of one connector.
pub(super) struct Session {
    row: SchemeHandle,
    pub(super) store: Arc<Store>,
    pub(super) asker: Asker,
    pub(super) clock: Clock,
    pub(super) time_limits: TimeLimits,
    pub(super) remedy: Remedy,
    /// The lock that a task of this process holds while it renews the token.
    pub(super) flight: tokio::sync::Mutex<()>,
    held: Mutex<Option<CachedGrant>>,
    metadata: OnceCell<Arc<Metadata>>,
}

/// A grant in memory.
#[derive(Clone)]
struct CachedGrant {
    grant: Grant,
    /// The version of the records when the grant was read. If the version has changed, the grant is read again, because another
    /// process may have logged in or out. `None` if the grant was not read from a record.
    version: Option<RecordsVersion>,
    /// Set if the grant could not be stored and is only in memory.
    unstored: Option<Unstored>,
}

/// The content of the record at the time when the grant could not be stored. If the record has changed since,
/// another process has logged in or out.
#[derive(Clone)]
struct Unstored {
    beside: Option<Secret>,
}

impl Session {
    pub(super) fn new(
        row: SchemeHandle,
        store: &Arc<Store>,
        http: &Arc<HttpClient>,
        clock: &Clock,
        time_limits: TimeLimits,
    ) -> Self {
        Self {
            store: Arc::clone(store),
            asker: Asker {
                http: Arc::clone(http),
                timeout: time_limits.answer,
                agent: format!("{}-mcp", row.connector().name),
            },
            clock: clock.clone(),
            time_limits,
            remedy: Remedy {
                row: row.clone(),
                called: store.called(),
                set_command: store.is_of_principal().then(|| store.set_command()),
                login_command: store.login_command(),
            },
            row,
            flight: tokio::sync::Mutex::default(),
            held: Mutex::default(),
            metadata: OnceCell::new(),
        }
    }

    pub(super) fn scheme(&self) -> &Scheme<'_> {
        self.row.get()
    }

    pub(super) fn connector(&self) -> &Connector<'_> {
        self.row.connector()
    }

    /// Returns the requested scopes.
    pub(super) fn wanted(&self) -> BTreeSet<&str> {
        scopes::wanted(self.connector(), self.scheme())
    }

    /// Returns the value of the `scope` parameter.
    pub(super) fn scope(&self) -> String {
        self.wanted().into_iter().collect::<Vec<_>>().join(" ")
    }

    /// Returns the server, with its metadata if it publishes any.
    pub(super) async fn server(&self) -> Result<Server, OAuthError> {
        let metadata = match self.scheme().metadata {
            None => None,
            Some(address) => {
                let discover = || async { Metadata::discover(&self.asker, address).await.map(Arc::new) };
                let found = self.metadata.get_or_try_init(discover).await;
                Some(Arc::clone(found.map_err(|refusal| self.refused(&refusal))?))
            }
        };
        Ok(Server { row: self.row.clone(), metadata })
    }

    /// Returns the client that the user or connector.toml configures, or else the registered client.
    pub(super) async fn client(&self) -> Result<Option<Client>, OAuthError> {
        if let Some(client) = self.named_client().await? {
            return Ok(Some(client));
        }
        if let Some(client) = self.client_of_web_login()? {
            return Ok(Some(client));
        }
        Ok(self.registered()?.map(|registered| registered.client))
    }

    /// Returns the client that the user or connector.toml configures.
    pub(super) async fn named_client(&self) -> Result<Option<Client>, OAuthError> {
        let Some(id) = self.text(CredentialField::ClientId).await? else { return Ok(None) };
        let (id, secret) = (id.expose().to_owned(), self.text(CredentialField::ClientSecret).await?);
        Ok(Some(Client { id, secret, authentication: self.scheme().client.authentication }))
    }

    async fn text(&self, field: CredentialField) -> Result<Option<Secret>, OAuthError> {
        let slot = CredentialSlot { connector: self.connector(), scheme: self.scheme(), field };
        let held = self.store.of_client().find(&slot).await.map_err(|remedy| {
            OAuthError::new(
                format!("the {} of `{}` cannot be read", field.as_str(), self.scheme().name),
                remedy,
            )
        })?;
        Ok(held.map(|held| held.secret))
    }

    /// Returns the identity with which a client authenticates at `server`.
    pub(super) fn proven(&self, client: Client, server: &Server) -> Result<Identity, OAuthError> {
        let proven = client.proven(server.metadata.as_deref());
        proven.map_err(|why| OAuthError::new(why, self.remedy.check_client()))
    }

    /// Returns the purpose of the scheme's tokens, or `None` if the server that issues them is unknown.
    pub(super) fn purpose(&self, kind: FlowKind, client: &str) -> Option<Purpose> {
        let row = self.scheme().client;
        Some(Purpose {
            kind,
            server: self.scheme().server_address(kind)?.to_owned(),
            client: client.to_owned(),
            resource: row.resource.map(str::to_owned),
            audience: row.audience.map(str::to_owned),
        })
    }

    /// Returns the current grant of the client, from the record, or from memory if the grant could not be stored.
    pub(super) fn grant(&self, client: Option<&Client>) -> Result<Option<Grant>, OAuthError> {
        let record = self.read(&self.record("granted"));
        let grant = match self.memory().as_ref().and_then(|held| Some((&held.grant, held.unstored.as_ref()?)))
        {
            // If the records cannot be read, the grant in memory may still be the current one.
            Some((grant, unstored)) if record.as_ref().map_or(true, |record| *record == unstored.beside) => {
                Some(grant.clone())
            }
            _ => record?.as_ref().and_then(Grant::of_record),
        };
        if let Some(change) = grant.as_ref().and_then(|grant| self.change(grant, client)) {
            return Err(OAuthError::new(change, self.remedy.log_in()));
        }
        let token_origins = self.token_origins()?;
        let is_ours = |grant: &Grant| {
            // `auth set` may have changed the origins of the client. A new token is requested then.
            if let (Some(origins), FlowKind::ClientCredentials) = (&token_origins, grant.purpose.kind)
                && grant.binding.as_ref().is_none_or(|binding| binding.origins != *origins)
            {
                return false;
            }
            let is_bound = grant
                .binding
                .as_ref()
                .is_some_and(|it| it.change(self.scheme(), grant.purpose.kind).is_none());
            is_bound
                && client.is_some_and(|client| {
                    self.purpose(grant.purpose.kind, &client.id).is_some_and(|ours| ours == grant.purpose)
                })
        };
        Ok(grant.filter(is_ours))
    }

    /// Returns the reason why a login with `client` is no longer valid. Returns `None` if the login is valid. Also returns `None` for the
    /// client credentials flow, because a new token is requested in that flow.
    fn change(&self, grant: &Grant, client: Option<&Client>) -> Option<String> {
        let kind = grant.purpose.kind;
        if kind == FlowKind::ClientCredentials
            || client.is_none_or(|client| client.id != grant.purpose.client)
        {
            return None;
        }
        let change = match &grant.binding {
            Some(binding) => binding.change(self.scheme(), kind)?,
            None => "the login was stored without its endpoints and origins".to_owned(),
        };
        Some(format!("the login of `{}` is not used any more: {change}", self.scheme().name))
    }

    /// Checks that the stored tokens may be sent to `destination`.
    pub(super) async fn check_destination(&self, destination: &Destination) -> Result<(), Missing> {
        let grant = match self.cached() {
            Some(grant) => Some(grant),
            None => {
                let client = self.client().await?;
                let grant = self.grant(client.as_ref())?;
                let is_login =
                    grant.as_ref().is_some_and(|grant| grant.purpose.kind != FlowKind::ClientCredentials);
                if !is_login && self.has_client_credentials_flow() {
                    let is_needed = client.is_none_or(|client| client.secret.is_none());
                    self.check_client(destination, is_needed)?;
                }
                grant
            }
        };
        let Some(binding) = grant.as_ref().and_then(|grant| grant.binding.as_ref()) else { return Ok(()) };
        if destination.fits(&binding.origins) {
            return Ok(());
        }
        let known = match listed(&binding.origins) {
            none if none.is_empty() => "no origin".to_owned(),
            known => known,
        };
        Err(Missing {
            remedy: format!("{} (its tokens are for {known})", self.remedy.log_in_for(destination)),
        })
    }

    /// Checks that a client in the vault may be used for tokens that are sent to `destination`. If `is_needed` is set, the check also fails
    /// if the client was stored only for other APIs.
    pub(super) fn check_client(&self, destination: &Destination, is_needed: bool) -> Result<(), OAuthError> {
        let found =
            self.store.of_client().client_to_set(self.connector(), self.scheme(), destination, is_needed);
        let (words, known) = found.map_err(|remedy| self.unreadable(remedy))?;
        if words.is_empty() {
            return Ok(());
        }
        let known = match known.to_string() {
            none if none.is_empty() => "was stored without its origins".to_owned(),
            known => format!("is for {known}, not for tokens for {destination}"),
        };
        let problem = format!("the client of `{}` in the vault {known}", self.scheme().name);
        Err(OAuthError::new(problem, self.remedy.set_client_for(&words, destination)))
    }

    /// Returns the origins that may receive tokens of a client in the vault. Returns `None` if the client is not
    /// in the vault.
    pub(super) fn token_origins(&self) -> Result<Option<BTreeSet<String>>, OAuthError> {
        let origins = self.store.of_client().token_origins(self.connector(), self.scheme());
        origins.map_err(|remedy| self.unreadable(remedy))
    }

    /// Returns the current version of the records. It has to be read before the records, so that no write is missed.
    pub(super) fn version(&self) -> Result<Option<RecordsVersion>, RecordsError> {
        self.store.records().version()
    }

    /// Returns the grant in memory, or `None` if the records have changed since it was read.
    pub(super) fn cached(&self) -> Option<Grant> {
        let version = self.version().ok()?;
        self.memory().as_ref().filter(|held| held.version == version).map(|held| held.grant.clone())
    }

    /// Whether the token in memory comes from a login. Without a token in memory, whether the next token will come
    /// from a login.
    pub(super) fn is_of_login(&self) -> bool {
        let kind = self.memory().as_ref().map(|held| held.grant.purpose.kind);
        kind.map_or_else(|| self.scheme().has_login(), |kind| kind != FlowKind::ClientCredentials)
    }

    /// Returns the scopes of the token in memory.
    pub(super) fn granted_scopes(&self) -> Option<Vec<String>> {
        self.memory().as_ref().map(|held| held.grant.scopes.clone())
    }

    /// Whether the tokens exist only in memory.
    pub(super) fn has_unstored(&self) -> bool {
        self.memory().as_ref().is_some_and(|held| held.unstored.is_some())
    }

    /// Caches a grant that was read at `version` of the records.
    pub(super) fn cache(&self, grant: &Grant, version: Option<RecordsVersion>) {
        let mut memory = self.memory();
        let same = memory.as_ref().filter(|held| held.grant.access == grant.access);
        let unstored = same.and_then(|held| held.unstored.clone());
        *memory = Some(CachedGrant { grant: grant.clone(), version, unstored });
    }

    /// Stores the grant, and caches it even if storing fails.
    ///
    /// # Errors
    /// Returns an error if the grant could not be stored.
    pub(super) fn keep(&self, grant: &Grant) -> Result<(), RecordsError> {
        let version = self.version().unwrap_or_default();
        let beside = self.read(&self.record("granted")).unwrap_or_default();
        let in_memory = CachedGrant { grant: grant.clone(), version, unstored: Some(Unstored { beside }) };
        // With the client credentials flow, a token can be requested at any time, so no vault is created to store the token.
        if grant.purpose.kind == FlowKind::ClientCredentials && !self.store.records().is_there() {
            *self.memory() = Some(in_memory);
            return Ok(());
        }
        let put = self.store.records().put(&self.record("granted"), &grant.to_record());
        // After this write, the version may already include a write of another process, so the next call
        // reads the record.
        let written = CachedGrant { version: None, unstored: None, ..in_memory.clone() };
        *self.memory() = Some(if put.is_ok() { written } else { in_memory });
        put
    }

    /// Removes all tokens from memory and from the records. Returns whether there were tokens.
    pub(super) fn forget(&self) -> Result<bool, OAuthError> {
        let known = self.memory().take().is_some();
        let removed = self.store.records().remove(&self.record("granted"));
        removed.map(|removed| removed || known).map_err(|remedy| self.unreadable(remedy))
    }

    /// Returns the registered client.
    pub(super) fn registered(&self) -> Result<Option<Registered>, OAuthError> {
        let record = self.read(&self.record("registered"))?;
        Ok(self.in_use(record))
    }

    /// Parses a registration. Returns `None` if the registration is no longer valid for the server.
    pub(super) fn in_use(&self, record: Option<Secret>) -> Option<Registered> {
        let registered = record.as_ref().and_then(Registered::of_record);
        let now = self.clock.seconds();
        let is_ours = |it: &Registered| {
            Some(it.server.as_str()) == self.scheme().metadata
                && it.endpoints == self.scheme().token_side()
                && !it.has_ended(now)
        };
        registered.filter(is_ours)
    }

    /// Returns the status of the tokens.
    pub(super) async fn status(&self) -> Result<Option<TokenStatus>, OAuthError> {
        Ok(self.grant(self.client().await?.as_ref())?.as_ref().map(TokenStatus::of))
    }

    /// Returns the name of this scheme's record for `what`, such as `granted`.
    pub(super) fn record(&self, what: &str) -> String {
        record_name(self.connector(), self.scheme(), what)
    }

    pub(super) fn read(&self, record: &str) -> Result<Option<Secret>, OAuthError> {
        self.store.records().get(record).map_err(|remedy| self.unreadable(remedy))
    }

    pub(super) fn unreadable(&self, remedy: impl fmt::Display) -> OAuthError {
        OAuthError::new(format!("the stored tokens of `{}` cannot be used", self.scheme().name), remedy)
    }

    /// Posts a form with the authentication of `client`.
    pub(super) async fn submit(
        &self,
        at: &Endpoint,
        client: &Identity,
        form: Form,
    ) -> Result<Answer, OAuthError> {
        match self.asker.submit(at, client, form).await {
            Ok(answer) => Ok(answer),
            Err(refusal) => Err(self.refused_client(&refusal, &client.id).await),
        }
    }

    /// Converts a refusal to an error. If the server no longer knows the registered client, the stored registration is deleted.
    pub(super) async fn refused_client(&self, refusal: &Refusal, client: &str) -> OAuthError {
        if !refusal.is("invalid_client") {
            return self.refused(refusal);
        }
        if !matches!(self.named_client().await, Ok(None)) {
            // If a command prints the client secret, the command may print another secret now.
            let field = CredentialField::ClientSecret;
            let slot = CredentialSlot { connector: self.connector(), scheme: self.scheme(), field };
            self.store.of_client().forget(&slot);
            return self.refused(refusal);
        }
        if self.forget_web_client(client) {
            return OAuthError::new(refusal.to_string(), self.remedy.log_in());
        }
        match self.store.records().remove(&self.record("registered")) {
            Ok(_) => OAuthError::new(refusal.to_string(), self.remedy.log_in()),
            Err(remedy) => self.unreadable(remedy),
        }
    }

    /// Converts a refusal that does not concern the client to an error.
    pub(super) fn refused(&self, refusal: &Refusal) -> OAuthError {
        let remedy = match refusal {
            Refusal::Said { code, .. } => self.remedy.of_code(code),
            Refusal::Failed(_) => self.remedy.try_later(),
            Refusal::Private { remedy, .. } => format!("{remedy}; or {}", self.remedy.set_token()),
        };
        OAuthError::new(refusal.to_string(), remedy)
    }

    /// Converts a missing or unusable endpoint to an error.
    pub(super) fn address<T>(
        &self,
        found: Result<Option<T>, EndpointUnavailable>,
        name: &str,
    ) -> Result<T, OAuthError> {
        let missing =
            || EndpointUnavailable::NotNamed { name: name.to_owned(), scheme: self.scheme().name.to_owned() };
        let found = found.and_then(|found| found.ok_or_else(missing));
        found.map_err(|problem| OAuthError::new(problem, self.remedy.name_addresses()))
    }

    fn memory(&self) -> MutexGuard<'_, Option<CachedGrant>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TokenStatus {
    pub(super) fn of(grant: &Grant) -> Self {
        Self {
            expires_at: grant.expires_at,
            granted_at: grant.granted_at,
            due_at: grant.due_at(),
            scopes: grant.scopes.clone(),
            renewable: grant.refresh.is_some() || grant.purpose.kind == FlowKind::ClientCredentials,
            issuer: grant.issuer.clone(),
            origins: grant.binding.iter().flat_map(|binding| &binding.origins).cloned().collect(),
        }
    }
}
