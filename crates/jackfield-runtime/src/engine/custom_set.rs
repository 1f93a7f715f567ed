//! The hand-written tools, resources and prompts of a connector.

use super::custom::CustomTool;
use super::custom_prompt::CustomPrompt;
use super::custom_resource::{CustomResource, CustomTemplate};
use super::resource_updates::ResourceUpdates;

/// The hand-written tools, resources and prompts of a connector. A `Vec<CustomTool>` converts into it.
#[derive(Clone, Debug, Default)]
pub struct Custom {
    pub(crate) tools: Vec<CustomTool>,
    pub(crate) resources: Vec<CustomResource>,
    pub(crate) templates: Vec<CustomTemplate>,
    pub(crate) prompts: Vec<CustomPrompt>,
    pub(crate) updates: Option<ResourceUpdates>,
    pub(crate) logs: bool,
}

impl Custom {
    /// Creates an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds tools.
    #[must_use]
    pub fn tools(mut self, tools: impl IntoIterator<Item = CustomTool>) -> Self {
        self.tools.extend(tools);
        self
    }

    /// Adds resources.
    #[must_use]
    pub fn resources(mut self, resources: impl IntoIterator<Item = CustomResource>) -> Self {
        self.resources.extend(resources);
        self
    }

    /// Adds resource templates.
    #[must_use]
    pub fn templates(mut self, templates: impl IntoIterator<Item = CustomTemplate>) -> Self {
        self.templates.extend(templates);
        self
    }

    /// Adds prompts.
    #[must_use]
    pub fn prompts(mut self, prompts: impl IntoIterator<Item = CustomPrompt>) -> Self {
        self.prompts.extend(prompts);
        self
    }

    /// Lets clients subscribe to resources. Hand-written code announces changes with a clone of `updates`.
    #[must_use]
    pub fn updates(mut self, updates: ResourceUpdates) -> Self {
        self.updates = Some(updates);
        self
    }

    /// Declares that hand-written code sends log messages, so that clients can ask for them.
    #[must_use]
    pub const fn logs(mut self) -> Self {
        self.logs = true;
        self
    }

    /// Whether the set is empty.
    #[cfg(feature = "serve")]
    pub(crate) fn is_empty(&self) -> bool {
        let Self { tools, resources, templates, prompts, updates, .. } = self;
        let has_lists =
            !tools.is_empty() || !resources.is_empty() || !templates.is_empty() || !prompts.is_empty();
        !has_lists && updates.is_none()
    }

    /// Adds the contents of another set.
    pub(crate) fn extend(&mut self, other: Self) {
        self.tools.extend(other.tools);
        self.resources.extend(other.resources);
        self.templates.extend(other.templates);
        self.prompts.extend(other.prompts);
        self.updates = self.updates.take().or(other.updates);
        self.logs |= other.logs;
    }
}

impl From<Vec<CustomTool>> for Custom {
    fn from(tools: Vec<CustomTool>) -> Self {
        Self { tools, ..Self::default() }
    }
}
