//! The tables for resources, prompts and documentation.

use std::collections::BTreeMap;

use toml::Spanned;

use super::prompts::{self, PromptChoice, WrittenPrompt};
use super::refusal::Refusal;
use super::resources::{self, ResourceChoice, WrittenResource};
use super::rules::RuleTable;

/// The choices about everything that clients get besides tools.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContentChoices {
    /// The tools that are also resources.
    pub(crate) resources: RuleTable<ResourceChoice>,
    /// The prompts, sorted by name.
    pub(crate) prompts: Vec<PromptChoice>,
    /// Whether clients get pages about the connector.
    pub(crate) documentation: bool,
}

pub(super) fn parse(
    resources: BTreeMap<Spanned<String>, WrittenResource>,
    prompts: BTreeMap<Spanned<String>, WrittenPrompt>,
    documentation: bool,
) -> Result<ContentChoices, Refusal> {
    Ok(ContentChoices {
        resources: resources::parse(resources)?,
        prompts: prompts::parse(prompts)?,
        documentation,
    })
}
