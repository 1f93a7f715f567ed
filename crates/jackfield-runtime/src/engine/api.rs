//! The service that a connector calls through its generated tools.

mod cached;
mod call;
#[cfg(feature = "serve")]
pub(crate) mod explain;
pub(crate) mod generated;
mod idempotency;
mod jobs;
mod listed;
mod no_reply;
mod open_request;
mod pages;
pub(crate) mod prepare;
mod read;
mod refused;
pub(crate) mod rehearse;
mod send;
mod size;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use super::admission::Admission;
use super::cache::ReplyCache;
use super::error::{CallError, NoSuchScheme};
use super::executor::{Executor, Nesting};
use super::joined::attached_name::AttachedName;
use super::policy::Policies;
use super::request::TargetKind;
use super::route::Route;
use super::upstream::{UpstreamLimits, Upstreams};
use crate::auth::{CredentialSource, LocalSource, Sessions, Signer, Signers};
use crate::call::base_url::BaseUrl;
use crate::call::credential_spots::CredentialSpots;
use crate::call::downloads::Downloads;
use crate::call::files::Files;
use crate::call::held_rows::ConnectorRows;
use crate::call::request::Request;
use crate::call::rows::{Connector, Tool};
use crate::call::schema::InputSchema;
use crate::call::servers;
use crate::common::caller::{Caller, Principal};
use crate::common::environment::Environment;
use crate::common::progress::Progress;
use crate::common::secret::NeedleCache;
use crate::reply::output::OutputSchema;
use crate::reply::rule::ReplyRules;
use crate::transport::authenticate::Anonymous;
use crate::transport::client::HttpClient;
use crate::transport::destinations::Names;
use crate::transport::error::SendError;
use crate::transport::send_problem::SendProblem;

/// The service that a connector calls. Cheap to clone; all clones share their state.
#[derive(Clone)]
pub struct Api {
    inner: Arc<Inner>,
    signers: Arc<Signers>,
    executor: Arc<Executor>,
    nesting: Nesting,
    /// The name under which the connector is attached to the endpoint of another connector.
    attached: Option<AttachedName>,
}

struct Inner {
    rows: ConnectorRows,
    environment: Environment,
    credentials: Arc<dyn CredentialSource>,
    /// The files that arguments may name.
    files: Files,
    /// The folders in which replies may be stored.
    downloads: Downloads,
    /// The HTTP client, which is shared with the credential source of the local user.
    client: Arc<HttpClient>,
    /// The input schemas. Each is compiled at the first call of its tool, because most tools are never
    /// called.
    input_schemas: Mutex<HashMap<String, Arc<InputSchema>>>,
    output_schemas: Mutex<HashMap<String, Arc<OutputSchema>>>,
    /// The checked base URLs of tools that were called.
    routes: Mutex<HashMap<String, HashMap<Names, Arc<Route>>>>,
    /// The retry budget, circuit breaker and pauses of each origin.
    upstreams: Upstreams,
    /// The headers, parameters and cookies that contain credentials. Arguments may not set them.
    spots: CredentialSpots,
    /// The `user-agent` header of requests.
    agent: String,
    /// The digest challenges of earlier calls.
    sessions: Arc<Sessions>,
    /// The search patterns of the credentials of earlier calls, for redaction.
    needles: Arc<NeedleCache>,
    /// Whether another tool takes the `etag` of a reply as an argument. It is computed when a reply first has
    /// an `etag`.
    takes_etags: OnceLock<bool>,
    /// The rules of connector.toml for replies.
    replies: ReplyRules,
    /// The cache of replies, if the replies of any tool are cached.
    cache: Option<ReplyCache>,
}

impl Api {
    /// Creates the service of a connector with variables and credentials from `environment`.
    pub fn new(rows: impl Into<ConnectorRows>, environment: Environment) -> Self {
        Self::with_local_source(LocalSource::new(rows, environment))
    }

    /// Creates the service of a connector from `source`, which provides the credentials, the variables and the HTTP client.
    pub fn with_local_source(source: LocalSource) -> Self {
        let (rows, environment) = (source.rows().clone(), source.store().environment().clone());
        let client = Arc::clone(source.client());
        Self::with_client(rows, environment, Arc::new(source), client)
    }

    /// Creates the service of a connector with credentials from another source.
    pub fn with_credentials(
        rows: impl Into<ConnectorRows>,
        environment: Environment,
        credentials: Arc<dyn CredentialSource>,
    ) -> Self {
        let rows = rows.into();
        let client = Arc::new(HttpClient::of(rows.get(), &environment));
        Self::with_client(rows, environment, credentials, client)
    }

    fn with_client(
        rows: ConnectorRows,
        environment: Environment,
        credentials: Arc<dyn CredentialSource>,
        client: Arc<HttpClient>,
    ) -> Self {
        let connector = rows.get();
        let (limits, fault) = UpstreamLimits::of(connector, &environment);
        let (cache, no_cache) = ReplyCache::of(connector, &environment);
        let fault = fault.or(no_cache).or_else(|| client.fault().cloned());
        let admission = Admission::of(connector.name, &environment, fault);
        let executor = Executor::new(Policies::none(), admission, client.time_limit())
            .with_transfer_limit(client.transfer_limit());
        let inner = Inner {
            files: Files::of(connector.name, &environment),
            downloads: Downloads::of(connector.name, &environment),
            client,
            environment,
            credentials,
            input_schemas: Mutex::default(),
            output_schemas: Mutex::default(),
            routes: Mutex::default(),
            upstreams: Upstreams::new(limits),
            spots: CredentialSpots::of(connector.schemes),
            agent: format!("{}-mcp", connector.name),
            sessions: Arc::default(),
            needles: Arc::default(),
            takes_etags: OnceLock::new(),
            replies: ReplyRules::of(connector),
            cache,
            rows,
        };
        Self {
            inner: Arc::new(inner),
            signers: Arc::default(),
            executor: Arc::new(executor),
            nesting: Nesting::Outermost,
            attached: None,
        }
    }

    /// Sets the signer of a scheme. The scheme then needs no other credential.
    ///
    /// # Errors
    /// Returns an error if the connector has no such scheme.
    pub fn signed_by(mut self, scheme: &str, signer: Arc<dyn Signer>) -> Result<Self, NoSuchScheme> {
        let schemes = self.inner.rows.get().schemes;
        let Some(known) = schemes.iter().find(|known| known.is_called(scheme)) else {
            let known = schemes.iter().map(|it| it.name.to_owned()).collect();
            return Err(NoSuchScheme { scheme: scheme.to_owned(), known });
        };
        Arc::make_mut(&mut self.signers).insert(known.name.to_owned(), signer);
        Ok(self)
    }

    /// Applies policies to every call.
    #[must_use]
    pub fn with_policies(mut self, policies: Policies) -> Self {
        self.executor = Arc::new(self.executor.with_policies(policies));
        self
    }

    /// Shares the limits and counts of concurrent calls with `other`, which this service replaces.
    #[cfg(feature = "serve")]
    #[must_use]
    pub(crate) fn sharing_limits_of(mut self, other: &Self) -> Self {
        let (policies, admission) = (self.executor.policies().clone(), other.executor.admission().clone());
        let executor = Executor::new(policies, admission, self.inner.client.time_limit());
        self.executor = Arc::new(executor.with_transfer_limit(self.inner.client.transfer_limit()));
        self
    }

    /// Returns the service for calls that a hand-written tool makes during its own call.
    pub(crate) fn nested(mut self) -> Self {
        self.nesting = Nesting::Within;
        self
    }

    /// Sets the name under which the connector is attached, so that clients see its names with that prefix.
    pub(crate) fn attached_as(mut self, name: AttachedName) -> Self {
        self.attached = Some(name);
        self
    }

    /// Returns the name that clients see for the target that the connector itself calls `own`.
    pub(crate) fn name_for_clients<'n>(&self, kind: TargetKind, own: &'n str) -> Cow<'n, str> {
        self.attached.as_ref().map_or(Cow::Borrowed(own), |name| Cow::Owned(name.shown(kind, own)))
    }

    /// Returns the generated connector.
    pub fn connector(&self) -> &Connector<'_> {
        self.inner.rows.get()
    }

    /// Returns the tables of the connector.
    pub fn rows(&self) -> &ConnectorRows {
        &self.inner.rows
    }

    /// Returns the executor of all calls.
    pub(crate) fn executor(&self) -> &Executor {
        &self.executor
    }

    /// Returns a sentence that tells models which files they may send.
    pub(crate) fn advice_on_files(&self, caller: &Caller) -> Option<String> {
        (*caller.principal() == Principal::Local).then(|| self.inner.files.advice()).flatten()
    }

    /// Returns the variables of the connector.
    pub(crate) fn environment(&self) -> &Environment {
        &self.inner.environment
    }

    /// Returns the client that sends the requests.
    pub(crate) fn client(&self) -> &HttpClient {
        &self.inner.client
    }

    /// Sends a request without credentials to the base URL, and returns the status.
    pub(crate) async fn probe(&self, base: &BaseUrl) -> Result<u16, SendError> {
        let mut request = Request::new("GET", "", self.inner.files.clone());
        request.set_header("accept", "*/*");
        request.set_header("user-agent", self.inner.agent.as_str());
        let outgoing =
            request.finish(base).map_err(|error| SendError::unsent(SendProblem::Argument(error)))?;
        let (deadline, scope) = (self.executor.deadline(), self.executor.admission().scope());
        let progress = Progress::default();
        let sent = self.inner.client.send(&outgoing, &Anonymous, deadline, &progress, &scope, None);
        Ok(sent.await?.status())
    }

    /// Returns the base URL of a tool. Fails if the URL is unknown, or if requests to its host are not allowed.
    pub(crate) fn destination(&self, tool: &Tool<'_>, names: Names) -> Result<BaseUrl, CallError> {
        let base = servers::base(self.connector(), tool, &self.inner.environment).map_err(CallError::Base)?;
        self.inner.client.destinations().check(&base, names).map_err(CallError::Private)?;
        Ok(base)
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Api({})", self.connector().name)
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod transfer_tests;
