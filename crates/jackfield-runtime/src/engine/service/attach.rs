//! Connectors that a service attaches to its endpoint.

use std::fmt;
use std::sync::Arc;

use super::{NameTaken, Service};
use crate::call::rows::Connector;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::custom_set::Custom;
use crate::engine::joined::attached_name::AttachedName;
use crate::engine::joined::joined_service::JoinedService;
use crate::engine::joined::named_policies::named;
use crate::engine::limits::call_limits::{CallLimits, LimitFlags};
use crate::engine::policy::rate::Rate;
use crate::engine::source::Source;

/// The empty connector of an attached source, which has no document.
static NO_OPERATIONS: Connector<'static> = Connector::new("source");

/// The reason why a connector cannot be attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttachError {
    /// Tools of both connectors could have the same name.
    NamesOverlap(AttachedName, AttachedName),
    /// Two tools, prompts or resources of the connector itself have the same name or URI.
    Taken(NameTaken),
}

impl fmt::Display for AttachError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NamesOverlap(one, other) => write!(
                f,
                "`{}` and `{}` cannot both be attached, because their tools could have the same names: rename one",
                one.as_str(),
                other.as_str()
            ),
            Self::Taken(taken) => taken.fmt(f),
        }
    }
}

impl std::error::Error for AttachError {}

impl Service {
    /// Attaches a connector. Clients see its tools, resources and prompts under names that begin with `name`.
    ///
    /// The policies of this service decide about the calls of the connector, by the names that clients see. The connector keeps its own
    /// credentials, time limits, slots and call limits. The policies of `api` are replaced by the current policies of this service, so set
    /// the policies of this service first.
    ///
    /// # Errors
    /// Returns an error if tools of two attached connectors could have the same name.
    pub fn attach(
        self,
        name: AttachedName,
        api: Api,
        custom: impl Into<Custom>,
    ) -> Result<Self, AttachError> {
        let limits = CallLimits::of(api.connector(), LimitFlags::default());
        let limits = limits.map(|limits| Arc::new(limits) as Arc<dyn Rate>);
        let policies = named(self.api.executor().policies(), &name, limits);
        let inner = Self::new(api.with_policies(policies).attached_as(name.clone()), custom)
            .map_err(AttachError::Taken)?;
        self.join(name, inner)
    }

    /// Attaches a source, such as another MCP server, as [`attach`](Self::attach) attaches a connector.
    ///
    /// # Errors
    /// Returns an error if tools of two attached connectors could have the same name.
    pub fn attach_source(
        self,
        name: AttachedName,
        source: Arc<dyn Source>,
        environment: Environment,
    ) -> Result<Self, AttachError> {
        let policies = named(self.api.executor().policies(), &name, None);
        let api = Api::new(&NO_OPERATIONS, environment).with_policies(policies);
        let inner = Self::new(api, Custom::new()).map_err(AttachError::Taken)?;
        self.join(name, inner.with_source(source))
    }

    fn join(mut self, name: AttachedName, inner: Self) -> Result<Self, AttachError> {
        let overlaps = |other: &&AttachedName| name.is_beginning_of(other) || other.is_beginning_of(&name);
        if let Some(other) = self.attached.iter().find(overlaps) {
            return Err(AttachError::NamesOverlap(other.clone(), name));
        }
        self.attached.push(name.clone());
        Ok(self.with_source(Arc::new(JoinedService::new(name, inner))))
    }
}
