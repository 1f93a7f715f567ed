//! The entry of a connector that a command only tries, and that is not in gateway.toml.

use std::time::Duration;

use jackfield_runtime::AttachedName;

use super::settings::Settings;
use crate::config::{ConnectorEntry, ConnectorKind, EffectRules, HttpUpstream, Sessions};
use crate::failure::Failure;

/// The name of the connector, for messages.
const NAME: &str = "published";

/// Returns the entry of a connector that a command only tries.
pub(super) fn trial(kind: ConnectorKind, timeout: Duration) -> Result<ConnectorEntry, Failure> {
    Ok(ConnectorEntry {
        name: AttachedName::parse(NAME).map_err(Failure::of)?,
        kind,
        service: None,
        published: None,
        effects: EffectRules::default(),
        timeout,
        idle: timeout,
        answer_timeout: timeout,
        sessions: Sessions::Shared,
        credential: None,
    })
}

/// Returns the entry of a server at a URL, with the name that its connector is going to have.
pub(super) fn trial_of(
    settings: &Settings,
    name: &str,
    timeout: Duration,
) -> Result<ConnectorEntry, Failure> {
    let upstream = HttpUpstream {
        url: settings.url.clone(),
        token: None,
        headers: settings.headers.clone(),
        secrets: settings.secrets.iter().map(|secret| secret.name.clone()).collect(),
        client: None,
    };
    let entry = trial(ConnectorKind::Http(upstream), timeout)?;
    Ok(ConnectorEntry { name: AttachedName::parse(name).map_err(Failure::of)?, ..entry })
}
