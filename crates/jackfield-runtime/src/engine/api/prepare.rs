//! Builds the request of a generated tool, without its credentials.

use std::sync::{Arc, PoisonError};

use jackfield_recipe::ReplyPath;
use serde_json::{Map, Value};
use tokio::time::Instant;

use super::Api;
use super::size::size_of_all;
use crate::auth::{Destination, permitted};
use crate::call::args::{ArgError, Args};
use crate::call::base_url::BaseUrl;
use crate::call::downloads::{Downloads, SaveTarget};
use crate::call::files::Files;
use crate::call::held_rows::ToolHandle;
use crate::call::integers;
use crate::call::interpret;
use crate::call::outgoing::Outgoing;
use crate::call::presets;
use crate::call::reply_fields;
use crate::call::request::Request;
use crate::call::rows::{Mapping, Tool};
use crate::call::schema::{ArgumentsError, InputSchema, self_contained};
use crate::call::settings;
use crate::common::budget::{CallScope, Late};
use crate::common::caller::Caller;
use crate::engine::error::{CallError, LateCall, LatePhase};
use crate::engine::prepared::PreparedHttp;
use crate::engine::route::Route;
use crate::reply::page::PagedCall;
use crate::transport::destinations::Names;

/// The number of pairs of a schema node and a value node that count as one byte of work. The number is large, because validation compares
/// only few of the pairs.
const PAIRS_PER_BYTE: usize = 64;

/// A request that is complete except for its credentials.
pub(super) struct Composed {
    pub(super) outgoing: Outgoing,
    pub(super) route: Arc<Route>,
    /// A note about the arguments that were coerced to their schema.
    pub(super) coerced: Option<String>,
    /// The parts of the reply that the caller selected.
    pub(super) fields: Option<Vec<ReplyPath>>,
    /// The file in which the reply is stored.
    pub(super) save: Option<SaveTarget>,
}

/// The arguments of a call that fit their schema.
struct Fitted {
    args: Args,
    /// A note about the arguments that were coerced to their schema.
    coerced: Option<String>,
    /// The parts of the reply that the caller selected.
    fields: Option<Vec<ReplyPath>>,
}

impl Composed {
    /// Returns the prepared request of a tool. It keeps the arguments of the call if the tool has pagination or starts a job.
    pub(super) fn prepared(self, tool: ToolHandle, arguments: Option<Map<String, Value>>) -> PreparedHttp {
        let Self { outgoing, route, coerced, fields, save } = self;
        let paged = arguments.map(|arguments| PagedCall { arguments, url: outgoing.open_url() });
        PreparedHttp { tool, outgoing, route, coerced, fields, paged, save }
    }
}

impl Api {
    /// Builds the request. It does not look up credentials or use the network.
    fn compose(
        &self,
        tool: &Tool<'_>,
        schema: &InputSchema,
        mut arguments: Map<String, Value>,
        names: Names,
        (files, downloads): (Files, Downloads),
    ) -> Result<Composed, CallError> {
        let may_save = downloads.is_offered() && !self.inner.replies.get(tool.name).redacts();
        let save = match may_save {
            true => downloads.take(tool, &mut arguments).map_err(CallError::Bind)?,
            false => None,
        };
        let Fitted { args, coerced, fields } = self.fit(tool, schema, arguments)?;
        let begun = self.begin_request(tool, tool.method, tool.path, files);
        let mut request = begun.map_err(CallError::Bind)?;
        let (connector, environment) = (self.connector(), &self.inner.environment);
        bind(tool, &args, &mut request).map_err(CallError::Bind)?;
        settings::add(connector, tool.name, environment, &mut request).map_err(CallError::Bind)?;
        let route = self.route(tool, names)?;
        let outgoing = request.finish(&route.base).map_err(CallError::Bind)?;
        match &route.withheld {
            Some(why) if !tool.is_open() => Err(CallError::Withheld(why.clone())),
            _ => Ok(Composed { outgoing, route, coerced, fields, save }),
        }
    }

    /// Begins a request with the headers that every request of a tool has.
    pub(super) fn begin_request(
        &self,
        tool: &Tool<'_>,
        method: &str,
        path: &str,
        files: Files,
    ) -> Result<Request, ArgError> {
        let mut request = Request::new(method, path, files);
        request.guard(self.inner.spots.clone());
        request.set_header("accept", tool.accept);
        request.set_header("user-agent", self.inner.agent.as_str());
        settings::add_headers(self.connector(), &self.inner.environment, &mut request)?;
        Ok(request)
    }

    /// Validates the arguments and coerces them to their schema.
    fn fit(
        &self,
        tool: &Tool<'_>,
        schema: &InputSchema,
        arguments: Map<String, Value>,
    ) -> Result<Fitted, CallError> {
        let mut arguments = Value::Object(arguments);
        let coerced = schema.fit(tool.called(), &mut arguments).map_err(CallError::Arguments)?;
        let Value::Object(mut arguments) = arguments else {
            return Err(CallError::Arguments(ArgumentsError::NO_OBJECT));
        };
        let fields = match tool.fields {
            "" => None,
            name => reply_fields::take(name, &mut arguments).map_err(CallError::Bind)?,
        };
        integers::settle(|| self_contained(self.connector(), tool.input), &mut arguments)
            .map_err(CallError::Bind)?;
        presets::apply(tool, &mut arguments).map_err(CallError::Arguments)?;
        Ok(Fitted { args: Args::new(arguments), coerced, fields })
    }

    /// Returns the arguments from which the steps of the tool build a request: validated, coerced, and with the values that connector.toml
    /// sets.
    #[cfg(feature = "serve")]
    pub(super) fn fitted_arguments(
        &self,
        tool: &Tool<'_>,
        mut arguments: Map<String, Value>,
        caller: &Caller,
    ) -> Result<Args, CallError> {
        let schema = self.input_schema(tool);
        if !self.inner.replies.get(tool.name).redacts() {
            self.inner.downloads.of_caller(caller).leave_out(tool, &mut arguments);
        }
        self.fit(tool, &schema, arguments).map(|fitted| fitted.args)
    }

    /// Returns the checked base URL of a tool. The URL is cached, because messages tell the user that its variables are read only once. An
    /// error is not cached.
    pub(super) fn route(&self, tool: &Tool<'_>, names: Names) -> Result<Arc<Route>, CallError> {
        let mut routes = self.inner.routes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(route) = routes.get(tool.name).and_then(|routes| routes.get(&names)) {
            return Ok(Arc::clone(route));
        }
        let route = self.route_to(self.destination(tool, names)?);
        routes.entry(tool.name.to_owned()).or_default().insert(names, Arc::clone(&route));
        Ok(route)
    }

    /// Returns the route to a checked base URL.
    pub(super) fn route_to(&self, base: BaseUrl) -> Arc<Route> {
        let withheld = permitted(self.connector(), &base, &self.inner.environment).err();
        let upstream = self.inner.upstreams.of(&base);
        Arc::new(Route { destination: Destination::of(&base), base, withheld, upstream })
    }

    /// Builds the request within the limits of the call. A large request is built on a blocking thread.
    pub(super) async fn compose_within(
        &self,
        handle: &ToolHandle,
        arguments: Map<String, Value>,
        names: Names,
        deadline: Instant,
        scope: &CallScope,
        caller: &Caller,
    ) -> Result<Composed, CallError> {
        let (tool, size) = (handle.get(), self.size_of(&arguments));
        scope.hold(size).map_err(|why| CallError::Busy(why.into()))?;
        let schema = self.input_schema(tool);
        let work = size.max(schema.cost_estimate(&arguments) / PAIRS_PER_BYTE);
        let files = self.inner.files.of_caller(caller).counted_in(scope);
        let downloads = self.inner.downloads.of_caller(caller);
        // A file argument also counts, because copying a large file takes longer than everything else.
        let names_file = files.are_named_in(&arguments);
        let deadline = if names_file { deadline.max(self.executor.transfer_deadline()) } else { deadline };
        let (api, handle) = (self.clone(), handle.clone());
        let compose = move || api.compose(handle.get(), &schema, arguments, names, (files, downloads));
        let late = |Late| CallError::Late(LateCall::new(LatePhase::Checking, self.connector().name));
        scope.compute(work, deadline, compose).await.map_err(late)?
    }

    fn input_schema(&self, tool: &Tool<'_>) -> Arc<InputSchema> {
        let mut schemas = self.inner.input_schemas.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(schema) = schemas.get(tool.name) {
            return Arc::clone(schema);
        }
        let schema = Arc::new(InputSchema::compile(self_contained(self.connector(), tool.input)));
        schemas.insert(tool.name.to_owned(), Arc::clone(&schema));
        schema
    }

    /// Returns the approximate size of arguments in bytes.
    pub(crate) fn size_of(&self, arguments: &Map<String, Value>) -> usize {
        size_of_all(arguments, &self.inner.files)
    }
}

/// Fills a request from arguments, by generated code or by the interpreted recipe.
pub(crate) fn bind(tool: &Tool<'_>, args: &Args, request: &mut Request) -> Result<(), ArgError> {
    match tool.mapping {
        Mapping::Function(bind) => bind(args, request),
        Mapping::Recipe(recipe) => interpret::run(recipe, args, request),
    }
}
