//! Asks the address of a published server whether it answers.

use std::sync::Arc;
use std::time::Duration;

use super::trial::trial;
use crate::commands::block_on::block_on;
use crate::config::{ConnectorKind, HttpUpstream};
use crate::failure::Failure;
use crate::gateway::OpenGateway;
use crate::remote::upstream::Upstream;

/// The time limit of the question.
const PATIENCE: Duration = Duration::from_secs(10);

/// Connects to a server without credentials, and tells how it answers.
pub(super) fn answering(gateway: &OpenGateway, url: &str) -> Result<String, Failure> {
    let upstream = HttpUpstream {
        url: url.to_owned(),
        token: None,
        headers: Vec::new(),
        secrets: Vec::new(),
        client: None,
    };
    let entry = trial(ConnectorKind::Http(upstream), PATIENCE)?;
    let upstream = Upstream::new(entry, gateway.environment().clone(), Arc::clone(gateway.pins()));
    Ok(match block_on(upstream.probe())? {
        Ok(lists) => format!("yes, without a login: {} tools", lists.tools.len()),
        Err(unreachable) if unreachable.is_unauthorized => "yes, it asks for a login".to_owned(),
        Err(unreachable) => format!("no: {}", unreachable.why),
    })
}
