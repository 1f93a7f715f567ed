//! The service behind a connector: validate, bind, authorize, send.

mod bounded;
mod error;
mod open;
mod refused;
pub(crate) mod rehearse;
mod size;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock};

use jackfield_recipe::Effect;
use serde_json::{Map, Value};
use tokio::time::{Instant, timeout_at};

use crate::auth::{Ask, Authorized, CredentialSource, Sent, Sessions, Signer, Signers, permitted};
use crate::call::args::{ArgError, Args};
use crate::call::base_url::BaseUrl;
use crate::call::credential_spots::CredentialSpots;
use crate::call::files::Files;
use crate::call::integers;
use crate::call::interpret;
use crate::call::outgoing::Outgoing;
use crate::call::request::Request;
use crate::call::rows::{Connector, Mapping, Tool};
use crate::call::schema::{InputSchema, self_contained};
use crate::call::servers;
use crate::common::budget::{CallScope, GRACE, Late};
use crate::common::caller::Caller;
use crate::common::environment::Environment;
use crate::common::progress::Progress;
use crate::engine::admission::Admission;
use crate::reply::credential_advice::CredentialAdvice;
use crate::reply::output::{self, OutputSchema};
use crate::reply::read::to_result;
use crate::reply::tool_result::ToolResult;
use crate::transport::authenticate::Anonymous;
use crate::transport::client::HttpClient;
use crate::transport::destinations::Names;
use crate::transport::error::SendError;
use crate::transport::reply::Reply;

pub use error::{CallError, NoSuchScheme};

/// The service that a connector speaks to. Cheap to clone; every clone is the same service.
#[derive(Clone)]
pub struct Api(Arc<Inner>, Arc<Signers>);

/// How many pairs of a schema node and a value node count as a byte that is computed: few of them meet.
const PAIRS_PER_BYTE: usize = 64;

struct Inner {
    connector: &'static Connector,
    environment: Environment,
    credentials: Arc<dyn CredentialSource>,
    /// What arguments may name.
    files: Files,
    /// Shared with the source of credentials where that is the local user's.
    client: Arc<HttpClient>,
    admission: Admission,
    /// Compiled when a tool is first called: most are never called.
    schemas: Mutex<HashMap<&'static str, Arc<InputSchema>>>,
    /// The same of what comes back.
    outputs: Mutex<HashMap<&'static str, Arc<OutputSchema>>>,
    /// The digest challenges of earlier calls.
    sessions: Arc<Sessions>,
    /// Whether the `etag` of one reply is an argument of another call: looked up when a reply first has one.
    takes_etags: OnceLock<bool>,
}

/// The phase before credentials, for messages.
const CHECKING: &str = "its arguments were checked";

/// A request that is ready to go, but for its credentials.
struct Composed {
    outgoing: Outgoing,
    base: BaseUrl,
    /// Arguments that were coerced to their schema.
    healed: Option<String>,
}

/// A reply, and the facts about its request that reading it takes.
pub(crate) struct Answered {
    pub(crate) reply: Reply,
    /// The credentials that the request went out with.
    sent: Vec<Sent>,
    /// Arguments that were coerced to their schema.
    coerced: Option<String>,
}

/// A request that is ready to go, and the credentials that go with it.
pub(crate) struct Prepared {
    outgoing: Outgoing,
    base: BaseUrl,
    authorized: Authorized,
    /// Whether it may be sent twice: it reads, by its method as by its words.
    is_read: bool,
    /// What of the arguments was taken otherwise than it was given.
    healed: Option<String>,
}

impl Api {
    /// The same service, where that scheme is answered by a signer: it needs no other credential.
    ///
    /// # Errors
    /// The connector has no such scheme.
    pub fn signed_by(mut self, scheme: &str, signer: Arc<dyn Signer>) -> Result<Self, NoSuchScheme> {
        let schemes = self.0.connector.schemes;
        let Some(known) = schemes.iter().find(|known| known.is_called(scheme)) else {
            let known = schemes.iter().map(|it| it.name).collect();
            return Err(NoSuchScheme { scheme: scheme.to_owned(), known });
        };
        Arc::make_mut(&mut self.1).insert(known.name, signer);
        Ok(self)
    }

    fn ask<'a>(&'a self, base: &'a BaseUrl, caller: &'a Caller) -> Ask<'a> {
        Ask {
            connector: self.0.connector,
            source: &*self.0.credentials,
            signers: &self.1,
            client: &self.0.client,
            base,
            caller,
            sessions: &self.0.sessions,
        }
    }

    /// What was generated.
    pub fn connector(&self) -> &'static Connector {
        self.0.connector
    }

    /// What models are told of files that they may send.
    pub(crate) fn advice_on_files(&self) -> Option<String> {
        self.0.files.advice()
    }

    /// Calls a generated tool: a tool, its arguments, the caller; a reply back.
    ///
    /// # Errors
    /// The arguments do not fit, a credential is missing, or nothing came back. A reply with an error status is a
    /// reply.
    pub async fn call(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        caller: &Caller,
    ) -> Result<Reply, CallError> {
        self.call_telling(tool, arguments, caller, &Progress::default()).await
    }

    /// The same, telling of a stream how many events have come.
    ///
    /// # Errors
    /// As [`call`](Self::call).
    pub async fn call_telling(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        caller: &Caller,
        progress: &Progress,
    ) -> Result<Reply, CallError> {
        Ok(self.call_answered(tool, arguments, caller, progress).await?.reply)
    }

    /// Calls a generated tool within the limits of the process.
    pub(crate) async fn call_answered(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        caller: &Caller,
        progress: &Progress,
    ) -> Result<Answered, CallError> {
        let deadline = self.0.client.deadline();
        let _slot = self.0.admission.enter(deadline).await.map_err(CallError::Busy)?;
        let scope = self.0.admission.scope();
        let _stop = scope.stop_at_end();
        self.perform(tool, arguments, caller, progress, deadline, &scope).await
    }

    async fn perform(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        caller: &Caller,
        progress: &Progress,
        deadline: Instant,
        scope: &CallScope,
    ) -> Result<Answered, CallError> {
        let prepared = self.prepare(tool, arguments, caller, deadline, scope).await?;
        let started = Instant::now();
        let route = prepared.outgoing.route();
        let sent = self.send(&prepared, caller, deadline, progress, scope).await;
        let millis = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match sent {
            Ok((reply, sent)) => {
                tracing::info!(tool = tool.name, %route, status = reply.status(), millis, "called");
                Ok(Answered { reply, sent, coerced: prepared.healed })
            }
            Err(error) => {
                tracing::warn!(tool = tool.name, %route, %error, millis, "call failed");
                Err(CallError::Send { route, error })
            }
        }
    }

    /// Sends it, and once more with other credentials where these are refused and there are others. What was refused
    /// was not done, so this does nothing twice; what is done, and only its result refused, is left at that.
    async fn send(
        &self,
        prepared: &Prepared,
        caller: &Caller,
        deadline: Instant,
        progress: &Progress,
        scope: &CallScope,
    ) -> Result<(Reply, Vec<Sent>), SendError> {
        let sent = prepared.authorized.sent();
        let send = async || {
            self.send_with(&prepared.outgoing, &prepared.authorized, deadline, progress, scope).await
        };
        let reply = match send().await {
            // A connection that was kept may be closed just when it is needed.
            Err(error) if prepared.is_read && error.is_about_its_end() => send().await?,
            sent => sent?,
        };
        if reply.status() != 401 || reply.done().is_some() {
            return Ok((reply, sent));
        }
        let ask = self.ask(&prepared.base, caller);
        match timeout_at(deadline, ask.renewed(&prepared.authorized)).await {
            Ok(Ok(Some(authorized))) => {
                let reply =
                    self.send_with(&prepared.outgoing, &authorized, deadline, progress, scope).await?;
                Ok((reply, authorized.sent()))
            }
            Ok(Ok(None)) => Ok((reply, sent)),
            Ok(Err(missing)) => {
                tracing::warn!(remedy = missing.remedy, "refused, and there is no other credential");
                Ok((reply, sent))
            }
            Err(_) => {
                tracing::warn!("refused, and no other credential came in time");
                Ok((reply, sent))
            }
        }
    }

    /// The variables that it reads.
    pub(crate) fn environment(&self) -> &Environment {
        &self.0.environment
    }

    /// The status that a request without a credential gets at the base address: whether anybody is there.
    pub(crate) async fn knock(&self, base: &BaseUrl) -> Result<u16, SendError> {
        let mut request = Request::new("GET", "", self.0.files.clone());
        request.set_header("accept", "*/*");
        request.set_header("user-agent", format!("{}-mcp", self.0.connector.name));
        let outgoing = request.finish(base).map_err(|error| SendError::unsent(error.to_string()))?;
        let deadline = self.0.client.deadline();
        let scope = self.0.admission.scope();
        let reply = self.0.client.send(&outgoing, &Anonymous, deadline, &Progress::default(), &scope).await?;
        Ok(reply.status())
    }

    async fn send_with(
        &self,
        outgoing: &Outgoing,
        authorized: &Authorized,
        deadline: Instant,
        progress: &Progress,
        scope: &CallScope,
    ) -> Result<Reply, SendError> {
        let mut outgoing = outgoing.clone();
        let secrets = authorized.place(&mut outgoing);
        let mut reply = self.0.client.send(&outgoing, authorized, deadline, progress, scope).await?;
        let (status, length) = (reply.http_status(), reply.body().len());
        let strike = move || {
            reply.strike(&secrets);
            reply
        };
        let struck = scope.compute(length, deadline + GRACE, strike).await;
        struck.map_err(|Late| SendError::unreadable(status, "its time was over before it was read"))
    }

    /// What a model reads of the reply.
    pub(crate) fn read(&self, tool: &'static Tool, answered: &Answered) -> ToolResult {
        let Answered { reply, sent, coerced } = answered;
        let wants_etag = reply.header("etag").is_some() && self.takes_etags();
        let result = to_result(reply, tool, wants_etag, || CredentialAdvice {
            unauthorized: self.check_credentials(tool, sent),
            sent: Sent::places(sent).0,
        });
        let result = coerced.iter().fold(result, ToolResult::note);
        if tool.output.is_empty() || result.is_error() {
            return result;
        }
        self.output_schema(tool).conform(result)
    }

    fn takes_etags(&self) -> bool {
        let mut tools = self.0.connector.tools();
        let takes = |tool: &Tool| tool.input.to_ascii_lowercase().contains("\"if-match\"");
        *self.0.takes_etags.get_or_init(|| tools.any(takes))
    }

    /// Everything up to the credentials. Nobody is asked for one.
    fn compose(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        names: Names,
        scope: &CallScope,
    ) -> Result<Composed, CallError> {
        let mut arguments = Value::Object(arguments);
        let healed = self.input_schema(tool).fit(tool.name, &mut arguments).map_err(CallError::Arguments)?;
        let Value::Object(mut arguments) = arguments else {
            return Err(CallError::Arguments("The arguments are no object; nothing was sent.".to_owned()));
        };
        integers::settle(|| self_contained(self.0.connector, tool.input), &mut arguments)
            .map_err(CallError::Bind)?;
        let args = Args::new(arguments);
        let mut request = Request::new(tool.method, tool.path, self.0.files.counted_in(scope));
        request.guard(CredentialSpots::of(self.0.connector.schemes));
        request.set_header("accept", tool.accept);
        request.set_header("user-agent", format!("{}-mcp", self.0.connector.name));
        for (name, value) in self.0.connector.headers {
            request.set_header(name, *value);
        }
        bind(tool, &args, &mut request).map_err(CallError::Bind)?;
        let base = self.destination(tool, names)?;
        let outgoing = request.finish(&base).map_err(CallError::Bind)?;
        Ok(Composed { outgoing, base, healed })
    }

    /// Composes the request within the limits of the call, off the threads that serve where that is much work.
    async fn compose_within(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        names: Names,
        deadline: Instant,
        scope: &CallScope,
    ) -> Result<Composed, CallError> {
        let size = self.size_of(&arguments);
        scope.hold(size).map_err(|why| CallError::Busy(why.into()))?;
        let work = size.max(self.input_schema(tool).cost_estimate(&arguments) / PAIRS_PER_BYTE);
        let (api, own) = (self.clone(), scope.clone());
        let compose = move || api.compose(tool, arguments, names, &own);
        scope.compute(work, deadline, compose).await.map_err(|Late| CallError::Late(CHECKING))?
    }

    /// Everything up to the sending.
    async fn prepare(
        &self,
        tool: &'static Tool,
        arguments: Map<String, Value>,
        caller: &Caller,
        deadline: Instant,
        scope: &CallScope,
    ) -> Result<Prepared, CallError> {
        let Composed { outgoing, base, healed } =
            self.compose_within(tool, arguments, Names::Resolved, deadline, scope).await?;
        let authorized = match permitted(self.0.connector, &base, &self.0.environment) {
            Ok(()) => {
                let authorized = timeout_at(deadline, self.ask(&base, caller).authorize(tool)).await;
                let authorized = authorized.map_err(|_| CallError::Late("its credentials were fetched"))?;
                authorized.map_err(CallError::Auth)?
            }
            // Nobody is asked for what must not be sent.
            Err(why) if tool.is_open() => {
                tracing::debug!(why, "called without credentials");
                self.ask(&base, caller).none()
            }
            Err(why) => return Err(CallError::Withheld(why)),
        };
        let is_read = tool.effect == Effect::Read && matches!(tool.method, "GET" | "HEAD");
        Ok(Prepared { outgoing, base, authorized, is_read, healed })
    }

    /// The base address of a tool, if its text is one that may be called.
    pub(crate) fn destination(&self, tool: &Tool, names: Names) -> Result<BaseUrl, CallError> {
        let base = servers::base(self.0.connector, tool, &self.0.environment).map_err(CallError::Base)?;
        self.0.client.destinations().check(&base, names).map_err(CallError::Private)?;
        Ok(base)
    }

    /// The client that sends the requests.
    pub(crate) fn client(&self) -> &HttpClient {
        &self.0.client
    }

    fn input_schema(&self, tool: &'static Tool) -> Arc<InputSchema> {
        let mut schemas = self.0.schemas.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let compile = || Arc::new(InputSchema::compile(self_contained(self.0.connector, tool.input)));
        Arc::clone(schemas.entry(tool.name).or_insert_with(compile))
    }

    fn output_schema(&self, tool: &'static Tool) -> Arc<OutputSchema> {
        let mut outputs = self.0.outputs.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let compile = || Arc::new(OutputSchema::compile(&output::schema(self.0.connector, tool.output)));
        Arc::clone(outputs.entry(tool.name).or_insert_with(compile))
    }
}

/// Fills a request from arguments, by generated code or by the interpreted recipe.
pub(crate) fn bind(tool: &Tool, args: &Args, request: &mut Request) -> Result<(), ArgError> {
    match tool.mapping {
        Mapping::Function(bind) => bind(args, request),
        Mapping::Recipe(recipe) => interpret::run(recipe, args, request),
    }
}

impl fmt::Debug for Api {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Api({})", self.0.connector.name)
    }
}

#[cfg(test)]
mod tests;
