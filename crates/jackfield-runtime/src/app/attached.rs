//! Connectors and other sources that a program attaches to its endpoint.

use std::sync::Arc;

use super::output::Failure;
use crate::auth::LocalSource;
use crate::auth::of_principals::CallerCredentials;
use crate::call::held_rows::ConnectorRows;
use crate::common::environment::Environment;
use crate::engine::api::Api;
use crate::engine::custom_set::Custom;
use crate::engine::joined::attached_name::AttachedName;
use crate::engine::service::Service;
use crate::engine::source::Source;

/// A connector or another source, and the name under which it is attached.
pub struct Attached {
    name: AttachedName,
    kind: AttachedKind,
}

enum AttachedKind {
    /// A connector, and the command that starts it as a separate program, for remedies.
    Connector(ConnectorRows, Option<String>),
    Source(Arc<dyn Source>),
}

impl Attached {
    /// Attaches a connector. `called` is the command that starts the connector as a separate program, for
    /// remedies.
    pub fn connector(name: AttachedName, rows: impl Into<ConnectorRows>, called: Option<String>) -> Self {
        Self { name, kind: AttachedKind::Connector(rows.into(), called) }
    }

    /// Attaches a source, such as another MCP server.
    pub const fn source(name: AttachedName, source: Arc<dyn Source>) -> Self {
        Self { name, kind: AttachedKind::Source(source) }
    }
}

impl std::fmt::Debug for Attached {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attached({})", self.name.as_str())
    }
}

/// Attaches connectors to a service. `called` is the command that starts the program, and `credentials` says whose credentials are used
/// for calls.
///
/// # Errors
/// Returns an error if the names of two attachments overlap.
pub(super) fn attach(
    service: Service,
    attached: Vec<Attached>,
    environment: &Environment,
    called: &str,
    credentials: CallerCredentials,
) -> Result<Service, Failure> {
    attached.into_iter().try_fold(service, |service, Attached { name, kind }| {
        let attached = match kind {
            AttachedKind::Connector(rows, own) => {
                let called = own.as_deref().unwrap_or(called);
                let local = LocalSource::started_by(&rows, environment.clone(), called);
                let local = local.for_callers(credentials);
                service.attach(name, Api::with_local_source(local), Custom::new())
            }
            AttachedKind::Source(source) => service.attach_source(name, source, environment.clone()),
        };
        attached.map_err(|error| Failure::usage(error.to_string()))
    })
}
