//! Checks that no two tools or prompts have the same name, and no two resources the same URI.

use std::fmt;

use crate::call::rows::Connector;
use crate::engine::contents::resources::OperationResources;
use crate::engine::custom_set::Custom;
use crate::engine::request::TargetKind;

/// Checks that hand-written resources and prompts have other URIs and names than the resources and prompts of connector.toml.
pub(super) fn check_contents(
    connector: &Connector<'_>,
    resources: &OperationResources,
    custom: &Custom,
) -> Result<(), NameTaken> {
    for prompt in &custom.prompts {
        if connector.prompts.iter().any(|declared| declared.name == prompt.listed.name) {
            return Err(NameTaken::of(TargetKind::Prompt, &prompt.listed.name));
        }
    }
    let templates = custom.templates.iter().map(|template| &template.listed.uri);
    for uri in custom.resources.iter().map(|resource| &resource.listed.uri).chain(templates) {
        let is_page = connector.documentation
            && uri.strip_prefix(connector.name).is_some_and(|rest| rest.starts_with("://docs/"));
        if is_page || resources.iter().any(|resource| resource.listed().any(|it| it.uri == *uri)) {
            return Err(NameTaken::of(TargetKind::Resource, uri));
        }
    }
    Ok(())
}

/// Two tools or prompts have the same name, or two resources the same URI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameTaken {
    kind: TargetKind,
    name: String,
}

impl NameTaken {
    pub(super) fn of(kind: TargetKind, name: &str) -> Self {
        Self { kind, name: name.to_owned() }
    }
}

impl fmt::Display for NameTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "two {kind}s are called `{}`: rename the hand-written {kind} in src/custom.rs, or the {kind} of connector.toml",
            self.name,
            kind = self.kind.as_str()
        )
    }
}

impl std::error::Error for NameTaken {}
