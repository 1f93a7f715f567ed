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
    Connector(Box<AttachedConnector>),
    Source(Arc<dyn Source>),
}

struct AttachedConnector {
    rows: ConnectorRows,
    custom: Custom,
    /// The command that starts the connector by itself, for remedies.
    called: Option<String>,
    /// The choice of credentials for calls to this connector. `None` if the options of the program decide.
    credentials: Option<CallerCredentials>,
}

impl Attached {
    /// Attaches a connector. `called` is the command that starts the connector as a separate program, for
    /// remedies.
    pub fn connector(name: AttachedName, rows: impl Into<ConnectorRows>, called: Option<String>) -> Self {
        let connector =
            AttachedConnector { rows: rows.into(), custom: Custom::new(), called, credentials: None };
        Self { name, kind: AttachedKind::Connector(Box::new(connector)) }
    }

    /// Sets whose credentials the calls to a connector use. This choice takes precedence over the options of the program.
    #[must_use]
    pub fn with_credentials(mut self, credentials: CallerCredentials) -> Self {
        if let AttachedKind::Connector(connector) = &mut self.kind {
            connector.credentials = Some(credentials);
        }
        self
    }

    /// Adds hand-written tools, resources and prompts to a connector. A source is not changed.
    #[must_use]
    pub fn with_custom(mut self, more: Custom) -> Self {
        if let AttachedKind::Connector(connector) = &mut self.kind {
            connector.custom.extend(more);
        }
        self
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
            AttachedKind::Connector(connector) => {
                let AttachedConnector { rows, custom, called: own, credentials: of_connector } = *connector;
                let called = own.as_deref().unwrap_or(called);
                let local = LocalSource::started_by(&rows, environment.clone(), called);
                let local = local.for_callers(of_connector.unwrap_or(credentials));
                service.attach(name, Api::with_local_source(local), custom)
            }
            AttachedKind::Source(source) => service.attach_source(name, source, environment.clone()),
        };
        attached.map_err(|error| Failure::usage(error.to_string()))
    })
}
