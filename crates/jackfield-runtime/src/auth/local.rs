//! The credentials of the one local user.

use std::sync::Arc;

use jackfield_recipe::{CredentialField, file_variable, shell_quoted};

use super::oauth::{LoggedOut, OAuth, OAuthError, Teller, TimeLimits, TokenStatus, Way};
use super::of_principals::{CallerCredentials, PrincipalSources};
use super::records::Records;
use super::slot::CredentialSlot;
use super::store::{Held, Provenance, Store};
use super::vault::UserVault;
use super::{
    Checked, Credential, CredentialPlace, CredentialRequest, CredentialSource, Destination, Found, Located,
    LocatedFuture, Missing, Outline, Renewed,
};
use crate::call::held_rows::ConnectorRows;
use crate::call::rows::{Connector, FlowKind, Scheme, SchemeKind};
use crate::common::caller::Caller;
use crate::common::clock::Clock;
use crate::common::environment::Environment;
use crate::common::secret::Secret;
use crate::transport::client::HttpClient;

/// The credentials of the one local user: variables that are named after the connector, files that these variables
/// name, and commands.
///
/// The variable `BOOKSHOP_TOKEN_<SCHEME>` is always read. `BOOKSHOP_TOKEN` is read if only one scheme takes a
/// token.
#[derive(Clone)]
pub struct LocalSource {
    rows: ConnectorRows,
    store: Arc<Store>,
    pub(super) oauth: Arc<OAuth>,
    vault: Arc<UserVault>,
    /// The HTTP client for token requests. It also sends the API calls that use this source.
    client: Arc<HttpClient>,
    /// The credentials of callers other than the local user.
    pub(super) callers: CallerCredentials,
    pub(super) of_principals: Arc<PrincipalSources<LocalSource>>,
}

impl LocalSource {
    /// Creates a source of credentials for a connector. The source reads variables from `environment`.
    pub fn new(rows: impl Into<ConnectorRows>, environment: Environment) -> Self {
        let rows = rows.into();
        let words = format!("{}-mcp", rows.get().name);
        Self::started_by(rows, environment, &words)
    }

    /// Creates a source like [`new`](Self::new). The messages of the source show commands that begin with `words`: the words with which
    /// users start the program.
    pub fn started_by(rows: impl Into<ConnectorRows>, environment: Environment, words: &str) -> Self {
        let rows = rows.into();
        let vault = Arc::new(UserVault::new(environment.clone()));
        let (client, clock) = (Arc::new(HttpClient::of(rows.get(), &environment)), Clock::of_machine());
        let store = Arc::new(Store::new(environment, Arc::clone(&vault) as Arc<dyn Records>, words));
        let oauth = Arc::new(OAuth::new(&rows, &store, &client, &clock, TimeLimits::USUAL));
        let (callers, of_principals) = Default::default();
        Self { rows, store, oauth, vault, client, callers, of_principals }
    }

    /// Creates a source that shares the tables and the HTTP client of another source, but has a separate store.
    pub(super) fn with_store(other: &Self, store: Arc<Store>) -> Self {
        let Self { rows, vault, client, .. } = other.clone();
        let oauth = Arc::new(OAuth::new(&rows, &store, &client, &Clock::of_machine(), TimeLimits::USUAL));
        let (callers, of_principals) = Default::default();
        Self { rows, store, oauth, vault, client, callers, of_principals }
    }

    /// Makes the source ignore variables. The variables of a connector without a name would be named after its file, and several documents
    /// may have the same file name. Messages tell the user to run `command`, which gives the connector a name and so enables its variables.
    #[must_use]
    pub fn without_variables(self, command: &str) -> Self {
        self.store.read_no_variables(command);
        self
    }

    pub(crate) const fn rows(&self) -> &ConnectorRows {
        &self.rows
    }

    pub(crate) fn connector(&self) -> &Connector<'_> {
        self.rows.get()
    }

    /// Returns the HTTP client that requests tokens.
    pub(crate) const fn client(&self) -> &Arc<HttpClient> {
        &self.client
    }

    pub(crate) fn vault(&self) -> &UserVault {
        &self.vault
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(super) const fn shared_store(&self) -> &Arc<Store> {
        &self.store
    }

    /// The scopes that a login requests: only those that the tools need.
    ///
    /// # Errors
    /// Returns an error if the connector has no scheme `scheme`.
    pub fn wanted(&self, scheme: &str) -> Result<Vec<&str>, OAuthError> {
        Ok(self.oauth.wanted(self.scheme(scheme)?).into_iter().collect())
    }

    /// Asks the user to consent to the scopes in [`wanted`](Self::wanted), and stores the tokens.
    ///
    /// # Errors
    /// Returns an error if no token was granted or the token cannot be stored. The message states the reason and
    /// what the user has to do.
    pub async fn login(
        &self,
        scheme: &str,
        way: Way,
        teller: &dyn Teller,
    ) -> Result<TokenStatus, OAuthError> {
        self.oauth.login(self.scheme(scheme)?, way, teller).await
    }

    /// Logs in as [`login`](Self::login) does. The tokens may also be sent to `origins`.
    ///
    /// # Errors
    /// Returns the errors of [`login`](Self::login), and an error if an origin is invalid.
    pub async fn login_for(
        &self,
        scheme: &str,
        way: Way,
        origins: &[String],
        teller: &dyn Teller,
    ) -> Result<TokenStatus, OAuthError> {
        let origins = origins.iter().map(|origin| {
            let found = Destination::parse(origin).map(|origin| origin.to_string());
            found.ok_or_else(|| {
                OAuthError::new(
                    format!("{origin:?} is not an origin"),
                    "write an origin such as https://api.example.com",
                )
            })
        });
        let origins = origins.collect::<Result<Vec<_>, _>>()?;
        self.oauth.login_for(self.scheme(scheme)?, way, origins, teller).await
    }

    /// Revokes the tokens at the authorization server, and deletes them here.
    ///
    /// # Errors
    /// Returns an error if the tokens cannot be deleted. The message states what the user has to repair.
    pub async fn logout(&self, scheme: &str) -> Result<LoggedOut, OAuthError> {
        self.oauth.logout(self.scheme(scheme)?).await
    }

    /// Returns the status of the stored tokens.
    ///
    /// # Errors
    /// Returns an error if the tokens cannot be read. The message states what the user has to repair.
    pub async fn status(&self, scheme: &str) -> Result<Option<TokenStatus>, OAuthError> {
        self.oauth.status(self.scheme(scheme)?).await
    }

    pub(super) fn scheme(&self, name: &str) -> Result<&Scheme<'_>, OAuthError> {
        let mut schemes = self.connector().schemes.iter();
        schemes.find(|scheme| scheme.is_called(name)).ok_or_else(|| {
            let names: Vec<&str> = self.connector().schemes.iter().map(|scheme| scheme.name).collect();
            let remedy = format!("name one of its schemes: {}", names.join(", "));
            OAuthError::new(format!("{} has no scheme `{name}`", self.connector().name), remedy)
        })
    }

    async fn find(&self, scheme: &Scheme<'_>, scopes: &[&str]) -> Result<Located, Missing> {
        let mut texts = Texts { source: self, scheme, found: Vec::new() };
        let credential = match scheme.kind {
            SchemeKind::Bearer => Credential::Token(texts.required(CredentialField::Token).await?),
            SchemeKind::OAuth2 | SchemeKind::OpenIdConnect => {
                // A token that the user has set takes precedence over every flow.
                match texts.optional(CredentialField::Token).await? {
                    Some(token) => Credential::Token(token),
                    None => return self.granted(scheme, scopes).await,
                }
            }
            SchemeKind::ApiKey { .. } => Credential::Key(texts.required(CredentialField::ApiKey).await?),
            SchemeKind::Basic | SchemeKind::Digest => {
                let username = texts.required(CredentialField::Username).await?;
                // The password may be empty or unset, because many services take the API key as the username.
                let password = texts.optional(CredentialField::Password).await?;
                let password = password.unwrap_or_else(|| Secret::new(String::new()));
                Credential::Password { username: username.expose().to_owned(), password }
            }
            SchemeKind::MutualTls => {
                let chain = texts.required(CredentialField::Certificate).await?;
                // One file may hold the certificate and the key.
                let key =
                    texts.optional(CredentialField::CertificateKey).await?.unwrap_or_else(|| chain.clone());
                Credential::Certificate { chain, key }
            }
            SchemeKind::Http(kind) => {
                return Err(Missing {
                    remedy: format!(
                        "use a connector with a signer for `{}` ({kind}), which is written by hand: see `Signer` in \
                         the documentation of jackfield-runtime",
                        scheme.name
                    ),
                });
            }
        };
        Ok(Located::new(credential, texts.place()))
    }

    /// Returns an access token that the authorization server has issued.
    async fn granted(&self, scheme: &Scheme<'_>, scopes: &[&str]) -> Result<Located, Missing> {
        let token = self.oauth.token(scheme, scopes).await?;
        let place = if self.oauth.is_of_login(scheme) {
            let (called, name) = (self.store.called(), shell_quoted(scheme.name));
            Some(CredentialPlace::read_always(format!(
                "the login (`{called} auth login {name}` starts a new one)"
            )))
        } else {
            let mut texts = Texts { source: self, scheme, found: Vec::new() };
            texts.optional(CredentialField::ClientId).await?;
            texts.optional(CredentialField::ClientSecret).await?;
            texts.place()
        };
        Ok(Located::new(Credential::Token(token), place))
    }

    /// Runs the credential's command again, or gets a new token from the authorization server.
    async fn another(
        &self,
        scheme: &Scheme<'_>,
        scopes: &[&str],
        refused: &Credential,
    ) -> Result<Option<Credential>, Missing> {
        let forgotten =
            CredentialSlot::of(self.connector(), scheme).filter(|slot| self.store.forget(slot)).count();
        if let (SchemeKind::OAuth2 | SchemeKind::OpenIdConnect, Credential::Token(token)) =
            (scheme.kind, refused)
            && self.text(scheme, CredentialField::Token).await?.is_none()
        {
            return Ok(self.oauth.renewed(scheme, token).await?.map(Credential::Token));
        }
        if forgotten == 0 {
            return Ok(None);
        }
        let found = self.find(scheme, scopes).await?.credential;
        Ok(Some(found).filter(|found| found != refused))
    }

    async fn text(&self, scheme: &Scheme<'_>, field: CredentialField) -> Result<Option<Held>, Missing> {
        let slot = CredentialSlot { connector: self.connector(), scheme, field };
        Ok(self.store.find(&slot).await?)
    }

    /// Describes how a person gets tokens for a scheme.
    pub(crate) fn way_to_be_granted(&self, scheme: &Scheme<'_>) -> String {
        if scheme.has_login() {
            if let Some(login) = self.store.login_command() {
                return format!("run `{login}`");
            }
            match self.store.is_of_principal() {
                true => format!("run `{} {} token`", self.store.set_command(), shell_quoted(scheme.name)),
                false => format!("run `{} auth login {}`", self.store.called(), shell_quoted(scheme.name)),
            }
        } else if scheme.flow(FlowKind::ClientCredentials).is_none() {
            "the document declares no flow that can be used here: set its token".to_owned()
        } else {
            "it is requested with client_id and client_secret when a call needs it".to_owned()
        }
    }

    /// Describes how a person sets a credential field: by which variables, or with which command.
    pub(crate) fn ways_to_set(&self, slot: &CredentialSlot<'_>) -> String {
        let (set, scheme, field) =
            (self.store.set_command(), shell_quoted(slot.scheme.name), slot.field.as_str());
        if self.store.is_of_principal() {
            return format!("`{set} {scheme} {field}`");
        }
        let variable = slot.variable();
        format!("{variable}, {} or `{set} {scheme} {field}`", file_variable(&variable))
    }

    /// Returns the variables that are read for a scheme.
    pub(crate) fn variables_of(&self, scheme: &Scheme<'_>) -> Vec<String> {
        let direct = |slot: &CredentialSlot<'_>| !slot.is_of_client();
        CredentialSlot::of(self.connector(), scheme).filter(direct).map(|slot| slot.variable()).collect()
    }

    /// Returns the name and the meaning of each variable of all schemes, for the help.
    pub(crate) fn variables(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for scheme in self.connector().schemes {
            for slot in CredentialSlot::of(self.connector(), scheme) {
                let meaning = match slot.field {
                    CredentialField::ClientId => "the client id of the connector at the authorization server",
                    CredentialField::ClientSecret => {
                        "the client secret that the authorization server issued with the client id"
                    }
                    _ => scheme.describe(),
                };
                // A scheme whose tokens are not granted by a flow needs no client.
                if scheme.is_granted() || !slot.is_of_client() {
                    out.push((slot.variable(), format!("{meaning}, of `{}`", scheme.name)));
                }
            }
        }
        out
    }
}

/// The secrets of one credential, each with its source.
struct Texts<'s> {
    source: &'s LocalSource,
    scheme: &'s Scheme<'s>,
    found: Vec<(CredentialSlot<'s>, Provenance)>,
}

impl Texts<'_> {
    async fn optional(&mut self, field: CredentialField) -> Result<Option<Secret>, Missing> {
        let Some(held) = self.source.text(self.scheme, field).await? else { return Ok(None) };
        let slot = CredentialSlot { connector: self.source.connector(), scheme: self.scheme, field };
        self.found.push((slot, held.from));
        Ok(Some(held.secret))
    }

    async fn required(&mut self, field: CredentialField) -> Result<Secret, Missing> {
        let (source, scheme) = (self.source, self.scheme);
        self.optional(field).await?.ok_or_else(|| Missing {
            remedy: match source.store.login_command() {
                Some(login) => format!("run `{login}`"),
                None => Self::to_set(source, scheme),
            },
        })
    }

    /// The command or the variables with which a person sets the credential.
    fn to_set(source: &LocalSource, scheme: &Scheme<'_>) -> String {
        match source.store.is_of_principal() {
            true => format!(
                "run `{} {}` ({})",
                source.store.set_command(),
                shell_quoted(scheme.name),
                scheme.describe()
            ),
            false => format!(
                "set {} ({}{}) or run `{} {}`",
                source.variables_of(scheme).join(" and "),
                scheme.describe(),
                source.store.note_on_variables(),
                source.store.set_command(),
                shell_quoted(scheme.name),
            ),
        }
    }

    fn place(&self) -> Option<CredentialPlace> {
        CredentialPlace::of_texts(&self.found, &self.source.store.set_command())
    }
}

impl LocalSource {
    /// Checks that the stored secret of a scheme may be sent to `destination`.
    async fn check_stored(&self, scheme: &Scheme<'_>, destination: &Destination) -> Result<(), Missing> {
        let slots = CredentialSlot::of(self.connector(), scheme).filter(|slot| !slot.is_of_client());
        for slot in slots {
            self.store.check_destination(&slot, destination)?;
        }
        let is_oauth = scheme.kind.is_oauth();
        if is_oauth && self.text(scheme, CredentialField::Token).await?.is_none() {
            return self.oauth.check_destination(scheme, destination).await;
        }
        Ok(())
    }
}

impl CredentialSource for LocalSource {
    fn check_destination<'a>(
        &'a self,
        scheme: &'a Scheme<'a>,
        destination: &'a Destination,
        caller: &'a Caller,
    ) -> Checked<'a> {
        match self.source_of(caller) {
            None => Box::pin(self.check_stored(scheme, destination)),
            Some(own) => Box::pin(async move { own.check_stored(scheme, destination).await }),
        }
    }

    fn credential<'a>(&'a self, request: CredentialRequest<'a>) -> Found<'a> {
        Box::pin(async move { Ok(self.located(request).await?.credential) })
    }

    fn located<'a>(&'a self, request: CredentialRequest<'a>) -> LocatedFuture<'a> {
        let CredentialRequest { scheme, scopes, caller } = request;
        match self.source_of(caller) {
            None => Box::pin(self.find(scheme, scopes)),
            Some(own) => Box::pin(async move { own.find(scheme, scopes).await }),
        }
    }

    fn outline(&self, scheme: &Scheme<'_>) -> Outline {
        self.outline_of(scheme)
    }

    fn renewed<'a>(&'a self, request: CredentialRequest<'a>, refused: &'a Credential) -> Renewed<'a> {
        let CredentialRequest { scheme, scopes, caller } = request;
        match self.source_of(caller) {
            None => Box::pin(self.another(scheme, scopes, refused)),
            Some(own) => Box::pin(async move { own.another(scheme, scopes, refused).await }),
        }
    }

    fn place(&self, scheme: &Scheme<'_>) -> Option<String> {
        let variables = self.variables_of(scheme);
        let place = (!variables.is_empty()).then(|| variables.join(" and "))?;
        let other = self.oauth.place(scheme).map(|other| format!(" or {other}"));
        Some(place + &other.unwrap_or_default())
    }
}
