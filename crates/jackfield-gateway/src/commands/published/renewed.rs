//! Another version of a published server, examined with the settings that its connector has.

use std::time::Duration;

use jackfield_registry::Package;

use super::answers::Answers;
use super::examined::{Examined, checked_url, examined_package, examined_remote, package_of};
use super::release::{Release, way_of};
use super::settings::Settings;
use super::trial::trial_of;
use super::way::Way;
use crate::config::{ConnectorEntry, ConnectorKind};
use crate::failure::Failure;
use crate::gateway::OpenGateway;

/// The time limit for the lists of a server at a URL.
const PATIENCE: Duration = Duration::from_secs(30);

/// Fetches the newer version of a connector's server, and reads its lists. The values in gateway.toml answer what the new version asks for;
/// `values` replace them.
///
/// # Errors
/// Returns an error if a value is missing, or if the version cannot be fetched or does not list its tools.
pub(super) fn examined_as(
    gateway: &OpenGateway,
    connector: &ConnectorEntry,
    release: &Release,
    values: &[String],
    asks: bool,
) -> Result<(Examined, Settings), Failure> {
    let newer = release.newer().ok_or_else(|| Failure("there is no newer version".to_owned()))?;
    let former = release.current.as_ref().and_then(|current| way_of(current, connector, None));
    let former = former.map(|checked| checked.way);
    let Some(checked) = way_of(newer, connector, former.as_ref()) else {
        return Err(Failure(format!("{} has no package or URL like the present one", newer.version)));
    };
    let refused: Vec<String> =
        checked.findings.iter().filter(|finding| finding.is_refused()).map(ToString::to_string).collect();
    if !refused.is_empty() {
        return Err(Failure(refused.join("\n")));
    }
    let mut answers = Answers::parse(&[present(connector), values.to_vec()].concat(), asks)?.lenient();
    let kept = kept_arguments(connector, former.as_ref(), &checked.way, values);
    let name = connector.name.as_str();
    let settings = match (&checked.way, kept) {
        (Way::Package(package), Some(arguments)) => {
            let without = Package { arguments: Vec::new(), ..(*package).clone() };
            Settings { arguments, ..Settings::of(&Way::Package(&without), &mut answers, name)? }
        }
        _ => Settings::of(&checked.way, &mut answers, name)?,
    };
    answers.finish()?;
    let examined = match package_of(&checked.way) {
        Some(package) => examined_package(gateway, package, None, &settings)?,
        None => {
            checked_url(&settings)?;
            let tried = trial_of(&settings, connector.name.as_str(), PATIENCE)?;
            examined_remote(gateway, &tried)?
        }
    };
    Ok((examined, settings))
}

/// Returns the values in gateway.toml in the form of `--set`.
fn present(connector: &ConnectorEntry) -> Vec<String> {
    match &connector.kind {
        ConnectorKind::Child(command) => {
            command.variables.iter().map(|(name, value)| format!("{name}={value}")).collect()
        }
        _ => Vec::new(),
    }
}

/// Returns the arguments in gateway.toml if both versions declare the same arguments. gateway.toml does not say which value belongs to which
/// argument, so other declarations need the values anew.
fn kept_arguments(
    connector: &ConnectorEntry,
    former: Option<&Way<'_>>,
    newer: &Way<'_>,
    values: &[String],
) -> Option<Vec<String>> {
    match (&connector.kind, former, newer) {
        (ConnectorKind::Child(command), Some(Way::Package(old)), Way::Package(new)) => {
            (old.arguments == new.arguments && values.is_empty()).then(|| command.arguments.clone())
        }
        _ => None,
    }
}
