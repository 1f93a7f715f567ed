//! Requests to which only credentials have to be added.

use std::fmt;
use std::sync::Arc;

use jackfield_recipe::{Effect, ReplyPath};

use super::context::ActiveCall;
use super::destination::{CallDestination, without_query};
use super::error::CallError;
use super::pending::Pending;
use super::request::{SourceRequest, SourceResponse, TargetKind};
use super::route::Route;
use crate::call::downloads::SaveTarget;
use crate::call::held_rows::ToolHandle;
use crate::call::origin::Origin;
use crate::call::outgoing::Outgoing;
use crate::reply::page::PagedCall;

/// A request to which only credentials have to be added.
#[derive(Debug)]
#[non_exhaustive]
pub enum Prepared {
    /// An HTTP request of a generated tool.
    Http(Box<PreparedHttp>),
    /// A request to another MCP server.
    Mcp(PreparedMcp),
    /// A call of hand-written code.
    Custom(PreparedCustom),
}

/// An HTTP request of a generated tool.
#[derive(Debug)]
pub struct PreparedHttp {
    pub(crate) tool: ToolHandle,
    pub(crate) outgoing: Outgoing,
    pub(crate) route: Arc<Route>,
    /// A note about the arguments that were coerced to their schema.
    pub(crate) coerced: Option<String>,
    /// The parts of the reply that the caller selected.
    pub(crate) fields: Option<Vec<ReplyPath>>,
    /// The arguments and the URL of the call, if its tool has pagination or starts a job.
    pub(crate) paged: Option<PagedCall>,
    /// The file in which the reply is stored.
    pub(crate) save: Option<SaveTarget>,
}

#[cfg(test)]
impl PreparedHttp {
    /// Creates a request of a tool to `https://api.example.com`, without any of the optional parts.
    pub(crate) fn plain(tool: impl Into<ToolHandle>, outgoing: Outgoing) -> Self {
        let base = crate::call::base_url::BaseUrl::parse("https://api.example.com").unwrap();
        let upstream = crate::engine::upstream::Upstream::untried(&base);
        let route = Arc::new(Route { base, destination: None, withheld: None, upstream });
        Self { tool: tool.into(), outgoing, route, coerced: None, fields: None, paged: None, save: None }
    }
}

/// A request to another MCP server.
#[derive(Debug)]
pub struct PreparedMcp {
    /// The name of the server.
    pub server: String,
    /// The request.
    pub request: SourceRequest,
    /// The server's own name of the target, if the request contains another name.
    pub own_name: Option<String>,
}

/// The facts about a hand-written tool that a person needs to approve its calls.
#[derive(Clone, Debug)]
pub(crate) struct ToolFacts {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) input: String,
    pub(crate) effect: Effect,
}

type RunCustom =
    Box<dyn FnOnce(ActiveCall) -> Pending<'static, Result<SourceResponse, CallError>> + Send + Sync>;

/// A call of hand-written code.
pub struct PreparedCustom {
    pub(crate) run: RunCustom,
    /// The tool, for approvals. `None` for resources and prompts.
    pub(crate) tool: Option<ToolFacts>,
}

impl PreparedCustom {
    /// Creates a call of hand-written code.
    pub(crate) fn of(
        run: impl FnOnce(ActiveCall) -> Pending<'static, Result<SourceResponse, CallError>>
        + Send
        + Sync
        + 'static,
    ) -> Prepared {
        Prepared::Custom(Self { run: Box::new(run), tool: None })
    }

    /// Creates a call of a hand-written tool.
    pub(crate) fn of_tool(
        tool: ToolFacts,
        run: impl FnOnce(ActiveCall) -> Pending<'static, Result<SourceResponse, CallError>>
        + Send
        + Sync
        + 'static,
    ) -> Prepared {
        Prepared::Custom(Self { run: Box::new(run), tool: Some(tool) })
    }
}

impl fmt::Debug for PreparedCustom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PreparedCustom")
    }
}

impl Prepared {
    /// Whether the call sends a large file, or stores its reply in a file.
    pub(crate) fn is_transfer(&self) -> bool {
        matches!(self, Self::Http(prepared) if prepared.save.is_some() || prepared.outgoing.is_upload())
    }

    /// Returns the destination of the request, or `None` for hand-written code, which may send any number of requests.
    pub fn destination(&self) -> Option<CallDestination> {
        match self {
            Self::Http(prepared) => {
                let PreparedHttp { tool, outgoing, route, .. } = &**prepared;
                let origin = Origin::of_base(&route.base).map(|origin| origin.to_string());
                Some(CallDestination {
                    method: outgoing.method().to_string(),
                    origin: origin.unwrap_or_default(),
                    path: format!("{}{}", route.base.path(), without_query(tool.get().path)),
                })
            }
            Self::Mcp(PreparedMcp { server, request, own_name }) => Some(CallDestination {
                method: String::new(),
                origin: server.clone(),
                path: match request.target() {
                    (TargetKind::Resource, uri) => without_query(uri).to_owned(),
                    (_, name) => own_name.as_deref().unwrap_or(name).to_owned(),
                },
            }),
            Self::Custom(_) => None,
        }
    }
}
