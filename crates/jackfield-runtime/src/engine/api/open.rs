//! Services of a connector, and the HTTP client that each has.

use std::sync::{Arc, Mutex, OnceLock};

use super::{Api, Inner};
use crate::auth::{CredentialSource, LocalSource};
use crate::call::files::Files;
use crate::call::rows::Connector;
use crate::common::environment::Environment;
use crate::engine::admission::Admission;
use crate::transport::client::HttpClient;

impl Api {
    /// The service of that connector, with variables and credentials from that environment.
    pub fn new(connector: &'static Connector, environment: Environment) -> Self {
        Self::with_local_source(LocalSource::new(connector, environment))
    }

    /// The service of the connector of that source, with its variables, credentials and HTTP client.
    pub fn with_local_source(source: LocalSource) -> Self {
        let (connector, environment) = (source.connector(), source.store().environment().clone());
        let client = Arc::clone(source.client());
        Self::with_client(connector, environment, Arc::new(source), client)
    }

    /// The service of that connector, with credentials from another source.
    pub fn with_credentials(
        connector: &'static Connector,
        environment: Environment,
        credentials: Arc<dyn CredentialSource>,
    ) -> Self {
        let client = Arc::new(HttpClient::of(connector, &environment));
        Self::with_client(connector, environment, credentials, client)
    }

    fn with_client(
        connector: &'static Connector,
        environment: Environment,
        credentials: Arc<dyn CredentialSource>,
        client: Arc<HttpClient>,
    ) -> Self {
        let inner = Inner {
            connector,
            files: Files::of(connector.name, &environment),
            client,
            admission: Admission::of(connector.name, &environment),
            environment,
            credentials,
            schemas: Mutex::default(),
            outputs: Mutex::default(),
            sessions: Arc::default(),
            takes_etags: OnceLock::new(),
        };
        Self(Arc::new(inner), Arc::default())
    }
}
