//! The requests for the status and the result of a job.

use std::fmt;
use std::sync::Arc;

use jackfield_recipe::{Caching, Effect};
use serde_json::{Map, Value};

use super::super::Api;
use crate::auth::is_declared;
use crate::call::base_url::BaseUrl;
use crate::call::held_rows::ToolHandle;
use crate::call::origin::Origin;
use crate::call::outgoing::Outgoing;
use crate::call::rows::Tool;
use crate::call::settings;
use crate::engine::context::ActiveCall;
use crate::engine::error::CallError;
use crate::engine::job_answer::FollowUp;
use crate::engine::request::{Target, TargetKind};
use crate::engine::route::Route;
use crate::reply::job::{match_path, same_address};
use crate::reply::page::{argument, names_file};
use crate::transport::destinations::Names;

/// A request that reads a status or a result.
pub(super) struct JobTarget {
    /// The tool whose credentials and rules apply.
    pub(super) tool: ToolHandle,
    pub(super) outgoing: Outgoing,
    pub(super) route: Arc<Route>,
}

/// The reason why a request for a status or a result is not sent.
pub(super) enum Refused {
    /// The origin is not declared, it does not use TLS although the call did, or its IP address is private and not allowed.
    Elsewhere,
    /// There is no tool that takes the identifier of the job.
    NoReader,
    Error(CallError),
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elsewhere => f.write_str("The call does not wait for it"),
            Self::NoReader => f.write_str("No call reads its status"),
            Self::Error(error) => f.write_str(error.to_string().trim_end_matches('.')),
        }
    }
}

/// A call of a tool that reads a status or a result.
pub(super) struct Reading {
    pub(super) tool: ToolHandle,
    pub(super) arguments: Map<String, Value>,
}

impl JobTarget {
    /// Returns the tool with the effect of a read and with the cache off. Its request is then retried like a read, and a status never comes
    /// from the cache.
    pub(super) fn as_read<'t>(&self, tool: &'t Tool<'t>) -> Tool<'t> {
        let tool = Tool { caching: Caching::Off, ..*tool };
        match tool.effect {
            Effect::Read => tool,
            _ => Tool { method: "GET", effect: Effect::Read, idempotent: true, idempotency_key: "", ..tool },
        }
    }
}

impl Api {
    /// Returns the request for the URL `address`, which a reply of `tool` contained. The URL must have the origin of the call, or another
    /// origin that the document, connector.toml or the user declares. If the call used TLS, the URL must use TLS too.
    pub(super) fn target(&self, tool: &ToolHandle, own: &str, address: &str) -> Result<JobTarget, Refused> {
        let row = tool.get();
        let own_route = self.route(row, Names::Resolved).map_err(Refused::Error)?;
        let (Some(origin), Some(own_origin)) = (Origin::of(address), Origin::of(own)) else {
            return Err(Refused::Elsewhere);
        };
        let route = if origin == own_origin { own_route } else { self.other_route(&origin, &own_origin)? };
        let invalid = |error| Refused::Error(CallError::Bind(error));
        let begun = self.begin_request(row, "GET", "", self.inner.files.clone());
        let mut request = begun.map_err(invalid)?;
        let (connector, environment) = (self.connector(), &self.inner.environment);
        settings::add(connector, row.name, environment, &mut request).map_err(invalid)?;
        let mut outgoing = request.finish(&route.base).map_err(invalid)?;
        outgoing.readdress(address);
        Ok(JobTarget { tool: tool.clone(), outgoing, route })
    }

    fn other_route(&self, origin: &Origin, own: &Origin) -> Result<Arc<Route>, Refused> {
        let is_downgrade = own.scheme == "https" && origin.scheme != "https";
        if is_downgrade || !is_declared(self.connector(), origin, &self.inner.environment) {
            return Err(Refused::Elsewhere);
        }
        let base = BaseUrl::parse(&origin.to_string()).map_err(|_| Refused::Elsewhere)?;
        self.inner.client.destinations().check(&base, Names::Resolved).map_err(|_| Refused::Elsewhere)?;
        Ok(self.route_to(base))
    }

    /// Builds the request of a tool that takes the identifier of a job.
    pub(super) async fn reading_target(
        &self,
        reading: &Reading,
        call: &ActiveCall,
    ) -> Result<JobTarget, CallError> {
        let caller = call.context.caller();
        let composed = self
            .compose_within(
                &reading.tool,
                reading.arguments.clone(),
                Names::Resolved,
                call.deadline,
                &call.scope,
                caller,
            )
            .await?;
        Ok(JobTarget { tool: reading.tool.clone(), outgoing: composed.outgoing, route: composed.route })
    }

    /// Returns the call of the tool `name` with the identifier of a job. The other required arguments are taken from the call that started
    /// the job.
    pub(super) fn reading_of_id(
        &self,
        name: &str,
        taken: &str,
        id: &Value,
        own: &Map<String, Value>,
    ) -> Option<Reading> {
        let tool = self.rows().tools().find(|tool| tool.get().name == name)?;
        let row = tool.get();
        let input: Value = serde_json::from_str(row.input).ok()?;
        let mut arguments = Map::new();
        for required in input.get("required").and_then(Value::as_array).into_iter().flatten() {
            let name = required.as_str()?;
            if name != taken {
                arguments.insert(name.to_owned(), own.get(name)?.clone());
            }
        }
        let template = row.path.split('?').next().unwrap_or_default();
        let id = match id.as_str().and_then(|text| text.rsplit_once('/')) {
            // In `operations/7`, only `7` is the variable of `/operations/{id}`.
            Some((collection, last))
                if template.contains(&format!("{collection}/{{")) && !last.is_empty() =>
            {
                last.into()
            }
            _ => id.clone(),
        };
        if names_file(&id) {
            return None;
        }
        arguments.insert(taken.to_owned(), argument(row, taken, id));
        Some(Reading { tool, arguments })
    }

    /// Finds the tool call whose request has exactly this URL.
    pub(super) async fn reading_of_address(&self, address: &str, call: &ActiveCall) -> Option<Reading> {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        for tool in self.rows().tools() {
            let row = tool.get();
            if row.effect != Effect::Read || row.method != "GET" || !row.path.contains('{') {
                continue;
            }
            // The path of the tool forms the end of the URL's path, and has as many segments as the path template.
            let depth = row.path.split('?').next().unwrap_or_default().matches('/').count();
            let tail = depth.checked_sub(1).and_then(|last| path.rmatch_indices('/').nth(last));
            if tail.is_none_or(|(at, _)| match_path(row.path, &path[at..]).is_none()) {
                continue;
            }
            let Ok(route) = self.route(row, Names::Resolved) else { continue };
            let Some(path) = path.strip_prefix(route.base.as_str().trim_end_matches('/')) else { continue };
            let Some(mut values) = match_path(row.path, path) else { continue };
            values.extend(query.split('&').filter_map(|pair| {
                let (name, value) = pair.split_once('=')?;
                let decode = |text: &str| {
                    String::from_utf8_lossy(&jackfield_recipe::percent_decode_lenient(
                        &text.replace('+', " "),
                    ))
                    .into_owned()
                };
                Some((decode(name), decode(value)))
            }));
            let Some(arguments) = arguments(row, values) else { continue };
            let reading = Reading { tool: tool.clone(), arguments };
            // The tool call matches only if its request has exactly this URL.
            if let Ok(target) = self.reading_target(&reading, call).await
                && same_address(&target.outgoing.open_url(), address)
            {
                return Some(reading);
            }
        }
        None
    }

    /// Returns the advice on how a caller reads a status later: the tool call if the caller may see the tool, otherwise `otherwise`.
    pub(super) fn follow_up(&self, reading: &Reading, otherwise: FollowUp, call: &ActiveCall) -> FollowUp {
        let row = reading.tool.get();
        let target = Target { kind: TargetKind::Tool, name: row.name, effect: row.effect };
        match self.executor.lists(call.context.caller(), target) {
            true => {
                let arguments = reading.arguments.clone();
                let arguments = match row.merged {
                    Some(merged) => merged.as_called(arguments),
                    None => arguments,
                };
                let tool = self.name_for_clients(TargetKind::Tool, row.called()).into_owned();
                FollowUp::Call { tool, arguments }
            }
            false => otherwise,
        }
    }
}

/// Finds the arguments that set these values, given by their names in the request. Returns `None` if a required argument has no value.
fn arguments(tool: &Tool<'_>, values: Vec<(String, String)>) -> Option<Map<String, Value>> {
    let input: Value = serde_json::from_str(tool.input).ok()?;
    let properties = input.get("properties")?.as_object()?;
    let mut arguments = Map::new();
    for (wire, value) in values {
        let is_plain = |one: &str, other: &str| {
            let letters = |text: &str| {
                text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase()
            };
            letters(one) == letters(other)
        };
        let name = match properties.contains_key(&wire) {
            true => wire,
            // If a parameter has no argument, it may belong to a setting, which is part of every request.
            false => match properties.keys().find(|name| is_plain(name, &wire)) {
                Some(name) => name.clone(),
                None => continue,
            },
        };
        let value = argument(tool, &name, Value::String(value));
        if names_file(&value) {
            return None;
        }
        arguments.insert(name, value);
    }
    let mut required = input.get("required").and_then(Value::as_array).into_iter().flatten();
    required.all(|name| name.as_str().is_some_and(|name| arguments.contains_key(name))).then_some(arguments)
}
